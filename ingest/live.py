"""The one typed message on the channel layer: a hint that a row changed. The row is the promise.

A group is named by a hash, since names from outside may hold anything.
"""

import hashlib
from typing import Literal, TypedDict

FLEET = "fleet"


class Changed(TypedDict):
    """A boot was recorded anew."""

    type: Literal["live.changed"]
    boot: str  # The reporter's boot id.
    service: str
    environment: str
    release: str
    mark: int  # The environment's mark of this record.


def release_group(service: str, environment: str, release: str) -> str:
    """Return the group of everybody who watches a release."""
    return _group("release", service, environment, release)


def boot_group(boot: str) -> str:
    """Return the group of everybody who watches a boot."""
    return _group("boot", boot)


def groups_of(changed: Changed) -> tuple[str, ...]:
    """Return the groups that a message goes to."""
    release = release_group(changed["service"], changed["environment"], changed["release"])
    return (FLEET, release, boot_group(changed["boot"]))


def _group(kind: str, *names: str) -> str:
    digest = hashlib.sha256("\0".join(names).encode()).hexdigest()
    return f"{kind}.{digest[:32]}"
