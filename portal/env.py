"""Reads configuration from the environment and from files the environment names.

Secrets may be given as NAME or, better, as NAME_FILE: a path whose content is the secret. Knows no Django.
"""

import os
from pathlib import Path
from urllib.parse import parse_qsl, unquote, urlsplit


class Misconfigured(RuntimeError):
    """A setting is missing or unusable; the message names it and says how to mend it."""


def text(name: str, default: str | None = None) -> str:
    """Value of NAME, or the stripped content of the file NAME_FILE points at."""
    path = os.environ.get(f"{name}_FILE")
    if path:
        try:
            return Path(path).read_text(encoding="utf-8").strip()
        except OSError as error:
            raise Misconfigured(f"{name}_FILE names {path}, which cannot be read: {error.strerror}.") from error
    value = os.environ.get(name, default)
    if value is None:
        raise Misconfigured(f"{name} is not set. Run through ./dev, or set it in the environment.")
    return value


def flag(name: str, *, default: bool = False) -> bool:
    """True for 1, true, yes, on."""
    return os.environ.get(name, "1" if default else "0").lower() in {"1", "true", "yes", "on"}


def words(name: str, default: str = "") -> list[str]:
    """A comma-separated list, blanks dropped."""
    return [word.strip() for word in os.environ.get(name, default).split(",") if word.strip()]


def database(url: str) -> dict[str, object]:
    """Django's DATABASES entry for postgresql://user:password@host:port/name?host=/socket/folder."""
    parts = urlsplit(url)
    if parts.scheme not in {"postgresql", "postgres"}:
        raise Misconfigured(f"The database URL must start with postgresql://, not {parts.scheme}://.")
    query = dict(parse_qsl(parts.query))
    host = query.pop("host", "") or unquote(parts.hostname or "")
    return {
        "ENGINE": "django.db.backends.postgresql",
        "NAME": unquote(parts.path.lstrip("/")),
        "USER": unquote(parts.username or ""),
        "PASSWORD": unquote(parts.password or ""),
        "HOST": host,
        "PORT": str(parts.port or query.pop("port", "") or "5432"),
        # Pages answer 503 within seconds where the server does not take the connection at all.
        "OPTIONS": {"connect_timeout": "3", **query},
    }


def celery_broker(url: str) -> str:
    """Celery's spelling of a redis:// or unix:// URL."""
    if url.startswith("unix://"):
        parts = urlsplit(url)
        number = dict(parse_qsl(parts.query)).get("db", "0")
        return f"redis+socket://{parts.path}?virtual_host={number}"
    return url
