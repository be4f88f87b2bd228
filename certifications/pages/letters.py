"""Tender letters, for distributors and compliance alike: rows of a page, the same as CSV, and the sealed document."""

from collections.abc import Mapping
from typing import Any

from django import forms
from django.contrib import messages
from django.db.models import QuerySet
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from certifications.files.actions import read
from certifications.ledger.actions import opened
from certifications.letters import queries
from certifications.letters.models import Letter
from certifications.people.models import User
from certifications.people.permissions import Permission, may
from certifications.programme.queries import distributors
from portal.downloads import attachment
from portal.exports import csv_response, first_of
from portal.forms import DayField
from portal.lists import ListForm, Sort, between, page_of
from portal.words import word_for

MOST_ROWS = 10_000


class LettersForm(ListForm):
    """Tender letters, narrowed by their status on record; a row shows what its letter is worth today, by which nothing is sorted."""

    sorts = (
        Sort("asked", gettext_lazy("Asked for"), "asked_at", is_down=True),
        Sort("project", gettext_lazy("Project number"), "project_no"),
        Sort("until", gettext_lazy("Holds until"), "valid_until"),
        Sort("by", gettext_lazy("Distributor"), "organisation__name"),
    )
    default = "-asked"

    state = forms.ChoiceField(label=gettext_lazy("Status"), required=False)
    distributor = forms.ChoiceField(label=gettext_lazy("Distributor"), required=False)
    since = DayField(label=gettext_lazy("Asked for from"), required=False)
    until = DayField(label=gettext_lazy("Asked for until"), required=False)

    def __init__(self, data: Mapping[str, str], *, distributors: list[tuple[str, str]]) -> None:
        self.distributors = distributors
        super().__init__(data)

    def choose(self) -> None:
        self.fields["q"].label = gettext_lazy("Number, project or buyer")
        self.choices("state", [(status, word_for("letter", status).text) for status in Letter.Status.values])
        if self.distributors:
            self.choices("distributor", self.distributors)
        else:
            self.leave_out("distributor")


def _listed(user: User, request: HttpRequest) -> tuple[LettersForm, QuerySet[Letter]]:
    """(what is asked for, the letters that were found)"""
    whose = list(distributors().values_list("pk", "name")) if may(user, Permission.SEE_ALL_ATTESTATIONS) else []
    form = LettersForm(request.GET, distributors=whose)
    found = queries.search(queries.visible_to(user), form.get("q"))
    if form.get("state"):
        found = found.filter(status=form.get("state"))
    if form.get("distributor"):
        found = found.filter(organisation=form.get("distributor"))
    return form, between(found, "asked_at", form).select_related("organisation")


def letters_page(user: User, request: HttpRequest) -> dict[str, Any]:
    """One page of the letters that the person may see, each with what it is worth today."""
    form, found = _listed(user, request)
    page = page_of(request, form, visible=queries.visible_to(user), found=found)
    words = queries.standings(page.rows)
    return {"listed": page, "rows": [{"letter": letter, "word": words[letter.pk]} for letter in page.rows]}


def letters_csv(user: User, request: HttpRequest) -> HttpResponse:
    """The list as it is narrowed and sorted, each letter with its standing of today."""
    form, wanted = _listed(user, request)
    found, is_cut = first_of(form.ordered(wanted), MOST_ROWS)
    words = queries.standings(found)
    rows = [
        [
            letter.number,
            letter.organisation.name,
            word_for("letter", words[letter.pk]).text,
            letter.project_no,
            letter.buyer_native,
            letter.buyer_latin,
            letter.buyer_uscc,
            "; ".join(item["catalogue_number"] for item in letter.goods),
            letter.country,
            letter.division,
            letter.valid_until.isoformat(),
            letter.asked_at.isoformat(timespec="seconds"),
        ]
        for letter in found
    ]
    head = [
        _("Number"), _("Distributor"), _("Status"), _("Project number"), _("Buyer"), _("Latin name"), "USCC", _("Products"), _("Country"),
        _("Division"), _("Holds until"), _("Asked for"),
    ]  # fmt: skip
    if user.organisation is not None:
        opened(what="export", obj=user.organisation, by=user, data={"of": "letters", "rows": len(rows)})
    return csv_response("letters.csv", head, rows, is_cut=is_cut)


def sealed_pdf(request: HttpRequest, letter: Letter, *, page: str) -> HttpResponse:
    """The sealed PDF of a letter that the person may see, the look recorded; back to its `page` where it is not sealed yet."""
    user: User = request.user  # type: ignore[assignment]
    seal = getattr(letter, "seal", None)
    if seal is None:
        messages.error(request, _("The letter is not sealed yet."))
        return redirect(page, number=letter.number)
    opened(what="pdf", obj=letter, by=user)
    return attachment(read(seal.pdf), name=f"{letter.number}.pdf", media_type="application/pdf")
