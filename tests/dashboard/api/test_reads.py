"""Lists: what the filters let through, and that paging neither loses nor repeats a row."""

from collections.abc import Callable
from datetime import timedelta
from typing import Any

import pytest

from ingest import tasks
from ingest.models import Boot, Socket
from ingest.store.save import save_group
from tests.dashboard.api import stored
from tests.ingest.batches import PHASES, document, incoming, race

pytestmark = pytest.mark.django_db

Get = Callable[..., Any]

MANY = 1_200  # rows, a few pages of them


def idents(page: Any) -> list[str]:
    """Return the ids of a page of boots."""
    return [item["id"] for item in page["items"]]


def sockets_of(page: Any) -> list[str]:
    """Return the ids of a page of sockets."""
    return [item["socket"] for item in page["items"]]


@pytest.fixture
def fleet(db: None) -> None:  # noqa: ARG001 - the rows are stored
    """Four boots of two services, each with a socket of its own kind."""
    shop = stored.environment("shop", "live")
    facts: list[dict[str, Any]] = [
        {"ident": "a", "release": "r1", "instance": "i1", "state": "ready"},
        {"ident": "b", "release": "r2", "instance": "i1", "state": "failed_serving"},
        {"ident": "c", "release": "r2", "instance": "i2", "state": "ready"},
        {"ident": "d", "release": "r1", "instance": "i1", "state": "ready", "within": shop},
    ]
    for number, fact in enumerate(facts):
        boot = stored.boot(after=10.0 * number, **fact)
        causes = {"a": "", "b": "false_start", "c": "application", "d": "gated"}
        codes = {"a": 1000, "b": 1011, "c": 1011, "d": 1013}
        name = fact["ident"]
        stored.socket(boot, "k", 1.0, socket=f"of-{name}", cause=causes[name], code=codes[name])
    stored.socket(None, "k", -100.0, socket="of-nobody", cause="unattributed", code=1006)


FILTERS = [
    ({}, "dcba"),
    ({"service": "chat"}, "cba"),
    ({"service": "shop"}, "d"),
    ({"service": "nobody"}, ""),
    ({"environment": "live"}, "d"),
    ({"service": "chat", "environment": "live"}, ""),
    ({"release": "r2"}, "cb"),
    ({"release": "r1"}, "da"),
    ({"release": "r1", "service": "chat"}, "a"),
    ({"release": "r9"}, ""),
    ({"instance": "i1"}, "dba"),
    ({"instance": "i1", "release": "r2"}, "b"),
    ({"instance": "i1", "environment": "demo"}, "ba"),
    ({"cause": "false_start"}, "b"),
    ({"cause": "application", "code": 1011}, "c"),
    ({"code": 1011}, "cb"),
    ({"code": 1013, "cause": "false_start"}, ""),
    ({"service": "chat", "code": 1011, "release": "r2", "instance": "i2"}, "c"),
]


@pytest.mark.usefixtures("fleet")
@pytest.mark.parametrize(("asked", "found"), FILTERS)
def test_boots_are_found_by_any_mix_of_filters(get: Get, asked: dict[str, Any], found: str) -> None:
    assert idents(get("/api/v1/boots", **asked)) == list(found)


@pytest.mark.usefixtures("fleet")
@pytest.mark.parametrize(("asked", "found"), FILTERS)
def test_sockets_are_found_by_any_mix_of_filters(get: Get, asked: dict[str, Any], found: str) -> None:
    listed = [name for name in sockets_of(get("/api/v1/sockets", **asked)) if name != "of-nobody"]

    assert listed == [f"of-{ident}" for ident in found]


@pytest.mark.usefixtures("fleet")
def test_a_socket_without_a_boot_is_found_by_its_environment_but_not_by_a_release(get: Get) -> None:
    assert sockets_of(get("/api/v1/sockets", cause="unattributed", service="chat")) == ["of-nobody"]
    assert sockets_of(get("/api/v1/sockets", cause="unattributed", release="r1")) == []


@pytest.mark.usefixtures("fleet")
def test_boots_are_found_by_state(get: Get) -> None:
    assert idents(get("/api/v1/boots", state="ready")) == ["d", "c", "a"]


