"""Every client of Triton's against a broker, unmodified: python oip_clients.py HTTP_HOST:PORT GRPC_HOST:PORT PART

PART is http, grpc, http-aio or grpc-aio. The broker serves what test/conformance/oip-clients.test.ts configures. Prints one line for
each promise that holds; an exception ends it.
"""
import asyncio
import queue
import sys

import ml_dtypes
import numpy as np
import tritonclient.grpc
import tritonclient.grpc.aio
import tritonclient.http
import tritonclient.http.aio
from tritonclient.utils import InferenceServerException

HTTP, GRPC, PART = sys.argv[1:4]

TENSORS = {
    "BOOL": np.array([[True, False, True], [False, False, True]]),
    "INT8": np.array([[-128, 0, 127], [1, 2, 3]], np.int8),
    "UINT8": np.array([[0, 1, 255], [4, 5, 6]], np.uint8),
    "INT16": np.array([[-32768, 0, 32767], [1, 2, 3]], np.int16),
    "UINT16": np.array([[0, 1, 65535], [4, 5, 6]], np.uint16),
    "INT32": np.array([[-(2**31), 0, 2**31 - 1], [1, 2, 3]], np.int32),
    "UINT32": np.array([[0, 1, 2**32 - 1], [4, 5, 6]], np.uint32),
    "INT64": np.array([[-(2**63), 2**53 + 1, 2**63 - 1], [1, 2, 3]], np.int64),
    "UINT64": np.array([[0, 2**53 + 1, 2**64 - 1], [4, 5, 6]], np.uint64),
    "FP16": np.array([[0.5, -2.0, 65504.0], [1, 2, 3]], np.float16),
    "BF16": np.array([[1.5, -2.0, 0.0], [4, 5, 6]], ml_dtypes.bfloat16),
    "FP32": np.array([[0.1, -2.5e-38, 3.4e38], [1, 2, 3]], np.float32),
    "FP64": np.array([[0.1, -2.5e-308, 1.7e308], [1, 2, 3]], np.float64),
    "BYTES": np.array([["a", "", "ü\u0000"], ["x" * 300, "y", "z"]], dtype=np.object_),
}

# These clients have no JSON for them.
NO_JSON = ("FP16", "BF16")


def holds(promise, fact=True):
    assert fact, promise
    print("holds:", promise, flush=True)


def same(datatype, sent, got):
    if datatype == "BYTES":
        sent = [[item.encode() for item in row] for row in sent]
        got = [[item.encode() if isinstance(item, str) else item for item in row] for row in got.tolist()]
        return sent == got
    return got.dtype == sent.dtype and got.shape == sent.shape and (got == sent).all()


def echo_inputs(client, binary=None):
    inputs = []
    for datatype, data in TENSORS.items():
        tensor = client.InferInput(datatype.lower(), list(data.shape), datatype)
        if binary is None:
            tensor.set_data_from_numpy(data)
        else:
            tensor.set_data_from_numpy(data, binary_data=binary or datatype in NO_JSON)
        inputs.append(tensor)
    return inputs


def check_echo(result, words):
    for datatype, sent in TENSORS.items():
        got = result.as_numpy(datatype.lower())
        assert same(datatype, sent, got), (words, datatype, sent, got)
    holds(f"{words}: every datatype comes back, row by row")


def refused(words, call, *texts):
    try:
        call()
    except InferenceServerException as error:
        assert all(text in str(error) for text in texts), str(error)
        return holds(f"{words} is refused: {texts[0]}")
    raise AssertionError(f"{words} was not refused")


def parameters_of(result):
    response = result.get_response()
    if isinstance(response, dict):
        return response["parameters"]
    return {key: getattr(value, value.WhichOneof("parameter_choice")) for key, value in response.parameters.items()}


