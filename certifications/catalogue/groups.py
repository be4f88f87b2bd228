"""Equivalence groups: approved whole by two people, ended by two; the measure makes the units of its products comparable."""

from collections.abc import Mapping
from decimal import Decimal
from typing import Any

from django.db import transaction
from django.db.models.functions import Now
from django.utils.translation import gettext as _

from certifications.ledger.actions import Actor, record
from certifications.ledger.moves import NotAllowed, StaleState

from .models import EquivalenceGroup, Equivalent, Product
from .models_versions import CatalogueProposal
from .rules import fits


def _check(name: str, measures: Mapping[str, Decimal]) -> list[Product]:
    if not name.strip() or name != name.strip() or EquivalenceGroup.objects.filter(name=name).exists():
        raise NotAllowed(_("Give the group a name that no other group has."), "name")
    products = list(Product.objects.filter(catalogue_number__in=list(measures)))
    if len(products) != len(measures) or len(products) < 2:  # noqa: PLR2004
        raise NotAllowed(_("A group holds at least two products of the catalogue."), "measures")
    wrong = any(measure <= 0 or not fits(measure) for measure in measures.values())
    if wrong or Equivalent.objects.filter(product__in=products).exists():
        raise NotAllowed(_("A measure is more than zero, and a product is in one group alone."), "measures")
    return products


def _measures(content: dict[str, Any]) -> dict[str, Decimal]:
    return {number: Decimal(measure) for number, measure in content["measures"].items()}


def check_group(subject: str, content: dict[str, Any]) -> None:
    """`subject`: the name; content: measures by catalogue number, as text."""
    _check(subject, _measures(content))


def take_group(proposal: CatalogueProposal, by: Actor) -> EquivalenceGroup:
    """Two people agreed. Raises NotAllowed (name, measures) where it cannot be any more."""
    measures = _measures(proposal.content)
    # Two groups that name one product take effect one after the other.
    list(Product.objects.select_for_update().filter(catalogue_number__in=list(measures)).order_by("pk"))
    products = _check(proposal.subject, measures)
    group = EquivalenceGroup.objects.create(name=proposal.subject, approved_by_id=proposal.agreed_by_id)
    Equivalent.objects.bulk_create(
        Equivalent(group=group, product=product, measure=measures[product.catalogue_number]) for product in products
    )
    record(verb="equivalence.approved", obj=group, by=by, data={"products": sorted(p.pk for p in products)})
    return group


def _held(content: dict[str, Any]) -> EquivalenceGroup:
    held = EquivalenceGroup.objects.select_for_update().filter(pk=content["group"], ended_at__isnull=True).first()
    if held is None:
        raise StaleState(_("The group was ended by somebody else; load the page again."))
    return held


def check_end(subject: str, content: dict[str, Any]) -> None:  # noqa: ARG001 - every kind is asked alike
    """Content: the group's id."""
    with transaction.atomic():
        _held(content)


def take_end(proposal: CatalogueProposal, by: Actor) -> EquivalenceGroup:
    """Its products stand for themselves again; what was reserved or shipped by it stays."""
    held = _held(proposal.content)
    products = list(held.members.values_list("product_id", flat=True))
    held.members.all().delete()
    EquivalenceGroup.objects.filter(pk=held.pk).update(ended_at=Now())
    record(verb="equivalence.ended", obj=held, by=by, data={"products": sorted(products)})
    return held
