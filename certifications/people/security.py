"""Security events: who came in, who was refused, which limit was reached, whose rights changed, what was taken out.

One function writes the row and the log line. Ids and codes only: no name, no address, nothing that was typed.
"""

from typing import Any

import structlog

from .models import SecurityEvent

log = structlog.get_logger(__name__)


def note(code: str, *, user_id: str = "", **data: str | int | list[str]) -> SecurityEvent:
    """Keep one event in the caller's transaction, if there is one."""
    said = {key: value for key, value in data.items() if key in {"rule", "object", "kind", "route", "status"}}
    log.info("security", action=code, **({"actor": user_id} if user_id else {}), **said)
    return SecurityEvent.objects.create(code=code, user_id=user_id, data=data)


def user_id_of(user: Any) -> str:
    """The id of whoever asks; empty for nobody."""
    return str(user.pk) if getattr(user, "is_authenticated", False) else ""
