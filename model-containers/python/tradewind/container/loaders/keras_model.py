"""TensorFlow: a SavedModel folder, or a Keras file (`.keras`, `.h5`)."""

from __future__ import annotations

import os
from typing import Any, Dict, List, Mapping, Optional

import numpy as np

from tradewind.container.dtype import NUMPY, Tensor
from tradewind.container.environment import StartError
from tradewind.container.loaders.asked import Asked, Loaded


def load(asked: Asked) -> Loaded:
    threads = asked.option("threads", 1, int)
    device = asked.option("device", "auto", str)
    # TensorFlow reads these when it is loaded; a container's own words win over what it inherits.
    os.environ["TF_NUM_INTRAOP_THREADS"] = str(threads)
    os.environ["TF_NUM_INTEROP_THREADS"] = str(asked.option("inter_op_threads", 1, int))
    os.environ["TF_FORCE_GPU_ALLOW_GROWTH"] = str(asked.option("memory_growth", True, bool)).lower()
    os.environ.setdefault("TF_CPP_MIN_LOG_LEVEL", "2")
    if device == "cpu" or device.startswith("gpu:"):
        os.environ["CUDA_VISIBLE_DEVICES"] = device.partition(":")[2] or "-1"
    import tensorflow as tf

    has_gpu = bool(tf.config.list_physical_devices("GPU"))
    if device.startswith("gpu") and not has_gpu:
        raise StartError(f"device {device} is asked for, and TensorFlow finds no GPU")
    about = {"framework": f"tensorflow {tf.__version__}", "runtime": "python", "device": "gpu" if has_gpu else "cpu", "threads": threads}
    signature = asked.option("signature", "serving_default", str)
    outputs = asked.option("outputs", None, list)
    return _saved_model(asked, tf, signature, outputs, about) if os.path.isdir(asked.path) else _keras_file(asked, tf, about)


def _saved_model(asked: Asked, tf: Any, signature: str, outputs: Optional[List[str]], about: Dict[str, Any]) -> Loaded:
    loaded: Any = tf.saved_model.load(asked.path)
    if signature not in loaded.signatures:
        raise StartError(f"the model has no signature {signature}; it has {', '.join(loaded.signatures)}")
    call = loaded.signatures[signature]
    specs: Dict[str, Any] = dict(sorted(call.structured_input_signature[1].items()))
    inputs = [_tensor(name, spec) for name, spec in specs.items()]
    unknown = sorted(set(outputs or ()) - set(call.structured_outputs))
    if unknown:
        raise StartError(f"option outputs: the model has no output {', '.join(unknown)}; it has {', '.join(call.structured_outputs)}")

    def run(given: Mapping[str, Any]) -> Mapping[str, Any]:
        answered = call(**{name: tf.constant(_meant(given[name], spec.dtype), spec.dtype) for name, spec in specs.items()})
        return {name: answered[name].numpy() for name in sorted(answered) if outputs is None or name in outputs}

    # The graph closes over variables that only the loaded object keeps alive.
    run.__dict__["keeps"] = loaded
    return Loaded(asked.inputs_or(inputs), run, about={**about, "signature": signature})


def _keras_file(asked: Asked, tf: Any, about: Dict[str, Any]) -> Loaded:
    model: Any = tf.keras.models.load_model(asked.path, compile=False)
    specs = [tf.TensorSpec(tensor.shape, tensor.dtype, tensor.name.split(":")[0]) for tensor in model.inputs]
    inputs, dtypes = [_tensor(spec.name, spec) for spec in specs], [spec.dtype for spec in specs]
    call = tf.function(lambda *tensors: model(tensors[0] if len(tensors) == 1 else list(tensors), training=False), reduce_retracing=True)

    def run(given: Mapping[str, Any]) -> Mapping[str, Any]:
        answered = call(*(tf.convert_to_tensor(_meant(given[tensor.name], dtype)) for tensor, dtype in zip(inputs, dtypes)))
        values: List[Any] = list(answered) if isinstance(answered, (list, tuple)) else [answered]
        return {"output" if len(values) == 1 else f"output_{i}": np.asarray(value) for i, value in enumerate(values)}

    return Loaded(asked.inputs_or(inputs), run, about=about)


def _meant(given: Any, dtype: Any) -> Any:
    """bfloat16 comes as its bits, which are no integers."""
    return given.view(dtype.as_numpy_dtype) if dtype.name == "bfloat16" and given.dtype == NUMPY["bfloat16"] else given


def _tensor(name: str, spec: Any) -> Tensor:
    word = {"string": "bytes"}.get(spec.dtype.name, spec.dtype.name)
    if spec.shape.rank is None or spec.shape.rank == 0 or spec.shape[0] is not None:
        raise StartError(f"input {name} has the shape {spec.shape}: its first axis must be the batch, of any extent")
    return Tensor(name, word, tuple(-1 if extent is None else int(extent) for extent in spec.shape[1:]))
