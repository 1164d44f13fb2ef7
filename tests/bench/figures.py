"""Rounds become figures, figures become lines of a table."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from statistics import median, quantiles

HEADINGS = ("engine", "batch", "product events/s", "peer events/s", "ratio", "p50 ms", "p99 ms")


@dataclass(frozen=True, kw_only=True, slots=True)
class Round:
    """One round: the same rows by the product and by its peer."""

    events: int
    seconds: float  # The product's.
    peer_seconds: float
    latencies: tuple[float, ...]  # Seconds, one a post to the product.

    @property
    def rate(self) -> float:
        """Events a second of the product."""
        return self.events / self.seconds

    @property
    def peer_rate(self) -> float:
        """Events a second of the peer."""
        return self.events / self.peer_seconds

    @property
    def ratio(self) -> float:
        """The product's rate by the peer's in the same round."""
        return self.rate / self.peer_rate


def median_ratio(rounds: Iterable[Round]) -> float:
    """The ratio that a limit is held against."""
    return median(r.ratio for r in rounds)


def line(engine: str, size: int, rounds: Sequence[Round]) -> tuple[str, ...]:
    """A row of the table; what was measured several times as minimum, median and maximum."""
    percentiles = [quantiles(r.latencies, n=100, method="inclusive") for r in rounds]
    return (
        engine,
        f"{size:,}",
        _spread((r.rate for r in rounds), ",.0f"),
        _spread((r.peer_rate for r in rounds), ",.0f"),
        _spread((r.ratio for r in rounds), ".2f"),
        _spread((p[49] * 1000 for p in percentiles), ".1f"),
        _spread((p[98] * 1000 for p in percentiles), ".1f"),
    )


def _spread(values: Iterable[float], form: str) -> str:
    found = sorted(values)
    return " - ".join(format(value, form) for value in (found[0], median(found), found[-1]))


def table(lines: Iterable[tuple[str, ...]]) -> str:
    """The lines below the headings, in columns."""
    rows = [HEADINGS, *lines]
    widths = [max(len(row[column]) for row in rows) for column in range(len(HEADINGS))]
    return "\n".join(
        "  ".join(cell.rjust(width) for cell, width in zip(row, widths, strict=True)) for row in rows
    )
