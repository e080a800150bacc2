"""What an author's function returned, checked, as columns of rows ready for the wire."""

from __future__ import annotations

import struct
from dataclasses import dataclass
from typing import AbstractSet, Any, AsyncIterator, Dict, Iterator, List, Mapping, MappingView, Optional, Sequence, Tuple, Union

import numpy as np

from tradewind.container.batch import Batch, PredictError, RowError
from tradewind.container.dtype import NUMPY, Tensor, is_bfloat16, word_of

_LENGTH = struct.Struct("<I")
_MAX_NAME_CHARS = 256


@dataclass(frozen=True)
class Column:
    """One output: its rows lie in `data` one after another."""

    name: str
    dtype: str
    #: Of one row.
    shape: Tuple[int, ...]
    data: memoryview
    #: Bytes of each row, where rows differ in size.
    lengths: Optional[List[int]] = None
    shapes: Optional[List[Tuple[int, ...]]] = None

    def row_bytes(self, row: int, rows: int) -> int:
        return len(self.data) // rows if self.lengths is None else self.lengths[row]


def check_wanted(wanted: Optional[List[str]], specs: Optional[List[Tensor]]) -> None:
    for name in wanted or ():
        if specs is not None and all(spec.name != name for spec in specs):
            raise PredictError("bad_input", f"the model has no output {name}; it has {', '.join(spec.name for spec in specs)}")


def check_outputs(returned: Any, batch: Batch, specs: Optional[List[Tensor]]) -> List[Column]:
    """Only wanted outputs, in the signature's order. Rows that failed are noted in the batch; where all did there are none.
    Raises PredictError `invalid_output`."""
    named: Dict[str, Any] = {name: _without_failures(value, batch) for name, value in _named(returned, specs).items()}
    if len(batch._failures) == batch.rows:
        return []
    columns: List[Column] = []
    for name in list(named) if specs is None else [spec.name for spec in specs]:
        if batch.wanted is not None and name not in batch.wanted:
            continue
        if name not in named:
            raise _invalid(f"output {name} is missing; predict returned {', '.join(named) or 'an empty map'}")
        columns.append(_column(name, named[name], batch, None if specs is None else next(spec for spec in specs if spec.name == name)))
    for name in named:
        if specs is not None and all(spec.name != name for spec in specs):
            raise _invalid(f"output {name} is not in the signature")
    return columns


def _named(returned: Any, specs: Optional[List[Tensor]]) -> Mapping[str, Any]:
    """A map as it is; a tuple is the outputs in the signature's order; anything else is the only output."""
    if isinstance(returned, Mapping):
        for name in returned:
            if not isinstance(name, str) or not 1 <= len(name) <= _MAX_NAME_CHARS:
                raise _invalid(f"the map that predict returned has the key {repr(name)[:_MAX_NAME_CHARS]}: names of outputs are texts of 1 to {_MAX_NAME_CHARS} characters")
        return returned
    if returned is None:
        raise _invalid("predict returned nothing: does it lack a return?")
    if specs is None:
        return {"output": returned}
    if isinstance(returned, tuple) and len(returned) == len(specs) > 1:
        return {spec.name: value for spec, value in zip(specs, returned)}
    if len(specs) != 1:
        what = f"a {type(returned).__name__} of {len(returned)}" if isinstance(returned, (tuple, list)) else "one value"
        raise _invalid(f"predict returned {what} for the outputs {', '.join(spec.name for spec in specs)}: return a map, or a tuple with all of them")
    return {specs[0].name: returned}


def _column(name: str, value: Any, batch: Batch, spec: Optional[Tensor]) -> Column:
    if isinstance(value, (Iterator, AsyncIterator, AbstractSet, MappingView)):
        raise _invalid(f"output {name} is a {type(value).__name__}: return an array or a list, one entry for each row")
    if isinstance(value, np.ma.MaskedArray) and np.ma.is_masked(value):
        raise _invalid(f"output {name} has masked entries: say what stands in their place (filled)")
    if spec is not None and spec.ragged:
        if not isinstance(value, (list, tuple)):
            whole = np.asarray(value)
            value = list(whole) if whole.ndim > 0 else []
        return _ragged(name, value, batch.rows, spec)
    array = _array(name, value, spec)
    if array.ndim == 0 or array.shape[0] != batch.rows:
        raise _invalid(f"output {name} has {array.shape[0] if array.ndim > 0 else 'no'} rows for a batch of {batch.rows}: return one for each row of the input")
    shape = array.shape[1:]
    if spec is not None and not spec.allows(shape):
        raise _invalid(f"output {name} has rows of shape {list(shape)}; the signature says {list(spec.shape)}")
    dtype = _word(name, array, spec)
    if dtype != "bytes":
        return Column(name, dtype, shape, _flat(array))
    rows = [_join(name, row) for row in array.reshape(batch.rows, -1)]
    return Column(name, dtype, shape, memoryview(b"".join(rows)), [len(row) for row in rows])


