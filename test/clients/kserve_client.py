"""KServe's inference client (the package `kserve`, as it comes) against a broker: `kserve_client.py HTTP GRPC`, both host:port.

Says each promise that held and, last, `all hold`; ends with an error where one did not.
"""

import asyncio
import sys

import numpy as np
from kserve import InferenceGRPCClient, InferenceRESTClient, InferInput, InferRequest, RESTConfig

HTTP, GRPC = sys.argv[1:3]
BASE = f"http://{HTTP}"


def holds(promise, held):
    if not held:
        raise AssertionError(promise)
    print(promise)


def request(binary):
    """Two digits, as JSON or with their numbers behind it."""
    image = InferInput(name="image", shape=[2, 64], datatype="FP32")
    image.set_data_from_numpy(np.stack([np.zeros(64), np.arange(64) % 17]).astype(np.float32), binary_data=binary)
    return InferRequest(model_name="digits", infer_inputs=[image], request_id="seven")


async def rest():
    client = InferenceRESTClient(config=RESTConfig(protocol="v2", timeout=20))
    holds("REST: live and ready", await client.is_server_live(BASE) and await client.is_server_ready(BASE) and await client.is_model_ready(BASE, "digits"))
    labels = []
    for binary in (False, True):
        answer = await client.infer(BASE, request(binary), model_name="digits")
        holds(f"REST: an answer with its id, inputs {'raw' if binary else 'in JSON'}", answer.id == "seven" and answer.model_name == "digits")
        labels.append(answer.outputs[0].as_numpy().tolist())
    holds("REST: both say the same", len(labels[0]) == 2 and labels[0] == labels[1])
    try:
        await client.infer(BASE, request(False), model_name="nobody")
        raise AssertionError("an unknown model was not refused")
    except Exception as error:  # noqa: BLE001: the client lets what its HTTP library raises through
        holds("REST: an unknown model is refused", "404" in str(error))
    return labels[0]


async def grpc(expected):
    client = InferenceGRPCClient(GRPC, timeout=20)
    holds("gRPC: live and ready", await client.is_server_live() and await client.is_server_ready() and await client.is_model_ready("digits"))
    answer = await client.infer(request(True))
    holds("gRPC: an answer with its id, and the same labels", answer.id == "seven" and answer.outputs[0].as_numpy().tolist() == expected)


async def main():
    await grpc(await rest())


asyncio.run(main())
print("all hold", flush=True)
