"""Code and model files on their way into a broker: uploaded, or placed below its deploy root; then named in a PUT through admin."""

from __future__ import annotations

import hashlib
import io
import os
import shutil
import tarfile
import tempfile
from typing import Any, Dict, List, Mapping, Optional, Union
from urllib.parse import quote

from tradewind.client.pickling import pickled
from tradewind.client.problem import NotReady

#: A function, a class, an object with a method predict; else the path of a file or a folder.
Target = Any

#: What serves a file, by its ending.
_BY_ENDING: Dict[str, Dict[str, Any]] = {
    ".onnx": {"container": "onnx"},
    ".py": {"container": "python"},
    ".ts": {"container": "typescript"},
    ".mjs": {"container": "typescript"},
    ".joblib": {"container": "python", "options": {"loader": "sklearn"}},
    ".pkl": {"container": "python", "options": {"loader": "cloudpickle"}},
    ".pt": {"container": "python", "options": {"loader": "torch"}},
    ".keras": {"container": "python", "options": {"loader": "keras"}},
}


class Deployment:
    def __init__(self, name: str, version: int, signature: Mapping[str, Any]) -> None:
        self._name, self._version = name, version
        self._signature = {key: value for key, value in signature.items() if value is not None}
        self.path = f"models/{quote(name, safe='')}/versions/{quote(str(version), safe='')}"

    def folder(self, root: str) -> str:
        """Where its files belong below the deploy root."""
        return os.path.join(os.path.abspath(root), self._name, str(self._version))

    def collect(self, target: Target, options: Mapping[str, Any]) -> "Given":
        """What there is to send, and what will serve it."""
        if not isinstance(target, (str, os.PathLike)):
            if not callable(target) and not callable(getattr(target, "predict", None)):
                raise TypeError(f"a function, an object with a method predict, a file or a folder can be deployed, and not a {type(target).__name__}")
            return Given({"model.pkl": pickled(target, self._signature)}, _BY_ENDING[".pkl"], options, alone=True)
        source = os.fspath(target)
        if not os.path.exists(source):
            raise FileNotFoundError(f"there is no file or folder {source}")
        if self._signature:
            raise ValueError("inputs and outputs go with a function; a file or folder says them itself, or takes input=…")
        served = _served_by(source, options)
        alone = os.path.isfile(source)
        return Given({os.path.basename(source): source} if alone else _files_below(source), served, options, alone)


class Given:
    """Files, by their paths: their content, or where it is."""

    def __init__(self, files: Mapping[str, Union[bytes, str]], served: Mapping[str, Any], options: Mapping[str, Any], alone: bool) -> None:
        self._files = dict(sorted(files.items()))
        self._served, self._options, self._alone = served, options, alone

    def body(self, folder: str, model: Mapping[str, Any]) -> Dict[str, Any]:
        """The body of the PUT, for files that lie in `folder`."""
        path = f"{folder}/{next(iter(self._files))}" if self._alone else folder
        return {**self._served, **model, "path": path, "options": {**self._served.get("options", {}), **self._options}}

    def archive(self) -> bytes:
        """As the broker takes it: a tar archive without times and owners, the same for the same files."""
        content = io.BytesIO()
        with tarfile.open(fileobj=content, mode="w", format=tarfile.USTAR_FORMAT) as archive:
            for path in self._files:
                data = self._read(path)
                entry = tarfile.TarInfo(path)
                entry.size = len(data)
                archive.addfile(entry, io.BytesIO(data))
        return content.getvalue()

    def place(self, folder: str) -> str:
        """In a folder named for what it holds, whole or not at all: what runs is never written over, and a change is one for
        the broker too."""
        unfinished = tempfile.mkdtemp(dir=_made(folder))
        try:
            digest = hashlib.sha256()
            for path in self._files:
                data = self._read(path)
                digest.update(f"{path} {len(data)}\n".encode() + data)
                with open(os.path.join(_made(os.path.dirname(os.path.join(unfinished, path))), os.path.basename(path)), "wb") as file:
                    file.write(data)
            placed = os.path.join(folder, digest.hexdigest()[:16])
            if not os.path.exists(placed):
                os.replace(unfinished, placed)
            return placed
        finally:
            shutil.rmtree(unfinished, ignore_errors=True)

    def _read(self, path: str) -> bytes:
        content = self._files[path]
        if isinstance(content, bytes):
            return content
        with open(content, "rb") as file:
            return file.read()


def is_ready(view: Mapping[str, Any], seconds_left: float) -> bool:
    """What admin shows of the version; raises NotReady with the container's last words where it keeps failing, or the time is over.
    More replicas than wanted are some of what was deployed there before, which serve until the new ones are ready."""
    status: Mapping[str, Any] = view.get("status") or {}
    replicas: List[Mapping[str, Any]] = status.get("replicas") or []
    desired = status.get("desired", 0)
    if "desired" in status and (desired == 0 or status.get("ready", 0) > 0 and len(replicas) <= desired):
        return True
    failing = [one for one in replicas if one.get("state") in ("backoff", "crash_loop")]
    if failing or seconds_left <= 0:
        shown = next((one for one in failing or replicas if one.get("state") != "ready"), {})
        raise NotReady(failing[0].get("reason") if failing else "the time is over", state=shown.get("state"), output=list(shown.get("output") or ()))
    return False


def _made(folder: str) -> str:
    os.makedirs(folder, exist_ok=True)
    return folder


def _files_below(source: str) -> Dict[str, Union[bytes, str]]:
    found: Dict[str, Union[bytes, str]] = {}
    for folder, folders, names in os.walk(source):
        folders[:] = [name for name in folders if name != "__pycache__"]
        for name in names:
            path = os.path.join(folder, name)
            found[os.path.relpath(path, source).replace(os.sep, "/")] = path
    if not found:
        raise ValueError(f"{source} holds no file")
    return found


def _served_by(source: str, options: Mapping[str, Any]) -> Dict[str, Any]:
    if os.path.isdir(source):
        if os.path.exists(os.path.join(source, "saved_model.pb")):
            return {"container": "tensorflow"}
        if "entry" not in options and "loader" not in options:
            raise ValueError('a folder of code needs options={"entry": "module:function"}')
        return {"container": "python"}
    if "loader" in options:
        return {"container": "python"}
    served = _BY_ENDING.get(os.path.splitext(source)[1])
    if served is None:
        raise ValueError(f'nothing is known that serves {source}: say options={{"loader": …}}; by their ending are known {", ".join(_BY_ENDING)}')
    return served
