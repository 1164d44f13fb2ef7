"""The ES module in a real browser: what it tells of a page's sockets, and what it never does to the page."""

from collections.abc import Iterator
from contextlib import ExitStack
from dataclasses import dataclass
from typing import Any
from urllib.parse import parse_qs, urlsplit

import pytest
from playwright.sync_api import Browser, BrowserContext, Page

from ingest.receive.clients import MOST_SAMPLED
from tests.e2e.site import PATIENCE, Event, Reports, Site, Sockets, listening
from tests.engines import LOOPBACK, wait_until

pytestmark = [pytest.mark.e2e, pytest.mark.integration]

KEY = "fs_public"
# In the page: `open` makes a watched socket and waits for one of its events.
PREPARE = """async (options) => {
    const { watch } = await import("/falsestart.js");
    window.Watched = watch(options);
    window.open = (url, event = "close") => new Promise((resolve) => {
        const socket = window.socket = new window.Watched(url);
        socket.addEventListener(event, (it) => resolve([it.code ?? null, socket.url]));
    });
}"""


@dataclass(frozen=True)
class Stage:
    """The servers: of the page, of the reports, of the sockets."""

    site: Site
    collector: Site
    sockets: Sockets

    def socket(self, path: str, host: str = LOOPBACK) -> str:
        return f"ws://{host}:{self.sockets.port}{path}"

    @property
    def options(self) -> Event:
        return {"endpoint": f"{self.collector.url}/", "key": KEY, "service": "chat", "environment": "test"}


@pytest.fixture(scope="module")
def stage() -> Iterator[Stage]:
    collector, sockets = Site(), Sockets()
    ends = f"{collector.url} ws://{LOOPBACK}:{sockets.port} ws://localhost:{sockets.port}"
    site = Site(f"default-src 'none'; script-src 'self'; img-src data:; connect-src {ends}")
    with ExitStack() as stack:
        for server in (site, collector, sockets.server):
            stack.enter_context(listening(server))
        yield Stage(site, collector, sockets)
    site.server_close()
    collector.server_close()


@pytest.fixture
def reports(stage: Stage) -> Reports:
    """What this test's pages send."""
    stage.collector.reports = Reports()
    stage.sockets.asked.clear()
    return stage.collector.reports


@pytest.fixture(scope="module")
def context(browser: Browser) -> Iterator[BrowserContext]:
    context = browser.new_context()
    yield context
    context.close()


@pytest.fixture
def complaints() -> list[str]:
    """What the browser says on its console that a broken socket or a failed request does not explain."""
    return []


@pytest.fixture
def page(stage: Stage, context: BrowserContext, complaints: list[str]) -> Iterator[Page]:
    page = context.new_page()
    page.set_default_timeout(PATIENCE * 1000)
    page.on("console", lambda message: complaints.append(message.text))
    page.on("pageerror", lambda error: complaints.append(str(error)))
    page.goto(stage.site.url)
    yield page
    page.close()


def opened(page: Page, url: str, event: str = "close") -> list[Any]:
    """Open a watched socket, and return the code and address that the page sees at an event of it."""
    found: list[Any] = page.evaluate("([url, event]) => window.open(url, event)", [url, event])
    return found


def prepared(page: Page, stage: Stage, **options: Any) -> None:
    page.evaluate(PREPARE, stage.options | options)


def told(event: Event, *names: str) -> list[Any]:
    return [event.get(name) for name in names]


def test_its_sockets_are_web_sockets(
    page: Page, stage: Stage, reports: Reports, complaints: list[str]
) -> None:
    prepared(page, stage)
    opened(page, stage.socket("/echo"), "open")
    seen = page.evaluate("""async () => {
        const { socket, Watched } = window;
        const answer = new Promise((resolve) => (socket.onmessage = (event) => resolve(event.data)));
        socket.send("hello");
        return [
            socket instanceof Watched, socket instanceof WebSocket, String(socket), Watched.name,
            Watched.OPEN === 1 && socket.CLOSED === 3, socket.readyState, await answer,
        ];
    }""")
    assert seen == [True, True, "[object WebSocket]", "WebSocket", True, 1, "hello"]
    assert (reports.statuses, complaints) == ([], [])


