import logging
import time
from collections.abc import Callable
from typing import Any

import pytest
from falsestart import Contract, Probe
from falsestart.probe import EXIT_FLUSH, how_it_ends

from tests.probe.collector import Collector
from tests.probe.processes import free_port, run_python

Told = Callable[..., list[dict[str, Any]]]
MakeProbe = Callable[..., Probe]


def test_the_promise_to_report_is_made_at_once(make_probe: MakeProbe, collector: Collector) -> None:
    make_probe()
    (alive,) = collector.wait_for("alive")
    assert (alive["seq"], alive["open"], alive["dropped"]) == (1, 0, 0)


def test_a_boot_tells_its_facts_with_every_batch(make_probe: MakeProbe, collector: Collector) -> None:
    probe = make_probe(release="r2", environment="demo", contract=Contract(gate="services"))
    probe.flush(5.0)
    batch = collector.posts[0].batch
    resource = {
        name: value for name, value in batch["resource"].items() if name not in {"host.name", "process.pid"}
    }
    assert resource == {
        "service.name": "chat",
        "service.version": "r2",
        "deployment.environment.name": "demo",
        "service.instance.id": probe.boot_id,
    }
    assert (batch["boot"]["id"], batch["boot"]["contract"]) == (probe.boot_id, {"gate": "services"})


def test_what_a_service_says_about_its_boot_is_told(probe: Probe, told: Told) -> None:
    probe.listening(port=8000)
    probe.ready()
    probe.degraded(bypassed=["cache"], reason="no redis")
    probe.failed(ValueError("no"), phase="database")
    probe.draining()
    probe.exited(code=3, by="itself")
    assert told("boot") == [
        {"kind": "boot.listening", "port": 8000},
        {"kind": "boot.ready"},
        {"kind": "boot.degraded", "bypassed": ["cache"], "reason": "no redis"},
        {"kind": "boot.failed", "error": "ValueError: no", "phase": "database"},
        {"kind": "boot.draining"},
        {"kind": "boot.exited", "code": 3, "by": "itself"},
    ]


def test_what_can_be_true_only_once_is_told_once(probe: Probe, told: Told) -> None:
    for _ in range(2):
        probe.listening()
        probe.ready()
        probe.draining()
        probe.exited()
    assert [event["kind"] for event in told("boot")] == [
        "boot.listening",
        "boot.ready",
        "boot.draining",
        "boot.exited",
    ]


@pytest.mark.parametrize(
    ("options", "sentence"),
    [
        ({"endpoint": "http://h"}, "the probe is off: FALSESTART_ENDPOINT is set but FALSESTART_KEY is not"),
        ({"endpoint": "h", "key": "k"}, "the probe is off: FALSESTART_ENDPOINT is no http(s) URL: 'h'"),
    ],
)
def test_a_probe_that_cannot_report_is_off_and_says_why(
    caplog: pytest.LogCaptureFixture, options: dict[str, str], sentence: str
) -> None:
    with caplog.at_level(logging.WARNING):
        probe = Probe("chat", **options)  # type: ignore[arg-type]
    assert (probe.enabled, [record.message for record in caplog.records]) == (False, [sentence])


def test_a_probe_without_a_service_name_is_off(caplog: pytest.LogCaptureFixture) -> None:
    assert Probe(endpoint="http://127.0.0.1:1", key="k").enabled is False
    assert [record.message[:40] for record in caplog.records] == ["the probe is off: no service name (argum"]


def test_a_probe_that_nobody_asked_for_is_off_and_silent(caplog: pytest.LogCaptureFixture) -> None:
    probe = Probe()
    for method in (probe.listening, probe.ready, probe.degraded, probe.failed, probe.draining, probe.exited):
        method()
    probe.close()
    assert (probe.enabled, caplog.records, probe.flush()) == (False, [], True)


def test_a_contract_of_the_wrong_types_does_not_stop_the_service(
    make_probe: MakeProbe, collector: Collector, caplog: pytest.LogCaptureFixture
) -> None:
    probe = make_probe(contract=Contract(phases=7))  # type: ignore[arg-type]
    assert (probe.flush(5.0), collector.posts[0].batch["boot"]["contract"]) == (True, None)
    assert [record.message[:26] for record in caplog.records] == ["the probe failed in Contra"]


def test_arguments_of_the_wrong_types_do_not_reach_the_host(
    make_probe: MakeProbe, caplog: pytest.LogCaptureFixture
) -> None:
    probe = make_probe()
    probe.degraded(7)  # type: ignore[arg-type]
    with probe.phase(7):  # type: ignore[arg-type]
        pass
    with probe.check("c", budget="x"):  # type: ignore[arg-type]
        pass
    probe.listening(port=object())  # type: ignore[arg-type]
    assert probe.flush(5.0) is True
    failed = [record.message.split()[4] for record in caplog.records if " failed in " in record.message]
    assert failed == ["Probe.degraded", "PhaseSpan._start"]


def test_the_same_key_names_a_client_alike_in_every_instance(make_probe: MakeProbe) -> None:
    names = [make_probe(key=key).client_id("10.0.0.1", "b") for key in ("k1", "k1", "k2")]
    assert (names[0] == names[1], names[0] == names[2]) == (True, False)


