"""One connection to one broker, from hello to goodbye."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any, Callable, Dict, Optional, Protocol, Sequence, Set, Union

from tradewind.container.greeting import parse_goodbye, parse_welcome
from tradewind.container.headers import BatchHeader, parse_batch, parse_cancel
from tradewind.container.link import Link
from tradewind.container.shared_memory import SharedMemory
from tradewind.container.wire import BATCH, CANCEL, CREDIT, DONE, DRAIN, GOODBYE, HELLO, ROWS, WELCOME, Frame, WireError, frame_head


@dataclass(eq=False)
class Work:
    """A batch under way."""

    id: int
    header: BatchHeader
    payload: memoryview
    #: To be called once the payload is needed no more.
    release: Callable[[], None]
    cancelled: Set[int] = field(default_factory=set)


class SessionEvents(Protocol):
    def welcomed(self, session: "Session") -> None: ...

    def batch(self, session: "Session", work: Work) -> None: ...

    def drain(self, session: "Session") -> None: ...


class Session:
    """greeting ──welcome──▶ serving ──drain──▶ draining ──last reply──▶ over; any ──goodbye, malformed, closed──▶ over.

    A broker that breaks the protocol (a batch without a credit, a number twice, a frame of the wrong direction) gets a
    WireError, which ends its connection.
    """

    def __init__(self, link: Link, hello: Dict[str, Any], events: SessionEvents) -> None:
        self._link = link
        self._events = events
        self._under: Dict[int, Work] = {}
        self._credits = 0
        self._memory: Optional[SharedMemory] = None
        self._memory_told = False
        self.state = "greeting"
        #: What the broker said when it closed.
        self.farewell: Optional[str] = None
        link.send([frame_head(HELLO, hello)])

    @property
    def under_way(self) -> int:
        return len(self._under)

    def grant(self, count: int) -> None:
        if self.state == "serving":
            self._credits += count
            tells = self._memory is not None and not self._memory_told
            self._memory_told = True
            self._link.send([frame_head(CREDIT, {"n": count, "shared": True} if tells else {"n": count})])

    def receive(self, frame: Frame) -> None:
        if frame.kind == BATCH:
            self._batch(frame)
        elif frame.kind == CANCEL:
            work = self._under.get(frame.batch)
            # None: it crossed with the reply.
            if work is not None:
                work.cancelled |= parse_cancel(frame.header, work.header.rows)
        elif frame.kind == WELCOME:
            if self.state != "greeting":
                raise WireError("a second welcome")
            offer = parse_welcome(frame.header).shared
            self._memory = None if offer is None else SharedMemory.open(offer)
            self.state = "serving"
            self._events.welcomed(self)
        elif frame.kind == DRAIN:
            self._events.drain(self)
        elif frame.kind == GOODBYE:
            self.farewell = ": ".join(parse_goodbye(frame.header))
            self.closed()
            self._link.end()
        elif frame.kind in (HELLO, CREDIT, ROWS, DONE):
            raise WireError(f"frame kind {frame.kind} goes from container to broker only")

    def reply(self, work: Work, credits: int, pieces: Sequence[Union[bytes, memoryview]]) -> None:
        """`credits` is what the done frame among the pieces grants."""
        if self._under.pop(work.id, None) is None:
            return
        if self.state != "over":
            self._credits += credits
            self._link.send(pieces)
        # Only now: outputs may be views of the inputs.
        work.release()
        if self.state == "draining":
            self.finish()

    def finish(self) -> None:
        """Answers what is under way, then leaves."""
        if self.state == "over":
            return
        self.state = "draining"
        if not self._under:
            self.leave("drained", "every batch was answered")

    def leave(self, code: str, message: str) -> None:
        """Says goodbye and closes."""
        if self.state == "over":
            return
        self.closed()
        self._link.send([frame_head(GOODBYE, {"code": code, "message": message})])
        self._link.end()

    def closed(self) -> None:
        """The connection is over: replies of batches under way go nowhere."""
        self.state = "over"
        for work in self._under.values():
            work.cancelled.update(range(work.header.rows))

    def _batch(self, frame: Frame) -> None:
        if self.state not in ("serving", "draining"):
            raise WireError("a batch before the welcome")
        if self._credits == 0:
            raise WireError(f"batch {frame.batch} came without a credit")
        if frame.batch == 0 or frame.batch in self._under:
            raise WireError(f"batch number {frame.batch} is 0 or under way already")
        memory = self._memory
        header = parse_batch(frame.header, len(frame.payload), 0 if memory is None else memory.size)
        self._credits -= 1
        if memory is None or header.shared is None:
            work = Work(frame.batch, header, frame.payload, self._link.hold(frame.block))
        else:
            work = Work(frame.batch, header, memory.view(header.shared, header.size), _nothing)
        self._under[frame.batch] = work
        self._events.batch(self, work)


def _nothing() -> None:
    """What lies in shared memory is the broker's again once the batch is done."""
