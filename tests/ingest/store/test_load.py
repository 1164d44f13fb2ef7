"""What correlation reads, and that it reads no more."""

from datetime import timedelta

import pytest

from ingest.domain.events import BootReady, CheckFinished
from ingest.models import Boot
from ingest.store import load
from ingest.store.save import save_group
from tests.ingest.batches import CONTRACT, STARTED, document, ended, incoming, numbered, race

pytestmark = pytest.mark.django_db(transaction=True)

CHECK = {"kind": "check.finished", "check": "db", "ok": True, "age": 1.0}
READY = {"kind": "boot.ready", "age": 2.0}


def stored(*batches: list[dict[str, object]]) -> load.Case:
    """The case of a boot of which these batches were stored."""
    seq = 1
    for events in batches:
        save_group([incoming(document(numbered(events, seq)))])
        seq += len(events)
    case = load.case(Boot.objects.get().pk)
    assert case is not None
    return case


def correlated(case: load.Case) -> None:
    Boot.objects.filter(pk=case.id).update(correlated_revision=case.revision)


def test_a_case_is_the_boot_with_its_names_and_contract() -> None:
    case = stored([READY])

    assert (case.ident, case.service, case.environment, case.release) == (
        "boot-1",
        "chat-backend",
        "staging",
        "r1",
    )
    assert (case.contract.gate, case.contract.budgets) == (CONTRACT["gate"], CONTRACT["budgets"])
    assert case.contract.guards() == ("init", "dependencies", "database", "services")
    assert (case.started_at, case.revision, case.correlated_revision) == (STARTED, 1, 0)
    assert [reported.event for reported in case.lifecycle] == [BootReady(seq=1, age=2.0)]


def test_a_boot_without_news_is_no_case() -> None:
    case = stored([READY])
    correlated(case)
    assert load.case(case.id) is None


def test_a_life_is_read_whole_but_checks_only_once() -> None:
    first = stored([READY, CHECK])
    correlated(first)
    save_group([incoming(document(numbered([{**CHECK, "check": "cache"}], 9)))])

    second = load.case(first.id)

    assert second is not None
    kinds = [type(reported.event) for reported in second.lifecycle]
    assert sorted(kind.__name__ for kind in kinds) == ["BootReady", "CheckFinished"]
    checks = [r.event.check for r in second.lifecycle if isinstance(r.event, CheckFinished)]
    assert checks == ["cache"]


def test_sockets_and_tallies_are_read_apart() -> None:
    case = stored([{key: value for key, value in event.items() if key != "seq"} for event in race()])

    kinds = {type(reported.event).__name__ for reported in case.lifecycle}
    assert kinds == {"PhaseStarted", "PhaseFinished", "BootListening", "BootReady", "CheckFinished"}
    assert [reported.event.seq for reported in load.tallies(case)] == [26]
    assert len(load.sockets(case, everything=True).events) == 6


def test_only_sockets_with_news_are_read_with_all_that_is_known_of_them() -> None:
    opened = {"kind": "socket.opened", "socket": "a", "age": 3.0}
    first = stored([READY, opened, ended("b", 3.0, 1.0, code=1000)])
    correlated(first)
    save_group([incoming(document(numbered([{**opened, "socket": "c"}], 9)))])
    second = load.case(first.id)

    assert second is not None
    assert sorted(load.sockets(second, everything=False).events) == ["c"]
    assert sorted(load.sockets(second, everything=True).events) == ["a", "b", "c"]


def test_an_age_of_now_takes_the_clocks_into_account() -> None:
    case = stored([READY])
    now = STARTED + timedelta(seconds=100 + (case.clock_offset or 0.0))
    assert round(case.age_at(now), 6) == 100.0
