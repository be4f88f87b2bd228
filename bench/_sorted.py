"""A distributor's lists of customers, declarations and attestations in each order that they are offered in: what SQL takes, and the page.

All rows are one distributor's, and it has no others: pages.py gives the distributors of the demonstration its own rows.
"""

import os
import statistics
import time

from django.contrib.auth.hashers import make_password
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext

from bench._shop import LISTED, fill, named, statements
from certifications.catalogue.models import ClauseSet
from certifications.pages.distributors.forms_lists import AttestationsForm, CustomersForm, DeclarationsForm
from certifications.people.demo import DemoPerson, make_person
from certifications.people.models import Organisation, User
from certifications.screening.queries import engine, key_of, lists_in_force

EMAIL = "filer@sorted.example"
LISTS = (("/d/customers/", CustomersForm), ("/d/declarations/", DeclarationsForm), ("/d/attestations/", AttestationsForm))
RUNS = 7


def filer() -> User:
    """The filer of a distributor that has what `grow` gives it and nothing else."""
    own, _new = Organisation.objects.get_or_create(
        kind="distributor", name="Sorted Instruments", defaults={"country": "CN", "time_zone": "Asia/Shanghai"}
    )
    return make_person(DemoPerson("sorted", "Shen Lan", EMAIL, "sorted", ("filer",)), {"sorted": own}, make_password(None))


def grow(count: int, first: int = 1) -> None:
    """The distributor's rows from number `first` up to `count`."""
    by, clauses = filer(), ClauseSet.objects.first()
    assert by.organisation is not None and clauses is not None
    given = {
        "distributors": [by.organisation.pk],
        "filer": by.pk,
        "clauses": clauses.pk,
        "lists_key": key_of(lists_in_force()),
        "engine": engine(),
    }
    wanted = [(what, sql) for what, sql in statements(count, first) if what in LISTED]
    fill(count, given, wanted + named(count, first))


def orders() -> list[str]:
    """The address of every list in each of its orders, both ways."""
    return [f"{address}?sort={way}{one.code}" for address, form in LISTS for one in form.sorts for way in ("", "-")]


def measure() -> dict[str, tuple[int, float, float]]:
    """By address: (queries, milliseconds of SQL, of the page), medians."""
    client = Client(SERVER_NAME="localhost")
    client.force_login(filer(), backend="allauth.account.auth_backends.AuthenticationBackend")
    found = {}
    for address in orders():
        response = client.get(address)
        assert response.status_code == 200, (address, response.status_code)  # noqa: PLR2004
        sql, page, count = [], [], 0
        for _ in range(RUNS):
            began = time.perf_counter()
            client.get(address)
            page.append((time.perf_counter() - began) * 1000)
            with CaptureQueriesContext(connection) as queries:
                client.get(address)
            count = len(queries)
            sql.append(sum(float(one["time"]) for one in queries) * 1000)
        found[address] = (count, statistics.median(sql), statistics.median(page))
    return found


def show(large: int) -> None:
    """Print a row an order, at 1,000 rows and at `large`."""
    grow(1_000)
    small = measure()
    grow(large, 1_001)
    big = measure()
    print(f"\none distributor's own lists, load {os.getloadavg()[0]:.1f} on {os.cpu_count()} cores")
    heads = ("queries", "SQL ms at 1,000", f"at {large:,}", "page ms at 1,000", f"at {large:,}", "ratio")
    print(f"{'list and order':36}{heads[0]:>9}{heads[1]:>17}{heads[2]:>12}{heads[3]:>18}{heads[4]:>12}{heads[5]:>7}")
    for address, (queries, sql, page) in small.items():
        more, slower_sql, slower = big[address]
        print(
            f"{address:36}{f'{queries}/{more}':>9}{sql:>17.0f}{slower_sql:>12.0f}{page:>18.1f}{slower:>12.1f}{slower / page:>7.2f}",
            flush=True,
        )
