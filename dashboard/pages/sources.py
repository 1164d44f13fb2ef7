"""Which page a path belongs to."""

from urllib.parse import parse_qs, unquote, urlsplit

from django.urls import Resolver404, get_script_prefix, resolve

from dashboard.pages.boot import BootSource
from dashboard.pages.fleet import FleetSource
from dashboard.pages.page import Source
from dashboard.pages.release import ReleaseSource

ALL = "all"  # The query parameter that draws every boot.


def source_of(path: str) -> Source | None:
    """Return the page of a path as a link has it, quoted and perhaps with a query; None where none is."""
    parts = urlsplit(path)
    prefix = get_script_prefix()
    if not parts.path.startswith(prefix):
        return None
    try:
        match = resolve("/" + unquote(parts.path.removeprefix(prefix)))
    except Resolver404:
        return None
    match match.url_name:
        case "fleet":
            return FleetSource()
        case "release":
            return ReleaseSource(**match.kwargs, everything=ALL in parse_qs(parts.query))
        case "boot":
            return BootSource(**match.kwargs)
    return None
