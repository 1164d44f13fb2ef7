"""Why a socket failed: its facts on its boot's timeline, one cause, its evidence, and how sure it is."""

from ingest.domain.causes.attribute import attribute, attribute_without_boot, candidates_in, guessed, is_good
from ingest.domain.causes.records import Attribution, Evidence

__all__ = [
    "Attribution",
    "Evidence",
    "attribute",
    "attribute_without_boot",
    "candidates_in",
    "guessed",
    "is_good",
]
