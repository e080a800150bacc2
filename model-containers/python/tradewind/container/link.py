"""A connection that carries frames."""

from __future__ import annotations

import errno
import os
import socket
from collections import deque
from typing import Callable, Deque, List, Optional, Protocol, Sequence, Union

from tradewind.container.address import Address
from tradewind.container.loop import READ, WRITE, Loop
from tradewind.container.wire import Block, Frame, FrameReader, WireError

#: A peer that neither reads nor closes must not hold this side open.
_CLOSE_SECONDS = 1.0
#: One peer's frames are read this many times before the others have their turn.
_READS_A_TURN = 256
_MOST_PIECES = 512


class LinkEvents(Protocol):
    """What a link tells; all but `opened` may come at any time after it."""

    def opened(self, link: "Link") -> None: ...

    def frame(self, frame: Frame) -> None: ...

    def malformed(self, error: WireError) -> None:
        """Its bytes are no frames, or `frame` raised a WireError. Nothing more is read; `closed` follows once `end` was called."""

    def closed(self, why: str) -> None:
        """Over, for whatever reason; the last event, and one that always comes."""


class Link:
    def __init__(self, loop: Loop, sock: socket.socket, events: LinkEvents, connecting: bool) -> None:
        self._loop = loop
        self._socket = sock
        self._events = events
        self._reader = FrameReader()
        self._outbox: Deque[memoryview] = deque()
        self._connecting = connecting
        self._deaf = False
        self._ending = False
        self._closed = False
        loop.watch(sock, WRITE if connecting else READ, self._ready)
        if not connecting:
            events.opened(self)

    def send(self, pieces: Sequence[Union[bytes, memoryview]]) -> None:
        """Writes them one after another; what the socket does not take at once is copied. Nothing once it has ended."""
        if self._closed or self._ending:
            return
        views = [memoryview(pieces[0])] if len(pieces) == 1 else [memoryview(piece) for piece in pieces]
        if len(views) > _MOST_PIECES:
            views = [memoryview(b"".join(views))]
        if not self._outbox:
            try:
                taken = self._socket.sendmsg(views)
            except BlockingIOError:
                taken = 0
            except OSError as error:
                return self._fail(error)
            views = _after(views, taken)
        if views:
            self._outbox.extend(memoryview(bytes(view)) for view in views)
            self._loop.rewatch(self._socket, READ | WRITE, self._ready)

    def hold(self, block: Block) -> Callable[[], None]:
        """The block is not read into again until the returned function is called."""
        block.holders += 1
        return lambda: self._reader.release(block)

    def end(self) -> None:
        """Writes what was sent, then closes."""
        if self._closed or self._ending:
            return
        self._deaf = self._ending = True
        self._loop.after(_CLOSE_SECONDS, lambda: self._close("the connection was ended"))
        if not self._outbox:
            self._shut()

    def _ready(self, events: int) -> None:
        if self._closed:
            return
        if self._connecting:
            return self._connected()
        if events & WRITE:
            self._flush()
        if events & READ and not self._closed:
            self._read()

    def _connected(self) -> None:
        failed = self._socket.getsockopt(socket.SOL_SOCKET, socket.SO_ERROR)
        if failed:
            return self._close(os.strerror(failed))
        self._connecting = False
        self._loop.rewatch(self._socket, READ, self._ready)
        self._events.opened(self)

    def _read(self) -> None:
        try:
            for _ in range(_READS_A_TURN):
                if not self._reader.fill(self._socket):
                    return self._close("the other side closed the connection")
                self._hand_over()
                if not self._reader.mid_frame:
                    return
        except BlockingIOError:
            return
        except OSError as error:
            self._fail(error)

    def _hand_over(self) -> None:
        try:
            while not self._deaf:
                frame = self._reader.next()
                if frame is None:
                    return
                self._events.frame(frame)
        except WireError as error:
            self._deaf = True
            self._events.malformed(error)
        # Nobody listens any more: what comes is read only to learn of the end.
        self._reader = FrameReader()

    def _flush(self) -> None:
        try:
            while self._outbox:
                view = self._outbox[0]
                taken = self._socket.send(view)
                if taken < len(view):
                    self._outbox[0] = view[taken:]
                    return
                self._outbox.popleft()
        except BlockingIOError:
            return
        except OSError as error:
            return self._fail(error)
        self._loop.rewatch(self._socket, READ, self._ready)
        if self._ending:
            self._shut()

    def _shut(self) -> None:
        try:
            self._socket.shutdown(socket.SHUT_WR)
        except OSError as error:
            self._fail(error)

    def _fail(self, error: OSError) -> None:
        self._close(error.strerror or str(error))

    def _close(self, why: str) -> None:
        if self._closed:
            return
        self._closed = True
        self._loop.forget(self._socket)
        self._socket.close()
        self._events.closed(why)


def dial(loop: Loop, address: Address, events: LinkEvents) -> None:
    """Begins to connect. An address that cannot be dialled is told as `closed`, from the loop."""
    family = socket.AF_UNIX if isinstance(address, str) else socket.AF_INET6 if ":" in address[0] else socket.AF_INET
    sock = socket.socket(family)
    sock.setblocking(False)
    try:
        if not isinstance(address, str):
            sock.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        failed = sock.connect_ex(address if isinstance(address, str) else (address[0] or "127.0.0.1", address[1]))
        why: Optional[str] = None if failed in (0, errno.EINPROGRESS) else os.strerror(failed)
    except OSError as error:
        why = error.strerror or str(error)
    if why is None:
        Link(loop, sock, events, True)
        return
    reason = why
    sock.close()
    loop.after(0, lambda: events.closed(reason))


def accept_all(loop: Loop, listening: socket.socket, most: int, accept: Callable[[], LinkEvents]) -> None:
    """Takes connections, at most `most` at a time, each with events of its own."""
    links: List[Link] = []

    def ready(_: int) -> None:
        try:
            sock, _address = listening.accept()
        except OSError:
            return
        links[:] = [link for link in links if not link._closed]
        if len(links) >= most:
            return sock.close()
        sock.setblocking(False)
        if sock.family != socket.AF_UNIX:
            sock.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        links.append(Link(loop, sock, accept(), False))

    loop.watch(listening, READ, ready)


def _after(views: List[memoryview], taken: int) -> List[memoryview]:
    for i, view in enumerate(views):
        view = view if view.format == "B" and view.ndim == 1 else view.cast("B")
        if taken < len(view):
            return [view[taken:], *views[i + 1:]]
        taken -= len(view)
    return []