def _ragged(name: str, values: Sequence[Any], rows: int, spec: Tensor) -> Column:
    if len(values) != rows:
        raise _invalid(f"output {name} has {len(values)} rows for a batch of {rows}")
    arrays = [_array(name, value, spec) for value in values]
    for row, array in enumerate(arrays):
        if not spec.allows(array.shape):
            raise _invalid(f"output {name}, row {row} has shape {list(array.shape)}; the signature says {list(spec.shape)}")
    parts: List[Union[bytes, memoryview]] = [_join(name, array.ravel()) if spec.dtype == "bytes" else _flat(array) for array in arrays]
    return Column(name, spec.dtype, spec.shape, memoryview(b"".join(parts)), [len(part) for part in parts], [array.shape for array in arrays])


def _array(name: str, value: Any, spec: Optional[Tensor]) -> "np.ndarray[Any, Any]":
    """In the signature's dtype. A change of width is made (float64 to float32, int64 to int32) where the numbers bear it, a
    change of kind refused."""
    try:
        array = np.asarray(value, dtype=object if spec is not None and spec.dtype == "bytes" else None)
    except ValueError as error:
        raise _invalid(f"output {name} is no array: {error}") from error
    if spec is None or spec.dtype == "bytes":
        return array
    wanted = NUMPY[spec.dtype]
    if array.dtype == wanted or (spec.dtype == "bfloat16" and is_bfloat16(array.dtype)):
        return array
    if array.size == 0 or (spec.dtype != "bfloat16" and array.dtype.kind in "biuf" and np.can_cast(array.dtype, wanted, "same_kind")):
        _check_range(name, array, wanted)
        try:
            with np.errstate(over="raise"):
                return array.astype(wanted)
        except FloatingPointError as error:
            raise _invalid(f"output {name} holds a number that is too large for {spec.dtype}: change the signature") from error
    raise _invalid(f"output {name} is not an array of {spec.dtype}: {_what_it_is(array)}")


def _check_range(name: str, array: "np.ndarray[Any, Any]", wanted: "np.dtype[Any]") -> None:
    """numpy would cut the upper bits off an integer that is too large."""
    if array.size == 0 or array.dtype.kind not in "iu" or wanted.kind not in "iu" or np.can_cast(array.dtype, wanted):
        return
    bounds = np.iinfo(wanted)
    for extreme in (int(array.min()), int(array.max())):
        if not bounds.min <= extreme <= bounds.max:
            raise _invalid(f"output {name} holds {extreme}, which is no {wanted.name}: change the signature")


def _what_it_is(array: "np.ndarray[Any, Any]") -> str:
    """Of objects the first that is no number, which is the one to be mended."""
    if array.dtype != object or array.size == 0:
        return f"it is {array.dtype}; convert it, or change the signature"
    per_row = max(1, array.size // len(array)) if array.ndim > 0 else 1
    for i, entry in enumerate(array.reshape(-1)):
        if isinstance(entry, (int, float, np.number, np.bool_)):
            continue
        if isinstance(entry, dict):
            return "its entries are dict; return one map of arrays, not a map for each row"
        if hasattr(entry, "toarray"):
            return f"it is a {type(entry).__name__}: return what its toarray() gives"
        if entry is None or isinstance(entry, Exception):
            return f"row {i // per_row} is {entry!r}: a row that cannot be predicted has a RowError in its place"
        return f"row {i // per_row} is a {type(entry).__name__}"
    return "its entries are objects, numbers of Python or too large for it: convert it (astype)"


def _word(name: str, array: "np.ndarray[Any, Any]", spec: Optional[Tensor]) -> str:
    word = word_of(array.dtype) if spec is None else spec.dtype
    if word is None:
        raise _invalid(f"output {name} has dtype {array.dtype}, which the wire does not know")
    return word


def _without_failures(values: Any, batch: Batch) -> Any:
    """A list, or an array or column of objects, with a RowError in the place of rows that failed: they are noted, and stood in
    for by a row that did not."""
    if not isinstance(values, (list, tuple)) and not (getattr(values, "dtype", None) == object and getattr(values, "ndim", 0) > 0):
        return values
    rows = list(values)
    failed = [row for row, value in enumerate(rows) if isinstance(value, RowError)]
    if len(rows) != batch.rows or not failed:
        return values
    for row in failed:
        batch.fail(row, str(rows[row]), rows[row].code)
    stand_in: Any = next((value for value in rows if not isinstance(value, RowError)), None)
    return [stand_in if isinstance(value, RowError) else value for value in rows]


def _join(name: str, elements: "np.ndarray[Any, Any]") -> bytes:
    joined = bytearray()
    for element in elements:
        if isinstance(element, str):
            element = element.encode()
        if not isinstance(element, (bytes, bytearray, memoryview)):
            raise _invalid(f"output {name} has an element that is neither text nor bytes: {type(element).__name__}")
        joined += _LENGTH.pack(len(element))
        joined += element
    return bytes(joined)


def _flat(array: "np.ndarray[Any, Any]") -> memoryview:
    little = array if array.dtype.byteorder != ">" else array.astype(array.dtype.newbyteorder("<"))
    flat: Any = np.ascontiguousarray(little).reshape(-1).view(np.uint8)
    return memoryview(flat) if little.size > 0 else memoryview(b"")


def _invalid(message: str) -> PredictError:
    return PredictError("invalid_output", message)
