"""Reads of the catalogue."""

from django.db.models import Exists, Max, OuterRef, Q, QuerySet

from certifications.ledger.days import civil_today

from .models import Product
from .models_versions import ProductVersion


def current_products() -> QuerySet[Product]:
    """What may be declared today, by catalogue number.

    A version that retires a product counts from midnight, whenever the next round puts it in force.
    """
    begun = ProductVersion.objects.filter(product=OuterRef("pk"), number__gt=OuterRef("version_number"), from_date__lte=civil_today())
    return Product.objects.filter(~Exists(begun.filter(is_current=False)), is_current=True)


def product_lines() -> list[str]:
    """The lines of all products that were ever sold, in order: an authorisation may be about an old one."""
    return list(Product.objects.order_by("line").values_list("line", flat=True).distinct())


def search_products(text: str) -> QuerySet[Product]:
    """Every product with `changed_at`, when it was last spoken of; by number, name in either language, or classification."""
    found = Product.objects.annotate(changed_at=Max("versions__recorded_at"))
    if not text:
        return found
    return found.filter(
        Q(catalogue_number__icontains=text) | Q(name__icontains=text) | Q(name_zh__icontains=text) | Q(classification__iexact=text)
    )
