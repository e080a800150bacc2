"""The answer to a predict call."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any, Dict, List, Optional


@dataclass(frozen=True)
class RowAnswer:
    """Where the answer to one row of many came from, where rows differ."""

    source: str
    reason: Optional[str] = None
    confidence: Optional[float] = None


@dataclass(frozen=True)
class Prediction:
    """`output` of one row, or `outputs` of many. `source` is `model`, `ensemble` or `default`; with `default`, `reason` says why."""

    decision_id: str
    source: str
    latency_ms: float
    output: Any = None
    outputs: Optional[List[Any]] = None
    model: Optional[str] = None
    version: Optional[int] = None
    cached: bool = False
    reason: Optional[str] = None
    confidence: Optional[float] = None
    rows: Optional[List[RowAnswer]] = None
    #: Arms of an ensemble that did not answer in time.
    missing: Optional[List[str]] = None
    explanation: Any = None
    #: The whole body, what this class does not know included.
    body: Dict[str, Any] = field(default_factory=dict, repr=False)

    def decision_of(self, row: int) -> str:
        """What feedback on one row of many names."""
        return f"{self.decision_id}.{row}"


def read_prediction(body: Dict[str, Any]) -> Prediction:
    rows = body.get("rows")
    return Prediction(
        decision_id=str(body.get("decision_id", "")), source=str(body.get("source", "")), latency_ms=float(body.get("latency_ms", 0)),
        output=body.get("output"), outputs=body.get("outputs"), model=body.get("model"), version=body.get("version"), cached=body.get("cached") is True,
        reason=body.get("reason"), confidence=body.get("confidence"),
        rows=None if rows is None else [RowAnswer(row["source"], row.get("reason"), row.get("confidence")) for row in rows],
        missing=body.get("missing"), explanation=body.get("explanation"), body=body,
    )
