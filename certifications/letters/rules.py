"""What a letter must say, who decides on it, and how it stands on a day. Pure: values in, values out."""

import datetime as dt
from collections.abc import Sequence
from dataclasses import dataclass

from django.utils.translation import gettext as _

from certifications.evidence.keys import project_key
from certifications.parties.rules import MAX_NAME, Problem, clean_name, division_problem, identifier_problems, script_of

MOST_DAYS = 366
MOST_OTHERS = 10
MOST_PRODUCTS = 20
LEAST_REASON = 10
LANGUAGES = ("en", "zh", "both")
OUTCOMES = ("release", "refuse", "revoke")
# How a right of the distributor stands (parties.sellers), and what the letter is worth then. Fails closed.
_FOLLOWS = {"authorised": "valid", "suspended": "suspended", "revoked": "revoked", "lapsed": "expired"}


@dataclass(frozen=True)
class LetterData:
    """A letter as asked for. `goods`: ids of products; `division`: GB/T 2260, for China."""

    buyer_native: str
    buyer_latin: str
    buyer_uscc: str
    project_no: str
    goods: tuple[str, ...]
    country: str
    division: str
    valid_until: dt.date
    language: str
    others: tuple[str, ...] = ()
    note: str = ""


def letter_problems(data: LetterData, today: dt.date) -> list[Problem]:
    """Everything that must be mended before the letter is asked for, by field."""
    problems = []
    if not clean_name(data.buyer_native) and not clean_name(data.buyer_latin):
        problems.append(Problem("buyer_native", _("Enter the buyer as the tender names it, in its own script or in Latin letters.")))
    for field, name in (("buyer_native", data.buyer_native), ("buyer_latin", data.buyer_latin)):
        if name and script_of(name) == "Zyyy":
            problems.append(Problem(field, _("This name holds no letters; enter the registered name.")))
    if data.buyer_latin and script_of(data.buyer_latin) not in {"Latn", "Zyyy"}:
        problems.append(Problem("buyer_latin", _("Enter this name in Latin letters; other scripts go above or below.")))
    problems += [Problem("buyer_uscc", problem.message) for problem in identifier_problems(uscc=data.buyer_uscc, lei="")]
    if len(data.others) > MOST_OTHERS or any(len(name) > MAX_NAME for name in data.others):
        problems.append(Problem("others", _("Name at most ten others, each in at most 300 characters, one a line.")))
    if not project_key(data.project_no):
        problems.append(Problem("project_no", _("Enter the number of the project as the tender writes it.")))
    if not data.goods:
        problems.append(Problem("goods", _("Choose at least one product.")))
    elif len(data.goods) > MOST_PRODUCTS:
        problems.append(Problem("goods", _("A letter names at most twenty products; ask for a second one.")))
    if data.country == "CN":
        if not data.division:
            problems.append(Problem("division", _("Say for which division of China the letter is to hold, such as 330200 or Ningbo.")))
        else:
            problems += [Problem("division", problem) for problem in division_problem(data.division)]
    elif data.division:
        problems.append(Problem("division", _("Division codes are for China alone; leave this empty.")))
    if data.valid_until <= today:
        problems.append(Problem("valid_until", _("The letter would be over before it begins; choose a later day.")))
    elif (data.valid_until - today).days > MOST_DAYS:
        problems.append(Problem("valid_until", _("A letter holds for a year at most; choose an earlier day.")))
    if data.language not in LANGUAGES:
        problems.append(Problem("language", _("Choose the language of the letter.")))
    return problems


def possible_outcomes(status: str) -> tuple[str, ...]:
    """What people may decide on a letter of this status."""
    return {"waiting": ("release", "refuse"), "valid": ("revoke",), "expired": ("revoke",)}.get(status, ())


def check_decision(*, status: str, outcome: str, explanation: str, public_reason: str) -> Problem | None:
    """Why a decision may not be made, by field; None when it may."""
    if outcome not in possible_outcomes(status):
        return Problem("outcome", _("This cannot be done with the letter as it stands; load it again."))
    if outcome != "release" and len(public_reason.strip()) < LEAST_REASON:
        return Problem("public_reason", _("Write the sentence that the distributor reads: neutral, without names of others."))
    if outcome != "release" and len(explanation.strip()) < LEAST_REASON:
        return Problem("explanation", _("Say in a sentence why; the second person and the auditor read it."))
    return None


def standing(*, status: str, valid_until: dt.date, today: dt.date, rights: Sequence[str], is_held: bool) -> str:
    """What a letter is worth today. `rights`: how the distributor stands for each of its lines (parties.sellers).

    A letter in force follows the right that it rests on: suspended, revoked or over with it, and in force again when that is.
    `is_held`: something grave is open or confirmed about somebody whom it names.
    """
    if status != "valid":
        return status
    if today >= valid_until:
        return "expired"
    words = {_FOLLOWS.get(right, "suspended") for right in rights} or {"suspended"}
    if is_held:
        words.add("suspended")
    return next(word for word in ("revoked", "suspended", "expired", "valid") if word in words)
