from random import Random

import pytest

from ingest.domain.scenarios import Scenario, attributions_of, timeline_of
from ingest.domain.scenarios.ends import ENDS

WRITTEN = [write(Random(seed)) for seed in range(5) for write in ENDS]  # noqa: S311
NAMES = [f"{scenario.name} {n}" for n, scenario in enumerate(WRITTEN)]


@pytest.mark.parametrize("scenario", WRITTEN, ids=NAMES)
def test_a_labelled_boot_is_found_in_its_state(scenario: Scenario) -> None:
    assert timeline_of(scenario).state is scenario.state


@pytest.mark.parametrize("scenario", WRITTEN, ids=NAMES)
def test_its_sockets_are_given_their_causes(scenario: Scenario) -> None:
    found = {key: attribution.cause for key, attribution in attributions_of(scenario).items()}
    assert found == scenario.causes
