"""What travels with a function that is deployed; skipped where cloudpickle is not installed."""

import importlib
import importlib.util
import json
import os
import subprocess
import sys
import tempfile
import threading
import unittest
from pathlib import Path

import numpy as np

from tradewind.client.pickling import own_modules, pickled
from tradewind.mark import MARK

KIT = os.path.dirname(os.path.dirname(os.path.abspath(__file__)))
SIGNATURE = {"inputs": {"x": ("float32", [2])}, "outputs": {"y": "float32"}}
#: A container: it has the kit and what is installed, and none of the caller's modules.
CONTAINER = """
import sys, json, asyncio, cloudpickle, numpy
from tradewind.container.batch import Batch
from tradewind.container.model import Author
author = Author(cloudpickle.load(open(sys.argv[1], "rb")), {})
author.load({}, asyncio.run)
print(json.dumps([[tensor.name for tensor in author.options.inputs], numpy.asarray(author.predict(Batch(1, {"x": numpy.array([[1, 2]], "float32")}))).tolist()]))
"""


class Constant:
    def predict(self, x):
        return x[:, 0] * 0 + 7


@unittest.skipIf(importlib.util.find_spec("cloudpickle") is None, "cloudpickle is not installed")
class Pickling(unittest.TestCase):
    def setUp(self):
        folder = tempfile.TemporaryDirectory()
        self.addCleanup(folder.cleanup)
        self.folder = folder.name
        Path(self.folder, "own_scale.py").write_text("BY = 3\ndef scale(x):\n    return x.sum(axis=1) * BY\n")
        Path(self.folder, "own_model.py").write_text("import own_scale\ndef predict(x):\n    return own_scale.scale(x) + 1\n")
        sys.path.insert(0, self.folder)
        self.addCleanup(sys.path.remove, self.folder)
        for name in ("own_scale", "own_model"):
            self.addCleanup(sys.modules.pop, name, None)

    def served(self, target):
        path = os.path.join(self.folder, "model.pkl")
        Path(path).write_bytes(pickled(target, SIGNATURE))
        ran = subprocess.run([sys.executable, "-c", CONTAINER, path], env={"PYTHONPATH": KIT}, cwd="/", capture_output=True, text=True, timeout=60)
        self.assertEqual(ran.returncode, 0, ran.stderr)
        return json.loads(ran.stdout)

    def test_a_function_brings_the_callers_own_modules(self):
        module = importlib.import_module("own_model")
        self.assertIn(module, own_modules())
        self.assertNotIn(np, own_modules())
        self.assertEqual(self.served(module.predict), [["x"], [10]])
        self.assertFalse(hasattr(module.predict, MARK), "what is the caller's stays as it is")

    def test_methods_objects_classes_and_functions_of_libraries_say_their_signature_too(self):
        for target in (Constant().predict, Constant(), Constant):
            with self.subTest(target):
                self.assertEqual(self.served(target), [["x"], [7]])
        self.assertEqual(self.served(np.ravel), [["x"], [1, 2]])
        self.assertFalse(hasattr(Constant, MARK) or hasattr(np.ravel, MARK))

    def test_what_cannot_travel_is_said(self):
        lock = threading.Lock()
        with self.assertRaisesRegex(ValueError, "<lambda> cannot be sent with all that it closes over: .*lock"):
            pickled(lambda x: lock, SIGNATURE)


if __name__ == "__main__":
    unittest.main()
