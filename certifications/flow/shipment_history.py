"""Which firm of the portal a name means, and what the manufacturer shipped before, as far as the rows at hand ask for it. Reads; knows no file."""

import datetime as dt
from collections.abc import Sequence
from dataclasses import dataclass
from decimal import Decimal
from difflib import get_close_matches

from django.db.models import Case, F, Q, QuerySet, Sum, When

from certifications.custody.models import Movement
from certifications.custody.queries import counting
from certifications.matching.identifiers import compact
from certifications.parties.rules import clean_name
from certifications.people.models import Organisation
from certifications.uploads.kinds import Thing

from .moved import serials_named

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
class Last:
    """The last that was reported of a unit: how it moved, when, and which distributor had it then."""

    kind: str
    on: dt.date
    distributor: str


class Shipped:
    """Three questions for some thousands of rows."""

    def __init__(self, organisation: Organisation | None, things: Sequence[Thing]) -> None:
        self.organisation = organisation
        self.own = counting(Movement.objects.filter(organisation=organisation))
        values = [thing.lines[0].values for thing in things]
        # Keys of rows that are on record, with the line that they became.
        self.keys = dict(self.own.filter(key__in=[thing.key for thing in things], part=0).values_list("key", "line"))
        self.units = self._units(serials_named(thing.lines[0] for thing in things))
        self.invoiced = self._invoiced({row["invoice_no"] for row in values if row.get("invoice_no")})

    def _units(self, serials: set[str]) -> dict[tuple[str, str], Last]:
        """By product and serial number: the last that anybody reported of its way from and to the manufacturer."""
        if not serials:
            return {}
        told = counting(Movement.objects.filter(serial__in=serials)).filter(Q(organisation=self.organisation) | Q(kind="rma"))
        rows = told.filter(kind__in=["sell_in", *CAME_BACK]).order_by("happened_on", "recorded_at")
        names = rows.values_list("product", "serial", "kind", "happened_on", "to_organisation__name", "from_organisation__name")
        return {
            (product, serial): Last(kind, on, (to if kind == "sell_in" else since) or "")
            for product, serial, kind, on, to, since in names.iterator(chunk_size=5000)
        }

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
