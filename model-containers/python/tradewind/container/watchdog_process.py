"""The watchdog's own program; see watchdog.py. It needs neither numpy nor the author's code."""

from __future__ import annotations

import json
import os
import signal
import sys
from typing import Any, Callable, Dict, Optional, Set

from tradewind.container.address import Address, format_address, listen, parse_address
from tradewind.container.greeting import parse_goodbye, parse_welcome
from tradewind.container.link import Link, LinkEvents, accept_all, dial
from tradewind.container.loop import READ, Loop
from tradewind.container.wire import GOODBYE, HEARTBEAT, HELLO, WELCOME, Frame, WireError, frame_head

_CHECK_SECONDS = 0.2
_REDIAL_SECONDS = 0.5
#: How long a container that is leaving may take for it once its broker has hung up.
_LEAVE_SECONDS = 5.0
_MAX_LINKS = 64
_BEAT = frame_head(HEARTBEAT)


class WatchdogProcess:
    def __init__(self, worker: int, owner: Optional[int]) -> None:
        self._worker = worker
        #: The process that started the worker, if the worker must end with it.
        self._owner = owner
        self._loop = Loop()
        self._watched: Set[str] = set()
        self._leaving = False
        self._orders = b""

    def run(self) -> None:
        os.set_blocking(0, False)
        self._loop.watch(0, READ, lambda _: self._read_orders())
        self._check()
        while True:
            self._loop.turn(True)

    def _check(self) -> None:
        if os.getppid() != self._worker:
            os._exit(0)
        if self._owner is not None and _parent_of(self._worker) not in (self._owner, None):
            self._kill("the process that started this container is gone")
        self._loop.after(_CHECK_SECONDS, self._check)

    def _read_orders(self) -> None:
        try:
            while True:
                read = os.read(0, 65_536)
                if not read:
                    # The worker is gone, however that came to be.
                    os._exit(0)
                self._orders += read
        except BlockingIOError:
            pass
        *lines, self._orders = self._orders.split(b"\n")
        for line in lines:
            self._obey(json.loads(line))

    def _obey(self, order: Dict[str, Any]) -> None:
        if order["kind"] == "leave":
            self._leaving = True
            return
        address = parse_address(order["address"])
        assert address is not None
        if order["kind"] == "watch":
            self._watched.add(order["address"])
            self._dial(address, order["hello"])
        elif order["kind"] == "forget":
            self._watched.discard(order["address"])
        else:
            self._listen(address, order["hello"])

    def _dial(self, address: Address, hello: Dict[str, Any]) -> None:
        dial(self._loop, address, _Heartbeats(self._loop, hello, lambda why: self._ended(address, hello, why)))

    def _listen(self, address: Address, hello: Dict[str, Any]) -> None:
        try:
            listening, bound = listen(address)
            accept_all(self._loop, listening, _MAX_LINKS, lambda: _Heartbeats(self._loop, hello, lambda why: None))
            said = {"listening": format_address(bound)}
        except OSError as error:
            said = {"fault": f"{format_address(address)}: {error.strerror}"}
        os.write(1, json.dumps(said).encode() + b"\n")

    def _ended(self, address: Address, hello: Dict[str, Any], why: str) -> None:
        # What the worker said before its broker hung up counts.
        self._read_orders()
        if self._owner is not None:
            if not self._leaving:
                self._kill(f"the watchdog's connection to the broker ended ({why})")
            self._loop.after(_LEAVE_SECONDS, lambda: self._kill("the broker is gone, and the container did not end by itself"))
        elif format_address(address) in self._watched:
            self._loop.after(_REDIAL_SECONDS, lambda: self._dial(address, hello) if format_address(address) in self._watched else None)

    def _kill(self, why: str) -> None:
        try:
            os.write(2, f"tradewind container: {why}; it ends\n".encode())
        finally:
            # Our parent still, so the number is still the worker's.
            if os.getppid() == self._worker:
                os.kill(self._worker, signal.SIGKILL)
        os._exit(0)


class _Heartbeats(LinkEvents):
    """Says hello, waits for the welcome, then sends heartbeats as often as it asks for until the connection ends."""

    def __init__(self, loop: Loop, hello: Dict[str, Any], ended: Callable[[str], None]) -> None:
        self._loop = loop
        self._hello = hello
        self._tell_ended = ended
        self._link: Optional[Link] = None
        self._reason: Optional[str] = None
        self._beat_seconds: Optional[float] = None
        self._over = False

    def opened(self, link: Link) -> None:
        self._link = link
        link.send([frame_head(HELLO, self._hello)])

    def frame(self, frame: Frame) -> None:
        if frame.kind == WELCOME and self._beat_seconds is None:
            self._beat_seconds = parse_welcome(frame.header).heartbeat_ms / 1000
            self._beat()
        elif frame.kind == GOODBYE:
            code, message = parse_goodbye(frame.header)
            self._close(f"the broker said goodbye ({code}: {message})")

    def malformed(self, error: WireError) -> None:
        self._close(str(error))

    def closed(self, why: str) -> None:
        self._over = True
        self._tell_ended(self._reason or why)

    def _close(self, why: str) -> None:
        self._reason = self._reason or why
        if self._link is not None:
            self._link.end()

    def _beat(self) -> None:
        if self._over or self._link is None or self._beat_seconds is None:
            return
        self._link.send([_BEAT])
        self._loop.after(self._beat_seconds, self._beat)


def _parent_of(pid: int) -> Optional[int]:
    """None where the system does not say (it has no /proc): then the connection's end has to do."""
    try:
        with open(f"/proc/{pid}/stat", encoding="utf-8", errors="replace") as stat:
            # The program's name, in parentheses, may hold anything.
            return int(stat.read().rpartition(")")[2].split()[1])
    except (OSError, ValueError, IndexError):
        return None


def main() -> None:
    # The worker decides when it ends; heartbeats go on until then.
    signal.signal(signal.SIGTERM, signal.SIG_IGN)
    signal.signal(signal.SIGINT, signal.SIG_IGN)
    worker, owner = sys.argv[1:3]
    WatchdogProcess(int(worker), int(owner) if owner else None).run()
