"""Storing batches: idempotent, in one transaction, and right however they are cut and mixed."""

from dataclasses import replace

import msgspec
import pytest
from django.db.models import Model
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from ingest import tasks
from ingest.domain.events import BootFacts
from ingest.models import Boot, Contract, Environment, Event, Instance, Release, Service
from ingest.store.incoming import Stored
from ingest.store.save import save_group
from ingest.wire.batch import Item, Refused
from tests.ingest.batches import CONTRACT, STARTED, Document, document, incoming, race
from tests.ingest.rows import MODELS, everything

pytestmark = [
    pytest.mark.integration,
    pytest.mark.django_db(transaction=True),
    pytest.mark.usefixtures("valkey"),
]

ALL = len(race())
PHASE = {"kind": "phase.started", "phase": "init", "age": 0.5}


def answers(*sent: Document) -> list[dict[str, object]]:
    """Store documents one after another; their answers."""
    results = [save_group([incoming(one)])[0] for one in sent]
    return [msgspec.json.decode(result.answer) for result in results if isinstance(result, Stored)]


def start_over() -> None:
    models: tuple[type[Model], ...] = (*MODELS, Boot, Contract, Instance, Release, Environment, Service)
    for model in models:
        model._default_manager.all().delete()


def test_the_same_batch_again_changes_nothing() -> None:
    sent = document(race())
    first, second = answers(sent, sent)

    assert first == {"accepted": ALL, "duplicates": 0, "rejected": []}
    assert second == {"accepted": 0, "duplicates": ALL, "rejected": []}
    assert (Event.objects.count(), Boot.objects.get().revision) == (ALL, 1)


def test_another_content_under_one_identity_is_a_conflict_and_the_first_stays() -> None:
    _, answer = answers(document([{"seq": 1, **PHASE}]), document([{"seq": 1, **PHASE, "phase": "other"}]))

    assert answer["rejected"] == [
        {
            "index": 0,
            "pointer": "/events/0/seq",
            "detail": "conflict: another event was stored under this identity",
        }
    ]
    assert "init" in Event.objects.get().body


def test_white_space_and_order_of_fields_do_not_make_another_content() -> None:
    *_, answer = answers(
        document([{"seq": 1, **PHASE}]), document([{**PHASE, "age": 5e-1, "seq": 1, "x": None}])
    )

    assert answer["duplicates"] == 1


def test_one_number_twice_in_a_batch_is_stored_once() -> None:
    (answer,) = answers(document([{"seq": 1, **PHASE}, {"seq": 1, **PHASE}, {"seq": 1, **PHASE, "age": 9}]))

    assert (answer["accepted"], answer["duplicates"]) == (1, 1)
    assert Event.objects.count() == 1


def test_two_reporters_number_their_events_apart() -> None:
    events = [{"seq": 1, **PHASE}]
    by_reporter = [
        document(events),
        document(events, role="gateway"),
        document(events, reporter="another"),
    ]

    assert [answer["accepted"] for answer in answers(*by_reporter)] == [1, 1, 1]


def test_a_boot_belongs_to_the_first_service_that_used_its_id() -> None:
    save_group([incoming(document([{"seq": 1, **PHASE}]))])
    (result,) = save_group([incoming(document([{"seq": 2, **PHASE}], service="another"))])

    assert isinstance(result, Refused)
    assert (result.status, result.errors[0][0]) == (422, "/boot/id")
    assert Event.objects.count() == 1


@pytest.mark.parametrize("order", [(0, 1), (1, 0)])
def test_the_batch_with_the_greatest_sent_age_states_the_facts(order: tuple[int, int]) -> None:
    early = document([{"seq": 1, **PHASE}], release="r1", instance="a", sent_age=1.0)
    late = document(
        [{"seq": 2, **PHASE}], release="r2", instance="b", sent_age=9.0, contract={"gate": "init"}
    )
    for index in order:
        save_group([incoming((early, late)[index])])

    boot = Boot.objects.select_related("release", "instance", "contract").get()
    assert (boot.release.name, boot.instance.name) == ("r2", "b")
    assert boot.contract is not None
    assert boot.contract.body == '{"gate":"init"}'


