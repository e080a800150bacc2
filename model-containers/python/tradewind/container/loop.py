"""Waiting for sockets and times, on one thread; beside an asyncio loop where the author's function is asynchronous."""

from __future__ import annotations

import asyncio
import heapq
import itertools
import selectors
import time
from typing import Any, Awaitable, Callable, List, Optional, Tuple, TypeVar

READ, WRITE = selectors.EVENT_READ, selectors.EVENT_WRITE
T = TypeVar("T")
_TICK_SECONDS = 0.1


class Loop:
    def __init__(self) -> None:
        self._selector = selectors.DefaultSelector()
        self._timers: List[Tuple[float, int, Callable[[], None]]] = []
        self._numbers = itertools.count()
        self._asyncio: Optional[asyncio.AbstractEventLoop] = None
        self._woken: Optional["asyncio.Future[None]"] = None

    def watch(self, file: Any, events: int, ready: Callable[[int], None]) -> None:
        """Calls `ready` with those of `events` that are there, again and again until `forget`."""
        self._selector.register(file, events, ready)

    def rewatch(self, file: Any, events: int, ready: Callable[[int], None]) -> None:
        self._selector.modify(file, events, ready)

    def forget(self, file: Any) -> None:
        self._selector.unregister(file)

    def after(self, seconds: float, run: Callable[[], None]) -> None:
        heapq.heappush(self._timers, (time.monotonic() + seconds, next(self._numbers), run))

    def turn(self, wait: bool) -> None:
        """Does what is ready. With `wait`, until something is."""
        if self._asyncio is None or not wait:
            self._select(self._patience() if wait else 0)
        else:
            self._asyncio.run_until_complete(self._wake())

    def complete(self, promised: Awaitable[T]) -> T:
        """Runs the author's coroutine; sockets and times are served meanwhile."""
        return self._with_asyncio().run_until_complete(promised)

    def _patience(self) -> Optional[float]:
        return max(0.0, self._timers[0][0] - time.monotonic()) if self._timers else None

    def _select(self, seconds: Optional[float]) -> None:
        for key, events in self._selector.select(seconds):
            key.data(events)
        while self._timers and self._timers[0][0] <= time.monotonic():
            heapq.heappop(self._timers)[2]()

    def _with_asyncio(self) -> asyncio.AbstractEventLoop:
        if self._asyncio is None:
            self._asyncio = asyncio.new_event_loop()
            asyncio.set_event_loop(self._asyncio)
            fileno: Callable[[], int] = getattr(self._selector, "fileno")
            # A selector of the system is a file itself: asyncio waits for ours among its own.
            self._asyncio.add_reader(fileno(), self._ready)
            self._tick()
        return self._asyncio

    async def _wake(self) -> None:
        assert self._asyncio is not None
        self._woken = self._asyncio.create_future()
        await self._woken

    def _ready(self) -> None:
        self._select(0)
        if self._woken is not None and not self._woken.done():
            self._woken.set_result(None)

    def _tick(self) -> None:
        assert self._asyncio is not None
        self._ready()
        self._asyncio.call_later(_TICK_SECONDS, self._tick)
