"""A real web process behind a proxy that it trusts, and one that trusts nobody, asked by those who lie."""

import http.client
import json
import os
import re
from collections.abc import Iterator
from dataclasses import dataclass
from urllib.parse import urlencode

import pytest
from django.db import connection
from websockets.exceptions import ConnectionClosedError, InvalidStatus
from websockets.sync.client import connect
from websockets.typing import Origin

from tests.engines import LOOPBACK, wait_until
from tests.ingest.receive.web import TIMEOUT, Web, running
from tests.people import PASSWORD, person

pytestmark = pytest.mark.integration

ATTEMPTS = 5  # wrong passwords from one address
CLIENT, OTHER = "203.0.113.9", "203.0.113.10"
HTTPS = {"X-Forwarded-Proto": "https"}


@dataclass(frozen=True, kw_only=True)
class Said:
    """What a web process answered."""

    status: int
    headers: dict[str, str]
    cookies: list[str]
    text: str


def database() -> str:
    """The address of this run's test database."""
    name = str(connection.settings_dict["NAME"])
    server = os.environ["DATABASE_URL"].rpartition("/")[0]
    return f"sqlite:///{name}" if connection.vendor == "sqlite" else f"{server}/{name}"


@pytest.fixture(scope="module")
def behind(django_db_setup: None, redis_url: str) -> Iterator[Web]:  # noqa: ARG001 - both have to be there
    """A web process whose proxy, this test, ends TLS."""
    given = {"TRUSTED_PROXIES": LOOPBACK, "BEHIND_TLS": "on", "LOG_FORMAT": "json", "LOG_LEVEL": "INFO"}
    with running(database(), **given) as web:
        yield web


@pytest.fixture(scope="module")
def alone(django_db_setup: None, redis_url: str) -> Iterator[Web]:  # noqa: ARG001 - both have to be there
    """A web process that has no proxy."""
    with running(database(), LOG_LEVEL="INFO") as web:
        yield web


def ask(web: Web, path: str, method: str = "GET", body: str = "", **headers: str) -> Said:
    """Ask a web process for a page of `localhost`."""
    client = http.client.HTTPConnection(LOOPBACK, web.port, timeout=TIMEOUT)
    sent = {name.replace("_", "-"): value for name, value in headers.items()}
    client.request(method, path, body.encode(), {"Host": "localhost", **sent})
    got = client.getresponse()
    said = Said(
        status=got.status,
        headers={name.lower(): value for name, value in got.getheaders()},
        cookies=[value for name, value in got.getheaders() if name.lower() == "set-cookie"],
        text=got.read().decode(),
    )
    client.close()
    return said


def sign_in(web: Web, password: str, scheme: str, **headers: str) -> int:
    """Try to sign in as grace; return the status of the answer."""
    form = ask(web, "/sign-in/", **headers)
    token = re.findall(r'name="csrfmiddlewaretoken" value="([^"]+)"', form.text)[0]
    cookie = form.cookies[0].partition(";")[0]
    own = {"Cookie": cookie, "Origin": f"{scheme}://localhost", "Referer": f"{scheme}://localhost/sign-in/"}
    sent = urlencode({"username": "grace", "password": password, "csrfmiddlewaretoken": token})
    kind = {"Content-Type": "application/x-www-form-urlencoded"}
    return ask(web, "/sign-in/", "POST", sent, **headers, **own, **kind).status


def told_of(web: Web, ident: str) -> list[str]:
    """The lines of a request; the last one is written after its answer."""

    def lines() -> list[str]:
        return [line for line in web.log.read_text().splitlines() if ident in line]

    wait_until(lines, f"a line about {ident}", TIMEOUT)
    return lines()


@pytest.fixture
def grace(transactional_db: None) -> str:  # noqa: ARG001 - the row is stored
    """Somebody who may sign in, by her password."""
    person("grace", password=PASSWORD)
    return PASSWORD


def socket(web: Web, origin: str, **headers: str) -> int:
    """Open a live page without a session; return the status of the refusal, or the code of the close."""
    address = f"ws://localhost:{web.port}/live/?page=/"
    try:
        with connect(
            address, origin=Origin(origin), additional_headers=headers, open_timeout=TIMEOUT
        ) as live:
            live.recv(TIMEOUT)
    except InvalidStatus as refused:
        return refused.response.status_code
    except ConnectionClosedError as closed:
        return closed.rcvd.code if closed.rcvd else 0
    return 0


