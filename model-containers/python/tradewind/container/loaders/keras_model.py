"""TensorFlow: a SavedModel folder, or a Keras file (`.keras`, `.h5`)."""

from __future__ import annotations

import os
from typing import Any, Dict, List, Mapping

import numpy as np

from tradewind.container.dtype import Tensor
from tradewind.container.environment import StartError
from tradewind.container.loaders.asked import Asked, Loaded


def load(asked: Asked) -> Loaded:
    threads = asked.option("threads", 1, int)
    import tensorflow as tf

    tf.config.threading.set_intra_op_parallelism_threads(threads)
    tf.config.threading.set_inter_op_parallelism_threads(1)
    signature = asked.option("signature", "serving_default", str)
    return _saved_model(asked, tf, signature) if os.path.isdir(asked.path) else _keras_file(asked, tf)


def _saved_model(asked: Asked, tf: Any, signature: str) -> Loaded:
    loaded: Any = tf.saved_model.load(asked.path)
    if signature not in loaded.signatures:
        raise StartError(f"the model has no signature {signature}; it has {', '.join(loaded.signatures)}")
    call = loaded.signatures[signature]
    specs: Dict[str, Any] = call.structured_input_signature[1]
    inputs = [_tensor(name, spec.dtype, list(spec.shape)) for name, spec in specs.items()]

    def run(given: Mapping[str, Any]) -> Mapping[str, Any]:
        answered = call(**{name: tf.convert_to_tensor(given[name]) for name in specs})
        return {name: value.numpy() for name, value in answered.items()}

    # The graph closes over variables that only the loaded object keeps alive.
    run.__dict__["keeps"] = loaded
    return Loaded(asked.inputs_or(inputs), run, about={"framework": f"tensorflow {tf.__version__}", "signature": signature})


def _keras_file(asked: Asked, tf: Any) -> Loaded:
    model: Any = tf.keras.models.load_model(asked.path, compile=False)
    inputs = [_tensor(tensor.name.split(":")[0], tf.as_dtype(tensor.dtype), list(tensor.shape)) for tensor in model.inputs]
    call = tf.function(lambda *tensors: model(tensors[0] if len(tensors) == 1 else list(tensors), training=False), reduce_retracing=True)

    def run(given: Mapping[str, Any]) -> Mapping[str, Any]:
        answered = call(*(tf.convert_to_tensor(given[tensor.name]) for tensor in inputs))
        values: List[Any] = list(answered) if isinstance(answered, (list, tuple)) else [answered]
        return {"output" if len(values) == 1 else f"output_{i}": np.asarray(value) for i, value in enumerate(values)}

    return Loaded(asked.inputs_or(inputs), run, about={"framework": f"tensorflow {tf.__version__}"})


def _tensor(name: str, dtype: Any, shape: List[Any]) -> Tensor:
    word = "bytes" if dtype.name == "string" else dtype.name
    return Tensor(name, word, tuple(-1 if extent is None else int(extent) for extent in shape[1:]))
