import json
import pathlib

import numpy as np
import triton_python_backend_utils as pb

MODEL = json.loads((pathlib.Path(__file__).resolve().parents[3] / "digits.json").read_text())
WEIGHTS, BIAS = np.array(MODEL["weights"], np.float32), np.array(MODEL["bias"], np.float32)


class TritonPythonModel:
    def execute(self, requests):
        inputs = [pb.get_input_tensor_by_name(request, "x").as_numpy() for request in requests]
        labels = np.argmax(np.concatenate(inputs) @ WEIGHTS + BIAS, axis=1, keepdims=True)
        ends = np.cumsum([len(x) for x in inputs])[:-1]
        return [pb.InferenceResponse([pb.Tensor("label", part)]) for part in np.split(labels, ends)]
