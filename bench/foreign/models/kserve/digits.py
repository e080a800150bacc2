"""The demo's logistic regression as a KServe program: `python digits.py PORT`."""

import json
import pathlib
import sys

import kserve
import numpy as np

MODEL = json.loads((pathlib.Path(__file__).resolve().parents[1] / "digits.json").read_text())
WEIGHTS, BIAS = np.array(MODEL["weights"], np.float32), np.array(MODEL["bias"], np.float32)


class Digits(kserve.Model):
    def load(self):
        self.ready = True

    def predict(self, payload, headers=None, response_headers=None):
        x = np.array(payload["instances"], np.float32)
        return {"predictions": np.argmax(x @ WEIGHTS + BIAS, axis=1).tolist()}


if __name__ == "__main__":
    model = Digits("digits")
    model.load()
    kserve.ModelServer(http_port=int(sys.argv[1]), enable_grpc=False, workers=1, access_log_format="").start([model])
