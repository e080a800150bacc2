"""LightGBM, saved by `save_model` (its text format)."""

from __future__ import annotations

from typing import Any, Mapping

from tradewind.container.dtype import Tensor
from tradewind.container.loaders.asked import Asked, Loaded


def load(asked: Asked) -> Loaded:
    import lightgbm

    booster: Any = lightgbm.Booster(model_file=asked.path)
    threads = asked.option("threads", 1, int)

    def run(given: Mapping[str, Any]) -> Mapping[str, Any]:
        (x,) = given.values()
        predicted = booster.predict(x, num_threads=threads)
        return {"probabilities" if predicted.ndim > 1 else "value": predicted}

    return Loaded(asked.inputs_or([Tensor("input", "float32", (int(booster.num_feature()),))]), run, about={"framework": f"lightgbm {lightgbm.__version__}"})
