"""Completeness of a declaration, and the one text that is read, frozen and signed. Pure.

Sources: the table of fields in docs (OSCE/Wassenaar, BIS-711 and others); facts not known are stated as unknown.
"""

import datetime as dt
import re
from collections.abc import Sequence
from dataclasses import dataclass
from decimal import Decimal
from typing import Any

from django.utils.formats import date_format
from django.utils.translation import gettext as _

from certifications.ledger.canonical import canonical, sha256_hex
from certifications.parties.rules import division_problem

LATEST_YEARS = 20
MOST_AT_ONCE = 100  # declarations that one person signs in one sitting
MAX_YEARS = 4  # a BIS-711 "multiple" statement lasts four years
_BOILERPLATE = re.compile(
    r"^(?:for\s+)?(?:research|scientific\s+research|r\s*&\s*d|laboratory\s+use|lab\s+use|general|testing|medical|commercial|civil(?:ian)?"
    r"|own\s+use|科研|科学研究|研究|检测|医疗|民用|自用|实验室?(?:使用|用)?)(?:\s*(?:use|purposes?|only|用途|使用))*[.。]?$",
    re.IGNORECASE,
)


@dataclass(frozen=True)
class LineData:
    """A product and how many of its own units."""

    product_id: str
    quantity: Decimal


@dataclass(frozen=True)
class DeclarationData:
    """A declaration as typed."""

    customer_id: str
    lines: tuple[LineData, ...]
    end_use: str
    place_address: str
    place_country: str
    valid_from: dt.date
    valid_until: dt.date
    place_division: str = ""
    unknown_facts: str = ""


@dataclass(frozen=True)
class Problem:
    """What is wrong with which field."""

    field: str
    message: str


def is_boilerplate(end_use: str) -> bool:
    """True for an end use that says nothing: a red flag of 15 CFR 732 Supplement 3."""
    # A Chinese character says about as much as two letters.
    length = sum(2 if "\u3400" <= c <= "\u9fff" else 1 for c in end_use.strip())
    return bool(_BOILERPLATE.match(end_use.strip())) or length < 12  # noqa: PLR2004


def completeness(data: DeclarationData, today: dt.date) -> list[Problem]:
    """Everything that must be mended before the declaration can be signed; empty when nothing."""
    problems = []
    if not data.lines:
        problems.append(Problem("lines", _("Enter a quantity for at least one product.")))
    problems += [Problem("lines", _("Quantities are more than zero.")) for line in data.lines if line.quantity <= 0][:1]
    if is_boilerplate(data.end_use):
        problems.append(Problem("end_use", _("Say what the goods will be used for, by which department, and for about how many samples.")))
    if not data.place_address.strip():
        problems.append(Problem("place_address", _("Enter the address where the goods will be used.")))
    if data.place_country == "CN" and not data.place_division:
        problems.append(Problem("place_division", _("Enter the six-digit division code of the place of use, such as 330200.")))
    elif data.place_country == "CN":
        problems += [Problem("place_division", problem) for problem in division_problem(data.place_division)]
    if data.place_country != "CN" and data.place_division:
        problems.append(Problem("place_division", _("Division codes are for China alone; leave this empty.")))
    if not today.year - LATEST_YEARS <= data.valid_from.year <= today.year + LATEST_YEARS:
        problems.append(Problem("valid_from", _("This year is too far away; check the date.")))
    elif data.valid_until <= data.valid_from:
        problems.append(Problem("valid_until", _("The validity ends before it begins; correct one of the dates.")))
    elif data.valid_until <= today:
        problems.append(Problem("valid_until", _("The validity is over already; choose a later day.")))
    elif data.valid_until > data.valid_from.replace(year=data.valid_from.year + MAX_YEARS, day=min(data.valid_from.day, 28)):
        problems.append(Problem("valid_until", _("A declaration lasts at most four years; choose an earlier day.")))
    return problems


# What compliance can point at when it returns a declaration: groups of the form.
MENDABLE = ("end_user", "goods", "end_use", "place_of_use", "valid", "unknown_facts")
FOLLOWS_IN_FORCE = {"amend": frozenset({"valid", "not_yet"}), "renew": frozenset({"valid", "not_yet", "expired"})}


def may_follow(how: str, standing: str) -> bool:
    """Whether a declaration whose attestation stands so (its word, empty for none) may be copied, amended or renewed."""
    return how == "copy" or standing in FOLLOWS_IN_FORCE.get(how, ())


def following(how: str, earlier_number: str, earlier: DeclarationData, data: DeclarationData) -> list[Problem]:
    """What does not fit between an amendment or a renewal and the declaration that it follows; empty when nothing."""
    told = {"n": earlier_number}
    problems = []
    if how in {"amend", "renew"} and data.customer_id != earlier.customer_id:
        problems.append(Problem("customer", _("%(n)s is for another end user. Prepare a new declaration for this one.") % told))
    if how == "renew" and data.valid_from < earlier.valid_until:
        day = date_format(earlier.valid_until, "DATE_FORMAT")
        told["day"] = day
        problems.append(
            Problem("valid_from", _("%(n)s lasts until %(day)s. Let the renewal begin on that day, or amend the earlier one.") % told)
        )
    if how == "amend" and data == earlier:
        problems.append(Problem("lines", _("Nothing differs from %(n)s. Change what is to be amended.") % told))
    return problems


def canonical_text(
    *,
    number: str,
    version: int,
    distributor: dict[str, Any],
    end_user: dict[str, Any],
    goods: list[dict[str, Any]],
    data: DeclarationData,
    clause_set: dict[str, Any],
    issuer: str,
    follows: dict[str, Any] | None = None,
) -> dict[str, Any]:
    """The whole statement as plain values; `ledger.canonical` turns it into the bytes that are hashed and signed.

    `follows` is what an amendment or a renewal says of the earlier text: as, number, version, sha256.
    """
    return {
        **({"follows": follows} if follows else {}),
        "schema": "end-use-declaration/1",
        "number": number,
        "version": version,
        "to": issuer,
        "distributor": distributor,
        "end_user": end_user,
        "goods": goods,
        "end_use": data.end_use.strip(),
        "place_of_use": {
            "address": data.place_address.strip(),
            "country": data.place_country,
            "division": data.place_division,
        },
        "valid_from": data.valid_from,
        "valid_until": data.valid_until,
        "unknown_facts": data.unknown_facts.strip() or "none",
        "clauses": clause_set,
    }


def sitting_digest(digests: Sequence[str]) -> str:
    """What a signatory gives one factor for who signs several texts at once: SHA-256 over their SHA-256s, whatever the order.

    Each text names its declaration and version, so that its own digest stands for both.
    """
    return sha256_hex(canonical({"sign": sorted(digests)}))


def given_for(proof_digest: str, digests: Sequence[str]) -> bool:
    """Whether a factor was given for exactly the texts that were signed with it: one text, or one sitting's set."""
    return [proof_digest] == list(digests) or proof_digest == sitting_digest(digests)
