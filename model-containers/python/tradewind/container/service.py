"""A container at work: its brokers' sessions over one function and one share of credits."""

from __future__ import annotations

import inspect
import signal
import socket
import time
from collections import deque
from typing import Any, Callable, Deque, Dict, List, Optional, Tuple

from tradewind.container.address import Address, format_address, listen, unbind
from tradewind.container.batch import MAX_MESSAGE_CHARS, Batch, PredictError
from tradewind.container.credits import CreditShare
from tradewind.container.environment import Environment, StartError
from tradewind.container.failure import Tracebacks, describe
from tradewind.container.inputs import read_inputs
from tradewind.container.link import Link, LinkEvents, accept_all, dial
from tradewind.container.loop import READ, Loop
from tradewind.container.model import Author
from tradewind.container.outputs import check_outputs, check_wanted
from tradewind.container.reply import Piece, done_frame, rows_frames
from tradewind.container.session import Session, Work
from tradewind.container.watchdog import Watchdog
from tradewind.container.wire import Frame, WireError

_MAX_LINKS = 64
_WELCOME_SECONDS = 10.0
_FIRST_REDIAL_SECONDS = 0.1
_LAST_REDIAL_SECONDS = 5.0


class BrokerGone(Exception):
    """An owned container has lost its broker: it ends."""


class Service:
    """`run` returns once it is drained by its only broker or told to by SIGTERM; it raises BrokerGone when it is owned and
    its broker is gone. A container that listens, or dials several brokers, outlives each of them; one that was not started
    by its broker dials again."""

    def __init__(self, environment: Environment, hello: Dict[str, Any], author: Author, watchdog: Watchdog, loop: Loop) -> None:
        brokers = max(1, len(environment.connect))
        total = author.options.max_in_flight or brokers
        if total < brokers:
            raise StartError(f"max_in_flight {total} is not an integer of at least {brokers}, one for each broker")
        self.environment = environment
        self.hello = hello
        self.watchdog = watchdog
        self.loop = loop
        self.sessions: Dict[Session, None] = {}
        self._author = author
        self._credits: CreditShare[Session] = CreditShare(total, brokers)
        self._tracebacks = Tracebacks()
        self._jobs: Deque[Tuple[Session, Work]] = deque()
        self.leaving = False
        self._terminated = False
        self._over = False
        self._lost: Optional[str] = None

    def run(self) -> None:
        self._listen_for_signals()
        for address in self.environment.connect:
            self.dial(address, _FIRST_REDIAL_SECONDS)
        listening = self.environment.listen
        if listening is not None:
            accept_all(self.loop, listen(listening)[0], _MAX_LINKS, lambda: _Connection(self, None))
        try:
            while not self._over:
                self.loop.turn(True)
                self._work()
        finally:
            if listening is not None:
                unbind(listening)
        if self._lost is not None:
            raise BrokerGone(self._lost)

    def dial(self, address: Address, redial_seconds: float) -> None:
        if not self.leaving:
            dial(self.loop, address, _Connection(self, (address, redial_seconds)))

    def lost(self, why: str) -> None:
        self._lost = why
        self._over = True

    # What sessions tell.

    def welcomed(self, session: Session) -> None:
        granted = self._credits.join(session)
        if granted > 0:
            session.grant(granted)

    def batch(self, session: Session, work: Work) -> None:
        self._jobs.append((session, work))

    def drain(self, session: Session) -> None:
        environment = self.environment
        if environment.owned or (environment.listen is None and len(environment.connect) == 1):
            self._leave()
        else:
            session.finish()

    def closed(self, session: Session) -> None:
        session.closed()
        self.sessions.pop(session, None)
        self._spread(self._credits.leave(session, session.under_way))
        if self.leaving and not self.sessions:
            self._over = True

    # Predicting, one batch at a time, in the order in which they came.

    def _work(self) -> None:
        while self._jobs:
            session, work = self._jobs.popleft()
            self._predict(session, work)
            # What has come meanwhile comes first: the next batch may be cancelled by now.
            if self._jobs:
                self.loop.turn(False)
            if self._terminated:
                self._leave()

    def _predict(self, session: Session, work: Work) -> None:
        header, options = work.header, self._author.options
        if len(work.cancelled) == header.rows:
            return self._reply(session, work, [], 0, None)
        started = time.perf_counter()
        computed: Optional[int] = None
        try:
            if options.max_batch is not None and header.rows > options.max_batch:
                raise PredictError("bad_input", f"a batch of {header.rows} rows; this container takes at most {options.max_batch}")
            check_wanted(header.outputs, options.outputs)
            batch = Batch(
                header.rows, read_inputs(header, work.payload, options.inputs), header.outputs, header.budget_us,
                header.signature, header.params, header.traceparent, self._look(work),
            )
            returned = self._author.predict(batch)
            if inspect.isawaitable(returned):
                returned = self.loop.complete(returned)
            computed = _micros_since(started)
            columns = check_outputs(returned, batch, options.outputs) if len(batch._failures) < header.rows else []
            pieces = rows_frames(work.id, header.rows, columns, batch._failures)
        except PredictError as error:
            return self._reply(session, work, [], computed or _micros_since(started), error)
        except KeyboardInterrupt:
            raise
        except BaseException as error:
            # More than Exception: a panic of a library in Rust is none, nor is the cancelling of a task.
            self._tracebacks.tell(error)
            return self._reply(session, work, [], computed or _micros_since(started), PredictError("model_error", describe(error)[:MAX_MESSAGE_CHARS]))
        self._reply(session, work, pieces, computed, None)

    def _look(self, work: Work) -> Callable[[int], bool]:
        def is_cancelled(row: int) -> bool:
            if row not in work.cancelled:
                self.loop.turn(False)
            return row in work.cancelled

        return is_cancelled

    def _reply(self, session: Session, work: Work, pieces: List[Piece], compute_us: int, error: Optional[PredictError]) -> None:
        grants = self._credits.done(session)
        own = sum(count for broker, count in grants if broker is session)
        session.reply(work, own, [*pieces, done_frame(work.id, compute_us, own, error)])
        self._spread([(broker, count) for broker, count in grants if broker is not session])

    def _spread(self, grants: List[Tuple[Session, int]]) -> None:
        for broker, count in grants:
            broker.grant(count)

    # The end.

    def _listen_for_signals(self) -> None:
        """SIGTERM is noted at once and acted upon between batches."""
        ours, theirs = socket.socketpair()
        ours.setblocking(False)
        theirs.setblocking(False)

        def noted(_: int) -> None:
            ours.recv(64)
            if self._terminated:
                self._leave()

        def note(_signal: int, _frame: Any) -> None:
            self._terminated = True

        try:
            signal.signal(signal.SIGTERM, note)
        except ValueError:
            # Not the main thread: whoever called `serve` there has its signals.
            return
        signal.set_wakeup_fd(theirs.fileno(), warn_on_full_buffer=False)
        self._signals = (ours, theirs)
        self.loop.watch(ours, READ, noted)

    def _leave(self) -> None:
        """Each broker gets the replies of its batches under way and a goodbye; the process ends when the last connection has."""
        if self.leaving:
            return
        self.leaving = True
        self.watchdog.leave()
        if not self.sessions:
            self._over = True
        for session in list(self.sessions):
            session.finish()


