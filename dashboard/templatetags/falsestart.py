"""Signs, numbers and times in templates, each the same on every page."""

from collections.abc import Mapping
from datetime import datetime
from functools import cache, lru_cache
from typing import Any

from django import template
from django.templatetags.static import static
from django.utils.html import format_html
from django.utils.safestring import SafeString, mark_safe

from dashboard.figures import numbers
from ingest.domain.sockets import NO_FRAME, PRECEDENCE, disagree
from ingest.domain.words import Origin, Role

register = template.Library()

ICON = 16  # px
SHORT = 6  # characters of an id
KEPT = 4096  # pieces kept rendered: a page shows the same few hundreds of times
STATE_ICONS = {
    "ready": "circle-check",
    "starting": "loader-2",
    "degraded": "alert-triangle",
    "failed_serving": "plug-connected-x",
    "failed": "circle-x",
    "crashed": "bolt",
    "killed": "square-x",
    "stopped": "player-stop",
    "silent": "antenna-bars-off",
    "draining": "droplet-half-2",
}
CAUSE_ICONS = {
    "false_start": "flag-off",
    "failed_phase": "plug-connected-x",
    "gated": "door-off",
    "policy": "shield-lock",
    "crash": "bolt",
    "application": "bug",
    "overload": "gauge",
    "keepalive": "heartbeat",
    "drain": "droplet-half-2",
    "peer": "user-x",
    "unexplained": "help-octagon",
    "unattributed": "link-off",
}
CERTAINTY_ICONS = {"certain": "circle-filled", "ambiguous": "circle-half-2", "unobserved": "circle-dotted"}
STATE_WORDS = {"failed_serving": "failed, serving"}
NOTABLE = 0.05  # s
_FULL, _RING = 'fill="currentColor"', 'fill="none" stroke="currentColor" stroke-width="2"'
SHAPES = {
    name: mark_safe(drawn)  # noqa: S308 - constants of this file
    for name, drawn in {
        "false_start": f'<circle r="4.5" {_FULL}/>',
        "failed_phase": f'<path d="M0-5.5 5.5 0 0 5.5-5.5 0Z" {_FULL}/>',
        "gated": f'<circle r="4" {_RING}/>',
        "policy": f'<rect x="-4" y="-4" width="8" height="8" {_RING}/>',
        "crash": f'<path d="M-5-4H5L0 5Z" {_FULL}/>',
        "application": f'<rect x="-4.5" y="-4.5" width="9" height="9" {_FULL}/>',
        "overload": f'<path d="M-5 4H5L0-5Z" {_FULL}/>',
        "keepalive": f'<path d="M-4.5-5H4.5L-4.5 5H4.5Z" {_FULL}/>',
        "drain": f'<circle r="4" {_RING}/><circle r="1.3" {_FULL}/>',
        "peer": f'<path d="M0-5V5" {_RING}/>',
        "unexplained": f'<path d="M0-5V5M-5 0H5" {_RING}/>',
        "unattributed": f'<path d="M-4-4 4 4M-4 4 4-4" {_RING}/>',
        "other": f'<circle r="4" {_RING}/>',
    }.items()
}
# Ends that came from elsewhere: the service only saw their code.
SEEN_ENDS = frozenset({Origin.PEER, Origin.NETWORK, Origin.KEEPALIVE})
BASES = {"measured": "m", "configured": "c", "derived": "d"}


@register.simple_tag
@cache
def icon(name: str, size: int = ICON) -> SafeString:
    """Draw an icon of the sprite; the word beside it says what it is."""
    place = f"{static('vendor/icons.svg')}#{name}"
    return format_html(
        '<svg class="fs-icon" width="{}" height="{}" aria-hidden="true"><use href="{}"/></svg>',
        size,
        size,
        place,
    )


@register.simple_tag
def state_sign(state: str, number: int | None = None) -> SafeString:
    """Show a boot state: icon and word, with a number before it where several are meant."""
    words = STATE_WORDS.get(state, state)
    return _sign(f"fs-state-{_dashed(state)}", STATE_ICONS.get(state, "circle-off"), words, number)


@register.simple_tag
def cause_sign(cause: str, expected: bool = False, number: int | None = None) -> SafeString:
    """Show a cause: icon and word; the word of an expected one is quieter."""
    kind = f"fs-cause-{_dashed(cause)}{' is-expected' if expected else ''}"
    words = spaced(cause) if number is None else f"{spaced(cause)} {numbers.count(number)}"
    return _sign(kind, CAUSE_ICONS.get(cause, "help-octagon"), words, None)


@register.simple_tag
def certainty_sign(certainty: str) -> SafeString:
    """Show how sure a cause is."""
    return _sign("fs-certainty", CERTAINTY_ICONS.get(certainty, "circle-dotted"), certainty or "open", None)


@register.simple_tag
@lru_cache(maxsize=KEPT)
def mark(basis: str, note: str = "") -> SafeString:
    """Show where a number comes from: `measured`, `configured` or `derived`."""
    said = f"{basis}: {note}" if note else basis
    return format_html(
        '<span class="fs-k fs-k-{}" role="img" aria-label="{}" title="{}"></span>', BASES[basis], said, said
    )


@register.simple_tag
def seconds(value: float | None, basis: str = "", note: str = "") -> SafeString:
    """Show a duration given in seconds, with three digits and where it comes from."""
    split = numbers.set_parts if basis == "configured" else numbers.parts
    return _number(*split(value), basis, note)


