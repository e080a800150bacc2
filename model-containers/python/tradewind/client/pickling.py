"""A function or an object of the caller's, with what it closes over, as bytes that a container of Python loads."""

from __future__ import annotations

import copy
import functools
import inspect
import os
import sys
import sysconfig
from types import ModuleType
from typing import Any, List, Mapping

from tradewind.mark import MARK

_KIT = __name__.partition(".")[0]
_LIBRARIES = tuple({os.path.realpath(sysconfig.get_path(kind)) + os.sep for kind in ("stdlib", "platstdlib", "purelib", "platlib")})


def pickled(target: Any, signature: Mapping[str, Any]) -> bytes:
    """With its signature, where there is one. What it needs of the caller's own modules travels with its code; packages that
    are installed must be in the container's interpreter too. Raises in words where that cannot be."""
    try:
        import cloudpickle
    except ImportError as error:
        raise ImportError("deploying a function needs the package cloudpickle, here and in the interpreter of the container") from error
    own = own_modules()
    for module in own:
        cloudpickle.register_pickle_by_value(module)
    try:
        content: bytes = cloudpickle.dumps(_signed(target, signature))
    except Exception as error:
        raise ValueError(f"{getattr(target, '__name__', type(target).__name__)} cannot be sent with all that it closes over: {error}; make such things in its load, or where they are needed") from error
    finally:
        for module in own:
            cloudpickle.unregister_pickle_by_value(module)
    return content


def own_modules() -> List[ModuleType]:
    """Modules that no installation would bring: those beside the program or the notebook, which a container cannot import."""
    return [module for name, module in list(sys.modules.items()) if isinstance(module, ModuleType) and module.__name__ == name and _is_own(module)]


def _is_own(module: ModuleType) -> bool:
    file = getattr(module, "__file__", None)
    if not isinstance(file, str) or module.__name__ == "__main__" or module.__name__.partition(".")[0] == _KIT:
        return False
    file = os.path.realpath(file)
    return not file.startswith(_LIBRARIES) and "site-packages" not in file and "dist-packages" not in file


def _signed(target: Any, signature: Mapping[str, Any]) -> Any:
    """A copy that says its signature: the caller's own stays as it is, and one of a library, which is sent by its name, could not say it."""
    if not signature:
        return target
    said = {**getattr(target, MARK, {}), **signature}
    if inspect.isclass(target):
        kind: Any = type(target)
        return kind(target.__name__, (target,), {MARK: said})
    signed = copy.copy(target) if callable(getattr(target, "predict", None)) else functools.partial(target)
    setattr(signed, MARK, said)
    return signed