def test_an_address_keeps_its_query_and_the_page_does_not_see_the_id(
    page: Page, stage: Stage, reports: Reports
) -> None:
    prepared(page, stage)
    asked = [stage.socket(path) for path in ("/close/1000", "/close/1000?room=a%20b&x=1+2", "/close/1000?")]
    seen = [opened(page, url)[1] for url in asked]
    ids = [event["socket"] for event in reports.ended(3)]

    assert seen == [asked[0], asked[1], asked[0]]
    assert stage.sockets.asked == [
        f"/close/1000?falsestart_socket={ids[0]}",
        f"/close/1000?room=a%20b&x=1+2&falsestart_socket={ids[1]}",
        f"/close/1000?falsestart_socket={ids[2]}",
    ]


def test_an_id_that_the_page_gave_is_the_one_that_is_told(page: Page, stage: Stage, reports: Reports) -> None:
    prepared(page, stage)
    opened(page, stage.socket("/close/1000?falsestart_socket=own-1"))
    assert [event["socket"] for event in reports.ended()] == ["own-1"]
    assert stage.sockets.asked == ["/close/1000?falsestart_socket=own-1"]


def test_a_close_is_told_with_what_the_page_saw(
    page: Page, stage: Stage, reports: Reports, complaints: list[str]
) -> None:
    prepared(page, stage, release="r7", instance="pod-1")
    assert opened(page, stage.socket("/close/1013"))[0] == 1013
    (ended,) = reports.ended()
    (opening,) = reports.events("socket.opened")
    (first, *_) = reports.received

    assert told(ended, "code", "reason", "path", "origin") == [1013, "as asked", "/close/1013", None]
    assert ended["page"] == {"clean": True, "visible": True, "online": True, "leaving": False, "attempt": 1}
    assert sorted([ended["ended_at"], ended["accepted_at"], ended["opened_at"]]) == told(
        ended, "opened_at", "accepted_at", "ended_at"
    )
    assert told(opening, "socket", "client", "path", "opened_at") == told(
        ended, "socket", "client", "path", "opened_at"
    )
    assert first.batch["resource"] == {
        "service.name": "chat",
        "deployment.environment.name": "test",
        "service.version": "r7",
        "service.instance.id": "pod-1",
    }
    assert first.headers["authorization"] == f"Bearer {KEY}"
    assert (first.query, "referer" in first.headers, complaints) == ("", False, [])


def test_a_socket_that_breaks_or_is_refused_is_told_as_the_browser_tells_it(
    page: Page, stage: Stage, reports: Reports
) -> None:
    prepared(page, stage)
    assert [opened(page, stage.socket(path))[0] for path in ("/break", "/refuse")] == [1006, 1006]
    broken, refused = reports.ended(2)

    assert told(broken, "code", "origin") == told(refused, "code", "origin") == [1006, None]
    assert ("accepted_at" in broken, "accepted_at" in refused) == (True, False)
    assert (broken["page"]["clean"], refused["page"]["clean"]) == (False, False)


def test_attempts_are_counted_until_one_works(page: Page, stage: Stage, reports: Reports) -> None:
    prepared(page, stage)
    for path in ("/close/1011", "/close/1011?again", "/close/1000", "/close/1011"):
        opened(page, stage.socket(path))
    ends = [event for event in reports.ended(4) if event["path"] == "/close/1011"]
    assert [event["page"]["attempt"] for event in ends] == [1, 2, 3]


def test_a_page_that_closes_a_socket_is_its_peer(page: Page, stage: Stage, reports: Reports) -> None:
    prepared(page, stage)
    opened(page, stage.socket("/echo"), "open")
    page.evaluate("window.socket.close(4001, 'enough')")
    assert told(reports.ended()[0], "code", "origin") == [4001, "peer"]


