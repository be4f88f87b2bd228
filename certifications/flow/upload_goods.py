"""What a row says of the goods: which product of the catalogue, and how many of its own unit. Knows no declaration."""

from collections.abc import Sequence
from decimal import Decimal
from functools import lru_cache

from django.utils.translation import gettext_lazy as _

from certifications.catalogue.models import Product, ProductUnit
from certifications.uploads.kinds import Fix, Line, Problem, Said
from certifications.uploads.values import folded

# Words for one unit whatever the product calls it, and for one sample.
UNITS = frozenset(
    {
        "kit",
        "kits",
        "盒",
        "套",
        "件",
        "个",
        "台",
        "瓶",
        "支",
        "unit",
        "units",
        "pc",
        "pcs",
        "piece",
        "pieces",
        "ea",
        "each",
        "box",
        "boxes",
        "set",
        "sets",
    }
)
SAMPLES = frozenset(
    {"sample", "samples", "test", "tests", "rxn", "rxns", "reaction", "reactions", "人份", "份", "次", "测试", "反应", "人次"}
)


MOST = Decimal(10) ** 10


def as_listed(catalogue: Sequence[Product]) -> dict[str, Product]:
    """By exact text: each product by its number, and by number and name as lists of ours say it. A number goes before another's name."""
    named = {folded(f"{product.catalogue_number} {product.name}"): product for product in catalogue}
    return named | {product.catalogue_number: product for product in catalogue}


class Goods:
    """The catalogue as it is looked up by what people write: asked once for a whole file, and remembering what was found."""

    def __init__(self, catalogue: Sequence[Product]) -> None:
        self.catalogue = catalogue
        self._exact = as_listed(catalogue)
        self._numbers: dict[str, list[Product]] = {}
        self._names: dict[str, list[Product]] = {}
        for product in catalogue:
            number = _bare(product.catalogue_number)
            # A spreadsheet takes zeros off the front of a number.
            for key in {number, number.lstrip("0")} - {""}:
                self._numbers.setdefault(key, []).append(product)
            for name in {_bare(product.name), _bare(product.name_zh)}:
                self._names.setdefault(name, []).append(product)
        self._found: dict[str, tuple[Product | None, Problem | None]] = {}
        units = ProductUnit.objects.filter(product__in=[product.pk for product in catalogue])
        self._units = {(unit.product_id, unit.name.casefold()): unit.factor for unit in units}

    def product_of(self, line: Line, problems: list[Problem], bad: set[str]) -> Product | None:
        """The product that a row means, by number or by name; what is not found is a problem with the nearest beside it."""
        typed = str(line.values.get("product", ""))
        if not typed:
            if "product" not in bad:
                problems.append(Problem("product", "no_product", _("Enter the catalogue number.")))
            return None
        if typed not in self._found:
            self._found[typed] = self._look_up(typed)
        product, problem = self._found[typed]
        if problem is not None:
            problems.append(problem)
        return product

    def _look_up(self, typed: str) -> tuple[Product | None, Problem | None]:
        # What is written exactly is that and nothing else, whatever other numbers are like it.
        if typed in self._exact:
            return self._exact[typed], None
        # A list of ours says the name behind the number.
        for key in (_bare(typed), _bare(typed.split(" ", maxsplit=1)[0])):
            found = self._numbers.get(key) or self._numbers.get(key.lstrip("0")) or []
            if len(found) == 1:
                return found[0], None
        named = self._names.get(_bare(typed), [])
        if len(named) == 1:
            return named[0], None
        near = [p for p in self.catalogue if _bare(typed)[:5] and _bare(p.catalogue_number).startswith(_bare(typed)[:5])]
        fixes = tuple(Fix(p.catalogue_number, p.catalogue_number) for p in near[:3])
        said = _("The catalogue has no such number today. Correct it, or choose another.")
        return None, Problem("product", "unknown_product", said, fixes)

    def quantity_of(self, line: Line, product: Product, problems: list[Problem]) -> Decimal | None:
        """How many of the product's own unit; what may mean samples is asked back with the answer beside it."""
        value, behind = line.values["quantity"]
        # What stands behind the number says more than a column beside it: it may be the proposal that a person took.
        unit = folded(str(behind or line.values.get("unit") or "")).casefold()
        own = {product.unit.casefold(), product.unit_zh, f"{product.unit.casefold()}s"}
        if unit and unit not in own:
            factor = self._units.get((product.pk, unit))
            if factor is not None:
                value *= factor
            elif unit in SAMPLES:
                problems.append(_in_samples(value, product))
                return None
            elif unit not in UNITS:
                said = Said(_("This unit is not the product's. Enter the number of: %(unit)s."), {"unit": product.unit})
                problems.append(Problem("quantity", "unit", said))
                return None
        # The size first: of forty digits, no hundredth can be taken.
        if abs(value) >= MOST or value != value.quantize(Decimal("0.01")):
            problems.append(Problem("quantity", "places", _("A quantity has at most ten digits and two behind the point.")))
            return None
        return Decimal(value)


def _in_samples(value: Decimal, product: Product) -> Problem:
    size = product.samples_per_unit
    if size and value % size == 0:
        whole = str(int(value / size))
        said = Said(_("These are samples. %(n)s samples are one unit of this product; enter the number of units."), {"n": size})
        return Problem("quantity", "samples", said, (Fix(f"{whole} {product.unit}", f"{whole}{product.unit_zh}"),))
    return Problem("quantity", "unit", Said(_("This unit is not the product's. Enter the number of: %(unit)s."), {"unit": product.unit}))


@lru_cache(maxsize=4096)
def _bare(text: str) -> str:
    return "".join(c for c in folded(text).casefold() if c.isalnum())
