"""Writes mail as rows in the caller's transaction, and delivers them later with a growing pause after a failure."""

import datetime as dt
from typing import Any

import structlog
from django.conf import settings
from django.core.mail import EmailMessage, get_connection
from django.db import transaction
from django.db.models.functions import Now
from django.template.loader import render_to_string
from django.utils import timezone, translation

from certifications.people.models import User

from .models import Mail

log = structlog.get_logger(__name__)
MAX_ATTEMPTS = 8


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


def due_mails() -> list[str]:
    """Ids of what may be delivered now."""
    return list(Mail.objects.filter(state=Mail.State.WAITING, due_at__lte=Now()).order_by("due_at").values_list("pk", flat=True)[:200])


def deliver(mail_id: str) -> None:
    """Deliver one mail, once: the row is locked while it leaves. In demonstration mode the row itself is the mailbox."""
    with transaction.atomic():
        mail = Mail.objects.select_for_update(skip_locked=True).filter(pk=mail_id, state=Mail.State.WAITING).first()
        if mail is None:
            return
        try:
            if settings.EMAIL_URL:
                _post(mail)
        except Exception as error:  # noqa: BLE001 - whatever the mail server does, the row waits and is tried again
            log.warning("mail not delivered", mail=mail.pk, error=type(error).__name__)
            mail.attempts += 1
            mail.last_error = type(error).__name__
            mail.due_at = timezone.now() + min(dt.timedelta(seconds=30 * 2**mail.attempts), dt.timedelta(hours=6))
            if mail.attempts >= MAX_ATTEMPTS:
                mail.state = Mail.State.FAILED
            mail.save()
            return
        Mail.objects.filter(pk=mail.pk).update(state=Mail.State.SENT, sent_at=timezone.now(), last_error="")


def _post(mail: Mail) -> None:
    message = EmailMessage(
        mail.subject,
        mail.body,
        settings.DEFAULT_FROM_EMAIL,
        [mail.to_email],
        # The row's id as Message-ID: a server that sees it twice can drop the second.
        headers={"Message-ID": f"<{mail.pk}@{settings.EMAIL_URL.hostname or 'portal'}>"},
        connection=get_connection(
            "django.core.mail.backends.smtp.EmailBackend",
            host=settings.EMAIL_URL.hostname,
            port=settings.EMAIL_URL.port or 25,
            username=settings.EMAIL_URL.username or "",
            password=settings.EMAIL_URL.password or "",
            use_tls=settings.EMAIL_URL.scheme == "smtp+tls",
            timeout=10,
        ),
    )
    message.send()
