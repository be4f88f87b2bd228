"""Bodies as JSON that means one thing: no key twice, no NaN, numbers as Decimal, at most 256 kB."""

import json
from decimal import Decimal
from typing import Any

from django.http import HttpRequest
from django.utils.translation import gettext as _
from ninja.parser import Parser

from .problems import Problem

MOST_BYTES = 256 * 1024


def _once(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    found = dict(pairs)
    if len(found) != len(pairs):
        raise ValueError("a key stands twice")
    return found


def _no_constant(name: str) -> Any:
    raise ValueError(name)


class StrictParser(Parser):
    """In place of ninja's: what two readers could read differently is refused."""

    def parse_body(self, request: HttpRequest) -> Any:
        try:
            return json.loads(request.body, parse_float=Decimal, parse_constant=_no_constant, object_pairs_hook=_once)
        except (ValueError, RecursionError) as error:
            mend = (_("the body"), _("This is no JSON, or a key stands in it twice."), _("Send one JSON object, in UTF-8."))
            raise Problem(400, "not_json", _("The body could not be read."), errors=[mend]) from error


def check_size(request: HttpRequest) -> None:
    """Raise a 413 for what is larger than any order."""
    length = request.META.get("CONTENT_LENGTH") or "0"
    # No server reads past the length that was said (portal/bodies.py).
    if not length.isdecimal() or int(length) > MOST_BYTES:
        where = (_("the body"), _("It is larger than 256 kB."), _("Send fewer lines at once."))
        raise Problem(413, "too_large", _("The body is too large."), errors=[where])


def check_body(request: HttpRequest) -> None:
    """Raise a 413 or a 415 before anything of the body is read."""
    check_size(request)
    if request.method == "POST" and request.content_type != "application/json":
        raise Problem(415, "not_json", _("Send the body as application/json."))


def check_form(request: HttpRequest) -> None:
    """Raise a 415 for a document that comes otherwise than as a form with a file. Its size was asked before (portal/bodies.py)."""
    if request.method == "POST" and request.content_type != "multipart/form-data":
        raise Problem(415, "not_a_form", _("Send the document as multipart/form-data, in the field file."))
