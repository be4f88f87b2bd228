"""Which firm of the portal a name means, and what the manufacturer shipped before, as far as the rows at hand ask for it. Reads; knows no file."""

import datetime as dt
from collections.abc import Collection, Sequence
from dataclasses import dataclass
from decimal import Decimal
from difflib import get_close_matches
from itertools import pairwise

from django.db.models import Case, F, Q, QuerySet, Sum, When
from django.db.models.functions import Upper

from certifications.custody.actions import coming_again
from certifications.custody.models import Movement
from certifications.custody.queries import counting
from certifications.matching.identifiers import compact
from certifications.parties.rules import clean_name
from certifications.people.models import Organisation
from certifications.uploads.kinds import Thing

from .moved import serials_named
from .sent_again import on_record

# What brings a unit back to the manufacturer, whoever reports it.
CAME_BACK = frozenset({"sell_back", "rma"})
LIKE, MOST_LIKE = 0.5, 3


class Firms:
    """Firms of the portal as files name them: every name and number on record. Asked once for many rows."""

    def __init__(self, firms: QuerySet[Organisation]) -> None:
        self.all = {one.pk: one for one in firms.prefetch_related("party__names", "party__identifiers")}
        self._known: dict[str, set[str]] = {}
        for one in self.all.values():
            party = getattr(one, "party", None)
            names = [one.name, one.name_native, *(name.text for name in party.names.all())] if party else [one.name, one.name_native]
            keys = {clean_name(name).casefold() for name in names if name}
            keys |= {row.value.casefold() for row in party.identifiers.all()} if party else set()
            for key in keys:
                self._known.setdefault(key, set()).add(one.pk)

    def named(self, text: str) -> Organisation | None:
        """The one that the text names, by name or number; None for nobody and for several."""
        found = self._known.get(clean_name(text).casefold()) or self._known.get(compact(text).casefold()) or set()
        return self.all[next(iter(found))] if len(found) == 1 else None

    def like(self, text: str) -> list[str]:
        """Names that are like it, to be proposed."""
        near = get_close_matches(clean_name(text).casefold(), list(self._known), n=MOST_LIKE, cutoff=LIKE)
        return list(dict.fromkeys(self.all[pk].name for key in near for pk in sorted(self._known[key])))[:MOST_LIKE]


@dataclass(frozen=True)
class Leg:
    """What was reported of a unit once: how it moved, when, and to or from which distributor."""

    kind: str
    on: dt.date
    distributor: str
    distributor_id: str | None


Unit = tuple[str, str]  # a product, and a serial number in capitals: nobody minds the letters' case


def unit_of(product_id: str, serial: str) -> Unit:
    """Product and serial number as one unit is told from others."""
    return product_id, serial.upper()


def legs_of(rows: QuerySet[Movement]) -> dict[Unit, list[Leg]]:
    """By unit: its legs from and to the manufacturer, by day, and within one as they were reported."""
    found: dict[Unit, list[Leg]] = {}
    told = rows.filter(kind__in=["sell_in", *CAME_BACK]).order_by("happened_on", "recorded_at", "row", "pk")
    for one in told.values_list(
        "product",
        "serial",
        "kind",
        "happened_on",
        "to_organisation__name",
        "from_organisation__name",
        "to_organisation",
        "from_organisation",
    ).iterator(chunk_size=5000):
        product, serial, kind, on, *names = one
        to, since, to_id, since_id = names
        leg = Leg(kind, on, to or "", to_id) if kind == "sell_in" else Leg(kind, on, since or "", since_id)
        found.setdefault(unit_of(product, serial), []).append(leg)
    return found


def of_units(serials: Collection[str], organisation: Organisation | None) -> QuerySet[Movement]:
    """What the firm reported of these serial numbers, in capitals, and the returns that distributors reported."""
    rows = Movement.objects.annotate(capitals=Upper("serial")).exclude(serial="").filter(capitals__in=serials)
    return rows.filter(Q(organisation=organisation) | Q(kind="rma"))


