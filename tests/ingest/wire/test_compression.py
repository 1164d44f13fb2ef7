"""From a body as received to the bytes inside: nothing grows past its limit."""

import tracemalloc
import zlib

import pytest

from ingest.wire.batch import Refused
from ingest.wire.body import MAX_BODY
from ingest.wire.compression import MAX_DECODED, MAX_MEMBERS, ZSTD_WINDOW, decompress, zstd
from tests.ingest.wire.forms import COMPRESS, compress_gzip, compress_zstd

CONTENT = b'{"v": 1}' * 1000


BOTH = pytest.mark.parametrize("encoding", sorted(COMPRESS))


def refused(body: bytes, encoding: str) -> tuple[int, str]:
    with pytest.raises(Refused) as caught:
        decompress(body, encoding)
    return caught.value.status, caught.value.detail


def skippable(content: bytes) -> bytes:
    """A zstd frame that holds nothing of the body."""
    return b"\x50\x2a\x4d\x18" + len(content).to_bytes(4, "little") + content


def test_what_is_not_compressed_is_left_alone() -> None:
    assert decompress(CONTENT, "identity") == CONTENT


@BOTH
def test_it_is_undone(encoding: str) -> None:
    assert decompress(COMPRESS[encoding](CONTENT), encoding) == CONTENT


@BOTH
def test_several_members_are_one_body(encoding: str) -> None:
    compress = COMPRESS[encoding]
    assert decompress(compress(b"[") + compress(b"") + compress(b"]"), encoding) == b"[]"


@BOTH
def test_more_members_than_anybody_writes_are_refused_before_they_take_hours(encoding: str) -> None:
    empty = COMPRESS[encoding](b"")
    assert decompress(empty * MAX_MEMBERS, encoding) == b""
    many = empty * (MAX_BODY // len(empty))
    assert refused(many, encoding) == (400, "A compressed body may have 100 members.")


def test_frames_to_skip_are_skipped_and_counted() -> None:
    good = compress_zstd(CONTENT)
    assert decompress(skippable(b"a note") + good + skippable(b""), "zstd") == CONTENT
    many = skippable(b"") * MAX_MEMBERS + good
    assert refused(many, "zstd") == (400, "A compressed body may have 100 members.")


GZIPPED, ZSTD = compress_gzip(CONTENT), compress_zstd(CONTENT)
NO_GZIP, NO_ZSTD = (
    f"The body is not {encoding} although the header says so." for encoding in ("gzip", "zstd")
)
CUT_GZIP, CUT_ZSTD = (f"The {encoding} body ends too early." for encoding in ("gzip", "zstd"))


@pytest.mark.parametrize(
    ("body", "detail"),
    [
        (b"{}", NO_GZIP),
        (zlib.compress(CONTENT), NO_GZIP),
        (ZSTD, NO_GZIP),
        (GZIPPED[:20] + b"\xff\xff" + GZIPPED[22:], NO_GZIP),
        (GZIPPED[:-8] + bytes(8), NO_GZIP),
        (GZIPPED + b"garbage", NO_GZIP),
        (GZIPPED + bytes(16), NO_GZIP),
        (b"", CUT_GZIP),
        (GZIPPED[:5], CUT_GZIP),
        (GZIPPED[:-9], CUT_GZIP),
        (GZIPPED[:-1], CUT_GZIP),
        (GZIPPED + GZIPPED[:12], CUT_GZIP),
    ],
)
def test_what_is_not_whole_gzip_is_a_bad_request(body: bytes, detail: str) -> None:
    assert refused(body, "gzip") == (400, detail)


@pytest.mark.parametrize(
    ("body", "detail"),
    [
        (b'{"v": 1}', NO_ZSTD),
        (GZIPPED, NO_ZSTD),
        (ZSTD[:4] + b"\xff" + ZSTD[5:], NO_ZSTD),
        (ZSTD[:-4] + bytes(4), NO_ZSTD),
        (ZSTD + b"garbage", NO_ZSTD),
        (ZSTD + bytes(16), NO_ZSTD),
        (b"", CUT_ZSTD),
        (ZSTD[:3], CUT_ZSTD),
        (ZSTD[:-5], CUT_ZSTD),
        (ZSTD[:-1], CUT_ZSTD),
        (ZSTD + ZSTD[:9], CUT_ZSTD),
        (skippable(b"whole")[:-1], CUT_ZSTD),
    ],
)
def test_what_is_not_whole_zstd_is_a_bad_request(body: bytes, detail: str) -> None:
    assert refused(body, "zstd") == (400, detail)


@pytest.mark.parametrize("window", [ZSTD_WINDOW, ZSTD_WINDOW + 1, 27, 31])
def test_a_frame_may_not_ask_for_more_memory_than_the_standard_allows(window: int) -> None:
    # Its content may be small: what is asked for is in its head, and would be given at once.
    head = bytes.fromhex("28b52ffd00") + bytes([(window - 10) << 3])
    body = head + bytes.fromhex("010000")
    if window == ZSTD_WINDOW:
        assert decompress(body, "zstd") == b""
    else:
        assert refused(body, "zstd") == (400, "A zstd frame may ask for a window of 8388608 bytes.")


def test_a_frame_may_need_no_dictionary() -> None:
    samples = [b'{"seq": %d, "age": 1.%d, "kind": "boot.ready"}' % (n, 7 * n) for n in range(1_000)]
    body = zstd.compress(samples[3], zstd_dict=zstd.train_dict(samples, 1_000))
    assert refused(body, "zstd") == (400, "A zstd frame may need no dictionary.")


@BOTH
def test_the_limit_of_what_is_inside_is_exact(encoding: str) -> None:
    compress = COMPRESS[encoding]
    assert len(decompress(compress(bytes(MAX_DECODED)), encoding)) == MAX_DECODED
    assert refused(compress(bytes(MAX_DECODED + 1)), encoding)[0] == 413


@BOTH
@pytest.mark.parametrize("members", [1, 4])
def test_a_bomb_is_refused_without_taking_the_memory_that_it_asks_for(encoding: str, members: int) -> None:
    bomb = COMPRESS[encoding](bytes(3 * MAX_DECODED // members)) * members

    tracemalloc.start()
    answer = refused(bomb, encoding)
    _, peak = tracemalloc.get_traced_memory()
    tracemalloc.stop()

    assert answer == (413, "A body may have 33554432 bytes after decompression.")
    assert peak < 2.5 * MAX_DECODED
