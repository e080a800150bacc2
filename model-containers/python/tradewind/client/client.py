"""The client of a thread; several threads may share one."""

from __future__ import annotations

import http.client
import ssl
import threading
import time
from types import TracebackType
from typing import Any, Dict, List, Mapping, Optional, Sequence, Type, TypeVar, Union
from urllib.parse import quote, urlsplit

from tradewind.client.call import Call, Feedback, admin_call, feedback_call, feedback_many_call, predict_call, upload_call
from tradewind.client.deployment import Deployment, Target, is_ready
from tradewind.client.prediction import Prediction
from tradewind.client.problem import BrokerUnreachable
from tradewind.client.retry import Attempts, RetryPolicy

T = TypeVar("T")
_MOST_IDLE = 8
_POLL_SECONDS = 0.1


class Client:
    """`timeout` (seconds) holds for a whole call, its retries included. `deploy` uploads; with `deploy_root`, the folder that the
    broker has as `admin.deploy_root` as it is seen from here, it puts the files there itself. `tls` says whom an https address is
    believed, and what is shown to it; the system's authorities, and nothing, unless given."""

    def __init__(
        self, url: str = "http://127.0.0.1:8000", *, token: Optional[str] = None, admin_token: Optional[str] = None,
        timeout: float = 30.0, retries: int = 2, deploy_root: Optional[str] = None, tls: Optional[ssl.SSLContext] = None,
    ) -> None:
        parts = urlsplit(url)
        if parts.scheme not in ("http", "https") or parts.hostname is None:
            raise ValueError(f"{url} is no http or https address")
        self._ssl = (tls or ssl.create_default_context()) if parts.scheme == "https" else None
        self._host, self._port = parts.hostname, parts.port or (80 if self._ssl is None else 443)
        self._tokens = {False: token, True: admin_token}
        self._policy = RetryPolicy(retries, timeout)
        self._deploy_root = deploy_root
        self._idle: List[http.client.HTTPConnection] = []
        self._lock = threading.Lock()

    def predict(
        self, app: str, input: Any, *, slo_ms: Optional[float] = None, context: Optional[Mapping[str, Any]] = None,
        model: Optional[str] = None, version: Union[int, str, None] = None, explain: Optional[bool] = None,
    ) -> Prediction:
        """One row: a number, a (nested) list or array, text, bytes, or a map of named inputs."""
        return self._make(predict_call(app, {"input": input, "slo_ms": slo_ms, "context": context, "model": model, "version": version, "explain": explain}))

    def predict_many(
        self, app: str, inputs: Sequence[Any], *, slo_ms: Optional[float] = None, context: Optional[Mapping[str, Any]] = None,
        model: Optional[str] = None, version: Union[int, str, None] = None, explain: Optional[bool] = None,
    ) -> Prediction:
        """Many rows in one query: one decision, `outputs` in order."""
        return self._make(predict_call(app, {"inputs": inputs, "slo_ms": slo_ms, "context": context, "model": model, "version": version, "explain": explain}))

    def feedback(self, decision_id: str, *, reward: Optional[float] = None, label: Union[str, float, None] = None, value: Optional[float] = None, id: Optional[str] = None) -> str:
        """`accepted`, `repeated` or `not_teachable`; durable once it returns."""
        return self._make(feedback_call(Feedback(decision_id, reward, label, value, id)))

    def feedback_many(self, items: Sequence[Feedback]) -> List[Dict[str, Any]]:
        """A verdict for each, in order."""
        return self._make(feedback_many_call(list(items)))

    def deploy(
        self, name: str, version: int, target: Target, *, wait: float = 60.0, label: Optional[str] = None, inputs: Any = None, outputs: Any = None,
        options: Optional[Mapping[str, Any]] = None, **model: Any,
    ) -> None:
        """Serves a function (with what it closes over), a file or a folder as a version of a model, and waits until it is
        ready. The broker must allow it: `admin.allow_code`. `model` are further words of the configuration file
        (`output`, `replicas`, `input`, `slo_ms`, …)."""
        deployment = Deployment(name, version, {"inputs": inputs, "outputs": outputs})
        given = deployment.collect(target, options or {})
        folder = self._make(upload_call(deployment.path, given.archive())) if self._deploy_root is None else given.place(deployment.folder(self._deploy_root))
        body = given.body(folder, model)
        self.admin("PUT", deployment.path, body)
        ends_at = time.monotonic() + wait
        while not is_ready(self.admin("GET", deployment.path), ends_at - time.monotonic()):
            time.sleep(_POLL_SECONDS)
        if label is not None:
            self.admin("PUT", f"models/{quote(name, safe='')}/labels/{quote(label, safe='')}", {"version": version})

    def admin(self, method: str, path: str, body: Optional[Mapping[str, Any]] = None) -> Dict[str, Any]:
        """Any call below `/admin/`."""
        return self._make(admin_call(method, path, body))

    def close(self) -> None:
        with self._lock:
            idle, self._idle = self._idle, []
        for connection in idle:
            connection.close()

    def __enter__(self) -> "Client":
        return self

    def __exit__(self, kind: Optional[Type[BaseException]], error: Optional[BaseException], trace: Optional[TracebackType]) -> None:
        self.close()

    def _make(self, call: Call[T]) -> T:
        attempts = Attempts(self._policy)
        while True:
            try:
                return call.answer(*self._exchange(call, attempts.seconds_left))
            except Exception as error:
                pause = attempts.pause_after(error)
                if pause is None:
                    raise
                time.sleep(pause)

    def _exchange(self, call: Call[T], seconds: float) -> "tuple[int, bytes]":
        connection, used = self._take(seconds)
        try:
            status, body = self._send(connection, call)
        except (OSError, http.client.HTTPException) as error:
            connection.close()
            if used and not isinstance(error, TimeoutError):
                # The broker may close a connection that was idle just as it is used again: a fresh one tells.
                self.close()
                return self._exchange(call, seconds)
            raise BrokerUnreachable(f"{self._host}:{self._port}: {error or type(error).__name__}") from error
        self._give(connection)
        return status, body

    def _send(self, connection: http.client.HTTPConnection, call: Call[T]) -> "tuple[int, bytes]":
        headers = {} if call.body is None else {"Content-Type": call.content_type}
        token = self._tokens[call.admin]
        if token is not None:
            headers["Authorization"] = f"Bearer {token}"
        connection.request(call.method, call.path, call.body, headers)
        response = connection.getresponse()
        return response.status, response.read()

    def _take(self, seconds: float) -> "tuple[http.client.HTTPConnection, bool]":
        with self._lock:
            connection = self._idle.pop() if self._idle else None
        if connection is not None and connection.sock is not None:
            connection.sock.settimeout(seconds)
            return connection, True
        if self._ssl is None:
            return http.client.HTTPConnection(self._host, self._port, timeout=seconds), False
        return http.client.HTTPSConnection(self._host, self._port, timeout=seconds, context=self._ssl), False

    def _give(self, connection: http.client.HTTPConnection) -> None:
        with self._lock:
            if len(self._idle) < _MOST_IDLE and connection.sock is not None:
                self._idle.append(connection)
                return
        connection.close()
