#!/usr/bin/env bash
# Frameworks for the tests that hold the kit's loaders against the real thing; what is there already stays. Each is skipped by
# the tests where it is missing. TensorFlow is ../tensorflow/prepare.sh.
set -euo pipefail
cd "$(dirname "$0")/../.."

# scikit-learn, pandas, ONNX Runtime, XGBoost, LightGBM and cloudpickle in one folder; the last program to come is the proof of them all.
if [ ! -x .venv/frameworks/bin/onnxruntime_test ]; then
  python3 -m venv .venv/frameworks
  .venv/frameworks/bin/pip install -q --disable-pip-version-check numpy msgpack scikit-learn==1.7.2 joblib xgboost-cpu==3.1.1 lightgbm==4.6.0 cloudpickle==3.1.2 pandas==2.3.3 skl2onnx==1.19.1
  .venv/frameworks/bin/pip install -q --disable-pip-version-check onnxruntime==1.23.2
fi

# PyTorch from Debian: 150 MB in place of five gigabytes.
if ! command -v torchrun >/dev/null; then
  if [ "$(id -u)" = 0 ]; then
    apt-get install -y -q python3-torch python3-msgpack >/dev/null || { apt-get update -q && apt-get install -y -q python3-torch python3-msgpack; } >/dev/null
  else
    echo 'PyTorch is left out: apt-get install python3-torch python3-msgpack' >&2
  fi
fi
