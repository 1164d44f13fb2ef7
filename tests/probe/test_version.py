import tomllib
from pathlib import Path

import falsestart

PROJECT = Path(falsestart.__file__).parents[1] / "pyproject.toml"


def test_the_version_that_is_reported_is_the_distributions() -> None:
    assert tomllib.loads(PROJECT.read_text())["project"]["version"] == falsestart.__version__
