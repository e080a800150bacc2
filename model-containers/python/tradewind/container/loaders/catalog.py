"""Loaders by name."""

from __future__ import annotations

import importlib
from typing import Any, Dict, List, Optional

from tradewind.container.dtype import Tensor
from tradewind.container.environment import StartError
from tradewind.container.loaders.asked import Asked

#: Name → file here, and the packages that it needs.
LOADERS: Dict[str, List[str]] = {
    "sklearn": ["sklearn_model", "sklearn", "joblib"],
    "onnx": ["onnx_model", "onnxruntime"],
    "xgboost": ["xgboost_model", "xgboost"],
    "lightgbm": ["lightgbm_model", "lightgbm"],
    "torch": ["torch_model", "torch"],
    "keras": ["keras_model", "tensorflow"],
    "cloudpickle": ["cloudpickle_model", "cloudpickle"],
}


def find_loader(name: Any, options: Dict[str, Any], path: Optional[str], inputs: Optional[List[Tensor]]) -> Any:
    """The model as an object to be served. Raises StartError in words where it cannot be loaded."""
    if name not in LOADERS:
        raise StartError(f"there is no loader {name}; known are {', '.join(LOADERS)}")
    file, *packages = LOADERS[name]
    if path is None:
        raise StartError(f"the loader {name} needs a path: the file or folder of the model")
    for package in packages:
        try:
            importlib.import_module(package)
        except ImportError as error:
            raise StartError(f"the loader {name} needs the package {package} in this interpreter: {error}") from error
    asked = Asked(name, path, inputs, options)
    target = importlib.import_module(f"tradewind.container.loaders.{file}").load(asked)
    asked.refuse_unknown()
    return target
