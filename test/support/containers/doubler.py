"""The doubler of doubler.ts, in Python: an author's container for the kits' conformance tests."""

import asyncio

import numpy as np

from tradewind import PredictError, serve


async def double(x, batch):
    first = x.flat[0]
    if first == -1:
        raise ValueError("as asked")
    await asyncio.sleep(0)
    if first == -2:
        raise PredictError("bad_input", "as asked")
    if first == -3:
        return x[1:]
    if first == -4:
        return np.full(x.shape, "text")
    if first == -5:
        batch.fail(0, "as asked", "too_small")
    while first == -6 and not batch.is_cancelled(0):
        await asyncio.sleep(0)
    return {"y": 2 * x}


serve(double, inputs={"x": ("float32", [2])}, outputs={"y": ("float32", [2])}, max_batch=4096, max_in_flight=2, warm_up=[1, 3])
