"""The page that leads to the settings: what somebody may see, and how each part stands."""

import re

import pytest

from ingest.domain.people import Role
from ingest.store import keys
from tests.dashboard import builder
from tests.people import signed_in

pytestmark = pytest.mark.django_db

EVERYBODY_S = ["Contracts", "Your account"]


@pytest.mark.parametrize(
    ("role", "sections"),
    [
        (None, ["Your account"]),
        (Role.VIEWER, EVERYBODY_S),
        (Role.RESPONDER, EVERYBODY_S),
        (Role.ADMIN, ["Contracts", "Keys", "People", "Audit trail", "Your account"]),
    ],
)
def test_each_sees_what_their_role_opens(role: Role | None, sections: list[str]) -> None:
    page = signed_in("ada", role).get("/settings/").content.decode()
    listed = page.partition("fs-sections")[2]
    assert re.findall(r"<b>([^<]+)</b>", listed.partition("</ul>")[0]) == sections


def test_it_says_how_each_part_stands() -> None:
    keys.create("write")
    builder.boot("r1")
    page = signed_in("ada", Role.ADMIN).get("/settings/").content.decode()
    said = ("1 service declares a contract", "1 key works", "0 people can sign in", "2 acts on record")
    assert [words in page for words in said] == [True] * 4


def test_the_settings_are_in_the_rail_of_every_page() -> None:
    assert b'href="/settings/"' in signed_in().get("/").content
