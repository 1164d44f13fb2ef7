import datetime as dt
import ipaddress
import ssl
import threading
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from http.server import BaseHTTPRequestHandler, HTTPServer
from pathlib import Path

import pytest
from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.x509.oid import NameOID
from falsestart import diagnosis
from falsestart.diagnosis import Step, clock, diagnose, settings, shown, verdict, who
from falsestart.transport import Response

from tests.probe.collector import Collector
from tests.probe.processes import free_port

SERVICE = {"service.name": "chat"}
NOON = datetime(2026, 11, 22, 12, 0, 0, tzinfo=UTC)


def failures(endpoint: str, key: str = "fs_test") -> list[Step]:
    """What does not work at an endpoint."""
    report = diagnose(SERVICE, endpoint, {"FALSESTART_KEY": key})
    return [step for step in report.steps if step.ok is False]


def names(endpoint: str) -> list[tuple[str, bool | None]]:
    """Every step with its result."""
    report = diagnose(SERVICE, endpoint, {"FALSESTART_KEY": "fs_test"})
    return [(step.name, step.ok) for step in report.steps]


def test_every_step_is_taken_where_everything_works(collector: Collector) -> None:
    assert names(collector.url) == [
        ("endpoint", True),
        ("key", True),
        ("service", True),
        ("server", None),
        ("dns", True),
        ("tcp", True),
        ("answer", True),
        ("clock", True),
    ]


@pytest.mark.parametrize(
    ("status", "said", "remedy"),
    [
        (401, "the server does not know this key", "FALSESTART_KEY"),
        (403, "may not write this", "a write key"),
        (404, "no Falsestart at this address", "FALSESTART_ENDPOINT"),
        (413, "refuses even a small body", "the body limit of the proxy"),
        (422, "does not accept what is said", "the setting that it names"),
        (429, "more to store than it can", "tries again"),
        (500, "the server, or a proxy before it, failed", "log of the server"),
        (503, "cannot reach its database", "the server's log"),
    ],
)
def test_each_refusal_says_what_it_means_and_what_to_do(
    collector: Collector, status: int, said: str, remedy: str
) -> None:
    collector.answer(status)
    (failed,) = failures(collector.url)
    assert (failed.name, f"HTTP {status}: " in failed.said) == ("answer", True)
    assert (said in failed.said, remedy in failed.remedy) == (True, True)


def test_a_redirect_is_not_followed_and_its_place_is_told(collector: Collector) -> None:
    collector.answer(301, Location="https://elsewhere.example.com/")
    (failed,) = failures(collector.url)
    assert failed.said == "HTTP 301: the server is elsewhere: https://elsewhere.example.com/"
    assert len(collector.posts) == 1


def test_an_answer_of_something_else_is_no_success() -> None:
    page = Response(status=200, headers={}, body=b"<html>welcome</html>")
    assert (verdict(page).ok, verdict(page).said) == (
        False,
        "HTTP 200, but not by Falsestart: something else answers at this address",
    )


def test_a_name_that_nobody_knows_ends_the_way_there() -> None:
    assert names("http://nowhere.invalid")[-1] == ("dns", False)


def test_a_port_where_nobody_listens_ends_the_way_there() -> None:
    assert names(f"http://127.0.0.1:{free_port()}")[-2:] == [("dns", True), ("tcp", False)]


def test_plain_http_behind_an_https_address_is_recognised(collector: Collector) -> None:
    (failed,) = failures(collector.url.replace("http:", "https:"))
    assert (failed.name, failed.remedy) == (
        "tls",
        "if the server speaks plain HTTP, begin FALSESTART_ENDPOINT with http://",
    )


@pytest.fixture
def secured(tmp_path: Path) -> Iterator[int]:
    """The port of an HTTPS server whose certificate nobody signed but itself."""
    key = ec.generate_private_key(ec.SECP256R1())
    name = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, "localhost")])
    now = datetime.now(UTC)
    certificate = (
        x509.CertificateBuilder()
        .subject_name(name)
        .issuer_name(name)
        .public_key(key.public_key())
        .serial_number(1)
        .not_valid_before(now - dt.timedelta(days=1))
        .not_valid_after(now + dt.timedelta(days=1))
        .add_extension(
            x509.SubjectAlternativeName([x509.IPAddress(ipaddress.ip_address("127.0.0.1"))]), critical=False
        )
        .sign(key, hashes.SHA256())
    )
    (tmp_path / "key").write_bytes(
        key.private_bytes(
            serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8, serialization.NoEncryption()
        )
    )
    (tmp_path / "certificate").write_bytes(certificate.public_bytes(serialization.Encoding.PEM))
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(tmp_path / "certificate", tmp_path / "key")

    class Quiet(HTTPServer):
        def handle_error(self, *_: object) -> None:
            """A client that does not trust the certificate hangs up: expected here."""

    server = Quiet(("127.0.0.1", 0), BaseHTTPRequestHandler)
    server.socket = context.wrap_socket(server.socket, server_side=True)
    thread = threading.Thread(target=server.serve_forever, args=(0.02,))
    thread.start()
    yield server.server_port
    server.shutdown()
    server.server_close()
    thread.join()


