"""Django's deploy check for lists: a production installation rests on no static list, and has at least one list."""

from collections.abc import Sequence
from typing import Any

from django.apps import AppConfig
from django.conf import settings
from django.core.checks import CheckMessage, Error, Tags, register
from django.db import DatabaseError

from .models import ListSource


@register(Tags.security, deploy=True)
def static_lists(app_configs: Sequence[AppConfig] | None, **kwargs: Any) -> list[CheckMessage]:  # noqa: ARG001
    """E101: a static list in force outside demonstration mode. E102: the database did not answer."""
    if settings.PORTAL_DEMO:
        return []
    try:
        static = list(ListSource.objects.filter(in_force=True, kind=ListSource.Kind.STATIC).values_list("code", flat=True))
    except DatabaseError as error:
        return [
            Error(
                f"Lists in force could not be checked: {type(error).__name__}.",
                hint="Start the database, run migrate, and check again.",
                id="certifications.E102",
            )
        ]
    return [
        Error(
            f"The static list {code} is in force; it never grows old, so nobody would notice that it did.",
            hint="Import a dated list, put it in force, and load no demonstration data into this database.",
            id="certifications.E101",
        )
        for code in static
    ]
