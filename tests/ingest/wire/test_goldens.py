"""The format as it is written: bodies that must mean the same to every version of the server to come."""

import re
from pathlib import Path

import msgspec
import pytest

from ingest.domain.events import KINDS, kind_of
from ingest.wire.batch import Batch, Rejection
from ingest.wire.body import MEDIA_TYPES, Format
from ingest.wire.formats import DECODERS

GOLDENS = Path(__file__).parents[2] / "wire" / "v1"
JUNK = {
    "": 4,
    "/kind": 1,
    "/seq": 1,
    "/age": 3,
    "/at": 1,
    "/code": 1,
    "/error": 1,
    "/status": 2,
    "/to_age": 1,
}  # how often the shuffled batch is wrong in which place


SUFFIXES = {".json": Format.JSON, ".ndjson": Format.NDJSON}


def golden(name: str) -> Batch:
    path = GOLDENS / name
    return DECODERS[SUFFIXES[path.suffix]](path.read_bytes())


def without_line(rejection: Rejection) -> Rejection:
    return msgspec.structs.replace(rejection, detail=re.sub(r"^Line \d+: ", "", rejection.detail))


@pytest.mark.parametrize("path", sorted(GOLDENS.iterdir()), ids=lambda path: path.name)
def test_a_golden_is_accepted_whole_unless_it_is_about_junk(path: Path) -> None:
    batch = golden(path.name)
    assert batch.rejected == () or "junk" in path.stem
    assert batch.items != ()


@pytest.mark.parametrize("path", sorted(GOLDENS.glob("*.ndjson")), ids=lambda path: path.stem)
def test_a_golden_means_the_same_in_lines_as_in_one_document(path: Path) -> None:
    lines, whole = golden(path.name), golden(f"{path.stem}.json")

    assert lines.items == whole.items
    assert [without_line(rejection) for rejection in lines.rejected] == list(whole.rejected)
    assert msgspec.structs.replace(lines, rejected=()) == msgspec.structs.replace(whole, rejected=())


def test_every_media_type_leads_to_a_format_that_has_goldens() -> None:
    assert set(MEDIA_TYPES.values()) == {SUFFIXES[path.suffix] for path in GOLDENS.iterdir()}


def test_the_golden_boot_has_every_kind() -> None:
    assert {kind_of(item.event) for item in golden("boot.json").items} == KINDS


def test_order_unknown_fields_repetition_and_junk_change_nothing_of_what_is_good() -> None:
    tidy, messy = golden("boot.json"), golden("boot_shuffled_with_junk.json")

    assert (messy.reporter, messy.resource, messy.boot) == (tidy.reporter, tidy.resource, tidy.boot)
    assert (messy.sent_at, messy.sent_age) == (tidy.sent_at, tidy.sent_age)
    extra = {item.body for item in messy.items} - {item.body for item in tidy.items}
    assert {item.body for item in tidy.items} - {item.body for item in messy.items} == set()
    assert extra == {
        '{"age":70.1,"kind":"socket.migrated","seq":40,"socket":"c-95","to":{"instance":"office-8a"}}'
    }


def test_junk_is_named_where_it_lies() -> None:
    batch = golden("boot_shuffled_with_junk.json")
    fields = [r.pointer.removeprefix(f"/events/{r.index}") for r in batch.rejected]
    assert {field: fields.count(field) for field in fields} == JUNK
    assert len(batch.items) + len(batch.rejected) == 26 + 2 + 15 + 1


def test_a_client_names_no_boot() -> None:
    batch = golden("client.json")
    assert (batch.boot, [item.event.id for item in batch.items]) == (None, ["1", "2", "3"])
