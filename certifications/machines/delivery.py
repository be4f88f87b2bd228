"""Sends one message to one address, signed, to public addresses alone, following nothing. Rows say when to try again.

The address that was checked is the address that is connected to: a name that answers differently the second time reaches
nobody (DNS rebinding). Nothing of the answer is kept but its status.
"""

import datetime as dt
import http.client
import ipaddress
import json
import re
import socket
import ssl
import time
from collections.abc import Sequence
from urllib.parse import urlsplit

import structlog
from django.core.cache import cache
from django.db import transaction
from django.db.models import F
from django.db.models.functions import Now
from django.utils import timezone

from certifications.ledger.actions import record
from certifications.mail.actions import send_later
from certifications.people.limits import place
from certifications.people.queries import recipients
from certifications.work.actions import Later

from . import secrets as kept
from .models import Delivery, Webhook
from .queries import MANAGERS, private_hosts
from .rules import GIVE_UP_AFTER, ID_HEADER, SIGNATURE_HEADER, TIME_HEADER, down_key, pause_after, signature, url_problem

log = structlog.get_logger(__name__)
SECONDS = 10
MOST_ADDRESSES = 4
# For how long others wait after one message did not arrive, and after nobody had a place to send from.
QUIET, MOST_REST, NO_PLACE = dt.timedelta(seconds=60), dt.timedelta(hours=1), dt.timedelta(seconds=5)
# So many organisations' messages leave at the same time: who has addresses that hang holds up its own.
PLACES = 2
# RFC 6052 and 2765: a private IPv4 address in the clothes of an IPv6 one.
_TRANSLATED = tuple(ipaddress.ip_network(net) for net in ("64:ff9b::/96", "64:ff9b:1::/48", "::ffff:0:0/96", "2002::/16", "2001::/32"))


class Refused(Exception):
    """The address leads where nothing is sent. The message is a code, never what was resolved."""


def is_public(address: str) -> bool:
    """Whether an address is one of the public network: not loopback, link-local, private, multicast, reserved or translated."""
    found = ipaddress.ip_address(address)
    if isinstance(found, ipaddress.IPv6Address) and (found.scope_id or any(found in net for net in _TRANSLATED)):
        return False
    return found.is_global and not (found.is_multicast or found.is_reserved or found.is_unspecified)


def addresses_of(host: str, port: int, *, any_network: bool) -> list[str]:
    """Every address of the host, if all of them may be reached. Raises Refused (unresolved, private)."""
    try:
        found = list(dict.fromkeys(str(row[4][0]) for row in socket.getaddrinfo(host, port, type=socket.SOCK_STREAM)))
    except (OSError, UnicodeError) as error:
        raise Refused("unresolved") from error
    if not any_network and not all(is_public(address) for address in found):
        # One private address among public ones is a trick and no mistake.
        raise Refused("private")
    return found


def post(url: str, body: bytes, headers: dict[str, str], private: frozenset[str] = frozenset()) -> int:
    """The status of the answer; redirects are answers. `private` are hosts that may be of any network. Raises Refused, OSError, http.client.HTTPException."""
    parts = urlsplit(url)
    host = parts.hostname or ""
    if url_problem(url, private):
        raise Refused("address")
    port = parts.port or (443 if parts.scheme == "https" else 80)
    found, until = addresses_of(host, port, any_network=host in private), time.monotonic() + SECONDS
    channel = _connected(found, port)
    try:
        if parts.scheme == "https":
            channel = ssl.create_default_context().wrap_socket(channel, server_hostname=host)
        connection = http.client.HTTPConnection(host, port)
        connection.sock = channel
        path = (parts.path or "/") + (f"?{parts.query}" if parts.query else "")
        connection.request("POST", path, body, headers)
        return _status(channel, until)
    finally:
        channel.close()


def _connected(addresses: Sequence[str], port: int) -> socket.socket:
    """To the first address that answers: one of two families may lead nowhere from here."""
    *first, last = addresses[:MOST_ADDRESSES]
    seconds = SECONDS / (len(first) + 1)
    for address in first:
        try:
            return socket.create_connection((address, port), timeout=seconds)
        except OSError:
            continue
    return socket.create_connection((last, port), timeout=seconds)


def _status(channel: socket.socket, until: float) -> int:
    """The status, read within the time that is left however slowly it drips; what follows it is not looked at."""
    said = b""
    while b"\n" not in said and len(said) < 1024:  # noqa: PLR2004 - a status line has some twenty bytes
        left = until - time.monotonic()
        if left <= 0:
            raise TimeoutError
        channel.settimeout(left)
        part = channel.recv(1024 - len(said))
        if not part:
            break
        said += part
    found = re.match(rb"HTTP/1\.[01] ([1-5][0-9]{2})[ \r\n]", said)
    if found is None:
        raise http.client.BadStatusLine("no answer of HTTP")
    return int(found[1])


