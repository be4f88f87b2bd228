"""What a program may do, how a message to one is signed, and how long an address is tried. Pure."""

import datetime as dt
import hashlib
import hmac
from typing import Any
from urllib.parse import urlsplit

from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

# Scope -> what it lets a program do.
SCOPES = {
    "orders:check": gettext_lazy("ask whether an order may ship, cancel, substitute"),
    "orders:ship": gettext_lazy("record shipments and returns"),
    "orders:read": gettext_lazy("read order lines and balances"),
    "events:send": gettext_lazy("send events (EPCIS); a person commits what is read"),
}
# Only programs of the manufacturer may do these.
MAKER_SCOPES = {"evidence:send": gettext_lazy("send documents as evidence; a person confirms what is read")}
TOKEN_SECONDS = 900
# How long after a failure the next try follows: doubling, at most six hours.
FIRST_PAUSE, LONGEST_PAUSE = dt.timedelta(seconds=15), dt.timedelta(hours=6)
GIVE_UP_AFTER = dt.timedelta(days=3)
SIGNATURE_HEADER, TIME_HEADER, ID_HEADER = "Portal-Signature", "Portal-Timestamp", "Portal-Delivery"


def down_key(webhook_id: str) -> str:
    """Where the cache says that an address is left alone, and for which message."""
    return f"webhook-down:{webhook_id}"


def scopes_for(*, is_maker: bool) -> dict[str, Any]:
    """What programs of the manufacturer, or of anybody else, may be made to do."""
    return {**SCOPES, **MAKER_SCOPES} if is_maker else SCOPES


def wanted_scopes(text: str, allowed: list[str]) -> list[str] | None:
    """The scopes of a token request, all that are allowed where it names none; None where it names another."""
    asked = text.split()
    return None if set(asked) - set(allowed) else sorted(set(asked) or set(allowed))


def signature(secret: str, moment: int, body: bytes) -> str:
    """`v1=` and the HMAC-SHA256 over "<seconds>.<body>": whoever checks the time too takes no message twice."""
    return "v1=" + hmac.new(secret.encode(), f"{moment}.".encode() + body, hashlib.sha256).hexdigest()


def pause_after(tries: int) -> dt.timedelta:
    """How long to wait after so many failures."""
    return min(FIRST_PAUSE * 2 ** min(max(tries - 1, 0), 12), LONGEST_PAUSE)


def url_problem(url: str, private_hosts: frozenset[str]) -> str:
    """What is wrong with an address as written; empty when nothing. `private_hosts` are those that the operator named."""
    try:
        parts = urlsplit(url)
        port = parts.port
    except ValueError:
        return _("This is no address; it looks like https://example.com/path.")
    if not url.isascii() or any(c.isspace() for c in url) or not parts.hostname:
        return _("This is no address; it looks like https://example.com/path.")
    if parts.username or parts.password or parts.fragment:
        return _("Leave out user names, passwords and what follows a #.")
    if parts.hostname in private_hosts:
        return "" if parts.scheme in {"http", "https"} else _("The address begins with https://.")
    if parts.scheme != "https":
        return _("The address begins with https://.")
    if port not in {None, 443, 8443}:
        return _("Use port 443 or 8443.")
    return ""
