"""Service visits, parts orders and activations by the file: where one instrument was, of which user, on which day, who was there.

Each row is held against its own cells, the file, and everything that is known of the unit (units.py): another user or another place than
was last reported is said and stops nothing, for what was seen was seen.
"""

from collections.abc import Sequence
from decimal import Decimal
from typing import Any, ClassVar

from django.utils.translation import gettext_lazy as _

from certifications.catalogue.models import Product
from certifications.catalogue.queries import current_products
from certifications.custody import sightings
from certifications.custody.models_sightings import Sighting
from certifications.ledger.days import newest_day
from certifications.ledger.ids import new_ulid
from certifications.people.models import Organisation, User
from certifications.people.permissions import Permission, check
from certifications.uploads.kinds import CREATE, SKIP, Desk, Field, Fix, Line, Made, Problem, Seen, Thing, Written

from . import sales_sums, units
from .moved import check_codes
from .moved_kind import MovedKind
from .service_fields import IGNORED, KINDS, SERVICE_FIELDS
from .upload_goods import MOST, Goods


class ServiceDesk(Desk):
    """Rows beside the catalogue and what is known of their units."""

    def __init__(self, by: User, things: Sequence[Thing]) -> None:
        self.by, self.newest = by, newest_day()
        catalogue = list(current_products())
        self.goods, self.products = Goods(catalogue), {product.pk: product for product in catalogue}
        own = sightings.counting(Sighting.objects.filter(organisation=by.organisation))
        # Keys of rows that are on record, with the sighting that they became.
        self.keys = dict(own.filter(key__in=[thing.key for thing in things]).values_list("key", "pk"))
        self.known = units.Known({thing.lines[0].values.get("serial", "") for thing in things} - {""})
        self.seen: dict[int, Product] = {}

    def look(self, thing: Thing) -> Seen:
        line = thing.lines[0]
        if thing.key in self.keys:
            return Seen(SKIP, object_id=self.keys[thing.key])
        problems = list(line.problems)
        bad, values = {problem.field for problem in problems}, line.values
        self._asked_for(line, problems, bad)
        product = self._product(line, problems, bad)
        check_codes(line, ("user_uscc",), problems)
        if product is not None and values.get("serial") and values.get("happened_on"):
            self._differences(line, product, problems)
            self.seen[line.number] = product
        title = " ".join(filter(None, (values.get("serial", ""), values.get("user", ""))))
        facts = sales_sums.facts_of(line, None, Decimal(0))
        return Seen(CREATE, title=title, digest=thing.key, facts=facts, problems={line.number: problems} if problems else {})

    def _asked_for(self, line: Line, problems: list[Problem], bad: set[str]) -> None:
        values = line.values
        if "kind" not in values and "kind" not in bad:
            problems.append(Problem("kind", "no_kind", _("Write activation, service visit or parts order.")))
        if "serial" not in values and "serial" not in bad:
            problems.append(Problem("serial", "no_serial", _("Enter the serial number of the instrument.")))
        day = values.get("happened_on")
        if day is None and "happened_on" not in bad:
            problems.append(Problem("happened_on", "no_day", _("Enter a day, such as 2026-10-05.")))
        elif day is not None and day > self.newest:
            problems.append(
                Problem("happened_on", "not_come", _("This day has not come yet. Correct it, or send the row again when it has."))
            )
        if not any(values.get(name) for name in ("user", "site", "address", "city", "province")) and not bad & {"user", "site", "address"}:
            problems.append(Problem("user", "no_user", _("Enter the user or the place as they were written; one of them is needed.")))
        if values.get("kind") == "parts" and not values.get("part_no") and not values.get("part"):
            problems.append(Problem("part_no", "no_part", _("Enter the number or the name of the part that was ordered.")))
        quantity = values.get("quantity")
        if quantity is not None and (not 0 < quantity[0] < MOST or quantity[0] != round(quantity[0], 2)):
            problems.append(
                Problem("quantity", "places", _("Enter a quantity above zero, with at most ten digits and two behind the point."))
            )

    def _product(self, line: Line, problems: list[Problem], bad: set[str]) -> Product | None:
        """The one that the row names, else the only one that has this serial number on record."""
        if line.values.get("product") or "product" in bad:
            product = self.goods.product_of(line, problems, bad)
            if product is not None:
                self._is_known(line, product, problems)
            return product
        known = self.known.products_of(line.values.get("serial", ""))
        if len(known) == 1 and known[0] in self.products:
            return self.products[known[0]]
        if "serial" in line.values:
            fixes = tuple(
                Fix(self.products[pk].catalogue_number, self.products[pk].catalogue_number) for pk in known[:3] if pk in self.products
            )
            said = _("Enter the catalogue number of the instrument: its serial number alone does not tell which it is.")
            problems.append(Problem("product", "which_product", said, fixes))
        return None

    def _is_known(self, line: Line, product: Product, problems: list[Problem]) -> None:
        serial = line.values.get("serial", "")
        if serial and product.pk not in self.known.products_of(serial):
            said = _("No shipment and no sale of this unit is on record. It is recorded all the same.")
            problems.append(Problem("serial", "never_moved", said, blocks=False))

    def _differences(self, line: Line, product: Product, problems: list[Problem]) -> None:
        values = line.values
        told = units.Told(
            user=values.get("user", ""),
            code=values.get("user_uscc", ""),
            address=" ".join(filter(None, (values.get("address", ""), values.get("site", "")))),
            province=values.get("province", ""),
            city=values.get("city", ""),
        )
        before = self.known.before(product.pk, values["serial"], values["happened_on"])
        for field, said in units.differences(told, before):
            problems.append(Problem("user" if field == "user" else "site", f"other_{field}", said, blocks=False))

    def write(self, thing: Thing, seen: Seen, form_key: str) -> Written:
        raise NotImplementedError  # the kind writes many at once

    def write_many(self, pairs: Sequence[tuple[Thing, Seen]], upload: Any) -> list[Written]:
        check(self.by, Permission.REPORT_SERVICE)
        rows = [row_of(thing.lines[0], self.seen[thing.lines[0].number], key=thing.key) for thing, _seen in pairs]
        sightings.record_sightings(organisation_id=upload.organisation_id, upload_id=upload.pk, rows=rows)
        return [Written(row["id"]) for row in rows]


