"""Static files: kept for ever under an address of their content, compressed, and never stale."""

import gzip
import os
import re
import time
from pathlib import Path
from typing import Any

import pytest
from django.templatetags.static import static
from django.test import Client

from dashboard import assets

LINK = "js/link.js"
FOR_EVER = "max-age=315360000, public, immutable"


def body(response: Any) -> bytes:
    assert response.status_code == 200
    return bytes(response.content)


def test_an_address_holds_the_digest_of_everything() -> None:
    assert re.fullmatch(r"/static/[0-9a-f]{12}/js/link\.js", static(LINK)) is not None


def test_a_file_may_be_kept_for_ever(client: Client) -> None:
    response = client.get(static(LINK))
    assert body(response) == assets.sources()[LINK].read_bytes()
    assert [response[name] for name in ("Cache-Control", "Content-Type", "X-Content-Type-Options")] == [
        FOR_EVER,
        'text/javascript; charset="utf-8"',
        "nosniff",
    ]


def test_a_file_comes_compressed_to_who_understands_it(client: Client) -> None:
    response = client.get(static("vendor/plotly-cartesian.min.js"), headers={"accept-encoding": "br, gzip"})
    assert (response["Content-Encoding"], response["Vary"]) == ("gzip", "Accept-Encoding")
    plain = assets.sources()["vendor/plotly-cartesian.min.js"].read_bytes()
    assert (gzip.decompress(body(response)) == plain, len(response.content) < len(plain) / 2) == (True, True)


def test_what_is_compressed_already_comes_as_it_is(client: Client) -> None:
    response = client.get(static("vendor/inter.woff2"), headers={"accept-encoding": "gzip"})
    assert ("Content-Encoding" in response, response["Content-Type"]) == (False, "font/woff2")


def test_who_has_a_file_is_told_so(client: Client) -> None:
    tag = client.get(static(LINK))["ETag"]
    response = client.get(static(LINK), headers={"if-none-match": tag})
    told = (response.status_code, response.content, response["Cache-Control"], "Content-Type" in response)
    assert told == (304, b"", FOR_EVER, False)


def test_a_head_is_told_the_length(client: Client) -> None:
    response = client.head(static(LINK))
    length = str(assets.sources()[LINK].stat().st_size)
    assert (response.status_code, response["Content-Length"], response.content) == (200, length, b"")


@pytest.mark.parametrize(
    "path",
    [
        "/static/js/link.js",
        "/static/000000000000/js/link.js",
        "{}none.js",
        "{}../../settings.py",
        "{}",
        "{}link.js.gz",
    ],
)
def test_what_is_not_there_is_not_found(path: str, client: Client) -> None:
    folder = static(LINK).removesuffix("link.js")
    assert client.get(path.format(folder)).status_code == 404


def test_a_style_sheet_finds_its_font_beside_it(client: Client) -> None:
    sheet = body(client.get(static("css/app.css"))).decode()
    font = re.findall(r'url\("\.\./(vendor/[^"]+)"\)', sheet)
    assert [client.get(static(name)).status_code for name in font] == [200]


def test_copies_are_made_once(tmp_path: Path) -> None:
    first = assets.copies(tmp_path)
    (first / "css/app.css").write_text("touched")
    assert (assets.copies(tmp_path), (first / "css/app.css").read_text()) == (first, "touched")
    assert [found.name for found in first.parent.iterdir()] == [assets.version()]


def test_copies_of_a_version_that_is_long_gone_are_forgotten(tmp_path: Path) -> None:
    names = ("long-gone", "may-still-run")
    for name in names:
        (tmp_path / "static" / name).mkdir(parents=True)
    past = time.time() - assets.KEPT - 60
    os.utime(tmp_path / "static/long-gone", (past, past))
    place = assets.copies(tmp_path)
    assert {found.name for found in place.parent.iterdir()} == {"may-still-run", place.name}
