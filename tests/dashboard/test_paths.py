"""Names from outside as path segments."""

import pytest
from django.urls import Resolver404, resolve, reverse
from hypothesis import given
from hypothesis import strategies as st

from dashboard.paths import NameConverter

NAMES = st.text(st.characters(codec="utf-8", exclude_characters="\0"), min_size=1, max_size=200)


@given(name=NAMES)
def test_a_name_comes_back_as_it_went(name: str) -> None:
    converter = NameConverter()
    assert converter.to_python(converter.to_url(name)) == name


@given(name=NAMES)
def test_a_segment_holds_no_slash_and_is_never_only_dots(name: str) -> None:
    segment = NameConverter().to_url(name)
    assert ("/" in segment, segment in (".", "..")) == (False, False)


def test_a_slash_and_a_tilde_are_written_as_agreed() -> None:
    assert reverse("release", args=["collab/sync", "eu~1", "r 1"]) == (
        "/services/collab~2Fsync/eu~7E1/releases/r%201/"
    )


@pytest.mark.parametrize("segment", ["~", "~2", "~00", "a~zzb"])
def test_a_segment_that_no_name_has_is_not_found(segment: str) -> None:
    with pytest.raises(Resolver404):
        resolve(f"/boots/{segment}/")
