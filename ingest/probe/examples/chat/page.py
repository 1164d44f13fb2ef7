"""The page that people chat on. Its sockets report what the browser saw, with a key of the page's own."""

import os
from html import escape
from pathlib import Path
from string import Template
from urllib.parse import urlsplit

from .chat import Message, Send

HERE = Path(__file__).resolve().parent
MODULE = HERE.parents[1] / "js" / "falsestart.js"
SCRIPTS = {"/page.js": HERE / "page.js", "/falsestart.js": MODULE}
ENDPOINT = os.environ.get("FALSESTART_ENDPOINT", "")
KEY = os.environ.get("FALSESTART_CLIENT_KEY", "")  # of scope `client`: whoever visits the page can read it
PATHS = {"/", *SCRIPTS}


async def serve(scope: Message, release: str, send: Send) -> None:
    """Answer for a path of `PATHS`."""
    path = scope["path"]
    if path in SCRIPTS:
        content, media_type = SCRIPTS[path].read_bytes(), b"text/javascript"
    else:
        content, media_type = page(release), b"text/html; charset=utf-8"
    headers = [(b"content-type", media_type), (b"content-security-policy", policy(scope).encode())]
    await send({"type": "http.response.start", "status": 200, "headers": headers})
    await send({"type": "http.response.body", "body": content})


def page(release: str) -> bytes:
    # Without a key the module would complain; without an endpoint it is silent.
    told = {"endpoint": ENDPOINT if KEY else "", "key": KEY, "release": release}
    html = Template((HERE / "page.html").read_text())
    return html.substitute({name: escape(value) for name, value in told.items()}).encode()


def policy(scope: Message) -> str:
    """Allow what the page needs, and name where its reports and its sockets go."""
    host = dict(scope["headers"]).get(b"host", b"").decode("latin-1")
    endpoint = urlsplit(ENDPOINT)
    ends = [f"ws://{host}", f"{endpoint.scheme}://{endpoint.netloc}" if KEY and ENDPOINT else ""]
    sources = {
        "default-src": "'none'",
        "script-src": "'self'",
        "img-src": "data:",
        "connect-src": " ".join(ends),
    }
    return "; ".join(f"{name} {source}".strip() for name, source in sources.items())
