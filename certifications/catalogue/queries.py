"""Reads of the catalogue."""

import datetime as dt

from django.db.models import QuerySet

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
