"""How far two reporters' clocks may be apart, as far as can be told from here.

All that is seen of a foreign clock is `sent_at` in what it sends. The least of receipt minus `sent_at` is
how far our clock is ahead of that one, plus the shortest delay on the way. Two such numbers, one subtracted
from the other, are the difference of the two clocks but for the difference of the two shortest delays: our
own clock cancels, and so does what both have in common of the way. What is left cannot be learnt from
messages that go one way, so that the contract's `clock_uncertainty` stands as the least that is assumed.
"""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from math import floor

from ingest.domain.words import Role

STEPS = 10  # to a second: an estimate that gets better by less changes nothing
SERVICE = str(Role.SERVICE)  # the clock that the boot's own ages were read from, by whichever probe


def steps(offset: float) -> int:
    """Return an offset in seconds as whole steps."""
    return floor(offset * STEPS)


def clock_of(role: str, reporter: str) -> str:
    """Return the name of a reporter's clock, `client@tab-5e1c`; inside the process there is one."""
    return SERVICE if role == Role.SERVICE else f"{role}@{reporter}"


def clock_in(ref: str) -> str:
    """Return the clock by which an event was told, from a reference such as `client:6@tab-5e1c`."""
    role, _, rest = ref.partition(":")
    return clock_of(role, rest.partition("@")[2])


@dataclass(frozen=True, kw_only=True, slots=True)
class Clocks:
    """What is known of the clocks of those who reported a boot."""

    offsets: Mapping[str, int] = field(default_factory=dict)  # In steps, by clock, as far as known.

    def known(self, clocks: Iterable[str]) -> dict[str, float]:
        """Return the offsets of these clocks in seconds, by name, as far as they are known."""
        return {clock: self.offsets[clock] / STEPS for clock in sorted(clocks) if clock in self.offsets}

    def apart(self, clocks: Iterable[str]) -> float:
        """Return by how many seconds these clocks are apart; 0 as far as it is not known."""
        known = [self.offsets[clock] for clock in clocks if clock in self.offsets]
        return (max(known) - min(known)) / STEPS if known else 0.0

    def beyond(self, uncertainty: float) -> dict[str, int]:
        """Return the offsets if any two are further apart than what is assumed anyway, else none."""
        return dict(sorted(self.offsets.items())) if self.apart(self.offsets) > uncertainty else {}


UNKNOWN = Clocks()
