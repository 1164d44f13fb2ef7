"""`docs/wire.md` is true: its examples are accepted or refused as it says, its tables are complete."""

import json
import re
from pathlib import Path
from typing import Any, get_args

import msgspec
import pytest
from msgspec import inspect

from ingest.domain.contract import MAX_LISTED, Contract, Declared, effective
from ingest.domain.events import Event, KnownEvent
from ingest.domain.page_state import PageState
from ingest.domain.words import Origin, PhaseStatus, Role
from ingest.receive import clients
from ingest.wire.body import MAX_BODY, MEDIA_TYPES, Format
from ingest.wire.compression import ENCODINGS, IDENTITY, MAX_DECODED, MAX_MEMBERS, ZSTD_WINDOW
from ingest.wire.envelope import MAX_ENVELOPE
from ingest.wire.event import MAX_DEPTH, MAX_ERRORS, MAX_EVENT, MAX_EVENTS, MAX_UNKNOWN
from ingest.wire.faults import MAX_DETAIL
from ingest.wire.native import MAX_COMMAS, decode
from tests.ingest.batches import document
from tests.ingest.receive.driver import Desk

PAGE = (Path(__file__).parents[3] / "docs" / "wire.md").read_text()
EXAMPLE = re.compile(
    r"^```(?P<format>json|ndjson) (?P<about>[a-z ]+)\n(?P<text>.*?)^```$", re.DOTALL | re.MULTILINE
)
TYPES = {"json": Format.JSON, "ndjson": Format.NDJSON}
STATUS = {"batch": 202, "batch rejected": 202, "batch refused": 422}


def examples(about: str = "") -> list[tuple[str, Any]]:
    """What the examples are about, with their JSON, in the page's order."""
    return [(kind, value) for form, kind, value in written() if form == "json" and kind.startswith(about)]


def written() -> list[tuple[str, str, Any]]:
    """The format of every example, what it is about, and its JSON or its lines."""
    return [
        (
            match["format"],
            match["about"],
            json.loads(match["text"]) if match["format"] == "json" else match["text"].encode(),
        )
        for match in EXAMPLE.finditer(PAGE)
    ]


def told(heading: str) -> str:
    """The text of a section."""
    section: str = PAGE.split(f"\n## {heading}\n")[1]
    return section.split("\n## ", maxsplit=1)[0]


def test_every_fenced_json_is_an_example_of_something() -> None:
    assert PAGE.count("```json") == len(examples())
    assert [about for form, about, _ in written() if form == "ndjson"] == ["batch"]
    assert {about for about, _ in examples()} == {*STATUS, "answer", "event", "contract"}


@pytest.mark.parametrize("event", [value for _, value in examples("event")], ids=lambda event: event["kind"])
def test_an_example_of_an_event_is_valid(event: dict[str, Any]) -> None:
    assert decode(json.dumps(document([event])).encode()).rejected == ()


def test_the_example_of_a_contract_is_valid_and_shows_every_field() -> None:
    ((_, contract),) = examples("contract")
    batch = decode(json.dumps(document([], contract=contract)).encode())

    assert batch.boot is not None
    assert set(contract) == set(Declared.__struct_fields__)
    assert effective(batch.boot.contract).guards() == ("config", "database", "seats")


@pytest.mark.integration
@pytest.mark.django_db(transaction=True)
def test_the_batches_are_answered_as_the_page_says() -> None:
    desk = Desk()
    awaited: tuple[int, Any] | None = None
    for form, about, value in written():
        if about in STATUS:
            response = desk.post(value, content_type=TYPES[form])
            assert response.status == STATUS[about]
            awaited = response.status, response.document
        elif about == "answer":
            assert awaited is not None
            assert value == awaited[1]


def declared() -> dict[str, tuple[set[str], set[str]]]:
    """Required and optional fields of every kind, without those that every event has."""
    every = set(Event.__struct_fields__)
    kinds: dict[str, tuple[set[str], set[str]]] = {}
    for record in get_args(KnownEvent):
        info: Any = inspect.type_info(record)
        required = {field.encode_name for field in info.fields if field.required}
        kinds[info.tag] = required, {field.encode_name for field in info.fields} - required - every
    return kinds


