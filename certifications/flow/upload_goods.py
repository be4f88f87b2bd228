"""What a row says of the goods: which product of the catalogue, and how many of its own unit. Knows no declaration."""

from collections.abc import Sequence
from decimal import Decimal

from django.utils.translation import gettext as _

from certifications.catalogue.models import Product
from certifications.uploads.kinds import Fix, Line, Problem
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


def product_of(line: Line, catalogue: Sequence[Product], problems: list[Problem], bad: set[str]) -> Product | None:
    """The product that a row means, by number or by name; what is not found is a problem with the nearest beside it."""
    typed = str(line.values.get("product", ""))
    if not typed:
        if "product" not in bad:
            problems.append(Problem("product", "no_product", _("Enter the catalogue number.")))
        return None
    # A list of ours says the name behind the number; a spreadsheet takes zeros off the front of one.
    for key in (_bare(typed), _bare(typed.split(" ", maxsplit=1)[0])):
        found = [
            p for p in catalogue if _bare(p.catalogue_number) == key or (key and _bare(p.catalogue_number).lstrip("0") == key.lstrip("0"))
        ]
        if len(found) == 1:
            return found[0]
    named = [p for p in catalogue if _bare(typed) in {_bare(p.name), _bare(p.name_zh)}]
    if len(named) == 1:
        return named[0]
    near = [p for p in catalogue if _bare(typed)[:5] and _bare(p.catalogue_number).startswith(_bare(typed)[:5])]
    fixes = tuple(Fix(p.catalogue_number, p.catalogue_number) for p in near[:3])
    problems.append(
        Problem("product", "unknown_product", _("The catalogue has no such number today. Correct it, or choose another."), fixes)
    )
    return None


def quantity_of(line: Line, product: Product, problems: list[Problem]) -> Decimal | None:
    """How many of the product's own unit; what may mean samples is asked back with the answer beside it."""
    value, behind = line.values["quantity"]
    unit = folded(str(line.values.get("unit") or behind)).casefold()
    own = {product.unit.casefold(), product.unit_zh, f"{product.unit.casefold()}s"}
    if unit in SAMPLES and unit not in own:
        size = product.samples_per_unit
        if size and value % size == 0:
            whole = str(int(value / size))
            said = _("These are samples. %(n)s samples are one unit of this product; enter the number of units.")
            fix = Fix(f"{whole} {product.unit}", f"{whole}{product.unit_zh}")
            problems.append(Problem("quantity", "samples", said % {"n": size}, (fix,)))
        else:
            problems.append(
                Problem("quantity", "unit", _("This unit is not the product's. Enter the number of: %(unit)s.") % {"unit": product.unit})
            )
        return None
    if unit and unit not in own | UNITS:
        problems.append(
            Problem("quantity", "unit", _("This unit is not the product's. Enter the number of: %(unit)s.") % {"unit": product.unit})
        )
        return None
    if value != value.quantize(Decimal("0.01")) or abs(value) >= Decimal(10) ** 10:
        problems.append(Problem("quantity", "places", _("A quantity has at most ten digits and two behind the point.")))
        return None
    return Decimal(value)


def _bare(text: str) -> str:
    return "".join(c for c in folded(text).casefold() if c.isalnum())
