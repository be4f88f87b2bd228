"""The only writes to products: a version that two people agreed to counts from its day on; nothing is said differently in hindsight."""

import datetime as dt
from decimal import Decimal
from typing import Any

from django.db import transaction
from django.utils.translation import gettext as _

from certifications.ledger.actions import Actor, record
from certifications.ledger.days import civil_today
from certifications.parties.actions import Incomplete
from certifications.parties.rules import Problem

from .models import Product, ProductUnit
from .models_versions import CatalogueProposal, ProductVersion
from .rules_products import WORDS, ProductData, fixed_problem, number_problem, product_problems


def data_of(version: ProductVersion) -> ProductData:
    """A version as plain values, from its own day on."""
    units = {name: Decimal(factor) for name, factor in version.units}
    return ProductData(**{name: getattr(version, name) for name in WORDS}, from_date=version.from_date, units=units)


def check_product(subject: str, content: dict[str, Any]) -> None:
    """`subject`: the catalogue number, new or not; content as ProductData keeps it. Raises Incomplete with every problem."""
    data, held = ProductData.of(content), Product.objects.filter(catalogue_number=subject).first()
    last = held.versions.first() if held else None
    wrong = number_problem(subject) if held is None else None
    if held is None and wrong is None and Product.objects.filter(catalogue_number__iexact=subject).exists():
        wrong = Problem("catalogue_number", _("The catalogue has this number already; record a new version of it."))
    problems = product_problems(data, today=civil_today(), after=last.from_date if last else None)
    if not problems and last is not None and {**data_of(last).content(), "from_date": content["from_date"]} == content:
        problems.append(Problem("name", _("Nothing differs from what was said last.")))
    if wrong is not None or problems:
        raise Incomplete([*([wrong] if wrong else []), *problems])


def check_fixed(product: Product, data: ProductData) -> None:
    """Raise Incomplete where something would change that stays as long as a declaration names the product."""
    if problem := fixed_problem(data, (product.line, product.unit, product.unit_zh)):
        raise Incomplete([problem])


def take_product(proposal: CatalogueProposal, by: Actor) -> Product:
    """Two people agreed: the number, where it is new, and what is said of it from the version's day on."""
    check_product(proposal.subject, proposal.content)
    data = ProductData.of(proposal.content)
    product = Product.objects.select_for_update().filter(catalogue_number=proposal.subject).first()
    is_new = product is None
    if product is None:
        # Not to be declared before its day, whatever it will be then.
        words = {name: getattr(data, name) for name in WORDS} | {"is_current": False, "version_number": 0}
        product = Product.objects.create(catalogue_number=proposal.subject, **words)
    last = product.versions.first()
    version = ProductVersion.objects.create(
        product=product,
        number=last.number + 1 if last else 1,
        proposal=proposal,
        reason=proposal.explanation,
        recorded_by=proposal.proposed_by,
        **proposal.content,
    )
    told = {"version": version.pk, "from": data.from_date}
    record(verb="product.added" if is_new else "product.version", obj=product, by=by, data=told)
    turn(product)
    product.refresh_from_db()
    return product


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
    for name in WORDS:
        setattr(locked, name, getattr(version, name))
    locked.version_number = version.number
    locked.save(update_fields=[*WORDS, "version_number"])
    said = data_of(version).units
    for unit in locked.units.all():
        # PostgreSQL lets no unit go that the version says.
        if said.get(unit.name) != unit.factor:
            unit.delete()
    held = set(locked.units.values_list("name", flat=True))
    ProductUnit.objects.bulk_create(ProductUnit(product=locked, name=name, factor=said[name]) for name in said if name not in held)
    record(verb="product.in_force", obj=locked, data={"version": version.pk})
    return True