def test_the_table_of_events_names_every_kind_and_field() -> None:
    rows = re.findall(r"^\| `([\w.]+)` \|([^|]*)\|([^|]*)\|$", told("Events"), re.MULTILINE)
    written = {
        kind: (set(re.findall(r"`(\w+)`", required)), set(re.findall(r"`(\w+)`", optional)))
        for kind, required, optional in rows
    }
    assert written == declared()


@pytest.mark.parametrize(
    ("heading", "words"),
    [
        ("The envelope", list(Role)),
        ("Events", list(Origin)),
        ("Events", [status for status in PhaseStatus if status is not PhaseStatus.RUNNING]),
        ("The contract", list(Declared.__struct_fields__)),
        ("Events", list(PageState.__struct_fields__)),
    ],
    ids=["roles", "origins", "statuses", "contract", "page"],
)
def test_a_section_names_every_word_of_its_vocabulary(heading: str, words: list[str]) -> None:
    assert [str(word) for word in words if f"`{word}`" not in told(heading)] == []


def test_the_defaults_of_the_contract_are_those_in_force() -> None:
    defaults = dict(re.findall(r"^\| `(\w+)` \| ([\d.]+) \|", told("The contract"), re.MULTILINE))
    in_force = msgspec.to_builtins(Contract())
    assert {name: float(value) for name, value in defaults.items()} == {
        name: in_force[name] for name in ("settle", "startup", "clock_uncertainty")
    }


def test_the_limits_are_those_in_force() -> None:
    limits = dict(re.findall(r"^\| ([^|]+) \| ([^|]+) \|$", told("Limits"), re.MULTILINE))
    mib, kib = 1024 * 1024, 1024
    assert limits["body as received"] == f"{MAX_BODY // mib} MiB"
    assert limits["body after decompression"] == f"{MAX_DECODED // mib} MiB"
    assert limits["members of a gzip body, frames of a zstd one"] == f"{MAX_MEMBERS}"
    assert limits["events in a batch"] == f"{MAX_EVENTS:,}"
    assert limits["body sent with a client key"] == f"{clients.MAX_BODY // kib} KiB"
    rate = f"{clients.RATE:g}, and {clients.BURST:g} at once"
    assert limits["batches a second with one client key, to each process"] == rate
    assert limits["an event, as sent"] == f"{MAX_EVENT // kib} KiB"
    assert limits["all that is beside the events"] == f"{MAX_ENVELOPE // kib} KiB"
    assert limits["commas in one document"] == f"{MAX_COMMAS:,}"
    assert limits["a `detail`, before it is cut"] == f"{MAX_DETAIL} characters"
    assert limits["`errors` listed where nothing was stored"] == f"{MAX_ERRORS}"
    lists = "`phases` of a contract; `depends_on`, `bypassed`"
    assert limits[lists] == f"{MAX_LISTED} names"
    unknown = f"{MAX_UNKNOWN // kib} KiB, nested {MAX_DEPTH} deep"
    assert limits["an event of an unknown kind"] == unknown


def test_the_headers_of_a_request_are_told_whole() -> None:
    rows = dict(re.findall(r"^\| `(Content-[A-Z]\w+)` \| (.*) \|$", told("The request"), re.MULTILINE))
    assert [name for name in MEDIA_TYPES if f"`{name}`" not in rows["Content-Type"]] == []
    assert [
        name for name in ENCODINGS if name != IDENTITY and f"`{name}`" not in rows["Content-Encoding"]
    ] == []
    assert f"a window of {2**ZSTD_WINDOW // 1024**2} MiB" in told("The request")


def test_every_status_that_the_receiver_gives_is_explained() -> None:
    sources = (Path(__file__).parents[3] / "ingest").glob("**/*.py")
    given = {int(s) for path in sources for s in re.findall(r"Refused\(\s*(\d{3})", path.read_text())}
    explained = {int(s) for s in re.findall(r"^\| (\d{3}) \|", told("Answers"), re.MULTILINE)}
    assert explained == given