def sync_client(module, address):
    words = module.__name__
    client = module.InferenceServerClient(address)
    as_dict = {} if module is tritonclient.http else {"as_json": True}
    holds(f"{words}: live, ready", client.is_server_live() and client.is_server_ready() and client.is_model_ready("echo") and not client.is_model_ready("nobody"))
    metadata = client.get_server_metadata(**as_dict)
    holds(f"{words}: server metadata", metadata["name"] == "tradewind" and "statistics" in metadata["extensions"])
    model = client.get_model_metadata("digits", **as_dict)
    holds(f"{words}: an app is a model", model["inputs"][0]["datatype"] == "FP32" and [int(extent) for extent in model["inputs"][0]["shape"]] == [-1, 64])
    config = client.get_model_config("digits-model", **as_dict)
    config = config.get("config", config)
    holds(f"{words}: model configuration", int(config["max_batch_size"]) == 4096 and config["input"][0]["data_type"] == "TYPE_FP32")

    if module is tritonclient.http:
        for binary in (True, False):
            inputs = echo_inputs(module, binary)
            outputs = [module.InferRequestedOutput(tensor.name(), binary_data=binary or tensor.datatype() in NO_JSON) for tensor in inputs]
            check_echo(client.infer("echo", inputs, outputs=outputs, request_id="77"), f"{words} {'binary' if binary else 'JSON'}")
    else:
        check_echo(client.infer("echo", echo_inputs(module)), words)

    image = module.InferInput("image", [3, 64], "FP32")
    image.set_data_from_numpy(np.tile(np.arange(64, dtype=np.float32) % 17, (3, 1)))
    result = client.infer("digits", [image], request_id="r-1")
    holds(f"{words}: an app answers", result.as_numpy("label").shape == (3,) and result.as_numpy("label").dtype == np.int64)
    said = parameters_of(result)
    holds(f"{words}: decision id, source and model in the parameters", len(said["decision_id"]) > 40 and said["source"] == "model" and said["model"] == "digits-model")
    response = result.get_response()
    holds(f"{words}: the id is echoed", (response["id"] if isinstance(response, dict) else response.id) == "r-1")
    result = client.infer("digits-model", [image], model_version="1", outputs=[module.InferRequestedOutput("probabilities", class_count=2)])
    top = result.as_numpy("probabilities")
    holds(f"{words}: classification", top.shape == (3, 2) and int(top[0][0].decode().split(":")[1]) in range(10))
    result = client.infer("digits-scores", [image], priority=1, timeout=5_000_000, parameters={"context": '{"user": "ann"}'})
    holds(f"{words}: scores of an app, with priority, timeout and context", abs(result.as_numpy("probabilities").sum() - 3) < 1e-3)

    refused(f"{words}: an unknown model", lambda: client.infer("nobody", [image]), "Request for unknown model: 'nobody' is not found")
    refused(f"{words}: an unknown version", lambda: client.infer("digits-model", [image], model_version="9"), "unknown model: 'digits-model' version 9")
    wrong = module.InferInput("picture", [1, 64], "FP32")
    wrong.set_data_from_numpy(np.zeros((1, 64), np.float32))
    refused(f"{words}: an unknown input", lambda: client.infer("digits", [wrong]), "unexpected inference input 'picture' for model 'digits'")
    shape = module.InferInput("image", [1, 63], "FP32")
    shape.set_data_from_numpy(np.zeros((1, 63), np.float32))
    refused(f"{words}: a wrong shape", lambda: client.infer("digits", [shape]), "unexpected shape for input 'image'", "[-1,64]")
    datatype = module.InferInput("image", [1, 64], "FP64")
    datatype.set_data_from_numpy(np.zeros((1, 64), np.float64))
    refused(f"{words}: a wrong datatype", lambda: client.infer("digits", [datatype]), "data-type is 'FP64'")
    refused(f"{words}: an unknown output", lambda: client.infer("digits", [image], outputs=[module.InferRequestedOutput("labels")]), "unexpected inference output 'labels'")
    refused(f"{words}: a timeout that cannot be met", lambda: client.infer("slow", [slow_input(module)], timeout=20_000), "")

    statistics = client.get_inference_statistics("digits-model", **as_dict)["model_stats"][0]
    holds(f"{words}: statistics", int(statistics["inference_count"]) >= 3 and int(statistics["inference_stats"]["success"]["ns"]) > 0)
    index = client.get_model_repository_index(**as_dict)
    names = [model["name"] for model in index.get("models", index)] if isinstance(index, dict) else [model["name"] for model in index]
    holds(f"{words}: the repository index has apps and models", "digits" in names and "digits-model" in names)
    client.unload_model("idle")
    holds(f"{words}: a model is unloaded", not client.is_model_ready("idle"))
    client.load_model("idle")
    holds(f"{words}: and loaded again, ready when the call returns", client.is_model_ready("idle"))
    refused(f"{words}: loading an unknown model", lambda: client.load_model("nobody"), "failed to load 'nobody'")

    if module is tritonclient.grpc:
        stream(client, module)
        refused("a deadline that cannot be met", lambda: client.infer("slow", [slow_input(module)], client_timeout=0.05), "")
    else:
        pending = [client.async_infer("digits", [image]) for _ in range(8)]
        holds(f"{words}: requests side by side", all(one.get_result().as_numpy("label").shape == (3,) for one in pending))
    client.close()


