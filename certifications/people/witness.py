"""Who came in, with which factor, whose rights changed: heard from Django, allauth and the record, kept as security events."""

from typing import Any

from allauth.account import signals as account
from allauth.mfa import signals as mfa
from django.contrib.auth.signals import user_logged_in, user_logged_out, user_login_failed
from django.db.models.signals import post_save
from django.dispatch import receiver

from certifications.ledger.models import Event

from .models import User
from .security import note, user_id_of

# What the record calls a change of rights; whoever adds an action about people is heard without coming here.
RIGHTS = (
    "invitation.",
    "membership.",
    "scope.",
    "lead.",
    "role.",
    "user.",
    "organisation.",
    "factor.",
    "appointment.",
    "delegation.",
    "substitution.",
    "succession.",
    "emergencyaccess.",
    "pricesight.",
)


@receiver(user_logged_in, dispatch_uid="witness")
def _came_in(user: User, **_: Any) -> None:
    note("login", user_id=user.pk)


@receiver(user_login_failed, dispatch_uid="witness")
def _did_not_come_in(credentials: dict[str, Any], **_: Any) -> None:
    """Whose account it was, where there is one; what was typed is never kept."""
    typed = str(credentials.get("email") or credentials.get("username") or "")
    known = User.objects.filter(email=typed.strip().lower()).values_list("pk", flat=True).first()
    note("login.failed", user_id=known or "")


@receiver(user_logged_out, dispatch_uid="witness")
def _left(user: User | None, **_: Any) -> None:
    if user is not None:
        note("logout", user_id=user.pk)


@receiver(mfa.authenticator_added, dispatch_uid="witness")
def _added(user: User, authenticator: Any, **_: Any) -> None:
    note("factor.added", user_id=user.pk, kind=authenticator.type)


@receiver(mfa.authenticator_removed, dispatch_uid="witness")
def _removed(user: User, authenticator: Any, **_: Any) -> None:
    note("factor.removed", user_id=user.pk, kind=authenticator.type)


@receiver(mfa.authenticator_reset, dispatch_uid="witness")
def _reset(user: User, authenticator: Any, **_: Any) -> None:
    note("factor.reset", user_id=user.pk, kind=authenticator.type)


@receiver(mfa.authenticator_used, dispatch_uid="witness")
def _used(user: User, authenticator: Any, **_: Any) -> None:
    note("factor.used", user_id=user.pk, kind=authenticator.type, purpose="login")


@receiver(mfa.authentication_failed, dispatch_uid="witness")
def _wrong(user: User, **_: Any) -> None:
    note("factor.failed", user_id=user.pk, purpose="login")


@receiver([account.password_changed, account.password_reset, account.password_set], dispatch_uid="witness")
def _password(user: User, **_: Any) -> None:
    note("password.changed", user_id=user.pk)


@receiver(post_save, sender=Event, dispatch_uid="witness")
def _rights(instance: Event, created: bool, **_: Any) -> None:
    if created and instance.verb.startswith(RIGHTS):
        note("rights.changed", user_id=instance.actor_id, verb=instance.verb, object=instance.object_id)


def refusal(user: Any, *, route: str, status: int) -> None:
    """A signed-in person asked for what is not theirs, or does not exist; the page tells the two apart for nobody."""
    note("refused", user_id=user_id_of(user), route=route, status=status)
