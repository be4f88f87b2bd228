"""A distributor's own rights: what each covers, how it stands and why, what was recorded, and the tree of resellers below."""

from collections.abc import Iterable, Iterator

from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, render
from django.utils.translation import gettext as _
from django.views.decorators.http import require_GET

from certifications.flow import resellers as flow
from certifications.ledger.actions import opened
from certifications.ledger.days import civil_today
from certifications.pages.places import line_words, reach_words
from certifications.pages.rights import branches, row_of
from certifications.parties import register
from certifications.parties.models_register import Authorisation
from certifications.parties.queries import display
from certifications.parties.register import Branch, Entry
from certifications.people.models import User
from certifications.people.permissions import Permission, may, requires
from portal.exports import csv_response
from portal.limits import exports
from portal.words import word_for

MOST = 50


def own(user: User) -> list[Authorisation]:
    """The rights that the user's organisation holds itself, the newest first."""
    party = getattr(user.organisation, "party", None) if user.organisation else None
    held = register.visible_to(user).filter(party=party) if party is not None else Authorisation.objects.none()
    return list(held.select_related("party").order_by("-made_at"))


@requires(Permission.SEE_OWN_DECLARATIONS)
@require_GET
def index(request: HttpRequest) -> HttpResponse:
    """Every right of one's own, each with the resellers below it."""
    user: User = request.user  # type: ignore[assignment]
    nominations = flow.visible_to(user).select_related("party").prefetch_related("party__names").order_by("-nominated_at")[:MOST]
    context = {
        "tree": branches(register.today().tree(own(user))),
        "today": civil_today(),
        "nominations": [{"held": one, "name": display(one.party)} for one in nominations],
        "may_nominate": may(user, Permission.NOMINATE_RESELLERS),
    }
    return render(request, "distributors/rights.html", context)


@requires(Permission.SEE_OWN_DECLARATIONS)
@require_GET
@exports("rights")
def export(request: HttpRequest) -> HttpResponse:
    """The same tree as CSV: one's own rights and the resellers' below them. What is agreed with a reseller stays on its page."""
    user: User = request.user  # type: ignore[assignment]
    if user.organisation is None:
        raise Http404
    # A right of one's own may lie below another of one's own, and then stands in the tree twice.
    entries = list({entry.authorisation.pk: entry for entry in _each(register.today().tree(own(user)))}.values())
    numbers = {entry.authorisation.number for entry in entries}
    opened(what="export", obj=user.organisation, by=user, data={"of": "rights", "rows": len(entries)})
    head = [
        _("Number"), _("Holder"), _("Latin name"), _("Below"), _("Product lines"), _("Where"), _("First day"), _("First day after it"), _("Standing"),
    ]  # fmt: skip
    rows = []
    for entry in entries:
        held, name = entry.authorisation, display(entry.authorisation.party)
        rows.append(
            [
                held.number,
                name.native,
                name.latin,
                held.parent.number if held.parent and held.parent.number in numbers else "",
                line_words(entry.terms.lines),
                reach_words(entry.terms),
                entry.terms.valid_from,
                entry.valid_until,
                word_for("register", entry.standing).text,
            ]
        )
    return csv_response(f"rights-{civil_today():%Y%m%d}.csv", head, rows)


def _each(tree: Iterable[Branch]) -> Iterator[Entry]:
    for branch in tree:
        yield branch.entry
        yield from _each(branch.below)


@requires(Permission.SEE_OWN_DECLARATIONS)
@require_GET
def detail(request: HttpRequest, number: str) -> HttpResponse:
    """One right of one's own, or one below it."""
    user: User = request.user  # type: ignore[assignment]
    held = get_object_or_404(register.visible_to(user).select_related("party", "parent"), number=number)
    book = register.today()
    entry = book.one(held)
    # Terms that are inherited are read here; whatever else the right above is about is its holder's own business.
    inherited = [row.conditions for row in reversed(entry.above) if row.conditions] if entry else []
    context = {
        "held": held,
        "entry": entry,
        "row": row_of(entry) if entry else None,
        "inherited": inherited,
        "tree": branches(book.tree([held])),
        "history": [
            {"terms": row, "lines": line_words(row.lines), "where": reach_words(row)}
            for row in register.history(Authorisation.objects.filter(pk=held.pk))
        ],
        "changes": held.changes.filter(state="effective").order_by("-agreed_at"),
    }
    return render(request, "distributors/right.html", context)
