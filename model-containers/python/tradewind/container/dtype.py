"""Element types and the tensors of a signature."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any, Dict, List, Mapping, Optional, Sequence, Tuple

import numpy as np

#: dtype on the wire → the numpy dtype that holds it. numpy has no bfloat16: it comes and goes as its 16 bits in uint16.
#: `bytes` is an array of objects, one `bytes` an element.
NUMPY: Dict[str, "np.dtype[Any]"] = {
    "bool": np.dtype(np.bool_),
    **{name: np.dtype(name).newbyteorder("<") for name in ("int8", "int16", "int32", "int64", "uint8", "uint16", "uint32", "uint64", "float16", "float32", "float64")},
    "bfloat16": np.dtype("<u2"),
    "bytes": np.dtype(object),
}

#: Bytes of one element; 0 for `bytes`, whose elements say their own length.
ITEM_BYTES: Dict[str, int] = {name: 0 if name == "bytes" else dtype.itemsize for name, dtype in NUMPY.items()}

_WORDS = {dtype: name for name, dtype in NUMPY.items() if name != "bfloat16"}


def word_of(dtype: "np.dtype[Any]") -> Optional[str]:
    """The wire's word for a numpy dtype; text and byte strings of any length are `bytes`."""
    if dtype.kind in "OSU":
        return "bytes"
    if is_bfloat16(dtype):
        return "bfloat16"
    return _WORDS.get(dtype.newbyteorder("<"))


def is_bfloat16(dtype: "np.dtype[Any]") -> bool:
    """Not numpy's own: that of ml_dtypes, which TensorFlow and JAX give. Its bits are the wire's."""
    return dtype.kind == "V" and dtype.name == "bfloat16"


@dataclass(frozen=True)
class Tensor:
    """One input or output of a signature. `shape` is that of ONE ROW, the batch axis left out; -1 is any extent, () a scalar.

    `ragged`: rows of one batch may differ in the extents that are -1; such a tensor is a list with one array a row.
    """

    name: str
    dtype: str
    shape: Tuple[int, ...]
    ragged: bool = False

    def to_wire(self) -> Dict[str, Any]:
        wire: Dict[str, Any] = {"name": self.name, "dtype": self.dtype, "shape": list(self.shape)}
        return {**wire, "ragged": True} if self.ragged else wire

    def allows(self, shape: Sequence[int]) -> bool:
        """Whether a row may have this shape."""
        return len(shape) == len(self.shape) and all(mine in (-1, extent) for mine, extent in zip(self.shape, shape))


#: What authors write: `[Tensor(…)]`, or in short `{"x": ("float32", [64])}`; a scalar needs no shape: `{"y": "float32"}`.
Signature = Any


def read_signature(said: Signature, what: str) -> Optional[List[Tensor]]:
    """Raises ValueError in words where it is no signature."""
    if said is None:
        return None
    if isinstance(said, Mapping):
        return [_read(name, value, what) for name, value in said.items()]
    tensors = list(said)
    if not all(isinstance(tensor, Tensor) for tensor in tensors):
        raise ValueError(f'{what} is neither a list of Tensor nor a map such as {{"x": ("float32", [64])}}')
    return [_checked(tensor, what) for tensor in tensors]


def _read(name: Any, value: Any, what: str) -> Tensor:
    if isinstance(value, Tensor):
        return _checked(value, what)
    try:
        dtype, shape = (value, ()) if isinstance(value, (str, type, np.dtype)) else value
        word = dtype if isinstance(dtype, str) else word_of(np.dtype(dtype))
        extents = tuple(int(extent) for extent in shape)
    except (TypeError, ValueError) as error:
        raise ValueError(f'{what}: {name} is {value!r}; write ("float32", [64]), the shape of one row without the batch axis, or "float32" for one number a row') from error
    return _checked(Tensor(str(name), str(word), extents), what)


def _meant(word: str) -> str:
    """Names that numpy knows and the wire does not: `double`, `int`, `<f4`."""
    try:
        known = word_of(np.dtype(word))
    except (TypeError, ValueError, SyntaxError):
        return ""
    return "" if known is None else f": write {known}"


def _checked(tensor: Tensor, what: str) -> Tensor:
    if tensor.dtype not in NUMPY:
        raise ValueError(f"{what}: {tensor.name} has dtype {tensor.dtype}{_meant(tensor.dtype)}; known are {', '.join(NUMPY)}")
    if any(extent < -1 for extent in tensor.shape):
        raise ValueError(f"{what}: {tensor.name} has the shape {list(tensor.shape)}")
    return tensor
