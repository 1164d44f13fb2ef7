"""What every format decodes to."""

from datetime import datetime

from msgspec import Struct

from ingest.domain.events import AnyEvent, BootFacts, Reporter, Resource


class Item(Struct, frozen=True):
    """One valid event."""

    index: int  # Its place in the batch as sent.
    event: AnyEvent
    body: str  # Its canonical JSON: equal for equal content, whatever white space and order it came in.


class Rejection(Struct, frozen=True, kw_only=True):
    """Why one event was not stored."""

    index: int
    pointer: str  # RFC 6901, into the body as sent.
    detail: str


class Batch(Struct, frozen=True, kw_only=True):
    """One request's events and what it says about who sent them."""

    reporter: Reporter
    resource: Resource
    boot: BootFacts | None
    sent_at: datetime | None
    sent_age: float | None
    items: tuple[Item, ...]
    rejected: tuple[Rejection, ...]


class Answer(Struct, frozen=True, kw_only=True):
    """What a stored batch is answered with."""

    accepted: int
    duplicates: int
    rejected: tuple[Rejection, ...] = ()


class Refused(Exception):  # noqa: N818 - it is an answer, not an accident
    """A request that changes nothing, as an RFC 9457 problem."""

    def __init__(
        self,
        status: int,
        title: str,
        detail: str,
        *,
        errors: tuple[tuple[str, str], ...] = (),
        headers: tuple[tuple[str, str], ...] = (),
    ) -> None:
        """Take pairs of JSON pointer and sentence as `errors`."""
        super().__init__(detail)
        self.status = status
        self.title = title
        self.detail = detail
        self.errors = errors
        self.headers = headers

    def document(self) -> dict[str, object]:
        """Return the problem document."""
        problem: dict[str, object] = {
            "type": "about:blank",
            "title": self.title,
            "status": self.status,
            "detail": self.detail,
        }
        if self.errors:
            problem["errors"] = [{"pointer": pointer, "detail": detail} for pointer, detail in self.errors]
        return problem
