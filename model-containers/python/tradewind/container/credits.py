"""Who may send how many batches."""

from __future__ import annotations

from typing import Dict, Generic, Hashable, List, Tuple, TypeVar

B = TypeVar("B", bound=Hashable)


class CreditShare(Generic[B]):
    """Over all brokers together never more than `total` credits are out; each broker gets up to an equal share, rounded up.

    A broker that comes when all are out waits until another has more than its share, or leaves. Credits are counted from
    their grant until the batch they were spent on is done. `expected` brokers will come: shares are reckoned with them.
    """

    def __init__(self, total: int, expected: int = 1) -> None:
        self._total = total
        self._free = total
        self._expected = expected
        self._held: Dict[B, int] = {}

    def join(self, broker: B) -> int:
        """Credits for a broker that has just come."""
        self._held[broker] = 0
        return self._take(broker)

    def done(self, broker: B) -> List[Tuple[B, int]]:
        """A batch of this broker is done: how many credits go to whom, itself perhaps."""
        self._free += 1
        if broker not in self._held:
            return self._spread()
        self._held[broker] -= 1
        # It comes first at equal need: its next batch is likely waiting.
        own = self._take(broker)
        return ([(broker, own)] if own > 0 else []) + self._spread()

    def leave(self, broker: B, computing: int) -> List[Tuple[B, int]]:
        """A broker has left, with `computing` batches still under way: they hold their credits until `done`."""
        if broker not in self._held:
            return []
        self._free += self._held.pop(broker) - computing
        return self._spread()

    def _take(self, broker: B) -> int:
        share = -(-self._total // max(len(self._held), self._expected))
        taken = max(0, min(self._free, share - self._held[broker]))
        self._free -= taken
        self._held[broker] += taken
        return taken

    def _spread(self) -> List[Tuple[B, int]]:
        if self._free == 0:
            return []
        grants = [(broker, self._take(broker)) for broker in sorted(self._held, key=lambda one: self._held[one])]
        return [(broker, taken) for broker, taken in grants if taken > 0]
