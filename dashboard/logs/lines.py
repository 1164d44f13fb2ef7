"""What a log line looks like: one to read, or one JSON object; both with what the work belongs to."""

import json
import logging
from collections.abc import Mapping
from contextvars import ContextVar
from datetime import UTC, datetime
from typing import Any

from dashboard.logs.redaction import redacted, without_secrets

# What all lines of one piece of work share: the id of its request, or of its task.
context: ContextVar[Mapping[str, object]] = ContextVar("context", default={})  # noqa: B039 - never changed

_PLAIN = frozenset(vars(logging.makeLogRecord({}))) | {"message", "asctime"}
# Django hands over whole requests and answers, Celery its arguments: what they are is said otherwise.
_OBJECTS = {"request", "status_code", "server_time", "data", "task", "args", "kwargs"}
# Fields that the message of a request's line says already.
_SAID = {"method", "path", "status"}

# A line for every sweep would be three a second, and Daphne tells how it is built. What a request was refused
# with is in its own line, so that Django's warnings of it would come twice.
QUIET = {"axes": "WARNING", "celery.app.trace": "WARNING", "celery.worker": "WARNING", "daphne": "WARNING"}
QUIET |= {"django.request": "ERROR"}

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
            **{name: {"level": least} for name, least in QUIET.items()},
            **{name: {"level": "WARNING", "filters": ["one_line"]} for name in TALKATIVE},
            **{name: {"level": "ERROR"} for name in REPEATING},
        },
    }


def fields_of(record: logging.LogRecord) -> dict[str, object]:
    """Return what a record says beside its message: its work's context, and its own `extra`."""
    own = {name: value for name, value in vars(record).items() if name not in _PLAIN | _OBJECTS}
    return without_secrets({**context.get(), **own})


def _shown(value: object) -> str:
    # Names and reasons from outside must not begin a line, or a field, of their own.
    text = str(value)
    return text if text.isprintable() and " " not in text else json.dumps(text, ensure_ascii=True)


class OneLine(logging.Filter):
    """Keeps the first line of each record, for a logger whose stacks say nothing that the line does not."""

    def filter(self, record: logging.LogRecord) -> bool:
        """Let every record pass, without its stack."""
        record.msg, record.args = record.getMessage().partition("\n")[0], None
        record.exc_info = record.exc_text = record.stack_info = None
        return True


class TextFormatter(logging.Formatter):
    """A line to read: time, level, logger, message and fields; a traceback below it."""

    def format(self, record: logging.LogRecord) -> str:
        """Write the record, its traceback included, without secrets."""
        first, *rest = redacted(super().format(record)).split("\n")
        told = [f"{name}={_shown(value)}" for name, value in fields_of(record).items() if name not in _SAID]
        return "\n".join([" ".join([first, *told]), *rest])


class JsonFormatter(logging.Formatter):
    """One JSON object a line: `at` (UTC), `level`, `logger`, `message`, the fields, `error` (a traceback)."""

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
        # Twice, so that the line begins with what is its own, and no field can pose as that.
        return json.dumps({**line, **fields_of(record), **line}, ensure_ascii=False)
