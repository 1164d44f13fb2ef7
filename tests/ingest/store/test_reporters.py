"""How far a reporter's clock seems to be off is the least that was ever seen, whatever came when."""

import itertools
from dataclasses import replace
from datetime import timedelta
from typing import Any

import msgspec
import pytest

from ingest.models import Boot, Environment, Reporter
from ingest.store import reporters
from ingest.store.incoming import Incoming
from ingest.store.save import save_group
from tests.ingest.batches import STARTED, document, incoming

pytestmark = pytest.mark.django_db(transaction=True)


def received(late: float, seq: int = 1, **said: Any) -> Incoming:
    """A batch that arrives so many seconds after its `sent_at`."""
    named = {"boot": None, "role": "client", "reporter": "tab", **said}
    identity = {"id": str(seq)} if named["boot"] is None else {"seq": seq, "age": 1.0}
    event = {**identity, "kind": "socket.opened", "socket": "s", "at": STARTED.isoformat()}
    sent = incoming(document([event], sent_age=0.0, **named))
    return replace(sent, received_at=STARTED + timedelta(seconds=late))


def told() -> dict[str, float]:
    return {f"{row.role} {row.name}": round(row.clock_offset, 6) for row in Reporter.objects.all()}


@pytest.mark.parametrize("order", list(itertools.permutations(range(3))))
@pytest.mark.parametrize("grouped", [True, False])
def test_the_least_offset_is_kept_in_any_order_and_from_what_brings_nothing_new(
    order: tuple[int, ...], grouped: bool
) -> None:
    sent = [received(3.0, seq=1), received(0.25, seq=1), received(2.0, seq=2)]
    for group in [[sent[n] for n in order]] if grouped else [[sent[n]] for n in order]:
        save_group(group)

    assert told() == {"client tab": 0.25}


def test_reporters_are_told_apart_by_boot_role_and_name() -> None:
    save_group(
        [
            received(1.0),
            received(2.0, boot="a", role="log", reporter="tab"),
            received(3.0, boot="b", role="log", reporter="tab"),
            received(4.0, boot="b", role="gateway", reporter="edge"),
        ]
    )

    a, b = Boot.objects.order_by("ident").values_list("pk", flat=True)
    place = Environment.objects.get().pk
    assert (reporters.of_boot(a), reporters.of_boot(b)) == (
        {"log@tab": 20},
        {"log@tab": 30, "gateway@edge": 40},
    )
    assert reporters.without_boot(place, {("client", "tab"), ("client", "other")}) == {"client@tab": 10}
    assert reporters.without_boot(place, set()) == {}


def test_what_a_service_sends_is_kept_with_its_boot() -> None:
    save_group([received(0.5, boot="a", role="service"), received(0.2, boot="a", role="log")])
    assert (Boot.objects.get().clock_offset, told()) == (0.5, {"log tab": 0.2})


def test_who_never_says_when_it_sends_is_not_known() -> None:
    sent = received(1.0)
    save_group([replace(sent, batch=msgspec.structs.replace(sent.batch, sent_at=None))])
    assert told() == {}


def test_a_better_estimate_is_news_only_where_it_is_a_step() -> None:
    save_group([received(1.05)])
    place = Environment.objects.get()
    save_group([received(1.01)])
    same = Environment.objects.get().revision
    save_group([received(0.95)])

    assert (place.revision, same, Environment.objects.get().revision) == (1, 1, 2)
    assert reporters.moved(place.pk, after=1) == ["tab"]
    assert reporters.moved(place.pk, after=2) == []


def test_a_better_estimate_of_a_boots_reporter_makes_the_boot_due() -> None:
    save_group([received(1.05, boot="a", role="log")])
    Boot.objects.update(due_at=None)
    save_group([received(1.01, boot="a", role="log")])
    same = Boot.objects.values_list("revision", "due_at").get()
    save_group([received(0.5, boot="a", role="log")])

    boot = Boot.objects.get()
    assert (same, boot.revision, boot.due_at is None) == ((1, None), 2, False)