def left_twice(legs: Sequence[Leg]) -> bool:
    """Whether the unit left again before it came back, or twice on one day."""
    out = [leg.on for leg in legs if leg.kind == "sell_in"]
    return len(set(out)) < len(out) or any(one.kind == two.kind == "sell_in" for one, two in pairwise(legs))


def shipped_twice(organisation: Organisation, *, gone: Collection[str], again: Collection[str]) -> dict[str, str]:
    """By line: a serial number that would have left twice if the lines `gone` counted no more, and those `again` did."""
    back = [one for one in coming_again(organisation=organisation, lines=list(again)) if one.kind == "sell_in" and one.serial]
    own = counting(Movement.objects.filter(organisation=organisation, line__in=gone, kind="sell_back")).exclude(serial="")
    touched = [*back, *own]
    rows = of_units({one.serial.upper() for one in touched}, organisation)
    legs = legs_of(rows.filter((Q(taken_back_at__isnull=True) & ~Q(line__in=gone)) | Q(pk__in=[one.pk for one in back]))) if touched else {}
    twice = {unit for unit, some in legs.items() if left_twice(some)}
    return {one.line: one.serial for one in touched if unit_of(one.product_id, one.serial) in twice}


class Shipped:
    """Three questions for some thousands of rows."""

    def __init__(self, organisation: Organisation | None, things: Sequence[Thing]) -> None:
        self.organisation = organisation
        self.own = counting(Movement.objects.filter(organisation=organisation))
        values = [thing.lines[0].values for thing in things]
        self.keys = on_record(self.own, things)
        self._serials = {serial.upper() for serial in serials_named(thing.lines[0] for thing in things)}
        # By unit: what anybody reported of its way from and to the manufacturer.
        self.units = self._units()
        self._invoices = {row["invoice_no"] for row in values if row.get("invoice_no")}
        self.invoiced = self._invoiced(self._invoices)

    def leave_out(self, upload_id: str) -> None:
        """An invoice line does not stand against another row of its own file: a person saw both beside each other."""
        if self.invoiced:
            self.own = self.own.exclude(upload=upload_id)
            self.invoiced = self._invoiced(self._invoices)

    def without(self, lines: Collection[str]) -> None:
        """What is about to be taken back stands against nothing."""
        if lines:
            self.own = self.own.exclude(line__in=lines)
            self.units, self.invoiced = self._units(lines), self._invoiced(self._invoices)

    def _units(self, without: Collection[str] = ()) -> dict[Unit, list[Leg]]:
        rows = counting(of_units(self._serials, self.organisation)).exclude(line__in=without)
        return legs_of(rows) if self._serials else {}

    def _invoiced(self, numbers: set[str]) -> dict[tuple[str, ...], list[Decimal]]:
        """By invoice, product, lot, distributor and kind: quantities that were reported without serial numbers."""
        found: dict[tuple[str, ...], list[Decimal]] = {}
        rows = self.own.filter(invoice_no__in=numbers, serial="") if numbers else self.own.none()
        told = rows.values_list("invoice_no", "product", "lot", "kind", "to_organisation", "from_organisation", "quantity")
        for number, product, lot, kind, to, since, quantity in told.iterator(chunk_size=5000):
            found.setdefault((number, product, lot, kind, to if kind == "sell_in" else since), []).append(quantity)
        return found


def shipped_before(organisation_id: str, products: set[str], distributor_ids: set[str]) -> dict[tuple[str, str], Decimal]:
    """By product and distributor: units that the manufacturer shipped to it, less what came back."""
    if not products:
        return {}
    rows = counting(Movement.objects.filter(organisation=organisation_id, product__in=products, kind__in=Movement.SHIPMENTS))
    whose = Case(When(kind="sell_in", then=F("to_organisation")), default=F("from_organisation"))
    signed = Case(When(kind="sell_in", then=F("quantity")), default=-F("quantity"))
    named = rows.order_by().annotate(whose=whose).filter(whose__in=distributor_ids).values_list("product", "whose")
    return {(product, one): n for product, one, n in named.annotate(n=Sum(signed))}
