"""What the probe really sends, as the files that the server's decoder is tested against too.

Write them anew with `FALSESTART_WRITE_GOLDEN=1`, and read the difference before you keep it.
"""

import json
import os
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from falsestart import Contract, Phase, Probe
from falsestart.asgi import FalsestartMiddleware

from tests.probe.collector import Collector
from tests.probe.driver import ACCEPT, CONNECT, Driver, gone
from tests.probe.test_asgi import SHUTDOWN, STARTUP, answers, serves
from tests.probe.test_sockets import reads_until_gone, sends

GOLDEN = Path(__file__).resolve().parents[1] / "wire" / "v1"
BOOT_ID = "0199a1b2c3d47e5f8a6b7c8d9e0f1a2b"
AGES = {"age", "opened_age", "accepted_age", "ended_age", "from_age", "to_age"}
CONTRACT = Contract(
    phases=["init", "database", Phase("cache", required=False), "services", "websocket"],
    gate="services",
    budgets={"readiness_wait": 2.1},
    settle=10,
    startup=240,
    clock_uncertainty=1.0,
    codes={"4001": "policy", "4100": "expected"},
)

MakeProbe = Callable[..., Probe]


async def tell_a_boot(probe: Probe) -> None:
    """Every phase status, a check, all that a boot says of itself."""
    with probe.phase("init"):
        pass
    with pytest.raises(TimeoutError), probe.phase("database", depends_on=["init"]):
        raise TimeoutError("Database initialization timeout after 25.0s")
    with probe.phase("cache") as cache:
        cache.skip()
    with pytest.raises(ConnectionError), probe.phase("services"), probe.phase("supervisor", kind="wait"):
        raise ConnectionError("refused by amqp://app:secret@queue/")
    with probe.check("readiness", budget=2.1, phase="services") as check:
        check.ok = False
    probe.failed("no database", phase="database")
    probe.degraded(bypassed=["database"], reason="serving without it")
    probe.ready()
    app = FalsestartMiddleware(serves, probe)
    await Driver(app, STARTUP, SHUTDOWN).lifespan()


async def tell_sockets(probe: Probe) -> None:
    """One socket for each way to end, and a request that failed."""
    await Driver(FalsestartMiddleware(answers(503), probe)).http("/health")
    close = {"type": "websocket.close", "code": 1011, "reason": "Service startup incomplete"}
    deny = {"type": "websocket.http.response.start", "status": 503}
    stories: list[tuple[Any, tuple[Any, ...]]] = [
        (sends(ACCEPT, close), ()),
        (sends({"type": "websocket.close", "code": 4001}), ()),
        (sends(deny, {"type": "websocket.http.response.body", "body": b""}), ()),
        (reads_until_gone, (gone(1000, ""),)),
        (reads_until_gone, (gone(1006, ""),)),
        (reads_until_gone, (gone(1011, "keepalive ping timeout"),)),
        (reads_until_gone, (gone(1012),)),
    ]
    for number, (app, incoming) in enumerate(stories):
        driver = Driver(FalsestartMiddleware(app, probe), CONNECT, *incoming)
        await driver.websocket("/ws/chat", b"falsestart_socket=c-%d" % number)
    for number, first in enumerate([(), (ACCEPT,)], start=len(stories)):
        driver = Driver(FalsestartMiddleware(sends(*first, then=KeyError("session")), probe), CONNECT)
        with pytest.raises(KeyError):
            await driver.websocket("/ws/chat", b"falsestart_socket=c-%d" % number)


async def tell_a_settled_service(probe: Probe) -> None:
    """Openings and expected ends counted instead of listed."""
    assert probe.life is not None
    probe.life.gate.passed_age = probe.age() - 61.0
    for message in (gone(1000, ""), gone(1001, "")):
        await Driver(FalsestartMiddleware(reads_until_gone, probe), CONNECT, message).websocket()
    probe.life.finish()


@pytest.mark.parametrize(
    ("name", "tell"),
    [("boot", tell_a_boot), ("sockets", tell_sockets), ("tallies", tell_a_settled_service)],
)
async def test_what_is_sent_is_what_the_golden_file_says(
    make_probe: MakeProbe, collector: Collector, name: str, tell: Callable[[Probe], Any]
) -> None:
    probe = make_probe(service="chat-backend", release="r2", environment="demo", contract=CONTRACT)
    await tell(probe)
    assert probe.flush(10.0) is True
    batch = steady([post.batch for post in collector.posts], probe.boot_id)
    path = GOLDEN / f"probe_{name}.json"
    if os.environ.get("FALSESTART_WRITE_GOLDEN"):
        path.write_text(json.dumps(batch, indent=1) + "\n")
    assert batch == json.loads(path.read_text())


def steady(batches: list[dict[str, Any]], boot_id: str) -> dict[str, Any]:
    """The batches of one boot as one, with what differs from run to run replaced; ages keep their order."""
    batch = batches[0]
    events = [event for each in batches for event in each["events"]]
    ages = sorted({event[name] for event in events for name in AGES if name in event})
    for event in events:
        event |= {name: round(0.1 * (1 + ages.index(event[name])), 1) for name in AGES if name in event}
        if "waited" in event:
            event["waited"] = 0.000157
    batch["resource"] |= {"process.pid": 7, "host.name": "host", "service.instance.id": BOOT_ID}
    batch["boot"] |= {"id": BOOT_ID, "started_at": "2026-09-16T01:42:53.100Z"}
    batch["reporter"]["version"] = "0"
    batch |= {"sent_at": "2026-09-16T01:42:58.700Z", "sent_age": 5.6, "events": events}
    assert boot_id not in json.dumps(batch)
    return batch
