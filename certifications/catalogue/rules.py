"""Units of a product: how many of its own an order's quantity is. Pure; a quantity is a Decimal, never a float."""

from collections.abc import Mapping
from decimal import Decimal

PLACES = Decimal("0.0001")
_SAMPLES = frozenset({"sample", "samples", "人份", "份"})


def normal_unit(unit: str) -> str:
    """A unit as it is compared: without case and outer blanks."""
    return unit.strip().casefold()


def is_samples(unit: str) -> bool:
    """Whether the unit means samples, which convert by the product's own number of them."""
    return normal_unit(unit) in _SAMPLES


def fits(quantity: Decimal) -> bool:
    """Whether the ledger can hold the quantity exactly: four places, ten digits before them."""
    return quantity.is_finite() and abs(quantity) < Decimal(10) ** 10 and quantity == quantity.quantize(PLACES)


def in_own_unit(
    *, quantity: Decimal, unit: str, own: tuple[str, ...], samples_per_unit: int | None, others: Mapping[str, Decimal]
) -> Decimal | None:
    """The quantity in the product's own unit; None where the unit does not convert, or not exactly.

    `own` are the names of the product's own unit in every language; an English plural is understood. `others` are further
    units by name (lower-case) with how many own units each holds. Samples convert by `samples_per_unit`.
    """
    asked = normal_unit(unit)
    names = {normal_unit(name) for name in own if name}
    factor: Decimal | None = None
    if asked in names or asked.removesuffix("s") in names:
        factor = Decimal(1)
    elif asked in others:
        factor = others[asked]
    elif is_samples(asked) and samples_per_unit:
        found = quantity / Decimal(samples_per_unit)
        return found if fits(found) and found * samples_per_unit == quantity else None
    if factor is None or not fits(quantity):
        return None
    found = quantity * factor
    return found if fits(found) else None


def ratio_of(measure: Decimal, against: Decimal) -> Decimal | None:
    """How many units of the one are worth one of the other; None where four places do not hold it."""
    found = measure / against
    return found if fits(found) and found * against == measure else None
