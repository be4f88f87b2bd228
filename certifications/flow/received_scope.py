"""Which receipts a worker looks at, and what has them looked at: a commit, what was taken back or came back, an answer about a name, and what
the other side reported. A key says it all: the id of an upload of receipts, "sent:" and the id of an upload of what was sent or shipped,
or a receiver and a reported name.
"""

import datetime as dt
import hashlib
from collections import defaultdict
from collections.abc import Collection, Iterable, Iterator
from dataclasses import dataclass

from django.db.models import Exists, Max, Min, OuterRef, QuerySet
from django.db.models.functions import Upper

from certifications.catalogue.models import Product
from certifications.custody.models import Movement
from certifications.custody.queries import counting
from certifications.custody.rules import WENT, month_of, next_month
from certifications.flags.models import Flag
from certifications.ledger.days import shifted
from certifications.matching.identifiers import compact
from certifications.people.models import Organisation
from certifications.resolution import queries as names
from certifications.resolution.engine import Asked, folded
from certifications.resolution.models import NameUse, ReportedName
from certifications.uploads.models import Upload
from certifications.work.actions import enqueue

from .halves import Distributors
from .pairing import EARLIER, LATER

KIND, SENT = "received", "sent:"
# Characters of a sender's name in the subject of a case.
LONGEST = 84
# First days of months; None for all of them.
Months = frozenset[dt.date] | None


@dataclass(frozen=True)
class Scope:
    """What is looked at of one receiver: everything of these senders (folded names) in these months."""

    receiver: Organisation
    senders: frozenset[str]
    months: Months


def subject_key(receiver_id: str, sender: str) -> str:
    """The subject of the case about one sender's goods at one receiver. Two long names that begin alike are two subjects."""
    short = sender if len(sender) <= LONGEST else f"{sender[:40]}:{hashlib.sha256(sender.encode()).hexdigest()[:40]}"
    return f"received:{receiver_id}:{short}"


def months_between(first: dt.date, last: dt.date) -> frozenset[dt.date]:
    """Every month that has one of these days."""
    found, period = set(), month_of(first)
    while period <= last:
        found.add(period)
        period = next_month(period)
    return frozenset(found)


def near(months: Collection[dt.date]) -> frozenset[dt.date]:
    """The months, and those whose goods may be halves of what goods of these are halves of."""
    reach = EARLIER + LATER
    return frozenset(one for period in months for one in months_between(shifted(period, -reach), shifted(next_month(period), reach)))


# What is to be looked at


def scopes_of(key: str) -> Iterator[Scope]:
    """What a job is about, the receivers in order."""
    if key.startswith(SENT):
        upload = Upload.objects.select_related("organisation").get(pk=key.removeprefix(SENT))
        shipped = upload.organisation.kind == Organisation.Kind.MANUFACTURER
        yield from _of_shipments(upload) if shipped else _of_sent(upload)
        return
    if ":" in key:
        receiver, _colon, reported = key.partition(":")
        name = ReportedName.objects.get(pk=reported)
        yield Scope(Organisation.objects.get(pk=receiver), frozenset({folded(name.name)}), None)
        return
    upload = Upload.objects.select_related("organisation").get(pk=key)
    # What was taken back as well: that it is gone changes what it said.
    own = Movement.objects.filter(organisation=upload.organisation, kind="receipt", upload=upload).order_by()
    told = list(own.values_list("buyer_name", "report__period").distinct())
    if told:
        yield Scope(upload.organisation, frozenset(folded(name) for name, _period in told), frozenset(period for _name, period in told))


def _of_shipments(upload: Upload) -> Iterator[Scope]:
    """Receipts of the very units that were shipped."""
    shipped = Movement.objects.filter(upload=upload, kind="sell_in").exclude(serial="").alias(capitals=Upper("serial"))
    of_unit = shipped.filter(product=OuterRef("product"), capitals=OuterRef("capitals"))
    receipts = counting(Movement.objects.filter(kind="receipt")).exclude(serial="").alias(capitals=Upper("serial")).filter(Exists(of_unit))
    told = receipts.order_by().values_list("organisation", "buyer_name", "report__period").distinct()
    yield from _by_receiver((receiver, name, period) for receiver, name, period in told)


def _of_sent(upload: Upload) -> Iterator[Scope]:
    """What receivers said of goods that the upload's own firm now says it sent, or says no more."""
    firms = Distributors()
    rows = Movement.objects.filter(organisation=upload.organisation, upload=upload, kind__in=WENT).order_by()
    whom = {
        firm.pk
        for name, number in rows.values_list("buyer_name", "buyer_uscc").distinct()
        if (firm := firms.beside(upload.organisation_id, name, number)) is not None
    }
    if not whom:
        return
    days = rows.aggregate(first=Min("happened_on"), last=Max("happened_on"))
    # By what is on record, and not by its flags: another worker may be about to raise one.
    came = counting(Movement.objects.filter(organisation__in=whom, kind="receipt", product__in=rows.values("product")))
    came = came.filter(happened_on__gte=shifted(days["first"], -EARLIER), happened_on__lte=shifted(days["last"], LATER))
    told = list(came.order_by().values_list("organisation", "buyer_name", "buyer_uscc", "report__period").distinct())
    its = _names_of(upload.organisation, {(name, number) for _receiver, name, number, _period in told}, firms)
    yield from _by_receiver((receiver, name, period) for receiver, name, number, period in told if (name, number) in its)


