"""What never appears in a log line: keys, tokens, passwords, cookies. Pure."""

import re
from collections.abc import Mapping

HIDDEN = "***"

# Names of fields, parameters and settings whose value is a secret.
_NAMES = r"(?:[\w-]*(?:password|passwd|secret|token|sessionid|session|api[_-]?key|credential)[\w-]*|key|pwd)"
SECRETS = (
    re.compile(r"(?P<keep>\b\w+://[^\s:/@]*:)[^\s/]+(?=@)"),  # the password of an address
    re.compile(r"(?P<keep>\b(?:Bearer|Basic|Digest)\s+)[^\s,;'\"]+", re.IGNORECASE),
    re.compile(r"(?P<keep>\bfs_)[\w.\-]+"),  # an API key
    re.compile(r"(?P<keep>\b(?:Set-)?Cookie['\"]?\s*[:=]\s*).+", re.IGNORECASE),  # to the end of the line
    re.compile(rf"(?P<keep>(?<![\w-]){_NAMES}['\"]?\s*[=:]\s*['\"]?)[^\s&;,'\")}}]+", re.IGNORECASE),
)
_FIELD = re.compile(rf"{_NAMES}|authorization|cookie", re.IGNORECASE)


def redacted(line: str) -> str:
    """Return the line without passwords, tokens and keys."""
    for secret in SECRETS:
        line = secret.sub(rf"\g<keep>{HIDDEN}", line)
    return line


def without_secrets(fields: Mapping[str, object]) -> dict[str, object]:
    """Return fields with every text redacted, and those named after a secret hidden whole."""
    return {name: HIDDEN if _FIELD.fullmatch(name) else _safe(value) for name, value in fields.items()}


def _safe(value: object) -> object:
    return value if value is None or isinstance(value, bool | int | float) else redacted(str(value))
