"""A container that does nothing: what is left is the wire."""

import numpy as np

from tradewind import model


@model(inputs={"input": ("float32", [784])}, outputs={"output": "float32"}, max_in_flight=2, warm_up=[1])
def predict(batch):
    return np.zeros(batch.rows, np.float32)
