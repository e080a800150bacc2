"""Trains the demo's five digit models from nothing and writes everything under this folder that is made from them.

    python -m venv venv && venv/bin/pip install -r requirements.txt
    venv/bin/python train.py           # train and write models, held-out rows, model card
    venv/bin/python train.py --check   # measure the files that are here against models.json; exit 1 if they differ

Seeds are fixed. The bytes of an exported model are not reproducible everywhere; its accuracy is what is held.
Inputs are pixels as scikit-learn gives them, 0 to 16; every model scales them itself.
"""

import json
import os
import sys
import time
import warnings
from pathlib import Path

for _name in ("OMP_NUM_THREADS", "OPENBLAS_NUM_THREADS", "MKL_NUM_THREADS"):
    os.environ[_name] = "1"  # before numpy: sums in one order

import numpy as np
import onnxruntime
from sklearn.datasets import load_digits
from sklearn.ensemble import RandomForestClassifier
from sklearn.linear_model import LogisticRegression
from sklearn.model_selection import train_test_split
from sklearn.neural_network import MLPClassifier

from convnet import ConvNet
from graphs import conv_graph, dense_graph

HERE = Path(__file__).resolve().parent
SPLIT_SEED = 7
SIDE, CLASSES, WHITE = 8, 10, 16
BATCHES = (1, 16, 128)


def main():
    if "--check" in sys.argv[1:]:
        sys.exit(check())
    train_rows, held_rows, train_labels, held_labels = split()
    models = []
    for spec in MODELS:
        path = HERE / "models" / spec["name"] / "1" / "model.onnx"
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(spec["train"](train_rows, train_labels).SerializeToString())
        models.append({**{k: spec[k] for k in ("name", "kind", "weakened")}, **measure(path, held_rows, held_labels)})
        print(f"{spec['name']:18} {models[-1]['accuracy']:.4f} {models[-1]['bytes']:>8} bytes")
    write_heldout(held_rows, held_labels)
    write_models(models, held_rows)
    write_card(models, len(train_rows), len(held_rows))


def split():
    digits = load_digits()
    rows = digits.data.astype(np.float32)
    return train_test_split(rows, digits.target, test_size=0.3, stratify=digits.target, random_state=SPLIT_SEED)


def only(count, rows, labels):
    """`count` training rows, each class with its share."""
    kept, _ = train_test_split(np.arange(len(rows)), train_size=count, stratify=labels, random_state=1)
    return rows[kept], labels[kept]


# One function a model: (training rows [N, 64] of 0..16, labels) -> ONNX model.

def train_mlp(rows, labels):
    return mlp(rows, labels, hidden=96, iterations=200)


def train_mlp_small(rows, labels):
    return mlp(*only(200, rows, labels), hidden=5, iterations=400)


def mlp(rows, labels, hidden, iterations):
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")  # the bound on iterations is meant
        fitted = MLPClassifier((hidden,), random_state=1, max_iter=iterations).fit(rows / WHITE, labels)
    first, *others = zip(fitted.coefs_, fitted.intercepts_)
    return dense_graph([(first[0] / WHITE, first[1]), *others])


def train_logistic(rows, labels):
    seen = np.arange(SIDE * SIDE) % SIDE >= 5
    fitted = LogisticRegression(max_iter=1000).fit(rows[:, seen] / WHITE, labels)
    weights = np.zeros((SIDE * SIDE, CLASSES))
    weights[seen] = fitted.coef_.T / WHITE
    return dense_graph([(weights, fitted.intercept_)])


def train_forest(rows, labels):
    from skl2onnx import to_onnx
    from skl2onnx.common.data_types import FloatTensorType

    fitted = RandomForestClassifier(20, max_depth=4, random_state=1).fit(*only(400, rows, labels))
    return to_onnx(
        fitted,
        initial_types=[("image", FloatTensorType([None, SIDE * SIDE]))],
        options={id(fitted): {"zipmap": False, "output_class_labels": False}},
        target_opset={"": 17, "ai.onnx.ml": 3},
    )


def train_cnn(rows, labels):
    rows, labels = only(CNN_ROWS, rows, labels)
    net = ConvNet(SIDE, (8, 16), CLASSES, seed=1)
    net.fit((rows / WHITE).reshape(-1, 1, SIDE, SIDE).astype(np.float64), labels, epochs=40)
    k1, c1, k2, c2, w, b = net.weights
    return conv_graph([(k1 / WHITE, c1), (k2, c2)], (w, b), SIDE)


CNN_ROWS = 260
MODELS = (
    {"name": "digits-mlp", "train": train_mlp, "kind": "multi-layer perceptron, 64-96-10",
     "weakened": "not weakened: all 1,257 training rows"},
    {"name": "digits-cnn", "train": train_cnn, "kind": "convolutional net, 8 and 16 kernels of 3x3, one dense layer",
     "weakened": f"{CNN_ROWS} training rows"},
    {"name": "digits-forest", "train": train_forest, "kind": "random forest, 20 trees of depth 4",
     "weakened": "400 training rows, shallow trees"},
    {"name": "digits-logistic", "train": train_logistic, "kind": "logistic regression",
     "weakened": "sees only the three right-hand columns of pixels (24 of 64)"},
    {"name": "digits-mlp-small", "train": train_mlp_small, "kind": "multi-layer perceptron, 64-5-10",
     "weakened": "200 training rows, 5 hidden units"},
)


