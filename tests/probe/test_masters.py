"""How a pre-fork master is told from its workers, by the stack alone."""

import sys
from collections.abc import Callable
from types import ModuleType

import pytest
from falsestart import masters

ARBITER = """
def setup(ask):
    return ask()

def run(ask):
    return spawn_worker(ask)

def spawn_worker(ask):
    return ask()
"""


@pytest.fixture
def arbiter(monkeypatch: pytest.MonkeyPatch) -> ModuleType:
    """A module of the arbiter's name and functions: it is known by these."""
    module = ModuleType(masters.ARBITER)
    exec(ARBITER, module.__dict__)  # noqa: S102 - the text above
    monkeypatch.setitem(sys.modules, masters.ARBITER, module)
    return module


def both() -> tuple[bool, bool]:
    return masters.preloads(), masters.spawns()


def test_without_gunicorn_nobody_is_a_master() -> None:
    assert both() == (False, False)


@pytest.mark.parametrize(("function", "found"), [("setup", (True, False)), ("run", (False, True))])
def test_a_master_loads_by_itself_and_a_worker_below_its_fork(
    arbiter: ModuleType, function: str, found: tuple[bool, bool]
) -> None:
    called: Callable[[Callable[[], tuple[bool, bool]]], tuple[bool, bool]] = getattr(arbiter, function)
    assert called(both) == found
