"""The shell: it wires rows of work to Celery and holds what every page shares."""

from django.apps import AppConfig


class PortalConfig(AppConfig):
    name = "portal"

    def ready(self) -> None:
        from certifications.work.actions import set_sender  # noqa: PLC0415 - models must be loaded first
        from portal import checks  # noqa: F401, PLC0415 - registers the deploy checks
        from portal.forms import say_it_plainly  # noqa: PLC0415
        from portal.sending import send_job  # noqa: PLC0415

        say_it_plainly()
        set_sender(send_job)
