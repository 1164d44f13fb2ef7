"""How wide columns are, so that every row holds what the wire lets through."""

from enum import StrEnum

NAME = 200  # characters, of services, environments, releases, instances, phases
WORD = 32  # characters, of a member of a closed vocabulary


def words(vocabulary: type[StrEnum]) -> list[tuple[str, str]]:
    """Return a closed vocabulary as a column's choices."""
    return [(word.value, word.value) for word in vocabulary]
