"""A function or object that cloudpickle saved, with everything that it closes over."""

from __future__ import annotations

import sys
from typing import Any

from tradewind.container.loaders.asked import Asked


def load(asked: Asked) -> Any:
    import cloudpickle

    sys.stderr.write(f"tradewind container: {asked.path} is a pickle: loading it runs whatever its author put there; serve only what you trust\n")
    with open(asked.path, "rb") as file:
        return cloudpickle.load(file)
