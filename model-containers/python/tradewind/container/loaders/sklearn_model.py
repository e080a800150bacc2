"""scikit-learn, saved by joblib (or pickle). Loading runs what the file says: load only files that you trust."""

from __future__ import annotations

from typing import Any, Mapping

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
    name = _OUTPUT.get(method, "label" if hasattr(model, "classes_") else "value")

    def run(given: Mapping[str, Any]) -> Mapping[str, Any]:
        (x,) = given.values()
        if isinstance(x, np.ndarray) and x.dtype == object:
            # Text: what a vectoriser takes is a list of str.
            x = [one.decode() for one in x.reshape(len(x))]
        return {name: call(x)}

    return Loaded(inputs, run, about={"framework": f"scikit-learn {sklearn.__version__}"})