def row_of(line: Line, product: Product, *, key: str) -> dict[str, Any]:
    """A row as a sighting; names and places as they were written."""
    values = line.values
    words = ("user_uscc", "site", "address", "province", "city", "part_no", "part", "order_no", "done_by", "note")
    return {
        "id": new_ulid(),
        "key": key,
        "kind": values["kind"],
        "product": product.pk,
        "serial": values["serial"],
        "happened_on": values["happened_on"],
        "user_name": values.get("user", ""),
        "quantity": values["quantity"][0] if "quantity" in values else None,
        "row": line.number,
        **{name: values.get(name, "") for name in words},
    }


class Service(MovedKind):
    """Where instruments were seen: activations, service visits, parts orders."""

    code = "service"
    label = _("Service, parts and activations")
    one = _("Service visit")
    right = Permission.REPORT_SERVICE
    same = (
        "kind", "happened_on", "serial", "product", "user", "user_uscc", "site", "address", "province", "city", "part_no", "part", "quantity",
        "order_no", "done_by",
    )  # fmt: skip
    mark = "v"
    ignored = IGNORED
    sentences: ClassVar[dict[str, Any]] = {
        "repeated": _("rows that say exactly the same as another"),
        "other_user": _("another user than was last reported"),
        "other_place": _("another place than was last reported"),
        "never_moved": _("no shipment and no sale on record"),
        "which_product": _("which instrument it is, is not known"),
    }

    def fields(self) -> tuple[Field, ...]:
        return SERVICE_FIELDS

    def desk(self, *, by: User, things: Sequence[Thing]) -> Desk:
        return ServiceDesk(by, things)

    def take_back_many(self, *, organisation: Organisation, by: User, made: Sequence[Made]) -> None:
        sightings.take_back(organisation=organisation, ids=[one.object_id for one in made], by=by)

    def lists(self, *, by: User) -> dict[str, list[str]]:
        del by
        return {
            "kind": [str(word) for word in KINDS.values()],
            "product": [f"{product.catalogue_number} {product.name}" for product in current_products()],
        }
