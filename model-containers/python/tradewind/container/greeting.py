"""What a broker says at the beginning and the end of a connection."""

from __future__ import annotations

from typing import Any, Dict, NamedTuple, Optional, Tuple

from tradewind.container.checks import integer, text
from tradewind.container.wire import VERSION, WireError


_MAX_PATH = 4096


class Offer(NamedTuple):
    """Memory that the broker would share: where it is, how many bytes it has, and what its first ones are."""

    path: str
    size: int
    token: str


class Welcome(NamedTuple):
    heartbeat_ms: int
    replica: str
    shared: Optional[Offer] = None


def parse_welcome(header: Dict[str, Any]) -> Welcome:
    wire = integer(header.get("wire"), "welcome.wire", 1)
    if wire != VERSION:
        raise WireError(f"the broker speaks wire version {wire}, this container {VERSION}")
    return Welcome(integer(header.get("heartbeat_ms"), "welcome.heartbeat_ms", 1), text(header.get("replica"), "welcome.replica"), _parse_offer(header.get("shared")))


def parse_goodbye(header: Dict[str, Any]) -> Tuple[str, str]:
    """Never raises: a goodbye that cannot be read is still one."""
    code, message = header.get("code"), header.get("message")
    return code[:256] if isinstance(code, str) else "unknown", message[:4096] if isinstance(message, str) else ""


def _parse_offer(value: Any) -> Optional[Offer]:
    if value is None:
        return None
    if not isinstance(value, dict):
        raise WireError("welcome.shared is not a map")
    path = text(value.get("path"), "welcome.shared.path", _MAX_PATH)
    return Offer(path, integer(value.get("bytes"), "welcome.shared.bytes", 1), text(value.get("token"), "welcome.shared.token"))
