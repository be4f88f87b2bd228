"""The civil day of the record: "from" and "until" on a declaration or an attestation are days of the exporter's calendar.

One zone for everybody (docs/adr/0010): a day that began in Shanghai has not begun at the exporter's seat, and two readers
must not be told different things of one document.
"""

import datetime as dt
import zoneinfo

from django.conf import settings
from django.utils import timezone

EARLIEST = dt.timedelta(hours=14)  # before UTC a day begins in the first zone


def civil_today() -> dt.date:
    """Today at the exporter's seat."""
    return timezone.localdate(timezone=zoneinfo.ZoneInfo(settings.CIVIL_ZONE))


def newest_day() -> dt.date:
    """The latest day that has begun anywhere: what comes from elsewhere may bear it, and what bears a later one is wrong."""
    return (timezone.now() + EARLIEST).date()


def civil_day(moment: dt.datetime) -> dt.date:
    """The day that it was at the exporter's seat."""
    return moment.astimezone(zoneinfo.ZoneInfo(settings.CIVIL_ZONE)).date()


def shifted(day: dt.date, by: dt.timedelta) -> dt.date:
    """The day so much later or earlier; the first or the last that there is where the calendar ends before."""
    try:
        return day + by
    except OverflowError:
        return dt.date.min if by < dt.timedelta(0) else dt.date.max


def begins(day: dt.date) -> dt.datetime:
    """The moment at which a civil day begins."""
    return dt.datetime.combine(day, dt.time(), zoneinfo.ZoneInfo(settings.CIVIL_ZONE))
