#!/usr/bin/env bash
# Prepares what the TensorFlow container runs on, for which no registry has a file that is ready: the native binding of
# @tensorflow/tfjs-node, compiled against the TensorFlow of Python's wheel. It lies in .tensorflow/ beside this file, outside
# node_modules, which npm empties. What is there already stays; a binding is proved by one multiplication. Needs npm,
# python3 and g++.
#
#   ./prepare.sh                  the binding for the CPU
#   ./prepare.sh --gpu            the binding of @tensorflow/tfjs-node-gpu, which looks for the machine's CUDA
#   ./prepare.sh --python FOLDER  a virtual environment with TensorFlow as well, for what the binding cannot carry
set -euo pipefail
cd "$(dirname "$0")"
version=2.21.0
device=cpu package=tensorflow-cpu venv=
while [ $# -gt 0 ]; do
  case "$1" in
    --gpu) device=gpu package=tensorflow ;;
    --python) shift; venv="${1:?--python needs a folder}" ;;
    *) echo "prepare.sh: unknown word $1" >&2; exit 2 ;;
  esac
  shift
done
source=@tensorflow/tfjs-node
[ "$device" = cpu ] || source=@tensorflow/tfjs-node-gpu
node="$(cd ../.. && pwd)/node_modules/.bin/node"
[ -x "$node" ] || node=node
step() { printf 'tensorflow: %s (%ss)\n' "$1" "$SECONDS" >&2; }

# Under a name of its own until it is whole: half a binding is none.
build() {
  local part=".tensorflow/$device-$$.tmp"
  trap 'rm -rf "$part"' EXIT
  mkdir -p "$part/wheel"
  step 'its sources, by the lock'
  npm ci --ignore-scripts --no-audit --no-fund --loglevel=error >&2
  step "the wheel of $package $version (CPU 274 MB, GPU 572 MB)"
  python3 -m pip download -q --disable-pip-version-check --no-deps --only-binary=:all: -d "$part/wheel" "$package==$version"
  step 'its libraries and headers'
  python3 - "$part" <<'PYTHON'
import glob, pathlib, sys, zipfile
part = pathlib.Path(sys.argv[1])
LIBRARIES = ("libtensorflow_cc.so.2", "libtensorflow_framework.so.2")
HEADERS = tuple(f"tensorflow/include/{folder}/" for folder in ("tensorflow/c", "tensorflow/core/platform", "tsl/platform", "xla/tsl/c"))
(wheel,) = glob.glob(str(part / "wheel" / "*.whl"))
with zipfile.ZipFile(wheel) as archive:
    for name in archive.namelist():
        file = name.rpartition("/")[2]
        if file in LIBRARIES and name == f"tensorflow/{file}":
            (part / file).write_bytes(archive.read(name))
        elif name.startswith(HEADERS) and name.endswith(".h"):
            target = part / name.removeprefix("tensorflow/")
            target.parent.mkdir(parents=True, exist_ok=True)
            target.write_bytes(archive.read(name))
PYTHON
  rm -r "$part/wheel"
  step 'compiling the binding'
  g++ -shared -fPIC -O2 -std=c++17 -DNAPI_VERSION=8 -DNODE_GYP_MODULE_NAME=tfjs_binding -DBUILDING_NODE_EXTENSION \
    -I"node_modules/$source" -I"$part/include" -Inode_modules/node-api-headers/include \
    "node_modules/$source/binding/tfjs_backend.cc" "node_modules/$source/binding/tfjs_binding.cc" \
    -o "$part/tfjs_binding.node" -L"$part" -l:libtensorflow_cc.so.2 -l:libtensorflow_framework.so.2 -Wl,-rpath,'$ORIGIN'
  rm -r "$part/include"
  strip --strip-unneeded "$part"/*.so.2 || true
  prove "$part"
  rm -rf ".tensorflow/$device"
  mv "$part" ".tensorflow/$device"
  trap - EXIT
}

# [1 2] × [3 4]ᵀ = 11: the library loads, and computes.
prove() {
  TF_CPP_MIN_LOG_LEVEL=3 "$node" -e '
    const binding = require(require("node:path").resolve(process.argv[1], "tfjs_binding.node"));
    const { TF_FLOAT, TF_ATTR_BOOL, TF_ATTR_TYPE } = binding;
    const tensor = (shape, values) => binding.createTensor(shape, TF_FLOAT, Float32Array.from(values));
    const no = (name) => ({ name, type: TF_ATTR_BOOL, value: false });
    const [product] = binding.executeOp("MatMul", [no("transpose_a"), no("transpose_b"), { name: "T", type: TF_ATTR_TYPE, value: TF_FLOAT }], [tensor([1, 2], [1, 2]), tensor([2, 1], [3, 4])], 1);
    if (binding.tensorDataSync(product.id)[0] !== 11) throw new Error("1 · 3 + 2 · 4 is not 11");
  ' "$1"
}

if [ -e ".tensorflow/$device/tfjs_binding.node" ] && prove ".tensorflow/$device" 2>/dev/null; then
  step "the $device binding is there"
else
  build
  step "the $device binding is ready"
fi

if [ -n "$venv" ] && [ ! -x "$venv/bin/saved_model_cli" ]; then
  step "a Python with $package $version"
  python3 -m venv "$venv"
  "$venv/bin/python" -m pip install -q --disable-pip-version-check "$package==$version" msgpack
fi