def message_of(delivery: Delivery) -> bytes:
    """The body: what happened to which ids, and when. Whoever wants to know more asks the API."""
    found = {"id": delivery.pk, "type": delivery.type, "at": delivery.made_at.strftime("%Y-%m-%dT%H:%M:%SZ"), "data": delivery.data}
    return json.dumps(found, sort_keys=True, separators=(",", ":")).encode()


def deliver(delivery_id: str) -> None:
    """Worker: try one message. Raises Later when it did not arrive and the address is still to be tried."""
    delivery = Delivery.objects.select_related("webhook__organisation").filter(pk=delivery_id, state=Delivery.State.WAITING).first()
    if delivery is None:
        return
    hook = delivery.webhook
    if hook.removed_at or hook.disabled_at:
        Delivery.objects.filter(pk=delivery.pk).update(state=Delivery.State.GIVEN_UP)
        return
    # One address that hangs must not keep the workers from what is due elsewhere: one message of an organisation at a time leaves, and
    # after one that did not arrive the address is left alone by the others.
    waits_for = cache.get(down_key(hook.pk))
    if waits_for not in {None, delivery.pk}:
        raise Later("webhook is down", rest(hook))
    with place(f"webhooks:{hook.organisation_id}", 1, 6 * SECONDS) as own, place("webhooks", PLACES, 6 * SECONDS) as common:
        if not (own and common):
            raise Later("others are being sent", NO_PLACE)
        answer = _try(delivery)
    Delivery.objects.filter(pk=delivery.pk).update(tries=F("tries") + 1, last_answer=answer[:60])
    if answer.isdecimal() and 200 <= int(answer) < 300:  # noqa: PLR2004 - the successes of HTTP
        Delivery.objects.filter(pk=delivery.pk).update(state=Delivery.State.ARRIVED, arrived_at=Now())
        Webhook.objects.filter(pk=hook.pk, failing_since__isnull=False).update(failing_since=None)
        cache.delete(down_key(hook.pk))
        return
    cache.set(down_key(hook.pk), delivery.pk, rest(hook).total_seconds())
    Webhook.objects.filter(pk=hook.pk, failing_since__isnull=True).update(failing_since=Now())
    if _over(hook):
        return
    raise Later(f"webhook answered {answer}", pause_after(delivery.tries + 1))


def rest(hook: Webhook) -> dt.timedelta:
    """How long an address is left alone after a message that did not arrive: the longer the longer nothing arrives there."""
    failing = timezone.now() - hook.failing_since if hook.failing_since else dt.timedelta(0)
    return min(max(QUIET, failing / 10), MOST_REST)


def _try(delivery: Delivery) -> str:
    """The status of the answer as text, or a code for what kept it from arriving."""
    body, moment = message_of(delivery), int(time.time())
    headers = {
        "Content-Type": "application/json",
        "User-Agent": "end-use-portal",
        TIME_HEADER: str(moment),
        ID_HEADER: delivery.pk,
        SIGNATURE_HEADER: signature(kept.show(delivery.webhook.secret), moment, body),
    }
    try:
        return str(post(delivery.webhook.url, body, headers, private_hosts(delivery.webhook.organisation)))
    except Refused as refusal:
        return str(refusal)
    except TimeoutError:
        return "timeout"
    except (OSError, http.client.HTTPException) as error:
        log.info("webhook not reached", object=delivery.webhook_id, error=type(error).__name__)
        return type(error).__name__


@transaction.atomic
def _over(hook: Webhook) -> bool:
    """Disable an address at which nothing arrived for days, and tell who manages it. True when it is disabled."""
    held = Webhook.objects.select_for_update().select_related("organisation").get(pk=hook.pk)
    if held.disabled_at is not None:
        return True
    if held.failing_since is None or timezone.now() - held.failing_since < GIVE_UP_AFTER:
        return False
    Webhook.objects.filter(pk=hook.pk).update(disabled_at=Now())
    Delivery.objects.filter(webhook=hook, state=Delivery.State.WAITING).update(state=Delivery.State.GIVEN_UP)
    record(verb="webhook.disabled", obj=held, by=None)
    for user in {u.pk: u for right in MANAGERS for u in recipients(right, held.organisation)}.values():
        send_later(to_user=user, template="webhook_disabled", context={})
    return True
