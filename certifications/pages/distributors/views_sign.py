"""Reading and signing the exact text; receipts and attestations to take home."""

import json
from typing import Any

from django.contrib import messages
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils.translation import gettext as _

from certifications.attestations.models import Seal
from certifications.catalogue.clauses import changes as changes_of_clauses
from certifications.declarations import queries
from certifications.declarations.actions import power_over
from certifications.declarations.changes import changes
from certifications.declarations.models import Declaration, DeclarationVersion, Receipt
from certifications.files.actions import read
from certifications.flow.questions import signing_problems
from certifications.flow.sign import object_to, problems_of, sign_declaration, take_clauses
from certifications.ledger.actions import opened
from certifications.ledger.moves import NotAllowed
from certifications.pages.factor import factor_of
from certifications.people.factors import FactorRefused, begin
from certifications.people.models import User
from certifications.people.models_delegations import Delegation
from certifications.people.permissions import Permission, requires
from certifications.people.powers import powers_of
from portal.downloads import attachment
from portal.templatetags.kit import local

from .forms import ObjectionForm

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
    if request.method != "POST" and problems_of(declaration):
        messages.info(request, _("Something is still to be filled in or mended; it can be signed after that."))
        return redirect("distributors:declaration-check", number=number)
    version = queries.version_of(declaration)
    content, digest = queries.frozen_form(version)
    problem: dict[str, str] = {}
    if request.method == "POST":
        try:
            sign_declaration(
                declaration=declaration,
                by=user,
                sha256=request.POST.get("sha256", ""),
                accepted=_ticked(request),
                role_title=request.POST.get("role_title", "")[:150],
                **factor_of(request),
            )
        except FactorRefused as refusal:
            problem = {"field": "factor", "text": str(refusal)}
        except NotAllowed as refusal:
            problem = {"field": refusal.code, "text": str(refusal)}
        else:
            messages.success(request, _("Signed. Your receipt is being sealed; the checks have begun."))
            return redirect("distributors:declaration", number=number)
    text = json.loads(content)
    under, beyond = _power(version, user)
    now, outdated = queries.clauses_standing(version)
    unanswered = signing_problems([declaration])
    ticked = _ticked(request)
    clauses = [{**c, "ticked": c["number"] in ticked} for c in text["clauses"]["items"]]
    context = {
        "declaration": declaration,
        "version": version,
        "text": text,
        "sees_value": True,
        "documents": version.documents.select_related("blob"),
        "canonical": content,
        "digest": digest,
        "clauses": clauses,
        "outdated": outdated,
        "unanswered": unanswered.get(number, ""),
        "is_newer": now is not None and now.pk != version.clause_set_id,
        "before": (before := queries.text_before(declaration)),
        "changes": changes(before, text) if before is not None else [],
        "role_title": request.POST.get("role_title", ""),
        "problem": problem,
        "problems": [{"id": _where(problem["field"], clauses), "label": "", "text": problem["text"]}] if problem else [],
        "passkey": begin(user, digest, request.session),
        "under": under,
        "beyond": beyond,
    }
    return render(request, "distributors/sign.html", context, status=422 if problem else 200)


def _power(version: DeclarationVersion, user: User) -> tuple[Delegation | None, str]:
    """(the delegation that covers the text, why none does; both empty for who signs by office)."""
    try:
        return power_over(version, powers_of(user)), ""
    except NotAllowed as refusal:
        return None, str(refusal)


def _where(field: str, clauses: list[dict[str, Any]]) -> str:
    """The element that an error leads to; empty for what concerns the whole page."""
    first = next((c["number"] for c in clauses if not c["ticked"]), 1)
    return {"factor": "sign-code", "role_title": "role_title", "clauses": f"clause-{first}"}.get(field, "")


@requires(Permission.SIGN_DECLARATIONS, Permission.EDIT_DECLARATIONS)
def undertakings(request: HttpRequest, number: str) -> HttpResponse:
    """What changed in the undertakings since the draft was begun; taking the text in force is a person's act, never the page's."""
    user: User = request.user  # type: ignore[assignment]
    declaration = queries.get_visible(user, number)
    if declaration.status != Declaration.Status.DRAFT:
        messages.info(request, _("There is nothing to sign: the declaration is no draft any more."))
        return redirect("distributors:declaration", number=number)
    version = queries.version_of(declaration)
    now, problem = queries.clauses_standing(version)
    if request.method == "POST":
        try:
            take_clauses(declaration=declaration, by=user)
        except NotAllowed as refusal:
            messages.error(request, str(refusal))
        else:
            messages.success(request, _("The draft carries the undertakings that are in force now. Nothing was signed."))
        return redirect("distributors:declaration", number=number)
    is_new = now is not None and now.pk != version.clause_set_id
    context = {
        "declaration": declaration,
        "held": version.clause_set,
        "now": now,
        "problem": problem,
        "is_new": is_new,
        "changes": changes_of_clauses(version.clause_set, now) if is_new else [],
    }
    return render(request, "distributors/undertakings.html", context)


@requires(Permission.SIGN_DECLARATIONS)
def objection(request: HttpRequest, number: str) -> HttpResponse:
    """Say which undertakings one cannot agree to; compliance answers. Nothing is signed."""
    user: User = request.user  # type: ignore[assignment]
    declaration = queries.get_visible(user, number)
    if declaration.status != Declaration.Status.DRAFT:
        messages.info(request, _("There is nothing to sign: the declaration is no draft any more."))
        return redirect("distributors:declaration", number=number)
    form = ObjectionForm(request.POST or None, initial={"clauses": request.GET.getlist("clause")})
    form.fields["clauses"].choices = [  # type: ignore[attr-defined]
        (str(c.number), f"{c.number}. {local(c, 'title')}") for c in queries.version_of(declaration).clause_set.clauses.all()
    ]
    if request.method == "POST" and form.is_valid():
        try:
            object_to(
                declaration=declaration, by=user, clauses={int(n) for n in form.cleaned_data["clauses"]}, text=form.cleaned_data["text"]
            )
        except NotAllowed as refusal:
            form.add_error(refusal.code if refusal.code in form.fields else None, str(refusal))
        else:
            messages.success(request, _("Sent. Nothing was signed; you find the answer on this page."))
            return redirect("distributors:declaration", number=number)
    context = {"declaration": declaration, "form": form}
    return render(request, "distributors/objection.html", context, status=422 if form.is_bound else 200)


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
