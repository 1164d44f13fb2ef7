"""One HTTP request and what its answer means."""

import json
import urllib.error
import urllib.request
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from email.utils import parsedate_to_datetime
from typing import Any, Literal

from falsestart.envelope import Batch
from falsestart.resource import Target
from falsestart.version import __version__
from falsestart.wording import clean

POST_TIMEOUT = 10.0  # seconds for each socket operation
ANSWER_LIMIT = 65_536  # bytes of an answer that are read
RETRY_AFTER_LIMIT = 300.0  # seconds; a longer wish is cut to this
RETRIED = frozenset({408, 425, 429})  # besides every 5xx

# The first connection would import this codec on the sender's thread: a fork at that moment leaves the
# import lock of `encodings.idna` held for ever in the child, and its first connection then hangs.
"localhost".encode("idna")

Verdict = Literal["accepted", "retry", "split", "refused"]


@dataclass(frozen=True, kw_only=True, slots=True)
class Answer:
    """What the server said."""

    verdict: Verdict
    """What to do with the batch now."""
    status: int | None = None
    """HTTP status; None when no answer came."""
    retry_after: float | None = None
    """Seconds that the server asks for."""
    rejected: int = 0
    """Events of an accepted batch that the server refused."""
    detail: str = ""
    """A few words for the log."""


@dataclass(frozen=True, kw_only=True, slots=True)
class Response:
    """What came back, whatever it is."""

    status: int
    headers: Mapping[str, str]
    """By name, in any case."""
    body: bytes
    """At most 64 KiB of it."""


class _NoRedirect(urllib.request.HTTPRedirectHandler):
    # Following one would turn the POST into a GET and hand the key to another host.
    def redirect_request(self, *_args: object, **_kwargs: object) -> None:
        return None


def post(target: Target, batch: Batch, timeout: float = POST_TIMEOUT) -> Answer:
    """Post one batch; never raises for anything that the network or the server does."""
    try:
        response = exchange(target, batch.body, timeout, **{"Idempotency-Key": batch.key})
    except Exception as error:  # noqa: BLE001 - a broken answer is as good as none: try again
        return Answer(verdict="retry", detail=f"{type(error).__name__}: {error}"[:200])
    return judge(response.status, response.headers.get("Retry-After"), response.body)


def exchange(target: Target, body: bytes, timeout: float = POST_TIMEOUT, **headers: str) -> Response:
    """Post a gzipped JSON body. Raises what the network does: `OSError`, `http.client.HTTPException`."""
    request = urllib.request.Request(  # noqa: S310 - the target was checked to be http or https
        target.url, data=body, headers=_headers(target) | headers, method="POST"
    )
    try:
        with urllib.request.build_opener(_NoRedirect).open(request, timeout=timeout) as response:
            return _response(response.status, response)
    except urllib.error.HTTPError as error:
        with error:
            return _response(error.code, error)


def _response(status: int, answer: Any) -> Response:  # noqa: ANN401 - two kinds of answer, read alike
    return Response(status=status, headers=answer.headers, body=answer.read(ANSWER_LIMIT))


def judge(status: int, retry_after: str | None, body: bytes) -> Answer:
    """What an HTTP answer means for the batch."""
    if status in RETRIED or status >= 500:
        wait = seconds_to_wait(retry_after, datetime.now(UTC))
        return Answer(verdict="retry", status=status, retry_after=wait)
    if status == 413:
        return Answer(verdict="split", status=status)
    if 200 <= status < 300:
        rejected = _rejected(body)
        detail = str(rejected[0])[:200] if rejected else ""
        return Answer(verdict="accepted", status=status, rejected=len(rejected), detail=detail)
    return Answer(verdict="refused", status=status, detail=problem_of(body))


def seconds_to_wait(header: str | None, now: datetime) -> float | None:
    """Retry-After in seconds or as an HTTP date; None when absent or unreadable."""
    if header is None:
        return None
    text = header.strip()
    if text.isascii() and text.isdigit():
        return min(float(text), RETRY_AFTER_LIMIT)
    try:
        moment = parsedate_to_datetime(text)
        wait = (moment - now).total_seconds()
    except (ValueError, TypeError):
        return None
    return min(max(wait, 0.0), RETRY_AFTER_LIMIT)


def problem_of(body: bytes) -> str:
    """What a problem document says; empty where the body is none."""
    try:
        detail = json.loads(body).get("detail")
    except (ValueError, AttributeError):
        return ""
    return clean(detail, 200) if isinstance(detail, str) else ""


def _headers(target: Target) -> dict[str, str]:
    return {
        "Authorization": f"Bearer {target.key}",
        "Content-Type": "application/json",
        "Content-Encoding": "gzip",
        "User-Agent": f"falsestart-python/{__version__}",
    }


def _rejected(body: bytes) -> list[Any]:
    try:
        rejected = json.loads(body).get("rejected", [])
    except (ValueError, AttributeError):
        return []
    return rejected if isinstance(rejected, list) else []
