"""The one order in which a boot's events are read, whatever order they arrived in."""

from collections.abc import Iterable
from operator import attrgetter

from ingest.domain.events import Reported


def ordered(events: Iterable[Reported]) -> tuple[Reported, ...]:
    """Return each event once, by age, then reporter and number.

    Every inference starts here: it is what makes order of arrival and retries unable to matter.
    """
    return tuple(sorted(dict.fromkeys(events), key=attrgetter("order")))
