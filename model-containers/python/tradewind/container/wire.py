"""Frames: the bytes of model-containers/README.md, read and written."""

from __future__ import annotations

import socket
import struct
from typing import Any, Dict, List, Mapping, NamedTuple, Optional

import msgpack

VERSION = 1
PREFIX_BYTES = 16
MAX_HEADER_BYTES = 8 * 1024 * 1024
MAX_PAYLOAD_BYTES = 256 * 1024 * 1024

HELLO, WELCOME, CREDIT, BATCH, ROWS, DONE, HEARTBEAT, CANCEL, DRAIN, GOODBYE = range(1, 11)

_PREFIX = struct.Struct("<2sBBIII")
_READ_BYTES = 64 * 1024
_KEPT_BYTES = 4 * 1024 * 1024


class WireError(Exception):
    """The other side's bytes are not as the wire says: its connection ends, nothing else does."""


class Block:
    """Memory that frames were read into. It is not read into again while somebody holds it."""

    __slots__ = ("memory", "view", "holders")

    def __init__(self, size: int) -> None:
        self.memory = bytearray(size)
        self.view = memoryview(self.memory)
        self.holders = 0


class Frame(NamedTuple):
    kind: int
    batch: int
    #: Untrusted: the decoded map; {} where there was none.
    header: Dict[str, Any]
    #: Valid until the next read, unless `block` is held.
    payload: memoryview
    block: Block


def pad_to_8(size: int) -> int:
    return (size + 7) & ~7


def payload_bytes(parts: List[Dict[str, Any]]) -> int:
    """Bytes of the payload that holds these tensors, gaps included."""
    end = 0
    for part in parts:
        end = pad_to_8(end) + int(part["bytes"])
    return end


def frame_head(kind: int, header: Optional[Mapping[str, Any]] = None, batch: int = 0, payload: int = 0) -> bytes:
    """Everything of a frame before its payload."""
    packed: bytes = b"" if header is None else msgpack.packb(header)
    return _PREFIX.pack(b"TW", VERSION, kind, len(packed), payload, batch) + packed + bytes(-len(packed) & 7)


class FrameReader:
    """Cuts what comes in on a socket into frames, which lie in one block of memory that is used over and over."""

    def __init__(self) -> None:
        self._block = Block(_READ_BYTES)
        self._spare: Optional[Block] = None
        self._start = 0
        self._end = 0

    def fill(self, sock: socket.socket) -> bool:
        """Reads once. False at the end of the stream; raises what the socket does (BlockingIOError: nothing is there)."""
        self._make_room()
        count = sock.recv_into(self._block.view[self._end:])
        self._end += count
        return count > 0

    def next(self) -> Optional[Frame]:
        """The next whole frame, or None until more has come in. Raises WireError on bytes that cannot be a frame."""
        held = self._end - self._start
        if held < PREFIX_BYTES or held < (total := self._frame_bytes()):
            return None
        if self._start & 7:
            # Frames are not padded: this one must be moved to begin aligned, so that tensors in it do.
            self._move(total)
        start = self._start
        _, _, kind, header, payload, batch = _PREFIX.unpack_from(self._block.memory, start)
        view = self._block.view
        body = start + PREFIX_BYTES
        at = body + pad_to_8(header)
        self._start = start + total
        return Frame(kind, batch, _unpack(view[body:body + header]) if header else {}, view[at:at + payload], self._block)

    def release(self, block: Block) -> None:
        """Once for each hold of a block."""
        block.holders -= 1
        if block.holders == 0 and block is not self._block and len(block.memory) <= _KEPT_BYTES:
            self._spare = block

    @property
    def mid_frame(self) -> bool:
        return self._end > self._start

    def _frame_bytes(self) -> int:
        magic, version, _, header, payload, _ = _PREFIX.unpack_from(self._block.memory, self._start)
        if magic != b"TW":
            raise WireError('not a frame: it does not begin with "TW"')
        if version != VERSION:
            raise WireError(f"wire version {version}; this side speaks {VERSION}")
        if header > MAX_HEADER_BYTES:
            raise WireError(f"header of {header} bytes; at most {MAX_HEADER_BYTES}")
        if payload > MAX_PAYLOAD_BYTES:
            raise WireError(f"payload of {payload} bytes; at most {MAX_PAYLOAD_BYTES}")
        return PREFIX_BYTES + pad_to_8(int(header)) + int(payload)

    def _make_room(self) -> None:
        held = self._end - self._start
        if held == 0 and self._block.holders == 0:
            self._start = self._end = 0
            # Memory for a large frame is held only while one comes in.
            if len(self._block.memory) > _KEPT_BYTES:
                self._block = Block(_READ_BYTES)
            return
        needed = max(held + 1, self._frame_bytes() if held >= PREFIX_BYTES else 0)
        if self._block.holders > 0 or self._start + needed > len(self._block.memory):
            self._move(needed)

    def _move(self, needed: int) -> None:
        """Puts what is held at the beginning of a block of at least `needed` bytes that nobody holds."""
        held = self._end - self._start
        source = self._block.view[self._start:self._end]
        if self._block.holders > 0 or len(self._block.memory) < max(needed, held):
            spare, self._spare = self._spare, None
            fits = spare is not None and len(spare.memory) >= max(needed, held)
            self._block = spare if spare is not None and fits else Block(max(needed, held, _READ_BYTES))
            self._block.view[:held] = source
        else:
            self._block.view[:held] = bytes(source)
        self._start, self._end = 0, held


def _unpack(packed: memoryview) -> Dict[str, Any]:
    try:
        header = msgpack.unpackb(packed, strict_map_key=False)
    except (ValueError, TypeError, RecursionError, OverflowError, msgpack.exceptions.UnpackException) as error:
        raise WireError("header is not msgpack") from error
    if not isinstance(header, dict):
        raise WireError("header is not a map")
    return header
