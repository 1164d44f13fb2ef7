"""The structure that the design promises: where things lie, what they are called, what they may touch."""

import ast
import json
import os
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[1]
MAX_LINES = 300  # of a module; what grows past it becomes a package

TOP = {"pyproject.toml", "README.md", "manage.py", "docker-compose.yml", "dashboard", "ingest", "tests"}
HABITS = {
    ".ci", ".docker", ".dockerignore", ".env.example", ".gitignore", "CHANGELOG.md", "CONTRIBUTING.md",
    "Dockerfile", "LICENSE", "Makefile", "docs", "requirements.txt",
}  # fmt: skip
FORBIDDEN_NAMES = {"utils", "util", "helpers", "helper", "common", "base", "services", "misc", "signals"}

# What may touch the ORM: the writer, the reader and the rows themselves.
ORM_PLACES = ("ingest/store/", "ingest/models", "dashboard/queries/", "ingest/migrations/")
ORM_NAMES = {"objects", "_default_manager", "_base_manager"}

PROBE = Path("ingest/probe/falsestart")
EXAMPLES = Path("ingest/probe/examples")  # programs, tested as processes in tests/examples

# Modules without a test module of their own, each with the test that holds it.
HELD_ELSEWHERE = {
    "dashboard/apps.py": "tests/dashboard/test_settings.py",
    "dashboard/asgi.py": "tests/ingest/receive/test_over_http.py",
    "dashboard/beat.py": "tests/dashboard/management/commands/test_up.py",
    "dashboard/consumers/layer.py": "tests/dashboard/consumers/test_live.py",
    "dashboard/queries/health.py": "tests/dashboard/views/test_health.py",
    "dashboard/urls.py": "tests/dashboard/api/test_access.py",
    "dashboard/worker.py": "tests/dashboard/management/commands/test_up.py",
    "ingest/probe/falsestart/__main__.py": "tests/probe/test_cli.py",
    "ingest/apps.py": "tests/ingest/test_models.py",
    "ingest/store/record.py": "tests/ingest/test_tasks.py",
    "ingest/store/strays.py": "tests/ingest/test_tasks.py",
}


def tracked() -> list[Path]:
    """All files of the project, by their paths from its root."""
    listed = subprocess.run(
        ["git", "ls-files", "-z", "--cached", "--others", "--exclude-standard"],
        cwd=ROOT, capture_output=True, check=True, text=True,
    )  # fmt: skip
    paths = (Path(name) for name in listed.stdout.split("\0") if name)
    return [path for path in paths if (ROOT / path).is_file()]


def modules(*roots: str) -> list[Path]:
    """Python files below these folders."""
    return [path for path in tracked() if path.suffix == ".py" and path.parts[0] in roots]


OURS = [path for path in modules("dashboard", "ingest") if "migrations" not in path.parts]


def nodes(path: Path) -> Iterator[ast.AST]:
    yield from ast.walk(ast.parse((ROOT / path).read_text()))


def imports(path: Path) -> set[str]:
    """Full names of what a module imports, wherever in it."""
    found: set[str] = set()
    for node in nodes(path):
        if isinstance(node, ast.Import):
            found |= {alias.name for alias in node.names}
        elif isinstance(node, ast.ImportFrom) and not node.level:
            found.add(node.module or "")
    return found


def test_the_top_level_is_fixed() -> None:
    top = {path.parts[0] for path in tracked()}
    assert (TOP - top, top - TOP - HABITS) == (set(), set())


def test_no_module_is_called_after_nothing_in_particular() -> None:
    named = [
        path for path in modules("dashboard", "ingest", "tests") if {path.stem, *path.parts} & FORBIDDEN_NAMES
    ]
    assert named == []


def test_no_module_is_too_long_to_be_read_at_once() -> None:
    lines = {str(path): len((ROOT / path).read_text().splitlines()) for path in OURS}
    assert {name: count for name, count in lines.items() if count > MAX_LINES} == {}


def touches_the_orm(path: Path) -> bool:
    attributes = {node.attr for node in nodes(path) if isinstance(node, ast.Attribute)}
    return bool(attributes & ORM_NAMES) or any(name.startswith("django.db.models") for name in imports(path))


def test_the_orm_appears_where_rows_are_written_read_and_described_and_nowhere_else() -> None:
    touching = {path.as_posix() for path in OURS if touches_the_orm(path)}
    assert sorted(name for name in touching if not name.startswith(ORM_PLACES)) == []
    assert any(name.startswith("ingest/store/") for name in touching)


def test_there_are_no_django_signals() -> None:
    receiving = [path for path in OURS if {"django.dispatch", "django.db.models.signals"} & imports(path)]
    assert receiving == []


@pytest.mark.parametrize("path", [path for path in OURS if path.is_relative_to("ingest/probe")], ids=str)
def test_the_probe_knows_neither_side_of_the_server(path: Path) -> None:
    assert [name for name in imports(path) if name.split(".")[0] in ("ingest", "dashboard")] == []


def test_the_probe_needs_nothing_but_the_standard_library() -> None:
    needed = {name.split(".")[0] for path in OURS if path.is_relative_to(PROBE) for name in imports(path)}
    assert needed - sys.stdlib_module_names - {"falsestart"} == set()


def mirrored(path: Path) -> Iterator[Path]:
    """Where a module's test may be: beside its mirror image, or with the tests of its package."""
    if path.is_relative_to("ingest/probe"):
        yield Path("tests/probe", f"test_{path.name}")
        return
    folder = Path("tests", *path.parent.parts)
    yield folder / f"test_{path.name}"
    yield folder / f"test_{path.parent.name}.py"
    yield folder.parent / f"test_{path.parent.name}.py"


def has_its_test(path: Path) -> bool:
    known = HELD_ELSEWHERE.get(path.as_posix())
    return any((ROOT / place).is_file() for place in ([Path(known)] if known else mirrored(path)))


def test_every_module_has_its_test_module() -> None:
    tested = [path for path in OURS if path.name != "__init__.py" and not path.is_relative_to(EXAMPLES)]
    assert sorted(str(path) for path in tested if not has_its_test(path)) == []


def test_only_what_has_no_test_module_is_held_elsewhere() -> None:
    assert [name for name in HELD_ELSEWHERE if not (ROOT / name).is_file()] == []
    own = [name for name in HELD_ELSEWHERE if any((ROOT / place).is_file() for place in mirrored(Path(name)))]
    assert own == []


HEAVY = ("numpy", "scipy", "plotly", "pandas", "ingest.tasks")
LOADED = f"""
import json, sys
import dashboard.asgi
print(json.dumps(sorted(name for name in sys.modules if name in {HEAVY!r})))
"""


def test_a_web_process_loads_neither_the_tasks_nor_the_numerics() -> None:
    done = subprocess.run(
        [sys.executable, "-c", LOADED],
        cwd=ROOT,
        env=dict(os.environ),
        capture_output=True,
        text=True,
        check=False,
    )
    assert (done.stderr, json.loads(done.stdout)) == ("", [])
