"""The command `tradewind-container`; with `python -m tradewind.container` the same."""

from __future__ import annotations

import sys


def main() -> None:
    for package in ("numpy", "msgpack"):
        try:
            __import__(package)
        except ImportError as error:
            sys.stderr.write(f"tradewind container: {sys.executable} has no {package} ({error}): install it there, or name another interpreter (option python)\n")
            sys.exit(1)
    from tradewind.container.command import run_command

    run_command(sys.argv[1:])


if __name__ == "__main__":
    main()
