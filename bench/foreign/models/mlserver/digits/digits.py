"""The demo's logistic regression, of which the label is asked for."""

import json
import pathlib

import numpy as np
from mlserver import MLModel
from mlserver.codecs import NumpyCodec
from mlserver.types import InferenceRequest, InferenceResponse

MODEL = json.loads((pathlib.Path(__file__).resolve().parents[2] / "digits.json").read_text())
WEIGHTS, BIAS = np.array(MODEL["weights"], np.float32), np.array(MODEL["bias"], np.float32)


class Digits(MLModel):
    async def predict(self, payload: InferenceRequest) -> InferenceResponse:
        x = NumpyCodec.decode_input(payload.inputs[0]).astype(np.float32)
        labels = np.argmax(x @ WEIGHTS + BIAS, axis=1, keepdims=True)
        return InferenceResponse(model_name=self.name, outputs=[NumpyCodec.encode_output("label", labels)])
