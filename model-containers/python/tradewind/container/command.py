"""What `tradewind-container` does with its words: finds the model and serves it."""

from __future__ import annotations

import argparse
from typing import Any, List

from tradewind.container.entry import find_entry
from tradewind.container.environment import Environment, StartError, add_flags
from tradewind.container.loaders.catalog import LOADERS, find_loader
from tradewind.container.serve import run

#: Options of the container that are not the loader's.
_OWN = ("entry", "loader", "python", "max_batch", "max_in_flight", "warm_up")


def run_command(arguments: List[str]) -> None:
    parser = argparse.ArgumentParser(prog="tradewind-container", description="One replica of a model, for a Tradewind broker.")
    parser.add_argument("entry", nargs="?", help="module:function, file.py:function, or loader:NAME with NAME one of " + ", ".join(LOADERS))
    add_flags(parser)
    flags = vars(parser.parse_args(arguments))
    given: dict[str, Any] = {}

    def find(environment: Environment) -> Any:
        options = environment.options
        given.update({key: options[key] for key in ("max_batch", "max_in_flight", "warm_up") if key in options})
        loader, entry = options.get("loader"), flags["entry"] or options.get("entry")
        if isinstance(entry, str) and entry.startswith("loader:"):
            loader, entry = entry[len("loader:"):], None
        if loader is not None:
            return find_loader(loader, {key: value for key, value in options.items() if key not in _OWN}, environment.path, environment.inputs)
        if entry is None and not (environment.path or "").endswith(".py"):
            raise StartError(f"name what is to be served: option entry (module:function or file.py:function) or loader ({', '.join(LOADERS)})")
        return find_entry(entry, environment.path)

    run(find, given, flags)