@pytest.mark.usefixtures("fleet")
def test_a_period_holds_its_first_instant_and_not_its_last(get: Get) -> None:
    first, last = (stored.START + timedelta(seconds=s) for s in (10, 30))

    page = get("/api/v1/boots", since=first.isoformat(), until=last.isoformat())

    assert idents(page) == ["c", "b"]


@pytest.mark.usefixtures("fleet")
def test_a_period_is_compared_as_instants_whatever_offset_they_are_written_in(get: Get) -> None:
    assert idents(get("/api/v1/boots", since="2026-09-16T03:43:13.100001+02:00")) == ["d", "c"]


@pytest.mark.usefixtures("fleet")
def test_sockets_are_dated_by_their_opening(get: Get) -> None:
    opened = (stored.START + timedelta(seconds=21)).isoformat()

    assert sockets_of(get("/api/v1/sockets", since=opened)) == ["of-d", "of-c"]


def test_a_service_of_many_environments_is_one_list(get: Get) -> None:
    for number in range(40):
        place = stored.environment("chat", f"e{number % 20}")
        stored.boot(f"b{number}", within=place, after=number)

    pages = read_all(get, "/api/v1/boots", lambda: None, service="chat", limit=7)

    assert [item["id"] for item in pages] == [f"b{number}" for number in reversed(range(40))]


def test_a_few_environments_are_merged_in_the_order_of_time(get: Get) -> None:
    for number in range(30):
        stored.boot(f"b{number}", within=stored.environment("chat", f"e{number % 3}"), after=number)

    pages = read_all(get, "/api/v1/boots", lambda: None, service="chat", limit=7)

    assert [item["id"] for item in pages] == [f"b{number}" for number in reversed(range(30))]


def read_all(get: Get, path: str, between: Callable[[], None], **asked: Any) -> list[Any]:
    """Read page after page, and do something between them."""
    items: list[Any] = []
    cursor: dict[str, str] = {}
    while True:
        page = get(path, **asked, **cursor)
        items += page["items"]
        if page["next"] is None:
            return items
        cursor = {"next": page["next"]}
        between()