def test_a_boot_without_start_time_is_dated_by_when_it_sent() -> None:
    sent = document([{"seq": 1, **PHASE}], sent_age=7.0)
    del sent["boot"]["started_at"]
    save_group([incoming(sent)])

    assert Boot.objects.get().started_at == STARTED


def test_contracts_are_versioned_and_the_same_one_is_the_same_version() -> None:
    answers(
        document([{"seq": 1, **PHASE}], boot="a"),
        document([{"seq": 1, **PHASE}], boot="b", contract={"gate": "init"}),
        document([{"seq": 1, **PHASE}], boot="c", contract=dict(reversed(CONTRACT.items()))),
    )

    versions = Boot.objects.order_by("ident").values_list("contract__version", flat=True)
    assert list(versions) == [1, 2, 1]


def test_an_event_without_a_boot_is_known_by_its_id() -> None:
    event = {"kind": "socket.ended", "id": "e1", "at": STARTED.isoformat(), "socket": "s", "code": 1011}
    first, second = answers(*[document([event], boot=None, role="client")] * 2)

    assert (first["accepted"], second["duplicates"]) == (1, 1)
    assert (Event.objects.get().boot, Environment.objects.get().revision) == (None, 1)


def test_a_group_is_answered_batch_by_batch() -> None:
    group = [
        document([{"seq": n, **PHASE}], boot=boot) for n, boot in ((1, "a"), (1, "b"), (1, "a"), (2, "a"))
    ]

    results = save_group([incoming(one) for one in group])

    told = [msgspec.json.decode(result.answer) for result in results if isinstance(result, Stored)]
    assert [(answer["accepted"], answer["duplicates"]) for answer in told] == [(1, 0), (1, 0), (0, 1), (1, 0)]
    assert [(b.ident, b.revision) for b in Boot.objects.order_by("ident")] == [("a", 1), ("b", 1)]


def test_one_batch_that_the_database_refuses_does_not_fail_its_neighbours() -> None:
    good = incoming(document([{"seq": 1, **PHASE}], boot="good"))
    # No decoder lets this through: it stands for whatever a database may refuse.
    item = Item(0, good.batch.items[0].event, None)  # type: ignore[arg-type]
    broken = replace(good, batch=msgspec.structs.replace(good.batch, boot=BootFacts(id="bad"), items=(item,)))

    results = save_group([good, broken])

    assert isinstance(results[0], Stored)
    assert isinstance(results[1], Exception)
    assert list(Boot.objects.values_list("ident", flat=True)) == ["good"]


@st.composite
def deliveries(draw: st.DrawFn) -> list[list[int]]:
    """The events of `race()` in any order, some twice, cut into batches anywhere; as indices."""
    order = draw(st.permutations(range(ALL)))
    again = draw(st.lists(st.integers(0, ALL - 1), max_size=6))
    told = [*order, *again]
    cuts = sorted(draw(st.sets(st.integers(1, len(told) - 1), max_size=4)))
    return [told[a:b] for a, b in zip([0, *cuts], [*cuts, len(told)], strict=True)]


@settings(max_examples=25, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(delivered=deliveries(), grouped=st.booleans(), patient=st.booleans())
def test_any_order_duplication_and_split_ends_in_the_same_rows(
    delivered: list[list[int]], grouped: bool, patient: bool
) -> None:
    events = race()
    start_over()
    save_group([incoming(document(events))])
    tasks.correlate(list(Boot.objects.values_list("pk", flat=True)))
    expected = everything()

    start_over()
    batches = [incoming(document([events[i] for i in part])) for part in delivered]
    for group in [batches] if grouped else [[batch] for batch in batches]:
        save_group(group)
        if not patient:
            tasks.correlate(list(Boot.objects.values_list("pk", flat=True)))
    tasks.correlate(list(Boot.objects.values_list("pk", flat=True)))

    found = everything()
    for table in found:
        assert found[table] == expected[table]
