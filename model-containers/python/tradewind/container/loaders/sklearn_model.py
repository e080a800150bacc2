"""scikit-learn, saved by joblib (or pickle). Loading runs what the file says: load only files that you trust."""

from __future__ import annotations

import importlib.util
from typing import Any, List, Mapping, Optional

import numpy as np

from tradewind.container.dtype import Tensor
from tradewind.container.environment import StartError
from tradewind.container.loaders.asked import Asked, Loaded

_OUTPUT = {"predict_proba": "probabilities", "decision_function": "score", "transform": "output"}


def load(asked: Asked) -> Loaded:
    import joblib
    import sklearn

    model: Any = joblib.load(asked.path)
    method = asked.option("method", "predict_proba" if hasattr(model, "predict_proba") else "predict", str)
    call = getattr(model, method, None)
    if not callable(call):
        raise StartError(f"the model is a {type(model).__name__}, which has no {method}; for a pickled function take the loader cloudpickle")
    features = getattr(model, "n_features_in_", None)
    inputs = asked.inputs_or(None if features is None else [Tensor("input", "float32", (int(features),))])
    columns = _columns(model)
    if len(inputs) > 1:
        _check_columns(columns, [tensor.name for tensor in inputs])
    name = _OUTPUT.get(method, "label" if hasattr(model, "classes_") else "value")

    def run(given: Mapping[str, Any]) -> Mapping[str, Any]:
        if len(given) > 1:
            return {name: call(_frame({column: _plain(given[column]) for column in columns or ()}))}
        (x,) = given.values()
        x = _plain(x)
        # Fitted on a frame, it may know its columns by their names alone.
        return {name: call(x if columns is None or isinstance(x, list) or not _has_pandas() else _frame(x, columns))}

    return Loaded(inputs, run, about={"framework": f"scikit-learn {sklearn.__version__}"})


def _columns(model: Any) -> Optional[List[str]]:
    """Of the frame that it was fitted on, if it was one."""
    names = getattr(model, "feature_names_in_", None)
    return None if names is None else [str(name) for name in names]


def _check_columns(columns: Optional[List[str]], inputs: List[str]) -> None:
    if columns is None or sorted(columns) != sorted(inputs):
        known = "no frame" if columns is None else f"a frame with the columns {', '.join(columns)}"
        raise StartError(f"the inputs are {', '.join(inputs)}, and the model was fitted on {known}: declare one input of all its features, or one for each column, by its name")
    if not _has_pandas():
        raise StartError("a model with an input for each column needs the package pandas in this interpreter")


def _has_pandas() -> bool:
    return importlib.util.find_spec("pandas") is not None


def _frame(data: Any, columns: Optional[List[str]] = None) -> Any:
    import pandas

    return pandas.DataFrame(data, columns=columns)


def _plain(x: Any) -> Any:
    """Text as a list of str, which is what a vectoriser takes."""
    return [one.decode() for one in x.reshape(len(x))] if isinstance(x, np.ndarray) and x.dtype == object else x
