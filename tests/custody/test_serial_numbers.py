"""Serial numbers as people write them: wide letters, either case, rounded by a spreadsheet, and cells that are made to hold a worker up."""

import time
import timeit

import pytest

from certifications.custody import rules
from certifications.custody.rules import serials_of
from certifications.flow import units
from certifications.flow.sales_fields import serial_numbers
from certifications.uploads.kinds import Unfit
from tests.uploads.files import csv
from tests.uploads.steps import committed as written
from tests.uploads.steps import sent
from tests.world import World

from . import service
from .reports import told
from .shipments import HEAD as SHIPPED
from .shipments import unit as shipped
from .test_own_file import unit
from .test_sales import codes, report

ROUNDED = (2, "serial", "rounded")


def test_wide_letters_are_read_as_plain_ones_and_lines_stay() -> None:
    assert serial_numbers("ＳＮ００１") == "SN001"  # noqa: RUF001
    assert serial_numbers("ＣＶ３６－０１０１\n ＣＶ３６－０１０２\u3000x \n") == "CV36-0101\nCV36-0102 x"  # noqa: RUF001
    assert serials_of(serial_numbers("Ａ１，Ａ２；Ａ３～Ａ５"), 5) == ["A1", "A2", "A3", "A4", "A5"]  # noqa: RUF001


@pytest.mark.parametrize("text", ["1.23E+17", "1,23E+17", "A1\n1.23E+17", "A1、９.１４Ｅ＋１７"])  # noqa: RUF001
def test_a_number_that_a_spreadsheet_rounded_is_none(text: str) -> None:
    with pytest.raises(Unfit) as caught:
        serial_numbers(text)
    assert caught.value.code == "rounded"


@pytest.mark.django_db
def test_a_wide_number_is_the_same_unit_and_a_rounded_one_is_none(world: World) -> None:
    written(report(world, unit("ＣＶ－００１")), world.filer)  # noqa: RUF001
    assert [m[3] for m in told()] == ["CV-001"]
    assert codes(report(world, unit("cv-001", 发票号="B"))) == [(2, "serial", "sold_already")]
    assert ROUNDED in codes(report(world, unit("1.23E+17")))
    assert ROUNDED in codes(sent(world.lead, csv(SHIPPED, shipped("1.23E+17")), kind="shipments"))
    written(sent(world.lead, csv(SHIPPED, shipped("ＳＮ００１")), kind="shipments"), world.lead)  # noqa: RUF001
    assert {m[3] for m in told()} == {"CV-001", "SN001"}


@pytest.mark.django_db
def test_what_is_known_of_a_unit_minds_no_case_of_letters(world: World) -> None:
    written(report(world, unit("Cv-001")), world.filer)
    seen = sent(world.lead, csv(service.HEAD, service.row(序列号="cv-001")), kind="service")
    assert (2, "serial", "never_moved") not in codes(seen)
    written(seen, world.lead)
    product = units.Known({"CV-001"}).products_of("cV-001")
    assert [entry.serial for entry in units.Known({"CV-001"}).of(product[0], "cv-001")] == ["Cv-001", "cv-001"]
    for typed in ("Cv-001", "cv-001"):
        (found,) = units.find(world.reviewer, typed)
        assert len(units.entries(world.reviewer, found)[0]) == 2, "one unit, and all that is known of it"


# Hostile cells


def hostile(length: int) -> str:
    return "1~" * (length // 2) + "x"


@pytest.mark.parametrize("text", [hostile(3_900), "1-" * 1_950 + "x", "9" * 131, "A" * 65 + "~" + "A" * 66])
def test_a_part_that_is_no_serial_number_is_refused_before_it_is_looked_into(text: str) -> None:
    with pytest.raises(ValueError, match="long"):
        serials_of(text, 1)


@pytest.mark.django_db
def test_a_part_that_is_too_long_is_a_problem_of_its_cell(world: World) -> None:
    assert (2, "serial", "serials_long") in codes(report(world, unit(hostile(3_900))))


@pytest.mark.parametrize("text", ["1~", "1-", " ", "1 ", "1 to"])
def test_a_cell_four_times_as_long_takes_about_four_times_as_long(monkeypatch: pytest.MonkeyPatch, text: str) -> None:
    monkeypatch.setattr(rules, "LONGEST_PART", 10**6)

    def seconds(length: int) -> float:
        cell = f"A{text * (length // len(text))}x"

        def read() -> None:
            try:
                serials_of(cell, 1)
            except ValueError:
                return

        # Of this process alone, and the least of many: others on the machine must not decide.
        return min(timeit.repeat(read, number=5, repeat=15, timer=time.process_time))

    assert seconds(16_000) < 8 * seconds(4_000)
