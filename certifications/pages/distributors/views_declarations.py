"""Declarations of one distributor: list, draft, change, read."""

import json

from django.db.models import QuerySet
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.utils.translation import gettext as _

from certifications.attestations.models import Attestation
from certifications.declarations import queries
from certifications.declarations.models import Declaration, Receipt
from certifications.declarations.queries_enduser import end_user_words, objections_with, story
from certifications.flags.queries import questions_visible_to
from certifications.flow.facts import least_level
from certifications.flow.following import ways_on
from certifications.ledger.actions import opened
from certifications.ledger.moves import may_move
from certifications.orders.queries import balances_of, entries_of
from certifications.pages.declared import FIELDS
from certifications.parties.queries import display
from certifications.people.models import User
from certifications.people.permissions import Permission, may, requires
from certifications.people.queries import told_to
from portal.exports import csv_response, first_of
from portal.limits import exports, searches
from portal.lists import between, page_of
from portal.words import word_for

from .filing import filings, narrowed, with_rows, word_of
from .forms_lists import DeclarationsForm
from .news import news_of

MOST_ROWS = 10_000


def _listed(user: User, request: HttpRequest) -> tuple[DeclarationsForm, QuerySet[Declaration]]:
    """What is asked for, and the user's declarations that it finds."""
    form = DeclarationsForm(request.GET)
    found = narrowed(queries.search(queries.visible_to(user), form.get("q")), form.get("status"))
    if form.get("kind"):
        found = found.filter(queries.is_of_kind(form.get("kind")))
    if form.order[0].code == "name":
        # Nobody else's customer can stand in them; said aloud, the names are read along their index.
        found = found.filter(customer__organisation=user.organisation)
    return form, with_rows(between(found, "created_at", form))


@requires(Permission.SEE_OWN_DECLARATIONS)
@searches
def index(request: HttpRequest) -> HttpResponse:
    """The list, searched, narrowed and sorted."""
    user: User = request.user  # type: ignore[assignment]
    form, found = _listed(user, request)
    page = page_of(request, form, visible=queries.visible_to(user), found=found)
    context = {
        "listed": page,
        "rows": filings(user, page.rows),
        "may_edit": may(user, Permission.EDIT_DECLARATIONS),
        "may_sign": may(user, Permission.SIGN_DECLARATIONS),
    }
    return render(request, "distributors/declarations.html", context)


@requires(Permission.SEE_OWN_DECLARATIONS)
@exports("declarations")
def export(request: HttpRequest) -> HttpResponse:
    """The list as it is narrowed and sorted, as CSV."""
    user: User = request.user  # type: ignore[assignment]
    form, wanted = _listed(user, request)
    found, is_cut = first_of(form.ordered(wanted), MOST_ROWS)
    rows = [
        [
            row.declaration.number,
            row.name.native,
            row.name.latin,
            word_for("filing", row.word).text,
            line.product.catalogue_number,
            line.quantity,
            row.version.valid_from,
            row.version.valid_until,
            row.attestation.number if row.attestation else "",
            row.step.text,
            word_for("assurance", row.assurance.level).text,
        ]
        for row in filings(user, found)
        for line in row.version.lines.all()
    ]
    head = [
        _("Number"),
        _("End user"),
        _("Latin name"),
        _("Status"),
        _("Catalogue number"),
        _("Quantity"),
        _("Valid from"),
        _("Valid until"),
        _("Attestation"),
        _("Next step"),
        _("Assurance level"),
    ]
    if user.organisation is not None:
        opened(what="export", obj=user.organisation, by=user, data={"of": "declarations", "rows": len(rows)})
    return csv_response("declarations.csv", head, rows, is_cut=is_cut)


@requires(Permission.SEE_OWN_DECLARATIONS)
def detail(request: HttpRequest, number: str) -> HttpResponse:
    """One declaration: what it says, where it stands, its receipt, questions and attestation."""
    user: User = request.user  # type: ignore[assignment]
    declaration = queries.get_visible(user, number)
    version = queries.version_of(declaration)
    content, digest = queries.frozen_form(version)
    issued = Attestation.objects.filter(declaration=declaration).exclude(status__in=["void", "pending"]).order_by("-released_at").first()
    questions = list(questions_visible_to(user).filter(declaration=declaration).order_by("-asked_at"))
    word = word_of(declaration, issued, next((q for q in questions if not q.answered_at and not q.withdrawn_at), None))
    now, outdated = queries.clauses_standing(version) if declaration.status == "draft" else (None, "")
    words = end_user_words(declaration)
    context = {
        "declaration": declaration,
        "version": version,
        "outdated": outdated,
        "is_newer": now is not None and now.pk != version.clause_set_id,
        "name": display(declaration.customer.party),
        "text": json.loads(content),
        "sees_value": True,
        "documents": version.documents.select_related("blob"),
        "fields": FIELDS,
        "digest": digest,
        "frozen": hasattr(version, "frozen"),
        "signature": getattr(version, "signature", None),
        "receipt": Receipt.objects.filter(version=version).first(),
        "issued": issued,
        "word": word,
        "news": news_of(declaration, issued, word),
        "questions": questions,
        "objections": objections_with(declaration, words),
        "balances": balances_of(declaration),
        "entries": entries_of(declaration)[:12],
        "end_user": words,
        "end_user_needed": least_level(declaration, version) if declaration.status in Declaration.OPEN else "",
        "events": told_to(user, story(declaration)),
        "withdrawal": getattr(declaration, "withdrawal", None),
        "followers": declaration.followers.order_by("created_at"),
        "ways_on": ways_on(declaration) if may(user, Permission.EDIT_DECLARATIONS) else [],
        "has_changes": queries.text_before(declaration) is not None,
        "can_edit": declaration.status == "draft" and may(user, Permission.EDIT_DECLARATIONS),
        "can_sign": declaration.status == "draft" and may(user, Permission.SIGN_DECLARATIONS),
        "can_reopen": declaration.status == "returned" and may(user, Permission.EDIT_DECLARATIONS),
        "can_withdraw": may_move(declaration, "withdrawn") and may(user, Permission.EDIT_DECLARATIONS),
    }
    return render(request, "distributors/declaration.html", context)
