"""What an author wrote (a function, a class, an object), as one thing that predicts batches."""

from __future__ import annotations

import inspect
from dataclasses import dataclass, field, replace
from typing import Any, Awaitable, Callable, Dict, List, Mapping, Optional, Sequence, TypeVar, Union

from tradewind.container.batch import Batch
from tradewind.container.dtype import Signature, Tensor, read_signature
from tradewind.mark import MARK

F = TypeVar("F", bound=Callable[..., Any])
_SETTINGS = ("inputs", "outputs", "max_batch", "max_in_flight", "warm_up", "about")
_NAMED = (inspect.Parameter.POSITIONAL_ONLY, inspect.Parameter.POSITIONAL_OR_KEYWORD, inspect.Parameter.KEYWORD_ONLY)
_ANY_POSITION, _ANY_NAME = "*", "**"
_ANY = {inspect.Parameter.VAR_POSITIONAL: _ANY_POSITION, inspect.Parameter.VAR_KEYWORD: _ANY_NAME}


@dataclass(frozen=True)
class ServeOptions:
    #: The signature, one row's shape each. Without inputs: what the broker's configuration declares, if it does.
    inputs: Optional[List[Tensor]] = None
    outputs: Optional[List[Tensor]] = None
    #: Most rows that a batch may have.
    max_batch: Optional[int] = None
    #: Batches that may be under way, over all brokers; default 1, or the number of brokers dialled.
    max_in_flight: Optional[int] = None
    #: Batch sizes to predict on zeros before the broker is told that this replica exists.
    warm_up: Sequence[int] = ()
    #: Facts for the operator.
    about: Mapping[str, Union[str, int, float, bool]] = field(default_factory=dict)


def model(*, inputs: Signature = None, outputs: Signature = None, max_batch: Optional[int] = None, max_in_flight: Optional[int] = None, warm_up: Sequence[int] = ()) -> Callable[[F], F]:
    """Writes a function's signature down beside it, for `tradewind-container module:function`."""
    said = {"inputs": inputs, "outputs": outputs, "max_batch": max_batch, "max_in_flight": max_in_flight, "warm_up": warm_up}

    def mark(target: F) -> F:
        setattr(target, MARK, said)
        return target

    return mark


class Author:
    """`load` first; then `options` are final, and `predict` may be called."""

    def __init__(self, target: Any, given: Mapping[str, Any]) -> None:
        self._given = {key: value for key, value in given.items() if value not in (None, ())}
        self._target = _made(target) if inspect.isclass(target) else target
        self._predict: Any = self._target
        self._arguments: List[str] = []
        self.options = ServeOptions()

    def load(self, offered: Mapping[str, Any], complete: Callable[[Awaitable[Any]], Any]) -> None:
        """Calls the author's `load` with those of the offered values (path, options, inputs) that it has parameters for;
        `complete` runs what it returns where it is asynchronous."""
        load = getattr(self._target, "load", None)
        if callable(load):
            loaded = load(**{name: offered[name] for name in _parameters(load) if name in offered})
            if inspect.isawaitable(loaded):
                complete(loaded)
        predict = getattr(self._target, "predict", None)
        self._predict = predict if callable(predict) else self._target
        if not callable(self._predict):
            raise TypeError(f"the model is a {type(self._target).__name__}, which is no function and has no method predict")
        self.options = self._read_options(offered.get("inputs"))
        self._arguments = self._read_arguments()

    def predict(self, batch: Batch) -> Any:
        """What the author's function returns; an awaitable where it is asynchronous."""
        if self._arguments == ["batch"]:
            return self._predict(batch)
        if self._arguments == [_ANY_POSITION]:
            return self._predict(*self._in_order(batch))
        if self._arguments == [_ANY_NAME]:
            return self._predict(**batch.inputs)
        if len(self._arguments) == 1 and len(batch.inputs) == 1:
            return self._predict(*batch.inputs.values())
        return self._predict(**{name: batch if name == "batch" else batch.inputs[name] for name in self._arguments})

    def _in_order(self, batch: Batch) -> List[Any]:
        specs = self.options.inputs
        return list(batch.inputs.values()) if specs is None else [batch.inputs[tensor.name] for tensor in specs]

    def _read_options(self, declared: Optional[List[Tensor]]) -> ServeOptions:
        marked: Dict[str, Any] = getattr(self._target, MARK, {})
        found = ((key, self._given.get(key, marked.get(key, getattr(self._target, key, None)))) for key in _SETTINGS)
        said: Dict[str, Any] = {key: value for key, value in found if value is not None}
        inputs = read_signature(said.get("inputs"), "inputs")
        options = replace(ServeOptions(), **{**said, "inputs": inputs if inputs is not None else declared, "outputs": read_signature(said.get("outputs"), "outputs")})
        if options.max_batch is not None and options.max_batch < 1:
            raise ValueError(f"max_batch is {options.max_batch}")
        return options

    def _read_arguments(self) -> List[str]:
        names = _parameters(self._predict)
        if not names:
            raise TypeError("predict takes no arguments: give it one for each input, or one named batch (the first of a method is self)")
        if names in (["batch"], [_ANY_POSITION], [_ANY_NAME]) or len(names) == 1 and len(self.options.inputs or [None]) == 1:
            return names
        known = [tensor.name for tensor in self.options.inputs or ()]
        unknown = [name for name in names if name != "batch" and name not in known]
        if unknown and self.options.inputs is not None:
            raise TypeError(f"predict takes {', '.join(unknown)}, which is no input; the inputs are {', '.join(known)}")
        return names


def _made(kind: Any) -> Any:
    try:
        return kind()
    except TypeError as error:
        if error.__traceback__ is None or error.__traceback__.tb_next is not None:
            raise
        raise TypeError(f"{error}: a class is made without arguments; what it needs at its start goes to its load (path, options, inputs)") from None


def _parameters(function: Callable[..., Any]) -> List[str]:
    """Those without a default, or with the name of something that is offered. Where there are none, `*` or `**` if it takes
    what comes, as many decorators make of a function."""
    try:
        parameters = inspect.signature(function).parameters.values()
    except ValueError:
        # Built in, and silent about it.
        return [_ANY_POSITION]
    named = [one.name for one in parameters if one.kind in _NAMED and (one.default is inspect.Parameter.empty or one.name in ("path", "options", "inputs"))]
    return named or [_ANY[one.kind] for one in parameters if one.kind in _ANY][:1]
