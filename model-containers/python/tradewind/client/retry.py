"""When a call is made again."""

from __future__ import annotations

import random
import time
from dataclasses import dataclass
from typing import Optional

from tradewind.client.problem import BrokerError, BrokerUnreachable

_FIRST_PAUSE_SECONDS = 0.05
_LONGEST_PAUSE_SECONDS = 5.0


@dataclass(frozen=True)
class RetryPolicy:
    """How often at most after the first time, and for how long in all."""

    retries: int
    timeout_seconds: float


class Attempts:
    """The attempts of one call. Only what the broker's table calls retryable, and a broker that was not reached, is tried again."""

    def __init__(self, policy: RetryPolicy) -> None:
        self._left = policy.retries
        self._pause = _FIRST_PAUSE_SECONDS
        self._ends_at = time.monotonic() + policy.timeout_seconds

    @property
    def seconds_left(self) -> float:
        """Raises BrokerUnreachable once the time is over."""
        left = self._ends_at - time.monotonic()
        if left <= 0:
            raise BrokerUnreachable("the time is over")
        return left

    def pause_after(self, error: Exception) -> Optional[float]:
        """Seconds to wait before the next attempt; None: there is none."""
        if self._left == 0 or not (isinstance(error, BrokerUnreachable) or (isinstance(error, BrokerError) and error.retryable)):
            return None
        asked = (error.retry_after_ms or 0) / 1000 if isinstance(error, BrokerError) else 0.0
        # Jitter: clients that failed together must not come back together.
        pause = max(asked, self._pause) * (0.75 + random.random() / 2)
        self._left -= 1
        self._pause = min(2 * self._pause, _LONGEST_PAUSE_SECONDS)
        return pause if time.monotonic() + pause < self._ends_at else None
