"""Writes mail as rows in the caller's transaction, and delivers them later with a growing pause after a failure."""

import datetime as dt
import smtplib
import time
from collections.abc import Iterable, Sequence
from contextlib import suppress
from typing import Any

import structlog
from django.conf import settings
from django.core.cache import cache
from django.core.mail import EmailMessage, get_connection
from django.db.models import QuerySet
from django.db.models.functions import Now
from django.template import Context
from django.template.loader import get_template
from django.utils import timezone, translation

from certifications.people.limits import place
from certifications.people.models import User

from .models import Mail
from .rules import path_of

log = structlog.get_logger(__name__)
MAX_ATTEMPTS = 8
# One answer of the server; the work of one task; how long a server that is away is left alone; and a lease longer than
# all of it, after which the mail of a process that was killed goes to the next.
SMTP_SECONDS, BUDGET_SECONDS, QUIET_SECONDS, LEASE_SECONDS = 5, 10, 30, 120
QUIET_KEY = "mail-server-away"
MOST = 200
# Whoever waits longer for a piece of work closes the page.
LONG_SECONDS = 60
GONE = (smtplib.SMTPServerDisconnected, smtplib.SMTPConnectError)
AWAY = (OSError, *GONE)


def keep(*, to_email: str, subject: str, body: str, language: str, template: str, to_user_id: str = "") -> Mail:
    """One row, to be delivered by a worker."""
    made = _row(to_email, subject, body, language=language, template=template, to_user_id=to_user_id)
    made.save(force_insert=True)
    return made


def _row(to_email: str, subject: str, body: str, *, language: str, template: str, to_user_id: str) -> Mail:
    return Mail(
        to_email=to_email,
        to_user_id=to_user_id,
        language=language,
        template=template,
        subject=" ".join(subject.split())[:200],
        body=body,
        path=path_of(template, body, settings.PORTAL_BASE_URL),
    )


def _written(template: str, context: dict[str, Any], language: str) -> tuple[str, str]:
    """Subject and text of templates/email/<template>.txt: its first line, and the rest."""
    values = Context({"base_url": settings.PORTAL_BASE_URL, **context}, autoescape=False)  # plain text: & is &, and no page shows it raw
    with translation.override(language):
        text = get_template(f"email/{template}.txt").template.render(values)
    subject, _, body = text.strip().partition("\n")
    return subject, body.strip() + "\n"


def send_later(*, template: str, context: dict[str, Any], to_user: User | None = None, to_email: str = "", language: str = "") -> Mail:
    """Write a mail in the recipient's language.

    `context` holds numbers and links, never a customer's name (product.md, 'Never').
    """
    chosen = language or (to_user.language if to_user else settings.LANGUAGE_CODE)
    subject, body = _written(template, context, chosen)
    return keep(
        to_email=to_user.email if to_user else to_email,
        subject=subject,
        body=body,
        language=chosen,
        template=template,
        to_user_id=to_user.pk if to_user else "",
    )


def tell_all(users: Iterable[User], *, template: str, context: dict[str, Any], but: User | None = None) -> None:
    """The same as `send_later` to everybody but one, in one statement: what they are told is written once a language."""
    told = [user for user in users if but is None or user.pk != but.pk]
    written = {language: _written(template, context, language) for language in {user.language for user in told}}
    Mail.objects.bulk_create(
        _row(user.email, *written[user.language], language=user.language, template=template, to_user_id=user.pk) for user in told
    )


def tell_all_of_each(users: Sequence[User], *, template: str, each: Iterable[dict[str, Any]]) -> None:
    """The same mail to everybody about each of several things (`each`: their contexts), in one statement."""
    languages = {user.language for user in users}
    written = [{language: _written(template, context, language) for language in languages} for context in each]
    Mail.objects.bulk_create(
        _row(user.email, *texts[user.language], language=user.language, template=template, to_user_id=user.pk)
        for texts in written
        for user in users
    )


def tell_when_long(*, to_user: User, began_at: dt.datetime, template: str, context: dict[str, Any]) -> Mail | None:
    """A mail to whoever waited longer than LONG_SECONDS for work that is done now; nothing to whoever did not. In the work's transaction."""
    if (timezone.now() - began_at).total_seconds() <= LONG_SECONDS:
        return None
    return send_later(template=template, context=context, to_user=to_user)


def due_mails() -> list[str]:
    """Ids of what may be delivered now."""
    return list(Mail.objects.filter(state=Mail.State.WAITING, due_at__lte=Now()).order_by("due_at").values_list("pk", flat=True)[:MOST])


