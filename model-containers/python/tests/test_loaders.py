"""Each loader with its real package; skipped where that is not installed."""

import asyncio
import contextlib
import importlib.util
import io
import os
import sys
import tempfile
import unittest

import numpy as np

from tradewind.container.batch import Batch
from tradewind.container.dtype import Tensor
from tradewind.container.environment import StartError
from tradewind.container.loaders.catalog import LOADERS, find_loader
from tradewind.container.model import Author
from tradewind.container.outputs import check_outputs

RANDOM = np.random.default_rng(7)
X = RANDOM.normal(size=(60, 4)).astype(np.float32)
Y = (X[:, 0] + X[:, 1] > 0).astype(np.int64) + (X[:, 2] > 1)


def needs(*packages):
    missing = [one for one in packages if importlib.util.find_spec(one) is None]
    return unittest.skipIf(missing, f"{', '.join(missing)} is not installed")


def serve(name, path, options=None, inputs=None):
    """The model as `serve` would have it, and its answer to a batch."""
    author = Author(find_loader(name, options or {}, path, inputs), {})
    author.load({"path": path, "inputs": inputs}, asyncio.run)
    return author, lambda **given: author.predict(Batch(len(next(iter(given.values()))), given))


class OwnDtypes(unittest.TestCase):
    @needs("ml_dtypes")
    def test_bfloat16_of_ml_dtypes_goes_as_its_bits(self):
        import ml_dtypes

        given = np.array([1, 2], ml_dtypes.bfloat16)
        for specs in (None, [Tensor("output", "bfloat16", ())]):
            (column,) = check_outputs(given, Batch(2, {}), specs)
            self.assertEqual((column.dtype, bytes(column.data)), ("bfloat16", b"\x80\x3f\x00\x40"))


