"""Memory that the broker writes large batches to."""

from __future__ import annotations

import mmap
import os
import stat
from typing import Optional

from tradewind.container.greeting import Offer


class SharedMemory:
    """A batch lies in it until its done frame was sent: arrays are views of it, and nothing is copied on this side."""

    def __init__(self, memory: mmap.mmap) -> None:
        self._view = memoryview(memory)
        self.size = len(self._view)

    @classmethod
    def open(cls, offer: Offer) -> "Optional[SharedMemory]":
        """None where it cannot be opened, or is not what was offered: batches then come in their frames."""
        try:
            # In another namespace the path may be that of a pipe, which an open could wait for, or of a device.
            found = os.stat(offer.path)
            if not stat.S_ISREG(found.st_mode) or found.st_size < offer.size:
                return None
            # For writing too: arrays in ordinary frames can be changed in place, and so shall these.
            file = os.open(offer.path, os.O_RDWR)
        except (OSError, ValueError):
            return None
        try:
            memory = mmap.mmap(file, offer.size)
        except (OSError, ValueError):
            return None
        finally:
            os.close(file)
        return cls(memory) if memory[:len(offer.token)] == offer.token.encode() else None

    def view(self, at: int, size: int) -> memoryview:
        return self._view[at:at + size]
