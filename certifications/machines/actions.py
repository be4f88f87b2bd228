"""The only writes to programs, tokens and webhooks. A secret is shown once by what is returned here, and kept nowhere."""

import datetime as dt
import hmac
import secrets
from collections.abc import Iterable, Sequence
from typing import Any

from django.core.cache import cache
from django.db import connection, transaction
from django.db.models import Q
from django.db.models.functions import Now
from django.utils import timezone
from django.utils.translation import gettext as _

from certifications.ledger.actions import record
from certifications.ledger.canonical import canonical, sha256_hex
from certifications.ledger.moves import NotAllowed, StaleState
from certifications.people.actions import token_hash
from certifications.people.models import FactorProof, Organisation, User
from certifications.work.actions import enqueue_many

from . import secrets as kept
from .models import AccessToken, ApiClient, Delivery, KeptAnswer, Webhook
from .queries import organisation_managed_by, private_hosts
from .rules import TOKEN_SECONDS, down_key, scopes_for, url_problem, wanted_scopes

MOST = 20
KEEP_ANSWERS = dt.timedelta(days=7)
KEEP_DELIVERIES = dt.timedelta(days=30)
# Writing "last used" with every request would make every request wait for the one before.
TOUCH_EVERY = dt.timedelta(minutes=1)


def client_digest(*, organisation: Organisation, name: str, scopes: Iterable[str]) -> str:
    """What the second factor is given for."""
    return sha256_hex(canonical({"client": name.strip(), "organisation": organisation.pk, "scopes": sorted(set(scopes))}))


def webhook_digest(*, organisation: Organisation, url: str) -> str:
    """What the second factor is given for."""
    return sha256_hex(canonical({"organisation": organisation.pk, "webhook": url.strip()}))


def _managed(by: User) -> Organisation:
    own = organisation_managed_by(by)
    if own is None:
        raise NotAllowed(_("You may not manage the programs of an organisation."), "organisation")
    return own


def check_client(*, by: User, name: str, scopes: Iterable[str]) -> Organisation:
    """Raise NotAllowed (organisation, name, scopes) before a factor is spent; returns whose program it would be."""
    own = _managed(by)
    if not name.strip():
        raise NotAllowed(_("Give the program a name by which you will know it."), "name")
    chosen = set(scopes)
    if not chosen or chosen - scopes_for(is_maker=own.kind == own.Kind.MANUFACTURER).keys():
        raise NotAllowed(_("Choose at least one thing that the program may do."), "scopes")
    if ApiClient.objects.filter(organisation=own, revoked_at__isnull=True).count() >= MOST:
        raise NotAllowed(_("Your organisation has as many programs as it may. Revoke one that is no longer used."), "name")
    return own


@transaction.atomic
def make_client(*, by: User, name: str, scopes: Iterable[str], proof: FactorProof) -> tuple[ApiClient, str]:
    """A program and its secret. Raises as check_client, and NotAllowed (digest) for a factor that was given for other words."""
    own = check_client(by=by, name=name, scopes=scopes)
    if proof.user_id != by.pk or proof.digest != client_digest(organisation=own, name=name, scopes=scopes):
        raise NotAllowed(_("The second factor was given for other words. Read them again."), "digest")
    secret = secrets.token_urlsafe(32)
    made = ApiClient.objects.create(
        organisation=own,
        name=name.strip(),
        scopes=sorted(set(scopes)),
        secret_hash=token_hash(secret),
        made_by=by,
        made_proof_id=proof.pk,
    )
    record(verb="client.made", obj=made, by=by, data={"scopes": made.scopes, "proof": proof.pk})
    return made, secret


@transaction.atomic
def revoke_client(*, client: ApiClient, by: User) -> None:
    """End a program and its tokens at once. Raises NotAllowed (organisation), StaleState."""
    if _managed(by).pk != client.organisation_id:
        raise NotAllowed(_("This program belongs to another organisation."), "organisation")
    if not ApiClient.objects.filter(pk=client.pk, revoked_at__isnull=True).update(revoked_at=Now(), revoked_by=by):
        raise StaleState(_("This program was revoked already."))
    AccessToken.objects.filter(client=client).delete()
    record(verb="client.revoked", obj=client, by=by)


class NoToken(Exception):
    """No token: `error` is the code of RFC 6749, section 5.2."""

    def __init__(self, error: str) -> None:
        super().__init__(error)
        self.error = error


def issue_token(*, client_id: str, secret: str, scope: str) -> tuple[str, AccessToken]:
    """A token for a program that knows its secret. Raises NoToken (invalid_client, invalid_scope).

    An unknown program costs the same comparison as a wrong secret.
    """
    client = ApiClient.objects.filter(pk=client_id[:26], revoked_at__isnull=True).first()
    wanted = client.secret_hash if client is not None else "0" * 64
    if not hmac.compare_digest(token_hash(secret), wanted) or client is None:
        raise NoToken("invalid_client")
    scopes = wanted_scopes(scope, client.scopes)
    if scopes is None:
        raise NoToken("invalid_scope")
    token = secrets.token_urlsafe(32)
    made = AccessToken.objects.create(
        token_hash=token_hash(token), client=client, scopes=scopes, expires_at=timezone.now() + dt.timedelta(seconds=TOKEN_SECONDS)
    )
    return token, made


def touch(client: ApiClient) -> None:
    """Note that the program asked, at most once a minute."""
    now = timezone.now()
    if client.last_used_at is None or now - client.last_used_at > TOUCH_EVERY:
        stale = Q(last_used_at__isnull=True) | Q(last_used_at__lt=now - TOUCH_EVERY)
        ApiClient.objects.filter(stale, pk=client.pk).update(last_used_at=Now())


