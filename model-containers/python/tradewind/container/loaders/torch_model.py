"""PyTorch: TorchScript, or a module that a factory makes, with its weights from `path`. torch does not know the shape of
its inputs: declare them."""

from __future__ import annotations

import os
from typing import Any, List, Mapping

import numpy as np

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

    def run(given: Mapping[str, Any]) -> Mapping[str, Any]:
        with torch.inference_mode():
            returned = module(*(torch.from_numpy(np.ascontiguousarray(given[tensor.name])).to(device) for tensor in inputs))
        return _named(returned)

    return Loaded(inputs, run, about={"framework": f"torch {torch.__version__}", "device": device})


def _named(returned: Any) -> Mapping[str, Any]:
    if isinstance(returned, Mapping):
        return {name: value.cpu().numpy() for name, value in returned.items()}
    if not isinstance(returned, (tuple, list)):
        return {"output": returned.cpu().numpy()}
    values: List[Any] = list(returned)
    return {f"output_{i}": value.cpu().numpy() for i, value in enumerate(values)}