def _names_of(sender: Organisation, written: Collection[tuple[str, str]], firms: Distributors) -> set[tuple[str, str]]:
    """Those of the names with their numbers that mean the sender: by its account, or as people answered."""
    party = getattr(sender, "party", None)
    order = sorted(written)
    told = names.resolved([Asked(ReportedName.Role.SELLER, name, compact(number)) for name, number in order]) if order else []
    return {
        (name, number)
        for (name, number), found in zip(order, told, strict=True)
        if firms.named(name, number) == sender or (party is not None and party.pk in found.standing.bound)
    }


def _by_receiver(told: Iterable[tuple[str, str, dt.date]]) -> Iterator[Scope]:
    senders: defaultdict[str, set[str]] = defaultdict(set)
    months: defaultdict[str, set[dt.date]] = defaultdict(set)
    for receiver, name, period in told:
        senders[receiver].add(folded(name))
        months[receiver].add(period)
    firms = Organisation.objects.in_bulk(senders)
    for receiver in sorted(senders):
        yield Scope(firms[receiver], frozenset(senders[receiver]), frozenset(months[receiver]))


def is_gone(flag: Flag) -> bool:
    """Whether nothing of the goods that a flag speaks of counts any more: what was reported of them was taken back."""
    _word, receiver, _sender = flag.case.subject.split(":", 2)
    period = dt.date.fromisoformat(f"{flag.inputs['month']}-01")
    rows = counting(Movement.objects.filter(organisation=receiver, kind="receipt", report__period=period)).order_by()
    told = rows.values_list("buyer_name", "product").distinct()
    same = {product for name, product in told if folded(name) == folded(flag.inputs["seller"])}
    if "product_id" in flag.inputs:
        return flag.inputs["product_id"] not in same
    # Flags from before it was kept say the name of then, which may have changed, and the number behind it.
    numbers = Product.objects.filter(pk__in=same).values_list("catalogue_number", flat=True)
    return not any(flag.inputs["product"].endswith(f"({number})") for number in numbers)


# When it is asked for


def look_later(rows: QuerySet[Movement], *, once: str) -> None:
    """A worker looks at these movements, written or taken back: at receipts, and at those that say the other half of one. Idempotent by `once`."""
    for upload_id in rows.filter(kind="receipt").order_by().values_list("upload", flat=True).distinct():
        enqueue(KIND, upload_id, version=once[:60])
    for upload_id in sorted(_others(rows)):
        enqueue(KIND, f"{SENT}{upload_id}", version=once[:60])


def _others(rows: QuerySet[Movement]) -> set[str]:
    """Uploads (ids) of what was sent to a distributor, and of shipments of a unit that somebody received."""
    went = list(rows.filter(kind__in=WENT).order_by().values_list("upload", "organisation", "buyer_name", "buyer_uscc").distinct())
    firms = Distributors() if went else None
    found = {upload for upload, reporter, name, number in went if firms is not None and firms.beside(reporter, name, number) is not None}
    received = Movement.objects.filter(kind="receipt", product=OuterRef("product")).exclude(serial="")
    same = received.alias(capitals=Upper("serial")).filter(capitals=OuterRef("capitals"))
    shipped = rows.filter(kind="sell_in").exclude(serial="").annotate(capitals=Upper("serial")).filter(Exists(same))
    return found | set(shipped.order_by().values_list("upload", flat=True).distinct())


def look_at_names_later(reported_ids: Collection[str], *, once: str) -> None:
    """A worker looks at everything that was received from whom these names mean: once for each receiver and sender, however many uploads."""
    senders = NameUse.objects.filter(kind=NameUse.Kind.MOVEMENT, role=ReportedName.Role.SELLER, reported__in=list(reported_ids))
    uses = dict(senders.order_by("-pk").values_list("object_id", "reported"))
    receivers = dict(Movement.objects.filter(pk__in=list(uses)).values_list("pk", "organisation"))
    plain = dict(ReportedName.objects.filter(pk__in=set(uses.values())).values_list("pk", "folded"))
    wanted: dict[tuple[str, str], str] = {}
    for movement, reported in sorted(uses.items()):
        if movement in receivers:
            wanted.setdefault((receivers[movement], plain[reported]), reported)
    for (receiver, _name), reported in sorted(wanted.items()):
        enqueue(KIND, f"{receiver}:{reported}", version=once[:60])
