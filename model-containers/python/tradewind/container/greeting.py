"""What a broker says at the beginning and the end of a connection."""

from __future__ import annotations

from typing import Any, Dict, NamedTuple, Tuple

from tradewind.container.checks import integer, text
from tradewind.container.wire import VERSION, WireError


class Welcome(NamedTuple):
    heartbeat_ms: int
    replica: str


def parse_welcome(header: Dict[str, Any]) -> Welcome:
    wire = integer(header.get("wire"), "welcome.wire", 1)
    if wire != VERSION:
        raise WireError(f"the broker speaks wire version {wire}, this container {VERSION}")
    return Welcome(integer(header.get("heartbeat_ms"), "welcome.heartbeat_ms", 1), text(header.get("replica"), "welcome.replica"))


def parse_goodbye(header: Dict[str, Any]) -> Tuple[str, str]:
    """Never raises: a goodbye that cannot be read is still one."""
    code, message = header.get("code"), header.get("message")
    return code[:256] if isinstance(code, str) else "unknown", message[:4096] if isinstance(message, str) else ""
