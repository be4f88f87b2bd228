"""The one Django app; its rooms are folders (docs/adr)."""

from django.apps import AppConfig


class CertificationsConfig(AppConfig):
    name = "certifications"
    label = "certifications"

    def ready(self) -> None:
        from certifications.people import witness  # noqa: F401, PLC0415 - hears what becomes a security event
        from certifications.screening import checks  # noqa: F401, PLC0415 - registers the deploy check
