"""Answering the questionnaire for a customer: one page, as far as one knows; what follows from the answers is asked next."""

from typing import Any

from django import forms
from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _
from django.utils.translation import ngettext, pgettext

from certifications.catalogue.questions import field_of
from certifications.catalogue.rules_questions import MOST_ANSWER
from certifications.flow import questions as flow
from certifications.flow.questions import Row, Sheet
from certifications.ledger.moves import NotAllowed
from certifications.pages.rights import put
from certifications.parties.models import Customer
from certifications.parties.queries import customers_visible_to, display
from certifications.people.models import User
from certifications.people.permissions import Permission, requires
from portal.forms import DayField
from portal.templatetags.kit import local

from .carding import back_to, own_customer


def _field(row: Row) -> forms.Field:
    question = row.question
    given: dict[str, Any] = {"label": local(question, "text"), "required": False}
    if question.kind == "yes_no":
        words = [("yes", pgettext("answer", "yes")), ("no", pgettext("answer", "no"))]
        return forms.ChoiceField(widget=forms.RadioSelect, choices=words, **given)
    if question.kind == "choice":
        offered = [(en, local({"c": en, "c_zh": zh}, "c")) for en, zh in question.choices]
        return forms.ChoiceField(choices=[("", _("Choose an answer")), *offered], **given)
    if question.kind == "date":
        return DayField(**given)
    return forms.CharField(max_length=MOST_ANSWER, widget=forms.Textarea(attrs={"rows": 3}), **given)


class AnswersForm(forms.Form):
    """A field for each question that is asked now; what must be answered may still be left for later."""

    version = forms.IntegerField(widget=forms.HiddenInput)

    def __init__(self, *args: Any, sheet: Sheet, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.asked = {field_of(row.question.fingerprint): row.question for row in sheet.rows}
        self.must = {name for name, question in self.asked.items() if question.required}
        for row in sheet.rows:
            self.fields[field_of(row.question.fingerprint)] = _field(row)

    def values(self) -> dict[str, str]:
        """Answers by fingerprint, empty ones too."""
        given = self.cleaned_data
        return {
            question.fingerprint: (given[name].isoformat() if question.kind == "date" and given[name] else str(given[name] or ""))
            for name, question in self.asked.items()
        }


def _customer(request: HttpRequest, pk: str) -> Customer:
    user: User = request.user  # type: ignore[assignment]
    own_customer(request, pk)
    return customers_visible_to(user).select_related("party").prefetch_related("party__names", "party__sites").get(pk=pk)


@requires(Permission.EDIT_CUSTOMERS)
def answer(request: HttpRequest, pk: str) -> HttpResponse:
    """GET what is asked; POST what is known of it."""
    user: User = request.user  # type: ignore[assignment]
    customer = _customer(request, pk)
    sheet = flow.sheet_of(customer)
    if sheet is None:
        messages.info(request, _("There is no questionnaire to answer."))
        return redirect(back_to(customer))
    initial: dict[str, Any] = {field_of(row.question.fingerprint): row.answer.value for row in sheet.rows if row.answer}
    initial["version"] = sheet.version.version
    form = AnswersForm(request.POST or None, sheet=sheet, initial=initial)
    if form.is_valid():
        try:
            flow.answer(customer=customer, by=user, version=form.cleaned_data["version"], values=form.values())
        except NotAllowed as error:
            put(form, error)
            # Sent again it is about the version that is shown now.
            form.data = form.data.copy()
            form.data["version"] = str(sheet.version.version)
        else:
            return _next(request, customer)
    context = {
        "form": form,
        "customer": customer,
        "name": display(customer.party),
        "sheet": sheet,
        "back_url": back_to(customer, "questions"),
    }
    return render(request, "distributors/questions.html", context, status=422 if form.errors else 200)


def _next(request: HttpRequest, customer: Customer) -> HttpResponse:
    """On to what is still open, where the answers opened something; else back to the customer."""
    sheet = flow.sheet_of(customer)
    if sheet is None or sheet.complete:
        messages.success(request, _("Kept. Every question that must be answered is answered."))
        return redirect(back_to(customer, "questions"))
    left = len(sheet.missing)
    text = ngettext("Kept. %(n)d question is still to be answered.", "Kept. %(n)d questions are still to be answered.", left) % {"n": left}
    messages.info(request, text)
    return redirect("distributors:questions", pk=customer.pk)
