"""The envelope, in every format: who reports, about whom, and which field is wrong."""

import json
from typing import Any

import msgspec
import pytest

from ingest.wire.batch import Refused
from ingest.wire.body import Format
from ingest.wire.envelope import MAX_ENVELOPE, cut, read
from ingest.wire.formats import DECODERS
from tests.ingest.batches import document
from tests.ingest.wire.forms import WRITERS

READY = {"seq": 0, "age": 1.0, "kind": "boot.ready"}


def refused(format_: Format, sent: dict[str, Any]) -> tuple[int, list[str]]:
    """The status, and the pointers at which a batch is refused."""
    with pytest.raises(Refused) as caught:
        DECODERS[format_](WRITERS[format_](sent))
    return caught.value.status, [pointer for pointer, _ in caught.value.errors]


ENVELOPES: list[tuple[dict[str, Any], str]] = [
    ({"v": 2}, "/v"),
    ({"v": True}, "/v"),
    ({"v": None}, "/v"),
    ({"reporter": None}, "/reporter"),
    ({"reporter": {"role": "witness", "name": "p"}}, "/reporter/role"),
    ({"reporter": {"role": "service"}}, "/reporter/name"),
    ({"reporter": {"role": "service", "name": "p", "version": "\0"}}, "/reporter/version"),
    ({"boot": {"id": "b", "contract": {"phases": ["p"] * 501}}}, "/boot/contract/phases"),
    ({"resource": {}}, "/resource/service.name"),
    ({"resource": {"service.name": ""}}, "/resource/service.name"),
    ({"resource": {"service.name": "s\0"}}, "/resource/service.name"),
    ({"resource": {"service.name": "\ud800"}}, "/resource/service.name"),
    ({"resource": {"service.name": "x" * 201}}, "/resource/service.name"),
    ({"resource": {"service.name": "s", "service.version": 7}}, "/resource/service.version"),
    ({"resource": {"service.name": "s", "service.instance.id": ""}}, "/resource/service.instance.id"),
    ({"resource": {"service.name": "s", "process.pid": -1}}, "/resource/process.pid"),
    (
        {"resource": {"service.name": "s", "deployment.environment.name": None}},
        "/resource/deployment.environment.name",
    ),
    ({"boot": "b"}, "/boot"),
    ({"boot": {}}, "/boot/id"),
    ({"boot": {"id": "a b"}}, "/boot/id"),
    ({"boot": {"id": "a\n"}}, "/boot/id"),
    ({"boot": {"id": "x" * 129}}, "/boot/id"),
    ({"boot": {"id": "b", "parent": ""}}, "/boot/parent"),
    ({"boot": {"id": "b", "started_at": "2026-09-16T01:42:53"}}, "/boot/started_at"),
    ({"boot": {"id": "b", "started_at": "1960-01-01T00:00:00Z"}}, "/boot/started_at"),
    (
        {"boot": {"id": "b", "contract": {"phases": ["a", {"name": "b", "required": 1}]}}},
        "/boot/contract/phases/1/required",
    ),
    ({"boot": {"id": "b", "contract": {"phases": ["a", "b\0"]}}}, "/boot/contract/phases/1"),
    ({"boot": {"id": "b", "contract": {"gate": ""}}}, "/boot/contract/gate"),
    ({"boot": {"id": "b", "contract": {"settle": -1}}}, "/boot/contract/settle"),
    ({"boot": {"id": "b", "contract": {"budgets": {"wait": "2 s"}}}}, "/boot/contract/budgets"),
    ({"boot": {"id": "b", "contract": {"codes": {"99": "policy"}}}}, "/boot/contract/codes"),
    ({"boot": {"id": "b", "contract": {"codes": {"4001\n": "policy"}}}}, "/boot/contract/codes"),
    ({"boot": {"id": "b", "contract": {"codes": {"4001": "mine"}}}}, "/boot/contract/codes"),
    ({"sent_at": "2026-09-16T01:42:53"}, "/sent_at"),
    ({"sent_at": "2300-01-01T00:00:00Z"}, "/sent_at"),
    ({"sent_age": "1"}, "/sent_age"),
    ({"sent_age": 1e10}, "/sent_age"),
]


@pytest.mark.parametrize("format_", Format)
@pytest.mark.parametrize(("fields", "pointer"), ENVELOPES)
def test_a_bad_envelope_is_refused_by_the_name_of_its_field(
    format_: Format, fields: dict[str, Any], pointer: str
) -> None:
    assert refused(format_, {**document([READY]), **fields}) == (422, [pointer])


@pytest.mark.parametrize("format_", Format)
@pytest.mark.parametrize("missing", ["v", "reporter", "resource"])
def test_a_missing_field_is_named(format_: Format, missing: str) -> None:
    sent = {name: value for name, value in document([READY]).items() if name != missing}
    assert refused(format_, sent) == (422, [f"/{missing}"])


@pytest.mark.parametrize("format_", Format)
@pytest.mark.parametrize("body", [b"[]", b"null", b'"x"', b"7"])
def test_one_that_is_no_object_is_refused_as_a_whole(format_: Format, body: bytes) -> None:
    with pytest.raises(Refused) as caught:
        DECODERS[format_](body)
    assert (caught.value.status, [pointer for pointer, _ in caught.value.errors]) == (422, [""])


@pytest.mark.parametrize("format_", Format)
def test_one_that_is_larger_than_any_contract_is_too_large(format_: Format) -> None:
    contract = {"budgets": {f"{n:0200}": 1 for n in range(MAX_ENVELOPE // 200)}}
    assert refused(format_, document([READY], contract=contract)) == (413, [])


@pytest.mark.parametrize("format_", Format)
def test_a_field_that_is_unknown_may_hold_anything_and_costs_nothing(format_: Format) -> None:
    sent = {**document([READY]), "x-unknown": ["\0", "x" * MAX_ENVELOPE]}
    assert len(DECODERS[format_](WRITERS[format_](sent)).items) == 1


def test_it_is_read_whole() -> None:
    said = {
        "v": 1,
        "reporter": {"role": "log", "name": "l", "version": "2"},
        "resource": {"service.name": "s", "cloud.region": "eu", "process.pid": 7},
        "boot": {"id": "b", "parent": "a", "contract": {"phases": ["init"]}},
        "sent_at": "2026-09-16T01:42:58.7Z",
        "sent_age": 5.5,
    }

    envelope = read(cut(json.dumps(said).encode()))

    assert json.loads(msgspec.json.encode(envelope)) == {
        **said,
        "resource": {
            "service.name": "s",
            "deployment.environment.name": "default",
            "service.version": "unknown",
            "service.instance.id": None,
            "cloud.region": "eu",
            "process.pid": 7,
        },
        "boot": {"id": "b", "started_at": None, "parent": "a", "contract": {"phases": ["init"]}},
        "sent_at": "2026-09-16T01:42:58.700000Z",
    }


def test_of_a_field_that_comes_twice_the_last_counts() -> None:
    body = json.dumps(document([])).encode()
    assert read(cut(b'{"v": 2, "sent_age": "x", ' + body[1:])).v == 1


@pytest.mark.parametrize(
    "body", [b"", b"{", b"{}x", b'{"x": "\xff"', b"\xef\xbb\xbf{}", b'{"x": ' + b"[" * 100_000]
)
def test_what_is_no_json_cannot_be_cut(body: bytes) -> None:
    with pytest.raises((msgspec.DecodeError, RecursionError)):
        cut(body)
