"""The npm package of the ES module: what it says of itself is there, and fits."""

import json
import re
import tomllib
from pathlib import Path

FOLDER = Path(__file__).parents[2] / "ingest" / "probe" / "js"
PACKAGE = json.loads((FOLDER / "package.json").read_text())
MODULE = (FOLDER / "falsestart.js").read_text()


def test_all_that_it_exports_and_packs_is_there() -> None:
    named = {*PACKAGE["files"], *PACKAGE["exports"]["."].values(), PACKAGE["types"]}
    assert [name for name in named if not (FOLDER / name).is_file()] == []


def test_its_version_is_told_once_for_all_of_the_probe() -> None:
    project = tomllib.loads((FOLDER.parent / "pyproject.toml").read_text())["project"]
    assert re.findall(r'^export const VERSION = "(.+)";$', MODULE, re.MULTILINE) == [PACKAGE["version"]]
    assert PACKAGE["version"] == project["version"]


def test_its_types_declare_what_it_exports() -> None:
    exported = set(re.findall(r"^export (?:const|function|class) (\w+)", MODULE, re.MULTILINE))
    types = (FOLDER / "falsestart.d.ts").read_text()
    declared = set(re.findall(r"^export declare (?:const|function|class) (\w+)", types, re.MULTILINE))
    assert exported == declared == {"VERSION", "watch"}


def test_every_option_is_in_the_readme_and_in_the_types() -> None:
    options = set(re.findall(r"@property \{.+?\} \[(\w+)\]", MODULE.split("@typedef {object} Reporting")[0]))
    readme = (FOLDER / "README.md").read_text().split("## Options")[1].split("## What it sends")[0]
    named = " ".join(row.split("|")[1] for row in readme.splitlines() if row.startswith("| `"))
    documented = set(re.findall(r"`(\w+)`", named))
    assert documented == options
