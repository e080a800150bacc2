"""The demo's logistic regression as a BentoML service: `bentoml serve digits:Digits`."""

import json
import pathlib

import bentoml
import numpy as np

MODEL = json.loads((pathlib.Path(__file__).resolve().parents[1] / "digits.json").read_text())
WEIGHTS, BIAS = np.array(MODEL["weights"], np.float32), np.array(MODEL["bias"], np.float32)


@bentoml.service(workers=1)
class Digits:
    @bentoml.api(batchable=True, max_batch_size=64)
    def predict(self, x: np.ndarray) -> np.ndarray:
        return np.argmax(x.astype(np.float32) @ WEIGHTS + BIAS, axis=1)
