"""The only writes to equivalence groups: approved whole, with the measure by which their products compare."""

from collections.abc import Mapping
from decimal import Decimal

from django.db import transaction
from django.utils.translation import gettext as _

from certifications.ledger.actions import Actor, record
from certifications.ledger.moves import NotAllowed

from .models import EquivalenceGroup, Equivalent, Product


@transaction.atomic
def approve_group(*, name: str, measures: Mapping[str, Decimal], by: Actor | None) -> EquivalenceGroup:
    """Approve products (by catalogue number) as equivalents. Raises NotAllowed: name, measures."""
    if not name.strip() or EquivalenceGroup.objects.filter(name=name.strip()).exists():
        raise NotAllowed(_("Give the group a name that no other group has."), "name")
    products = list(Product.objects.filter(catalogue_number__in=list(measures)))
    if len(products) != len(measures) or len(products) < 2:  # noqa: PLR2004
        raise NotAllowed(_("A group holds at least two products of the catalogue."), "measures")
    if any(measure <= 0 for measure in measures.values()) or Equivalent.objects.filter(product__in=products).exists():
        raise NotAllowed(_("A measure is more than zero, and a product is in one group alone."), "measures")
    group = EquivalenceGroup.objects.create(name=name.strip(), approved_by_id=str(by.pk) if by is not None else "")
    Equivalent.objects.bulk_create(
        Equivalent(group=group, product=product, measure=measures[product.catalogue_number]) for product in products
    )
    record(verb="equivalence.approved", obj=group, by=by, data={"products": sorted(p.pk for p in products)})
    return group