def slow_input(module):
    tensor = module.InferInput("input", [1, 1], "FP32")
    tensor.set_data_from_numpy(np.zeros((1, 1), np.float32))
    return tensor


def stream(client, module):
    answers = queue.Queue()
    client.start_stream(callback=lambda result, error: answers.put((result, error)))
    for at in range(20):
        image = module.InferInput("image", [1, 64], "FP32")
        image.set_data_from_numpy(np.full((1, 64), at, np.float32))
        client.async_stream_infer("digits", [image], request_id=str(at))
    wrong = module.InferInput("image", [1, 63], "FP32")
    wrong.set_data_from_numpy(np.zeros((1, 63), np.float32))
    client.async_stream_infer("digits", [wrong], request_id="wrong")
    client.async_stream_infer("digits", [image], request_id="after")
    ids, errors = set(), 0
    for _ in range(22):
        result, error = answers.get(timeout=20)
        if error is None:
            ids.add(result.get_response().id)
        else:
            errors += 1
            assert "unexpected shape" in str(error), str(error)
    client.stop_stream()
    holds("a stream answers every request, and goes on behind one that is refused", errors == 1 and "after" in ids and len(ids) == 21)


async def aio_client(module, address):
    words = module.__name__
    client = module.InferenceServerClient(address)
    holds(f"{words}: live, ready", await client.is_server_live() and await client.is_server_ready() and await client.is_model_ready("digits"))
    base = tritonclient.http if module is tritonclient.http.aio else tritonclient.grpc
    image = base.InferInput("image", [2, 64], "FP32")
    image.set_data_from_numpy(np.ones((2, 64), np.float32))
    results = await asyncio.gather(*(client.infer("digits", [image], request_id=str(at)) for at in range(16)))
    holds(f"{words}: answers side by side", all(result.as_numpy("label").shape == (2,) for result in results))
    check_echo(await client.infer("echo", echo_inputs(base, None if base is tritonclient.grpc else True)), words)
    try:
        await client.infer("nobody", [image])
        raise AssertionError("an unknown model was not refused")
    except InferenceServerException as error:
        holds(f"{words}: an unknown model is refused", "Request for unknown model" in str(error))
    if module is tritonclient.grpc.aio:
        async def asked():
            for at in range(5):
                yield {"model_name": "digits", "inputs": [image], "request_id": str(at)}
        seen = set()
        async for result, error in client.stream_infer(asked()):
            assert error is None, error
            seen.add(result.get_response().id)
        holds(f"{words}: a stream", seen == {"0", "1", "2", "3", "4"})
    await client.close()


if PART == "http":
    sync_client(tritonclient.http, HTTP)
elif PART == "grpc":
    sync_client(tritonclient.grpc, GRPC)
elif PART == "http-aio":
    asyncio.run(aio_client(tritonclient.http.aio, HTTP))
elif PART == "grpc-aio":
    asyncio.run(aio_client(tritonclient.grpc.aio, GRPC))
else:
    raise SystemExit(f"no part {PART}")
print("all hold", flush=True)
