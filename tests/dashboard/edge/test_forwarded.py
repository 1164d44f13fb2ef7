"""Whom proxies tell of: believed as far back as they are ours, and not one hop further."""

from ipaddress import IPv4Address, ip_address, ip_network

import pytest
from hypothesis import given
from hypothesis import strategies as st

from dashboard.edge.forwarded import FORWARDED, X_FORWARDED, Told, address, seen, trusts

OURS = [ip_network("10.0.0.0/8"), ip_network("fd00::/8")]
PROXY, OUTER, CLIENT, MADE_UP = "10.0.0.7", "10.1.0.1", "203.0.113.9", "198.51.100.66"


def x(**told: str) -> list[tuple[bytes, bytes]]:
    """Headers `X-Forwarded-…` as a request carries them."""
    return [(f"x-forwarded-{name.strip('_')}".encode(), value.encode()) for name, value in told.items()]


def f(*lines: str) -> list[tuple[bytes, bytes]]:
    """Headers `Forwarded` as a request carries them."""
    return [(b"forwarded", line.encode()) for line in lines]


@pytest.mark.parametrize(
    ("text", "found"),
    [
        ("192.0.2.1", "192.0.2.1"),
        ("192.0.2.1:4711", "192.0.2.1"),
        (" 192.0.2.1 ", "192.0.2.1"),
        ("2001:db8::1", "2001:db8::1"),
        ("[2001:db8::1]", "2001:db8::1"),
        ("[2001:DB8::1]:4711", "2001:db8::1"),
        ("::ffff:192.0.2.1", "192.0.2.1"),
        ("unknown", None),
        ("_hidden", None),
        ("192.0.2.1, 192.0.2.2", None),
        ("192.0.2.256", None),
        ("", None),
    ],
)
def test_an_address_is_read_in_every_way_it_is_written(text: str, found: str | None) -> None:
    assert address(text) == found


@pytest.mark.parametrize(
    ("peer", "ours"),
    [
        (PROXY, True),
        ("::ffff:10.0.0.7", True),
        ("fd00::7", True),
        (CLIENT, False),
        ("", False),
        ("testclient", False),
    ],
)
def test_only_our_own_proxies_are_trusted(peer: str, ours: bool) -> None:
    assert trusts(peer, OURS) == ours


@pytest.mark.parametrize(
    ("headers", "believed"),
    [
        (x(for_=CLIENT, proto="https", host="a.example"), Told(client=CLIENT, secure=True, host="a.example")),
        (x(for_=CLIENT, proto="http"), Told(client=CLIENT, secure=False)),
        (x(proto="https"), Told(client=PROXY, secure=True)),
        ([], Told(client=PROXY)),
        # The client put an address in front, and so did another one in a header of its own.
        (x(for_=f"{MADE_UP}, {CLIENT}"), Told(client=CLIENT)),
        (x(for_=MADE_UP) + x(for_=CLIENT), Told(client=CLIENT)),
        (x(for_=f"{PROXY}, {MADE_UP}, {CLIENT}"), Told(client=CLIENT)),
        # Through a second proxy of ours.
        (x(for_=f"{MADE_UP}, {CLIENT}, {OUTER}"), Told(client=CLIENT)),
        (x(for_=f"{CLIENT}, {OUTER}", proto="https, http"), Told(client=CLIENT, secure=True)),
        (x(for_=f"{CLIENT}, {OUTER}", proto="https"), Told(client=CLIENT, secure=True)),
        # What the client claims beside what our proxy says.
        (x(for_=f"{MADE_UP}, {CLIENT}", proto="https, http"), Told(client=CLIENT, secure=False)),
        (x(for_=CLIENT, proto="https, http"), Told(client=CLIENT, secure=False)),
        # All of them ours: the request began there.
        (x(for_=f"{OUTER}, {PROXY}"), Told(client=OUTER)),
        # What makes no sense ends what can be believed.
        (x(for_=f"{CLIENT}, nonsense"), Told(client=PROXY)),
        (x(for_=f"{CLIENT}, nonsense, {OUTER}"), Told(client=OUTER)),
        (x(for_=CLIENT, proto="gopher", host="a b"), Told(client=CLIENT)),
        (x(for_=CLIENT, host="a.example/evil"), Told(client=CLIENT)),
        (x(for_=CLIENT, host="[fd00::1]:8443"), Told(client=CLIENT, host="[fd00::1]:8443")),
        # The other family's header was written by nobody of ours.
        (f(f"for={MADE_UP};proto=https;host=evil.example"), Told(client=PROXY)),
    ],
)
def test_x_forwarded_is_read_from_its_end(headers: list[tuple[bytes, bytes]], believed: Told) -> None:
    assert seen(PROXY, headers, OURS, X_FORWARDED) == believed


@pytest.mark.parametrize(
    ("headers", "believed"),
    [
        (
            f(f"for={CLIENT};proto=https;host=a.example"),
            Told(client=CLIENT, secure=True, host="a.example"),
        ),
        (f(f'For="{CLIENT}:4711" ; Proto=HTTPS'), Told(client=CLIENT, secure=True)),
        (f('for="[2001:db8::1]:4711"'), Told(client="2001:db8::1")),
        (f(f"for={MADE_UP};proto=https, for={CLIENT};proto=http"), Told(client=CLIENT, secure=False)),
        (f(f"for={MADE_UP}", f"for={CLIENT}"), Told(client=CLIENT)),
        (f(f"for={CLIENT};proto=https, for={OUTER};proto=http"), Told(client=CLIENT, secure=True)),
        (f('for="', f"for={CLIENT}"), Told(client=CLIENT)),
        (f("for=unknown;proto=https"), Told(client=PROXY, secure=True)),
        (f("nonsense"), Told(client=PROXY)),
        (x(for_=MADE_UP, proto="https", host="evil.example"), Told(client=PROXY)),
    ],
)
def test_forwarded_is_read_from_its_end(headers: list[tuple[bytes, bytes]], believed: Told) -> None:
    assert seen(PROXY, headers, OURS, FORWARDED) == believed


ADDRESSES = st.ip_addresses().map(str)
STRANGERS = ADDRESSES.filter(lambda found: not trusts(found, OURS))


@given(front=st.lists(st.one_of(st.text(st.characters(max_codepoint=255)), ADDRESSES)), client=STRANGERS)
@pytest.mark.parametrize("family", [X_FORWARDED, FORWARDED])
def test_nothing_that_a_client_sends_in_front_is_believed(front: list[str], client: str, family: str) -> None:
    quoted = client if isinstance(ip_address(client), IPv4Address) else f'"[{client}]"'
    if family == X_FORWARDED:
        headers = [(b"x-forwarded-for", ", ".join([*front, client]).encode("latin-1"))]
    else:
        headers = [(b"forwarded", ", ".join([*front, f"for={quoted}"]).encode("latin-1"))]
    assert seen(PROXY, headers, OURS, family).client == address(client)
