"""Whatever happened and however it came to be told, what is recorded is what the reference says.

`FALSESTART_WORLDS=5000 pytest tests/ingest/test_reference.py` looks at as many worlds.
"""

import os
from collections.abc import Callable
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from typing import Any

import msgspec
import pytest
from django.db import transaction
from django.db.models import F
from hypothesis import HealthCheck, Phase, given, settings
from hypothesis import strategies as st

from ingest import tasks
from ingest.domain.contract import Declared
from ingest.models import Boot, Environment
from ingest.store import claim, contracts, names, strays
from ingest.store.incoming import Incoming
from ingest.store.save import save
from ingest.wire.native import decode
from tests.reference.recorded import recorded
from tests.reference.telling import Json, Post
from tests.reference.whole import Rows, understood
from tests.reference.worlds import BEGAN, World, worlds

pytestmark = [pytest.mark.integration, pytest.mark.django_db]

WORLDS = int(os.environ.get("FALSESTART_WORLDS", "40"))
# What fails in a long look is looked at again in a short one, by its seed: to shrink it takes minutes.
PHASES = tuple(Phase) if "FALSESTART_WORLDS" not in os.environ else (Phase.explicit, Phase.generate)
ROUNDS = 50  # in which everything that is due must have been done

Draw = Callable[[st.SearchStrategy[Any]], Any]


@dataclass
class Delivery:
    """A world, and what arrives of it and is done about it, step by step."""

    world: World
    arrivals: list[Post]  # Every post at least once, in the order of arrival.
    steps: list[Any]  # Posts that arrive together, a person's statement, or a look at so many seconds.


@st.composite
def deliveries(draw: Draw) -> Delivery:
    """Any order, repetition, grouping and interleaving."""
    world = draw(worlds())
    arrivals = draw(st.permutations([*world.posts, *draw(_again(world.posts))]))
    cuts = sorted(draw(st.lists(st.integers(0, len(arrivals)), max_size=6)))
    groups = [arrivals[a:b] for a, b in zip([0, *cuts], [*cuts, len(arrivals)], strict=True)]
    steps: list[Any] = [group for group in groups if group]
    for look in draw(st.lists(st.sampled_from([10.0, 60.0, 200.0]), max_size=4)):
        steps.insert(draw(st.integers(0, len(steps))), look)
    places = sorted(draw(st.integers(0, len(steps))) for _ in world.statements)
    for place, stated in zip(reversed(places), reversed(world.statements), strict=True):
        steps.insert(place, stated)
    return Delivery(world, arrivals, steps)


@st.composite
def _again(draw: Draw, posts: list[Post]) -> list[Post]:
    """Some posts once more: the same bytes later, or sent anew."""
    twice = draw(st.lists(st.sampled_from(posts), max_size=3))
    return [_resent(post, anew=draw(st.booleans())) for post in twice]


def _resent(post: Post, *, anew: bool) -> Post:
    if not anew:
        return replace(post, received_at=post.received_at + timedelta(seconds=8))
    sent_at = datetime.fromisoformat(post.document["sent_at"]) + timedelta(seconds=4)
    document = {**post.document, "sent_at": sent_at.isoformat()}
    return Post(document, post.received_at + timedelta(seconds=3.5))


def arrive(posts: list[Post]) -> None:
    save([_incoming(post) for post in posts])


def _incoming(post: Post) -> Incoming:
    batch = decode(msgspec.json.encode(post.document))
    assert batch.rejected == ()
    return Incoming(batch=batch, received_at=post.received_at, key_id=0, idempotency_key=None, digest="")


def state(stated: Json, now: datetime) -> None:
    (place,) = names.environments({("chat", "default")}).values()
    declared = msgspec.convert(stated, Declared)
    contracts.state(place, declared, by="mia", reason="", now=now)


def look(now: datetime) -> bool:
    """Do what hints and sweeps would do; tell whether there was anything."""
    claim.redecided(now)
    boots = list(Boot.objects.filter(revision__gt=F("correlated_revision")).values_list("pk", flat=True))
    places = list(Environment.objects.filter(due_at__isnull=False).values_list("pk", flat=True))
    for pk in boots:
        tasks._correlate(pk, now)
    for pk in places:
        strays.settle(pk, now)
    return bool(boots or places)


def finish(now: datetime) -> None:
    """Look until nothing is due any more, also of what time alone decides."""
    claim.boots(now + claim.GRACE + timedelta(seconds=1))
    assert any(not look(now) for _ in range(ROUNDS))


def play(delivery: Delivery) -> None:
    for step in delivery.steps:
        if isinstance(step, list):
            arrive(step)
        elif isinstance(step, dict):
            state(step, delivery.world.now)
        else:
            look(min(BEGAN + timedelta(seconds=step), delivery.world.now))
    finish(delivery.world.now)


@settings(
    max_examples=WORLDS,
    phases=PHASES,
    deadline=None,
    suppress_health_check=[HealthCheck.function_scoped_fixture, HealthCheck.too_slow],
)
@given(delivery=deliveries())
def test_what_is_recorded_is_what_the_reference_says(delivery: Delivery) -> None:
    with transaction.atomic():
        play(delivery)
        found = recorded()
        transaction.set_rollback(True)
    person = delivery.world.statements[-1] if delivery.world.statements else None
    expected = understood(delivery.arrivals, person, delivery.world.now)
    assert differences(found, expected) == []


def differences(found: Rows, expected: Rows) -> list[tuple[Any, ...]]:
    """Table, row and column of whatever differs, with what was found and what was expected."""
    return [
        (table, key, column, of(found, table, key).get(column), of(expected, table, key).get(column))
        for table in expected
        for key in found[table].keys() | expected[table].keys()
        for column in of(found, table, key).keys() | of(expected, table, key).keys()
        if of(found, table, key).get(column) != of(expected, table, key).get(column)
        # Not every cause rests on it.
        and not (column == "settle" and of(found, table, key).get(column) is None)
    ]


def of(rows: Rows, table: str, key: Any) -> Json:
    return dict(rows[table].get(key) or {})
