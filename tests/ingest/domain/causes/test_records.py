from dataclasses import FrozenInstanceError

import pytest

from ingest.domain.causes import Evidence
from ingest.domain.words import Basis


def test_evidence_cannot_be_changed_afterwards() -> None:
    row = Evidence(name="opened", value=3.0, unit="s", basis=Basis.MEASURED)
    with pytest.raises(FrozenInstanceError):
        row.value = 4.0  # type: ignore[misc]
