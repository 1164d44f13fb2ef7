"""The page about access says what is so."""

import re
from pathlib import Path

from django.conf import settings

from dashboard.consumers.live import GUARD_INTERVAL
from dashboard.pages.keys import SOON
from ingest import auth
from ingest.domain.people import Right, Role, may
from ingest.models import Key
from ingest.receive.endpoint import GRANT_KEPT

PAGE = (Path(__file__).parents[1] / "docs/access.md").read_text()


def test_the_table_of_roles_is_what_roles_allow() -> None:
    rows = re.findall(r"^\| ([a-z ]+) \| *(yes)? *\| *(yes)? *\| *(yes)? *\|$", PAGE, re.MULTILINE)
    said = {right: [bool(cell) for cell in cells] for right, *cells in rows}
    assert said == {str(right): [may(role, right) for role in Role] for right in Right}


def test_every_scope_of_a_key_is_told() -> None:
    assert set(re.findall(r"^\| `(\w+)` \|", PAGE, re.MULTILINE)) == set(Key.Scope.values)


def test_the_numbers_are_those_of_the_settings() -> None:
    said = (
        f"open closes its\n  connection within {GUARD_INTERVAL:.0f} s",
        f"within {settings.PASSWORD_RESET_TIMEOUT // 86_400} days",
        f"A session\nlasts {settings.SESSION_COOKIE_AGE // 86_400} days",
        f"for {settings.AXES_COOLOFF_TIME.total_seconds() // 60:.0f} minutes",
        f"first {auth.SHOWN} characters",
        f"within {GRANT_KEPT.total_seconds():.0f} s for reporting",
        f"for the last {SOON.days} days",
    )
    assert [words for words in said if words not in PAGE] == []
    assert (settings.AXES_FAILURE_LIMIT, "Five wrong passwords" in PAGE) == (5, True)