_NEW_KEY = """
INSERT INTO certifications_keptanswer (client_id, key, fingerprint, status, body) VALUES (%s, %s, %s, 0, '')
ON CONFLICT (client_id, key) DO NOTHING RETURNING id
"""


def keep_answer(*, client: ApiClient, key: str, fingerprint: str) -> tuple[KeptAnswer, bool]:
    """The row of this key, and whether it is new: then the caller carries the request out and writes the answer by `answered`.

    Called in the transaction of the request: a second one with the same key waits here until the first is done.
    """
    with connection.cursor() as cursor:
        cursor.execute(_NEW_KEY, [client.pk, key, fingerprint])
        made = cursor.fetchone()
    if made is not None:
        return KeptAnswer(pk=made[0], client=client, key=key, fingerprint=fingerprint), True
    return KeptAnswer.objects.get(client=client, key=key), False


def answered(row: KeptAnswer, *, status: int, body: str) -> None:
    """Keep the answer, in the transaction of what it answers."""
    KeptAnswer.objects.filter(pk=row.pk).update(status=status, body=body)


def check_webhook(*, by: User, url: str) -> Organisation:
    """Raise NotAllowed (organisation, url) before a factor is spent."""
    own = _managed(by)
    problem = url_problem(url.strip(), private_hosts(own))
    if problem:
        raise NotAllowed(problem, "url")
    if Webhook.objects.filter(organisation=own, removed_at__isnull=True).count() >= MOST:
        raise NotAllowed(_("Your organisation has as many addresses as it may. Remove one that is no longer used."), "url")
    return own


@transaction.atomic
def make_webhook(*, by: User, url: str, proof: FactorProof) -> tuple[Webhook, str]:
    """An address and the secret that signs what is sent there. Raises as check_webhook, and NotAllowed (digest)."""
    own = check_webhook(by=by, url=url)
    if proof.user_id != by.pk or proof.digest != webhook_digest(organisation=own, url=url):
        raise NotAllowed(_("The second factor was given for other words. Read them again."), "digest")
    secret = secrets.token_urlsafe(32)
    made = Webhook.objects.create(organisation=own, url=url.strip(), secret=kept.hide(secret), made_by=by, made_proof_id=proof.pk)
    record(verb="webhook.made", obj=made, by=by, data={"proof": proof.pk})
    return made, secret


@transaction.atomic
def remove_webhook(*, webhook: Webhook, by: User) -> None:
    """Tell the address nothing more. Raises NotAllowed (organisation), StaleState."""
    if _managed(by).pk != webhook.organisation_id:
        raise NotAllowed(_("This address belongs to another organisation."), "organisation")
    if not Webhook.objects.filter(pk=webhook.pk, removed_at__isnull=True).update(removed_at=Now(), removed_by=by):
        raise StaleState(_("This address was removed already."))
    Delivery.objects.filter(webhook=webhook, state=Delivery.State.WAITING).update(state=Delivery.State.GIVEN_UP)
    record(verb="webhook.removed", obj=webhook, by=by)


@transaction.atomic
def enable_webhook(*, webhook: Webhook, by: User) -> None:
    """Try an address again that was disabled because nothing arrived. Raises NotAllowed (organisation), StaleState."""
    if _managed(by).pk != webhook.organisation_id:
        raise NotAllowed(_("This address belongs to another organisation."), "organisation")
    live = Webhook.objects.filter(pk=webhook.pk, removed_at__isnull=True, disabled_at__isnull=False)
    if not live.update(disabled_at=None, failing_since=None):
        raise StaleState(_("This address is not disabled."))
    record(verb="webhook.enabled", obj=webhook, by=by)
    # Nobody waits for what failed before.
    transaction.on_commit(lambda: cache.delete(down_key(webhook.pk)))


# By hand, because every order tells (`./dev bench orders`).
_HOOKS = """
SELECT w.id FROM certifications_webhook w JOIN certifications_organisation o ON o.id = w.organisation_id
WHERE (o.id = %s OR o.kind = %s) AND w.disabled_at IS NULL AND w.removed_at IS NULL
"""


def tell(*, organisation_id: str, messages: Sequence[tuple[str, dict[str, Any]]]) -> None:
    """Queue messages (type, data) for every live address of a distributor and of the manufacturer, in the caller's transaction.

    `data` holds ids and codes alone: an address is somebody else's machine.
    """
    with connection.cursor() as cursor:
        cursor.execute(_HOOKS, [organisation_id, Organisation.Kind.MANUFACTURER])
        hooks = [pk for (pk,) in cursor.fetchall()]
    if hooks:
        made = Delivery.objects.bulk_create(Delivery(webhook_id=hook, type=kind, data=data) for kind, data in messages for hook in hooks)
        enqueue_many("webhook", [one.pk for one in made])


def forget_old() -> int:
    """Remove tokens that ran out, and answers and deliveries that nobody asks for any more. Returns how many."""
    now = timezone.now()
    gone = AccessToken.objects.filter(expires_at__lt=now - dt.timedelta(hours=1)).delete()[0]
    gone += KeptAnswer.objects.filter(made_at__lt=now - KEEP_ANSWERS).delete()[0]
    old = Delivery.objects.filter(made_at__lt=now - KEEP_DELIVERIES).exclude(state=Delivery.State.WAITING)
    return gone + old.delete()[0]
