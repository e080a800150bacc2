"""What an author's code raised, in words for whoever has to mend it."""

from __future__ import annotations

import asyncio
import os
import sys
import traceback
from typing import Optional, Set, Tuple

#: What an author's code may raise without the process ending: all but Ctrl-C. A task of asyncio that is cancelled is one of them.
RAISED = (Exception, SystemExit, GeneratorExit, asyncio.CancelledError)
_KIT = os.path.dirname(os.path.dirname(os.path.abspath(__file__)))
_LIBRARIES = tuple({os.path.join(prefix, "lib") + os.sep for prefix in (sys.prefix, sys.base_prefix)})
#: Packages whose name in the registry is not the one that is imported.
_PACKAGES = {"sklearn": "scikit-learn", "cv2": "opencv-python", "PIL": "pillow", "yaml": "pyyaml"}
_MAX_TOLD = 32


def describe(error: BaseException) -> str:
    """`KeyError: 'age' (model.py, line 7)`: the kind of error, what it says, the author's own line, and what helps where that is known."""
    if isinstance(error, SystemExit):
        return f"the model called sys.exit({'' if error.code is None else repr(error.code)}){_where(error)}: it has to return, or to raise what is wrong"
    if isinstance(error, ModuleNotFoundError) and error.name is not None:
        top = error.name.partition(".")[0]
        return f"{type(error).__name__}: {error}{_where(error)}: install it for the interpreter of this model: {sys.executable} -m pip install {_PACKAGES.get(top, top)}; a module of your own belongs beside the model"
    if isinstance(error, AttributeError) and str(error).startswith("Can't get attribute"):
        return f"{type(error).__name__}: {error}: what was pickled names code that is not here: put its module beside the model, or save it with cloudpickle and take that loader"
    if isinstance(error, SyntaxError):
        return f"{type(error).__name__}: {error}"
    said = _said(error)
    return f"{type(error).__name__}{f': {said}' if said else ''}{_where(error)}"


class Tracebacks:
    """Prints the traceback of an error the first time that it comes from its place: a model that fails at each call does not flood the log."""

    def __init__(self) -> None:
        self._told: Set[Tuple[str, Optional[Tuple[str, int]]]] = set()

    def tell(self, error: BaseException) -> None:
        key = (type(error).__name__, _place(error))
        if key in self._told or len(self._told) >= _MAX_TOLD:
            return
        self._told.add(key)
        traceback.print_exception(type(error), error, error.__traceback__)


def _said(error: BaseException) -> str:
    """An exception of an author's own may fail to say what it is, too."""
    try:
        return str(error)
    except Exception:
        return ""


def _where(error: BaseException) -> str:
    place = _place(error)
    return "" if place is None else f" ({os.path.basename(place[0])}, line {place[1]})"


def _place(error: BaseException) -> Optional[Tuple[str, int]]:
    """The innermost line that is neither the kit's nor a library's."""
    own = [
        (frame.filename, frame.lineno or 0)
        for frame in traceback.extract_tb(error.__traceback__)
        if not frame.filename.startswith(("<frozen", _KIT, *_LIBRARIES)) and "site-packages" not in frame.filename and "dist-packages" not in frame.filename
    ]
    return own[-1] if own else None
