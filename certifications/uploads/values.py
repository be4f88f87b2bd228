"""Cells to values: days, quantities, codes and choices in the forms in which people write them. Pure; raises Unfit and never guesses."""

import datetime as dt
import re
import unicodedata
from collections.abc import Callable, Iterable
from decimal import Decimal, InvalidOperation
from typing import Any, Final

from django.utils.translation import gettext_lazy as _

from .kinds import Fix, Unfit
from .readers import key_of

# What a spreadsheet may take for the beginning of a formula, the wide forms too (OWASP: CSV injection).
FORMULA_STARTS: Final = frozenset("=+-@\t\r＝＋－＠")  # noqa: RUF001 - the wide forms are meant
# Nothing that is reported lies before it: an earlier day is a slip of the pen, or a clock that was never set.
EARLIEST: Final = dt.date(2000, 1, 1)
# Serial numbers of days that Excel may mean: 1954 to 2119.
SERIAL_FROM, SERIAL_TO = 20_000, 80_000
_ZERO: Final = dt.date(1899, 12, 30)
_MONTHS: Final = {
    name: number
    for number, name in enumerate(["jan", "feb", "mar", "apr", "may", "jun", "jul", "aug", "sep", "oct", "nov", "dec"], start=1)
}
_HAN_DIGITS: Final = str.maketrans("〇零一二三四五六七八九", "00123456789")
_YEAR_FIRST = re.compile(r"^(\d{4})\s*[-/.年]\s*(\d{1,2})\s*[-/.月]\s*(\d{1,2})\s*[日号]?(?:[ T]\d{1,2}:\d\d(?::\d\d)?(?:\.0+)?)?$")
_YEAR_LAST = re.compile(r"^(\d{1,2})\s*[-/.]\s*(\d{1,2})\s*[-/.]\s*(\d{4})$")
_NAMED = re.compile(r"^(?:(\d{1,2})[\s\-.]*([A-Za-z]{3,9})\.?|([A-Za-z]{3,9})\.?\s*(\d{1,2}),?)[\s\-,.]*(\d{4})$")
_HAN_DAY = re.compile(r"^([〇零一二三四五六七八九]{4})年([一二三四五六七八九十]{1,3})月([一二三四五六七八九十]{1,3})[日号]$")
_ROUNDED = re.compile(r"^\d(?:[.,]\d+)?[Ee]\+\d+$")
_AMOUNT = re.compile(r"^([+\-−(]?)\s*([\d][\d.,'’\s]*|\.\d+)\s*(万?)\s*([^\d.,]*?)\)?$")


def folded(text: str) -> str:
    """Full-width digits and letters as plain ones, blanks folded."""
    return " ".join(unicodedata.normalize("NFKC", text).split())


def day(text: str) -> dt.date:
    """A civil day: 2026-10-05, 2026/10/5, 2026.10.5, 20261005, 2026年10月5日, 二〇二六年十月五日, 5 Oct 2026, Excel's 46300.

    05/10/2026 may be two days and is asked back; a day before 2000 is refused. Raises Unfit.
    """
    return since_2000(_day(text))


def since_2000(found: dt.date) -> dt.date:
    """The day, where it can be one that is reported. Raises Unfit."""
    if found < EARLIEST:
        raise Unfit("too_early", _("This day lies before the year 2000. Correct it, written as 2026-10-05."))
    return found


def _day(text: str) -> dt.date:
    typed = folded(text)
    if found := _YEAR_FIRST.match(typed):
        return _date(text, *map(int, found.groups()))
    if re.fullmatch(r"\d{8}", typed):
        return _date(text, int(typed[:4]), int(typed[4:6]), int(typed[6:]))
    if re.fullmatch(r"\d{5}(?:\.\d+)?", typed) and SERIAL_FROM <= float(typed) < SERIAL_TO:
        return _ZERO + dt.timedelta(days=int(float(typed)))
    if found := _HAN_DAY.match(typed):
        return _date(text, int(found[1].translate(_HAN_DIGITS)), _han_number(found[2]), _han_number(found[3]))
    if found := _NAMED.match(typed):
        month = _MONTHS.get((found[2] or found[3])[:3].lower())
        if month:
            return _date(text, int(found[5]), month, int(found[1] or found[4]))
    if found := _YEAR_LAST.match(typed):
        return _either_way(text, int(found[1]), int(found[2]), int(found[3]))
    raise Unfit("day", _("This cannot be read as a day. Write it as 2026-10-05."))


