"""`python -m falsestart check`: tells whether reporting works, and why not."""

import argparse
import json
import os
import sys
from collections.abc import Sequence
from typing import Any

from falsestart.diagnosis import Report, Step, diagnose
from falsestart.version import __version__

WORKS, DOES_NOT = 0, 1  # exit codes; argparse ends a wrong use with 2

SIGNS = {True: "ok  ", False: "FAIL", None: "    "}
OPTIONS = {
    "service": "service.name",
    "release": "service.version",
    "environment": "deployment.environment.name",
    "instance": "service.instance.id",
}


def main(arguments: Sequence[str] | None = None) -> int:
    """Run a subcommand; return its exit code."""
    asked = _parser().parse_args(arguments)
    given = {attribute: getattr(asked, option) for option, attribute in OPTIONS.items()}
    report = diagnose(given, asked.endpoint, os.environ)
    sys.stdout.write(as_json(report) if asked.json else as_text(report))
    return WORKS if report.works else DOES_NOT


def as_text(report: Report) -> str:
    """One line a step, its remedy below, and the answer last."""
    lines = [line for step in report.steps for line in _lines(step)]
    failed = sum(step.ok is False for step in report.steps)
    answer = (
        "Reporting works." if report.works else f"Reporting does not work: {failed} to repair, see above."
    )
    return "\n".join([*lines, "", answer, ""])


def as_json(report: Report) -> str:
    """The same for programs."""
    document: dict[str, Any] = {
        "works": report.works,
        "version": __version__,
        "steps": [{name: getattr(step, name) for name in Step.__slots__} for step in report.steps],
        "resource": {
            name: {"value": value, "from": source} for name, (value, source) in report.resource.items()
        },
    }
    return json.dumps(document, indent=1) + "\n"


def _lines(step: Step) -> list[str]:
    line = f"{SIGNS[step.ok]}  {step.name:<9} {step.said}"
    return [line, f"      {'':<9} -> {step.remedy}"] if step.remedy else [line]


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(prog="falsestart", description="The reporter of Falsestart.")
    parser.add_argument("--version", action="version", version=f"falsestart {__version__}")
    commands = parser.add_subparsers(dest="command", required=True)
    check = commands.add_parser(
        "check",
        help="whether reporting works from here, and why not",
        description="Reads the settings that the probe reads, goes the way that it goes, and posts a batch"
        " without events. Exit code: 0 it works, 1 it does not, 2 wrong usage.",
    )
    check.add_argument("--json", action="store_true", help="for programs")
    check.add_argument("--endpoint", help="as given to Probe(endpoint=...)")
    for option in OPTIONS:
        check.add_argument(f"--{option}", help=f"as given to Probe({option}=...)")
    return parser
