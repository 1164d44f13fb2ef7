"""The probe against the real product: a web process on the database of this run."""

from collections.abc import Iterator

import pytest
from falsestart.diagnosis import Step, diagnose

from ingest.models import Event
from ingest.store import keys
from tests.ingest.receive.web import Web, own_database_url, running

pytestmark = pytest.mark.integration

SERVICE = {"service.name": "ticket-office", "deployment.environment.name": "staging"}


@pytest.fixture(scope="module")
def web(django_db_setup: None, redis_url: str) -> Iterator[Web]:  # noqa: ARG001 - both have to be there
    with running(own_database_url()) as web:
        yield web


def answer(web: Web, key: str) -> Step:
    """What the check says of the server's answer."""
    report = diagnose(SERVICE, f"http://127.0.0.1:{web.port}", {"FALSESTART_KEY": key})
    (step,) = [step for step in report.steps if step.name == "answer"]
    return step


@pytest.mark.django_db(transaction=True)
def test_a_key_that_may_write_is_told_so_and_nothing_is_stored_of_a_check(web: Web) -> None:
    found = answer(web, keys.create("write"))
    assert (found.ok, found.said, Event.objects.count()) == (
        True,
        "HTTP 202: the key may write for this service",
        0,
    )


@pytest.mark.django_db(transaction=True)
def test_keys_that_will_not_do_are_told_apart(web: Web) -> None:
    given = ["fs_unknown", keys.create("read"), keys.create("write", service="another")]
    assert [answer(web, key).said for key in given] == [
        (
            "HTTP 401: the server does not know this key, or it is expired or revoked. "
            "It says: This key is unknown, expired or revoked."
        ),
        "HTTP 403: the key is known but may not write this. It says: This key may read, not write.",
        (
            "HTTP 403: the key is known but may not write this. "
            "It says: This key may not write for ticket-office in staging."
        ),
    ]
