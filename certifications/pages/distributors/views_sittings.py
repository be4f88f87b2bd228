"""Signing many declarations in one sitting: choose what waits, read every text, sign exactly that set with one factor."""

import json
from dataclasses import dataclass, field
from typing import Any

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils.translation import ngettext

from certifications.declarations import queries
from certifications.declarations.actions import check_text
from certifications.declarations.models import Declaration, DeclarationVersion
from certifications.declarations.queries_enduser import assurances
from certifications.declarations.rules import MOST_AT_ONCE, sitting_digest
from certifications.declarations.sittings import SetRefused, Shown, in_force_for
from certifications.flow.questions import signing_problems
from certifications.flow.sign import sign_sitting
from certifications.ledger.moves import NotAllowed
from certifications.pages.declared import FIELDS
from certifications.pages.factor import factor_of
from certifications.parties.queries import PartyDisplay, display
from certifications.people.factors import FactorRefused, begin
from certifications.people.models import User
from certifications.people.permissions import Permission, requires
from certifications.people.powers import powers_of
from portal.paging import paged


@dataclass
class Text:
    """One text of the set as it is read: `own` are the fields in which it differs from another of the set."""

    declaration: Declaration
    version: DeclarationVersion
    name: PartyDisplay
    canonical: str
    digest: str
    text: dict[str, Any]
    changed: bool = False
    own: list[str] = field(default_factory=list)

    def said(self, key: str) -> Any:
        """What the text says in one of FIELDS."""
        return (self.text["valid_from"], self.text["valid_until"]) if key == "valid" else self.text.get(key)


def _read(user: User, numbers: list[str]) -> list[Text]:
    """The drafts among the user's own declarations of these numbers, in the order in which they were made."""
    drafts = queries.visible_to(user).filter(status=Declaration.Status.DRAFT, number__in=numbers)
    texts = []
    for declaration in queries.with_texts(drafts).order_by("created_at", "pk"):
        version = queries.version_of(declaration)
        content, digest = queries.frozen_form(version)
        texts.append(Text(declaration, version, display(declaration.customer.party), content, digest, json.loads(content)))
    return texts


def _shown(request: HttpRequest) -> list[Shown]:
    """NUMBER:SHA-256 of each text that the form showed."""
    parted = [value.partition(":") for value in request.POST.getlist("text")]
    return [Shown(number[:20], sha256) for number, _colon, sha256 in parted]


def _ticked(request: HttpRequest) -> dict[str, set[int]]:
    """Numbers of the ticked undertakings by clause set. A form of one's own making may hold anything: "²" is a digit and no number."""
    ticked: dict[str, set[int]] = {}
    for value in request.POST.getlist("clause"):
        clause_set, _colon, number = value.partition(":")
        if number.isascii() and number.isdecimal() and len(number) < 4:  # noqa: PLR2004
            ticked.setdefault(clause_set, set()).add(int(number))
    return ticked


@requires(Permission.SIGN_DECLARATIONS)
def sign_many(request: HttpRequest) -> HttpResponse:
    """GET: what waits for a signature. GET ?n=NUMBER&n=...: the texts to read. POST: their SHA-256s, ticks, role, one factor."""
    if request.method == "POST":
        return _sign(request)
    numbers = request.GET.getlist("n")
    if not numbers:
        return _choose(request)
    user: User = request.user  # type: ignore[assignment]
    texts = _read(user, numbers[:MOST_AT_ONCE])
    return _page(request, texts) if texts else redirect("distributors:sign-many")


