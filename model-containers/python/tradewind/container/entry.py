"""From the words `module:name` or `file.py:name` to the object."""

from __future__ import annotations

import importlib
import importlib.util
import os
import sys
from types import ModuleType
from typing import Any, Optional

from tradewind.container.environment import StartError

_DEFAULT_NAMES = ("Model", "predict")


def find_entry(entry: Optional[str], path: Optional[str]) -> Any:
    """`path` is a folder in which modules and files are looked for, or a file of Python, whose `entry` is then a name alone.
    Without a name it is `Model` or `predict`."""
    folder = os.path.dirname(path) if path is not None and os.path.isfile(path) else path
    if folder is not None:
        sys.path.insert(0, folder)
    if path is not None and path.endswith(".py") and ":" not in (entry or ""):
        return _name_in(_load_file(path), entry)
    where, _, name = (entry or "").partition(":")
    if where.endswith(".py"):
        if os.path.isabs(where) or ".." in where.split("/"):
            raise StartError(f'"{where}" leads out of the folder of path')
        return _name_in(_load_file(os.path.join(folder or os.getcwd(), where)), name)
    return _name_in(importlib.import_module(where), name)


def _load_file(path: str) -> ModuleType:
    if not os.path.isfile(path):
        raise StartError(f"there is no file {path}")
    name = os.path.splitext(os.path.basename(path))[0]
    spec = importlib.util.spec_from_file_location(name, path)
    assert spec is not None and spec.loader is not None
    module = importlib.util.module_from_spec(spec)
    # As an import would do: pickles and dataclasses look it up.
    sys.modules.setdefault(name, module)
    spec.loader.exec_module(module)
    return module


def _name_in(module: ModuleType, name: Optional[str]) -> Any:
    for one in (name,) if name else _DEFAULT_NAMES:
        target: Any = module
        for word in one.split("."):
            target = getattr(target, word, None)
        if target is not None:
            return target
    raise StartError(f"{module.__name__} has no {name or ' and no '.join(_DEFAULT_NAMES)}{_offered(module)}")


def _offered(module: ModuleType) -> str:
    own = [name for name, value in vars(module).items() if callable(value) and getattr(value, "__module__", None) == module.__name__ and not name.startswith("_")]
    return f"; it has {', '.join(own)}: say which in the option entry" if own else ""
