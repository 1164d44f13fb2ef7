"""The closed vocabularies."""

import inspect
import re
from enum import StrEnum

import pytest

from ingest.domain import words

VOCABULARIES = [
    v for v in vars(words).values() if isinstance(v, type) and issubclass(v, StrEnum) and v is not StrEnum
]


@pytest.mark.parametrize("vocabulary", VOCABULARIES, ids=lambda vocabulary: vocabulary.__name__)
def test_every_member_has_a_sentence_and_a_name_that_is_its_value(vocabulary: type[StrEnum]) -> None:
    source = inspect.getsource(vocabulary)
    explained = re.findall(r'^    [A-Z_]+ = "(\w+)"  # .+\.$', source, re.MULTILINE)

    assert explained == [member.value for member in vocabulary]
    assert [member.name.lower() for member in vocabulary] == explained


def test_the_order_of_states_and_causes_is_the_order_in_which_they_are_decided() -> None:
    assert (words.BootState("killed"), words.BootState("starting")) == (
        next(iter(words.BootState)),
        list(words.BootState)[-1],
    )
    assert [next(iter(words.Cause)), list(words.Cause)[-1]] == ["unattributed", "unexplained"]
