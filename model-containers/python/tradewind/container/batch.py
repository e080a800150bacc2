"""What an author's function gets, and how it says that something failed."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any, Callable, Dict, List, Mapping, Optional, Union

import numpy as np

MAX_MESSAGE_CHARS = 2000

#: One array `[rows, …]`; for a ragged tensor a list with one array a row. Text comes as an object array of `bytes`.
Input = Union["np.ndarray[Any, Any]", List["np.ndarray[Any, Any]"]]


class PredictError(Exception):
    """The whole batch failed, with a word for machines: `bad_input`, `model_error`, `invalid_output`, or the author's own."""

    def __init__(self, code: str, message: str) -> None:
        super().__init__(message)
        self.code = code


class RowError(Exception):
    """One row failed: return it in the row's place in a list of outputs. The other rows are answered."""

    def __init__(self, message: str, code: str = "model_error") -> None:
        super().__init__(message)
        self.code = code


@dataclass
class Batch:
    """Rows to be predicted together. The arrays lie in memory that is used again once the function has returned."""

    rows: int
    inputs: Mapping[str, Input]
    #: Names of the outputs that are wanted; others may be left out. None: all.
    wanted: Optional[List[str]] = None
    #: Microseconds that were left until the earliest deadline when the batch was sent.
    budget_us: float = 0.0
    signature: Optional[str] = None
    params: Mapping[str, Any] = field(default_factory=dict)
    traceparent: Optional[str] = None
    _look: Callable[[int], bool] = lambda row: False
    _failures: Dict[int, RowError] = field(default_factory=dict)

    def is_cancelled(self, row: int) -> bool:
        """Whether nobody waits for the row any more (what the broker has said by now is read). Answering it does no harm."""
        return self._look(row)

    def fail(self, row: int, message: str, code: str = "model_error") -> None:
        """This row has failed, the others have not. What the outputs hold in its place is not sent."""
        if not 0 <= row < self.rows:
            raise IndexError(f"row {row} is not in a batch of {self.rows}")
        self._failures[row] = RowError(message[:MAX_MESSAGE_CHARS], code)
