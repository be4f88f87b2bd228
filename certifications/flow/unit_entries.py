"""What was reported of one unit or lot, whoever reported it, as one kind of entry: shipments, sales, opening stock, sightings, evidence."""

import datetime as dt
from collections.abc import Collection, Iterable, Iterator
from dataclasses import dataclass, field
from functools import reduce
from operator import or_
from typing import Any

from django.db.models import Case, Q, QuerySet, When

from certifications.custody.models import Movement
from certifications.custody.models_sightings import Sighting
from certifications.custody.rules import CAME
from certifications.evidence import queries as evidence
from certifications.evidence.models import EvidenceDocument, EvidenceLine
from certifications.people.models import User
from certifications.programme.models import StockCount

from .upload_words import division_in, division_of

LEAST_IN_TEXT = 5  # characters that a number needs to be looked for in the words of a notice
MOST_IN_TEXT = 50
EVIDENCE = "evidence"


@dataclass(frozen=True)
class Told:
    """Of whom and where a unit was said to be."""

    user: str = ""
    code: str = ""
    address: str = ""
    province: str = ""
    city: str = ""

    @property
    def division(self) -> str:
        """The division as far as the words say it surely; "" where they do not."""
        return division_of(self.province, self.city) or division_in(self.address)

    @property
    def place(self) -> str:
        """The place as it was written."""
        return " ".join(filter(None, (self.province, self.city, self.address)))


@dataclass(frozen=True)
class Entry:
    """One thing that was reported of a unit or lot. `what` is a word of `portal.words` for units; `source` leads to where it stands."""

    on: dt.date
    at: dt.datetime
    what: str
    product: str
    serial: str
    lot: str
    quantity: Any
    reporter: str
    since: str = ""
    to: str = ""
    told: Told = Told()
    words: str = ""
    source: tuple[str, str] = ("", "")  # ("upload" or "evidence", its number)
    row: int = 0
    taken_back_at: dt.datetime | None = None
    differs: tuple[str, ...] = field(default=())

    @property
    def seen(self) -> bool:
        """Whether it says that the unit stood with somebody: what is compared with what was said before."""
        return self.what == EVIDENCE or self.what in Sighting.Kind.values


# A day may hold several: what left the manufacturer comes before what was sold, and that before what was seen.
_PLACES = {"sell_in": 0, "stock": 0, **dict.fromkeys(Sighting.Kind.values, 2), EVIDENCE: 3}


def in_order(entry: Entry) -> tuple[Any, ...]:
    return entry.on, _PLACES.get(entry.what, 1), entry.at


# Reading


def of_movements(rows: QuerySet[Movement]) -> Iterator[Entry]:
    """Movements as entries."""
    related = ("organisation", "from_organisation", "to_organisation", "upload")
    for m in rows.select_related(*related).order_by("happened_on", "recorded_at", "pk").iterator(chunk_size=2000):
        other = m.end_user_name or m.buyer_name
        came_in = m.kind in CAME
        yield Entry(
            m.happened_on,
            m.recorded_at,
            m.kind,
            m.product_id,
            m.serial,
            m.lot,
            m.quantity,
            m.organisation.name,
            since=m.from_organisation.name if m.from_organisation else m.buyer_name if came_in else "",
            to=m.to_organisation.name if m.to_organisation else m.buyer_name,
            told=Told(other, m.end_user_uscc if m.end_user_name else m.buyer_uscc, m.address, m.province, m.city)
            # Who sent a unit on to a distributor has it no more.
            if m.kind not in {*Movement.SHIPMENTS, "receipt"}
            else Told(),
            words=" ".join(filter(None, (m.invoice_no, m.declaration_no))),
            source=("upload", m.upload.number),
            row=m.row,
            taken_back_at=m.taken_back_at,
        )


def of_sightings(rows: Iterable[Sighting]) -> Iterator[Entry]:
    """Sightings as entries, in the order in which they come; related rows are better fetched before."""
    for s in rows:
        yield Entry(
            s.happened_on,
            s.recorded_at,
            s.kind,
            s.product_id,
            s.serial,
            "",
            s.quantity,
            s.organisation.name,
            told=Told(s.user_name, s.user_uscc, " ".join(filter(None, (s.address, s.site))), s.province, s.city),
            words=" · ".join(filter(None, (" ".join(filter(None, (s.part_no, s.part))), s.order_no, s.done_by))),
            source=("upload", s.upload.number),
            row=s.row,
            taken_back_at=s.taken_back_at,
        )


def fetched(rows: QuerySet[Sighting]) -> QuerySet[Sighting]:
    return rows.select_related("organisation", "upload").order_by("happened_on", "recorded_at", "pk")


def of_stock(rows: QuerySet[StockCount]) -> Iterator[Entry]:
    """Opening stock as entries."""
    for c in rows.select_related("organisation").order_by("counted_on", "pk"):
        if c.quantity:
            yield Entry(
                c.counted_on, c.recorded_at, "stock", c.product_id, c.serial, c.lot, c.quantity, c.organisation.name, to=c.organisation.name
            )


def writings(number: str) -> set[str]:
    """A number as it may have been written: in any case of letters."""
    return {number, number.upper(), number.lower()} - {""}


def in_field(by: str, number: str) -> Q:
    """That a confirmed line gives this number, in any case of letters, as its "serial" or "lot"."""
    return Q(**{f"{by}__iexact": number}) & ~Q(**{by: ""})


def counting_lines(user: User) -> QuerySet[EvidenceLine]:
    """Confirmed lines of the documents that count and that `user` may see."""
    seen = evidence.visible_to(user).filter(status__in=EvidenceDocument.COUNTING)
    return EvidenceLine.objects.filter(document__in=seen)


def _place_of(line: EvidenceLine) -> str:
    """Where the goods went, as far as the notice says it: the place of delivery, behind the region where it names no division itself."""
    place = line.delivery_place
    return place if place and division_in(place) else " ".join(filter(None, (line.region, place)))


def in_evidence(user: User, number: str, by: Collection[str] = ("serial", "lot"), product: str | None = None) -> Iterator[Entry]:
    """Confirmed lines that give this number in one of these fields, or else whose words hold it, each the newest first.

    In words a number too short to mean anything is not looked for. With a product only lines of it, and those that name none.
    """
    given = reduce(or_, (in_field(one, number) for one in by))
    named = given
    if len(number) >= LEAST_IN_TEXT:
        named |= Q(product_text__icontains=number) | Q(model__icontains=number)
    lines = counting_lines(user).filter(named).select_related("document")
    if product is not None:
        lines = lines.filter(Q(product=product or None) | Q(product=None))
    # What only holds the number in its words must not crowd out what gives it.
    nearness = Case(When(given, then=0), default=1)
    for line in lines.order_by(nearness, "-happened_on", "-pk")[:MOST_IN_TEXT]:
        yield Entry(
            line.happened_on,
            line.confirmed_at,
            EVIDENCE,
            line.product_id or "",
            line.serial,
            line.lot,
            line.quantity,
            line.document.title,
            since=line.seller,
            to=line.buyer,
            told=Told(line.buyer, line.buyer_uscc, _place_of(line)),
            words=line.product_text,
            source=("evidence", line.document.number),
        )
