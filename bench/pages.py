"""Queries and milliseconds of the main pages at 1,000 and at 100,000 declarations; the ratio says whether a page grows.

    ./dev bench pages [--quick] [--only lists]

Then one distributor's lists in every order that they are offered in, all rows its own; `--only lists` measures these alone.
Rows are bulk-inserted on a throw-away server, which its owner then analyses; pages are asked through Django's client.
"""

import logging
import os
import statistics
import sys
import time

import django

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "portal.settings_test")
sys.path.insert(0, str(__import__("pathlib").Path(__file__).resolve().parents[1]))
django.setup()

from django.db import connection  # noqa: E402
from django.test import Client  # noqa: E402
from django.test.utils import CaptureQueriesContext  # noqa: E402
from ulid import ULID  # noqa: E402

from bench import _sorted  # noqa: E402
from bench._processes import analysed  # noqa: E402
from certifications.catalogue.models import ClauseSet, Product  # noqa: E402
from certifications.declarations.models import Declaration, DeclarationLine, DeclarationVersion  # noqa: E402
from certifications.flow.demo import load  # noqa: E402
from certifications.parties.models import Customer, Party, PartyName  # noqa: E402
from certifications.people.models import User  # noqa: E402

PAGES = (
    ("filer", "lin.yue@qinglan.example", "/d/"),
    ("filer", "lin.yue@qinglan.example", "/d/declarations/"),
    ("filer", "lin.yue@qinglan.example", "/d/declarations/?q=Hospital+77"),
    ("filer", "lin.yue@qinglan.example", "/d/customers/"),
    ("reviewer", "daniel.okafor@corvane.example", "/c/"),
    ("reviewer", "daniel.okafor@corvane.example", "/c/attestations/"),
    ("regulator", "ursina.caflisch@seco.example", "/r/"),
)
RUNS = 9


def fill(count: int) -> None:
    """Bulk-insert until there are `count` declarations, one customer for each twenty, spread over fifty distributors' worth of rows."""
    import datetime as dt

    filer = User.objects.get(email=PAGES[0][1])
    organisation = filer.organisation
    have = Declaration.objects.count()
    clause_set, kit = ClauseSet.objects.first(), Product.objects.get(catalogue_number="CI-2440-100")
    assert organisation is not None and clause_set is not None
    others = list(type(organisation).objects.filter(kind="distributor").exclude(pk=organisation.pk))
    while have < count:
        batch = min(5000, count - have)
        parties = [Party(kind="end_user", country="CN", division="330200") for _ in range(batch // 20 or 1)]
        Party.objects.bulk_create(parties)
        PartyName.objects.bulk_create(
            PartyName(party=p, text=f"Hospital {have + i}", script="Latn", kind="english") for i, p in enumerate(parties)
        )
        # One in fifty rows is the measured distributor's own: 2,000 of 100,000, as a large one has.
        customers = [
            Customer(
                organisation=organisation if i % 50 == 0 else others[0],
                party=p,
                registered_by=filer,
                form_key=str(ULID()),
                native_order=f"hospital {have + i}",
                latin_order=f"hospital {have + i}",
            )
            for i, p in enumerate(parties)
        ]
        Customer.objects.bulk_create(customers)
        declarations = [
            Declaration(
                number=f"EUD-B-{have + i:08d}", organisation=customers[i % len(customers)].organisation, customer=customers[i % len(customers)],
                status="draft" if i % 40 == 0 else "withdrawn", created_by=filer, form_key=str(ULID()),
            )
            for i in range(batch)
        ]  # fmt: skip
        Declaration.objects.bulk_create(declarations)
        today = dt.date.today()
        versions = [
            DeclarationVersion(
                declaration=d, number=1, end_use="bench", place_address="x", place_country="CN", place_division="330200",
                valid_from=today, valid_until=today + dt.timedelta(days=300), clause_set=clause_set, created_by=filer,
            )
            for d in declarations
        ]  # fmt: skip
        DeclarationVersion.objects.bulk_create(versions)
        DeclarationLine.objects.bulk_create(DeclarationLine(version=v, product=kit, quantity=1) for v in versions)
        have += batch
    analysed()


def measure() -> dict[str, tuple[int, float]]:
    """Address to (queries, median milliseconds)."""
    found = {}
    for _role, email, address in PAGES:
        client = Client(SERVER_NAME="localhost")
        client.force_login(User.objects.get(email=email), backend="allauth.account.auth_backends.AuthenticationBackend")
        client.get(address)
        with CaptureQueriesContext(connection) as queries:
            response = client.get(address)
        count = len(queries)
        assert response.status_code == 200, (address, response.status_code)
        times = []
        for _ in range(RUNS):
            began = time.perf_counter()
            client.get(address)
            times.append((time.perf_counter() - began) * 1000)
        found[address] = (count, statistics.median(times))
    return found


def main() -> None:
    """Two tables, or the second alone."""
    # A line per request would be measured with the page.
    logging.disable(logging.CRITICAL)
    load()
    large = 10_000 if "--quick" in sys.argv else 100_000
    if "--only" not in sys.argv:
        pages(large)
    _sorted.show(large)


def pages(large: int) -> None:
    """Both sizes and their ratio."""
    fill(1_000)
    small = measure()
    fill(large)
    big = measure()
    print(f"{'page':34} {'queries':>9} {'ms at 1,000':>12} {f'ms at {large:,}':>14} {'ratio':>6}")
    for address, (queries, milliseconds) in small.items():
        more, slower = big[address]
        print(f"{address:34} {f'{queries}/{more}':>9} {milliseconds:12.1f} {slower:14.1f} {slower / milliseconds:6.2f}")


if __name__ == "__main__":
    main()