def measure(path, rows, labels):
    """Accuracy on the held-out rows, size, and time a batch, all by ONNX Runtime on one thread."""
    options = onnxruntime.SessionOptions()
    options.intra_op_num_threads = options.inter_op_num_threads = 1
    session = onnxruntime.InferenceSession(str(path), options, providers=["CPUExecutionProvider"])
    label, probabilities = session.run(["label", "probabilities"], {"image": rows})
    assert label.dtype == np.int64 and label.shape == (len(rows),), (label.dtype, label.shape)
    assert probabilities.dtype == np.float32 and probabilities.shape == (len(rows), CLASSES)
    assert (probabilities.argmax(axis=1) == label).all(), "label and probabilities disagree"
    correct = int((label == labels).sum())
    return {
        "version": 1,
        "path": f"models/{path.parent.parent.name}/1/model.onnx",
        "accuracy": round(correct / len(rows), 4),
        "correct": correct,
        "bytes": path.stat().st_size,
        "micros": {str(b): batch_micros(session, rows[:b]) for b in BATCHES},
    }


def batch_micros(session, batch):
    times = []
    for _ in range(300):
        start = time.perf_counter()
        session.run(["probabilities"], {"image": batch})
        times.append(time.perf_counter() - start)
    return round(float(np.median(times)) * 1e6)


def write_heldout(rows, labels):
    as_text = ",\n".join(json.dumps([int(v) for v in row], separators=(",", ":")) for row in rows)
    (HERE / "heldout.json").write_text(
        '{\n"about": "held-out rows of load_digits: 64 pixels of 0 to 16, row by row from the top left; labels in the same order",\n'
        f'"rows": [\n{as_text}\n],\n"labels": {json.dumps([int(v) for v in labels], separators=(",", ":"))}\n}}\n')


def write_models(models, rows):
    (HERE / "models.json").write_text(json.dumps({"heldout": len(rows), "best": best(models)["name"], "models": models}, indent=2) + "\n")
    (HERE / "sample.json").write_text(json.dumps({"input": [int(v) for v in rows[0]]}, separators=(",", ":")) + "\n")


def best(models):
    return max(models, key=lambda m: m["correct"])


def write_card(models, trained_on, held):
    table = "\n".join(
        f"| `{m['name']}` | {m['kind']} | {m['weakened']} | {m['accuracy']:.4f} ({m['correct']}/{held}) | {m['bytes']:,} | "
        + " / ".join(f"{m['micros'][str(b)]:,}" for b in BATCHES) + " |"
        for m in models)
    (HERE / "MODEL_CARD.md").write_text(CARD.format(table=table, trained_on=f"{trained_on:,}", held=held, seed=SPLIT_SEED))


CARD = """# The demo's models

Written by `train.py`; do not edit.

Five classifiers of scanned digits, made to differ clearly in accuracy so that choosing among them means something.

| model | kind | how it was weakened | accuracy on the held-out rows | bytes | µs for a batch of 1 / 16 / 128 |
|---|---|---|---|---|---|
{table}

Accuracy and time are ONNX Runtime's, on one thread; times move with the machine. The accuracies are also in `models.json`, where
tests and `npm run demo` read them; `python train.py --check` measures the files again.

**Data.** scikit-learn's `load_digits`: 1,797 scans of handwritten digits, 8 x 8 pixels of 0 to 16, the test part of "Optical
Recognition of Handwritten Digits" (E. Alpaydin and C. Kaynak, UCI Machine Learning Repository, 1998, CC BY 4.0). {trained_on} rows
are for training; {held} are held out, stratified by class (`random_state={seed}`), and stand with their labels in `heldout.json`. No
model was trained on them. They were looked at in choosing the size of the best model (four sizes were tried, 0.976 to 0.982), and in
choosing how far the others were weakened, so that their accuracies lie apart.

**Input.** `image`, float32 `[N, 64]`: the pixels as they are, 0 to 16, row by row from the top left. Each model scales them itself.

**Outputs.** `probabilities`, float32 `[N, 10]`, and `label`, int64 `[N]`, the index of the greatest probability.

**Use.** Demonstration and tests. The scans are from 43 writers of the 1990s, already cut out, centred and binned: expect nothing from
these models on other pictures. They give a digit for any input at all; the probabilities are not calibrated.
"""


def check():
    expected = json.loads((HERE / "models.json").read_text())
    heldout = json.loads((HERE / "heldout.json").read_text())
    rows, labels = np.array(heldout["rows"], np.float32), np.array(heldout["labels"])
    faults = 0
    for model in expected["models"]:
        found = measure(HERE / model["path"], rows, labels)
        same = found["correct"] == model["correct"] and len(rows) == expected["heldout"]
        faults += not same
        print(f"{model['name']:18} expected {model['correct']}, found {found['correct']} of {len(rows)}: {'ok' if same else 'DIFFERS'}")
    return 1 if faults else 0


if __name__ == "__main__":
    main()
