"""How far workers are with a captured document: what its page asks while they are at it. Shows nothing of the document, so it is no look at it."""

from typing import Any

from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404
from django.views.decorators.http import require_GET

from certifications.evidence import queries
from certifications.evidence.models import EvidenceDocument
from certifications.pages.polling import polled
from certifications.people.models import User
from certifications.people.permissions import Permission, requires
from certifications.work.queries import unfinished


def working(document: EvidenceDocument) -> dict[str, Any] | None:
    """What is left to be done, for the page; None when nothing is. `percent` is None while nobody can say."""
    if document.status == EvidenceDocument.Status.CAPTURED:
        return {"document": document, "percent": None, "lines_left": 0}
    if document.status not in EvidenceDocument.COUNTING:
        return None
    lines = list(document.lines.only("pk"))
    left = len(unfinished("match", lines))
    if not left:
        return None
    done, total = len(lines) - left, len(lines)
    return {"document": document, "lines_left": left, "lines_done": done, "line_count": total, "percent": done * 100 // total}


@requires(Permission.SEE_EVIDENCE)
@require_GET
def state(request: HttpRequest, number: str) -> HttpResponse:
    """The progress; once the work is done, word to load the page again."""
    user: User = request.user  # type: ignore[assignment]
    document = get_object_or_404(queries.visible_to(user), number=number)
    left = working(document)
    return polled(request, left, template="compliance/_evidence_working.html", page="compliance:evidence-detail", number=number)
