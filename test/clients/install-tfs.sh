#!/usr/bin/env bash
# The stubs of TensorFlow Serving's gRPC API as their package ships them, in .venv/tfs-client. They need TensorFlow's generated
# messages, of which only the modules with messages are taken out of its wheel, and nothing of the library. What is there stays.
set -euo pipefail
cd "$(dirname "$0")/../.."

home=.venv/tfs-client
[ -x "$home/bin/tfs-client-python" ] && exit 0
rm -rf "$home"
python3 -m venv "$home"
"$home/bin/pip" install -q --disable-pip-version-check grpcio==1.85.0 protobuf==6.33.5 numpy
"$home/bin/pip" install -q --disable-pip-version-check --no-deps tensorflow-serving-api==2.21.0
wheels="$(mktemp -d)"
trap 'rm -rf "$wheels"' EXIT
"$home/bin/pip" download -q --disable-pip-version-check --no-deps --only-binary=:all: --dest "$wheels" tensorflow-cpu==2.21.0
"$home/bin/python" - "$wheels" <<'PYTHON'
import pathlib, sys, sysconfig, zipfile
site = pathlib.Path(sysconfig.get_paths()["purelib"])
[wheel] = pathlib.Path(sys.argv[1]).glob("*.whl")
with zipfile.ZipFile(wheel) as archive:
    modules = [name for name in archive.namelist() if name.startswith("tensorflow/") and name.endswith("_pb2.py")]
    archive.extractall(site, modules)
for folder in {path.parent for path in site.glob("tensorflow/**/*_pb2.py")}:
    while folder != site:
        (folder / "__init__.py").touch()
        folder = folder.parent
PYTHON
"$home/bin/python" -c 'from tensorflow_serving.apis import prediction_service_pb2_grpc, model_service_pb2_grpc'
# The program by which tests find it.
ln -sf python "$home/bin/tfs-client-python"
