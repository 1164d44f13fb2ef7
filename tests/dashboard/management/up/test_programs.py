"""The product's programs: what is run, and how each shows that it works."""

import sys
from pathlib import Path

import pytest
from django.test import override_settings

from dashboard.management.up import programs

EVERYWHERE = "0.0.0.0"  # noqa: S104 - nothing listens here


@pytest.mark.parametrize(
    ("host", "allowed", "url", "name"),
    [
        ("127.0.0.1", ["localhost"], "http://127.0.0.1:4711", "localhost"),
        (EVERYWHERE, ["*"], "http://127.0.0.1:4711", "localhost"),
        ("::", [".example.com"], "http://[::1]:4711", "example.com"),
    ],
)
def test_the_web_process_is_asked_where_it_listens(
    host: str, allowed: list[str], url: str, name: str
) -> None:
    """With a host name that it accepts, else it would answer 400 for ever."""
    with override_settings(HOST=host, PORT=4711, ALLOWED_HOSTS=allowed):
        assert (programs.own_url(), programs.own_address()[1]) == (url, name)


def test_the_demo_gets_its_key_where_no_process_list_shows_it() -> None:
    """Command lines are for everybody to read."""
    demo = programs.demo("fs_secret")
    assert ("fs_secret" in " ".join(demo.command), demo.environment["FALSESTART_KEY"]) == (False, "fs_secret")


@override_settings(HOST="127.0.0.1", PORT=4711)
def test_each_process_is_told_where_to_report_about_itself() -> None:
    """To the web process, which is one of them."""
    report = programs.reporting("fs_own")
    assert report == {"FALSESTART_ENDPOINT": "http://127.0.0.1:4711", "FALSESTART_KEY": "fs_own"}
    started = [role(report) for role in (programs.web, programs.worker, programs.beat)]
    assert [program.environment for program in started] == [report] * 3
    assert [program for program in started if "fs_own" in " ".join(program.command)] == []


def test_the_password_of_the_embedded_server_is_in_no_command_line(tmp_path: Path) -> None:
    """It reaches the server on its standard input."""
    valkey = programs.valkey(Path("/valkey-server"), "redis://:secret@127.0.0.1:4711/0", tmp_path / "valkey")
    assert (valkey.command, b"requirepass secret" in valkey.stdin) == (("/valkey-server", "-"), True)


def test_web_and_celery_run_in_this_interpreter() -> None:
    """Whatever PATH says."""
    commands = [program.command for program in (programs.web({}), programs.worker({}), programs.beat({}))]
    assert {command[:3:2] for command in commands} == {(sys.executable, "-m")}
