"""Text from the host made safe to send: no NUL, no lone surrogate, no password of a URL, bounded."""

import re

TEXT_LIMIT = 1000  # characters of an error, a reason or any other free text
NAME_LIMIT = 200  # characters of a phase, a check, a service, a release
LIST_LIMIT = 500  # names in a list that the server takes

_URL_PASSWORD = re.compile(r"(://[^/\s:@]*):[^/\s@]+@")


def clean(text: str, limit: int = TEXT_LIMIT) -> str:
    """`text` as the server accepts it: valid Unicode without NUL, at most `limit` characters."""
    text = text[:limit].replace("\0", "")
    return text.encode("utf-8", "replace").decode("utf-8")


def masked(text: str) -> str:
    """`text` without the passwords of URLs in it."""
    return _URL_PASSWORD.sub(r"\1:***@", text)


def describe(error: BaseException) -> str:
    """`KeyError: 'session'`; the bare type where there is no message. Passwords inside URLs are masked."""
    name = type(error).__name__
    # A password may sit deep in a long message: mask first, cut afterwards.
    text = masked(text_of(error))
    return clean(f"{name}: {text}" if text else name)


def text_of(error: BaseException) -> str:
    """`str(error)`; empty for an exception that fails at that itself."""
    try:
        return str(error)
    except Exception:  # noqa: BLE001 - whatever its author wrote there
        return ""


def conclusion(text: str) -> str:
    """What a traceback ends with, also one of a group; any other text whole. Passwords are masked."""
    lines = [line.strip(" |+-") for line in text.splitlines()]
    said = [line for line in lines if line]
    is_traceback = bool(said) and said[0].endswith("Traceback (most recent call last):")
    return clean(masked(said[-1] if is_traceback else text))
