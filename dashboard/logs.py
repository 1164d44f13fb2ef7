"""What a log line looks like, and what never appears in one."""

import json
import logging
import re
from datetime import UTC, datetime

HIDDEN = "***"
SECRETS = (
    re.compile(r"(?P<keep>\w+://[^\s:/@]*:)[^\s@/]+(?=@)"),  # the password of an address
    re.compile(r"(?P<keep>\bBearer\s+)\S+", re.IGNORECASE),
    re.compile(r"(?P<keep>\bfs_)[\w.\-]+"),  # an API key
)


def redacted(line: str) -> str:
    """The line without passwords, tokens and keys."""
    for secret in SECRETS:
        line = secret.sub(rf"\g<keep>{HIDDEN}", line)
    return line


class TextFormatter(logging.Formatter):
    """A line to read: time, level, logger, message; a traceback below it."""

    def format(self, record: logging.LogRecord) -> str:
        """Write the record, its traceback included, without secrets."""
        return redacted(super().format(record))


class JsonFormatter(logging.Formatter):
    """One JSON object a line: `at` (RFC 3339, UTC), `level`, `logger`, `message`, `error` (a traceback)."""

    def format(self, record: logging.LogRecord) -> str:
        """Write the record as one line without secrets."""
        line = {
            "at": datetime.fromtimestamp(record.created, UTC).isoformat(),
            "level": record.levelname,
            "logger": record.name,
            "message": redacted(record.getMessage()),
        }
        if record.exc_info:
            line["error"] = redacted(self.formatException(record.exc_info))
        return json.dumps(line, ensure_ascii=False)
