"""From the payload of a batch to arrays."""

from __future__ import annotations

import struct
from typing import Any, Dict, List, Optional, Tuple

import numpy as np

from tradewind.container.batch import Input, PredictError
from tradewind.container.dtype import NUMPY, Tensor
from tradewind.container.headers import BatchHeader, Part, elements_of

_LENGTH = struct.Struct("<I")


def read_inputs(header: BatchHeader, payload: memoryview, specs: Optional[List[Tensor]]) -> Dict[str, Input]:
    """Views into the payload. What does not fit the signature raises PredictError `bad_input`: the batch fails, not the connection."""
    inputs: Dict[str, Input] = {}
    for part in header.inputs:
        spec = None if specs is None else _spec_of(part, specs)
        if part.name in inputs:
            raise PredictError("bad_input", f"input {part.name} was given twice")
        ragged = part.shapes is not None or (spec is not None and spec.ragged)
        inputs[part.name] = _read_rows(part, header.rows, payload) if ragged else _read_whole(part, header.rows, payload)
    for spec in specs or ():
        if spec.name not in inputs:
            raise PredictError("bad_input", f"input {spec.name} is missing")
    return inputs


def _read_whole(part: Part, rows: int, payload: memoryview) -> "np.ndarray[Any, Any]":
    shape = (rows, *part.shape)
    if part.dtype != "bytes":
        return np.frombuffer(payload, NUMPY[part.dtype], rows * elements_of(part.shape), part.at).reshape(shape) if part.size > 0 else np.empty(shape, NUMPY[part.dtype])
    flat: List[bytes] = []
    at = part.at
    for row, length in enumerate(part.lengths or ()):
        flat += _cut(payload, at, length, elements_of(part.shape), (part.name, row))
        at += length
    return _objects(flat, shape)


def _read_rows(part: Part, rows: int, payload: memoryview) -> "List[np.ndarray[Any, Any]]":
    arrays = []
    at = part.at
    dtype = NUMPY[part.dtype]
    for row in range(rows):
        shape = part.shape if part.shapes is None else part.shapes[row]
        count = elements_of(shape)
        length = part.size // rows if part.lengths is None else part.lengths[row]
        if part.dtype == "bytes":
            arrays.append(_objects(_cut(payload, at, length, count, (part.name, row)), shape))
        else:
            arrays.append(np.frombuffer(payload, dtype, count, at).reshape(shape) if length > 0 else np.empty(shape, dtype))
        at += length
    return arrays


def _objects(flat: List[bytes], shape: Tuple[int, ...]) -> "np.ndarray[Any, Any]":
    array = np.empty(len(flat), object)
    array[:] = flat
    return array.reshape(shape)


def _cut(payload: memoryview, at: int, size: int, count: int, where: Tuple[str, int]) -> List[bytes]:
    """The elements of one row: each a u32 length, then that many bytes."""
    elements: List[bytes] = []
    end = at + size
    while len(elements) < count and at + 4 <= end:
        (length,) = _LENGTH.unpack_from(payload, at)
        if length > end - at - 4:
            break
        elements.append(bytes(payload[at + 4:at + 4 + length]))
        at += 4 + length
    if len(elements) != count or at != end:
        raise PredictError("bad_input", f"input {where[0]}, row {where[1]}: its {size} bytes do not hold {count} elements")
    return elements


def _spec_of(part: Part, specs: List[Tensor]) -> Tensor:
    spec = next((one for one in specs if one.name == part.name), None)
    if spec is None:
        raise PredictError("bad_input", f"the model has no input {part.name}; it has {', '.join(one.name for one in specs)}")
    if spec.dtype != part.dtype:
        raise PredictError("bad_input", f"input {part.name} is {part.dtype}; the model expects {spec.dtype}")
    if part.shapes is not None and not spec.ragged:
        raise PredictError("bad_input", f"input {part.name}: its rows differ in shape, and it is not declared ragged")
    for shape in part.shapes or (part.shape,):
        if not spec.allows(shape):
            raise PredictError("bad_input", f"input {part.name} has rows of shape {list(shape)}; the model expects {list(spec.shape)}")
    return spec
