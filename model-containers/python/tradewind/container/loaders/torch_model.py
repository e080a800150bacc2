"""PyTorch: TorchScript, or a module that a factory makes, with its weights from `path`. torch does not know the shape of
its inputs: declare them."""

from __future__ import annotations

import os
from typing import Any, List, Mapping

import numpy as np

from tradewind.container.dtype import Tensor
from tradewind.container.entry import find_entry
from tradewind.container.loaders.asked import Asked, Loaded


def load(asked: Asked) -> Loaded:
    import torch

    torch.set_num_threads(asked.option("threads", 1, int))
    device = asked.option("device", "cpu", str)
    factory = asked.option("factory", None, str)
    if factory is None:
        module: Any = torch.jit.load(asked.path, map_location=device)
    else:
        module = find_entry(factory, os.path.dirname(asked.path))()
        module.load_state_dict(torch.load(asked.path, map_location=device, weights_only=True))
        module.to(device)
    module.eval()
    inputs = asked.inputs_or(None)

    def read(tensor: Tensor, rows: Any) -> Any:
        array = np.ascontiguousarray(rows)
        # bfloat16 comes as its bits, which are no integers; of unsigned ones torch knows eight only.
        return torch.from_numpy(array.view("<i2")).view(torch.bfloat16) if tensor.dtype == "bfloat16" else torch.from_numpy(array)

    def run(given: Mapping[str, Any]) -> Mapping[str, Any]:
        with torch.inference_mode():
            return _named(module(*(read(tensor, given[tensor.name]).to(device) for tensor in inputs)))

    return Loaded(inputs, run, about={"framework": f"torch {torch.__version__}", "device": device})


def _named(returned: Any) -> Mapping[str, Any]:
    if isinstance(returned, Mapping):
        return {name: _array(value) for name, value in returned.items()}
    if not isinstance(returned, (tuple, list)):
        return {"output": _array(returned)}
    values: List[Any] = list(returned)
    return {f"output_{i}": _array(value) for i, value in enumerate(values)}


def _array(value: Any) -> "np.ndarray[Any, Any]":
    """numpy has no bfloat16: float32 holds the same numbers."""
    array: "np.ndarray[Any, Any]" = (value.float() if str(value.dtype) == "torch.bfloat16" else value).cpu().numpy()
    return array
