"""Reads of programs and webhooks: each organisation its own."""

from django.conf import settings
from django.db import connection
from django.db.models import QuerySet

from certifications.people.actions import token_hash
from certifications.people.models import Organisation, User
from certifications.people.permissions import Permission, may

from .models import ApiClient, Webhook

MANAGERS = (Permission.MANAGE_OWN_PROGRAMS, Permission.MANAGE_MAKER_PROGRAMS)


def organisation_managed_by(user: User) -> Organisation | None:
    """The organisation whose programs the user may make and revoke: one's own, for who has the right."""
    return user.organisation if any(may(user, right) for right in MANAGERS) else None


def clients_visible_to(user: User) -> QuerySet[ApiClient]:
    """Programs of one's own organisation, newest first."""
    own = organisation_managed_by(user)
    return ApiClient.objects.filter(organisation=own).order_by("-made_at") if own is not None else ApiClient.objects.none()


def webhooks_visible_to(user: User) -> QuerySet[Webhook]:
    """Addresses of one's own organisation that were not removed, newest first."""
    own = organisation_managed_by(user)
    found = Webhook.objects.filter(organisation=own, removed_at__isnull=True) if own is not None else Webhook.objects.none()
    return found.order_by("-made_at")


def private_hosts(organisation: Organisation) -> frozenset[str]:
    """Hosts of the installation's own network that the organisation's addresses may lead to: the manufacturer's, and nobody else's.

    A distributor that could name one would have the portal post to any port and path of a machine that it cannot reach itself.
    """
    own = organisation.kind == Organisation.Kind.MANUFACTURER
    return frozenset(host.lower() for host in settings.WEBHOOK_PRIVATE_HOSTS) if own else frozenset()


_TOKEN = """
SELECT t.scopes, c.id, c.organisation_id, c.scopes, c.last_used_at, o.kind, o.name
FROM certifications_accesstoken t JOIN certifications_apiclient c ON c.id = t.client_id
JOIN certifications_organisation o ON o.id = c.organisation_id
WHERE t.token_hash = %s AND t.expires_at > clock_timestamp() AND c.revoked_at IS NULL
"""


def live_token(token: str) -> tuple[ApiClient, list[str]] | None:
    """The program and the scopes of a token that is good now; None alike for unknown, run out and revoked ones.

    By hand, because every request asks it (`./dev bench orders`).
    """
    with connection.cursor() as cursor:
        cursor.execute(_TOKEN, [token_hash(token)])
        row = cursor.fetchone()
    if row is None:
        return None
    scopes, pk, organisation_id, own_scopes, last_used_at, kind, name = row
    # Values in the order of the models' fields, which is what from_db goes by.
    client = ApiClient.from_db(
        "default", ["id", "organisation_id", "scopes", "last_used_at"], [pk, organisation_id, own_scopes, last_used_at]
    )
    client.organisation = Organisation.from_db("default", ["id", "kind", "name"], [organisation_id, kind, name])
    return client, scopes
