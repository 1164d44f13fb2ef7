"""The format as it is written: bodies that must mean the same to every version of the server to come."""

from pathlib import Path

import pytest

from ingest.domain.events import KINDS, kind_of
from ingest.wire.batch import Batch
from ingest.wire.native import decode

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


def golden(name: str) -> Batch:
    return decode((GOLDENS / f"{name}.json").read_bytes())


@pytest.mark.parametrize("path", sorted(GOLDENS.glob("*.json")), ids=lambda path: path.stem)
def test_a_golden_is_accepted_whole_unless_it_is_about_junk(path: Path) -> None:
    batch = decode(path.read_bytes())
    assert batch.rejected == () or "junk" in path.stem
    assert batch.items != ()


def test_the_golden_boot_has_every_kind() -> None:
    assert {kind_of(item.event) for item in golden("boot").items} == KINDS


def test_order_unknown_fields_repetition_and_junk_change_nothing_of_what_is_good() -> None:
    tidy, messy = golden("boot"), golden("boot_shuffled_with_junk")

    assert (messy.reporter, messy.resource, messy.boot) == (tidy.reporter, tidy.resource, tidy.boot)
    assert (messy.sent_at, messy.sent_age) == (tidy.sent_at, tidy.sent_age)
    extra = {item.body for item in messy.items} - {item.body for item in tidy.items}
    assert {item.body for item in tidy.items} - {item.body for item in messy.items} == set()
    assert extra == {
        '{"age":70.1,"kind":"socket.migrated","seq":40,"socket":"c-95","to":{"instance":"office-8a"}}'
    }


def test_junk_is_named_where_it_lies() -> None:
    batch = golden("boot_shuffled_with_junk")
    fields = [r.pointer.removeprefix(f"/events/{r.index}") for r in batch.rejected]
    assert {field: fields.count(field) for field in fields} == JUNK
    assert len(batch.items) + len(batch.rejected) == 26 + 2 + 15 + 1


def test_a_client_names_no_boot() -> None:
    batch = golden("client")
    assert (batch.boot, [item.event.id for item in batch.items]) == (None, ["1", "2", "3"])
