"""A file that a program sends: not too large, kept once for each key, refused with what is wrong with it."""

import hashlib
from collections.abc import Callable
from typing import Any

from django.http import HttpRequest, HttpResponse
from django.utils.translation import gettext as _
from ninja.files import UploadedFile

from .once import once
from .problems import Problem


def whole(file: UploadedFile, limit_mb: int) -> bytes:
    """Everything in the file. Raises Problem (413)."""
    if (file.size or 0) > limit_mb * 1024 * 1024:
        where = ("file", _("It is larger than %(limit)s MB.") % {"limit": limit_mb}, _("Send it in smaller parts."))
        raise Problem(413, "too_large", _("The body is too large."), errors=[where])
    content: bytes = file.read()
    return content


def keep_once(
    request: HttpRequest,
    act: Callable[[], tuple[int, dict[str, Any]]],
    *,
    content: bytes,
    name: str,
    unreadable: type[Exception],
    told: bytes = b"",
) -> HttpResponse:
    """As once.once, for a file with its name and what was told of it; what the room refuses to keep (`unreadable`) is a 422."""
    try:
        return once(request, act, sent=b"\0".join((hashlib.sha256(content).digest(), name.encode("utf-8", "replace"), told)))
    except unreadable as problem:
        sentence = _(problem.message_key) % problem.params  # type: ignore[attr-defined]
        mend = ("file", sentence, _("Mend this and send it again."))
        raise Problem(422, problem.code, _("The document cannot be kept."), errors=[mend]) from problem  # type: ignore[attr-defined]
