"""Keys in words, and what their holders paste."""

import json
import shlex
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from dashboard.pages import keys as words
from dashboard.queries.keys import KeyRow
from ingest.wire import native

NOW = datetime(2026, 9, 16, 12, tzinfo=UTC)
DAY = timedelta(days=1)


def key(**fields: Any) -> KeyRow:
    known: dict[str, Any] = {
        "id": 1, "prefix": "fs_abcdefgh", "scope": "write", "service": "", "environment": "", "origins": [],
        "label": "ci", "created_at": NOW, "created_by": "ada", "expires_at": None, "revoked_at": None,
        "revoked_by": "", "last_used_at": None,
    }  # fmt: skip
    return KeyRow(**{**known, **fields})


@pytest.mark.parametrize(
    ("fields", "state", "works"),
    [
        ({}, "active", True),
        ({"expires_at": NOW + words.SOON + DAY}, "active", True),
        ({"expires_at": NOW + words.SOON}, "expires soon", True),
        ({"expires_at": NOW}, "expired", False),
        ({"revoked_at": NOW}, "revoked", False),
        ({"revoked_at": NOW, "expires_at": NOW - DAY}, "revoked", False),
    ],
)
def test_a_key_has_one_state(fields: dict[str, Any], state: str, works: bool) -> None:
    row = words.shown(key(**fields), NOW)
    assert (row.state, words.works(row)) == (state, works)


@pytest.mark.parametrize(
    ("keys", "title"),
    [
        ([], "No key has been made"),
        ([key(revoked_at=NOW)], "No key works"),
        ([key()], "1 key works"),
        ([key(), key(revoked_at=NOW), key(expires_at=NOW + DAY)], "2 keys work, 1 expires soon"),
    ],
)
def test_the_title_counts_what_works(keys: list[KeyRow], title: str) -> None:
    assert words.title_of([words.shown(one, NOW) for one in keys]) == title


@pytest.mark.parametrize(
    "made",
    [
        key(),
        key(service="it's", environment="e u"),
        key(scope="client", origins=["https://app.example.com"], service="it's"),
    ],
)
def test_the_trial_is_one_command_with_a_batch_that_the_wire_takes(made: KeyRow) -> None:
    trial = words.snippets(made, "fs_x", "https://here", NOW)[-1].text
    command = shlex.split(trial[trial.index("curl") :])
    batch = native.decode(command[command.index("-d") + 1].encode())
    assert (batch.rejected, len(batch.items)) == ((), 1)
    assert batch.resource.service == (made.service or "try-out")
    assert [f"Origin: {origin}" in command for origin in made.origins] == [True] * len(made.origins)


def test_a_reader_s_trial_reads() -> None:
    trial = words.snippets(key(scope="read"), "fs_x", "https://here", NOW)[-1].text
    assert (
        trial
        == 'curl -i "$FALSESTART_ENDPOINT/api/v1/boots?limit=1" -H "Authorization: Bearer $FALSESTART_KEY"'
    )


def test_a_page_s_settings_are_a_script_whatever_the_service_is_called() -> None:
    made = key(scope="client", origins=["https://a"], service='"}); alert("x")')
    script = words.snippets(made, "fs_x", "https://here", NOW)[0].text
    (line,) = [line for line in script.splitlines() if "service" in line]
    assert json.loads(line.strip().removeprefix("service: ").rstrip(",")) == made.service
