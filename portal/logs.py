"""Log lines as JSON on standard output, the same in every process: who, what, on which object, with what outcome.

Ids only. A key that is not on the list is dropped and a value that is no id, code or number is withheld, so that a line
written in haste gives away no name, no text and no token. Of an exception the class and the places remain; its message
and the variables of its frames do not. Knows no Django: the beat and
gunicorn's first process load none.
"""

import json
import logging
import logging.config
import os
import re
import sys
import traceback
from typing import Any, TextIO

import structlog

KEYS = frozenset(
    ("time", "level", "event", "logger", "process", "request", "actor", "organisation", "action", "object", "outcome", "rule")
    + ("kind", "error", "frames", "route", "method", "status", "ms", "job", "mail", "party", "source", "version", "entries")
    + ("attempts", "reference")
)
# What an id, a code, a class, a route or a place in a file looks like; a name or a sentence has spaces or other scripts.
_ID = re.compile(r"[A-Za-z0-9_.:/+<>\-]{0,120}")
# Those whose templates are known to hold nothing: the arguments are left out in any case.
_TEMPLATES = ("gunicorn.", "celery", "kombu")
_MOST_FRAMES = 12
# Routes that machines ask every few seconds; and those of tips, of whose sender no line says even when.
QUIET = frozenset({"healthz", "readyz", "channel:tip", "channel:tip-again"})


def places(error: BaseException) -> list[str]:
    """Where it went wrong, outermost first: file:line:function and nothing of what was in the variables."""
    frames = traceback.extract_tb(error.__traceback__, limit=-_MOST_FRAMES)
    return ["/".join(f.filename.split("/")[-2:]) + f":{f.lineno}:{f.name}" for f in frames]


def _classes(error: BaseException) -> str:
    """The class, and the class of what caused it."""
    cause = error.__cause__ or (None if error.__suppress_context__ else error.__context__)
    return type(error).__name__ + (f"<{type(cause).__name__}" if cause is not None else "")


def _exception(_logger: Any, _method: str, line: dict[str, Any]) -> dict[str, Any]:
    info = line.pop("exc_info", None)
    error = sys.exc_info()[1] if info is True else info[1] if isinstance(info, tuple) else info
    if isinstance(error, BaseException):
        line["error"], line["frames"] = _classes(error), places(error)
    return line


def _safe(value: Any) -> Any:
    if value is None or isinstance(value, bool | int | float):
        return value
    if isinstance(value, list | tuple):
        return [_safe(item) for item in value]
    text = str(value)
    return text if _ID.fullmatch(text) else "withheld"


def allow(_logger: Any, _method: str, line: dict[str, Any]) -> dict[str, Any]:
    """Known keys with fit values. The event itself is a sentence of ours, written in the source."""
    event = line.pop("event", "")
    return {"event": event, **{key: _safe(value) for key, value in line.items() if key in KEYS}}


def _process(_logger: Any, _method: str, line: dict[str, Any]) -> dict[str, Any]:
    line.setdefault("process", os.environ.get("PORTAL_PROCESS") or os.environ.get("PORTAL_AS", "app"))
    return line


_SHARED: list[Any] = [
    structlog.contextvars.merge_contextvars,
    structlog.processors.add_log_level,
    structlog.processors.TimeStamper(fmt="iso", utc=True, key="time"),
    _process,
    _exception,
    allow,
]


class Lines(logging.Formatter):
    """A record of somebody else's library as a line of ours: its logger, level and error, never its arguments."""

    def format(self, record: logging.LogRecord) -> str:
        known = record.name.startswith(_TEMPLATES) and isinstance(record.msg, str)
        line: dict[str, Any] = {"event": record.msg if known else record.name, "logger": record.name, "exc_info": record.exc_info}
        line["status"] = getattr(record, "status_code", None)
        request = getattr(record, "request", None)
        line["route"] = route_of(request) if request is not None else None
        for processor in _SHARED:
            line = processor(None, record.levelname.lower(), line)
        return json.dumps({key: value for key, value in line.items() if value is not None}, ensure_ascii=True)


class Out(logging.StreamHandler):  # type: ignore[type-arg]
    """Standard output as it is at the time of writing: a fork or a test may have put another in its place."""

    def __init__(self) -> None:
        logging.Handler.__init__(self)

    @property
    def stream(self) -> TextIO:  # type: ignore[override]
        return sys.stdout


def route_of(request: Any) -> str:
    """The name of the address, never the address: an address may hold a one-time token."""
    match = getattr(request, "resolver_match", None)
    return str(match.view_name or "unnamed") if match is not None else "none"


def is_no_answer(record: logging.LogRecord) -> bool:
    """Whether a line of Django's own about a request is written: of the quiet addresses only failures of ours are.

    Django calls every 503 an error; of /readyz it is the answer while a part is still starting. And what it warns of, such as a form's
    key that was refused, holds the hour at which somebody sent a tip.
    """
    request = getattr(record, "request", None)
    if request is None or route_of(request) not in QUIET:
        return True
    return record.levelno >= logging.ERROR and getattr(record, "status_code", None) != 503  # noqa: PLR2004


def configure() -> None:
    """Set up structlog and logging. May be called again."""
    structlog.configure(
        processors=[*_SHARED, structlog.processors.JSONRenderer(ensure_ascii=True)],
        wrapper_class=structlog.make_filtering_bound_logger(logging.INFO),
        logger_factory=structlog.PrintLoggerFactory(),
        cache_logger_on_first_use=False,
    )
    logging.config.dictConfig(
        {
            "version": 1,
            "disable_existing_loggers": False,
            "formatters": {"lines": {"()": Lines}},
            "filters": {"answers": {"()": lambda: is_no_answer}},
            "handlers": {"out": {"()": Out, "formatter": "lines", "filters": ["answers"]}},
            "root": {"handlers": ["out"], "level": "WARNING"},
            # Each request has its own line (portal/requests.py); what Django adds below an error is its path.
            "loggers": {
                "django.request": {"level": "ERROR"},
                "django.server": {"level": "ERROR"},
                # Every name on the page that a font has not, once more in words.
                "weasyprint": {"level": "ERROR"},
                "fontTools": {"level": "ERROR"},
            },
        }
    )
    logging.captureWarnings(capture=not sys.warnoptions)
