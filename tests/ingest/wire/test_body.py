"""What a request's headers say of its body, and what they alone condemn."""

import pytest

from ingest.wire.batch import Refused
from ingest.wire.body import MAX_BODY, Form, Format, check_headers, check_size

JSON = {"content-type": "application/json"}


def refused_headers(**headers: str) -> Refused:
    with pytest.raises(Refused) as caught:
        check_headers(JSON | {name.replace("_", "-"): value for name, value in headers.items()})
    return caught.value


@pytest.mark.parametrize(
    "content_type",
    [
        "application/json",
        "Application/JSON; charset=utf-8",
        'application/json;charset="UTF-8"',
        "application/json ; CharSet = utf8 ; v=1",
        "application/json; charset=US-ASCII",
        "application/json;",
    ],
)
def test_a_document_of_json_is_known_whatever_its_parameters(content_type: str) -> None:
    assert check_headers({"content-type": content_type}) == Form(format=Format.JSON, encoding="identity")


@pytest.mark.parametrize(
    "content_type",
    ["application/x-ndjson", "application/ndjson", "application/jsonl", "Application/X-NDJSON;charset=utf-8"],
)
def test_lines_of_json_are_known_by_each_of_their_names(content_type: str) -> None:
    assert check_headers({"content-type": content_type}) == Form(format=Format.NDJSON, encoding="identity")


@pytest.mark.parametrize(
    ("encoding", "known"),
    [("gzip", "gzip"), (" GZIP ", "gzip"), ("zstd", "zstd"), ("Zstd", "zstd"), ("identity", "identity")],
)
def test_an_encoding_is_known_in_any_case(encoding: str, known: str) -> None:
    assert check_headers(JSON | {"content-encoding": encoding}).encoding == known


@pytest.mark.parametrize("length", ["0", str(MAX_BODY)])
def test_a_good_length_passes(length: str) -> None:
    check_headers(JSON | {"content-length": length})


@pytest.mark.parametrize(
    "media_type",
    ["", "text/json", "text/plain", "application/json+x", "json", ";", "application/json, application/json"],
)
def test_another_type_is_unsupported_and_told_what_is(media_type: str) -> None:
    refused = refused_headers(content_type=media_type)
    detail = "Send `Content-Type: application/json` or `application/x-ndjson`."
    assert (refused.status, refused.detail) == (415, detail)
    assert refused.headers == (("Accept", "application/json, application/x-ndjson"),)


@pytest.mark.parametrize("charset", ["latin-1", '"utf-16"', "", "utf-8; charset=latin-1", "utf-7;v=1"])
def test_another_charset_is_unsupported(charset: str) -> None:
    refused = refused_headers(content_type=f"application/json; charset={charset}")
    assert (refused.status, refused.detail) == (415, "A body is UTF-8; send no other `charset`.")


@pytest.mark.parametrize(
    "encoding",
    ["", "deflate", "br", "gzip, gzip", "gzip, zstd", "zstd, identity", "x-gzip", "identity;q=1"],
)
def test_another_encoding_is_unsupported_and_told_what_is(encoding: str) -> None:
    refused = refused_headers(content_encoding=encoding)
    assert (refused.status, refused.headers) == (415, (("Accept-Encoding", "gzip, zstd, identity"),))


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