@register.simple_tag
def age(value: float | None, basis: str = "", note: str = "") -> SafeString:
    """Show an age given in seconds with two decimals, as columns need it."""
    text, _, unit = numbers.age(value).rpartition(" ")
    return _number(text or unit, unit if text else "", basis, note)


@register.simple_tag
def when(at: datetime | None) -> SafeString:
    """Show how long ago something happened; the page's script keeps it true."""
    if at is None:
        return format_html('<span class="fs-t2">{}</span>', "never")
    exact = at.strftime("%Y-%m-%d %H:%M:%S.") + f"{at.microsecond // 1000:03d} UTC"
    return format_html(
        '<time class="fs-num" datetime="{}" title="{}">{}</time>',
        at.isoformat(),
        exact,
        at.strftime("%H:%M:%S UTC"),
    )


@register.simple_tag
def day(at: datetime | None) -> SafeString:
    """Show the day of something to come, with the exact moment in its title; `never` for none."""
    if at is None:
        return format_html('<span class="fs-t2">{}</span>', "never")
    exact = at.strftime("%Y-%m-%d %H:%M:%S UTC")
    return format_html('<span class="fs-num" title="{}">{} {}</span>', exact, at.day, at.strftime("%b %Y"))


@register.simple_tag
def sign(icon_name: str, words: str, colour: str = "") -> SafeString:
    """Show an icon and a word, with the colour of a boot state where one is given."""
    return _sign(f"fs-state-{_dashed(colour)}" if colour else "", icon_name, words, None)


@register.simple_tag
def over(value: float) -> SafeString:
    """Show a difference in seconds with its sign; what is beyond a twentieth of a second stands out."""
    text, _, unit = numbers.signed(value).rpartition(" ")
    number = _number(text, unit, "derived", "against the median of the release before")
    return (
        format_html("<b>{}</b>", number)
        if value >= NOTABLE
        else format_html('<span class="fs-t2">{}</span>', number)
    )


@register.simple_tag
def fact(evidence: dict[str, Any]) -> SafeString:
    """Show one fact of the evidence: value, unit, and where it comes from."""
    value, unit, basis = evidence.get("value"), evidence.get("unit") or "", evidence.get("basis") or ""
    told, source = basis if basis in BASES else "", evidence.get("source") or ""
    if isinstance(value, float | int) and not isinstance(value, bool):
        if unit == "s":
            return seconds(float(value), told, source)
        return _number(numbers.minus(f"{value:g}"), unit, told, source)
    if value is None:
        return _number(numbers.UNKNOWN, "", "", "not known")
    text = {True: "yes", False: "no"}.get(value, value) if isinstance(value, bool) else value
    return format_html('<span class="fs-wrap">{}{}</span>', text, mark(told) if told else "")


@register.simple_tag
def sides(code_seen_by: Mapping[str, int], origin: str) -> SafeString:
    """Show which code each side saw, the one nearest to the application first; nothing where they agree."""
    if not disagree(code_seen_by):
        return mark_safe("")
    told = sorted(code_seen_by.items(), key=lambda side: PRECEDENCE[Role(side[0])])
    words = " · ".join(_side(role, code, origin) for role, code in told)
    return format_html(
        '<div class="fs-tag fs-sides" title="the sides disagree">{}{}</div>', icon("arrows-diff"), words
    )


def _side(role: str, code: int, origin: str) -> str:
    sent = role == "service" and origin not in SEEN_ENDS
    return f"{role} {'sent' if sent else 'saw'} {'no close frame' if code == NO_FRAME else code}"


@register.simple_tag
def shape(cause: str) -> SafeString:
    """Draw a cause's marker as charts draw it, for their legends."""
    return format_html(
        '<svg class="fs-mk fs-cause-{}" width="12" height="12" viewBox="-6 -6 12 12"'
        ' aria-hidden="true">{}</svg>',
        _dashed(cause),
        SHAPES.get(cause, SHAPES["other"]),
    )


@register.filter
def spaced(word: str) -> str:
    """Write a word of a closed vocabulary for people."""
    return word.replace("_", " ")


@register.filter
def dashed(word: str) -> str:
    """Write a word of a closed vocabulary as part of a class."""
    return _dashed(word)


@register.filter
def short(ident: str) -> str:
    """Shorten an id to its end: many begin with a time, alike for all of a rollout."""
    return ident[-SHORT:]


@register.filter
def grouped(number: int) -> str:
    """Write a whole number in groups of three."""
    return numbers.count(number)


def _dashed(word: str) -> str:
    return word.replace("_", "-")


@lru_cache(maxsize=KEPT)
def _sign(kind: str, drawing: str, words: str, number: int | None) -> SafeString:
    text = words if number is None else f"{numbers.count(number)} {words}"
    return format_html('<span class="fs-tag {}">{}{}</span>', kind, icon(drawing), text)


def _number(text: str, unit: str, basis: str, note: str) -> SafeString:
    known = bool(basis) and text != numbers.UNKNOWN
    tail = format_html('<span class="fs-u">{}</span>', unit) if unit else ""
    reason = format_html(' title="{}"', note) if note and not known else ""
    return format_html(
        '<span class="fs-num"{}>{}{}{}</span>', reason, text, tail, mark(basis, note) if known else ""
    )
