"""The client for asyncio. A call that is cancelled closes its connection, and so is cancelled in the broker too."""

from __future__ import annotations

import asyncio
import ssl
import time
from types import TracebackType
from typing import Any, Dict, List, Mapping, Optional, Sequence, Tuple, Type, TypeVar, Union
from urllib.parse import quote, urlsplit

from tradewind.client.call import Call, Feedback, admin_call, feedback_call, feedback_many_call, predict_call, upload_call
from tradewind.client.deployment import Deployment, Target, is_ready
from tradewind.client.prediction import Prediction
from tradewind.client.problem import BrokerUnreachable
from tradewind.client.retry import Attempts, RetryPolicy

T = TypeVar("T")
_Connection = Tuple[asyncio.StreamReader, asyncio.StreamWriter]
_MOST_IDLE = 64
_POLL_SECONDS = 0.1
_MOST_BODY_BYTES = 512 * 1024 * 1024


class AsyncClient:
    """As `Client`, each method a coroutine."""

    def __init__(
        self, url: str = "http://127.0.0.1:8000", *, token: Optional[str] = None, admin_token: Optional[str] = None,
        timeout: float = 30.0, retries: int = 2, deploy_root: Optional[str] = None, tls: Optional[ssl.SSLContext] = None,
    ) -> None:
        parts = urlsplit(url)
        if parts.scheme not in ("http", "https") or parts.hostname is None:
            raise ValueError(f"{url} is no http or https address")
        self._ssl = (tls or ssl.create_default_context()) if parts.scheme == "https" else None
        self._host, self._port = parts.hostname, parts.port or (80 if self._ssl is None else 443)
        self._authority = parts.netloc.rpartition("@")[2]
        self._tokens = {False: token, True: admin_token}
        self._policy = RetryPolicy(retries, timeout)
        self._deploy_root = deploy_root
        self._idle: List[_Connection] = []

    async def predict(
        self, app: str, input: Any, *, slo_ms: Optional[float] = None, context: Optional[Mapping[str, Any]] = None,
        model: Optional[str] = None, version: Union[int, str, None] = None, explain: Optional[bool] = None,
    ) -> Prediction:
        return await self._make(predict_call(app, {"input": input, "slo_ms": slo_ms, "context": context, "model": model, "version": version, "explain": explain}))

    async def predict_many(
        self, app: str, inputs: Sequence[Any], *, slo_ms: Optional[float] = None, context: Optional[Mapping[str, Any]] = None,
        model: Optional[str] = None, version: Union[int, str, None] = None, explain: Optional[bool] = None,
    ) -> Prediction:
        return await self._make(predict_call(app, {"inputs": inputs, "slo_ms": slo_ms, "context": context, "model": model, "version": version, "explain": explain}))

    async def feedback(self, decision_id: str, *, reward: Optional[float] = None, label: Union[str, float, None] = None, value: Optional[float] = None, id: Optional[str] = None) -> str:
        return await self._make(feedback_call(Feedback(decision_id, reward, label, value, id)))

    async def feedback_many(self, items: Sequence[Feedback]) -> List[Dict[str, Any]]:
        return await self._make(feedback_many_call(list(items)))

    async def deploy(
        self, name: str, version: int, target: Target, *, wait: float = 60.0, label: Optional[str] = None, inputs: Any = None, outputs: Any = None,
        options: Optional[Mapping[str, Any]] = None, **model: Any,
    ) -> None:
        deployment, loop = Deployment(name, version, {"inputs": inputs, "outputs": outputs}), asyncio.get_running_loop()
        given = await loop.run_in_executor(None, deployment.collect, target, options or {})
        if self._deploy_root is None:
            folder = await self._make(upload_call(deployment.path, await loop.run_in_executor(None, given.archive)))
        else:
            folder = await loop.run_in_executor(None, given.place, deployment.folder(self._deploy_root))
        body = given.body(folder, model)
        await self.admin("PUT", deployment.path, body)
        ends_at = time.monotonic() + wait
        while not is_ready(await self.admin("GET", deployment.path), ends_at - time.monotonic()):
            await asyncio.sleep(_POLL_SECONDS)
        if label is not None:
            await self.admin("PUT", f"models/{quote(name, safe='')}/labels/{quote(label, safe='')}", {"version": version})

    async def admin(self, method: str, path: str, body: Optional[Mapping[str, Any]] = None) -> Dict[str, Any]:
        return await self._make(admin_call(method, path, body))

    async def close(self) -> None:
        idle, self._idle = self._idle, []
        for _, writer in idle:
            writer.close()

    async def __aenter__(self) -> "AsyncClient":
        return self

    async def __aexit__(self, kind: Optional[Type[BaseException]], error: Optional[BaseException], trace: Optional[TracebackType]) -> None:
        await self.close()

    async def _make(self, call: Call[T]) -> T:
        attempts = Attempts(self._policy)
        while True:
            try:
                seconds = attempts.seconds_left
                try:
                    return call.answer(*await asyncio.wait_for(self._exchange(call), seconds))
                except asyncio.TimeoutError as error:
                    raise BrokerUnreachable(f"{self._authority}: no answer in time") from error
            except Exception as error:
                pause = attempts.pause_after(error)
                if pause is None:
                    raise
                await asyncio.sleep(pause)

    async def _exchange(self, call: Call[T]) -> Tuple[int, bytes]:
        connection, used = await self._take()
        done = False
        try:
            status, body, keep = await self._send(connection, call)
            done = keep
        except (OSError, asyncio.IncompleteReadError, ValueError) as error:
            if used:
                # The broker may close a connection that was idle just as it is used again: a fresh one tells.
                await self.close()
                return await self._exchange(call)
            raise BrokerUnreachable(f"{self._authority}: {error or type(error).__name__}") from error
        finally:
            # Anything but a whole answer, cancellation too, leaves the connection in no known state.
            if done and len(self._idle) < _MOST_IDLE:
                self._idle.append(connection)
            else:
                connection[1].close()
        return status, body

    async def _send(self, connection: _Connection, call: Call[T]) -> Tuple[int, bytes, bool]:
        reader, writer = connection
        lines = [f"{call.method} {call.path} HTTP/1.1", f"host: {self._authority}"]
        token = self._tokens[call.admin]
        if token is not None:
            lines.append(f"authorization: Bearer {token}")
        if call.body is not None:
            lines += [f"content-type: {call.content_type}", f"content-length: {len(call.body)}"]
        writer.write("\r\n".join([*lines, "", ""]).encode("latin-1") + (call.body or b""))
        await writer.drain()
        return await _read_answer(reader)

    async def _take(self) -> Tuple[_Connection, bool]:
        while self._idle:
            connection = self._idle.pop()
            if not connection[0].at_eof():
                return connection, True
            connection[1].close()
        try:
            return await asyncio.open_connection(self._host, self._port, ssl=self._ssl), False
        except OSError as error:
            raise BrokerUnreachable(f"{self._authority}: {error}") from error


