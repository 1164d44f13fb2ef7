"""What the receiver hands to the store."""

from dataclasses import dataclass
from datetime import datetime

from ingest.wire.batch import Batch


@dataclass(frozen=True, kw_only=True, slots=True)
class Incoming:
    """One decoded batch, when it arrived, and what makes it the same request again."""

    batch: Batch
    received_at: datetime
    key_id: int
    idempotency_key: str | None
    digest: str  # Of the JSON as sent, whatever it was compressed with.

    @property
    def clock_offset(self) -> float | None:
        """Return by how many seconds our clock was ahead of the sender's, plus the time on the way."""
        sent_at = self.batch.sent_at
        return None if sent_at is None else (self.received_at - sent_at).total_seconds()


@dataclass(frozen=True, kw_only=True, slots=True)
class Stored:
    """What became of one batch."""

    answer: str  # JSON; for a repeated idempotency key the very text that was answered first.
    boots: tuple[int, ...] = ()  # Primary keys of boots to correlate.
    environments: tuple[int, ...] = ()  # Primary keys of environments to correlate.
