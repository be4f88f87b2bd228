"""Reads of tips. Named readers alone see any; whoever sent one sees its own by the receipt code."""

from django.db.models import Count, Q, QuerySet

from certifications.people.models import User
from certifications.people.permissions import Permission, may

from .models import Tip
from .rules import CODE_LENGTH, normal_code, receipt_hash


def visible_to(user: User) -> QuerySet[Tip]:
    """Tips that `user` may read: all for a named reader, none for anybody else."""
    return Tip.objects.all() if may(user, Permission.READ_TIPS) else Tip.objects.none()


def search(tips: QuerySet[Tip], text: str) -> QuerySet[Tip]:
    """By number, or any word of it."""
    text = text.strip()
    if not text:
        return tips
    found = Q(number__iexact=text)
    for name in Tip.WORDS:
        found |= Q(**{f"{name}__icontains": text})
    return tips.filter(found)


def listed(tips: QuerySet[Tip]) -> QuerySet[Tip]:
    """The newest day first, with `file_count`. Within a day in no order that tells of time."""
    return tips.annotate(file_count=Count("files")).order_by("-received_on", "number")


def by_receipt(code: str) -> Tip | None:
    """The tip of a receipt code; None alike for a code that is none and for one that nobody has."""
    if len(normal_code(code)) != CODE_LENGTH:
        return None
    return Tip.objects.filter(receipt_hash=receipt_hash(code)).first()
