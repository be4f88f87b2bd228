"""The four answers of public verification, in words: who signed, unchanged, in force, what it covers.

Four questions with four separate answers; the headline is never better than the worst of them. Reads no database.
"""

import datetime as dt
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

from django.utils.formats import date_format
from django.utils.translation import get_language, gettext_lazy
from django.utils.translation import gettext as _

from certifications.attestations.queries import PublicView
from certifications.ledger.listed import apart
from portal.templatetags.kit import local, main_name

if TYPE_CHECKING:
    from verifier import Verdict  # a word in signatures only: pyHanko comes with it

# One sentence for every code of verifier.pdf.REASONS.
SENTENCES = {
    "genuine": gettext_lazy("The seal is good and the file is as it was sealed."),
    "empty": gettext_lazy("The file is empty."),
    "too_large": gettext_lazy("The file is larger than any attestation."),
    "not_a_pdf": gettext_lazy("The file is not a PDF."),
    "cut_off": gettext_lazy("The file ends in the middle."),
    "junk_appended": gettext_lazy("Something was appended to the file."),
    "junk_before": gettext_lazy("Something was put before the beginning of the file."),
    "unreadable": gettext_lazy("The structure of the file cannot be read."),
    "encrypted": gettext_lazy("The file is encrypted; an attestation never is."),
    "no_signature": gettext_lazy("The file carries no seal: it was never sealed, or the seal was taken out."),
    "several_signatures": gettext_lazy("The file carries more than one signature; an attestation carries one."),
    "wrong_field": gettext_lazy("The signature is not where the issuer puts its seal."),
    "timestamp_missing": gettext_lazy("The timestamp that closes the file is missing."),
    "changed_after_sealing": gettext_lazy("Something was added to the file or changed after it was sealed."),
    "bytes_changed": gettext_lazy("Bytes that the seal covers were changed."),
    "foreign_signer": gettext_lazy("The file was signed by somebody else, not by this issuer."),
    "not_trusted": gettext_lazy("The seal cannot be traced to this issuer with what the file holds."),
    "no_statement": gettext_lazy("The file holds no statement that can be read."),
}
ALTERED = {"cut_off", "junk_appended", "junk_before", "timestamp_missing", "changed_after_sealing", "bytes_changed"}
FOREIGN = {"no_signature", "several_signatures", "wrong_field", "foreign_signer", "not_trusted"}


@dataclass(frozen=True)
class Answer:
    """One question with its answer; `kind` is ok, wait, stop, note or empty, as everywhere."""

    question: str
    answer: str
    kind: str
    icon: str
    pill: str
    reasons: list[str] = field(default_factory=list)
    hash: str = ""


@dataclass(frozen=True)
class Result:
    """Everything that the page of an answer shows."""

    kind: str
    icon: str
    title: str
    text: str
    answers: list[Answer]
    payload: dict[str, Any] | None = None
    test_authority: bool = False
    code: str = ""
    # (label, value, note): what it says, where that is not an attestation.
    rows: list[tuple[str, str, str]] = field(default_factory=list)


def moment(at: dt.datetime) -> str:
    """Date and time to the second, in UTC and saying so."""
    at = at.astimezone(dt.UTC)
    return _("%(day)s at %(time)s UTC") % {"day": date_format(at, "DATE_FORMAT"), "time": f"{at:%H:%M:%S}"}


def day_words(day: dt.date) -> str:
    """A day as the page's language writes it."""
    return date_format(day, "DATE_FORMAT")


def ask_who() -> str:
    """The first question."""
    return _("Who signed it, and is the signature good?")


def ask_same() -> str:
    """The second."""
    return _("Is it unchanged?")


def ask_force() -> str:
    """The third."""
    return _("Is it still in force?")


def ask_covers() -> str:
    """The fourth."""
    return _("What does it cover, and what was not checked?")


def rejected(verdict: "Verdict", *, test_authority: bool) -> Result:
    """A file that does not hold: what is wrong, by name, and nothing of what it says."""
    sentence = str(SENTENCES[verdict.code])
    if verdict.code in ALTERED:
        who = Answer(ask_who(), _("No good signature covers this file"), "stop", "x-circle", _("Not this file"))
        same = Answer(ask_same(), _("No"), "stop", "not-equal", _("Altered"), [sentence], verdict.sha256)
    elif verdict.code in FOREIGN:
        who = Answer(ask_who(), _("Not this issuer"), "stop", "x-circle", _("Not good"), [sentence])
        same = Answer(ask_same(), _("Nobody can say without a good signature"), "stop", "missing", _("Unknown"), [], verdict.sha256)
    else:
        who = Answer(ask_who(), _("Nothing that can be checked"), "stop", "x-circle", _("Not good"), [sentence])
        same = Answer(ask_same(), _("Nobody can say without a good signature"), "stop", "missing", _("Unknown"), [], verdict.sha256)
    force = Answer(
        ask_force(),
        _("Not answered for this file"),
        "",
        "missing",
        _("Unknown"),
        [_("Whether a genuine document is in force says nothing for the file that you hold.")],
    )
    covers = Answer(
        ask_covers(),
        _("Not shown for this file"),
        "",
        "missing",
        _("Withheld"),
        [_("Ask whoever sent it for the original, or enter the number and the code of the printed document.")],
    )
    return Result(
        "stop",
        "x-circle",
        _("Do not rely on this file"),
        sentence,
        [who, same, force, covers],
        test_authority=test_authority,
        code=verdict.code,
    )