@pytest.mark.usefixtures("transactional_db")
class TestBehindAProxy:
    def test_who_came_without_tls_is_sent_there(self, behind: Web) -> None:
        said = ask(behind, "/boots/x/?all=1", X_Forwarded_For=CLIENT)
        assert (said.status, said.headers["location"]) == (301, "https://localhost/boots/x/?all=1")

    @pytest.mark.parametrize("path", ["/healthz", "/readyz"])
    def test_a_health_check_from_inside_is_answered_as_it_comes(self, behind: Web, path: str) -> None:
        assert ask(behind, path).status == 200

    def test_who_came_with_tls_is_kept_there(self, behind: Web) -> None:
        said = ask(behind, "/sign-in/", **HTTPS)
        names = ("strict-transport-security", "referrer-policy", "cross-origin-opener-policy")
        assert [said.headers[name] for name in names] == ["max-age=31536000", *["same-origin"] * 2]
        assert (said.status, ["Secure" in cookie for cookie in said.cookies]) == (200, [True])

    def test_the_host_is_the_one_that_the_proxy_was_asked_for(self, behind: Web) -> None:
        assert ask(behind, "/", X_Forwarded_Host="127.0.0.1").headers["location"] == "https://127.0.0.1/"
        assert ask(behind, "/", X_Forwarded_Host="evil.example").status == 400

    @pytest.mark.usefixtures("grace")
    def test_who_tries_passwords_cannot_hide_behind_made_up_addresses(self, behind: Web, grace: str) -> None:
        tries = [
            sign_in(behind, "wrong", "https", **HTTPS, X_Forwarded_For=f"198.51.100.{n}, {CLIENT}")
            for n in range(ATTEMPTS)
        ]
        again = sign_in(behind, grace, "https", **HTTPS, X_Forwarded_For=f"198.51.100.99, {CLIENT}")
        colleague = sign_in(behind, grace, "https", **HTTPS, X_Forwarded_For=OTHER)
        assert (tries, again, colleague) == ([200] * (ATTEMPTS - 1) + [429], 429, 302)

    def test_a_live_page_opens_from_the_address_that_the_browser_sees(self, behind: Web) -> None:
        own = f"localhost:{behind.port}"
        assert socket(behind, f"https://{own}", **HTTPS) == 4401
        assert socket(behind, f"http://{own}", **HTTPS) == 403
        assert socket(behind, "https://evil.example", **HTTPS) == 403
        assert socket(behind, "https://127.0.0.1", **HTTPS, **{"X-Forwarded-Host": "127.0.0.1"}) == 4401

    def test_a_request_is_found_in_the_log_by_its_id_and_without_its_secrets(self, behind: Web) -> None:
        told = {"X_Request_ID": "from-the-proxy-1", "X_Forwarded_For": f"198.51.100.1, {CLIENT}"}
        said = ask(behind, "/api/v1/boots?key=fs_hidden", Authorization="Bearer fs_hidden", **told, **HTTPS)
        assert (said.status, said.headers["x-request-id"]) == (401, "from-the-proxy-1")
        lines = [json.loads(line) for line in told_of(behind, "from-the-proxy-1")]
        fields = ("request_id", "method", "path", "status", "peer")
        assert [[line[name] for name in fields] for line in lines] == [
            ["from-the-proxy-1", "GET", "/api/v1/boots", 401, CLIENT]
        ]
        assert "hidden" not in behind.log.read_text()

    def test_a_batch_that_is_refused_leaves_its_line(self, behind: Web) -> None:
        assert ask(behind, "/api/v1/batches", "POST", "{}", X_Request_ID="batch-1").status == 401
        assert len(told_of(behind, "batch-1")) == 1


@pytest.mark.usefixtures("transactional_db")
class TestWithoutAProxy:
    def test_nobody_chooses_what_links_begin_with(self, alone: Web) -> None:
        lies = {
            "Daphne_Root_Path": "/evil",
            "X_Forwarded_Prefix": "/evil",
            "X_Forwarded_Host": "evil.example",
        }
        assert ask(alone, "/", **lies).headers["location"] == "/sign-in/?next=/"

    def test_nobody_chooses_the_id_of_a_request(self, alone: Web) -> None:
        assert ask(alone, "/healthz", X_Request_ID="made-up").headers["x-request-id"] != "made-up"

    def test_who_tries_passwords_cannot_choose_an_address(self, alone: Web, grace: str) -> None:
        lies = [{"X_Forwarded_For": f"203.0.113.{n}", "Forwarded": f"for=203.0.113.{n}"} for n in range(9)]
        tries = [sign_in(alone, "wrong", "http", **lie) for lie in lies[:ATTEMPTS]]
        assert (tries, sign_in(alone, grace, "http", **lies[-1])) == ([200] * (ATTEMPTS - 1) + [429], 429)

    def test_a_form_of_another_page_is_refused_whatever_host_it_claims(self, alone: Web, grace: str) -> None:
        form = ask(alone, "/sign-in/")
        cookie = form.cookies[0].partition(";")[0]
        lies = {"Origin": "http://evil.example", "X_Forwarded_Host": "evil.example", "Cookie": cookie}
        sent = urlencode({"username": "grace", "password": grace})
        assert ask(alone, "/sign-in/", "POST", sent, **lies).status == 403

    def test_a_live_page_of_another_origin_is_refused_whatever_host_it_claims(self, alone: Web) -> None:
        lie = {"X-Forwarded-Host": "evil.example", "X-Forwarded-Proto": "https"}
        assert socket(alone, "https://evil.example", **lie) == 403
        assert socket(alone, f"http://localhost:{alone.port}", **lie) == 4401
