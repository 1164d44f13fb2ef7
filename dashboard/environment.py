"""Environment variables become typed values, or are refused with a sentence.

A sentence names the variable, what is wrong with it and what is accepted. It repeats a value only where
that value can be no secret.
"""

import re
from collections.abc import Sequence
from ipaddress import IPv4Network, IPv6Network, ip_network
from typing import NoReturn
from urllib.parse import urlsplit

import environ
from django.core.exceptions import ImproperlyConfigured

ON = ("1", "true", "yes", "on")
OFF = ("0", "false", "no", "off")

BASE_PATH = re.compile(r"(?:/[A-Za-z0-9._~-]+)+")
NOWHERE = {".", ".."}  # segments that a browser resolves away

env = environ.Env()


def refuse(variable: str, problem: str, accepted: str) -> NoReturn:
    """Stop with one sentence naming the variable, what is wrong with it and what is accepted."""
    message = f"{variable} {problem}; accepted is {accepted}."
    raise ImproperlyConfigured(message)


def text(variable: str, default: str = "") -> str:
    """The variable's text; set but blank counts as unset, as compose files pass it."""
    return str(env.str(variable, default="")).strip() or default


def switch(variable: str) -> bool:
    """Off unless the variable says otherwise."""
    value = text(variable, "off").lower()
    if value not in (*ON, *OFF):
        refuse(variable, f"is {value!r}, which is neither on nor off", ", ".join((*ON, *OFF)))
    return value in ON


def number(variable: str, default: int, lowest: int, highest: int) -> int:
    """A whole number within both bounds."""
    value = text(variable, str(default))
    if not (value.isascii() and value.isdigit() and lowest <= int(value) <= highest):
        refuse(variable, f"is {value!r}", f"a whole number from {lowest} to {highest}")
    return int(value)


def choice(variable: str, default: str, options: Sequence[str]) -> str:
    """One of the options, in any case."""
    value = text(variable, default)
    for option in options:
        if value.lower() == option.lower():
            return option
    refuse(variable, f"is {value!r}", "one of " + ", ".join(options))


def names(variable: str, default: Sequence[str]) -> list[str]:
    """Host names separated by commas."""
    found = [name.strip() for name in text(variable).split(",") if name.strip()] or list(default)
    for name in found:
        if "/" in name or " " in name:
            refuse(variable, f"contains {name!r}, which is not a host name", "host names separated by commas")
    return found


def origins(variable: str) -> list[str]:
    """Origins (scheme and host) separated by commas."""
    found = [origin.strip() for origin in text(variable).split(",") if origin.strip()]
    for origin in found:
        parts = urlsplit(origin)
        if parts.scheme not in ("http", "https") or not parts.netloc or parts.path:
            refuse(variable, f"contains {origin!r}", "origins such as https://falsestart.example.com")
    return found


def networks(variable: str) -> list[IPv4Network | IPv6Network]:
    """Addresses and networks separated by commas; none that holds everybody."""
    found = [_network(variable, item.strip()) for item in text(variable).split(",") if item.strip()]
    for network in found:
        if network.prefixlen == 0:
            refuse(variable, f"contains '{network}', which is everybody", "the addresses of your own proxies")
    return found


def refuse_contradictions(*, debug: bool, proxies: Sequence[object], trusted_origins: Sequence[str]) -> None:
    """Stop where other settings say the opposite of `BEHIND_TLS`."""
    if not proxies:
        problem = "is not set although BEHIND_TLS is on, so nobody is believed to come by HTTPS"
        refuse("TRUSTED_PROXIES", problem, "the addresses of the proxy that ends TLS")
    if debug:
        refuse("DEBUG", "is on although BEHIND_TLS is, so that others reach its error pages", "off")
    for origin in trusted_origins:
        if not origin.startswith("https:"):
            problem = f"contains {origin!r} although BEHIND_TLS is on"
            refuse("CSRF_TRUSTED_ORIGINS", problem, "origins that begin with https://")


def _network(variable: str, value: str) -> IPv4Network | IPv6Network:
    try:
        return ip_network(value)
    except ValueError:
        accepted = "addresses and networks separated by commas, such as 10.0.0.7,10.1.0.0/16,fd00::/8"
        refuse(variable, f"contains {value!r}, which is no network", accepted)


def base_path(variable: str) -> str:
    """A path of names such as `/falsestart`, without a slash at its end; empty for the root."""
    value = text(variable).rstrip("/")
    if value and (not BASE_PATH.fullmatch(value) or NOWHERE & set(value.split("/"))):
        refuse(variable, f"is {value!r}", "a path such as /falsestart")
    return value