def signed_answer(verdict: "Verdict | None", issuer: str = "") -> Answer:
    """Who sealed it, by the verdict on the file."""
    if verdict is None or not verdict.accepted:
        reasons = [_("The stored document cannot be checked now. Try again later, or drop the PDF itself.")]
        return Answer(ask_who(), _("Not checked"), "wait", "alert", _("Unknown"), reasons)
    reasons = [_("The certificate of the seal is named “%(name)s”.") % {"name": verdict.signed_by}]
    if verdict.signed_at is not None:
        reasons.append(
            _("Signed on %(moment)s; the time is vouched for by a timestamp authority of a chain of its own.")
            % {"moment": moment(verdict.signed_at)}
        )
    answer = _("%(name)s, and the signature is good") % {"name": issuer or verdict.signed_by}
    return Answer(ask_who(), answer, "ok", "check-circle", _("Good"), reasons)


def _in_force(view: PublicView, checked: dt.datetime) -> Answer:
    """The status as the records say it this moment; only `valid` within its dates is green."""
    attestation = view.attestation
    reasons = [view.public_reason] if view.public_reason else []
    read = _("Status read from the issuer's records on %(moment)s.") % {"moment": moment(checked)}
    since = {"moment": moment(view.changed_at)} if view.changed_at else None
    until = {"day": day_words(attestation.valid_until)}
    match view.standing.word:
        case "valid":
            return Answer(
                ask_force(),
                _("Yes, up to but not including %(day)s") % until,
                "ok",
                "check-circle",
                _("In force"),
                [_("Not suspended, not revoked, not superseded, not expired."), read],
            )
        case "not_yet":
            text = _("Not yet: from %(day)s on") % {"day": day_words(attestation.valid_from)}
            return Answer(ask_force(), text, "wait", "clock", _("Not yet"), [read])
        case "suspended":
            text = _("No, suspended since %(moment)s") % since if since else _("No, it is suspended")
            return Answer(ask_force(), text, "stop", "pause", _("Suspended"), [*reasons, read])
        case "revoked":
            text = _("No, revoked on %(moment)s") % since if since else _("No, it was revoked")
            return Answer(ask_force(), text, "stop", "stop", _("Revoked"), [*reasons, read])
        case "expired":
            return Answer(ask_force(), _("No, it expired on %(day)s") % until, "stop", "history", _("Expired"), [read])
        case "superseded":
            text = _("No, a later attestation took its place")
            return Answer(ask_force(), text, "stop", "history", _("Superseded"), [*reasons, read])
        case _:
            return Answer(ask_force(), _("Nobody can say now"), "wait", "alert", _("Unknown"), [read])


def in_language(items: list[dict[str, str]]) -> list[str]:
    """Bilingual statements of a payload, in the reader's language."""
    wanted = "zh" if (get_language() or "").startswith("zh") else "en"
    return [item.get(wanted) or item.get("en", "") for item in items]


def goods_line(payload: dict[str, Any]) -> str:
    """The goods in one line."""
    return apart(f"{item['quantity']} × {local(item, 'name')} ({item['catalogue_number']})" for item in payload["goods"])


def _coverage(payload: dict[str, Any]) -> Answer:
    user = payload["end_user"]
    users = [user, *payload.get("other_end_users", ())]
    text = _("%(goods)s for %(user)s") % {"goods": goods_line(payload), "user": apart(main_name(one) for one in users)}
    checked, unchecked = in_language(payload["checked"]), in_language(payload["not_checked"])
    reasons = [
        _("Checked: %(list)s.") % {"list": apart(checked)},
        _("Not checked: %(list)s.") % {"list": apart(unchecked)},
    ]
    return Answer(ask_covers(), text, "note", "info", _("Read this"), reasons)


HEADLINES = {
    "not_yet": gettext_lazy("Genuine, but not in force yet"),
    "suspended": gettext_lazy("Do not rely on this attestation: it is suspended"),
    "revoked": gettext_lazy("Do not rely on this attestation: it was revoked"),
    "expired": gettext_lazy("This attestation has expired"),
    "superseded": gettext_lazy("This attestation was superseded"),
}


