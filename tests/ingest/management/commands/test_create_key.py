"""`manage.py create_key`, as people and scripts run it."""

import re
from io import StringIO
from typing import Any

import pytest
from django.core.management import CommandError, call_command

from ingest.auth import digest
from ingest.models import Key

pytestmark = pytest.mark.django_db

EXAMPLE = "https://app.example.com"


def created(*arguments: str) -> str:
    """What the command prints on standard output; nothing may be on the other."""
    out, err = StringIO(), StringIO()
    call_command("create_key", *arguments, stdout=out, stderr=err)
    assert err.getvalue() == ""
    return out.getvalue()


def test_the_key_and_a_line_break_are_all_that_is_printed() -> None:
    printed = created("--scope", "write")
    assert re.fullmatch(r"fs_[A-Za-z0-9_-]{43}\n", printed)
    assert Key.objects.get().digest == digest(printed.strip())


def test_a_key_may_be_limited_and_labelled() -> None:
    created("--scope", "read", "--service", "chat", "--environment", "prod", "--label", "for the CI")
    key = Key.objects.get()
    assert (key.scope, key.service, key.environment, key.label) == ("read", "chat", "prod", "for the CI")


def test_each_key_is_another_one() -> None:
    assert created("--scope", "write") != created("--scope", "write")


@pytest.mark.parametrize("arguments", [[], ["--scope", "admin"], ["--scope", ""]])
def test_a_scope_is_needed(arguments: list[Any]) -> None:
    with pytest.raises(CommandError):
        created(*arguments)
    assert Key.objects.count() == 0


@pytest.mark.parametrize("option", ["--service", "--environment", "--label"])
@pytest.mark.parametrize("junk", ["x" * 201, "a\0b"])
def test_a_name_that_no_batch_can_have_is_refused(option: str, junk: str) -> None:
    out, err = StringIO(), StringIO()
    with pytest.raises(SystemExit) as ended:
        call_command("create_key", "--scope", "write", option, junk, stdout=out, stderr=err)

    assert (ended.value.code, out.getvalue()) == (2, "")
    assert err.getvalue() == f"{option} must be at most 200 characters, without NUL.\n"
    assert Key.objects.count() == 0


def test_a_client_key_is_bound_to_origins() -> None:
    created("--scope", "client", "--origin", EXAMPLE, "--origin", "http://localhost:3000")
    key = Key.objects.get()
    assert (key.scope, key.origins) == ("client", ["http://localhost:3000", EXAMPLE])


@pytest.mark.parametrize(
    ("arguments", "sentence"),
    [
        (
            ["--scope", "client"],
            f"--origin: A client key needs at least one origin, such as {EXAMPLE}.\n",
        ),
        (
            ["--scope", "write", "--origin", "https://a.example"],
            "--origin: Only a client key can be bound to origins.\n",
        ),
        (
            ["--scope", "client", "--origin", "a.example"],
            f"--origin: 'a.example' is no origin; write scheme, host and port alone, such as {EXAMPLE}.\n",
        ),
    ],
    ids=["none", "of another scope", "junk"],
)
def test_origins_that_do_not_go_with_the_scope_are_refused(arguments: list[str], sentence: str) -> None:
    out, err = StringIO(), StringIO()
    with pytest.raises(SystemExit) as ended:
        call_command("create_key", *arguments, stdout=out, stderr=err)

    assert (ended.value.code, out.getvalue(), err.getvalue()) == (2, "", sentence)
    assert Key.objects.count() == 0
