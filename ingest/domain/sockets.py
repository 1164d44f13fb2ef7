"""One socket's facts, merged from everybody who saw it. Ages in seconds since its boot's process start."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any

import msgspec

from ingest.domain.events import Reported, SocketEnded, SocketOpened, SocketRejected
from ingest.domain.order import ordered
from ingest.domain.page_state import PageState
from ingest.domain.words import Origin, Outcome, Role

NORMAL = 1000  # the close code of an end in order
NO_FRAME = 1006  # what a reporter says when it saw no close frame; never on the wire

# The closer to the application, the more a reporter knows of what was sent.
PRECEDENCE = {
    role: n for n, role in enumerate((Role.SERVICE, Role.DRILL, Role.GATEWAY, Role.LOG, Role.CLIENT))
}

End = SocketEnded | SocketRejected


@dataclass(frozen=True, kw_only=True, slots=True)
class SocketFacts:
    """What is known of one WebSocket attempt, before anybody asks why."""

    key: str  # Its identity within its boot.
    socket: str | None  # The id that joins both sides' reports.
    opened_age: float | None  # The least age at which anybody saw the attempt.
    accepted_age: float | None  # When the handshake was accepted.
    ended_age: float | None  # When it ended, by the reporter that knows best.
    outcome: Outcome  # How it stands by its own reports alone.
    code: int | None  # The close code that counts; None before accept, 1006 where only that was seen.
    code_seen_by: dict[str, int]  # Role to the code which that role saw.
    status: int | None  # The HTTP status of a refused handshake.
    origin: Origin | None  # Whose act ended it; None while open.
    reason: str | None  # What was said at its end.
    exception: str | None  # The type of the exception that passed through.
    path: str | None  # Where it knocked.
    client: str | None  # Who knocked.
    page: PageState | None  # What the page that opened it saw of itself at its end.
    page_ref: str | None  # The event that says so.
    reporters: tuple[str, ...]  # The roles that saw it, sorted.
    stands_for: int  # How many sockets this sample speaks for.
    refs: tuple[str, ...]  # The events it is made of, sorted.
    opened_ref: str | None  # The event that gave `opened_age`.
    ended_ref: str | None  # The end that counts: the one by the reporter that knows best.
    ended_age_ref: str | None  # The event that gave `ended_age`.


def key_of(reported: Reported) -> str:
    """Return the key under which a socket event is merged with the others of its socket."""
    socket = getattr(reported.event, "socket", None)
    if socket is not None:
        return str(socket)
    return f"~{reported.role}/{reported.reporter}#{reported.number}"


def placed(reported: Reported, started_at: datetime) -> Reported:
    """Return a report by wall clock as one on the axis of a boot that started at `started_at`."""
    event = reported.event
    stamps = {
        "opened_age": getattr(event, "opened_at", None)
        or (event.at if isinstance(event, SocketOpened) else None),
        "accepted_age": getattr(event, "accepted_at", None),
        "ended_age": getattr(event, "ended_at", None) or (event.at if isinstance(event, End) else None),
    }
    ages = {name: (at - started_at).total_seconds() for name, at in stamps.items() if at is not None}
    return msgspec.structs.replace(reported, event=msgspec.structs.replace(event, **ages))


def role_of(ref: str | None) -> str | None:
    """Return the role in a reference such as `service:6@probe`."""
    return ref.partition(":")[0] if ref else None


def merge(key: str, events: Iterable[Reported]) -> SocketFacts:
    """Merge every report of one socket; the result does not depend on their order or number."""
    told = sorted(ordered(events), key=lambda reported: PRECEDENCE[reported.role])
    ends = [reported for reported in told if isinstance(reported.event, End)]
    opened_age, opened_ref = _opening(told)
    rejected = _is_rejected(ends)
    code = None if rejected else _code(ends)
    ends_of_kind = _ends_of(ends, rejected=rejected)
    ended_age, ended_age_ref = _ending(ends_of_kind)
    page_ref = next((reported.ref for reported in ends if _first([reported], "page") is not None), None)
    return SocketFacts(
        key=key,
        socket=_first(told, "socket"),
        opened_age=opened_age,
        accepted_age=None if rejected else _first(ends, "accepted_age"),
        ended_age=ended_age,
        outcome=_outcome(ends, code, rejected=rejected),
        code=code,
        code_seen_by=_codes(ends),
        status=_first(ends, "status") if rejected else None,
        origin=_origin(ends),
        reason=_first(ends, "reason"),
        exception=_first(ends, "exception"),
        path=_first(told, "path"),
        client=_first(told, "client"),
        page=_first(ends, "page"),
        page_ref=page_ref,
        reporters=tuple(sorted({str(reported.role) for reported in told})),
        stands_for=_first(ends, "stands_for") or 1,
        refs=tuple(sorted({reported.ref for reported in told})),
        opened_ref=opened_ref,
        ended_ref=ends_of_kind[0].ref if ends_of_kind else None,
        ended_age_ref=ended_age_ref,
    )


def disagree(code_seen_by: Mapping[str, int]) -> bool:
    """Tell whether the roles that saw a close code saw different ones, 1006 standing for none."""
    return len(set(code_seen_by.values())) > 1


def _first(told: Iterable[Reported], field: str) -> Any:  # noqa: ANN401 (the field's own type)
    """Return the first value that a report gives for a field."""
    values = (getattr(reported.event, field, None) for reported in told)
    return next((value for value in values if value is not None), None)


def _opening(told: list[Reported]) -> tuple[float | None, str | None]:
    seen = [(age, n, reported.ref) for n, reported in enumerate(told) for age in _openings(reported)]
    age, _, ref = min(seen, default=(None, 0, None))
    return age, ref


def _openings(reported: Reported) -> list[float]:
    event = reported.event
    ages: list[float | None] = [getattr(event, "opened_age", None)]
    if isinstance(event, SocketOpened):
        ages.append(event.age)
    return [age for age in ages if age is not None]


def _is_rejected(ends: list[Reported]) -> bool:
    # A browser reports a refused handshake as an end with 1006; only an accept contradicts the refusal.
    accepted = any(_first([reported], "accepted_age") is not None for reported in ends)
    return not accepted and any(isinstance(reported.event, SocketRejected) for reported in ends)


def _ends_of(ends: list[Reported], *, rejected: bool) -> list[Reported]:
    kind = SocketRejected if rejected else SocketEnded
    return [reported for reported in ends if isinstance(reported.event, kind)]


def _ending(ends: list[Reported]) -> tuple[float | None, str | None]:
    told = ((_ended(reported.event), reported.ref) for reported in ends)
    return next(((age, ref) for age, ref in told if age is not None), (None, None))


def _ended(event: object) -> float | None:
    if not isinstance(event, End):
        return None
    return event.ended_age if event.ended_age is not None else event.age


def _code(ends: list[Reported]) -> int | None:
    # 1006 means that this reporter saw no frame: whoever saw one knows more.
    codes = [code for reported in ends if (code := _code_in(reported)) is not None]
    return next((code for code in codes if code != NO_FRAME), codes[0] if codes else None)


def _codes(ends: list[Reported]) -> dict[str, int]:
    seen: dict[str, int] = {}
    for reported in ends:
        code = _code_in(reported)
        if code is not None:
            seen.setdefault(str(reported.role), code)
    return dict(sorted(seen.items()))


def _code_in(reported: Reported) -> int | None:
    event = reported.event
    if not isinstance(event, SocketEnded):
        return None
    if event.code is None and event.origin is Origin.APP_CLOSE:
        return NORMAL
    return event.code


def _origin(ends: list[Reported]) -> Origin | None:
    origins = [reported.event.origin for reported in ends if isinstance(reported.event, End)]
    known = (origin for origin in origins if origin is not Origin.UNKNOWN)
    return next(known, origins[0] if origins else None)


def _outcome(ends: list[Reported], code: int | None, *, rejected: bool) -> Outcome:
    if not ends:
        return Outcome.OPEN
    if rejected:
        return Outcome.REJECTED
    return Outcome.LOST if code in (None, NO_FRAME) else Outcome.CLOSED