def _result(view: PublicView, answers: list[Answer], checked: dt.datetime, good_title: str, *, test_authority: bool) -> Result:
    word = view.standing.word
    text = _("Attestation %(number)s, as of %(day)s") % {"number": view.attestation.number, "day": day_words(checked.date())}
    kinds = {answer.kind for answer in answers}
    kind, icon, title = "ok", "check-circle", good_title
    if word == "not_yet":
        kind, icon, title = "wait", "clock", str(HEADLINES[word])
    elif not view.standing.in_force:
        kind, icon, title = "stop", "x-circle", str(HEADLINES.get(word, _("This attestation is not in force")))
    elif kinds & {"stop", "wait"}:
        kind, icon, title = "wait", "alert", _("Not everything could be checked")
    return Result(kind, icon, title, text, answers, payload=view.payload, test_authority=test_authority)


def genuine(verdict: "Verdict", view: PublicView, checked: dt.datetime) -> Result:
    """A genuine file that the records know, byte for byte."""
    same = Answer(ask_same(), _("Yes, every byte is as it was sealed"), "ok", "check-circle", _("Unchanged"), [], verdict.sha256)
    answers = [signed_answer(verdict, view.payload["issuer"]["name"]), same, _in_force(view, checked), _coverage(view.payload)]
    test = bool(view.seal and view.seal.by_test_authority)
    return _result(view, answers, checked, _("This document is genuine and in force"), test_authority=test)


def unknown(verdict: "Verdict", *, test_authority: bool) -> Result:
    """A file whose seal holds, but which this installation's records do not know: never green."""
    same = Answer(ask_same(), _("Yes, every byte is as it was sealed"), "ok", "check-circle", _("Unchanged"), [], verdict.sha256)
    force = Answer(
        ask_force(),
        _("Nobody can say: it is not in the records here"),
        "wait",
        "alert",
        _("Unknown"),
        [_("Ask the issuer before you rely on it.")],
    )
    covers = Answer(
        ask_covers(),
        _("Not shown for a document that is not in the records"),
        "",
        "missing",
        _("Withheld"),
    )
    return Result(
        "wait",
        "alert",
        _("Signed by the issuer, but not in the records"),
        _("Whether it is in force is unknown. Ask the issuer before you rely on it."),
        [signed_answer(verdict), same, force, covers],
        test_authority=test_authority,
    )


def by_number(verdict: "Verdict | None", view: PublicView, checked: dt.datetime) -> Result:
    """Number and code without a file: what was issued, and how to compare it with what one holds."""
    same = Answer(
        ask_same(),
        _("Compare what you hold with what is shown here"),
        "note",
        "info",
        _("No file given"),
        [_("Only the PDF itself can show that it is unchanged: drop it on this page. Its SHA-256 is:")],
        view.seal.sha256 if view.seal else "",
    )
    answers = [signed_answer(verdict, view.payload["issuer"]["name"]), same, _in_force(view, checked), _coverage(view.payload)]
    test = bool(view.seal and view.seal.by_test_authority)
    return _result(view, answers, checked, _("This attestation is in force"), test_authority=test)


def receipt(payload: dict[str, Any], sha256: str, *, test_authority: bool) -> Result:
    """A genuine receipt: it shows that a declaration was signed and received, and attests nothing."""
    said = {**payload["declaration"], "by": payload["signed"]["by"], "role": payload["signed"]["role"]}
    signed = moment(dt.datetime.fromisoformat(str(payload["signed"]["at"]).replace("Z", "+00:00")))
    who = Answer(
        ask_who(),
        _("%(name)s, and the signature is good") % {"name": payload["issuer"]["name"]},
        "ok",
        "check-circle",
        _("Good"),
        [_("Declaration %(number)s, version %(version)s, was signed by %(by)s, %(role)s.") % said, signed],
    )
    same = Answer(ask_same(), _("Yes, every byte is as it was sealed"), "ok", "check-circle", _("Unchanged"), [], sha256)
    force = Answer(
        ask_force(),
        _("A receipt is never in force"),
        "note",
        "info",
        _("No attestation"),
        [_("It says that the issuer received a signed declaration. Ask for the attestation, whose number begins with EUC.")],
    )
    reasons = [_("Nothing was checked for it. What the distributor declared stands in the file itself.")]
    covers = Answer(ask_covers(), _("Nothing: it is a receipt"), "note", "info", _("Read this"), reasons)
    text = _("Receipt for declaration %(number)s, version %(version)s") % payload["declaration"]
    return Result(
        "note", "info", _("A genuine receipt, and no attestation"), text, [who, same, force, covers], test_authority=test_authority
    )
