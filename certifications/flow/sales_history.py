"""What a distributor reported and declared before, as far as the rows at hand ask for it. Reads; knows no file."""

from collections.abc import Sequence
from dataclasses import dataclass
from decimal import Decimal
from functools import cached_property
from typing import TYPE_CHECKING, Any

from django.db.models import Case, F, Sum, When
from django.db.models.functions import Upper
from django.utils.translation import gettext_lazy as _

from certifications.custody.models import Movement
from certifications.custody.queries import counting
from certifications.custody.rules import WENT
from certifications.declarations.models import DeclarationLine
from certifications.declarations.queries import visible_to as declarations_visible_to
from certifications.ledger.listed import listed
from certifications.parties.rules import clean_name, compact
from certifications.people.models import User
from certifications.uploads.kinds import Line, Problem, Said, Thing
from certifications.uploads.values import figure

from .moved import serials_named
from .sent_again import on_record

if TYPE_CHECKING:
    from .upload_sales import Sale


@dataclass(frozen=True)
class Declared:
    """A declaration as a row may name it: everything by which its customer is known, and its products."""

    known: frozenset[str]
    products: frozenset[str]

    def names_any(self, values: dict[str, Any]) -> bool:
        """Whether the buyer or the end user of a row is its customer, by number or by name."""
        said = {clean_name(values[name]).casefold() for name in ("buyer", "end_user") if values.get(name)}
        said |= {compact(values[name]) for name in ("buyer_uscc", "end_user_uscc") if values.get(name)}
        return bool(said & self.known)


