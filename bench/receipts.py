"""Goods that one distributor received of another: how long the two halves take to be paired, and the flags on them to be kept.

    ./dev bench receipts [--quick]

100,000 goods received (2,000 with --quick) and as many sent. Pairing is measured by itself on goods of several shapes, from such as reports
hold to such as were made up to be hard, beside the least that anybody would do: a join of the two lists by lot, serial number and quantity
that knows no days. Then the worker's look at one month's report of them by a sender whose right had ended: with flags to raise, and again
with nothing to do; and the page that shows fifty with their other halves; each also in seconds of processor, of the worker and of PostgreSQL.
Asserts nothing.
"""

import datetime as dt
import logging
import os
import sys
import time
from collections import defaultdict, deque
from collections.abc import Callable, Iterator, Sequence
from decimal import Decimal
from pathlib import Path
from typing import Any

import django
import structlog

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "portal.settings_test")
sys.path.insert(0, str(Path(__file__).resolve().parents[1]))
django.setup()

from django.db import connection  # noqa: E402
from django.test.utils import CaptureQueriesContext  # noqa: E402
from django.utils import timezone  # noqa: E402

from bench._processes import Spent, analysed  # noqa: E402
from bench._sales import month  # noqa: E402
from certifications.catalogue.models import Product  # noqa: E402
from certifications.custody.models import Movement, SalesReport  # noqa: E402
from certifications.files.actions import store  # noqa: E402
from certifications.flags.models import Flag  # noqa: E402
from certifications.flow import demo_register, received  # noqa: E402
from certifications.flow.demo import load  # noqa: E402
from certifications.flow.halves import halves  # noqa: E402
from certifications.flow.pairing import Goods, paired  # noqa: E402
from certifications.ledger.ids import new_ulid  # noqa: E402
from certifications.parties.authorising import record_authorisation  # noqa: E402
from certifications.parties.models import Party  # noqa: E402
from certifications.parties.rules_register import TermsData  # noqa: E402
from certifications.people.models import Organisation, User  # noqa: E402
from certifications.uploads.bulk import copy_in  # noqa: E402
from certifications.uploads.models import Upload  # noqa: E402

DAY = dt.timedelta(days=1)
SENDER = "Jinling Instruments"
ON_A_PAGE = 50
Row = tuple[int, str, str, int]  # days from the first, lot, serial number, how many


def as_reported(n: int, *, came: bool) -> Row:
    """Fifty lots, one to nine of each, underway for two to ten days; of every tenth the receiver names no lot."""
    return n % 18 + (2 + n % 9 if came else 0), "" if came and n % 10 == 9 else f"24C{n % 50:03d}", "", 1 + n % 9  # noqa: PLR2004


def by_serial(n: int, *, came: bool) -> Row:
    """Instruments, each with its number, written in capitals by one of the two."""
    return n % 18 + (2 + n % 9 if came else 0), "", f"{'CV' if came else 'cv'}36-{n:06d}", 1


def all_alike(n: int, *, came: bool) -> Row:
    """One lot and one quantity."""
    return n % 18 + (2 + n % 9 if came else 0), "24C117", "", 1


def made_up(n: int, *, came: bool) -> Row:
    """One quantity over three years; each side names a lot here and a serial number there, never both the same."""
    return (n * 7 if came else n * 5) % 1095, "A" if n % (3 if came else 2) else "", f"{came}{n}" if n % (5 if came else 4) == 0 else "", 1


SHAPES: tuple[tuple[str, Callable[..., Row]], ...] = (
    ("as reports have them", as_reported),
    ("instruments, by serial number", by_serial),
    ("all of one lot and quantity", all_alike),
    ("made up to be hard", made_up),
)


def side(count: int, shape: Callable[..., Row], first: dt.date, *, came: bool) -> list[Goods]:
    """One distributor's word."""
    rows = (shape(n, came=came) for n in range(count))
    return [
        Goods(f"{'in' if came else 'out'}{n}", first + day * DAY, lot, serial, Decimal(quantity))
        for n, (day, lot, serial, quantity) in enumerate(rows)
    ]


def joined(sent: Sequence[Goods], came: Sequence[Goods]) -> dict[str, str]:
    """The peer: the next of what is alike, whatever the days."""
    waiting: defaultdict[Any, deque[str]] = defaultdict(deque)
    for one in sent:
        waiting[one.lot, one.serial.upper(), one.quantity].append(one.id)
    found = {}
    for one in came:
        if queue := waiting[one.lot, one.serial.upper(), one.quantity]:
            found[one.id] = queue.popleft()
    return found


def timed(act: Callable[[], Any]) -> tuple[float, Any]:
    """(seconds, the answer)."""
    began = time.perf_counter()
    answer = act()
    return time.perf_counter() - began, answer


def pairing(count: int, first: dt.date) -> None:
    """Print a row a shape."""
    print(f"{f'{count:,} sent and as many received':44}{'paired':>9}{'s':>8}{'join, s':>9}{'ratio':>7}")
    for name, shape in SHAPES:
        sent, came = (side(count, shape, first, came=at) for at in (False, True))
        plain, _found = timed(lambda sent=sent, came=came: joined(sent, came))  # type: ignore[misc]
        spent, found = timed(lambda sent=sent, came=came: paired(sent, came))  # type: ignore[misc]
        print(f"{name:44}{len(found):>9,}{spent:>8.2f}{plain:>9.2f}{spent / plain:>7.1f}", flush=True)


