"""ONNX Runtime. (The broker's own ONNX container runs the same models in Node.)"""

from __future__ import annotations

from typing import Any, Dict, List, Mapping, Optional

import numpy as np

from tradewind.container.dtype import Tensor
from tradewind.container.environment import StartError
from tradewind.container.loaders.asked import Asked, Loaded

_WORDS = {"float": "float32", "double": "float64", "string": "bytes"}
_SAME = ("bool", "int8", "int16", "int32", "int64", "uint8", "uint16", "uint32", "uint64", "float16")


def load(asked: Asked) -> Loaded:
    import onnxruntime

    options = onnxruntime.SessionOptions()
    options.intra_op_num_threads = asked.option("threads", 1, int)
    options.add_session_config_entry("session.intra_op.allow_spinning", "0")
    providers = asked.option("providers", ["CPUExecutionProvider"], list)
    missing = [one for one in providers if one not in onnxruntime.get_available_providers()]
    if missing:
        raise StartError(f"there is no execution provider {', '.join(missing)}; there are {', '.join(onnxruntime.get_available_providers())}")
    session: Any = onnxruntime.InferenceSession(asked.path, options, providers=providers)
    wanted = asked.option("outputs", None, list)
    inputs = [_tensor(node, "input") for node in session.get_inputs()]
    outputs = [_tensor(node, "output") for node in session.get_outputs() if wanted is None or node.name in wanted]
    names = [tensor.name for tensor in outputs]
    unknown = [name for name in wanted or () if name not in names]
    if unknown:
        raise StartError(f"the model has no output {', '.join(unknown)}")
    texts = [tensor.name for tensor in inputs if tensor.dtype == "bytes"]

    def run(given: Mapping[str, Any]) -> Mapping[str, Any]:
        feeds: Dict[str, Any] = {**given, **{name: _decode(given[name]) for name in texts}}
        return dict(zip(names, session.run(names, feeds)))

    return Loaded(asked.inputs_or(inputs), run, outputs, {"framework": f"onnxruntime {onnxruntime.__version__}", "providers": ", ".join(providers)})


def _tensor(node: Any, what: str) -> Tensor:
    kind: str = node.type
    word: Optional[str] = kind[len("tensor("):-1] if kind.startswith("tensor(") else None
    dtype = _WORDS.get(word or "", word if word in _SAME else None)
    if dtype is None:
        raise StartError(f"{what} {node.name} is a {kind}, which the wire does not know: export with zipmap=False, or choose outputs")
    axes: List[Any] = list(node.shape or [])
    if axes and isinstance(axes[0], int):
        raise StartError(f"{what} {node.name} has a fixed batch axis ({axes[0]}): export it with a dynamic one")
    return Tensor(node.name, dtype, tuple(axis if isinstance(axis, int) else -1 for axis in axes[1:]))


def _decode(texts: "np.ndarray[Any, Any]") -> "np.ndarray[Any, Any]":
    return np.array([text.decode() for text in texts.ravel()], object).reshape(texts.shape)
