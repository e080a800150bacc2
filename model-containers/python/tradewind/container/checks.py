"""Values of untrusted headers, of the right type and within bounds, or WireError with the key at fault."""

from __future__ import annotations

from typing import Any, List

from tradewind.container.wire import WireError

_MAX_INTEGER = 2**53 - 1
_MAX_NAME = 256


def integer(value: Any, at: str, least: int, most: int = _MAX_INTEGER) -> int:
    """It may come as a float."""
    if type(value) is float and value.is_integer():
        value = int(value)
    if type(value) is not int or not least <= value <= most:
        raise WireError(f"{at} is not an integer from {least} to {most}")
    return value


def text(value: Any, at: str, most: int = _MAX_NAME) -> str:
    if not isinstance(value, str) or not 1 <= len(value) <= most:
        raise WireError(f"{at} is not text of 1 to {most} characters")
    return value


def items(value: Any, at: str, most: int) -> List[Any]:
    if not isinstance(value, list) or len(value) > most:
        raise WireError(f"{at} is not a list of at most {most}")
    return value
