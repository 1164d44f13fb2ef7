"""Contracts: where each field comes from, what a change would do, and who was faster."""

import re
from typing import Any

import pytest
from django.test import Client
from django.utils import timezone

from ingest.domain.contract import Declared
from ingest.domain.people import Role
from ingest.models import AuditEntry, Contract, Environment
from ingest.store import contracts
from tests.dashboard import builder
from tests.page_forms import Fields
from tests.people import signed_in

pytestmark = pytest.mark.django_db

PATH = "/settings/contracts/chat-backend/staging/"
EDIT = f"{PATH}edit/"
HOSTILE = "<script>alert('x')</script>"


@pytest.fixture(autouse=True)
def place(db: None) -> Environment:  # noqa: ARG001 - the rows are stored
    """A service whose newest boot declared a contract."""
    return builder.boot("r2").environment


@pytest.fixture
def responder() -> Client:
    return signed_in("rita", Role.RESPONDER)


def form(client: Client, **typed: str) -> dict[str, str]:
    """The form as the page has it, with some fields typed into."""
    return {**Fields(client.get(EDIT).content.decode()).found, "reason": "because", "act": "preview", **typed}


def confirmed(client: Client, preview: Any) -> Any:
    """Post what a preview carries."""
    return client.post(EDIT, {**Fields(preview.content.decode()).found, "act": "set"}, follow=True)


def words(answer: Any) -> str:
    return re.sub(r"<[^>]+>|\s+", " ", answer.content.decode())


def test_every_service_is_listed_with_what_its_contract_is_made_of(place: Environment) -> None:
    builder.environment("silent")
    contracts.state(place.pk, Declared(settle=5), by="rita", reason="x", now=timezone.now())
    page = words(signed_in().get("/settings/contracts/"))
    assert "1 of 2 services declares a contract, people set fields of 1" in page
    assert [word in page for word in ("chat-backend", "services", "v1", "by r2", "v2", "by rita")] == [
        True
    ] * 6


def test_a_field_says_its_value_where_it_comes_from_and_what_would_apply(place: Environment) -> None:
    contracts.state(place.pk, Declared(gate="cache"), by="rita", reason="It is early.", now=timezone.now())
    page = words(signed_in().get(PATH))
    assert "Sockets are safe after cache, 1 field set by people" in page
    assert re.search(r"Gate .*? rita .*?: It is early\. .*? cache .*? services .*? declared", page)


def test_a_viewer_reads_and_is_offered_no_form() -> None:
    assert EDIT not in signed_in().get(PATH).content.decode()
    assert EDIT in signed_in("rita", Role.RESPONDER).get(PATH).content.decode()


def test_the_form_as_it_is_would_change_nothing(responder: Client) -> None:
    page = responder.post(EDIT, form(responder)).content.decode()
    assert ("Nothing would change" in page, 'value="set"' in page) == (True, False)


def test_a_change_is_shown_then_set_then_in_the_history(responder: Client, place: Environment) -> None:
    preview = responder.post(EDIT, form(responder, settle="5"))
    shown = words(preview)
    before = Contract.objects.count()
    after = confirmed(responder, preview)

    assert ("One thing changes" in shown, "Settle: 10 s → 5 s" in shown, before) == (True, True, 1)
    assert "Version 2 is in force. Every boot is decided again by it." in words(after)
    assert contracts.in_force(place.pk) == Declared(settle=5)
    row = Contract.objects.latest("version")
    assert (row.stated_by, row.reason, row.source) == ("rita", "because", "person")
    entry = AuditEntry.objects.latest("pk")
    assert (entry.act, entry.by, entry.subject) == ("contract set", "rita", "chat-backend / staging")
    place.refresh_from_db()
    assert place.redecide_below == contracts.EVERY_BOOT


def test_phases_are_ordered_by_their_place(responder: Client, place: Environment) -> None:
    typed = {"phases-set": "here", "phases-0-order": "3", "phases-0-value": "optional", "phases-2-name": ""}
    preview = responder.post(EDIT, form(responder, **typed))
    confirmed(responder, preview)
    stated = contracts.in_force(place.pk)
    assert stated is not None
    assert stated.phases is not None
    names = [phase if isinstance(phase, str) else phase.name for phase in stated.phases]
    assert names[:3] == ["dependencies", "init", "cache"]
    assert "Phases: removed database" in words(preview)


def test_a_field_is_cleared_by_leaving_it_empty(responder: Client, place: Environment) -> None:
    contracts.state(place.pk, Declared(settle=5), by="x", reason="x", now=timezone.now())
    preview = responder.post(EDIT, form(responder, settle=""))
    confirmed(responder, preview)
    assert ("Settle: 5 s → 10 s" in words(preview), contracts.in_force(place.pk)) == (True, None)


def test_a_list_changed_but_left_to_the_service_is_not_lost_unnoticed(responder: Client) -> None:
    answer = responder.post(EDIT, form(responder, **{"budgets-0-value": "3"}))
    page = answer.content.decode()
    assert (answer.status_code, 'value="3"' in page, "Choose “Set here”" in page) == (422, True, True)
    assert re.findall(r'id="(\w+)_error"', page) == ["budgets"]


