"""Tradewind in Python: `serve` makes a container of a function, `Client` calls a broker.

What is named here is loaded when it is first used, so that a program with a client alone needs neither numpy nor msgpack.
"""

from __future__ import annotations

import importlib
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from tradewind.client.async_client import AsyncClient
    from tradewind.client.client import Client
    from tradewind.client.prediction import Prediction
    from tradewind.client.problem import BrokerError, BrokerUnreachable, NotReady
    from tradewind.container.batch import Batch, PredictError, RowError
    from tradewind.container.dtype import Tensor
    from tradewind.container.model import model
    from tradewind.container.serve import serve

__version__ = "0.1.0"
__all__ = ["AsyncClient", "Batch", "BrokerError", "BrokerUnreachable", "Client", "NotReady", "PredictError", "Prediction", "RowError", "Tensor", "model", "serve"]

_HOMES = {
    "AsyncClient": "tradewind.client.async_client",
    "Client": "tradewind.client.client",
    "Prediction": "tradewind.client.prediction",
    "BrokerError": "tradewind.client.problem",
    "BrokerUnreachable": "tradewind.client.problem",
    "NotReady": "tradewind.client.problem",
    "Batch": "tradewind.container.batch",
    "PredictError": "tradewind.container.batch",
    "RowError": "tradewind.container.batch",
    "Tensor": "tradewind.container.dtype",
    "model": "tradewind.container.model",
    "serve": "tradewind.container.serve",
}


def __getattr__(name: str) -> Any:
    home = _HOMES.get(name)
    if home is None:
        raise AttributeError(f"module 'tradewind' has no attribute '{name}'")
    return getattr(importlib.import_module(home), name)