def test_sockets_of_other_hosts_are_left_alone(page: Page, stage: Stage, reports: Reports) -> None:
    prepared(page, stage)
    assert opened(page, stage.socket("/close/1011", "localhost"))[0] == 1011
    opened(page, stage.socket("/close/1011"))

    assert len(reports.ended()) == 1
    assert stage.sockets.asked[0] == "/close/1011"


@pytest.mark.parametrize("match", ["['localhost']", "['*.invalid', /^ws:..localhost:/g]"])
def test_other_hosts_are_watched_where_they_are_named(
    page: Page, stage: Stage, reports: Reports, match: str
) -> None:
    page.evaluate(f"async (options) => ({PREPARE})({{...options, match: {match}}})", stage.options)
    for _ in range(2):
        opened(page, stage.socket("/close/1011", "localhost"))
    assert len(reports.ended(2)) == 2


@pytest.mark.parametrize("options", ["{}", "{endpoint: ''}", "undefined"])
def test_without_an_endpoint_the_class_is_the_browsers_own(
    page: Page, options: str, complaints: list[str]
) -> None:
    assert page.evaluate(f"import('/falsestart.js').then(({{ watch }}) => watch({options}) === WebSocket)")
    assert complaints == []


def test_without_a_key_nothing_is_watched_and_the_console_says_why(page: Page, complaints: list[str]) -> None:
    watched = "import('/falsestart.js').then(({ watch }) => watch({endpoint: 'http://x'}) === WebSocket)"
    assert page.evaluate(watched)
    assert complaints == ["falsestart: `key` and `service` are needed; nothing is watched."]


def test_it_can_take_the_place_of_the_browsers_class(page: Page, stage: Stage, reports: Reports) -> None:
    prepared(page, stage, install=True)
    page.evaluate(
        "(url) => new Promise((done) => (new WebSocket(url).onclose = done))", stage.socket("/close/1011")
    )
    assert (page.evaluate("window.WebSocket === window.Watched"), len(reports.ended())) == (True, 1)


@pytest.mark.parametrize("arguments", ["", "'nonsense://x'", "'ws://['"], ids=["nothing", "scheme", "host"])
def test_what_the_browser_refuses_is_refused_with_its_own_words(
    page: Page, stage: Stage, arguments: str, complaints: list[str]
) -> None:
    prepared(page, stage)
    said = (
        f"(Class) => {{ try {{ new Class({arguments}) }} catch (error) {{ return error.name }} return null }}"
    )
    names = page.evaluate(f"[window.WebSocket, window.Watched].map({said})")
    assert (names[0] == names[1], names[0] is not None, complaints) == (True, True, [])


class TestASample:
    def test_leaves_out_what_ended_well_and_tells_every_failure(
        self, page: Page, stage: Stage, reports: Reports
    ) -> None:
        prepared(page, stage, sample=0)
        for path in ("/close/1000", "/close/1011"):
            opened(page, stage.socket(path))
        page.evaluate("window.Watched.falsestart.flush()")

        assert [told(event, "code", "stands_for") for event in reports.ended()] == [[1011, None]]
        assert reports.events("socket.opened") == []
        assert "opened_at" in reports.ended()[0]

    @pytest.mark.parametrize(("share", "number"), [(0.1, 10), (1e-9, MOST_SAMPLED)])
    def test_says_for_how_many_it_stands_and_no_more_than_is_taken(
        self, page: Page, stage: Stage, reports: Reports, share: float, number: int
    ) -> None:
        page.evaluate("Math.random = () => 0")
        prepared(page, stage, sample=share)
        for path in ("/close/1000", "/close/1011"):
            opened(page, stage.socket(path))
        ends = [told(event, "code", "stands_for") for event in reports.ended(2)]
        assert ends == [[1000, number], [1011, None]]