def _either_way(text: str, first: int, second: int, year: int) -> dt.date:
    both = []
    for month, number in ((second, first), (first, second)):
        try:
            both.append(dt.date(year, month, number))
        except ValueError:
            continue
    if not both:
        return _date(text, year, second, first)
    if len(set(both)) == 1:
        return both[0]
    fixes = [Fix(one.isoformat(), one.isoformat()) for one in both]
    raise Unfit("day_order", _("This may be two days. Choose one, or write the year first: 2026-10-05."), fixes)


def _date(text: str, year: int, month: int, number: int) -> dt.date:
    try:
        return dt.date(year, month, number)
    except ValueError:
        raise Unfit("no_such_day", _("There is no such day. Correct it, written as 2026-10-05.")) from None


def _han_number(text: str) -> int:
    tens, ten, ones = text.rpartition("十")
    if not ten:
        return int(text.translate(_HAN_DIGITS))
    return (int(tens.translate(_HAN_DIGITS)) if tens else 1) * 10 + (int(ones.translate(_HAN_DIGITS)) if ones else 0)


def amount(text: str) -> tuple[Decimal, str]:
    """(number, the unit written behind it): 12, 1,200, 1 200, 12.5, ３盒, 1.2万, 100 人份. Negative numbers come out negative.

    1,5 and 1.200 may be two numbers and are asked back. Raises Unfit.
    """
    typed = folded(text)
    found = _AMOUNT.match(typed)
    if not found:
        raise Unfit("number", _("This cannot be read as a number. Write digits, such as 12."))
    sign, digits, ten_thousand, unit = found.groups()
    value = _number(re.sub(r"['’\s]", "", digits).rstrip(".,"))
    if ten_thousand:
        value *= 10_000
    return (-value if sign in {"-", "−", "("} else value), unit.strip()


def _number(digits: str) -> Decimal:
    if re.fullmatch(r"\d{1,3}(?:,\d{3})+(?:\.\d+)?", digits):
        digits = digits.replace(",", "")
    elif re.fullmatch(r"\d{1,3}(?:\.\d{3}){2,}(?:,\d+)?|\d{1,3}(?:\.\d{3})+,\d+", digits):
        digits = digits.replace(".", "").replace(",", ".")
    elif re.fullmatch(r"\d+,\d{1,2}", digits):
        point, none = digits.replace(",", "."), digits.replace(",", "")
        raise Unfit(
            "comma",
            _("The comma may be a decimal point or a slip. Choose, or write it without a comma."),
            [Fix(point, point), Fix(none, none)],
        )
    elif re.fullmatch(r"[1-9]\d{0,2}\.\d{3}", digits):
        # 1.200 is 1200 in half of Europe; a cell that holds a number never ends in zeros.
        fixes = [digits.rstrip("0").rstrip("."), digits.replace(".", "")]
        raise Unfit("point", _("The point may be a decimal point or mark thousands. Choose one."), [Fix(one, one) for one in fixes])
    try:
        return Decimal(digits)
    except InvalidOperation:
        raise Unfit("number", _("This cannot be read as a number. Write digits, such as 12.")) from None


def code(text: str) -> str:
    """A registration or catalogue number as typed; one that a spreadsheet rounded is refused. Raises Unfit."""
    typed = folded(text)
    if _ROUNDED.match(typed):
        raise Unfit(
            "rounded",
            _("The spreadsheet took this for a number and rounded it. Format the column as text, and enter the whole code again."),
        )
    return typed


def choice(options: Iterable[tuple[str, Iterable[str]]], refusal: Callable[[], Any]) -> Callable[[str], str]:
    """A reader for one of some values, each known by several words. `refusal` gives the sentence for anything else."""
    known: dict[str, str] = {}
    for value, words in options:
        for word in (value, *words):
            known.setdefault(key_of(str(word)), value)

    def read(text: str) -> str:
        found = known.get(key_of(text))
        if found is None:
            raise Unfit("choice", refusal())
        return found

    return read


def plain_text(text: str) -> str:
    """Free text. A mark that our own files put before a formula is taken off again."""
    return text[1:] if text[:1] == "'" and text[1:2] in FORMULA_STARTS else text


def figure(value: Decimal) -> str:
    """A number without zeros behind the point, and never as 1E+3."""
    return f"{value.normalize():f}"


def shown(value: Any) -> str:
    """A value as a person reads it in a list of changes."""
    if isinstance(value, tuple | list):
        return "; ".join(str(item) for item in value)
    return "" if value is None else str(value)
