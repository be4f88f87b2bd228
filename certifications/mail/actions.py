"""Writes mail as rows in the caller's transaction, and delivers them later with a growing pause after a failure."""

import datetime as dt
import smtplib
import time
from contextlib import suppress
from typing import Any

import structlog
from django.conf import settings
from django.core.cache import cache
from django.core.mail import EmailMessage, get_connection
from django.db.models import F
from django.db.models.functions import Now
from django.template.loader import render_to_string
from django.utils import timezone, translation

from certifications.people.limits import place
from certifications.people.models import User

from .models import Mail

log = structlog.get_logger(__name__)
MAX_ATTEMPTS = 8
# One answer of the server; the work of one task; how long a server that is away is left alone; and a lease longer than
# all of it, after which the mail of a process that was killed goes to the next.
SMTP_SECONDS, BUDGET_SECONDS, QUIET_SECONDS, LEASE_SECONDS = 5, 10, 30, 120
QUIET_KEY = "mail-server-away"


def keep(*, to_email: str, subject: str, body: str, language: str, template: str, to_user_id: str = "") -> Mail:
    """One row, to be delivered by a worker."""
    return Mail.objects.create(
        to_email=to_email,
        to_user_id=to_user_id,
        language=language,
        template=template,
        subject=" ".join(subject.split())[:200],
        body=body,
    )


def send_later(*, template: str, context: dict[str, Any], to_user: User | None = None, to_email: str = "", language: str = "") -> Mail:
    """Render templates/email/<template>.txt in the recipient's language: first line the subject, the rest the text.

    `context` holds numbers and links, never a customer's name (product.md, 'Never').
    """
    chosen = language or (to_user.language if to_user else settings.LANGUAGE_CODE)
    with translation.override(chosen):
        text = render_to_string(f"email/{template}.txt", {"base_url": settings.PORTAL_BASE_URL, **context})
    subject, _, body = text.strip().partition("\n")
    return keep(
        to_email=to_user.email if to_user else to_email,
        subject=subject,
        body=body.strip() + "\n",
        language=chosen,
        template=template,
        to_user_id=to_user.pk if to_user else "",
    )


def deliver_due() -> int:
    """Deliver what is due, over one connection and for a few seconds only; the next tick goes on. Returns how many left.

    One process at a time, and it stops at the first failure of the server itself: a mail server that hangs costs one
    worker a few seconds in every pause, whatever the number of mails that wait.
    """
    with place("mail-delivery", 1, LEASE_SECONDS) as mine:
        waits = Mail.objects.filter(state=Mail.State.WAITING, due_at__lte=Now()).exists()
        if not mine or not waits or cache.get(QUIET_KEY):
            return 0
        end, sent = time.monotonic() + BUDGET_SECONDS, 0
        server = None
        try:
            server = _open()
            while time.monotonic() < end:
                mail = _claim()
                if mail is None:
                    break
                sent += _deliver(mail, server)
        except (OSError, smtplib.SMTPServerDisconnected, smtplib.SMTPConnectError) as error:
            # The claimed row, if any, waits for its lease; all others as long as the server is left alone.
            cache.set(QUIET_KEY, 1, QUIET_SECONDS)
            log.warning("mail server away", error=type(error).__name__)
        finally:
            if server is not None:
                with suppress(OSError, smtplib.SMTPException):
                    server.close()
        return sent


def _claim() -> Mail | None:
    """Take one mail for as long as its lease; committed before the mail leaves, so that no row is locked while it does."""
    candidates = Mail.objects.filter(state=Mail.State.WAITING, due_at__lte=Now()).order_by("due_at").values_list("pk", flat=True)
    for mail_id in candidates[:20]:
        taken = Mail.objects.filter(pk=mail_id, state=Mail.State.WAITING, due_at__lte=Now()).update(
            due_at=Now() + dt.timedelta(seconds=LEASE_SECONDS), attempts=F("attempts") + 1
        )
        if taken:
            return Mail.objects.get(pk=mail_id)
    return None


def _deliver(mail: Mail, server: Any) -> int:
    """Send and mark. Raises what the server itself raises; what it says against this one mail is kept with the row."""
    mine = Mail.objects.filter(pk=mail.pk, attempts=mail.attempts, state=Mail.State.WAITING)
    try:
        if server is not None:
            _post(mail, server)
    except (smtplib.SMTPServerDisconnected, smtplib.SMTPConnectError, OSError) as error:
        # smtplib's refusals are OSErrors too; those concern this mail alone.
        _failed(mail, error)
        if isinstance(error, smtplib.SMTPException) and not isinstance(error, smtplib.SMTPServerDisconnected | smtplib.SMTPConnectError):
            return 0
        raise
    except Exception as error:  # noqa: BLE001 - a mail that cannot even be written must not stop the others
        _failed(mail, error)
        return 0
    mine.update(state=Mail.State.SENT, sent_at=timezone.now(), last_error="", body=_kept(mail))
    return 1


def _kept(mail: Mail) -> str:
    """What stays of the text: nothing, for it may hold a one-time link. The demonstration's mailbox is the row itself."""
    return mail.body if settings.PORTAL_DEMO else ""


def _failed(mail: Mail, error: Exception) -> None:
    log.warning("mail not delivered", mail=mail.pk, error=type(error).__name__)
    mine = Mail.objects.filter(pk=mail.pk, attempts=mail.attempts, state=Mail.State.WAITING)
    if mail.attempts >= MAX_ATTEMPTS:
        mine.update(state=Mail.State.FAILED, last_error=type(error).__name__, body=_kept(mail))
        return
    pause = min(dt.timedelta(seconds=30 * 2**mail.attempts), dt.timedelta(hours=6))
    mine.update(due_at=Now() + pause, last_error=type(error).__name__)


def _open() -> Any:
    """A connection to the mail server; None where mail stays in the demonstration's mailbox."""
    if not settings.EMAIL_URL:
        return None
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
    return server


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