@pytest.mark.parametrize(
    ("typed", "field"),
    [
        ({"settle": "-1"}, "settle"),
        ({"settle": "soon"}, "settle"),
        ({"settle": "nan"}, "settle"),
        ({"startup": "1e99"}, "startup"),
        ({"clock_uncertainty": "1,5"}, "clock_uncertainty"),
        ({"gate": "x" * 201}, "gate"),
        ({"gate": "a\0b"}, "gate"),
        ({"reason": " "}, "reason"),
        ({"reason": "x" * 2001}, "reason"),
        ({"phases-set": "here", "phases-1-name": "init"}, "phases"),
        ({"phases-set": "here", "phases-1-name": "x" * 201}, "phases"),
        ({"phases-set": "here", "phases-1-order": "first"}, "phases"),
        ({"phases-set": "here", "phases-1-kind": "play"}, "phases"),
        ({"phases-set": "here", "phases-1-after": "a,,b"}, "phases"),
        ({"phases-set": "here", "phases-1-after": "a\rb"}, "phases"),
        ({"phases-set": "here", "phases-1-name": "a\0"}, "phases"),
        ({"budgets-set": "here", "budgets-0-value": "x"}, "budgets"),
        ({"budgets-set": "here", "budgets-0-value": "-2"}, "budgets"),
        ({"budgets-set": "here", "budgets-1-value": "2"}, "budgets"),
        ({"codes-set": "here", "codes-0-name": "99"}, "codes"),
        ({"codes-set": "here", "codes-0-name": "4001", "codes-0-value": "joke"}, "codes"),
    ],
)
def test_what_cannot_be_is_refused_by_its_field_and_changes_nothing(
    responder: Client, typed: dict[str, str], field: str
) -> None:
    answer = responder.post(EDIT, form(responder, **typed))
    assert (answer.status_code, Contract.objects.count()) == (422, 1)
    assert re.findall(r'id="(\w+)_error"', answer.content.decode()) == [field]


def test_somebody_who_was_faster_is_named_and_nothing_typed_is_lost(
    responder: Client, place: Environment
) -> None:
    filled = form(responder, settle="5")
    preview = responder.post(EDIT, filled)
    contracts.state(place.pk, Declared(gate="cache"), by="grace", reason="x", now=timezone.now())
    answers = [responder.post(EDIT, filled), confirmed(responder, preview)]

    for answer in answers:
        said = "grace stated version 2 meanwhile, so nothing was changed" in words(answer)
        assert (answer.status_code, said, 'value="5"' in answer.content.decode()) == (409, True, True)
    assert contracts.in_force(place.pk) == Declared(gate="cache")


def test_the_preview_leads_back_to_the_form_as_it_was(responder: Client) -> None:
    preview = responder.post(EDIT, form(responder, settle="5")).content.decode()
    back = {**Fields(preview).found, "act": "back"}
    again = responder.post(EDIT, back).content.decode()
    assert ('name="settle" type="text" inputmode="decimal" value="5"' in again, "because" in again) == (
        True,
        True,
    )


@pytest.mark.parametrize("statement", ["", "{", "[]", '{"settle": -1}', '{"gate": "a\\u0000"}', "\ud800"])
def test_a_statement_that_was_tampered_with_changes_nothing(responder: Client, statement: str) -> None:
    sent = {
        "act": "set",
        "statement": statement.encode("utf-8", "surrogatepass"),
        "reason": "x",
        "after": "1",
    }
    assert (responder.post(EDIT, sent).status_code, Contract.objects.count()) == (422, 1)


def test_more_rows_keep_what_was_typed(responder: Client) -> None:
    page = responder.post(EDIT, form(responder, act="more", settle="junk")).content.decode()
    assert ('value="junk"' in page, "another look" in page) == (True, False)


def test_what_is_probably_a_mistake_is_said_and_allowed(responder: Client) -> None:
    preview = responder.post(EDIT, form(responder, gate="typo"))
    assert "The gate typo is none of the phases" in words(preview)
    assert "The gate typo is none of the phases" in words(confirmed(responder, preview))


def test_names_and_reasons_are_never_markup(responder: Client, place: Environment) -> None:
    wicked = Declared(gate=HOSTILE, phases=(HOSTILE,), budgets={HOSTILE: 1.0})
    contracts.state(place.pk, wicked, by=HOSTILE, reason=HOSTILE, now=timezone.now())
    pages = [responder.get(path) for path in ("/settings/contracts/", PATH, EDIT)]
    assert ["<script>alert" in page.content.decode() for page in pages] == [False] * 3


@pytest.mark.parametrize("path", ["/settings/contracts/a%00b/c/", "/settings/contracts/a/b%00/edit/"])
def test_a_name_that_nothing_can_have_has_no_page(responder: Client, path: str) -> None:
    assert responder.get(path).status_code == 404
