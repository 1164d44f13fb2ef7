"""What proxies tell of a request, believed as far back as the proxies are ours. Pure.

A list of addresses is read from its end, which our own proxy wrote: whatever a client put in front of it is
beyond the first address that is not a proxy's, and is never looked at.
"""

import re
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from ipaddress import IPv4Network, IPv6Address, IPv6Network, ip_address

Headers = Iterable[tuple[bytes, bytes]]
Networks = Sequence[IPv4Network | IPv6Network]

X_FORWARDED = "x-forwarded"  # `X-Forwarded-For`, `-Proto` and `-Host`
FORWARDED = "forwarded"  # RFC 7239
FAMILIES = (X_FORWARDED, FORWARDED)

SECURE = {"https": True, "wss": True, "http": False, "ws": False}

_HOST = re.compile(r"(?:[A-Za-z0-9._-]{1,255}|\[[0-9A-Fa-f:.]{2,45}\])(?::[0-9]{1,5})?")
_PORT = re.compile(r"(?:\[(?P<six>[^\]]*)\]|(?P<four>[0-9.]+))(?::[0-9]{1,5})?")
_PAIR = re.compile(r'\s*(?P<name>[A-Za-z]+)\s*=\s*(?:"(?P<quoted>(?:[^"\\]|\\.)*)"|(?P<token>[^\s;,"]*))\s*')


@dataclass(frozen=True, kw_only=True, slots=True)
class Told:
    """One hop: who asked, how, and for which host. What was not told, or makes no sense, is None."""

    client: str | None = None
    secure: bool | None = None
    host: str | None = None


def address(text: str) -> str | None:
    """Return the address in `192.0.2.1`, `192.0.2.1:80`, `2001:db8::1` or `[2001:db8::1]:80`, or None."""
    ported = _PORT.fullmatch(text.strip())
    try:
        found = ip_address(ported["six"] or ported["four"] if ported else text.strip())
    except ValueError:
        return None
    # A socket that listens for both families names an IPv4 peer so.
    mapped = found.ipv4_mapped if isinstance(found, IPv6Address) else None
    return str(mapped or found)


def trusts(peer: str, trusted: Networks) -> bool:
    """Tell whether an address belongs to one of our proxies."""
    found = address(peer)
    return found is not None and any(ip_address(found) in network for network in trusted)


def seen(peer: str, headers: Headers, trusted: Networks, family: str) -> Told:
    """Return what is believed of a request that a trusted peer sent."""
    hops = _forwarded(headers) if family == FORWARDED else _x_forwarded(headers)
    client, best = address(peer) or peer, hops[-1] if hops else Told()
    for hop in reversed(hops):
        if hop.client is None:
            break
        client, best = hop.client, hop
        if not trusts(client, trusted):
            break
    return Told(client=client, secure=best.secure, host=best.host)


def _x_forwarded(headers: Headers) -> list[Told]:
    listed = {name: _list(headers, f"x-forwarded-{name}".encode()) for name in ("for", "proto", "host")}
    number = max(len(listed["for"]), 1 if any(listed.values()) else 0)
    columns = {name: _aligned(values, number) for name, values in listed.items()}
    return [
        _told(columns["for"][place], columns["proto"][place], columns["host"][place])
        for place in range(number)
    ]


def _aligned(values: list[str], number: int) -> list[str]:
    # One value a hop, or else only the last one counts: the nearest proxy's.
    return values if len(values) == number else [values[-1] if values else ""] * number


def _forwarded(headers: Headers) -> list[Told]:
    return [_element(element) for element in _list(headers, b"forwarded")]


def _element(text: str) -> Told:
    pairs = {
        match["name"].lower(): match["token"] if match["quoted"] is None else match["quoted"]
        for part in text.split(";")
        if (match := _PAIR.fullmatch(part))
    }
    return _told(pairs.get("for", ""), pairs.get("proto", ""), pairs.get("host", ""))


def _told(client: str, proto: str, host: str) -> Told:
    return Told(
        client=address(client),
        secure=SECURE.get(proto.lower()),
        host=host if _HOST.fullmatch(host) else None,
    )


def _list(headers: Headers, wanted: bytes) -> list[str]:
    lines = [value.decode("latin-1") for name, value in headers if name.lower() == wanted]
    return [item.strip() for item in ",".join(lines).split(",") if item.strip()]
