"""The four answers for a tender letter: a letter, and no attestation. The headline is never better than the worst of them."""

import datetime as dt
from typing import TYPE_CHECKING, Any

from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from certifications.ledger.listed import apart
from certifications.letters.queries import PublicLetter
from portal.countries import COUNTRIES
from portal.templatetags.kit import local, main_name, other_name, place_words

from .answers import Answer, Result, ask_covers, ask_force, ask_same, day_words, in_language, moment, signed_answer

if TYPE_CHECKING:
    from verifier import Verdict  # a word in signatures only, as in answers.py

HEADLINES = {
    "suspended": gettext_lazy("Do not rely on this tender letter: it is suspended"),
    "revoked": gettext_lazy("Do not rely on this tender letter: it was revoked"),
    "expired": gettext_lazy("This tender letter is over"),
}


def _in_force(view: PublicLetter, checked: dt.datetime) -> Answer:
    read = _("Status read from the issuer's records on %(moment)s.") % {"moment": moment(checked)}
    follows = _("A letter holds only as long as the distributor is authorised for these goods and this territory.")
    reasons = [view.public_reason] if view.public_reason else []
    match view.word:
        case "valid":
            text = _("Yes, up to but not including %(day)s") % {"day": day_words(view.letter.valid_until)}
            return Answer(ask_force(), text, "ok", "check-circle", _("In force"), [follows, read])
        case "suspended":
            return Answer(ask_force(), _("No, it is suspended"), "stop", "pause", _("Suspended"), [follows, read])
        case "revoked":
            return Answer(ask_force(), _("No, it was revoked"), "stop", "stop", _("Revoked"), [*reasons, follows, read])
        case _:
            return Answer(ask_force(), _("No, it is over"), "stop", "history", _("Expired"), [follows, read])


def _coverage(payload: dict[str, Any]) -> Answer:
    told = {"buyer": main_name(payload["buyer"]), "project": payload["project_no"]}
    text = _("Offering the goods to %(buyer)s in project %(project)s, and nothing else") % told
    return Answer(ask_covers(), text, "note", "info", _("Read this"), [f"{item}." for item in in_language(payload["not_said"])])


def _rows(payload: dict[str, Any]) -> list[tuple[str, str, str]]:
    place = payload["territory"]
    return [
        (_("Number"), payload["number"], ""),
        (_("What it is"), _("Tender letter, no attestation"), ""),
        (_("Distributor"), main_name(payload["holder"]), other_name(payload["holder"])),
        (_("Buyer"), main_name(payload["buyer"]), other_name(payload["buyer"])),
        *([(_("Also named"), apart(payload["others"]), "")] if payload["others"] else []),
        (_("Project number"), payload["project_no"], ""),
        (_("Products"), apart(f"{local(item, 'name')} ({item['catalogue_number']})" for item in payload["goods"]), ""),
        (_("Territory"), f"{COUNTRIES.get(place['country'], place['country'])} {place_words(place.get('division', ''))}".strip(), ""),
        (_("Holds until"), day_words(dt.date.fromisoformat(str(payload["valid_until"]))), ""),
        (_("Lists"), apart(f"{row['title']} ({row['imported_at'][:10]})" for row in payload["lists"]), ""),
    ]


def _result(view: PublicLetter, answers: list[Answer], checked: dt.datetime) -> Result:
    text = _("Tender letter %(number)s, as of %(day)s") % {"number": view.letter.number, "day": day_words(checked.date())}
    kind, icon, title = "note", "info", _("A genuine tender letter that holds, and no attestation")
    if view.word != "valid":
        kind, icon, title = "stop", "x-circle", str(HEADLINES.get(view.word, _("This tender letter does not hold")))
    elif {answer.kind for answer in answers} & {"stop", "wait"}:
        kind, icon, title = "wait", "alert", _("Not everything could be checked")
    return Result(kind, icon, title, text, answers, test_authority=view.seal.by_test_authority, rows=_rows(view.payload))


def genuine(verdict: "Verdict", view: PublicLetter, checked: dt.datetime) -> Result:
    """A genuine file that the records know, byte for byte."""
    same = Answer(ask_same(), _("Yes, every byte is as it was sealed"), "ok", "check-circle", _("Unchanged"), [], verdict.sha256)
    answers = [signed_answer(verdict, view.payload["issuer"]["name"]), same, _in_force(view, checked), _coverage(view.payload)]
    return _result(view, answers, checked)


def by_number(verdict: "Verdict | None", view: PublicLetter, checked: dt.datetime) -> Result:
    """Number and code without a file: what was issued, and how to compare it with what one holds."""
    reasons = [_("Only the PDF itself can show that it is unchanged: drop it on this page. Its SHA-256 is:")]
    same = Answer(
        ask_same(), _("Compare what you hold with what is shown here"), "note", "info", _("No file given"), reasons, view.seal.sha256
    )
    answers = [signed_answer(verdict, view.payload["issuer"]["name"]), same, _in_force(view, checked), _coverage(view.payload)]
    return _result(view, answers, checked)
