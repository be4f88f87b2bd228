"""Idempotency-Key: the same key and the same request get the same answer; the act and its kept answer are one transaction.

Refusals are not kept: they changed nothing, and the same request may succeed later.
"""

import hashlib
import json
from collections.abc import Callable
from typing import Any

from django.db import transaction
from django.http import HttpRequest, HttpResponse
from django.utils.translation import gettext as _

from certifications.machines import actions as machines
from certifications.machines.models import ApiClient

from .problems import Problem

HEADER = "Idempotency-Key"


def _key_of(request: HttpRequest) -> str:
    key = request.headers.get(HEADER, "")
    if not 8 <= len(key) <= 80 or not key.isascii() or not key.isprintable():  # noqa: PLR2004
        mend = _("Send between 8 and 80 printable characters that you use for this request alone, such as a UUID.")
        raise Problem(400, "no_key", _("This request needs an idempotency key."), errors=[(HEADER, _("It is missing or no key."), mend)])
    return key


def once(request: HttpRequest, act: Callable[[], tuple[int, dict[str, Any]]], *, sent: bytes | None = None) -> HttpResponse:
    """Carry `act` out, or give the answer that was given before. Raises Problem (no_key, key_reused) and whatever `act` raises.

    `sent` stands for the request's body where that is a form with a file, whose boundary differs each time.
    """
    client: ApiClient = request.auth  # type: ignore[attr-defined]
    key = _key_of(request)
    print_of = hashlib.sha256(
        b"\0".join((str(request.method).encode(), request.path.encode(), request.body if sent is None else sent))
    ).hexdigest()
    with transaction.atomic():
        row, is_new = machines.keep_answer(client=client, key=key, fingerprint=print_of)
        if not is_new and row.fingerprint != print_of:
            where = (
                HEADER,
                _("It was used for another request."),
                _("Use a new key for each request; repeat one only with the same body."),
            )
            raise Problem(409, "key_reused", _("This idempotency key belongs to another request."), errors=[where])
        if is_new:
            row.status, answer = act()
            row.body = json.dumps(answer, ensure_ascii=False)
            machines.answered(row, status=row.status, body=row.body)
    response = HttpResponse(row.body, status=row.status, content_type="application/json")
    if not is_new:
        response["Idempotency-Replayed"] = "true"
    return response
