"""What is reported on a day that has begun in China is no report of the future, whatever the hour at the exporter's seat."""

import datetime as dt
from decimal import Decimal
from typing import Any

import pytest

from certifications.flow import first_day as flow
from certifications.ledger.days import civil_today, newest_day
from certifications.ledger.ids import new_ulid
from certifications.programme.rules import StockData
from tests.parties.cards import a_paper
from tests.parties.owning import stated
from tests.people.powers import delegated
from tests.programme.test_certificates import PAPER
from tests.programme.test_certificates import data as certificate
from tests.programme.test_stock import HEAD as STOCK
from tests.uploads.files import csv
from tests.uploads.steps import problems, sent
from tests.uploads.test_certificates import HEAD as CERTIFICATES
from tests.uploads.test_certificates import row as certified
from tests.world import World

from . import reports, service, shipments

pytestmark = pytest.mark.django_db
DAY = dt.timedelta(days=1)


@pytest.fixture(autouse=True)
def seat(settings: Any) -> None:
    """An exporter so far west that its day is always over a day later than the first one's: the test holds at any hour."""
    settings.CIVIL_ZONE = "Etc/GMT+12"
    assert newest_day() > civil_today()


@pytest.mark.parametrize("late", [0, 1])
def test_rows_of_sales_shipments_and_service(world: World, late: int) -> None:
    day = (newest_day() + late * DAY).isoformat()
    sold = sent(world.filer, csv(reports.HEAD, reports.row(发货日期=day)), kind="sales")
    left = sent(world.lead, csv(shipments.HEAD, shipments.row(Ship_date=day)), kind="shipments")
    seen = sent(world.lead, csv(service.HEAD, service.row(日期=day)), kind="service")
    refused = {field for upload in (sold, left, seen) for _row, field, said in problems(upload) if "has not come" in said}
    assert refused == ({"shipped_on", "happened_on"} if late else set())


def test_a_count_of_stock_and_a_certificate_of_before(world: World) -> None:
    row = flow.count_stock(by=world.filer, product=world.kit, data=StockData("24A", "", Decimal(3), newest_day()))
    more = flow.correct_stock(row=row, by=world.filer, quantity=Decimal(4), counted_on=newest_day(), reason="A box was found.")
    assert (more.counted_on, more.quantity) == (newest_day(), Decimal(4))
    counted = sent(world.filer, csv(STOCK, ("CI-2440-100", "24B", "", "1", newest_day().isoformat())), kind="stock")
    assert problems(counted) == []
    data = certificate(world, dated_on=newest_day(), valid_until=newest_day() + DAY)
    assert flow.keep_certificate(by=world.filer, data=data, content=PAPER, name="paper.pdf", form_key=new_ulid()).dated_on == newest_day()
    filed = sent(world.filer, csv(CERTIFICATES, certified("XQ-2025-0900", dated=newest_day().isoformat())), kind="certificates")
    assert problems(filed) == []


def test_a_paper_an_owner_and_a_power(world: World) -> None:
    customer = world.customer()
    assert a_paper(world, customer, issued_on=newest_day()).issued_on == newest_day()
    assert stated(world.filer, customer, as_of=newest_day()).as_of == newest_day()
    delegated(world, signed_on=newest_day(), valid_from=newest_day())
