#!/usr/bin/env bash
# The clients of other people for the tests of the Open Inference Protocol, unmodified from their registry, in .venv/tritonclient. What
# is there already stays. `install.sh kserve` adds KServe's client, which is larger, in .venv/kserve.
set -euo pipefail
cd "$(dirname "$0")/../.."
venv=.venv/tritonclient

if [ ! -x "$venv/bin/python" ]; then python3 -m venv "$venv"; fi
if [ ! -d "$("$venv/bin/python" -c 'import sysconfig; print(sysconfig.get_path("purelib"))')/tritonclient" ]; then
  "$venv/bin/pip" install -q --disable-pip-version-check 'tritonclient[all]==2.73.0' ml_dtypes==0.5.4
fi
# The name by which the tests find it.
ln -sf python "$venv/bin/tritonclient-python"

for part in "$@"; do
  case "$part" in
    kserve)
      # A folder of its own: it pins other versions of the same libraries.
      if [ ! -x .venv/kserve/bin/python ]; then python3 -m venv .venv/kserve; fi
      if [ ! -e .venv/kserve/.ready ]; then
        .venv/kserve/bin/pip install -q --disable-pip-version-check kserve==0.21.0
        touch .venv/kserve/.ready
      fi
      ln -sf python .venv/kserve/bin/kserve-python
      ;;
    *) echo "no part '$part'" >&2; exit 2 ;;
  esac
done
