"""Where a broker or a container is: `unix:/path/of/socket` or `tcp://host:port`."""

from __future__ import annotations

import os
import re
import socket
import stat
from typing import Optional, Tuple, Union

_TCP = re.compile(r"tcp://(?:\[([0-9a-fA-F:.]+)\]|([^\s:\[\]/]*)):(\d{1,5})")

#: A path, or host and port.
Address = Union[str, Tuple[str, int]]


def parse_address(text: str) -> Optional[Address]:
    if text.startswith("unix:"):
        path = text[len("unix:"):]
        return path if path.startswith("/") else None
    match = _TCP.fullmatch(text)
    if match is None or int(match[3]) > 65_535:
        return None
    return (match[1] or match[2], int(match[3]))


def format_address(address: Address) -> str:
    if isinstance(address, str):
        return f"unix:{address}"
    host, port = address
    return f"tcp://[{host}]:{port}" if ":" in host else f"tcp://{host}:{port}"


def listen(address: Address) -> Tuple[socket.socket, Address]:
    """A listening, non-blocking socket, and where it is (port 0 filled in); raises OSError. A socket that nobody listens on
    any more, which a process that was killed leaves behind, is replaced."""
    if isinstance(address, str):
        if _is_stale(address):
            os.unlink(address)
        sock = socket.socket(socket.AF_UNIX)
        sock.bind(address)
        sock.listen(64)
        sock.setblocking(False)
        return sock, address
    host = address[0] or "127.0.0.1"
    family = socket.AF_INET6 if ":" in host else socket.AF_INET
    sock = socket.socket(family)
    sock.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
    sock.bind((host, address[1]))
    sock.listen(64)
    sock.setblocking(False)
    return sock, (address[0], sock.getsockname()[1])


def _is_stale(path: str) -> bool:
    try:
        if not stat.S_ISSOCK(os.lstat(path).st_mode):
            return False
        with socket.socket(socket.AF_UNIX) as sock:
            sock.connect(path)
    except ConnectionRefusedError:
        return True
    except OSError:
        return False
    return False


def unbind(address: Address) -> None:
    """Takes away the file of a Unix socket that nobody listens on any more."""
    if isinstance(address, str):
        try:
            os.unlink(address)
        except FileNotFoundError:
            pass