# In the database


def sender() -> Organisation:
    """A distributor that began long ago and whose right ended: it is held to the register, and the other half decides how grave it is."""
    firm = Organisation.objects.create(kind="distributor", name=SENDER, country="CN")
    party = Party.objects.create(kind="distributor", country="CN", organisation=firm)
    today = timezone.now().date()
    terms = TermsData(("kits",), ("CN",), (), today - 600 * DAY, today - 200 * DAY, "")
    record_authorisation(party=party, by=None, data=terms, recorded_at=timezone.now() - 601 * DAY)
    people = {"lead": "ingrid.solheim@corvane.example", "reviewer": "daniel.okafor@corvane.example"}
    demo_register.begin({role: User.objects.get(email=email) for role, email in people.items()}, party, ["kits"], today - 500 * DAY)
    return firm


def report_of(organisation: Organisation, by: User, number: str) -> tuple[Upload, SalesReport]:
    """A committed file of one month; its bytes are nobody's concern here."""
    blob = store(number.encode(), name="a.csv", media_type="text/csv", by_id=by.pk)
    upload = Upload.objects.create(
        number=number, kind="sales", organisation=organisation, blob=blob, sha256=blob.sha256, form="csv", status="committed", sent_by=by,
        asked_by=by, form_key=new_ulid(),
    )  # fmt: skip
    return upload, SalesReport.objects.get_or_create(organisation=organisation, period=month())[0]


FIELDS = (
    "id", "line", "part", "key", "kind", "organisation", "report", "from_organisation", "to_organisation", "product", "lot", "serial", "quantity",
    "reported", "happened_on", "buyer_name", "upload", "row", *("buyer_uscc", "buyer_type", "end_user_name", "end_user_uscc", "address", "province",
    "city", "invoice_no", "contract_no", "declaration_no", "currency", "note", "event_id"),
)  # fmt: skip


def rows(
    count: int, *, reporter: Organisation, other: Organisation, product: Product, upload: Upload, report: SalesReport
) -> Iterator[Any]:
    """One side's rows as they are kept."""
    came = other.name == SENDER
    for n in range(count):
        day, lot, serial, quantity = as_reported(n, came=came)
        line = new_ulid()
        ways = (None, reporter.pk) if came else (reporter.pk, None)
        yield (
            new_ulid(), line, 0, line, "receipt" if came else "transfer", reporter.pk, report.pk, *ways, product.pk, lot, serial, Decimal(quantity),
            str(quantity), month() + day * DAY, other.name, upload.pk, n + 2, *[""] * 13,
        )  # fmt: skip


def main() -> None:
    """Two tables."""
    logging.disable(logging.CRITICAL)
    structlog.configure(wrapper_class=structlog.make_filtering_bound_logger(logging.ERROR))
    count = 2_000 if "--quick" in sys.argv else 100_000
    print(f"load {os.getloadavg()[0]:.1f} on {os.cpu_count()} cores\n")
    pairing(count, month())
    load()
    filer = User.objects.get(email="lin.yue@qinglan.example")
    receiver, product = filer.organisation, Product.objects.get(catalogue_number="CI-2440-100")
    assert receiver is not None
    firm = sender()
    upload, report = report_of(receiver, filer, "UP-B-000001")
    theirs, their_report = report_of(firm, filer, "UP-B-000002")
    its = {"product": product, "upload": upload, "report": report}
    copy_in(Movement, FIELDS, rows(count, reporter=receiver, other=firm, **its))
    its = {"product": product, "upload": theirs, "report": their_report}
    copy_in(Movement, FIELDS, rows(count, reporter=firm, other=receiver, **its))
    analysed()
    print(f"\n{f'{count:,} goods received in one report, as many reported as sent':72}{'s':>8}{'of CPU':>8}{'postgres':>9}{'queries':>9}")
    page = list(Movement.objects.filter(upload=upload).select_related("organisation", "upload").order_by("-happened_on", "-pk")[:ON_A_PAGE])
    for words, act in (
        ("the worker's look: the sender resolved, halves paired, flags raised", lambda: received.look(upload.pk)),
        ("the same again, nothing changed", lambda: received.look(upload.pk)),
        (f"{ON_A_PAGE} rows of a page with their other halves", lambda: sum(half.other is not None for half in halves(page).values())),
    ):
        burnt = Spent()
        with CaptureQueriesContext(connection) as queries:
            spent, _said = timed(act)
        cpu = burnt.since()
        print(f"{words:72}{spent:>8.2f}{cpu['python']:>8.1f}{cpu['postgres']:>9.1f}{len(queries):>9}", flush=True)
    for flag in Flag.objects.filter(rule="RECV", inputs__month=f"{month():%Y-%m}", inputs__seller=SENDER).order_by("pk"):
        print(f"flagged {flag.severity}: {flag.inputs['quantity']} of {product.catalogue_number}, shown by {flag.inputs['shown']}")


if __name__ == "__main__":
    main()
