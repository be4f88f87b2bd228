"""Reads of evidence. Compliance alone sees it."""

from django.db.models import Q, QuerySet

from certifications.people.models import User
from certifications.people.permissions import Permission, may

from .models import EvidenceDocument


def visible_to(user: User) -> QuerySet[EvidenceDocument]:
    """Captured documents that `user` may see."""
    return EvidenceDocument.objects.all() if may(user, Permission.SEE_EVIDENCE) else EvidenceDocument.objects.none()


def search(documents: QuerySet[EvidenceDocument], text: str) -> QuerySet[EvidenceDocument]:
    """By number, title, hash, or any name on a confirmed line."""
    text = text.strip()
    if not text:
        return documents
    return documents.filter(
        Q(number__iexact=text)
        | Q(sha256=text.lower())
        | Q(title__icontains=text)
        | Q(lines__seller__icontains=text)
        | Q(lines__buyer__icontains=text)
        | Q(lines__project_no__iexact=text)
    ).distinct()


def same_bytes(document: EvidenceDocument) -> QuerySet[EvidenceDocument]:
    """Other captures of exactly the same bytes, oldest first."""
    return EvidenceDocument.objects.filter(sha256=document.sha256).exclude(pk=document.pk).order_by("captured_at")