async def _read_answer(reader: asyncio.StreamReader) -> Tuple[int, bytes, bool]:
    """Status, body, and whether the connection may be used again. Raises ValueError where it is no HTTP."""
    head = (await reader.readuntil(b"\r\n\r\n")).decode("latin-1").split("\r\n")
    words = head[0].split(" ", 2)
    if len(words) < 2 or not words[0].startswith("HTTP/1."):
        raise ValueError("the answer is not HTTP/1.1")
    headers = {name.strip().lower(): value.strip() for name, _, value in (line.partition(":") for line in head[1:] if line)}
    if headers.get("transfer-encoding", "").lower() == "chunked":
        body = await _read_chunks(reader)
    else:
        length = int(headers.get("content-length", "0"))
        if not 0 <= length <= _MOST_BODY_BYTES:
            raise ValueError(f"an answer of {length} bytes")
        body = await reader.readexactly(length)
    return int(words[1]), body, headers.get("connection", "").lower() != "close"


async def _read_chunks(reader: asyncio.StreamReader) -> bytes:
    body = bytearray()
    while True:
        size = int((await reader.readuntil(b"\r\n")).split(b";")[0], 16)
        if size == 0:
            while await reader.readuntil(b"\r\n") != b"\r\n":
                pass
            return bytes(body)
        if len(body) + size > _MOST_BODY_BYTES:
            raise ValueError("an answer without end")
        body += await reader.readexactly(size)
        await reader.readexactly(2)