def _choose(request: HttpRequest) -> HttpResponse:
    user: User = request.user  # type: ignore[assignment]
    drafts = queries.with_texts(queries.visible_to(user).filter(status=Declaration.Status.DRAFT)).order_by("created_at", "pk")
    page = paged(request, drafts, MOST_AT_ONCE)
    heard, powers, today = assurances(list(page)), powers_of(user), in_force_for(page)
    unanswered = signing_problems(list(page))
    rows = []
    for declaration in page:
        version, problem = queries.version_of(declaration), unanswered.get(declaration.number, "")
        try:
            digest = queries.frozen_form(version)[1]
            check_text(declaration=declaration, by=user, sha256=digest, heard=heard[declaration.pk], powers=powers, today=today)
        except NotAllowed as refusal:
            problem = str(refusal)
        name = display(declaration.customer.party)
        row = {"declaration": declaration, "version": version, "name": name, "others": queries.others_named(version)}
        rows.append({**row, "problem": problem, "assurance": heard[declaration.pk]})
    context = {"page": page, "rows": rows, "all": "all" in request.GET, "signable": sum(not row["problem"] for row in rows)}
    return render(request, "distributors/sign_many.html", context)


def _sign(request: HttpRequest) -> HttpResponse:
    user: User = request.user  # type: ignore[assignment]
    shown, ticked = _shown(request), _ticked(request)
    problems: list[dict[str, str]] = []
    where = lead = ""
    try:
        signed = sign_sitting(
            by=user, shown=shown, accepted=ticked, role_title=request.POST.get("role_title", "")[:150], **factor_of(request)
        )
    except SetRefused as refused:
        lead = str(refused)
        problems = [{"id": f"text-{number}", "label": number, "text": problem} for number, problem in refused.problems]
        where = refused.code
    except FactorRefused as refusal:
        problems = [{"id": "sign-code", "label": "", "text": str(refusal)}]
        where = "factor"
    except NotAllowed as refusal:
        problems = [{"id": {"role_title": "role_title", "clauses": "clauses"}.get(refusal.code, ""), "label": "", "text": str(refusal)}]
        where = refusal.code
    else:
        n = len(signed)
        messages.success(
            request,
            ngettext(
                "Signed: %(n)d declaration. Its receipt is being sealed; the checks have begun.",
                "Signed: %(n)d declarations. Their receipts are being sealed; the checks have begun.",
                n,
            )
            % {"n": n},
        )
        return redirect("distributors:declarations")
    read = {one.number: one.sha256 for one in shown}
    texts = _read(user, list(read)[:MOST_AT_ONCE])
    for text in texts:
        text.changed = text.digest != read[text.declaration.number]
    left = {f"text-{text.declaration.number}" for text in texts}
    for problem in problems:
        # What is no draft any more has left the set; its line in the summary leads nowhere.
        if problem["id"].startswith("text-") and problem["id"] not in left:
            problem["id"] = ""
    return _page(request, texts, problems=problems, where=where, lead=lead, ticked=ticked)


def _page(
    request: HttpRequest,
    texts: list[Text],
    *,
    problems: list[dict[str, str]] | None = None,
    where: str = "",
    lead: str = "",
    ticked: dict[str, set[int]] | None = None,
) -> HttpResponse:
    user: User = request.user  # type: ignore[assignment]
    same = [key for key in FIELDS if all(text.said(key) == texts[0].said(key) for text in texts)] if len(texts) > 1 else []
    sets: dict[str, dict[str, Any]] = {}
    for text in texts:
        text.own = [key for key in FIELDS if key not in same]
        held = sets.setdefault(text.version.clause_set_id, {"set": text.version.clause_set, "numbers": [], "clauses": []})
        held["numbers"].append(text.declaration.number)
        mine = (ticked or {}).get(text.version.clause_set_id, set())
        held["clauses"] = [{**clause, "ticked": clause["number"] in mine} for clause in text.text["clauses"]["items"]]
    digest = sitting_digest([text.digest for text in texts])
    context = {
        "texts": texts,
        "sees_value": True,
        "same": same,
        "first": texts[0] if texts else None,
        "sets": list(sets.values()),
        "digest": digest,
        "role_title": request.POST.get("role_title", ""),
        "problems": problems or [],
        "where": where,
        "lead": lead,
        "passkey": begin(user, digest, request.session) if texts else None,
    }
    return render(request, "distributors/sign_set.html", context, status=422 if problems else 200)
