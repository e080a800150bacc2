"""What an author's code raised, in words for whoever has to mend it."""

from __future__ import annotations

import os
import sys
import traceback
from typing import Optional, Set, Tuple

_KIT = os.path.dirname(os.path.dirname(os.path.abspath(__file__)))
_LIBRARIES = tuple({os.path.join(prefix, "lib") + os.sep for prefix in (sys.prefix, sys.base_prefix)})
#: Packages whose name in the registry is not the one that is imported.
_PACKAGES = {"sklearn": "scikit-learn", "cv2": "opencv-python", "PIL": "pillow", "yaml": "pyyaml"}
_MAX_TOLD = 32
#: Less than a message of the wire may have: where it was raised is said behind it.
_MAX_SAID_CHARS = 1500
#: Of a traceback, so that one fits into what the broker keeps of a container's words.
_FIRST_LINES, _LAST_LINES, _LINE_CHARS = 10, 30, 1000


def describe(error: BaseException) -> str:
    """`KeyError: 'age' (model.py, line 7)`: the kind of error, what it says, the author's own line, and what helps where that is known."""
    if isinstance(error, SystemExit):
        return f"the model called sys.exit({'' if error.code is None else repr(error.code)}){_where(error)}: it has to return, or to raise what is wrong"
    if isinstance(error, ModuleNotFoundError) and error.name is not None:
        top = error.name.partition(".")[0]
        return f"{type(error).__name__}: {_said(error)}{_where(error)}: install it for the interpreter of this model: {sys.executable} -m pip install {_PACKAGES.get(top, top)}; a module of your own belongs beside the model"
    if isinstance(error, AttributeError) and _said(error).startswith("Can't get attribute"):
        return f"{type(error).__name__}: {_said(error)}: what was pickled names code that is not here: put its module beside the model, or save it with cloudpickle and take that loader"
    if isinstance(error, SyntaxError):
        return f"{type(error).__name__}: {_said(error)}"
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
        print_traceback(error)


def print_traceback(error: BaseException) -> None:
    """On standard error, in its own bounds: a message may hold a whole data set, and the model waits until it is printed."""
    lines = [line[:_LINE_CHARS] for line in "".join(traceback.format_exception(type(error), error, error.__traceback__)).splitlines()]
    left_out = len(lines) - _FIRST_LINES - _LAST_LINES
    if left_out > 0:
        lines[_FIRST_LINES:-_LAST_LINES] = [f"({left_out} lines more)"]
    say("\n".join(lines) + "\n")


def say(text: str) -> None:
    """On standard error, if there is one still: an author may have closed it, or put something else in its place."""
    try:
        sys.stderr.write(text)
    except Exception:
        pass


def _said(error: BaseException) -> str:
    """An exception of an author's own may fail to say what it is, too, or say a whole data set."""
    try:
        return str(error)[:_MAX_SAID_CHARS]
    except KeyboardInterrupt:
        raise
    except BaseException:
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
