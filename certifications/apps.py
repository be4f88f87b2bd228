"""The one Django app; its rooms are folders (docs/adr)."""

from django.apps import AppConfig


class CertificationsConfig(AppConfig):
    name = "certifications"
    label = "certifications"
