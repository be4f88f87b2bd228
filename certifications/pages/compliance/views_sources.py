"""Where evidence comes from, how its text is shown, and how it leaves: captures afterwards, the frame, lines as an OCDS package."""

from collections.abc import Iterator

from csp.constants import NONE, SELF
from csp.decorators import csp
from django.conf import settings
from django.contrib import messages
from django.db.models import QuerySet
from django.http import Http404, HttpRequest, HttpResponse, HttpResponseBase, StreamingHttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.clickjacking import xframe_options_sameorigin

from certifications.evidence import ocds_out, queries
from certifications.evidence.models import EvidenceDocument, EvidenceLine
from certifications.evidence.readers import Unreadable
from certifications.evidence.readers.sniffing import LIMIT_MB
from certifications.flow import evidence as flow
from certifications.ledger.actions import opened
from certifications.ledger.ids import new_ulid
from certifications.ledger.moves import NotAllowed
from certifications.people.models import User
from certifications.people.permissions import Permission, requires
from certifications.people.prices import sees_prices
from portal.bodies import takes
from portal.downloads import as_download
from portal.limits import exports

from .forms import SourceForm
from .proposals import Excerpt, highlighted
from .views_evidence import filtered

CHUNK = 500
# What somebody outside wrote is shown where nothing runs, loads, is sent or leads on, and within our own pages alone (ADR 0019).
FRAMED = {
    "default-src": [NONE],
    "style-src": [SELF],
    "font-src": [SELF],
    "frame-ancestors": [SELF],
    "base-uri": [NONE],
    "form-action": [NONE],
    "sandbox": ["allow-same-origin"],
}


@requires(Permission.SEE_EVIDENCE)
@xframe_options_sameorigin
@csp(FRAMED)
def text(request: HttpRequest, number: str) -> HttpResponse:
    """The source as text with the reader's marks, for the sandboxed frame beside the form: an excerpt of a very long one, or the whole."""
    user: User = request.user  # type: ignore[assignment]
    document = get_object_or_404(queries.visible_to(user), number=number)
    if not document.text:
        raise Http404
    opened(what="text", obj=document, by=user)
    excerpt = Excerpt.of(document)
    is_cut = excerpt.is_cut and "whole" not in request.GET
    context = {"document": document, "excerpt": excerpt, "is_cut": is_cut}
    context["segments"] = highlighted(document, excerpt.length if is_cut else None)
    answer = render(request, "compliance/evidence_text.html", context)
    # In a tab of its own: browsers need not show a sandboxed page that asks to be isolated from whoever opened it, and it has no scripts.
    answer["Cross-Origin-Opener-Policy"] = "unsafe-none"
    return answer


@takes(LIMIT_MB)
@requires(Permission.CAPTURE_EVIDENCE)
def source_new(request: HttpRequest, number: str) -> HttpResponse:
    """Capture the page that a pasted text was taken from."""
    user: User = request.user  # type: ignore[assignment]
    document = get_object_or_404(queries.visible_to(user), number=number)
    form = SourceForm(request.POST or None, request.FILES or None, initial={"form_key": new_ulid(), "source_url": document.source_url})
    if request.method == "POST" and form.is_valid():
        data = form.cleaned_data
        try:
            flow.capture_source(
                document=document,
                by=user,
                content=data["file"].read(),
                name=data["file"].name,
                source_url=data["source_url"],
                tool=request.headers.get("User-Agent", ""),
                form_key=data["form_key"],
            )
        except Unreadable as problem:
            form.add_error("file", _(problem.message_key) % problem.params)
        except NotAllowed as error:
            form.add_error(error.code if error.code in form.fields else None, str(error))
        else:
            messages.success(request, _("The page holds the pasted text. Its capture is on record, and the source is attested."))
            return redirect("compliance:evidence-detail", number=document.number)
    context = {"form": form, "document": document}
    return render(request, "compliance/evidence_source.html", context, status=422 if form.is_bound else 200)


@requires(Permission.SEE_EVIDENCE)
@exports("evidence")
def export(request: HttpRequest) -> HttpResponseBase:
    """Confirmed lines of the documents under the list's filters, as an OCDS 1.1 release package, streamed."""
    user: User = request.user  # type: ignore[assignment]
    documents, _text, _state = filtered(request)
    counting = documents.filter(status__in=EvidenceDocument.COUNTING)
    lines = EvidenceLine.objects.filter(document__in=counting.values("pk")).select_related("document", "product")
    if not lines.exists():
        messages.info(request, _("No confirmed line is among these documents, so that there is nothing to hand out."))
        return redirect(f"{reverse('compliance:evidence')}?{request.GET.urlencode()}")
    now = timezone.now()
    name = f"evidence-{now:%Y-%m-%d}.json"
    pieces = ocds_out.package_text(
        _releases(lines.order_by("document_id", "position"), prices=sees_prices(user)),
        uri=f"{settings.PORTAL_BASE_URL}{request.path}{name}",
        publisher=settings.ISSUER_NAME,
        published=now,
    )
    return as_download(StreamingHttpResponse(pieces, content_type="application/json"), name=name)


def _releases(lines: QuerySet[EvidenceLine], *, prices: bool) -> Iterator[dict[str, object]]:
    """Releases of all lines, some hundred lines at a time; a document is never cut."""
    held: list[EvidenceLine] = []
    for line in lines.iterator(chunk_size=CHUNK):
        if len(held) >= CHUNK and line.document_id != held[-1].document_id:
            yield from _some(held, prices=prices)
            held = []
        held.append(line)
    yield from _some(held, prices=prices)


def _some(lines: list[EvidenceLine], *, prices: bool) -> Iterator[dict[str, object]]:
    firsts = {pk: sale.first.pk for pk, sale in queries.sales_about(lines).items()}
    return ocds_out.releases_of(lines, prefix=settings.OCID_PREFIX, firsts=firsts, prices=prices)
