"""Checked readers of the headers that a broker sends: WireError with the key at fault, or values of the right types."""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import Any, Dict, List, Optional, Set, Tuple

from tradewind.container.checks import integer, items, text
from tradewind.container.dtype import ITEM_BYTES, Tensor
from tradewind.container.wire import MAX_PAYLOAD_BYTES, WireError, pad_to_8

MAX_BATCH_ROWS = 1024 * 1024
_MAX_TENSORS = 1024
_MAX_RANK = 32


@dataclass(frozen=True)
class Part:
    """One tensor of a payload; `at` is where it begins there."""

    name: str
    dtype: str
    shape: Tuple[int, ...]
    at: int
    size: int
    lengths: Optional[List[int]]
    shapes: Optional[List[Tuple[int, ...]]]


@dataclass(frozen=True)
class BatchHeader:
    rows: int
    budget_us: float
    inputs: List[Part]
    outputs: Optional[List[str]]
    signature: Optional[str]
    params: Dict[str, Any]
    traceparent: Optional[str]
    #: Where the payload begins in the shared memory; None: it came in the frame.
    shared: Optional[int]

    @property
    def size(self) -> int:
        """Bytes of the payload."""
        return self.inputs[-1].at + self.inputs[-1].size if self.inputs else 0


def parse_batch(header: Dict[str, Any], payload: int, shared_size: int = 0) -> BatchHeader:
    """Its parts fill the payload to the last byte; whether they fit a signature is for the caller.

    `shared_size`: how many bytes the shared memory has that was taken, 0 where none was. A batch that lies there has no
    payload in its frame.
    """
    rows = integer(header.get("rows"), "batch.rows", 1, MAX_BATCH_ROWS)
    budget = header.get("budget_us")
    if not isinstance(budget, (int, float)) or isinstance(budget, bool) or not math.isfinite(budget):
        raise WireError("batch.budget_us is not a number")
    outputs = header.get("outputs")
    params = header.get("params")
    if params is not None and not isinstance(params, dict):
        raise WireError("batch.params is not a map")
    shared = None if header.get("shared") is None else integer(header["shared"], "batch.shared", 0, shared_size)
    if shared is not None and payload > 0:
        raise WireError(f"batch.shared is given, and the payload has {payload} bytes")
    parsed = BatchHeader(
        rows,
        budget,
        _parts(header.get("inputs"), rows, payload if shared is None else None),
        None if outputs is None else [text(name, "batch.outputs[]") for name in items(outputs, "batch.outputs", _MAX_TENSORS)],
        _optional_text(header, "signature"),
        params or {},
        _optional_text(header, "traceparent"),
        shared,
    )
    if shared is not None and parsed.size > shared_size - shared:
        raise WireError(f"batch.inputs takes {parsed.size} bytes; the shared memory has {shared_size - shared} from there on")
    return parsed


def parse_cancel(header: Dict[str, Any], rows: int) -> Set[int]:
    return {integer(row, "cancel.rows[]", 0, rows - 1) for row in items(header.get("rows"), "cancel.rows", rows)}


def parse_tensor(value: Any, at: str) -> Tensor:
    if not isinstance(value, dict):
        raise WireError(f"{at} is not a map")
    ragged = value.get("ragged")
    if ragged is not None and not isinstance(ragged, bool):
        raise WireError(f"{at}.ragged is not a boolean")
    return Tensor(text(value.get("name"), f"{at}.name"), _dtype(value.get("dtype"), at), _shape(value.get("shape"), f"{at}.shape", -1), ragged is True)


def elements_of(shape: Tuple[int, ...]) -> int:
    return math.prod(shape)


def _parts(value: Any, rows: int, payload: Optional[int]) -> List[Part]:
    """They fill `payload` bytes; None: the caller looks."""
    parts: List[Part] = []
    end = 0
    for described in items(value, "batch.inputs", _MAX_TENSORS):
        part = _part(described, rows, pad_to_8(end))
        end = part.at + part.size
        if payload is not None and end > payload:
            break
        parts.append(part)
    if payload is not None and end != payload:
        raise WireError(f"batch.inputs does not describe the {payload} bytes of the payload")
    return parts


def _part(value: Any, rows: int, at: int) -> Part:
    if not isinstance(value, dict):
        raise WireError("batch.inputs[] is not a map")
    name = text(value.get("name"), "batch.inputs[].name")
    dtype = _dtype(value.get("dtype"), "batch.inputs[]")
    shape = _shape(value.get("shape"), "batch.inputs[].shape", -1)
    size = integer(value.get("bytes"), "batch.inputs[].bytes", 0, MAX_PAYLOAD_BYTES)
    said_shapes, said_lengths = value.get("shapes"), value.get("lengths")
    shapes = None if said_shapes is None else [_shape(one, "batch.inputs[].shapes[]", 0) for one in _one_a_row(said_shapes, "shapes", rows)]
    lengths = None if said_lengths is None else [integer(one, "batch.inputs[].lengths[]", 0, MAX_PAYLOAD_BYTES) for one in _one_a_row(said_lengths, "lengths", rows)]
    _check_size(dtype, shape, rows, size, lengths, shapes)
    return Part(name, dtype, shape, at, size, lengths, shapes)


def _check_size(dtype: str, shape: Tuple[int, ...], rows: int, size: int, lengths: Optional[List[int]], shapes: Optional[List[Tuple[int, ...]]]) -> None:
    item = ITEM_BYTES[dtype]
    if shapes is None and -1 in shape:
        raise WireError("batch.inputs[].shape has -1, and there are no shapes")
    if lengths is None:
        if item == 0 or shapes is not None:
            raise WireError("batch.inputs[].lengths is missing")
        if rows * item * elements_of(shape) != size:
            raise WireError(f"batch.inputs[]: {rows} rows of {item * elements_of(shape)} bytes are not {size} bytes")
        return
    if sum(lengths) != size:
        raise WireError(f"batch.inputs[].lengths add up to {sum(lengths)}, not {size}")
    if item > 0:
        for row, length in enumerate(lengths):
            if length != item * elements_of(shape if shapes is None else shapes[row]):
                raise WireError(f"batch.inputs[].lengths[{row}] does not fit the row's shape")


def _one_a_row(value: Any, key: str, rows: int) -> List[Any]:
    found = items(value, f"batch.inputs[].{key}", rows)
    if len(found) != rows:
        raise WireError(f"batch.inputs[].{key} has {len(found)} entries for {rows} rows")
    return found


def _optional_text(header: Dict[str, Any], key: str) -> Optional[str]:
    value = header.get(key)
    return None if value is None else text(value, f"batch.{key}")


def _dtype(value: Any, at: str) -> str:
    if not isinstance(value, str) or value not in ITEM_BYTES:
        raise WireError(f"{at}.dtype is no dtype; expected {', '.join(ITEM_BYTES)}")
    return value


def _shape(value: Any, at: str, least: int) -> Tuple[int, ...]:
    return tuple(integer(extent, at, least, 0xFFFFFFFF) for extent in items(value, at, _MAX_RANK))
