"""Roles: each may do all that the one before it may, and who has none may do nothing."""

import pytest

from ingest.domain.people import LEAST, Right, Role, may


def test_every_right_has_its_least_role() -> None:
    assert set(LEAST) == set(Right)


@pytest.mark.parametrize(
    ("role", "rights"),
    [
        (None, set()),
        (Role.VIEWER, {Right.READ}),
        (Role.RESPONDER, {Right.READ, Right.SET_CONTRACTS}),
        (Role.ADMIN, set(Right)),
    ],
)
def test_a_role_allows_what_it_says(role: Role | None, rights: set[Right]) -> None:
    assert {right for right in Right if may(role, right)} == rights