class _Connection(LinkEvents):
    """The events of one connection; `dialled` is the address and the pause before it is dialled again."""

    def __init__(self, service: Service, dialled: Optional[Tuple[Address, float]]) -> None:
        self._service = service
        self._dialled = dialled
        self._link: Optional[Link] = None
        self._session: Optional[Session] = None
        self._reason: Optional[str] = None
        self._served = False

    def opened(self, link: Link) -> None:
        self._link = link
        self._session = Session(link, self._service.hello, self)
        self._service.sessions[self._session] = None
        self._service.loop.after(_WELCOME_SECONDS, self._impatient)

    def frame(self, frame: Frame) -> None:
        if self._session is not None:
            self._session.receive(frame)

    def malformed(self, error: WireError) -> None:
        self._reason = str(error)
        if self._session is not None:
            self._session.leave("protocol_error", self._reason)
        # It may have said goodbye already.
        if self._link is not None:
            self._link.end()

    def welcomed(self, session: Session) -> None:
        self._served = True
        self._service.welcomed(session)
        if self._dialled is not None:
            self._service.watchdog.watch(self._dialled[0])

    def batch(self, session: Session, work: Work) -> None:
        self._service.batch(session, work)

    def drain(self, session: Session) -> None:
        self._service.drain(session)

    def closed(self, why: str) -> None:
        service, session = self._service, self._session
        if session is not None:
            service.closed(session)
        if self._dialled is None or service.leaving:
            return
        address, pause = self._dialled
        why = self._reason or (session and session.farewell) or why
        service.watchdog.forget(address)
        if service.environment.owned:
            return service.lost(f"the broker at {format_address(address)} is gone ({why})")
        longer = _FIRST_REDIAL_SECONDS if self._served else min(2 * pause, _LAST_REDIAL_SECONDS)
        service.loop.after(pause, lambda: service.dial(address, longer))

    def _impatient(self) -> None:
        if not self._served and self._link is not None:
            self._reason = self._reason or f"no welcome within {_WELCOME_SECONDS:.0f} s"
            self._link.end()


def _micros_since(started: float) -> int:
    return round((time.perf_counter() - started) * 1e6)
