"""The demo's logistic regression as a Ray Serve deployment: `python digits.py PORT`."""

import json
import pathlib
import sys

import numpy as np
import ray
from ray import serve

MODEL = json.loads((pathlib.Path(__file__).resolve().parents[1] / "digits.json").read_text())
WEIGHTS, BIAS = np.array(MODEL["weights"], np.float32), np.array(MODEL["bias"], np.float32)


@serve.deployment(max_ongoing_requests=256)
class Digits:
    @serve.batch(max_batch_size=64, batch_wait_timeout_s=0.001)
    async def predict(self, rows):
        return [int(label) for label in np.argmax(np.stack(rows) @ WEIGHTS + BIAS, axis=1)]

    async def __call__(self, request):
        body = await request.json()
        return {"output": await self.predict(np.array(body["input"], np.float32))}


if __name__ == "__main__":
    ray.init(include_dashboard=False, log_to_driver=False)
    serve.start(http_options={"host": "127.0.0.1", "port": int(sys.argv[1])})
    serve.run(Digits.bind(), name="digits", route_prefix="/predict", blocking=True)
