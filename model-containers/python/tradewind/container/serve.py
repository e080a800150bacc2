"""From a function to a replica."""

from __future__ import annotations

import inspect
import os
import sys
from typing import Any, Mapping, NoReturn, Optional, Sequence

import numpy as np

from tradewind.container.address import Address, format_address
from tradewind.container.batch import Batch, PredictError
from tradewind.container.dtype import NUMPY, Signature
from tradewind.container.environment import Environment, StartError, flags_of, read_environment
from tradewind.container.failure import describe, print_traceback, say
from tradewind.container.loop import Loop
from tradewind.container.model import Author
from tradewind.container.outputs import check_outputs
from tradewind.container.service import BrokerGone, Service
from tradewind.container.watchdog import Watchdog
from tradewind.container.wire import VERSION

KIT = "tradewind-python/0.1.0"


def serve(
    target: Any,
    *,
    inputs: Signature = None,
    outputs: Signature = None,
    max_batch: Optional[int] = None,
    max_in_flight: Optional[int] = None,
    warm_up: Sequence[int] = (),
    about: Optional[Mapping[str, Any]] = None,
) -> None:
    """Serves a function, a class with `load` and `predict`, or an object with `predict`, as one replica, started as the
    environment says (model-containers/README.md). Returns once it was drained; a start that fails is said on standard
    error, and ends the process with 1.

    A function of one parameter gets the input; one of several gets each by its name; a parameter named `batch` gets the
    `Batch`. It returns the only output, a tuple of all, or a map by name. What it raises is the error of the whole batch.
    """
    given = {"inputs": inputs, "outputs": outputs, "max_batch": max_batch, "max_in_flight": max_in_flight, "warm_up": warm_up, "about": about}
    run(lambda environment: target, given, flags_of(sys.argv[1:]))


def run(find: Any, given: Mapping[str, Any], flags: Mapping[str, Any]) -> None:
    """As `serve`; `find` gets the environment and gives the target, once the watchdog watches."""
    try:
        environment = read_environment(os.environ, flags)
    except StartError as error:
        fail_start(str(error))
    _hide_token()
    if hasattr(sys.stdout, "reconfigure"):
        # What an author prints comes into the broker's log line by line, not when some buffer is full.
        sys.stdout.reconfigure(line_buffering=True)
    watchdog = Watchdog(environment.owned)
    try:
        _serve(environment, find, given, watchdog)
    except BrokerGone as gone:
        fail_start(str(gone))
    except StartError as error:
        fail_start(str(error))
    finally:
        watchdog.end()


def _serve(environment: Environment, find: Any, given: Mapping[str, Any], watchdog: Watchdog) -> None:
    loop = Loop()
    identity = {"wire": VERSION, "role": "worker", "model": environment.model, "version": environment.version, "pid": os.getpid(), "token": environment.token}
    identity = {key: value for key, value in identity.items() if value is not None}
    watchdog.introduce({**identity, "role": "watchdog"})
    try:
        author = Author(find(environment), given)
        author.load({"path": environment.path, "options": environment.options, "inputs": environment.inputs}, loop.complete)
        _warm_up(author, loop)
    except (StartError, KeyboardInterrupt):
        raise
    except BaseException as error:
        print_traceback(error)
        raise StartError(f"the model could not be loaded: {describe(error)}") from error
    options = author.options
    hello = {
        **identity,
        "kit": KIT,
        "inputs": None if options.inputs is None else [tensor.to_wire() for tensor in options.inputs],
        "outputs": None if options.outputs is None else [tensor.to_wire() for tensor in options.outputs],
        "max_batch": options.max_batch,
        "watchdog": None if environment.listen is None else format_address(_listening(watchdog, environment.listen)),
        "about": {"python": sys.version.split()[0], "numpy": np.__version__, **options.about},
    }
    Service(environment, {key: value for key, value in hello.items() if value is not None}, author, watchdog, loop).run()


def _listening(watchdog: Watchdog, address: Address) -> Address:
    try:
        return watchdog.listen(f"{address}.watchdog" if isinstance(address, str) else (address[0], 0))
    except OSError as error:
        raise StartError(f"the watchdog cannot listen: {error}") from error


def _warm_up(author: Author, loop: Loop) -> None:
    """Predicts zeros (free extents are 1), so that the first real batch finds caches and threads in place. What fails here
    fails the start: better than a replica that is ready and cannot serve."""
    options = author.options
    for rows in options.warm_up:
        if options.inputs is None:
            raise StartError("warm-up needs the signature of the inputs")
        if rows < 1 or rows > (options.max_batch or rows):
            raise StartError(f"warm-up size {rows} is not from 1 to {options.max_batch or 'the largest batch'}")
        batch = Batch(rows, {tensor.name: _zeros(tensor.dtype, rows, tensor.shape, tensor.ragged) for tensor in options.inputs})
        try:
            returned = author.predict(batch)
            if inspect.isawaitable(returned):
                returned = loop.complete(returned)
            if not batch._failures:
                check_outputs(returned, batch, options.outputs)
        except PredictError as error:
            raise StartError(f"warm-up with {rows} rows failed: {error}") from error
        except KeyboardInterrupt:
            raise
        except BaseException as error:
            print_traceback(error)
            raise StartError(f"warm-up with {rows} rows failed: {describe(error)}") from error


def _zeros(dtype: str, rows: int, shape: Sequence[int], ragged: bool) -> Any:
    row = [max(1, extent) if extent < 0 else extent for extent in shape]
    zeros = np.full((rows, *row), b"", object) if dtype == "bytes" else np.zeros((rows, *row), NUMPY[dtype])
    return list(zeros) if ragged else zeros


def fail_start(message: str) -> NoReturn:
    say("".join(f"tradewind container: {line}\n" for line in message.splitlines()))
    sys.exit(1)


def _hide_token() -> None:
    """The token has been read: nothing that the author's code starts shall look for it."""
    os.environ.pop("TRADEWIND_TOKEN_FD", None)
