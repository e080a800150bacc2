"""One call, whoever makes it: what to send, and what to make of the answer."""

from __future__ import annotations

import base64
import json
from dataclasses import dataclass
from typing import Any, Callable, Dict, Generic, List, Mapping, Optional, TypeVar, Union
from urllib.parse import quote

from tradewind.client.prediction import Prediction, read_prediction
from tradewind.client.problem import read_problem

T = TypeVar("T")


@dataclass(frozen=True)
class Call(Generic[T]):
    method: str
    path: str
    body: Optional[bytes]
    read: Callable[[Any], T]
    admin: bool = False
    content_type: str = "application/json"

    def answer(self, status: int, raw: bytes) -> T:
        """Raises BrokerError where the answer is an error."""
        try:
            body = json.loads(raw) if raw else None
        except ValueError:
            body = None
        if status >= 400 or body is None:
            raise read_problem(status, body)
        return self.read(body)


def predict_call(app: str, given: Mapping[str, Any]) -> Call[Prediction]:
    said = {key: value for key, value in given.items() if value is not None}
    return Call("POST", f"/v1/apps/{quote(app, safe='')}/predict", _json(said), read_prediction)


@dataclass(frozen=True)
class Feedback:
    """What an answer was worth: one of `reward` (0 to 1), `label` and `value`. `id` tells a repeat from a further reward."""

    decision_id: str
    reward: Optional[float] = None
    label: Optional[Union[str, float]] = None
    value: Optional[float] = None
    id: Optional[str] = None

    def to_body(self) -> Dict[str, Any]:
        return {key: value for key, value in vars(self).items() if value is not None}


def feedback_call(item: Feedback) -> Call[str]:
    """Gives the verdict: `accepted`, `repeated` or `not_teachable`."""
    return Call("POST", "/v1/feedback", _json(item.to_body()), lambda body: str(body["verdict"]))


def feedback_many_call(items: List[Feedback]) -> Call[List[Dict[str, Any]]]:
    return Call("POST", "/v1/feedback", _json([item.to_body() for item in items]), lambda body: list(body["results"]))


def admin_call(method: str, path: str, body: Optional[Mapping[str, Any]] = None) -> Call[Dict[str, Any]]:
    return Call(method, f"/admin/{path}", None if body is None else _json(body), dict, admin=True)


def upload_call(path: str, archive: bytes) -> Call[str]:
    """Gives the folder where the broker put the files."""
    return Call("PUT", f"/admin/{path}/files", archive, lambda body: str(body["path"]), admin=True, content_type="application/x-tar")


def _json(value: Any) -> bytes:
    return json.dumps(value, default=_plain, separators=(",", ":")).encode()


def _plain(value: Any) -> Any:
    """Arrays (of numpy and its kin) as lists, bytes as base64."""
    if isinstance(value, (bytes, bytearray)):
        return {"b64": base64.b64encode(value).decode()}
    to_list = getattr(value, "tolist", None)
    if callable(to_list):
        return to_list()
    raise TypeError(f"{type(value).__name__} cannot be sent as JSON")
