"""How allauth is held to this portal's rules: invitations only, encrypted seeds, mail as rows, the last factor kept."""

import base64
import hashlib
import io
from collections.abc import Sequence
from typing import Any
from urllib.parse import urlsplit

import segno
from allauth.account.adapter import DefaultAccountAdapter
from allauth.mfa.adapter import DefaultMFAAdapter
from allauth.mfa.models import Authenticator
from cryptography.fernet import Fernet, MultiFernet
from django.conf import settings
from django.core.mail import EmailMessage
from django.core.mail.backends.base import BaseEmailBackend
from django.http import HttpRequest
from django.utils.translation import get_language, override

from certifications.mail.actions import keep
from certifications.people.models import User
from certifications.people.permissions import NEED_SECOND_FACTOR


def needs_second_factor(user: User) -> bool:
    """Everybody but a filer who holds no other role."""
    return bool(user.roles & NEED_SECOND_FACTOR)


def has_second_factor(user: User) -> bool:
    """A passkey or an authenticator app; recovery codes are no factor of their own."""
    return Authenticator.objects.filter(user=user, type__in=["webauthn", "totp"]).exists()


def _fernet() -> MultiFernet:
    keys = [settings.SECRET_KEY, *settings.SECRET_KEY_FALLBACKS]
    return MultiFernet([Fernet(base64.urlsafe_b64encode(hashlib.sha256(b"second-factor\0" + key.encode()).digest())) for key in keys])


class AccountAdapter(DefaultAccountAdapter):  # type: ignore[misc]
    """Sign-up is closed: people come by invitation."""

    def is_open_for_signup(self, request: HttpRequest) -> bool:  # noqa: ARG002 - allauth's signature
        return False

    def authenticate(self, request: HttpRequest, **credentials: Any) -> User | None:
        """No answer tells a right password from a wrong one on an account that may not be used."""
        user = super().authenticate(request, **credentials)
        if user is None or not user.is_active or (user.is_demo and not settings.PORTAL_DEMO):
            return None
        return user  # type: ignore[no-any-return]

    def send_mail(self, template_prefix: str, email: str, context: dict[str, Any]) -> None:
        """In the language of whoever reads it, not of whoever asked for it."""
        reader = User.objects.filter(email=email.lower()).first()
        with override(reader.language if reader else get_language()):
            super().send_mail(template_prefix, email, context)

    def get_reauthentication_methods(self, user: Any) -> list[dict[str, Any]]:
        """Where a stronger method exists, the password does not do."""
        methods: list[dict[str, Any]] = super().get_reauthentication_methods(user)
        stronger = [method for method in methods if method["id"] != "reauthenticate"]
        return stronger or methods


class MFAAdapter(DefaultMFAAdapter):  # type: ignore[misc]
    """Seeds are encrypted; the last factor of a person who needs one stays."""

    def encrypt(self, text: str) -> str:
        return _fernet().encrypt(text.encode()).decode()

    def decrypt(self, encrypted_text: str) -> str:
        return _fernet().decrypt(encrypted_text.encode()).decode()

    def can_delete_authenticator(self, authenticator: Authenticator) -> bool:
        if authenticator.type == Authenticator.Type.RECOVERY_CODES or not needs_second_factor(authenticator.user):
            return True
        others = Authenticator.objects.filter(user=authenticator.user, type__in=["webauthn", "totp"])
        return bool(others.exclude(pk=authenticator.pk).exists())

    def get_public_key_credential_rp_entity(self) -> dict[str, str]:
        """The configured domain, never the Host header, which the client writes."""
        return {"id": relying_party(), "name": "End-Use"}

    def build_totp_svg(self, url: str) -> str:
        # A whole document with its namespace: shown as an image, an inline fragment stays blank.
        drawn = io.BytesIO()
        segno.make(url, error="m").save(drawn, kind="svg", scale=4, border=2, xmldecl=False)
        return drawn.getvalue().decode()


def relying_party() -> str:
    """The domain that passkeys are bound to."""
    return urlsplit(settings.PORTAL_BASE_URL).hostname or "localhost"


class RowBackend(BaseEmailBackend):
    """Django's and allauth's own mails become rows like all others, and are sent by the workers."""

    def send_messages(self, email_messages: Sequence[EmailMessage]) -> int:
        for message in email_messages:
            for address in message.to:
                keep(
                    to_email=address,
                    subject=str(message.subject),
                    body=str(message.body),
                    language=get_language() or "en",
                    template="account",
                )
        return len(email_messages)
