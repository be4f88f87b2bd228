"""The shell: it wires rows of work to Celery and holds what every page shares."""

from django.apps import AppConfig


class PortalConfig(AppConfig):
    name = "portal"
