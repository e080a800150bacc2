"""What can go wrong with a call."""

from __future__ import annotations

from typing import Any, List, Optional

from tradewind.client.retryable import RETRYABLE


class BrokerError(Exception):
    """The broker's answer is an error: `code` is one of its table."""

    def __init__(self, status: int, code: str, message: str, *, path: Optional[str] = None, details: Optional[List[Any]] = None, decision_id: Optional[str] = None, retry_after_ms: Optional[float] = None) -> None:
        super().__init__(f"{code}: {message}" + (f" (at {path})" if path else "") + "".join(f"\n  {_line(one)}" for one in details or ()))
        self.status = status
        self.code = code
        self.message = message
        self.path = path
        self.details = details or []
        #: Of a query that was decided on and not answered: feedback may name it.
        self.decision_id = decision_id
        self.retry_after_ms = retry_after_ms

    @property
    def retryable(self) -> bool:
        return self.code in RETRYABLE


class BrokerUnreachable(Exception):
    """No answer came: nobody listens there, the connection broke, or the time was over."""


class NotReady(Exception):
    """A version that was deployed did not become ready, in time or at all: `state` is that of its replica (`starting`, `backoff`,
    `crash_loop`, …; None where it has none), `output` the last lines of its container. It stays deployed, and is tried again."""

    def __init__(self, reason: str, *, state: Optional[str] = None, output: Optional[List[str]] = None) -> None:
        super().__init__(f"the version did not become ready: {reason}" + (f" ({state})" if state else "") + "".join(f"\n  {line}" for line in output or ()))
        self.reason = reason
        self.state = state
        self.output = output or []


def read_problem(status: int, body: Any) -> BrokerError:
    error = body.get("error") if isinstance(body, dict) else None
    if not isinstance(error, dict):
        return BrokerError(status, "unknown", f"HTTP status {status}")
    return BrokerError(
        status, str(error.get("code", "unknown")), str(error.get("message", "")),
        path=error.get("path"), details=error.get("details"), decision_id=error.get("decision_id"), retry_after_ms=error.get("retry_after_ms"),
    )


def _line(detail: Any) -> str:
    if not isinstance(detail, dict):
        return str(detail)
    said = f"{detail.get('path') or 'here'} {detail.get('message', '')}"
    return f"{said}; expected {detail['expected']}" if detail.get("expected") else said
