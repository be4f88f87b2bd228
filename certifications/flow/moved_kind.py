"""What files of goods that moved have in common as a kind of upload: written many at a time, sent again the same, taken back whole."""

import hashlib
from collections.abc import Iterator, Sequence
from typing import Any, ClassVar

from django.utils.translation import gettext_lazy as _

from certifications.custody import actions as custody
from certifications.custody.models import Movement
from certifications.custody.queries import counting
from certifications.ledger.ids import new_ulid
from certifications.people.models import Organisation, User
from certifications.uploads.kinds import Kind, Line, Made, Problem

from . import received_scope, resolution, sales_sums
from .shipment_history import shipped_twice


class MovedKind(Kind):
    """Rows that become movements. `same` are the fields that make a row the same when it is sent again, `mark` begins its key."""

    at_once = True
    repeats = True
    max_rows = 200_000
    # The same goods may come as a table and as events in one moment.
    line_up = "moved"
    same: ClassVar[tuple[str, ...]]
    mark: ClassVar[str]
    sentences: ClassVar[dict[str, Any]] = {
        "repeated": _("rows that say exactly the same as another"),
        "serial_count": _("the serial numbers are more or fewer than the quantity"),
        "product_differs": _("price times quantity is another amount"),
        "otherwise": _("the invoice line was reported before with another quantity"),
        "recorded_otherwise": _("the row is on record, and says something else there"),
        "samples": _("these are samples, not units"),
        "unit": _("the unit is not the product's"),
    }

    def key(self, line: Line, above: str) -> str:
        """Everything that the row says of the movement: sent again, it is the same."""
        del above
        values, texts = line.values, line.texts
        # Serial numbers as typed: rows that were reported before they were read in wide letters too stay the same rows.
        typed = {"serial": texts.get("serial", "").strip()}
        said = "\x1f".join([typed.get(name) or str(values.get(name) or texts.get(name, "")) for name in self.same])
        return self.mark + hashlib.sha256(said.casefold().encode()).hexdigest()[:40]

    def remarks(self, upload: Any) -> Iterator[Problem]:
        return sales_sums.remarks(upload)

    def bound(self, *, organisation: Organisation, made: Sequence[Made]) -> dict[str, str]:
        """What would have a unit leave the manufacturer twice: a return that a shipment followed, a shipment that another one replaced."""
        if organisation.kind != Organisation.Kind.MANUFACTURER:
            return {}
        again = {one.object_id: self.again(one) for one in made}
        twice = shipped_twice(organisation, gone=again.keys(), again=[line for lines in again.values() for line in lines])
        said = _("Serial number %(s)s would have been shipped twice without a return in between. Take the later shipment back first.")
        found = {pk: next((twice[line] for line in (pk, *lines) if line in twice), "") for pk, lines in again.items()}
        return {pk: str(said) % {"s": serial} for pk, serial in found.items() if serial}

    def again(self, made: Made) -> Sequence[str]:
        """Lines that count again when this is taken back."""
        del made
        return ()

    def take_back(self, *, organisation: Organisation, by: User, made: Made) -> None:
        self.take_back_many(organisation=organisation, by=by, made=[made])

    def take_back_many(self, *, organisation: Organisation, by: User, made: Sequence[Made]) -> None:
        custody.take_back(organisation=organisation, lines=[one.object_id for one in made], by=by)

    def finished(self, *, organisation: Organisation, once: str, object_ids: Sequence[str]) -> None:
        """The names in the rows are looked up among the parties, by a worker; so is who sent what the distributor received."""
        upload_id = once.partition("-")[0]
        if object_ids:
            resolution.look_at_upload(upload_id, once=once)
            received_scope.look_later(counting(Movement.objects.filter(organisation=organisation, upload=upload_id)), once=once)

    def gone(self, *, organisation: Organisation, upload_id: str) -> None:
        """What was asked of goods that were taken back is asked again, of what is left."""
        rows = Movement.objects.filter(organisation=organisation, upload=upload_id, taken_back_at__isnull=False)
        received_scope.look_later(rows, once=new_ulid())

    def prefilled(self, *, by: User) -> Iterator[dict[str, str]]:
        """None: what moved is told anew."""
        del by
        return iter(())
