"""The demo's logistic regression as a LitServe program: `python digits.py PORT`."""

import json
import pathlib
import sys

import litserve
import numpy as np

MODEL = json.loads((pathlib.Path(__file__).resolve().parents[1] / "digits.json").read_text())
WEIGHTS, BIAS = np.array(MODEL["weights"], np.float32), np.array(MODEL["bias"], np.float32)


class Digits(litserve.LitAPI):
    def setup(self, device):
        pass

    def decode_request(self, request):
        return np.array(request["input"], np.float32)

    def batch(self, inputs):
        return np.stack(inputs)

    def predict(self, x):
        return np.argmax(x @ WEIGHTS + BIAS, axis=1)

    def unbatch(self, output):
        return list(output)

    def encode_response(self, output):
        return {"output": int(output)}


if __name__ == "__main__":
    server = litserve.LitServer(Digits(max_batch_size=64, batch_timeout=0.001), accelerator="cpu")
    server.run(host="127.0.0.1", port=int(sys.argv[1]), generate_client_file=False, log_level="warning")
