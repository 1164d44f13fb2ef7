"""What a log line looks like, and what never appears in one."""

import json
import logging
import re
from datetime import UTC, datetime
from typing import Any

HIDDEN = "***"
SECRETS = (
    re.compile(r"(?P<keep>\w+://[^\s:/@]*:)[^\s@/]+(?=@)"),  # the password of an address
    re.compile(r"(?P<keep>\bBearer\s+)\S+", re.IGNORECASE),
    re.compile(r"(?P<keep>\bfs_)[\w.\-]+"),  # an API key
)

# A line for every sweep would be three a second, and Daphne tells how it is built.
QUIET = ("axes", "celery.app.trace", "celery.worker", "daphne")

# A stack or two for every second without Redis would hide everything else.
TALKATIVE = ("celery.beat", "celery.worker.consumer.consumer", "celery.worker.request")

# Warns of each try to connect while the database is away; what could not be stored says so itself.
REPEATING = ("psycopg.pool",)


def configuration(level: str, line_format: str) -> dict[str, Any]:
    """Everything to standard error, as `text` or `json` lines, from `level` on."""
    return {
        "version": 1,
        "disable_existing_loggers": False,
        "formatters": {
            "text": {"()": TextFormatter, "format": "%(asctime)s %(levelname)s %(name)s: %(message)s"},
            "json": {"()": JsonFormatter},
        },
        "filters": {"one_line": {"()": OneLine}},
        "handlers": {"stderr": {"class": "logging.StreamHandler", "formatter": line_format}},
        "root": {"handlers": ["stderr"], "level": level},
        "loggers": {
            "django": {"handlers": [], "propagate": True},
            "py.warnings": {"level": "ERROR"},
            **{name: {"level": "WARNING"} for name in QUIET},
            **{name: {"level": "WARNING", "filters": ["one_line"]} for name in TALKATIVE},
            **{name: {"level": "ERROR"} for name in REPEATING},
        },
    }


def redacted(line: str) -> str:
    """The line without passwords, tokens and keys."""
    for secret in SECRETS:
        line = secret.sub(rf"\g<keep>{HIDDEN}", line)
    return line


class OneLine(logging.Filter):
    """Keeps the first line of each record, for a logger whose stacks say nothing that the line does not."""

    def filter(self, record: logging.LogRecord) -> bool:
        """Let every record pass, without its stack."""
        record.msg, record.args = record.getMessage().partition("\n")[0], None
        record.exc_info = record.exc_text = record.stack_info = None
        return True


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