def deliver(mail_id: str) -> None:
    """Deliver one mail, once."""
    with suppress(*AWAY):
        _deliver(mail_id, Line())


def deliver_due() -> int:
    """Deliver what is due, over one connection and for a few seconds only; the next tick goes on. Returns how many left.

    One process at a time, and it stops at the first failure of the server itself: a mail server that hangs costs one
    worker a few seconds in every pause, whatever the number of mails that wait.
    """
    with place("mail-delivery", 1, LEASE_SECONDS) as mine:
        if not mine or cache.get(QUIET_KEY):
            return 0
        end, sent, line = time.monotonic() + BUDGET_SECONDS, 0, Line()
        try:
            for mail_id in due_mails():
                if time.monotonic() > end:
                    break
                sent += _deliver(mail_id, line)
        except AWAY as error:
            cache.set(QUIET_KEY, 1, QUIET_SECONDS)
            log.warning("mail server away", error=type(error).__name__)
        finally:
            line.close()
        return sent


def _claim(mail_id: str) -> Mail | None:
    """Take a mail for as long as its lease; committed before the mail leaves, so that no row is locked while it does."""
    lease = timezone.now() + dt.timedelta(seconds=LEASE_SECONDS)
    if not Mail.objects.filter(pk=mail_id, state=Mail.State.WAITING, due_at__lte=Now()).update(due_at=lease):
        return None
    return Mail.objects.get(pk=mail_id)


def _held(mail: Mail) -> "QuerySet[Mail]":
    """The row, while the lease is still ours."""
    return Mail.objects.filter(pk=mail.pk, due_at=mail.due_at, state=Mail.State.WAITING)


def _deliver(mail_id: str, line: "Line") -> int:
    """Claim, send, mark; 1 when it left. Raises what the server itself raises; a refusal of this one mail stays with its row."""
    mail = _claim(mail_id)
    if mail is None:
        return 0
    try:
        if settings.EMAIL_URL:
            _post(mail, line.server())
    except Exception as error:
        _failed(mail, error)
        # smtplib's refusals are OSErrors too; they concern this mail alone, and so does one that cannot even be written.
        if isinstance(error, AWAY) and (not isinstance(error, smtplib.SMTPException) or isinstance(error, GONE)):
            raise
        return 0
    return _held(mail).update(state=Mail.State.SENT, sent_at=timezone.now(), last_error="", body=_kept(mail))


def _kept(mail: Mail) -> str:
    """What stays of the text: nothing, for it may hold a one-time link. The demonstration's mailbox is the row itself."""
    return mail.body if settings.PORTAL_DEMO else ""


def _failed(mail: Mail, error: Exception) -> None:
    log.warning("mail not delivered", mail=mail.pk, error=type(error).__name__)
    attempts = mail.attempts + 1
    due = timezone.now() + min(dt.timedelta(seconds=30 * 2**attempts), dt.timedelta(hours=6))
    told: dict[str, Any] = {"attempts": attempts, "due_at": due, "last_error": type(error).__name__}
    if attempts >= MAX_ATTEMPTS:
        told |= {"state": Mail.State.FAILED, "body": _kept(mail)}
    _held(mail).update(**told)


class Line:
    """The connection to the mail server, opened when the first mail needs it."""

    def __init__(self) -> None:
        self._server: Any = None

    def server(self) -> Any:
        """Raises OSError or SMTPException when the server does not answer."""
        if self._server is None:
            server = get_connection(
                "django.core.mail.backends.smtp.EmailBackend",
                host=settings.EMAIL_URL.hostname,
                port=settings.EMAIL_URL.port or 25,
                username=settings.EMAIL_URL.username or "",
                password=settings.EMAIL_URL.password or "",
                use_tls=settings.EMAIL_URL.scheme == "smtp+tls",
                timeout=SMTP_SECONDS,
            )
            server.open()
            self._server = server
        return self._server

    def close(self) -> None:
        """Say goodbye, if anybody listens."""
        if self._server is not None:
            with suppress(OSError, smtplib.SMTPException):
                self._server.close()


def _post(mail: Mail, server: Any) -> None:
    EmailMessage(
        mail.subject,
        mail.body,
        settings.DEFAULT_FROM_EMAIL,
        [mail.to_email],
        # The row's id as Message-ID: a server that sees it twice can drop the second.
        headers={"Message-ID": f"<{mail.pk}@{settings.EMAIL_URL.hostname or 'portal'}>"},
        connection=server,
    ).send()
