"""What is said of a number or a division while a form is filled in: the sentences of the rules at submit, beside the field, and never in the way.

Looks at what was typed alone: nothing on record is asked, so that an answer tells nobody who else is here.
"""

from dataclasses import dataclass

from django import forms
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.utils.translation import gettext as _

from certifications.parties.rules import division_problem, division_use_problem, identifier_problems, uscc_warning
from portal.templatetags.kit import place_words

from .places import read_division

# Fields of forms by what stands in them. A field of an owner or a buyer is checked as the customer's own.
CHECKED = {"uscc": "uscc", "buyer_uscc": "uscc", "lei": "lei", "division": "division"}
LONGEST = 60


@dataclass(frozen=True)
class Said:
    """A sentence on what was typed. kind: ok, wait (it looks wrong, and is kept as typed) or stop (it will be refused)."""

    kind: str
    text: str


def check_as_typed(form: forms.Form, url: str) -> None:
    """Let every field of the form that can be checked be checked when it was changed. Without a script it is at submit, as ever."""
    for name in CHECKED.keys() & form.fields.keys():
        is_place = CHECKED[name] == "division" and "country" in form.fields
        sent = f"{name},country" if is_place else name
        # Whether a division may stand there at all hangs on the country: another one, and it is looked at again.
        when = "change, change from:#id_country" if is_place else "change"
        form.fields[name].widget.attrs |= {
            "hx-post": url, "hx-trigger": when, "hx-target": f"#id_{name}_said", "hx-params": sent, "hx-sync": "this:replace",
        }  # fmt: skip


def said_of(what: str, typed: str, country: str = "CN") -> Said | None:
    """What there is to say of a `uscc`, a `lei` or a `division` as typed; None for an empty field."""
    typed = typed.strip()[:LONGEST]
    if not typed:
        return None
    if what == "division":
        return _division(typed, country)
    problems = identifier_problems(uscc=typed if what == "uscc" else "", lei=typed if what == "lei" else "")
    if problems:
        return Said("stop", problems[0].message)
    warning = uscc_warning(typed) if what == "uscc" else None
    return Said("wait", warning.message) if warning else Said("ok", _("The check character fits."))


def _division(typed: str, country: str) -> Said:
    try:
        code = read_division(typed)
    except forms.ValidationError as error:
        return Said("stop", error.messages[0])
    problems = [*division_use_problem(country), *division_problem(code)]
    return Said("stop", problems[0]) if problems else Said("ok", f"{place_words(code)} {code}".strip())


def answered(request: HttpRequest) -> HttpResponse:
    """The sentence on the one field that was sent, as a piece of a page."""
    name = next((name for name in CHECKED if name in request.POST), "")
    said = said_of(CHECKED[name], request.POST[name], request.POST.get("country", "CN")) if name else None
    return render(request, "forms/said.html", {"said": said})
