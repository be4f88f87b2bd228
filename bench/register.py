"""The register at 100,000 authorisations: milliseconds of each question that pages, flags and releases ask it.

    ./dev bench register [AUTHORISATIONS]

Then, beside it, a hundred declarations signed in one sitting (bench/_sittings.py).

Twenty years of channel: 20,000 holders with five yearly rights each, one in five below another, one in ten corrected, one
in twenty suspended. The peer is the plain way: read every row of the day and look through them.
"""

import datetime as dt
import os
import random
import statistics
import sys
import time
from collections.abc import Callable
from itertools import islice

import django
import psycopg

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "portal.settings_test")
sys.path.insert(0, str(__import__("pathlib").Path(__file__).resolve().parents[1]))
django.setup()

import _sittings  # noqa: E402
from django.db import connection, transaction  # noqa: E402
from django.utils import timezone  # noqa: E402

from certifications.ledger.ids import new_ulid  # noqa: E402
from certifications.parties import register  # noqa: E402
from certifications.parties.models import Party, PartyName  # noqa: E402
from certifications.parties.models_register import Authorisation, AuthorisationChange, AuthorisationTerms  # noqa: E402
from certifications.parties.rules_register import covers  # noqa: E402
from certifications.parties.sellers import seller_of_party  # noqa: E402
from certifications.parties.there import standing_there  # noqa: E402
from certifications.people.demo import make_demo_people  # noqa: E402

YEARS, RUNS, PAGE = 5, 60, 26
ASKED = 10.0
PROVINCES = ("110000", "310000", "320000", "330000", "340000", "370000", "420000", "430000", "440000", "510000")
LINES = (["kits"], ["kits", "consumables"], ["analysers"], ["kits", "analysers", "consumables"])
HAN = "青岚淮禾江南岷江嘉陵远昌泓桥雨桦临海仪器科学生物试剂器材贸易"
TODAY = dt.datetime.now(tz=dt.UTC).date()
START = TODAY - dt.timedelta(days=365 * (YEARS - 1) + 120)


