#!/usr/bin/env bash
# Servers of others for bench/peers alone, each in a folder of its own under .venv/; bench/foreign/install.sh brings
# the others, and test/clients/install.sh KServe. What is there already stays.
set -euo pipefail
cd "$(dirname "$0")/../.."

if [ ! -x .venv/bentoml/bin/bentoml ]; then
  python3 -m venv .venv/bentoml
  .venv/bentoml/bin/pip install -q bentoml==1.4.39 numpy
fi

if [ ! -x .venv/ray/bin/serve ]; then
  python3 -m venv .venv/ray
  .venv/ray/bin/pip install -q 'ray[serve]==2.60.0' numpy
fi
