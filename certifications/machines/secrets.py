"""Secrets that the portal must be able to use again: encrypted with the installation's keys, rotated like them."""

import base64
import hashlib

from cryptography.fernet import Fernet, MultiFernet
from django.conf import settings


def _fernet() -> MultiFernet:
    keys = [settings.SECRET_KEY, *settings.SECRET_KEY_FALLBACKS]
    return MultiFernet([Fernet(base64.urlsafe_b64encode(hashlib.sha256(b"webhook\0" + key.encode()).digest())) for key in keys])


def hide(secret: str) -> str:
    """The secret as it is kept."""
    return _fernet().encrypt(secret.encode()).decode()


def show(kept: str) -> str:
    """The secret as it was. Raises cryptography.fernet.InvalidToken when the installation's keys are others."""
    return _fernet().decrypt(kept.encode()).decode()