def fill(count: int) -> None:
    """Bulk-insert; the triggers of the register run for every row, as they do for people."""
    chance = random.Random(11)
    holders = [Party(kind="reseller", country="CN", division=chance.choice(PROVINCES)) for _ in range(count // YEARS)]
    Party.objects.bulk_create(holders, batch_size=5000)
    names = (
        PartyName(party=holder, text="".join(chance.choices(HAN, k=6)) + f"{n:05d}有限公司", script="Hani", kind="official")
        for n, holder in enumerate(holders)
    )
    while batch := list(islice(names, 5000)):
        PartyName.objects.bulk_create(batch)
    rights: list[Authorisation] = []
    rows: list[AuthorisationTerms] = []
    for n, holder in enumerate(holders):
        below = n % 5 == 4
        lines, place = chance.choice(LINES), chance.choice(PROVINCES)
        for year in range(YEARS):
            first = START + dt.timedelta(days=365 * year)
            made = timezone.now() - dt.timedelta(days=(TODAY - first).days + 30)
            parent = rights[-YEARS] if below else None
            right = Authorisation(number=f"AUT-B-{n:06d}-{year}", party=holder, parent=parent, made_at=made)
            rights.append(right)
            rows.append(
                AuthorisationTerms(
                    authorisation=right, lines=lines, countries=["CN"], divisions=[place], valid_from=first,
                    valid_until=first + dt.timedelta(days=365), recorded_at=made, conditions="To named end users alone.",
                )
            )  # fmt: skip
    Authorisation.objects.bulk_create(rights, batch_size=5000)
    AuthorisationTerms.objects.bulk_create(rows, batch_size=2000)
    corrected = [
        AuthorisationTerms(
            authorisation=row.authorisation, supersedes=row, lines=row.lines, countries=["CN"], divisions=row.divisions, valid_from=row.valid_from,
            valid_until=row.valid_until - dt.timedelta(days=5), recorded_at=row.recorded_at + dt.timedelta(days=20), reason="As the contract says",
        )
        for row in rows[::10]
    ]  # fmt: skip
    AuthorisationTerms.objects.bulk_create(corrected, batch_size=2000)
    people = make_demo_people()
    changes = [
        AuthorisationChange(
            authorisation=row.authorisation, to="suspended", holds_from=row.valid_from + dt.timedelta(days=100), reason="evidence", explanation="x" * 20,
            public_reason="y" * 20, proposed_by=people["reviewer"], proposed_proof_id=new_ulid(), digest="0" * 64,
        )
        for row in rows[7::20]
    ]  # fmt: skip
    AuthorisationChange.objects.bulk_create(changes, batch_size=2000)
    with connection.cursor() as cursor:
        cursor.execute(
            "UPDATE certifications_authorisationchange SET state = 'effective', agreed_by_id = %s, agreed_at = now(), agreed_proof_id = id",
            [people["lead"].pk],
        )


def analyse() -> None:
    """What autovacuum does within minutes; only the owner may."""
    tables = ("authorisation", "authorisationterms", "authorisationchange", "party", "partyname", "registercell")
    with psycopg.connect(os.environ["DATABASE_OWNER_URL"], autocommit=True) as owner:
        for table in tables:
            owner.execute(f"VACUUM ANALYZE certifications_{table}")


def measure(ask: Callable[[int], object]) -> tuple[float, float]:
    """Median and 95th percentile in milliseconds."""
    times = []
    for run in range(RUNS):
        began = time.perf_counter()
        ask(run)
        times.append((time.perf_counter() - began) * 1000)
    return statistics.median(times), statistics.quantiles(times, n=20)[-1]


def main() -> None:
    """One table, with the figure that was asked for."""
    count = int(sys.argv[1]) if len(sys.argv) > 1 else 100_000
    began = time.perf_counter()
    with transaction.atomic():
        fill(count)
    analyse()
    rows = AuthorisationTerms.objects.count()
    print(f"{count:,} authorisations in {rows:,} rows of terms, {count // YEARS:,} holders; filled in {time.perf_counter() - began:.0f} s")
    holders = list(Party.objects.filter(authorisations__isnull=False).distinct().order_by("pk")[:: max(1, count // YEARS // 500)])
    last_year = timezone.now() - dt.timedelta(days=365)

    def one(run: int) -> Party:
        return holders[run * 7 % len(holders)]

    def page(word: str, sort: str = "end", *, text: str = "", place: str = "", line: str = "", start: int = 0) -> list[register.Entry]:
        held = register.as_of(TODAY, timezone.now())
        found = register.search(standing_there(held, word, line, "", place), text)
        return held.judged(register.ordered(found, sort)[start : start + PAGE])

    def peer(run: int) -> list[AuthorisationTerms]:
        held = register.as_of(TODAY, timezone.now())
        found = held.known().filter(valid_from__lte=TODAY, valid_until__gt=TODAY)
        return [row for row in found if row.authorisation.party_id == one(run).pk and covers(row, "kits", "CN", "330200")]

    questions: tuple[tuple[str, float | None, Callable[[int], object]], ...] = (
        ("one holder, line and place, as known now",
         ASKED, lambda run: seller_of_party(party=one(run), line="kits", country="CN", division="330200", valid_on=TODAY, known_at=None)),
        ("the same, as known a year ago (with hindsight)",
         ASKED, lambda run: seller_of_party(party=one(run), line="kits", country="CN", division="330200", valid_on=TODAY, known_at=last_year)),
        ("everything one holder ever held, judged", ASKED, lambda run: register.as_of(TODAY, last_year).of([one(run).pk])),
        ("a page of the register, ends first", ASKED, lambda run: page("authorised", start=run * 25)),
        ("a page of one line in one city", ASKED, lambda run: page("authorised", line="kits", place="330200", start=run)),
        ("a page of what is suspended", ASKED, lambda run: page("suspended", start=run)),
        ("a page, newest record first", ASKED, lambda run: page("", "recorded", start=run * 25)),
        ("a page by number of holder", ASKED, lambda run: page("", "number", start=run * 25)),
        ("a page found by part of a name", None, lambda run: page("", text=f"{run:04d}有限")),
        ("a page in the order of names", None, lambda run: page("authorised", "name", start=run * 25)),
        ("how many are in force, up to 1,000",
         ASKED, lambda run: register.as_of(TODAY, timezone.now()).with_standing("authorised").order_by()[:1001].count()),
        ("peer: read the day's rows, look through them", None, peer),
    )  # fmt: skip
    print(f"{'as of a day, as known at a moment':52}{'median ms':>10}{'p95 ms':>9}{'asked':>9}")
    for words, asked, ask in questions:
        ask(0)
        median, high = measure(ask)
        print(f"{words:52}{median:10.1f}{high:9.1f}{f'<= {asked:.0f}' if asked else '':>9}", flush=True)
    _sittings.measure()


if __name__ == "__main__":
    main()
