"""Django's deploy check for the shell: no demonstration, no plain HTTP, no login that PostgreSQL's guards do not bind."""

from collections.abc import Sequence
from typing import Any

from django.apps import AppConfig
from django.conf import settings
from django.core.checks import CheckMessage, Error, Tags, register
from django.db import DatabaseError

from certifications.people.models import User

from . import roles


@register(Tags.security, deploy=True)
def no_demonstration(app_configs: Sequence[AppConfig] | None, **kwargs: Any) -> list[CheckMessage]:  # noqa: ARG001
    """E001: demonstration mode. E002: its accounts, whose passwords are printed in the source. E004: nobody could look."""
    found: list[CheckMessage] = []
    if settings.PORTAL_DEMO:
        found.append(
            Error(
                "Demonstration mode is on: every account's password and second factor are public.",
                hint="Take PORTAL_DEMO out of the environment.",
                id="portal.E001",
            )
        )
    try:
        people = User.objects.filter(is_demo=True).count()
    except DatabaseError as error:
        return [*found, _unknown("Demonstration accounts", error)]
    if people:
        found.append(
            Error(
                f"{people} demonstration accounts are in the database.",
                hint="Begin with an empty database; what was done in a demonstration is worth nothing as a record.",
                id="portal.E002",
            )
        )
    return found


@register(Tags.security, deploy=True)
def https_only(app_configs: Sequence[AppConfig] | None, **kwargs: Any) -> list[CheckMessage]:  # noqa: ARG001
    """E003: sessions would travel in clear."""
    if settings.PORTAL_HTTPS:
        return []
    return [
        Error(
            "PORTAL_HTTPS is off: sessions and passwords would travel in clear.",
            hint="Take PORTAL_HTTPS out of the environment and put a proxy with a certificate in front.",
            id="portal.E003",
        )
    ]


@register(Tags.security, deploy=True)
def bound_login(app_configs: Sequence[AppConfig] | None, **kwargs: Any) -> list[CheckMessage]:  # noqa: ARG001
    """E005: the application could switch off what makes records immutable."""
    try:
        found = roles.too_strong()
    except DatabaseError as error:
        return [_unknown("The rights of the database login", error)]
    return [Error(f"{roles.WHAT[found]}.", hint=roles.MEND, id="portal.E005")] if found else []


def _unknown(what: str, error: DatabaseError) -> CheckMessage:
    return Error(
        f"{what} could not be checked: {type(error).__name__}.",
        hint="Start the database, run migrate, and check again.",
        id="portal.E004",
    )
