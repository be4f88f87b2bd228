"""What is known of one unit or lot in order of time, and where it was seen at another user or place than was last reported.

That is said as a difference, and nothing more: a demonstration unit, a replacement or a slip of the pen look the same. Compliance alone
asks; nothing of it reaches a distributor.
"""

import datetime as dt
from collections import defaultdict
from collections.abc import Collection, Iterable, Iterator, Sequence
from dataclasses import dataclass, replace
from typing import Any, TypeVar

from django.db.models import Model, QuerySet
from django.db.models.functions import Upper
from django.utils.translation import gettext_lazy as _

from certifications.custody import queries as movements
from certifications.custody import sightings
from certifications.custody.models import Movement
from certifications.custody.models_sightings import Sighting
from certifications.custody.rules import WENT
from certifications.matching.identifiers import compact
from certifications.parties.rules_register import within
from certifications.people.models import User
from certifications.programme.models import StockCount
from certifications.programme.queries import counting as stock_counting
from certifications.programme.queries import stock_visible_to
from certifications.resolution.engine import folded
from certifications.resolution.models import NameCandidate
from certifications.uploads.kinds import Said

from .unit_entries import (
    EVIDENCE,
    Entry,
    Told,
    counting_lines,
    fetched,
    in_evidence,
    in_field,
    in_order,
    of_movements,
    of_sightings,
    of_stock,
    writings,
)

# Kinds of movements that take a unit away again from whoever had it (those that leave it with somebody: WENT).
AWAY = frozenset({"return", "rma", "receipt", "sell_in", "sell_back"})
MOST_FOUND = 20
Row = TypeVar("Row", bound=Model)


@dataclass(frozen=True)
class Before:
    """What was last said of a unit before a day: who had it and where, each as far as it was said."""

    user: Entry | None = None
    place: Entry | None = None


def bound_parties(users: Iterable[tuple[str, str]]) -> dict[tuple[str, str], frozenset[str]]:
    """By (folded name, number): the parties that the name means, as workers and people resolved it."""
    wanted = set(users)
    rows = NameCandidate.objects.filter(
        is_bound=True, reported__role__in=["buyer", "end_user"], reported__folded__in={name for name, _code in wanted}
    )
    found: dict[tuple[str, str], set[str]] = defaultdict(set)
    for name, code, party in rows.values_list("reported__folded", "reported__code", "party"):
        if (name, code) in wanted:
            found[name, code].add(party)
    return {key: frozenset(parties) for key, parties in found.items()}


def user_key(told: Told) -> tuple[str, str]:
    return folded(told.user), compact(told.code)


def same_user(one: Told, other: Told, bound: dict[tuple[str, str], frozenset[str]]) -> bool:
    """By number where both have one, else by name, else by the parties that the names mean."""
    (name, code), (its_name, its_code) = user_key(one), user_key(other)
    if code and its_code:
        return code == its_code
    return name == its_name or bool(bound.get((name, code), frozenset()) & bound.get((its_name, its_code), frozenset()))


def same_place(one: str, other: str) -> bool:
    """Whether one of two divisions holds the other. A district and its city are one place; two districts are not."""
    return within(one, other) or within(other, one)


def differences(told: Told, before: Before, bound: dict[tuple[str, str], frozenset[str]] | None = None) -> Iterator[tuple[str, Any]]:
    """("user" or "place", the sentence) for each that is another than was last reported."""
    if told.user and before.user is not None:
        its = before.user.told
        held = bound_parties([user_key(told), user_key(its)]) if bound is None else bound
        if not same_user(told, its, held):
            said = _("Last reported of %(who)s on %(on)s.")
            yield "user", Said(said, {"who": its.user, "on": before.user.on.isoformat()})
    if told.division and before.place is not None and not same_place(told.division, before.place.told.division):
        said = _("Last reported at %(where)s on %(on)s.")
        yield "place", Said(said, {"where": before.place.told.place, "on": before.place.on.isoformat()})


def compared(entries: Sequence[Entry]) -> list[Entry]:
    """The entries of one unit, the earliest first, each sighting with what differs from what was last said before it."""
    bound = bound_parties(user_key(entry.told) for entry in entries if entry.told.user)
    before, shown = Before(), []
    for entry in entries:
        # A notice that does not say which product it is of may mean another firm's unit of that number.
        if entry.taken_back_at is not None or not entry.seen or (entry.what == EVIDENCE and not entry.product):
            shown.append(entry)
        else:
            shown.append(replace(entry, differs=tuple(str(said) for _field, said in differences(entry.told, before, bound))))
        before = before if entry.taken_back_at is not None else _after(entry, before)
    return shown


def _after(entry: Entry, before: Before) -> Before:
    """What stands to be compared after an entry. A notice is compared with what was reported and takes the place of none of it."""
    if entry.what in AWAY:
        return Before()
    if entry.what not in WENT and entry.what not in Sighting.Kind.values:
        return before
    return Before(entry if entry.told.user else before.user, entry if entry.told.division else before.place)


def of_units(rows: QuerySet[Row], serials: Collection[str]) -> QuerySet[Row]:
    """Those of the rows that are of these serial numbers, in any case of letters."""
    # Without empty ones by the same words as the index of movements.
    return rows.exclude(serial="").alias(capitals=Upper("serial")).filter(capitals__in={serial.upper() for serial in serials})


