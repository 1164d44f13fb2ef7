import json
import os
import sys
from subprocess import run

import pytest
from falsestart import cli
from falsestart.diagnosis import Report, Step, diagnose

from tests.probe.collector import Collector
from tests.probe.processes import PATIENCE, environment, free_port

KEY = "fs_secret_that_nobody_may_see"


def check(*arguments: str, **variables: str) -> tuple[int, str]:
    """Exit code and output of the command, run as a user runs it."""
    done = run(
        [sys.executable, "-m", "falsestart", "check", *arguments],
        env=environment(OTEL_SERVICE_NAME="chat", **variables),
        capture_output=True,
        text=True,
        timeout=PATIENCE,
        check=False,
    )
    return done.returncode, done.stdout + done.stderr


@pytest.mark.integration
def test_where_everything_is_right_it_says_so_and_ends_with_zero(collector: Collector) -> None:
    code, said = check(FALSESTART_ENDPOINT=collector.url, FALSESTART_KEY=KEY)
    signs = [(line[:4].strip(), line[6:15].strip()) for line in said.splitlines() if line[6:7].strip()]
    assert (code, signs[:3], said.splitlines()[-1]) == (
        0,
        [("ok", "endpoint"), ("ok", "key"), ("ok", "service")],
        "Reporting works.",
    )
    (post,) = collector.posts
    assert (post.batch["events"], post.batch["resource"]["service.name"], "boot" in post.batch) == (
        [],
        "chat",
        False,
    )


@pytest.mark.integration
def test_a_server_that_is_not_there_ends_with_one_and_the_setting_to_look_at() -> None:
    port = free_port()
    code, said = check(FALSESTART_ENDPOINT=f"http://127.0.0.1:{port}", FALSESTART_KEY=KEY)
    assert (code, f"FAIL  tcp       cannot connect to 127.0.0.1:{port}" in said) == (1, True)
    assert said.splitlines()[-1] == "Reporting does not work: 1 to repair, see above."


@pytest.mark.integration
def test_the_key_is_never_shown_whole(collector: Collector) -> None:
    shown = [
        check(*arguments, FALSESTART_ENDPOINT=collector.url, FALSESTART_KEY=KEY)[1]
        for arguments in ((), ("--json",))
    ]
    assert [KEY in text for text in shown] == [False, False]


@pytest.mark.integration
def test_a_wrong_use_ends_with_two() -> None:
    assert check("--colour")[0] == 2


def test_programs_get_the_same_as_json(collector: Collector, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("FALSESTART_KEY", KEY)
    collector.answer(403, {"detail": "This key may not write for chat in default."})
    report = diagnose({"service.name": "chat"}, collector.url, os.environ)
    document = json.loads(cli.as_json(report))
    failed = [step for step in document["steps"] if step["ok"] is False]
    assert (document["works"], document["resource"]["service.name"]) == (
        False,
        {"value": "chat", "from": "argument"},
    )
    assert failed == [
        {
            "name": "answer",
            "ok": False,
            "said": "HTTP 403: the key is known but may not write this. It says: "
            "This key may not write for chat in default.",
            "remedy": "use a write key for this service and environment",
        }
    ]


def test_arguments_stand_for_those_of_the_probe(
    collector: Collector, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setenv("FALSESTART_KEY", KEY)
    assert cli.main(["check", "--service", "chat", "--release", "r7", "--endpoint", collector.url]) == 0
    said = capsys.readouterr().out
    assert (
        "service chat (from argument); release r7 (from argument); environment default (by default)" in said
    )


def test_a_remedy_stands_below_what_it_is_for() -> None:
    report = Report(steps=(Step(name="tcp", ok=False, said="closed", remedy="open it"),), resource={})
    assert cli.as_text(report).splitlines()[:2] == [
        "FAIL  tcp       closed",
        "                -> open it",
    ]
