"""ONNX graphs of small classifiers, written node by node.

Every graph takes `image`, float32 [N, features], and gives `label`, int64 [N], and `probabilities`, float32 [N, classes].
N is a dynamic axis. The opset and IR version are old enough for every runtime of the last years.
"""

import numpy as np
from onnx import TensorProto, checker, helper, numpy_helper

OPSET = 17
IR_VERSION = 8


def dense_graph(layers, input_name="image", half=False):
    """Dense layers [(weights [in, out], bias [out]), ...] with ReLU between them and a softmax after the last.

    With `half` the weights are stored as float16 and widened when the model is loaded: half the file, float32 arithmetic.
    """
    nodes, constants, value = [], [], input_name
    for i, (weights, bias) in enumerate(layers):
        w = _constant(nodes, constants, f"w{i}", weights, half)
        b = _constant(nodes, constants, f"b{i}", bias, half)
        last = i == len(layers) - 1
        out = "logits" if last else f"h{i}"
        nodes.append(helper.make_node("Gemm", [value, w, b], [out]))
        value = out
        if not last:
            value = f"r{i}"
            nodes.append(helper.make_node("Relu", [out], [value]))
    return _classifier(nodes, constants, input_name, layers[0][0].shape[0], layers[-1][0].shape[1])


def conv_graph(convolutions, dense, side):
    """Square images of one channel: per convolution (kernels [out, in, 3, 3], bias) one padded convolution, ReLU, 2x2 max pool;
    then one dense layer (weights [in, out], bias)."""
    nodes, constants = [], []
    constants.append(numpy_helper.from_array(np.array([-1, 1, side, side], np.int64), "picture_shape"))
    nodes.append(helper.make_node("Reshape", ["image", "picture_shape"], ["p0"]))
    for i, (kernels, bias) in enumerate(convolutions):
        w = _constant(nodes, constants, f"k{i}", kernels, False)
        b = _constant(nodes, constants, f"c{i}", bias, False)
        nodes.append(helper.make_node("Conv", [f"p{i}", w, b], [f"conv{i}"], pads=[1, 1, 1, 1]))
        nodes.append(helper.make_node("Relu", [f"conv{i}"], [f"relu{i}"]))
        nodes.append(helper.make_node("MaxPool", [f"relu{i}"], [f"p{i + 1}"], kernel_shape=[2, 2], strides=[2, 2]))
    nodes.append(helper.make_node("Flatten", [f"p{len(convolutions)}"], ["flat"]))
    w = _constant(nodes, constants, "w", dense[0], False)
    b = _constant(nodes, constants, "b", dense[1], False)
    nodes.append(helper.make_node("Gemm", ["flat", w, b], ["logits"]))
    return _classifier(nodes, constants, "image", side * side, dense[0].shape[1])


def _constant(nodes, constants, name, values, half):
    if not half:
        constants.append(numpy_helper.from_array(np.ascontiguousarray(values, np.float32), name))
        return name
    constants.append(numpy_helper.from_array(np.ascontiguousarray(values, np.float16), f"{name}_half"))
    nodes.append(helper.make_node("Cast", [f"{name}_half"], [name], to=TensorProto.FLOAT))
    return name


def _classifier(nodes, constants, input_name, features, classes):
    nodes.append(helper.make_node("Softmax", ["logits"], ["probabilities"], axis=1))
    nodes.append(helper.make_node("ArgMax", ["logits"], ["label"], axis=1, keepdims=0))
    graph = helper.make_graph(
        nodes,
        "classifier",
        [helper.make_tensor_value_info(input_name, TensorProto.FLOAT, ["N", features])],
        [
            helper.make_tensor_value_info("label", TensorProto.INT64, ["N"]),
            helper.make_tensor_value_info("probabilities", TensorProto.FLOAT, ["N", classes]),
        ],
        constants,
    )
    model = helper.make_model(graph, opset_imports=[helper.make_opsetid("", OPSET)], ir_version=IR_VERSION, producer_name="tradewind-demo")
    checker.check_model(model, full_check=True)
    return model
