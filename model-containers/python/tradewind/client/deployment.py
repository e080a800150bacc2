"""Code and model files on their way into a broker: placed below its deploy root, named in a PUT through admin."""

from __future__ import annotations

import hashlib
import os
import shutil
import sys
import tempfile
from types import ModuleType
from typing import Any, Callable, Dict, List, Mapping, Optional, Union

from tradewind.client.problem import BrokerUnreachable
from tradewind.mark import MARK

Target = Union[Callable[..., Any], str, "os.PathLike[str]"]

#: What serves a file, by its ending.
_BY_ENDING: Dict[str, Dict[str, Any]] = {
    ".onnx": {"container": "onnx"},
    ".py": {"container": "python"},
    ".joblib": {"container": "python", "options": {"loader": "sklearn"}},
    ".pkl": {"container": "python", "options": {"loader": "cloudpickle"}},
    ".pt": {"container": "python", "options": {"loader": "torch"}},
    ".keras": {"container": "python", "options": {"loader": "keras"}},
}


class Deployment:
    def __init__(self, root: Optional[str], name: str, version: int, signature: Mapping[str, Any]) -> None:
        if root is None:
            raise ValueError("deploy needs Client(deploy_root=…): the folder that the broker has as admin.deploy_root")
        self._name, self._version = name, version
        self._folder = os.path.join(os.path.abspath(root), name, str(version))
        self._signature = {key: value for key, value in signature.items() if value is not None}
        self.path = f"models/{name}/versions/{version}"

    def place(self, target: Target, options: Mapping[str, Any], model: Mapping[str, Any]) -> Dict[str, Any]:
        """Puts the files there, and gives the body of the PUT."""
        if callable(target):
            placed, served = self._write("model.pkl", _pickled(target, self._signature)), _BY_ENDING[".pkl"]
        else:
            source = os.fspath(target)
            if self._signature:
                raise ValueError("inputs and outputs go with a function; a file or folder says them itself, or takes input=…")
            served = _served_by(source, options)
            placed = self._copy(source)
        return {**served, **model, "path": placed, "options": {**served.get("options", {}), **options}}

    def _write(self, name: str, content: bytes) -> str:
        """Under a name that follows from the content: what runs is never written over, and a change is one for the broker too."""
        os.makedirs(self._folder, exist_ok=True)
        stem, ending = os.path.splitext(name)
        path = os.path.join(self._folder, f"{stem}-{hashlib.sha256(content).hexdigest()[:16]}{ending}")
        with tempfile.NamedTemporaryFile(dir=self._folder, delete=False) as file:
            file.write(content)
        os.replace(file.name, path)
        return path

    def _copy(self, source: str) -> str:
        if os.path.isfile(source):
            with open(source, "rb") as file:
                return self._write(os.path.basename(source), file.read())
        if self._folder.startswith(os.path.join(os.path.abspath(source), "")):
            raise ValueError(f"{source} holds the deploy root itself")
        os.makedirs(self._folder, exist_ok=True)
        place = tempfile.mkdtemp(prefix=f"{os.path.basename(os.path.abspath(source))}-", dir=self._folder)
        shutil.copytree(source, place, dirs_exist_ok=True)
        return place


def is_ready(view: Mapping[str, Any], seconds_left: float) -> bool:
    """What admin shows of the version; raises with the container's last words where it keeps failing, or the time is over."""
    status: Mapping[str, Any] = view.get("status") or {}
    replicas: List[Mapping[str, Any]] = status.get("replicas") or []
    if status.get("ready", 0) > 0 or status.get("desired") == 0:
        return True
    failing = [one for one in replicas if one.get("state") in ("backoff", "crash_loop")]
    if failing or seconds_left <= 0:
        said = "\n".join(f"  {line}" for one in failing[:1] for line in one.get("output") or ())
        reason = failing[0].get("reason") if failing else "the time is over"
        raise BrokerUnreachable(f"the version did not become ready: {reason}" + (f"\n{said}" if said else ""))
    return False


def _served_by(source: str, options: Mapping[str, Any]) -> Dict[str, Any]:
    if os.path.isdir(source):
        if os.path.exists(os.path.join(source, "saved_model.pb")):
            return {"container": "python", "options": {"loader": "keras"}}
        if "entry" not in options and "loader" not in options:
            raise ValueError('a folder of code needs options={"entry": "module:function"}')
        return {"container": "python"}
    if "loader" in options:
        return {"container": "python"}
    served = _BY_ENDING.get(os.path.splitext(source)[1])
    if served is None:
        raise ValueError(f'nothing is known that serves {source}: say options={{"loader": …}}; by their ending are known {", ".join(_BY_ENDING)}')
    return served


def _pickled(function: Callable[..., Any], signature: Mapping[str, Any]) -> bytes:
    try:
        import cloudpickle
    except ImportError as error:
        raise ImportError("deploying a function needs the package cloudpickle, here and in the interpreter of the container") from error
    if signature:
        setattr(function, MARK, {**getattr(function, MARK, {}), **signature})
    module = sys.modules.get(getattr(function, "__module__", "") or "")
    by_value = isinstance(module, ModuleType) and module.__name__ != "__main__"
    if by_value:
        # The container cannot import the caller's module: the function travels with its code.
        cloudpickle.register_pickle_by_value(module)
    try:
        content: bytes = cloudpickle.dumps(function)
    finally:
        if by_value:
            cloudpickle.unregister_pickle_by_value(module)
    return content
