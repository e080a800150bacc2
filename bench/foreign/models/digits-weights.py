"""The weights of the demo's logistic regression, for servers that take no ONNX: writes digits.json beside this file. Needs
onnx: .venv/frameworks/bin/python bench/foreign/models/digits-weights.py"""

import json
import pathlib

import onnx
from onnx import numpy_helper

here = pathlib.Path(__file__).resolve().parent
graph = onnx.load(here.parents[2] / "deploy/demo/models/digits-logistic/1/model.onnx").graph
weights = {tensor.name: numpy_helper.to_array(tensor).tolist() for tensor in graph.initializer}
(here / "digits.json").write_text(json.dumps({"weights": weights["w0"], "bias": weights["b0"]}) + "\n")
