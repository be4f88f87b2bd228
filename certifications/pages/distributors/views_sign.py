"""Reading and signing the exact text; receipts and attestations to take home."""

import json

from django.contrib import messages
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils.translation import gettext as _

from certifications.attestations.models import Seal
from certifications.declarations import queries
from certifications.declarations.models import Declaration, Receipt
from certifications.files.actions import read
from certifications.flow.sign import sign_declaration
from certifications.ledger.actions import opened
from certifications.ledger.moves import NotAllowed
from certifications.people.factors import FactorRefused, begin
from certifications.people.models import User
from certifications.people.permissions import Permission, requires
from portal.downloads import attachment

RECEIPTS = {"json": ("sealed_json", "application/json"), "pdf": ("pdf", "application/pdf")}


def _ticked(request: HttpRequest) -> set[int]:
    """Numbers of the ticked clauses. A form of one's own making may hold anything: "²" is a digit and no number."""
    return {int(n) for n in request.POST.getlist("clause") if n.isascii() and n.isdecimal() and len(n) < 4}  # noqa: PLR2004


@requires(Permission.SIGN_DECLARATIONS)
def sign(request: HttpRequest, number: str) -> HttpResponse:
    """GET: the text as it would be frozen and its SHA-256. POST: that SHA-256, the ticks, the role, a second factor."""
    user: User = request.user  # type: ignore[assignment]
    declaration = queries.get_visible(user, number)
    if declaration.status != Declaration.Status.DRAFT:
        messages.info(request, _("There is nothing to sign: the declaration is no draft any more."))
        return redirect("distributors:declaration", number=number)
    version = queries.version_of(declaration)
    content, digest = queries.frozen_form(version)
    error, error_field = "", ""
    if request.method == "POST":
        accepted = _ticked(request)
        try:
            sign_declaration(
                declaration=declaration,
                by=user,
                sha256=request.POST.get("sha256", ""),
                accepted=accepted,
                role_title=request.POST.get("role_title", "")[:150],
                code=request.POST.get("code", ""),
                assertion=request.POST.get("assertion", ""),
                session=request.session,
            )
        except FactorRefused as refusal:
            error, error_field = str(refusal), "factor"
        except NotAllowed as refusal:
            error, error_field = str(refusal), refusal.code
        else:
            messages.success(request, _("Signed. Your receipt is being sealed; the checks have begun."))
            return redirect("distributors:declaration", number=number)
    text = json.loads(content)
    ticked = _ticked(request)
    context = {
        "declaration": declaration,
        "version": version,
        "text": text,
        "canonical": content,
        "digest": digest,
        "clauses": [{**c, "ticked": c["number"] in ticked} for c in text["clauses"]["items"]],
        "role_title": request.POST.get("role_title", ""),
        "error": error,
        "error_field": error_field,
        "passkey": begin(user, digest, request.session),
    }
    return render(request, "distributors/sign.html", context, status=422 if error else 200)


@requires(Permission.SEE_OWN_DECLARATIONS)
def receipt(request: HttpRequest, number: str, kind: str) -> HttpResponse:
    """The sealed receipt of the newest signed version."""
    user: User = request.user  # type: ignore[assignment]
    declaration = queries.get_visible(user, number)
    if kind not in RECEIPTS:
        raise Http404
    field, media_type = RECEIPTS[kind]
    found = Receipt.objects.filter(version__declaration=declaration).order_by("-version__number").first()
    if found is None:
        messages.info(request, _("The receipt is being sealed; try again in a moment."))
        return redirect("distributors:declaration", number=number)
    blob = getattr(found, field)
    opened(what="receipt", obj=declaration, by=user, data={"kind": kind})
    return attachment(read(blob), name=blob.name, media_type=media_type)


@requires(Permission.SEE_OWN_DECLARATIONS)
def attestation(request: HttpRequest, number: str) -> HttpResponse:
    """The sealed attestation."""
    user: User = request.user  # type: ignore[assignment]
    declaration = queries.get_visible(user, number)
    seal = get_object_or_404(Seal.objects.select_related("pdf", "attestation"), attestation__declaration=declaration)
    content = read(seal.pdf)
    opened(what="pdf", obj=seal.attestation, by=user)
    return attachment(content, name=f"{seal.attestation.number}.pdf", media_type="application/pdf")