@pytest.mark.parametrize(
    ("uncaught", "end"),
    [
        (None, (None, None, "atexit")),
        (KeyError("x"), (1, None, "KeyError: 'x'")),
        (KeyboardInterrupt(), (None, 2, "interrupt")),
    ],
)
def test_the_end_of_a_process_is_told_as_far_as_it_can_be_seen(
    uncaught: BaseException | None, end: tuple[object, ...]
) -> None:
    assert how_it_ends(uncaught) == end


SCRIPT = """
import os, sys
from falsestart import Probe
probe = Probe("job", endpoint=os.environ["URL"], key="k")
with probe.phase("work"):
    pass
"""


@pytest.mark.integration
@pytest.mark.parametrize(
    ("ending", "code", "told"),
    [
        ("", 0, {"by": "atexit"}),
        ("sys.exit(3)", 3, {"by": "atexit"}),
        ("raise KeyError('x')", 1, {"code": 1, "by": "KeyError: 'x'"}),
    ],
)
def test_a_script_flushes_at_its_end_and_tells_how_it_ended(
    collector: Collector, ending: str, code: int, told: dict[str, Any]
) -> None:
    run_python(SCRIPT + ending, code_of_exit=code, URL=collector.url)
    kinds = [event["kind"] for event in collector.events()]
    (exited,) = collector.events("boot.exited")
    assert kinds == ["alive", "phase.started", "phase.finished", "boot.exited"]
    assert {name: exited[name] for name in exited if name in {"code", "signal", "by"}} == told


@pytest.mark.integration
def test_the_end_of_a_process_is_not_held_up_for_long_by_a_server_that_is_away() -> None:
    began = time.monotonic()
    run_python(SCRIPT, URL=f"http://127.0.0.1:{free_port()}")
    assert time.monotonic() - began < EXIT_FLUSH + 3.0


@pytest.mark.integration
def test_signal_handlers_and_hooks_of_the_host_stay_its_own(collector: Collector) -> None:
    script = """
import signal, sys, os, threading
before = [signal.getsignal(s) for s in (signal.SIGTERM, signal.SIGINT)], sys.excepthook, threading.excepthook
from falsestart import Probe
from falsestart.asgi import FalsestartMiddleware
probe = Probe("job", endpoint=os.environ["URL"], key="k")
FalsestartMiddleware(None, probe)
after = [signal.getsignal(s) for s in (signal.SIGTERM, signal.SIGINT)], sys.excepthook, threading.excepthook
print(before == after)
"""
    assert run_python(script, URL=collector.url) == "True\n"


@pytest.mark.integration
def test_a_forked_process_is_a_boot_of_its_own(collector: Collector) -> None:
    script = """
import os, sys
from falsestart import Probe
probe = Probe("job", endpoint=os.environ["URL"], key="k")
parent, instance = probe.boot_id, None
with probe.phase("shared"):
    pid = os.fork()
    if pid == 0:
        age = probe.age()
if pid == 0:
    with probe.phase("own"):
        pass
    print(age < 0.5, probe.boot_id != parent, flush=True)
    probe.flush()
    os._exit(0)
os.waitpid(pid, 0)
"""
    assert run_python(script, URL=collector.url) == "True True\n"
    parent, child = sorted(collector.boots())
    assert collector.boots() == {
        parent: ["alive", "phase.started", "phase.finished", "boot.exited"],
        child: ["alive", "phase.started", "phase.finished"],
    }
    boots = {post.batch["boot"]["id"]: post.batch for post in collector.posts}
    assert (boots[parent]["boot"]["parent"], boots[child]["boot"]["parent"]) == (None, parent)
    instances = {batch["resource"]["service.instance.id"] for batch in boots.values()}
    assert instances == {parent}
    assert boots[child]["resource"]["process.pid"] != boots[parent]["resource"]["process.pid"]


@pytest.mark.integration
def test_a_fork_that_says_nothing_is_no_boot(collector: Collector) -> None:
    script = SCRIPT + "pid = os.fork()\nif pid == 0: sys.exit(0)\nos.waitpid(pid, 0)"
    run_python(script, URL=collector.url)
    assert len(collector.boots()) == 1


@pytest.mark.integration
def test_a_fork_while_threads_record_leaves_no_lock_behind(collector: Collector) -> None:
    script = """
import os, threading
from falsestart import Probe
probe = Probe("job", endpoint=os.environ["URL"], key="k")
over, ends = threading.Event(), []
def record():
    while not over.is_set():
        with probe.check("c"):
            over.wait(0.001)
threads = [threading.Thread(target=record) for _ in range(2)]
for thread in threads: thread.start()
for _ in range(20):
    pid = os.fork()
    if pid == 0:
        with probe.phase("own"):
            pass
        os._exit(0 if probe.flush(5.0) else 1)
    ends.append(os.waitpid(pid, 0)[1])
over.set()
assert ends == [0] * 20, ends
for thread in threads: thread.join()
"""
    run_python(script, URL=collector.url)
    parents = {post.batch["boot"]["id"]: post.batch["boot"]["parent"] for post in collector.posts}
    assert (len(parents), len(set(parents.values()))) == (21, 2)
