"""What a loader is asked to load, and what it makes of it."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any, Callable, Dict, List, Mapping, Optional, Set

import numpy as np

from tradewind.container.dtype import NUMPY, Tensor, word_of
from tradewind.container.environment import StartError


@dataclass
class Asked:
    loader: str
    path: str
    #: What the configuration declares: it wins over what the model says of itself.
    inputs: Optional[List[Tensor]]
    options: Dict[str, Any]
    _read: Set[str] = field(default_factory=set)

    def option(self, name: str, default: Any, kind: type) -> Any:
        self._read.add(name)
        value = self.options.get(name, default)
        if value is not None and (not isinstance(value, kind) or isinstance(value, bool) and kind is not bool):
            raise StartError(f"option {name} is not of the type {kind.__name__}")
        return value

    def refuse_unknown(self) -> None:
        unknown = sorted(set(self.options) - self._read)
        if unknown:
            raise StartError(f"the loader {self.loader} has no option {', '.join(unknown)}; it has {', '.join(sorted(self._read)) or 'none'}")

    def inputs_or(self, own: Optional[List[Tensor]]) -> List[Tensor]:
        chosen = self.inputs if self.inputs is not None else own
        if chosen is None:
            raise StartError(f"the loader {self.loader} cannot tell the inputs of {self.path}: declare them (input: {{dtype, shape}})")
        return chosen


class Loaded:
    """A loaded model. Its outputs are learnt by predicting one row of zeros, unless the model says them."""

    def __init__(self, inputs: List[Tensor], run: Callable[[Mapping[str, Any]], Mapping[str, Any]], outputs: Optional[List[Tensor]] = None, about: Optional[Mapping[str, Any]] = None) -> None:
        self._run = run
        self.inputs = inputs
        self.outputs = outputs if outputs is not None else _learn(inputs, run)
        self.about = dict(about or {})

    def predict(self, batch: Any) -> Mapping[str, Any]:
        return self._run(batch.inputs)


def _learn(inputs: List[Tensor], run: Callable[[Mapping[str, Any]], Mapping[str, Any]]) -> List[Tensor]:
    zeros = {
        tensor.name: np.full((1, *map(abs, tensor.shape)), b"", object) if tensor.dtype == "bytes" else np.zeros((1, *map(abs, tensor.shape)), NUMPY[tensor.dtype])
        for tensor in inputs
    }
    outputs = []
    for name, value in run(zeros).items():
        array = np.asarray(value)
        word = word_of(array.dtype)
        if word is None or array.ndim == 0:
            raise StartError(f"output {name} is no array of rows: {array.dtype}, shape {array.shape}")
        outputs.append(Tensor(name, word, array.shape[1:]))
    return outputs