def test_paging_through_boots_loses_and_repeats_none_while_others_start(get: Get) -> None:
    template = stored.boot("template")
    same = {name: getattr(template, name) for name in ("environment", "release", "instance", "facts_order")}

    def start(prefix: str, count: int, after: int) -> None:
        # Four of them share each instant, so that the instant alone cannot tell where a page ended.
        moments = [stored.START + timedelta(seconds=after + number // 4) for number in range(count)]
        Boot.objects.bulk_create(
            Boot(ident=f"{prefix}{n}", started_at=at, first_seen_at=at, last_seen_at=at, **same)
            for n, at in enumerate(moments)
        )

    start("old", MANY, 1)
    arrivals = iter(range(100))

    items = read_all(get, "/api/v1/boots", lambda: start(f"new{next(arrivals)}-", 9, 1_000), limit=97)

    assert sorted(item["id"] for item in items if item["id"].startswith("old")) == sorted(
        f"old{number}" for number in range(MANY)
    )
    assert len({item["id"] for item in items}) == len(items)


def test_paging_through_sockets_loses_and_repeats_none_while_others_open(get: Get) -> None:
    boot = stored.boot("b")

    def open_sockets(prefix: str, count: int, after: int) -> None:
        Socket.objects.bulk_create(
            Socket(
                boot=boot,
                environment=boot.environment,
                key=f"{prefix}{n}",
                socket=f"{prefix}{n}",
                opened_at=stored.START + timedelta(seconds=after + n // 4),
                outcome="open",
            )
            for n in range(count)
        )

    open_sockets("old", MANY, 1)
    arrivals = iter(range(100))

    items = read_all(
        get,
        "/api/v1/sockets",
        lambda: open_sockets(f"new{next(arrivals)}-", 9, 1_000),
        limit=97,
        service="chat",
    )

    assert [item["opened_at"] for item in items] == sorted((i["opened_at"] for i in items), reverse=True)
    assert sorted(item["socket"] for item in items) == sorted(f"old{number}" for number in range(MANY))


def test_paging_through_events_follows_their_arrival(get: Get) -> None:
    boot = stored.boot("b")
    for seq in range(50):
        stored.event(boot, seq, revision=1 + (50 - seq) // 7)

    items = read_all(get, "/api/v1/boots/b/events", lambda: None, limit=9)

    assert [item["seq"] for item in items] == sorted(range(50), key=lambda seq: ((50 - seq) // 7, seq))


def test_a_page_that_ends_with_the_last_row_is_the_last(get: Get) -> None:
    stored.boot("a")
    stored.boot("b", after=1)

    assert get("/api/v1/boots", limit=2)["next"] is None
    assert get("/api/v1/boots", limit=1)["next"] is not None


def test_a_page_has_a_hundred_items_unless_asked_otherwise(get: Get) -> None:
    boot = stored.boot("b")
    for number in range(101):
        stored.socket(boot, f"k{number}")

    assert len(get("/api/v1/sockets")["items"]) == 100


def test_an_unknown_boot_is_a_problem(refused: Get) -> None:
    problem = {"type": "about:blank", "title": "Unknown boot", "status": 404}
    detail = {"detail": "There is no boot of this id that you may read."}

    assert refused("/api/v1/boots/nobody") == (404, problem | detail)
    assert refused("/api/v1/boots/nobody/events") == (404, problem | detail)


@pytest.mark.parametrize(
    "ident",
    ["a%00b", "%00", "%F0%9F%92%A9", "a'%20OR%201=1--", "%FF%FE", "a%0Ab", "x" * 10_000, "%252e%252e", "a b"],
)
def test_an_id_that_no_boot_can_have_is_an_unknown_boot(refused: Get, ident: str) -> None:
    assert refused(f"/api/v1/boots/{ident}")[0] == 404
    assert refused(f"/api/v1/boots/{ident}/events")[0] == 404


@pytest.mark.parametrize(
    "path", ["/api/v1/", "/api/v1/nothing", "/api/v1/boots/a/b/c", "/api/v1/boots/a%2Fb/c"]
)
def test_an_address_where_nothing_is_is_a_problem(refused: Get, path: str) -> None:
    status, problem = refused(path)

    assert (status, problem["title"]) == (404, "Not found")


@pytest.mark.usefixtures("fleet")
@pytest.mark.parametrize(
    "path", ["/api/v1/boots", "/api/v1/sockets", "/api/v1/boots/b", "/api/v1/boots/b/events"]
)
def test_the_number_of_statements_does_not_depend_on_the_number_of_rows(
    get: Get, path: str, django_assert_max_num_queries: Any
) -> None:
    boot = Boot.objects.get(ident="b")
    for number in range(60):
        stored.boot(f"x{number}")
        stored.false_start(boot, f"x{number}")
        stored.event(boot, number)
    get(path)

    with django_assert_max_num_queries(8):
        get(path)


@pytest.mark.integration
@pytest.mark.usefixtures("valkey")
def test_what_was_sent_stored_and_understood_is_what_is_read(get: Get) -> None:
    save_group([incoming(document(race()))])
    tasks.correlate(list(Boot.objects.values_list("pk", flat=True)))

    boot = get("/api/v1/boots/boot-1")
    early = next(socket for socket in boot["sockets"] if socket["socket"] == "early-1")

    assert (boot["state"], boot["ready_age"], boot["exposure"]) == (
        "ready",
        4.5,
        {"from_age": 2.0, "to_age": 4.5},
    )
    assert [phase["name"] for phase in boot["phases"]] == list(PHASES)
    assert (early["cause"], early["margin"], early["before_gate"]) == ("false_start", 2.0, True)
    assert {item["basis"] for item in early["evidence"]} <= {"measured", "configured", "derived"}
    assert len(get("/api/v1/boots/boot-1/events")["items"]) == len(race())
    [listed] = get("/api/v1/boots", cause="false_start", service="chat-backend")["items"]
    assert listed["counts"]["false_starts"] == 2
    for address in ("/api/v1/sockets", "/api/v1/boots"):
        assert get(address)["next"] is None
