"""The only writes to products: a version is added from a day, and comes into force on it; nothing is said differently in hindsight."""

import datetime as dt
from decimal import Decimal
from typing import Any

from django.db import transaction
from django.utils.translation import gettext as _

from certifications.ledger.actions import record
from certifications.ledger.days import civil_today
from certifications.parties.actions import Incomplete
from certifications.parties.rules import Problem
from certifications.people.models import User

from .models import Product, ProductUnit
from .models_versions import ProductVersion
from .rules_products import ProductData, number_problem, product_problems

_WORDS = ("name", "name_zh", "line", "unit", "unit_zh", "samples_per_unit", "classification", "is_current")


def _said(data: ProductData) -> dict[str, Any]:
    words = {name: getattr(data, name) for name in _WORDS}
    return {name: value.strip() if isinstance(value, str) else value for name, value in words.items()}


def data_of(version: ProductVersion) -> ProductData:
    """A version as plain values, from its own day on."""
    words = {name: getattr(version, name) for name in _WORDS}
    units = {name: Decimal(factor) for name, factor in version.units}
    return ProductData(**words, from_date=version.from_date, units=units, reason=version.reason)


def _write(product: Product, number: int, data: ProductData, by: User | None) -> ProductVersion:
    return ProductVersion.objects.create(
        product=product,
        number=number,
        from_date=data.from_date,
        units=[[name.strip(), str(factor)] for name, factor in data.units.items()],
        reason=data.reason.strip(),
        recorded_by=by,
        **_said(data),
    )


@transaction.atomic
def add_product(*, catalogue_number: str, data: ProductData, by: User | None) -> Product:
    """A new catalogue number with its first version; it may be declared from that version's day on. Raises Incomplete."""
    number = catalogue_number.strip()
    problems = product_problems(data, today=civil_today(), after=None, fixed=None)
    wrong = number_problem(number)
    if wrong is None and Product.objects.filter(catalogue_number__iexact=number).exists():
        wrong = Problem("catalogue_number", _("The catalogue has this number already; record a new version of it."))
    if wrong is not None or problems:
        raise Incomplete([*([wrong] if wrong else []), *problems])
    # Not to be declared before its day, whatever it will be then.
    product = Product.objects.create(catalogue_number=number, **{**_said(data), "is_current": False}, version_number=0)
    version = _write(product, 1, data, by)
    record(verb="product.added", obj=product, by=by, data={"version": version.pk, "from": data.from_date})
    turn(product)
    return product


@transaction.atomic
def record_version(*, product: Product, data: ProductData, is_used: bool, by: User) -> ProductVersion:
    """Say something else of a product from a day on. `is_used`: a declaration names it. Raises Incomplete."""
    locked = Product.objects.select_for_update().get(pk=product.pk)
    last = locked.versions.first()
    fixed = (locked.line, locked.unit, locked.unit_zh) if is_used else None
    problems = product_problems(data, today=civil_today(), after=last.from_date if last else None, fixed=fixed)
    if not data.reason.strip():
        problems.append(Problem("reason", _("Say why, and who stated it: it stays on record beside the version.")))
    if problems:
        raise Incomplete(problems)
    version = _write(locked, last.number + 1 if last else 1, data, by)
    record(verb="product.version", obj=locked, by=by, data={"version": version.pk, "from": data.from_date})
    turn(locked)
    return version


def turn_all(on: dt.date | None = None) -> int:
    """Put every version in force whose day has come. Returns how many products changed."""
    day = on or civil_today()
    due = ProductVersion.objects.filter(from_date__lte=day).values_list("product_id", "number", "product__version_number")
    behind = {product for product, number, held in due if number > held}
    return sum(turn(product, day) for product in Product.objects.filter(pk__in=behind))


@transaction.atomic
def turn(product: Product, on: dt.date | None = None) -> bool:
    """Put the newest version in force whose day has come; whether anything changed."""
    locked = Product.objects.select_for_update().get(pk=product.pk)
    version = locked.versions.filter(from_date__lte=on or civil_today()).first()
    if version is None or version.number <= locked.version_number:
        return False
    for name in _WORDS:
        setattr(locked, name, getattr(version, name))
    locked.version_number = version.number
    locked.save(update_fields=[*_WORDS, "version_number"])
    locked.units.all().delete()
    ProductUnit.objects.bulk_create(ProductUnit(product=locked, name=name, factor=factor) for name, factor in version.units)
    record(verb="product.in_force", obj=locked, data={"version": version.pk})
    return True
