"""From a request's headers and raw body to the JSON inside: nothing grows past its limit."""

import gzip
import tracemalloc
import zlib

import pytest

from ingest.wire.batch import Refused
from ingest.wire.body import MAX_BODY, MAX_DECODED, MAX_MEMBERS, check_headers, check_size, decompress

JSON = {"content-type": "application/json"}
CONTENT = b'{"v": 1}' * 1000


def refused_headers(**headers: str) -> Refused:
    with pytest.raises(Refused) as caught:
        check_headers(JSON | {name.replace("_", "-"): value for name, value in headers.items()})
    return caught.value


def refused_body(body: bytes) -> tuple[int, str]:
    with pytest.raises(Refused) as caught:
        decompress(body, "gzip")
    return caught.value.status, caught.value.detail


@pytest.mark.parametrize(
    "headers",
    [
        {},
        {"content-type": "Application/JSON; charset=utf-8"},
        {"content-type": "application/json;v=1"},
        {"content-encoding": "gzip"},
        {"content-encoding": " GZIP "},
        {"content-encoding": "identity"},
        {"content-length": "0"},
        {"content-length": str(MAX_BODY)},
    ],
)
def test_good_headers_pass(headers: dict[str, str]) -> None:
    check_headers(JSON | headers)


@pytest.mark.parametrize(
    "media_type", ["", "text/json", "application/x-ndjson", "application/json+x", "json", ";"]
)
def test_another_type_is_unsupported(media_type: str) -> None:
    refused = refused_headers(content_type=media_type)
    assert (refused.status, refused.detail) == (415, "Send `Content-Type: application/json`.")


@pytest.mark.parametrize("encoding", ["", "zstd", "deflate", "br", "gzip, gzip", "x-gzip", "identity;q=1"])
def test_another_encoding_is_unsupported_and_told_what_is(encoding: str) -> None:
    refused = refused_headers(content_encoding=encoding)
    assert (refused.status, refused.headers) == (415, (("Accept-Encoding", "gzip, identity"),))


@pytest.mark.parametrize("length", ["", "-1", "+1", "1.5", "0x10", "1,1", " 1", "٣", "many"])
def test_a_length_that_is_no_number_is_a_bad_request(length: str) -> None:
    assert refused_headers(content_length=length).status == 400


@pytest.mark.parametrize("length", [str(MAX_BODY + 1), "9" * 5000])
def test_a_length_beyond_the_limit_is_refused_before_anything_is_read(length: str) -> None:
    assert refused_headers(content_length=length).status == 413


def test_the_limit_of_what_is_received_is_exact() -> None:
    check_size(MAX_BODY)
    with pytest.raises(Refused) as caught:
        check_size(MAX_BODY + 1)
    assert caught.value.status == 413


def test_what_is_not_compressed_is_left_alone() -> None:
    assert decompress(CONTENT, "identity") == CONTENT


@pytest.mark.parametrize("encoding", ["gzip", " GZip "])
def test_gzip_is_undone(encoding: str) -> None:
    assert decompress(gzip.compress(CONTENT), encoding) == CONTENT


def test_several_members_are_one_body() -> None:
    assert decompress(gzip.compress(b"[") + gzip.compress(b"") + gzip.compress(b"]"), "gzip") == b"[]"


def test_more_members_than_anybody_writes_are_refused_before_they_take_hours() -> None:
    empty = gzip.compress(b"")
    assert decompress(empty * MAX_MEMBERS, "gzip") == b""
    assert refused_body(empty * (MAX_BODY // len(empty))) == (400, "A gzip body may have 100 members.")


NOT_GZIP = (400, "The body is not gzip although the header says so.")
CUT = (400, "The gzip body ends too early.")
GOOD = gzip.compress(CONTENT, mtime=0)  # the same ids in every worker of a run


@pytest.mark.parametrize(
    ("body", "answer"),
    [
        (b"{}", NOT_GZIP),
        (zlib.compress(CONTENT), NOT_GZIP),
        (GOOD[:20] + b"\xff\xff" + GOOD[22:], NOT_GZIP),
        (GOOD[:-8] + bytes(8), NOT_GZIP),
        (GOOD + b"garbage", NOT_GZIP),
        (GOOD + bytes(16), NOT_GZIP),
        (GOOD[:5], CUT),
        (GOOD[:-9], CUT),
        (GOOD[:-1], CUT),
        (GOOD + GOOD[:12], CUT),
    ],
)
def test_what_is_not_whole_gzip_is_a_bad_request(body: bytes, answer: tuple[int, str]) -> None:
    assert refused_body(body) == answer


def test_the_limit_of_what_is_inside_is_exact() -> None:
    assert len(decompress(gzip.compress(bytes(MAX_DECODED), 1), "gzip")) == MAX_DECODED
    assert refused_body(gzip.compress(bytes(MAX_DECODED + 1), 1))[0] == 413


@pytest.mark.parametrize("members", [1, 4])
def test_a_bomb_is_refused_without_taking_the_memory_that_it_asks_for(members: int) -> None:
    bomb = gzip.compress(bytes(3 * MAX_DECODED // members), 1) * members

    tracemalloc.start()
    answer = refused_body(bomb)
    _, peak = tracemalloc.get_traced_memory()
    tracemalloc.stop()

    assert answer == (413, "A body may have 33554432 bytes after decompression.")
    assert peak < 2.5 * MAX_DECODED
