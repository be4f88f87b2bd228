"""Reads of the catalogue."""

import datetime as dt

from django.db.models import Max, Q, QuerySet

from .models import ClauseSet, Product


def current_products() -> QuerySet[Product]:
    """What may be declared today, by catalogue number."""
    return Product.objects.filter(is_current=True)


def current_clause_set(on: dt.date, code: str = "CN-kits") -> ClauseSet:
    """The newest version of the set that holds on the day. Raises ClauseSet.DoesNotExist when none does."""
    return ClauseSet.objects.filter(code=code, from_date__lte=on).latest("version")


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
