"""Reads of evidence. Compliance alone sees it."""

from collections.abc import Iterable

from django.db.models import Q, QuerySet

from certifications.people.models import User
from certifications.people.permissions import Permission, may

from .keys import buyer_key, project_key
from .models import EvidenceCapture, EvidenceDocument, EvidenceLine
from .repeats import Sale, sale_with, sales_of
from .rules import standing_of_source


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
        | Q(captures__sha256=text.lower())
        | Q(lines__seller__icontains=text)
        | Q(lines__buyer__icontains=text)
        | Q(lines__project_no__iexact=text)
    ).distinct()


def of_bytes(sha256: str, *, withdrawn_too: bool = False) -> EvidenceDocument | None:
    """The document of exactly these bytes: the one that lives, else with `withdrawn_too` the newest that was withdrawn."""
    found = EvidenceDocument.objects.filter(sha256=sha256, repeated=False)
    living = found.exclude(status=EvidenceDocument.Status.WITHDRAWN).first()
    if living is None and withdrawn_too:
        return found.order_by("-captured_at").first()
    return living


def same_bytes(document: EvidenceDocument) -> QuerySet[EvidenceDocument]:
    """Other documents of exactly the same bytes, oldest first: withdrawn ones, and those from before bytes made a document."""
    return EvidenceDocument.objects.filter(sha256=document.sha256).exclude(pk=document.pk).order_by("captured_at")


def captures_of(document: EvidenceDocument) -> list[EvidenceCapture]:
    """Every arrival of the document, the first one first."""
    return list(document.captures.select_related("by", "program", "blob").order_by("captured_at", "pk"))


def source_standings(documents: Iterable[EvidenceDocument]) -> dict[str, str]:
    """For each document's key how far its source is attested (rules.standing_of_source), in one query."""
    found: dict[str, list[EvidenceCapture]] = {document.pk: [] for document in documents}
    for row in EvidenceCapture.objects.filter(document__in=found).order_by("captured_at", "pk"):
        found[row.document_id].append(row)
    return {pk: standing_of_source(rows) for pk, rows in found.items()}


def sales_about(lines: Iterable[EvidenceLine]) -> dict[str, Sale]:
    """For each line's key the sale that it speaks of, over every document that counts, in one query."""
    wanted = list(lines)
    keys = {(line.project_key, line.buyer_key) for line in wanted if line.project_key}
    groups: dict[tuple[str, str], list[EvidenceLine]] = {key: [] for key in keys}
    if keys:
        near = EvidenceLine.objects.filter(
            project_key__in={project for project, _buyer in keys}, document__status__in=EvidenceDocument.COUNTING
        ).select_related("document", "product")
        # The text that a package was read from has megabytes, and every line of it would bring it along.
        near = near.defer("document__text", "document__proposal")
        for row in near.order_by("confirmed_at", "document_id", "position"):
            if (row.project_key, row.buyer_key) in groups:
                groups[row.project_key, row.buyer_key].append(row)
    sales = {key: sales_of(rows) for key, rows in groups.items()}
    return {line.pk: sale_with(line, sales.get((line.project_key, line.buyer_key), ())) for line in wanted}


def announced_before(project_nos: Iterable[str], buyers: Iterable[str], *, but: EvidenceDocument) -> QuerySet[EvidenceLine]:
    """Confirmed lines of other documents about one of these projects and one of these buyers: what a person should know before confirming."""
    projects = {key for text in project_nos if (key := project_key(text))}
    names = {key for text in buyers if (key := buyer_key(text))}
    return (
        EvidenceLine.objects.filter(project_key__in=projects, buyer_key__in=names, document__status__in=EvidenceDocument.COUNTING)
        .exclude(document=but)
        .select_related("document")
        .order_by("-confirmed_at", "position")
    )