class Loaders(unittest.TestCase):
    def setUp(self):
        folder = tempfile.TemporaryDirectory()
        self.addCleanup(folder.cleanup)
        self.folder = folder.name

    def path(self, name):
        return os.path.join(self.folder, name)

    @needs("sklearn", "joblib")
    def test_scikit_learn(self):
        import joblib
        from sklearn.feature_extraction.text import CountVectorizer
        from sklearn.linear_model import LinearRegression, LogisticRegression
        from sklearn.naive_bayes import MultinomialNB
        from sklearn.pipeline import make_pipeline

        classifier = LogisticRegression().fit(X, Y)
        joblib.dump(classifier, self.path("classifier"))
        author, ask = serve("sklearn", self.path("classifier"))
        self.assertEqual(author.options.inputs, [Tensor("input", "float32", (4,))])
        # Some versions of scikit-learn answer in the width of the input, some in their own.
        self.assertEqual(author.options.outputs, [Tensor("probabilities", str(classifier.predict_proba(X).dtype), (3,))])
        np.testing.assert_array_equal(ask(input=X)["probabilities"], classifier.predict_proba(X))
        author, ask = serve("sklearn", self.path("classifier"), {"method": "predict"})
        self.assertEqual(author.options.outputs, [Tensor("label", "int64", ())])

        joblib.dump(LinearRegression().fit(X, X[:, 0]), self.path("line"))
        self.assertEqual(serve("sklearn", self.path("line"))[0].options.outputs[0].name, "value")

        texts = make_pipeline(CountVectorizer(), MultinomialNB()).fit(["good day", "bad night"] * 5, ["yes", "no"] * 5)
        joblib.dump(texts, self.path("texts"))
        author, ask = serve("sklearn", self.path("texts"), {"method": "predict"}, [Tensor("text", "bytes", ())])
        self.assertEqual(author.options.outputs, [Tensor("label", "bytes", ())])
        self.assertEqual(list(ask(text=np.array([b"good good", b"night"], object))["label"]), ["yes", "no"])

        with self.assertRaisesRegex(StartError, "LinearRegression, which has no predict_proba"):
            serve("sklearn", self.path("line"), {"method": "predict_proba"})
        with self.assertRaisesRegex(StartError, "has no option metod; it has method"):
            serve("sklearn", self.path("line"), {"metod": "predict"})

    @needs("sklearn", "joblib", "pandas")
    def test_scikit_learn_fitted_on_a_frame(self):
        import joblib
        import pandas
        from sklearn.compose import make_column_transformer
        from sklearn.linear_model import LogisticRegression
        from sklearn.pipeline import make_pipeline
        from sklearn.preprocessing import OneHotEncoder

        frame = pandas.DataFrame({"city": ["a", "b"] * 30, "age": X[:, 0]})
        path = self.path("frame.joblib")
        joblib.dump(make_pipeline(make_column_transformer((OneHotEncoder(handle_unknown="ignore"), ["city"]), remainder="passthrough"), LogisticRegression()).fit(frame, frame.city == "b"), path)
        declared = [Tensor("age", "float32", ()), Tensor("city", "bytes", ())]
        _, predict = serve("sklearn", path, inputs=declared)
        answered = predict(age=np.zeros(2, np.float32), city=np.array([b"a", b"b"], object))["probabilities"]
        self.assertEqual((answered[:, 1] > 0.5).tolist(), [False, True])
        with self.assertRaisesRegex(StartError, "a frame with the columns city, age: declare one input of all its features, or one for each column"):
            serve("sklearn", path, inputs=[declared[0], Tensor("town", "bytes", ())])
        path = self.path("numbers.joblib")
        joblib.dump(make_pipeline(make_column_transformer(("passthrough", ["b"])), LogisticRegression()).fit(pandas.DataFrame(X[:, :2], columns=["a", "b"]), X[:, 1] > 0), path)
        _, predict = serve("sklearn", path)
        self.assertEqual((predict(input=X[:, :2])["probabilities"][:, 1] > 0.5).shape, (60,))

    @needs("onnxruntime", "skl2onnx", "sklearn")
    def test_onnx_runtime(self):
        from skl2onnx import to_onnx
        from sklearn.linear_model import LogisticRegression

        classifier = LogisticRegression().fit(X, Y)
        with open(self.path("m.onnx"), "wb") as file:
            file.write(to_onnx(classifier, X[:1], options={"zipmap": False}).SerializeToString())
        author, ask = serve("onnx", self.path("m.onnx"))
        self.assertEqual([tensor.shape for tensor in author.options.inputs], [(4,)])
        answered = ask(X=X)
        np.testing.assert_array_equal(answered["label"], classifier.predict(X))
        np.testing.assert_allclose(answered["probabilities"], classifier.predict_proba(X), atol=1e-5)
        author, ask = serve("onnx", self.path("m.onnx"), {"outputs": ["label"], "threads": 2})
        self.assertEqual(list(ask(X=X[:1])), ["label"])
        for options, said in (({"outputs": ["none"]}, "no output none"), ({"providers": ["None"]}, "no execution provider None"), ({"threads": "2"}, "threads is not of the type int")):
            with self.assertRaisesRegex(StartError, said):
                serve("onnx", self.path("m.onnx"), options)

    @needs("xgboost")
    def test_xgboost(self):
        import xgboost

        booster = xgboost.train({"objective": "multi:softprob", "num_class": 3, "nthread": 1}, xgboost.DMatrix(X, Y), 3)
        booster.save_model(self.path("m.json"))
        author, ask = serve("xgboost", self.path("m.json"))
        self.assertEqual(author.options.outputs, [Tensor("probabilities", "float32", (3,))])
        np.testing.assert_allclose(ask(input=X)["probabilities"], booster.predict(xgboost.DMatrix(X)), atol=1e-6)

    @needs("lightgbm")
    def test_lightgbm(self):
        import lightgbm

        booster = lightgbm.train({"objective": "regression", "verbose": -1, "num_threads": 1}, lightgbm.Dataset(X, X[:, 0]), 3)
        booster.save_model(self.path("m.txt"))
        author, ask = serve("lightgbm", self.path("m.txt"))
        self.assertEqual(author.options.outputs, [Tensor("value", "float64", ())])
        np.testing.assert_allclose(ask(input=X)["value"], booster.predict(X))

    @needs("cloudpickle")
    def test_cloudpickle(self):
        import cloudpickle

        from tradewind import model

        factor = np.float32(3)

        @model(inputs={"x": ("float32", [2])}, outputs={"y": ("float32", [2])})
        def times(x):
            return factor * x

        with open(self.path("f.pkl"), "wb") as file:
            cloudpickle.dump(times, file)
        said = io.StringIO()
        with contextlib.redirect_stderr(said):
            author, ask = serve("cloudpickle", self.path("f.pkl"))
        self.assertIn("serve only what you trust", said.getvalue())
        self.assertEqual(author.options.inputs, [Tensor("x", "float32", (2,))])
        self.assertEqual(ask(x=np.ones((1, 2), np.float32)).tolist(), [[3, 3]])

    @needs("torch")
    def test_torch(self):
        import torch

        layer = torch.nn.Linear(4, 2)
        inputs = [Tensor("x", "float32", (4,))]
        expected = layer(torch.from_numpy(X)).detach().numpy()
        torch.jit.script(layer).save(self.path("m.pt"))
        author, ask = serve("torch", self.path("m.pt"), {}, inputs)
        self.assertEqual(author.options.outputs, [Tensor("output", "float32", (2,))])
        np.testing.assert_allclose(ask(x=X)["output"], expected, atol=1e-6)

        torch.save(layer.state_dict(), self.path("weights.pt"))
        with open(self.path("net.py"), "w") as file:
            file.write("import torch\n\ndef make():\n    return torch.nn.Linear(4, 2)\n")
        _, ask = serve("torch", self.path("weights.pt"), {"factory": "net.py:make"}, inputs)
        np.testing.assert_allclose(ask(x=X)["output"], expected, atol=1e-6)
        with self.assertRaisesRegex(StartError, "cannot tell the inputs"):
            serve("torch", self.path("m.pt"))

    @needs("torch")
    def test_torch_in_bfloat16(self):
        import torch

        torch.jit.script(torch.nn.Linear(4, 2).to(torch.bfloat16)).save(self.path("m.pt"))
        layer = torch.jit.load(self.path("m.pt"))
        given = torch.from_numpy(X).to(torch.bfloat16)
        author, ask = serve("torch", self.path("m.pt"), {}, [Tensor("x", "bfloat16", (4,))])
        self.assertEqual(author.options.outputs, [Tensor("output", "float32", (2,))])
        np.testing.assert_array_equal(ask(x=given.view(torch.int16).numpy().view("<u2"))["output"], layer(given).float().detach().numpy())

    @needs("tensorflow")
    def test_keras(self):
        import tensorflow as tf

        net = tf.keras.Sequential([tf.keras.Input((4,), name="x"), tf.keras.layers.Dense(2)])
        expected = net(X).numpy()
        net.export(self.path("saved"))
        net.save(self.path("m.keras"))
        for path in (self.path("saved"), self.path("m.keras")):
            author, _ = serve("keras", path)
            (tensor,) = author.options.inputs
            self.assertEqual(tensor.shape, (4,))
            (answer,) = author.predict(Batch(len(X), {tensor.name: X})).values()
            np.testing.assert_allclose(answer, expected, atol=1e-5)

    @needs("tensorflow")
    def test_keras_in_bfloat16(self):
        import tensorflow as tf

        class Doubled(tf.Module):
            @tf.function(input_signature=[tf.TensorSpec((None, 2), tf.bfloat16, name="x")])
            def __call__(self, x):
                return {"y": x * 2}

        tf.saved_model.save(Doubled(), self.path("saved"))
        keras_input = tf.keras.Input((2,), name="x", dtype="bfloat16")
        tf.keras.Model(keras_input, tf.keras.layers.Rescaling(2.0, dtype="bfloat16")(keras_input)).save(self.path("m.keras"))
        given = np.array([[1, -3], [0.5, 100]], tf.bfloat16.as_numpy_dtype)
        for path in (self.path("saved"), self.path("m.keras")):
            author, _ = serve("keras", path)
            self.assertEqual([tensor.dtype for tensor in author.options.inputs], ["bfloat16"])
            (answer,) = author.predict(Batch(2, {"x": given.view("<u2")})).values()
            np.testing.assert_array_equal(answer.astype(np.float32), [[2, -6], [1, 200]])


class Refusals(unittest.TestCase):
    def test_what_is_missing_is_said(self):
        with self.assertRaisesRegex(StartError, "there is no loader none; known are " + ", ".join(LOADERS)):
            find_loader("none", {}, "/x", None)
        with self.assertRaisesRegex(StartError, "needs a path"):
            find_loader("sklearn", {}, None, None)

    def test_a_package_that_is_absent_is_named(self):
        before = sys.modules.get("cloudpickle")
        # None in sys.modules: an import of it fails, installed or not.
        sys.modules["cloudpickle"] = None
        try:
            with self.assertRaisesRegex(StartError, "the loader cloudpickle needs the package cloudpickle in this interpreter"):
                find_loader("cloudpickle", {}, "/x", None)
        finally:
            del sys.modules["cloudpickle"]
            if before is not None:
                sys.modules["cloudpickle"] = before


if __name__ == "__main__":
    unittest.main()
