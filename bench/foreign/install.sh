#!/usr/bin/env bash
# Foreign servers for the tests and the bench that hold the broker against them, each in a folder of its own under .venv/, with its
# program in .venv/NAME/bin. What is there already stays. Versions that were seen working together.
set -euo pipefail
cd "$(dirname "$0")/../.."

# The wheel holds a whole tritonserver that runs without a GPU; its Python stub must stand beside the Python backend.
if [ ! -x .venv/triton/bin/tritonserver ]; then
  python3 -m venv .venv/triton
  .venv/triton/bin/pip install -q nvidia-pytriton==0.7.0
  .venv/triton/bin/python - <<'PYTHON'
import os, pathlib, shutil, sys, sysconfig
import importlib.util
home = pathlib.Path(importlib.util.find_spec("pytriton").origin).parent / "tritonserver"
version = f"{sys.version_info.major}.{sys.version_info.minor}"
shutil.copy(home / "python_backend_stubs" / version / "triton_python_backend_stub", home / "backends" / "python")
program = pathlib.Path(sys.prefix) / "bin" / "tritonserver"
program.write_text(f"""#!/bin/sh
export PATH="{sys.prefix}/bin:$PATH" LD_LIBRARY_PATH="{sysconfig.get_config_var('LIBDIR')}:$LD_LIBRARY_PATH"
exec "{home}/bin/tritonserver" --backend-directory="{home}/backends" "$@"
""")
os.chmod(program, 0o755)
PYTHON
fi

if [ ! -x .venv/litserve/bin/litserve ]; then
  python3 -m venv .venv/litserve
  .venv/litserve/bin/pip install -q litserve==0.2.19 numpy
fi

# uvloop is pinned: with 0.23 this MLServer dies at its start.
if [ ! -x .venv/mlserver/bin/mlserver ]; then
  python3 -m venv .venv/mlserver
  .venv/mlserver/bin/pip install -q mlserver==1.7.1 uvloop==0.21.0
fi
