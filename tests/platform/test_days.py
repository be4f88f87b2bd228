"""What day it is: at the exporter's seat for what the record says, and anywhere for what comes from elsewhere."""

import datetime as dt
from typing import Any

import pytest

from certifications.evidence.actions import Incomplete
from certifications.ledger.days import civil_today, newest_day
from tests.flags.cases import line
from tests.world import World

DAY = dt.date(2026, 11, 27)


@pytest.mark.parametrize(
    ("at", "zone", "later"),
    [
        ("09:59", "Europe/Zurich", (0, 0)),
        ("10:00", "Europe/Zurich", (0, 1)),
        ("22:59", "Europe/Zurich", (0, 1)),
        ("23:00", "Europe/Zurich", (1, 1)),
        ("23:00", "UTC", (0, 1)),
    ],
)
def test_the_exporters_day_and_the_newest_anywhere(
    monkeypatch: pytest.MonkeyPatch, settings: Any, at: str, zone: str, later: tuple[int, int]
) -> None:
    moment = dt.datetime.combine(DAY, dt.time.fromisoformat(at), dt.UTC)
    monkeypatch.setattr("django.utils.timezone.now", lambda: moment)
    settings.CIVIL_ZONE = zone
    assert ((civil_today() - DAY).days, (newest_day() - DAY).days) == later


@pytest.mark.django_db
def test_a_notice_of_a_day_that_has_begun_in_china_is_none_of_the_future(world: World) -> None:
    assert line(world, happened_on=newest_day()).happened_on == newest_day()
    with pytest.raises(Incomplete, match="future"):
        line(world, happened_on=newest_day() + dt.timedelta(days=1))
