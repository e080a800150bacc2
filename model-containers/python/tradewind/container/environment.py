"""How this container was told to start: environment variables, and flags of the same names, which win."""

from __future__ import annotations

import argparse
import json
import os
from dataclasses import dataclass
from typing import Any, Dict, List, Mapping, Optional, Sequence

from tradewind.container.address import Address, parse_address
from tradewind.container.dtype import Tensor
from tradewind.container.headers import parse_tensor
from tradewind.container.wire import WireError

_MAX_TOKEN = 4096
FLAGS = ("connect", "listen", "model", "version", "path", "options")


class StartError(Exception):
    """The start cannot be carried out as asked: every fault, one a line."""


@dataclass(frozen=True)
class Environment:
    connect: List[Address]
    listen: Optional[Address]
    model: str
    version: int
    #: Absolute; None where the configuration gives none.
    path: Optional[str]
    options: Dict[str, Any]
    #: What the broker's configuration declares.
    inputs: Optional[List[Tensor]]
    #: A broker on this machine started the process, which ends when that broker does.
    owned: bool
    #: Never printed, never in the environment.
    token: Optional[str]


def add_flags(parser: argparse.ArgumentParser) -> None:
    for flag in FLAGS:
        parser.add_argument(f"--{flag}", action="append" if flag == "connect" else "store", help=f"wins over TRADEWIND_{flag.upper()}")


def read_environment(env: Mapping[str, str], flags: Mapping[str, Any]) -> Environment:
    """Raises StartError with every fault. Reads the token's pipe to its end and closes it."""
    faults: List[str] = []

    def given(flag: str) -> Optional[str]:
        value = flags.get(flag)
        text = ",".join(value) if isinstance(value, list) else value
        return (env.get(f"TRADEWIND_{flag.upper()}") if text is None else text) or None

    connect = [_address(text.strip(), faults) for text in (given("connect") or "").split(",") if text != ""]
    listen_text = given("listen")
    listen = None if listen_text is None else _address(listen_text, faults)
    if not connect and listen_text is None:
        faults.append("give TRADEWIND_CONNECT (--connect) or TRADEWIND_LISTEN (--listen): unix:/path or tcp://host:port")
    model = given("model")
    if model is None:
        faults.append("TRADEWIND_MODEL (--model) is missing")
    version = given("version") or "1"
    if not (version.isascii() and version.isdigit() and 1 <= int(version) < 2**53):
        faults.append("TRADEWIND_VERSION (--version) is not a positive integer")
    path = given("path")
    options = _json(given("options"), dict, "TRADEWIND_OPTIONS (--options) is not a JSON object", faults)
    environment = Environment(
        [one for one in connect if one is not None], listen, model or "", int(version) if version.isascii() and version.isdigit() else 0,
        None if path is None else os.path.abspath(path), options or {}, _inputs(env.get("TRADEWIND_INPUT") or None, faults),
        env.get("TRADEWIND_OWNED") == "1", _token(env.get("TRADEWIND_TOKEN_FD"), faults),
    )
    if faults:
        raise StartError("\n".join(faults))
    return environment


def flags_of(arguments: Sequence[str]) -> Dict[str, Any]:
    """The flags of a program that takes no others."""
    parser = argparse.ArgumentParser(description="One replica of a model, for a Tradewind broker.")
    add_flags(parser)
    return vars(parser.parse_args(arguments))


def _address(text: str, faults: List[str]) -> Optional[Address]:
    address = parse_address(text)
    if address is None:
        faults.append(f'"{text}" is no address: unix:/path or tcp://host:port')
    return address


def _json(text: Optional[str], kind: type, fault: str, faults: List[str]) -> Any:
    if text is None:
        return None
    try:
        value = json.loads(text)
    except ValueError:
        value = None
    if isinstance(value, kind):
        return value
    faults.append(fault)
    return None


def _inputs(text: Optional[str], faults: List[str]) -> Optional[List[Tensor]]:
    specs = _json(text, list, "TRADEWIND_INPUT is not a JSON list of tensors", faults)
    try:
        return None if specs is None else [parse_tensor(spec, f"TRADEWIND_INPUT[{i}]") for i, spec in enumerate(specs)]
    except WireError as error:
        faults.append(str(error))
        return None


def _token(descriptor: Optional[str], faults: List[str]) -> Optional[str]:
    if not descriptor:
        return None
    try:
        with open(int(descriptor), encoding="utf-8") as pipe:
            token = pipe.read(4 * _MAX_TOKEN).strip()
    except (OSError, ValueError) as error:
        faults.append(f"TRADEWIND_TOKEN_FD: {error}")
        return None
    if 1 <= len(token) <= _MAX_TOKEN:
        return token
    faults.append(f"the token on TRADEWIND_TOKEN_FD has {len(token)} characters; 1 to {_MAX_TOKEN} are expected")
    return None