class Known:
    """What is known of some thousands of units at once, by product and serial number in any case of letters. Three queries."""

    def __init__(self, serials: Collection[str]) -> None:
        self._entries: dict[tuple[str, str], list[Entry]] = defaultdict(list)
        self._products: dict[str, set[str]] = defaultdict(set)
        if serials:
            rows = [
                *of_movements(of_units(movements.counting(Movement.objects.all()), serials)),
                *of_sightings(fetched(of_units(sightings.counting(Sighting.objects.all()), serials))),
                *of_stock(of_units(stock_counting(StockCount.objects.all()), serials)),
            ]
            for entry in sorted(rows, key=in_order):
                self._entries[entry.product, entry.serial.upper()].append(entry)
                self._products[entry.serial.upper()].add(entry.product)

    def of(self, product: str, serial: str) -> list[Entry]:
        """Everything of one unit, the earliest first."""
        return self._entries.get((product, serial.upper()), [])

    def products_of(self, serial: str) -> list[str]:
        """Products that have this serial number on record."""
        return sorted(self._products.get(serial.upper(), ()))

    def before(self, product: str, serial: str, on: dt.date) -> Before:
        """What was last said of the unit up to a day."""
        return self._last(entry for entry in self.of(product, serial) if entry.on <= on)

    def until(self, entry: Entry) -> Before:
        """What was last said of its unit before an entry."""
        return self._last(one for one in self.of(entry.product, entry.serial) if in_order(one) < in_order(entry))

    @staticmethod
    def _last(found: Iterable[Entry]) -> Before:
        before = Before()
        for entry in found:
            before = _after(entry, before)
        return before


# For the page


@dataclass(frozen=True)
class Unit:
    """One unit or lot on record: ("serial" or "lot", its number), of a product (id; "" where only a notice names it)."""

    product: str
    by: str
    number: str


def find(user: User, text: str) -> list[Unit]:
    """Units and lots of exactly this number, in any case of letters; at most MOST_FOUND."""
    typed = " ".join(text.split())
    written = writings(typed)
    found: set[Unit] = set()
    for rows in (movements.visible_to(user), sightings.visible_to(user), stock_visible_to(user)):
        for by in ("serial", "lot"):
            if by == "lot" and rows.model is Sighting:
                continue
            pairs = rows.filter(**{f"{by}__in": written}).order_by().values_list("product", by).distinct()[:MOST_FOUND]
            found |= {Unit(product, by, number) for product, number in pairs}
    # One unit however its serial number is written; two lots may differ by that alone.
    found = set(
        {(one.product, one.by, one.number.upper() if one.by == "serial" else one.number): one for one in sorted(found, key=str)}.values()
    )
    known = {(one.by, one.number.upper(), product) for one in found for product in (one.product, "")}
    for by in ("serial", "lot"):
        pairs = counting_lines(user).filter(in_field(by, typed)).order_by("product", by).values_list("product", by).distinct()[:MOST_FOUND]
        # Evidence that does not say which product it is stands with every unit of that number, and alone where there is none.
        for product, number in pairs:
            if (by, number.upper(), product or "") not in known:
                known.add((by, number.upper(), product or ""))
                found.add(Unit(product or "", by, number))
    return sorted(found, key=lambda one: (one.by != "serial", one.number, one.product))[:MOST_FOUND]


def entries(user: User, unit: Unit, *, most: int | None = None) -> tuple[list[Entry], int]:
    """What is known of a unit or lot, the earliest first, with what differs; what was taken back stands there as such.

    Of a lot at most the newest `most`, and how many came before them: one may have gone out in a hundred thousand movements.
    """

    def of(rows: QuerySet[Row]) -> QuerySet[Row]:
        same = rows.filter(product=unit.product)
        return of_units(same, [unit.number]) if unit.by == "serial" else same.filter(lot=unit.number)

    moved, left = of(movements.visible_to(user)), 0
    if most is not None and unit.by == "lot":
        left = max(0, moved.count() - most)
        moved = moved.filter(pk__in=moved.order_by("-happened_on", "-recorded_at", "-pk").values("pk")[:most]) if left else moved
    rows = [
        *of_movements(moved),
        *of_stock(of(stock_counting(stock_visible_to(user)))),
        *in_evidence(user, unit.number, [unit.by], unit.product),
    ]
    if unit.by == "serial":
        rows += of_sightings(fetched(of(sightings.visible_to(user))))
    ordered = sorted(rows, key=in_order)
    if unit.by == "serial":
        return compared(ordered), 0
    shown = ordered if most is None else ordered[-most:]
    return shown, left + len(ordered) - len(shown)


def named_in_evidence(user: User, text: str) -> list[Entry]:
    """Confirmed lines whose words hold the number, the earliest first."""
    return sorted(in_evidence(user, " ".join(text.split())), key=in_order)


def seen_lately(rows: Sequence[Sighting]) -> list[tuple[Sighting, tuple[str, ...]]]:
    """Sightings, each with what differs from what was last said of its unit before it."""
    known = Known({row.serial for row in rows})
    told = {row.pk: entry for row, entry in zip(rows, of_sightings(rows), strict=True)}
    users = [user_key(entry.told) for entry in told.values()]
    befores = {row.pk: known.until(told[row.pk]) for row in rows}
    users += [user_key(before.user.told) for before in befores.values() if before.user]
    bound = bound_parties(users)
    return [
        (
            row,
            () if row.taken_back_at else tuple(str(said) for _field, said in differences(told[row.pk].told, befores[row.pk], bound)),
        )
        for row in rows
    ]