class TestWhatIsNotTaken:
    def lose(self, page: Page, stage: Stage, reports: Reports, status: int) -> None:
        """Have the opening and the end of one socket answered with a status for which they are given up."""
        reports.statuses.append(status)
        prepared(page, stage)
        opened(page, stage.socket("/close/1011"))
        wait_until(lambda: page.evaluate("window.Watched.falsestart.dropped") == 2, "the loss", PATIENCE)

    def test_is_sent_again_with_the_same_ids(self, page: Page, stage: Stage, reports: Reports) -> None:
        reports.statuses += [503, 429]
        page.evaluate("Math.random = () => 0")
        prepared(page, stage)
        opened(page, stage.socket("/close/1011"))
        wait_until(lambda: len(reports.received) == 3, "a third try", PATIENCE)

        assert [[event["id"] for event in one.events] for one in reports.received] == [["1", "2"]] * 3
        wait_until(
            lambda: page.evaluate("window.Watched.falsestart.waiting") == 0, "an empty queue", PATIENCE
        )

    @pytest.mark.parametrize("status", [400, 413, 422])
    def test_is_given_up_where_the_server_will_never_take_it(
        self, page: Page, stage: Stage, reports: Reports, status: int
    ) -> None:
        self.lose(page, stage, reports, status)
        opened(page, stage.socket("/close/1013"))
        wait_until(lambda: len(reports.received) == 2, "the next batch", PATIENCE)
        assert [event["id"] for event in reports.received[1].events] == ["3", "4"]

    @pytest.mark.parametrize("status", [401, 403])
    def test_ends_all_reporting_where_the_key_is_no_good(
        self, page: Page, stage: Stage, reports: Reports, status: int
    ) -> None:
        self.lose(page, stage, reports, status)
        opened(page, stage.socket("/close/1013"))
        page.evaluate("window.Watched.falsestart.flush()")
        assert (len(reports.received), page.evaluate("window.Watched.falsestart.waiting")) == (1, 0)

    def test_waits_in_a_queue_with_an_end_and_openings_make_room_first(
        self, page: Page, stage: Stage, reports: Reports
    ) -> None:
        reports.statuses += [503] * 100
        page.evaluate("""() => {
            window.WebSocket = class extends EventTarget {
                end() { this.dispatchEvent(new CloseEvent("close", { code: 1011, wasClean: true })); }
            };
        }""")
        prepared(page, stage)
        page.evaluate(
            "(url) => { for (let n = 0; n < 400; n++) new window.Watched(url).end(); }", stage.socket("/")
        )
        waiting, dropped = page.evaluate(
            "[window.Watched.falsestart.waiting, window.Watched.falsestart.dropped]"
        )
        assert (waiting, dropped) == (500, 300)

        reports.statuses.clear()
        page.evaluate("window.Watched.falsestart.flush()")
        wait_until(
            lambda: page.evaluate("window.Watched.falsestart.waiting") == 0, "an empty queue", PATIENCE
        )
        assert len(reports.ended(400)) == 400
        assert max(len(one.events) for one in reports.received) == 50


def test_a_page_that_is_left_sends_a_beacon(
    page: Page, stage: Stage, reports: Reports, complaints: list[str]
) -> None:
    prepared(page, stage)
    opened(page, stage.socket("/echo"), "open")
    page.goto("about:blank")
    (ended,) = reports.ended()
    beacon = reports.received[-1]

    assert told(ended, "code", "origin") == [1001, "peer"]
    assert (ended["page"]["leaving"], ended["page"]["visible"]) == (True, True)
    assert (parse_qs(beacon.query), "authorization" in beacon.headers) == ({"key": [KEY]}, False)
    assert beacon.headers["content-type"] == "text/plain;charset=UTF-8"
    assert (beacon.headers["origin"], complaints) == (stage.site.url, [])


def test_two_loads_of_one_page_are_two_reporters(page: Page, stage: Stage, reports: Reports) -> None:
    for number in (1, 2):
        page.goto(stage.site.url)
        prepared(page, stage)
        opened(page, stage.socket("/close/1011"))
        reports.ended(number)
    names = {one.batch["reporter"]["name"] for one in reports.received}
    ids = {event["id"] for event in reports.events("socket.ended")}

    assert [name.partition("/")[0] for name in names] == ["falsestart-js"] * 2
    assert len(names) == 2
    assert ids == {"2"}
    assert urlsplit(stage.site.url).hostname == LOOPBACK
