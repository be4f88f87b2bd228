"""EPCIS events as kinds of upload: a distributor's own and the manufacturer's. What a row of them means: upload_events.py."""

import hashlib
from collections import Counter
from collections.abc import Iterator, Sequence
from typing import Any, ClassVar

from django.db.models import QuerySet
from django.utils.translation import gettext_lazy as _

from certifications.catalogue.queries import current_products
from certifications.custody import actions as custody
from certifications.custody import codes
from certifications.custody.models import Movement
from certifications.ledger.ids import new_ulid
from certifications.ledger.listed import listed
from certifications.people.models import Organisation, User
from certifications.people.permissions import Permission
from certifications.uploads.kinds import Desk, Field, Line, Made, Problem, Said, Thing
from certifications.uploads.models import UploadRow

from . import received_scope, sales_sums
from .event_fields import EVENT_FIELDS
from .moved_kind import MovedKind
from .shipment_history import shipped_before
from .upload_events import EventDesk
from .upload_shipments import UNITS


def _declared(organisation: Organisation, upload_id: str) -> QuerySet[Movement]:
    """What the events say that an upload declares wrong. It is of other uploads, and counts no more, or again."""
    events = UploadRow.objects.filter(upload=upload_id, facts__has_key="x").values_list("facts__x", flat=True)
    return Movement.objects.filter(organisation=organisation, event_id__in=[one for one in events if one])


class Events(MovedKind):
    """EPCIS events of whoever sends them."""

    one = _("Event")
    events = True
    # The same event twice is one event, by its ID or by all that it says, as it was sent: it comes again as it was, whatever is mended here.
    repeats = False
    mark = "e"
    # With its place in the event: two packages that hold alike are two.
    same = ("item", "package", "type", "action", "step", "time", "product", "lot", "serial", "quantity", "since", "to", "place", "declared")
    named: ClassVar[tuple[str, ...]] = ("event_id", "item")
    sentences: ClassVar[dict[str, Any]] = {
        **MovedKind.sentences,
        "unknown_gtin": _("no product is on record for the GTIN"),
        "unknown_gln": _("no name is on record for the place"),
        "unknown_item": _("the identifier names no trade item"),
        "package": _("nothing says what the package holds"),
        "other_firm": _("the event is of another firm"),
        "packed_apart": _("goods of the package are counted already"),
        "which_way": _("given back by a customer, or sent by another distributor"),
        "counted_already": _("the other way of reporting may have counted it already"),
        "sum:returned_more": _("more came back than was reported as sold"),
        "sum:sold_twice": _("the serial number is sold in another row already"),
    }

    def fields(self) -> tuple[Field, ...]:
        return EVENT_FIELDS

    def key(self, line: Line, above: str) -> str:
        """The thing in the event, by the event's ID; by all that it says where it has none."""
        del above
        said = self.named if line.sent.get("event_id") else self.same
        return self.mark + hashlib.sha256("\x1f".join(line.sent.get(name, "") for name in said).encode()).hexdigest()[:40]

    def desk(self, *, by: User, things: Sequence[Thing]) -> Desk:
        return EventDesk(by, things)

    def remarks(self, upload: Any) -> Iterator[Problem]:
        """What was read and is no movement, by what it says."""
        counted = Counter(UploadRow.objects.filter(upload=upload, facts__has_key="w").values_list("facts__w", flat=True))
        if counted:
            words = listed(f"{word} {n}" for word, n in counted.most_common(12))
            said = _("Read, and no movement to be counted: %(words)s. What the manufacturer ships, it reports itself.")
            yield Problem("", "not_counted", Said(said, {"words": words}), blocks=False)

    def take_back_many(self, *, organisation: Organisation, by: User, made: Sequence[Made]) -> None:
        declared = [one for one in made if one.before]
        # First what stands in the place of the event: one unit is never shipped by both.
        super().take_back_many(organisation=organisation, by=by, made=[one for one in made if not one.before])
        codes.declare_right(organisation=organisation, ids=[one.object_id for one in declared], by=by)
        custody.put_back(organisation=organisation, lines=[line for one in declared for line in self.again(one)])

    def finished(self, *, organisation: Organisation, once: str, object_ids: Sequence[str]) -> None:
        super().finished(organisation=organisation, once=once, object_ids=object_ids)
        received_scope.look_later(_declared(organisation, once.partition("-")[0]), once=once)

    def gone(self, *, organisation: Organisation, upload_id: str) -> None:
        super().gone(organisation=organisation, upload_id=upload_id)
        received_scope.look_later(_declared(organisation, upload_id), once=new_ulid())

    def again(self, made: Made) -> Sequence[str]:
        lines: Sequence[str] = made.before["lines"] if made.before else ()
        return lines

    def lists(self, *, by: User) -> dict[str, list[str]]:
        del by
        return {"product": [f"{product.catalogue_number} {product.name}" for product in current_products()]}


class SalesEvents(Events):
    """What a distributor's systems say of what left it and came back."""

    code = "epcis"
    label = _("Events (EPCIS)")
    right = Permission.REPORT_SALES

    def summed(self, *, upload: Any) -> Iterator[tuple[int, Problem]]:
        yield from sales_sums.returned_more(upload)
        yield from sales_sums.sold_twice(upload)


class ShipmentEvents(Events):
    """What the manufacturer's systems say of what left it for its distributors and came back."""

    code = "epcis_in"
    label = _("Events of shipments (EPCIS)")
    right = Permission.REPORT_SHIPMENTS
    sentences: ClassVar[dict[str, Any]] = {
        **Events.sentences,
        "unknown_distributor": _("no distributor of the portal"),
        **UNITS,
    }

    def summed(self, *, upload: Any) -> Iterator[tuple[int, Problem]]:
        yield from sales_sums.returned_more(upload, shipped_before)
        yield from sales_sums.sent_twice(upload)
