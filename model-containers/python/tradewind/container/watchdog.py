"""The process beside the model: heartbeats, and the end of an owned container whose broker is gone.

A process and not a thread, because native code may hold the interpreter's lock for as long as it predicts, and no thread of
the interpreter runs meanwhile. It is a fresh interpreter and not a fork: frameworks start threads when they are imported.
"""

from __future__ import annotations

import json
import os
import subprocess
import sys
from typing import Any, Dict, Optional

from tradewind.container.address import Address, format_address, parse_address

#: As early as it can be known: a parent that is gone by then is noticed by its token missing, or by no broker being there.
_PARENT = os.getppid()

#: Finds modules where this interpreter does, and nowhere else: not in the working folder, whatever lies there.
_PROGRAM = "import sys; sys.path[:] = sys.argv.pop(1).split(':'); from tradewind.container.watchdog_process import main; main()"


class Watchdog:
    def __init__(self, owned: bool) -> None:
        paths = ":".join(os.path.abspath(path) for path in sys.path)
        self._process = subprocess.Popen(
            [sys.executable, "-I", "-S", "-c", _PROGRAM, paths, str(os.getpid()), str(_PARENT) if owned else ""],
            stdin=subprocess.PIPE, stdout=subprocess.PIPE,
        )
        self._hello: Dict[str, Any] = {}

    def introduce(self, hello: Dict[str, Any]) -> None:
        """What it says on its connections."""
        self._hello = hello

    def watch(self, address: Address) -> None:
        """The broker at this address has welcomed the worker: it is dialled."""
        self._order("watch", address)

    def forget(self, address: Address) -> None:
        """The worker's connection to it is over."""
        self._order("forget", address)

    def listen(self, address: Address) -> Address:
        """Where it listens (port 0 filled in)."""
        self._order("listen", address)
        assert self._process.stdout is not None
        said = json.loads(self._process.stdout.readline() or b'{"fault": "the watchdog ended"}')
        bound: Optional[Address] = parse_address(said.get("listening", ""))
        if bound is None:
            raise OSError(said["fault"])
        return bound

    def leave(self) -> None:
        """From now on the container ends by its own doing: connections that close are expected."""
        self._order("leave", None)

    def end(self) -> None:
        """The container is over: the watchdog ends, and is waited for."""
        assert self._process.stdin is not None
        try:
            self._process.stdin.close()
        except OSError:
            pass
        self._process.wait()

    def _order(self, kind: str, address: Optional[Address]) -> None:
        assert self._process.stdin is not None
        order = {"kind": kind, "address": None if address is None else format_address(address), "hello": self._hello}
        try:
            self._process.stdin.write(json.dumps(order).encode() + b"\n")
            self._process.stdin.flush()
        except OSError:
            # Somebody killed it. The broker misses its heartbeats, and does what is to be done.
            pass
