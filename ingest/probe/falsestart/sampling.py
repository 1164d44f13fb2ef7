"""Failures beyond what is listed in a second: a fair sample of each kind, which stands for all of them.

The first 100 failures of a second are told at once, each for itself. What follows is kept until the second
is over, as a random sample of each kind. Of n failures of a kind with k samples each sample stands for n // k
or one more, and who gets the one more is drawn by lot: the sum is n, and every failure counts once in
expectation.
"""

import random
from collections.abc import Sequence
from dataclasses import dataclass, field

from falsestart.recorder import Event

LISTED = 100  # failures of a second, openings, and failed requests, that are told one by one
SAMPLED = 100  # further events for the failures of a second; a few more where there are more kinds
KINDS_WITH_PATH = 50  # of a second: peers choose paths, so their number must have an end
KINDS = 100  # of a second; what comes then is one kind more
WINDOW = 1.0  # seconds

Kind = tuple[object, ...]
OTHER: Kind = ("other",)

_lot = random.Random()  # noqa: S311 - draws samples, guards nothing


@dataclass(slots=True)
class _Pool:
    count: int = 0
    kept: list[Event] = field(default_factory=list)


class Sampling:
    """One second at a time. The caller holds the lock."""

    def __init__(self, lot: random.Random = _lot) -> None:
        """`lot` draws the samples."""
        self._lot = lot
        self._second: int | None = None
        self._openings = 0
        self._requests = 0
        self._failures = 0
        self._pools: dict[Kind, _Pool] = {}
        self._over: list[Event] = []

    def lists_opening(self, age: float) -> bool:
        """Whether an opening at `age` seconds is listed: the first 100 of a second are.

        The end of a socket whose opening was listed must be listed too. So a limit of ends needs one here.
        """
        self._turn(age)
        self._openings += 1
        return self._openings <= LISTED

    def lists_request(self, age: float) -> bool:
        """Whether a request that failed at `age` seconds is listed: the first 100 of a second are."""
        self._turn(age)
        self._requests += 1
        return self._requests <= LISTED

    def lists_failure(self, age: float) -> bool:
        """Count a failure at `age` seconds; False where it must be kept with `keep` instead of told."""
        self._turn(age)
        self._failures += 1
        return self._failures <= LISTED

    def keep(self, event: Event, kind: Kind, path: str) -> None:
        """Let a failure of a kind and path stand its chance to be a sample of its second."""
        pool = self._pool(kind, path)
        pool.count += 1
        room = self._room()
        self._shrink(pool, room)
        if len(pool.kept) < room and len(pool.kept) == pool.count - 1:
            pool.kept.append(event)
        elif (place := self._lot.randrange(pool.count)) < len(pool.kept):
            pool.kept[place] = event

    def take(self, age: float, *, partly: bool = False) -> list[Event]:
        """The samples of seconds that are over at `age` seconds, or of all there is if `partly`."""
        self._turn(age)
        if partly:
            self._close()
        over, self._over = self._over, []
        return over

    @property
    def keeps(self) -> bool:
        """Whether samples wait for the end of their second."""
        return bool(self._pools or self._over)

    def _turn(self, age: float) -> None:
        second = int(age // WINDOW)
        # A thread that was overtaken at the turn of a second counts in the later one.
        if self._second is None or second > self._second:
            self._close()
            self._second = second
            self._openings = self._requests = self._failures = 0

    def _close(self) -> None:
        room = self._room()
        pools, self._pools = self._pools, {}
        for pool in pools.values():
            self._shrink(pool, room)
            self._over += _weighed(pool, self._lot)

    def _pool(self, kind: Kind, path: str) -> _Pool:
        for name, limit in (((*kind, path), KINDS_WITH_PATH), (kind, KINDS)):
            if name in self._pools or len(self._pools) < limit:
                return self._pools.setdefault(name, _Pool())
        return self._pools.setdefault(OTHER, _Pool())

    def _room(self) -> int:
        return max(1, SAMPLED // max(1, len(self._pools)))

    def _shrink(self, pool: _Pool, room: int) -> None:
        # A random part of a random sample is one, so a kind that comes late may take its room from others.
        while len(pool.kept) > room:
            pool.kept.pop(self._lot.randrange(len(pool.kept)))


def _weighed(pool: _Pool, lot: random.Random) -> Sequence[Event]:
    share, left = divmod(pool.count, len(pool.kept))
    lucky = set(lot.sample(range(len(pool.kept)), left))
    return [{**event, "stands_for": share + (n in lucky)} for n, event in enumerate(pool.kept)]
