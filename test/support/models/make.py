"""Makes the small ONNX models beside this file, which the tests of the ONNX container use.

    python3 -m venv venv && venv/bin/pip install onnx==1.23.2 && venv/bin/python make.py
"""

import pathlib

import onnx
from onnx import TensorProto as T
from onnx import helper as h

HERE = pathlib.Path(__file__).parent


def save(name, nodes, inputs, outputs, initializers=()):
    graph = h.make_graph(nodes, name, inputs, outputs, list(initializers))
    model = h.make_model(graph, opset_imports=[h.make_opsetid("", 17)], ir_version=8)
    onnx.checker.check_model(model)
    (HERE / f"{name}.onnx").write_bytes(model.SerializeToString())


value = h.make_tensor_value_info

# y = 2x + 1 [n, 3]; label = the index of the largest, int64 [n].
save(
    "affine",
    [
        h.make_node("Mul", ["x", "two"], ["m"]),
        h.make_node("Add", ["m", "one"], ["y"]),
        h.make_node("ArgMax", ["y"], ["label"], axis=1, keepdims=0),
    ],
    [value("x", T.FLOAT, ["n", 3])],
    [value("label", T.INT64, ["n"]), value("y", T.FLOAT, ["n", 3])],
    [h.make_tensor("two", T.FLOAT, [], [2.0]), h.make_tensor("one", T.FLOAT, [], [1.0])],
)

# Everything that the runtime carries, handed through.
KINDS = {
    "bool": T.BOOL, "int8": T.INT8, "int16": T.INT16, "int32": T.INT32, "int64": T.INT64,
    "uint8": T.UINT8, "uint16": T.UINT16, "uint32": T.UINT32, "uint64": T.UINT64,
    "float32": T.FLOAT, "float64": T.DOUBLE, "bytes": T.STRING,
}
save(
    "identity",
    [h.make_node("Identity", [kind], [f"{kind}_out"]) for kind in KINDS],
    [value(kind, onnx_type, ["n", 2]) for kind, onnx_type in KINDS.items()],
    [value(f"{kind}_out", onnx_type, ["n", 2]) for kind, onnx_type in KINDS.items()],
)

# What the container refuses.
save("fixed-batch", [h.make_node("Identity", ["x"], ["y"])], [value("x", T.FLOAT, [4, 2])], [value("y", T.FLOAT, [4, 2])])
save("float16", [h.make_node("Identity", ["x"], ["y"])], [value("x", T.FLOAT16, ["n", 2])], [value("y", T.FLOAT16, ["n", 2])])
save("bfloat16", [h.make_node("Cast", ["x"], ["y"], to=T.BFLOAT16)], [value("x", T.FLOAT, ["n", 2])], [value("y", T.BFLOAT16, ["n", 2])])
save(
    "sequence",
    [h.make_node("SequenceConstruct", ["x"], ["s"]), h.make_node("Identity", ["x"], ["y"])],
    [value("x", T.FLOAT, ["n", 2])],
    [h.make_tensor_sequence_value_info("s", T.FLOAT, ["n", 2]), value("y", T.FLOAT, ["n", 2])],
)