@pytest.mark.integration
def test_a_certificate_that_is_not_trusted_is_named_and_so_is_the_way_to_trust_it(secured: int) -> None:
    (failed,) = failures(f"https://127.0.0.1:{secured}")
    assert (failed.name, failed.said.partition(":")[0], "SSL_CERT_FILE" in failed.remedy) == (
        "tls",
        "the certificate is not trusted",
        True,
    )


def test_a_proxy_is_told_and_is_what_is_connected_to(
    collector: Collector, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("http_proxy", collector.url.replace("//", "//me:secret@"))
    monkeypatch.setenv("no_proxy", "")
    steps = {
        step.name: step for step in diagnose(SERVICE, "http://fs.invalid", {"FALSESTART_KEY": "k"}).steps
    }
    assert ("me:***@127.0.0.1" in steps["proxy"].said, "secret" in steps["proxy"].said) == (True, False)
    assert (steps["dns"].said, steps["answer"].ok) == ("127.0.0.1 is 127.0.0.1", True)
    assert collector.posts[0].path == "http://fs.invalid/api/v1/batches"


@pytest.mark.parametrize(
    ("environ", "name", "said"),
    [
        ({}, "endpoint", "FALSESTART_ENDPOINT is not set: the probe is off and reports nothing"),
        ({"FALSESTART_ENDPOINT": "http://h"}, "key", "FALSESTART_ENDPOINT is set but FALSESTART_KEY is not"),
        (
            {"FALSESTART_ENDPOINT": "h:1", "FALSESTART_KEY": "k"},
            "endpoint",
            "FALSESTART_ENDPOINT is no http(s) URL: 'h:1'",
        ),
    ],
)
def test_a_setting_that_is_missing_or_wrong_is_named(environ: dict[str, str], name: str, said: str) -> None:
    target, (step,) = settings(None, environ)
    assert (target, step.name, step.ok, step.said, bool(step.remedy)) == (None, name, False, said, True)


def test_a_service_without_a_name_is_not_sent_anywhere(
    collector: Collector, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(diagnosis, "read_text", lambda _path: "")
    report = diagnose({}, collector.url, {"FALSESTART_KEY": "k"})
    assert ([step.name for step in report.steps if step.ok is False], collector.posts) == (["service"], [])


def test_where_each_name_comes_from_is_told() -> None:
    named = {"service.name": ("chat", "K_SERVICE"), "service.version": ("r7", "argument")}
    assert who(named).said == (
        "service chat (from K_SERVICE); release r7 (from argument); environment default (by default); "
        "instance the boot's own id (by default)"
    )


def test_a_key_is_known_again_and_not_learnt() -> None:
    assert [shown(key) for key in ("fs_1234567890", "short")] == [
        "fs_123… of 13 characters",
        "… of 5 characters",
    ]


@pytest.mark.parametrize(
    ("ahead", "ok", "said"),
    [
        (0.0, True, "agrees with the server's within 2 s"),
        (90.0, None, "90.0 s behind the server's"),
        (-90.0, None, "90.0 s ahead of the server's"),
    ],
)
def test_clocks_are_compared_by_the_middle_of_the_request(ahead: float, ok: bool | None, said: str) -> None:
    before, after = NOON - timedelta(seconds=1), NOON + timedelta(seconds=2)
    # The server's second began half a second before the middle.
    server = NOON + timedelta(seconds=ahead)
    step = clock(server.strftime("%a, %d %b %Y %H:%M:%S GMT"), before, after)
    assert (step.ok, step.said) == (ok, said)


@pytest.mark.parametrize("date", [None, "soon", "Sun, 22 Nov 2026 12:00:30 -0000"])
def test_a_date_that_cannot_be_read_is_no_failure(date: str | None) -> None:
    assert clock(date, NOON, NOON).ok is None
