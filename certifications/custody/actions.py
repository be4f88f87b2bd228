"""The only writes of custody: movements as they were reported, what was taken back, and who owes a report by when."""

import datetime as dt
from collections.abc import Iterable, Sequence
from decimal import Decimal
from typing import NamedTuple

from django.db import IntegrityError, transaction
from django.db.models import Exists, OuterRef
from django.db.models.functions import Now
from django.utils.translation import gettext as _

from certifications.ledger.actions import record
from certifications.ledger.days import civil_today
from certifications.ledger.ids import new_ulid
from certifications.ledger.moves import NotAllowed, StaleState
from certifications.people.models import Organisation, User
from certifications.uploads.bulk import copy_in
from certifications.uploads.models import UploadRow

from . import queries
from .models import LAST_SAFE_DAY, Movement, NothingSold, ReportDue, ReportReminder, SalesReport
from .rules import month_of, next_month

LEAST_REASON = 10


class Told(NamedTuple):
    """One movement as it is written: fields of Movement, by their database names, in the order of COPY."""

    line: str
    part: int
    key: str
    kind: str
    report: str | None
    from_organisation: str | None
    to_organisation: str | None
    product: str
    lot: str
    serial: str
    quantity: Decimal
    reported: str
    happened_on: dt.date
    row: int
    buyer_name: str = ""
    buyer_uscc: str = ""
    buyer_type: str = ""
    end_user_name: str = ""
    end_user_uscc: str = ""
    address: str = ""
    province: str = ""
    city: str = ""
    invoice_no: str = ""
    contract_no: str = ""
    declaration_no: str = ""
    unit_price: Decimal | None = None
    amount: Decimal | None = None
    currency: str = ""
    note: str = ""
    invoiced_on: dt.date | None = None
    event_id: str = ""


def reports_of(organisation_id: str, periods: Iterable[dt.date]) -> dict[dt.date, str]:
    """The report of each month (its first day), made where there is none yet: period to id."""
    wanted = set(periods)
    SalesReport.objects.bulk_create(
        [SalesReport(organisation_id=organisation_id, period=period) for period in sorted(wanted)], ignore_conflicts=True
    )
    return dict(SalesReport.objects.filter(organisation=organisation_id, period__in=wanted).values_list("period", "pk"))


def record_movements(*, organisation_id: str, upload_id: str, rows: Iterable[Told]) -> None:
    """Write what an upload reported. In the caller's transaction, which holds the lock of the reporter's uploads.

    Raises StaleState when one of the rows is on record already.
    """
    names = ("id", "organisation", "upload", *Told._fields)
    try:
        with transaction.atomic():
            copy_in(Movement, names, ((new_ulid(), organisation_id, upload_id, *row) for row in rows))
    except IntegrityError as error:
        if "movement_reported_once" in str(error) or "movement_shipped_once" in str(error):
            raise StaleState(_("Another upload reported some of these rows a moment ago. Look at them again.")) from None
        raise


def take_back(*, organisation: Organisation, lines: Sequence[str], by: User) -> int:
    """Mark the movements of these rows of reports as taken back; they stay on record. Returns how many."""
    own = Movement.objects.filter(organisation=organisation, line__in=lines, taken_back_at__isnull=True)
    return own.update(taken_back_at=Now(), taken_back_by=by)


def coming_again(*, organisation: Organisation, lines: Sequence[str]) -> list[Movement]:
    """The movements of these rows that would count again: not those whose own upload took them back, nor what was reported anew since."""
    own = Movement.objects.filter(organisation=organisation, line__in=lines)
    counted = set(
        queries.counting(Movement.objects.filter(organisation=organisation, key__in=own.values("key"))).values_list("key", "part")
    )
    # The row of its upload says whether it is written, whatever else the upload is at meanwhile.
    written = UploadRow.objects.filter(
        upload=OuterRef("upload"), number=OuterRef("row"), object_id=OuterRef("line"), state=UploadRow.State.DONE
    )
    again = []
    for gone in own.filter(Exists(written)).order_by("line", "part", "-recorded_at", "-pk"):
        if (gone.key, gone.part) not in counted:
            counted.add((gone.key, gone.part))
            again.append(gone)
    return again


def put_back(*, organisation: Organisation, lines: Sequence[str]) -> int:
    """Have these rows count again, as new movements that say the same; the record keeps that they were taken back. Returns how many."""
    again = coming_again(organisation=organisation, lines=lines)
    for gone in again:
        gone.pk, gone.taken_back_at, gone.taken_back_by, gone.recorded_at = new_ulid(), None, None, Now()
    Movement.objects.bulk_create(again)
    return len(again)


@transaction.atomic
def state_nothing(*, by: User, period: dt.date) -> NothingSold:
    """Say for one's distributor that nothing moved in the month. Raises NotAllowed (not_over, reported, twice)."""
    organisation = by.organisation
    if organisation is None:
        raise NotAllowed(_("You act for no distributor."), "no_organisation")
    if next_month(month_of(period)) > civil_today():
        raise NotAllowed(_("The month is not over yet. State it when it is."), "not_over")
    Organisation.objects.select_for_update().get(pk=organisation.pk)
    report = SalesReport.objects.get(pk=reports_of(organisation.pk, [month_of(period)])[month_of(period)])
    if queries.counting(Movement.objects.filter(report=report)).exists():
        raise NotAllowed(_("Movements of this month are on record already. Take their upload back first."), "reported")
    made, first = NothingSold.objects.get_or_create(report=report, defaults={"stated_by": by})
    if not first:
        raise NotAllowed(_("It is stated already that nothing was sold in this month."), "twice")
    record(verb="salesreport.nothing", obj=report, by=by, data={"period": report.period})
    return made


@transaction.atomic
def set_due(*, by: User, day: int, organisation: Organisation | None, explanation: str) -> ReportDue:
    """Set the day of the month on which reports are due, for everybody or for one distributor. Raises NotAllowed (day, explanation)."""
    if not 1 <= day <= LAST_SAFE_DAY:
        raise NotAllowed(_("Choose a day from 1 to 28; every month has these."), "day")
    if len(explanation.strip()) < LEAST_REASON:
        raise NotAllowed(_("Explain in a sentence; it stays on record."), "explanation")
    made = ReportDue.objects.create(day=day, organisation=organisation, explanation=explanation.strip()[:300], set_by=by)
    record(verb="reportdue.set", obj=made, by=by, data={"day": day, "organisation": organisation.pk if organisation else ""})
    return made


def remind_once(*, organisation_id: str, period: dt.date, days: int) -> bool:
    """Note that the distributor is told of its report now; False when it was told at this mark already."""
    report_id = reports_of(organisation_id, [period])[period]
    _row, first = ReportReminder.objects.get_or_create(report_id=report_id, days=days)
    return first
