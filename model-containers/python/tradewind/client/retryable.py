"""Written from the broker's table of errors by test/tidy/write-docs.ts; do not edit."""

from __future__ import annotations

#: Codes of errors that a retry can help with.
RETRYABLE = frozenset((
    "batch_failed",
    "deadline_exceeded",
    "draining",
    "expired_in_queue",
    "feedback_full",
    "feedback_overloaded",
    "feedback_unavailable",
    "infeasible",
    "internal",
    "journal_full",
    "no_replica",
    "not_saved",
    "overloaded",
    "queue_full",
    "rate_limited",
    "replica_failed",
    "request_timeout",
))
