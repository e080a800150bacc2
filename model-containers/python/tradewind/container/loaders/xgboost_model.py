"""XGBoost, saved by `save_model` (JSON or UBJSON)."""

from __future__ import annotations

from typing import Any, Mapping

from tradewind.container.dtype import Tensor
from tradewind.container.loaders.asked import Asked, Loaded


def load(asked: Asked) -> Loaded:
    import xgboost

    booster: Any = xgboost.Booster()
    booster.load_model(asked.path)
    booster.set_param({"nthread": asked.option("threads", 1, int)})

    def run(given: Mapping[str, Any]) -> Mapping[str, Any]:
        (x,) = given.values()
        predicted = booster.inplace_predict(x)
        return {"probabilities" if predicted.ndim > 1 else "value": predicted}

    return Loaded(asked.inputs_or([Tensor("input", "float32", (int(booster.num_features()),))]), run, about={"framework": f"xgboost {xgboost.__version__}"})
