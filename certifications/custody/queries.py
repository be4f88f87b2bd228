"""Reads of custody: movements that one may see, and how a distributor stands with its reports."""

import datetime as dt
from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from django.db.models import Exists, OuterRef, Q, QuerySet

from certifications.ledger.days import civil_today
from certifications.people.models import Organisation, User
from certifications.people.permissions import Permission, may
from certifications.programme.models import ProgrammeStart
from certifications.programme.queries import in_effect

from .models import Movement, NothingSold, ReportDue, SalesReport
from .rules import DUE_DAY, Month, month, owed

STANDINGS = ("counts", "taken_back")


def visible_to(user: User) -> QuerySet[Movement]:
    """A distributor's own; all for compliance; none for anybody else. Those that were taken back as well."""
    if may(user, Permission.SEE_MOVEMENTS):
        return Movement.objects.all()
    if may(user, Permission.SEE_OWN_DECLARATIONS) and user.organisation is not None:
        return Movement.objects.filter(organisation=user.organisation)
    return Movement.objects.none()


def counting(rows: QuerySet[Movement]) -> QuerySet[Movement]:
    """Those that were not taken back."""
    return rows.filter(taken_back_at__isnull=True)


def search(rows: QuerySet[Movement], text: str) -> QuerySet[Movement]:
    """By buyer, end user, catalogue number, lot, serial number, invoice or declaration."""
    if not text:
        return rows
    return rows.filter(
        Q(buyer_name__icontains=text)
        | Q(end_user_name__icontains=text)
        | Q(product__catalogue_number__icontains=text)
        | Q(lot__iexact=text)
        | Q(serial__iexact=text)
        | Q(invoice_no__iexact=text)
        | Q(declaration_no__iexact=text)
        | Q(buyer_uscc__iexact=text)
    )


def due_days() -> QuerySet[ReportDue]:
    """What was set, the last first."""
    return ReportDue.objects.order_by("-set_at", "-pk")


def reports(organisations: Iterable[str] | None = None) -> QuerySet[SalesReport]:
    """Reports with `reported` and `stated`: whether movements count in them, and whether it was said that there were none."""
    rows = SalesReport.objects.annotate(
        reported=Exists(counting(Movement.objects.filter(report=OuterRef("pk")))),
        stated=Exists(NothingSold.objects.filter(report=OuterRef("pk"))),
    )
    return rows if organisations is None else rows.filter(organisation__in=list(organisations))


@dataclass(frozen=True)
class Calendar:
    """The months that one distributor owes, the oldest first."""

    organisation_id: str
    months: tuple[Month, ...]
    due_day: int
    starts_on: dt.date | None

    @property
    def open(self) -> list[Month]:
        """Those for which a report is still wanted."""
        return [one for one in self.months if one.is_open]

    @property
    def late(self) -> list[Month]:
        """Those whose day has passed."""
        return [one for one in self.months if one.word == "overdue"]


def calendar_from(
    organisation_id: str,
    started: Iterable[ProgrammeStart],
    held: Iterable[SalesReport],
    days: Iterable[ReportDue],
    today: dt.date | None = None,
) -> Calendar:
    """How one distributor stands, from the rows of `calendar_rows`, which may be of others as well."""
    today = today or civil_today()
    begun = [row.starts_on for row in started if row.organisation_id == organisation_id]
    said = list(days)
    own = next((row.day for row in said if row.organisation_id == organisation_id), None)
    day = own or next((row.day for row in said if row.organisation_id is None), DUE_DAY)
    known = {row.period: row for row in held if row.organisation_id == organisation_id}
    first = min(begun, default=None)
    months = tuple(
        month(
            period,
            due_day=day,
            reported=bool(getattr(known.get(period), "reported", False)),
            nothing=bool(getattr(known.get(period), "stated", False)),
            today=today,
        )
        for period in owed(first, today)
    )
    return Calendar(organisation_id, months, day, first)


def calendar_rows(organisations: Sequence[str]) -> tuple[QuerySet[ProgrammeStart], QuerySet[SalesReport], QuerySet[ReportDue]]:
    """What `calendar_from` asks for, of these distributors (ids)."""
    of_everybody = Q(organisation__isnull=True)
    due = due_days().filter(of_everybody | Q(organisation__in=organisations)) if organisations else ReportDue.objects.none()
    return in_effect().filter(organisation__in=organisations), reports(organisations), due


def calendars(organisations: Iterable[Organisation]) -> list[Calendar]:
    """How each of them stands; three queries."""
    ids = [organisation.pk for organisation in organisations]
    started, held, days = map(list, calendar_rows(ids))
    return [calendar_from(pk, started, held, days) for pk in ids]
