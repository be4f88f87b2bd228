"""The card of a customer on pages, for compliance and distributors alike: sites, contacts, papers, the group, the timeline."""

import datetime as dt
from collections.abc import Callable, Iterable, Mapping
from typing import Any

from django.db.models import QuerySet
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.utils import timezone
from django.utils.formats import date_format
from django.utils.translation import gettext as _

from certifications.catalogue.models_questions import QuestionnaireQuestion
from certifications.catalogue.rules_questions import answer_problem
from certifications.flow import timeline
from certifications.flow.questions import sheet_of
from certifications.ledger.days import civil_today
from certifications.ledger.models import Event
from certifications.pages.questions import sheet_rows, value_words
from certifications.parties.models import Customer, Site
from certifications.parties.models_card import CustomerPaper
from certifications.parties.queries_card import Member, contacts_of, group_of
from certifications.people.models import User
from portal.countries import COUNTRIES
from portal.exports import csv_response, first_of
from portal.paging import paged
from portal.templatetags.kit import day, local, place_words
from portal.words import WORDS, word_for

SOON, PER_PAGE, MOST_ROWS = 60, 50, 20_000
_DAYS = ("issued_on", "good_until", "accredited_until")


def card_of(
    customer: Customer, *, customer_url: Callable[[Customer], str], paper_url: Callable[[CustomerPaper], str], at: str = ""
) -> dict[str, Any]:
    """What the card's parts show of one customer. The addresses are those of whoever reads; `at` tells two cards of a page apart."""
    today = civil_today()
    sites = list(Site.objects.filter(party=customer.party_id).prefetch_related("laboratories"))
    top, contacts = group_of(customer), contacts_of(customer)
    return {
        "customer": customer,
        "at": at,
        "sites": [
            {
                "site": site,
                "name": {"native": site.native_name, "latin": site.latin_name},
                "registered": number == 0,
                "laboratories": site.laboratories.all(),
            }
            for number, site in enumerate(sites)
        ],
        "contacts": contacts,
        "has_free_mail": any(row.free_mail for row in contacts),
        "papers": [
            {"paper": paper, "url": paper_url(paper), "state": _state(paper, today)}
            for paper in customer.papers.select_related("blob", "filed_by")
        ],
        "group": [_branch(top, customer, customer_url)] if top else [],
        "questions": sheet_rows(sheet_of(customer)),
        "in_group": customer.links_up.filter(ended_at__isnull=True).exists(),
        "today": today,
    }


def _state(paper: CustomerPaper, today: dt.date) -> str:
    """withdrawn, over, soon, or empty for one that counts for longer."""
    if paper.withdrawn_at is not None:
        return "withdrawn"
    if paper.good_until is None:
        return ""
    return "over" if paper.good_until <= today else "soon" if paper.good_until <= today + dt.timedelta(days=SOON) else ""


def _branch(member: Member, here: Customer, customer_url: Callable[[Customer], str]) -> dict[str, Any]:
    return {
        "name": member.name,
        "url": "" if member.customer.pk == here.pk else customer_url(member.customer),
        "covered": member.covered,
        "children": [_branch(one, here, customer_url) for one in member.below],
    }


def said(field: str, value: str) -> str:
    """A value of the timeline in the page's language."""
    if not value:
        return ""
    if field in _DAYS:
        return day(value)
    if field == "country":
        return str(COUNTRIES.get(value, value))
    if field == "division":
        return f"{place_words(value)} {value}".strip()
    if field == "kind":
        return str(word_for("customerpaper" if value in WORDS["customerpaper"] else "partykind", value).text)
    return str(word_for("cardfield", value).text) if field == "fields" else value


Asked = Mapping[tuple[Any, str], QuestionnaireQuestion]


def _asked(told: Iterable[timeline.Happened]) -> Asked:
    """Questions by the version that was answered and their English words, which is how an answer is kept."""
    answers = [one for one in told if one.event.verb == "customer.answered"]
    texts = {row[0] for one in answers for row in one.rows}
    if not texts:
        return {}
    wanted = {"text__in": texts, "questionnaire__version__in": {one.event.data.get("version", 0) for one in answers}}
    found = QuestionnaireQuestion.objects.filter(**wanted).select_related("questionnaire")
    return {(one.questionnaire.version, one.text): one for one in found.order_by("-number")}


def _told(one: timeline.Happened, row: tuple[str, str, str], asked: Asked) -> tuple[Any, str, str]:
    """What changed, before and after, in the page's language."""
    field, old, new = row
    if one.event.verb != "customer.answered":
        return word_for("cardfield", field).text, said(field, old), said(field, new)
    question = asked.get((one.event.data.get("version"), field))
    return (local(question, "text"), _answered(question, old), _answered(question, new)) if question else (field, old, new)


def _answered(question: QuestionnaireQuestion, value: str) -> str:
    """An answer in words; as it was recorded where the question does not take it, such as one to an earlier version."""
    fits = value and not answer_problem(question.kind, [en for en, _zh in question.choices], value, civil_today())
    return value_words(question.kind, question.choices, value) if fits else value


def timeline_page(
    request: HttpRequest, events: QuerySet[Event], *, kinds: tuple[str, ...], template: str, context: dict[str, Any]
) -> HttpResponse:
    """The timeline with its filter, a page at a time."""
    user: User = request.user  # type: ignore[assignment]
    page = paged(request, events, PER_PAGE)
    told = timeline.told(list(page), user)
    asked = _asked(told)
    rows = [{"one": one, "rows": [_told(one, row, asked) for row in one.rows]} for one in told]
    kind = request.GET.get("kind", "")
    return render(request, template, {"page": page, "rows": rows, "kind": kind if kind in kinds else "", "kinds": kinds, **context})


def timeline_csv(request: HttpRequest, events: QuerySet[Event], name: str) -> HttpResponse:
    """The same as CSV, one line for each field that changed, the newest first."""
    user: User = request.user  # type: ignore[assignment]
    head = [_("Time (UTC)"), _("What happened"), _("By"), _("Declaration"), _("Field"), _("Before"), _("After")]
    cells: list[list[Any]] = []
    newest, is_cut = first_of(events, MOST_ROWS)
    told = timeline.told(newest, user)
    asked = _asked(told)
    for one in told:
        start = [one.event.at.astimezone(dt.UTC).isoformat(timespec="seconds"), word_for("event", one.event.verb).text, one.by, one.number]
        for field, old, new in one.rows or (("", "", ""),):
            cells.append([*start, *(_told(one, (field, old, new), asked) if field else ("", "", ""))])
    return csv_response(f"{name}-{date_format(timezone.now(), 'Ymd')}.csv", head, cells, is_cut=is_cut)