class History:
    """Four questions for some thousands of rows."""

    def __init__(self, by: User, things: Sequence[Thing]) -> None:
        self.own = counting(Movement.objects.filter(organisation=by.organisation))
        self.upload_id = ""
        values = [thing.lines[0].values for thing in things]
        self.keys = on_record(self.own, things)
        self._invoices = {row["invoice_no"] for row in values if row.get("invoice_no")}
        self._named = {serial.upper() for serial in serials_named(thing.lines[0] for thing in things)}
        self.declarations = self._declarations(by, {row["declaration"].upper() for row in values if row.get("declaration")})

    def leave_out(self, upload_id: str) -> None:
        """A row does not stand against another one of its own file, whichever of them is written first: a person saw both beside each other."""
        self.upload_id = upload_id

    @cached_property
    def invoiced(self) -> dict[tuple[str, ...], list[Any]]:
        """By invoice, product, lot and buyer: quantities that were reported."""
        if not self._invoices:
            return {}
        told = self.own.filter(invoice_no__in=self._invoices, serial="").exclude(upload=self.upload_id)
        rows = told.values_list("invoice_no", "product", "lot", "buyer_name", "kind", "quantity")
        found: dict[tuple[str, ...], list[Any]] = {}
        for *key, quantity in rows.iterator(chunk_size=5000):
            found.setdefault(tuple(key), []).append(quantity)
        return found

    @cached_property
    def serials(self) -> dict[str, str]:
        """The last that was said of each serial number, in capitals, by other uploads: sale, return, loan ..."""
        return {serial: kind for serial, kind, own in self._said if not own}

    @cached_property
    def went(self) -> frozenset[str]:
        """Serial numbers, in capitals, of which this very upload has written something else than that they were received."""
        return frozenset({serial: kind for serial, kind, own in self._said if own and kind != "receipt"})

    @cached_property
    def _said(self) -> list[tuple[str, str, bool]]:
        """(serial number in capitals, kind, whether this upload said it), in order of time."""
        if not self._named:
            return []
        # Without empty serial numbers by the same words as the index.
        rows = self.own.exclude(serial="").annotate(capitals=Upper("serial")).filter(capitals__in=self._named)
        told = rows.order_by("happened_on", "recorded_at").values_list("capitals", "kind", "upload")
        return [(serial, kind, upload == self.upload_id) for serial, kind, upload in told.iterator(chunk_size=5000)]

    def _declarations(self, by: User, numbers: set[str]) -> dict[str, Declared]:
        if not numbers:
            return {}
        rows = declarations_visible_to(by).filter(number__in=numbers).select_related("customer__party")
        found = list(rows.prefetch_related("customer__party__names", "customer__party__identifiers"))
        lines = DeclarationLine.objects.filter(version__declaration__in=found).values_list("version__declaration", "product")
        goods: dict[str, set[str]] = {}
        for declaration_id, product_id in lines:
            goods.setdefault(declaration_id, set()).add(product_id)
        return {
            one.number: Declared(
                frozenset(
                    {name.text.casefold() for name in one.customer.party.names.all()}
                    | {identifier.value for identifier in one.customer.party.identifiers.all()}
                ),
                frozenset(goods.get(one.pk, ())),
            )
            for one in found
        }

    def problems_of(self, line: Line, sale: "Sale") -> list[Problem]:
        """What history says against the row; a person may say that it is right."""
        values = line.values
        if sale.serials:
            return self._serial_problems(sale)
        key = (values.get("invoice_no", ""), sale.product.pk, values.get("lot", ""), values.get("buyer", ""), sale.kind)
        before = self.invoiced.get(key, []) if key[0] else []
        if not before:
            return []
        said = _(
            "This invoice line was reported before with %(n)s. Take that upload back first to correct it, or say that this is another line."
        )
        numbers = listed(figure(quantity) for quantity in before[:3])
        return [Problem("invoice_no", "otherwise", Said(said, {"n": numbers}), accept=_("It is another line"))]

    def _serial_problems(self, sale: "Sale") -> list[Problem]:
        if sale.kind == "receipt":
            return self._received_problems(sale)
        if sale.kind == "return":
            unknown = [one for one in sale.serials if self._last(one, "receipt") == "receipt" and one.upper() not in self.went]
            if unknown:
                said = _("Serial number %(n)s was never reported as sold. Correct it, or say that it was sold before the programme.")
                return [Problem("serial", "never_sold", Said(said, {"n": unknown[0]}), accept=_("It was sold before"))]
        elif sale.kind == "sale":
            sold = [serial for serial in sale.serials if self._last(serial) == "sale"]
            if sold:
                said = _("Serial number %(n)s was reported as sold before, and not as returned. Correct it, or say that it was sold again.")
                return [Problem("serial", "sold_already", Said(said, {"n": sold[0]}), accept=_("It was sold again"))]
        return []

    def _last(self, serial: str, else_: str = "") -> str:
        return self.serials.get(serial.upper(), else_)

    def _received_problems(self, sale: "Sale") -> list[Problem]:
        """A unit that another distributor sends is not one that is here, nor one that went out from here."""
        here = next((serial for serial in sale.serials if self._last(serial) == "receipt"), "")
        if here:
            said = _("Serial number %(n)s was reported as received before, and has not left since. Correct it, or say that it came again.")
            return [Problem("serial", "received_already", Said(said, {"n": here}), accept=_("It came again"))]
        out = next((serial for serial in sale.serials if self._last(serial) in WENT), "")
        if out:
            said = _(
                "Serial number %(n)s went out in an earlier report and did not come back. Correct the kind to return, or say that another distributor sent it."
            )
            return [Problem("serial", "went_out", Said(said, {"n": out}), accept=_("Another distributor sent it"))]
        return []


def sold_before(organisation_id: str, products: set[str], buyers: set[str]) -> dict[tuple[str, str], Decimal]:
    """By product and buyer: units that the buyer was reported to have got, less what came back; what it sent of its own is neither."""
    if not products:
        return {}
    rows = counting(Movement.objects.filter(organisation=organisation_id, product__in=products, buyer_name__in=buyers)).exclude(
        kind="receipt"
    )
    signed = Case(When(kind="return", then=-F("quantity")), default=F("quantity"))
    found = rows.order_by().values_list("product", "buyer_name").annotate(n=Sum(signed))
    return {(product, buyer): n for product, buyer, n in found}
