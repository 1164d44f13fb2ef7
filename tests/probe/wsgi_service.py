"""A plain WSGI application that marks its phases when it is imported, for real gunicorn."""

from collections.abc import Callable, Iterable
from typing import Any

from falsestart import Contract, Probe
from falsestart.wsgi import FalsestartWSGI

probe = Probe("reports", contract=Contract(phases=["database"], gate="database"))

with probe.phase("database"):
    CONNECTED = True
probe.ready()


def service(environ: dict[str, Any], start_response: Callable[..., Any]) -> Iterable[bytes]:
    """Fail where the path says so."""
    failing = environ["PATH_INFO"] == "/fail"
    start_response("503 Service Unavailable" if failing else "200 OK", [("Content-Length", "2")])
    return [b"no" if failing else b"ok"]


app = FalsestartWSGI(service, probe)
