"""What may follow a declaration, what may be returned for mending, and what one factor is given for. Pure.

Completeness is in rules_checks.py, the text that is signed in texts.py.
"""

from collections.abc import Sequence
from dataclasses import dataclass

from django.utils.formats import date_format
from django.utils.translation import gettext as _

from certifications.ledger.canonical import canonical, sha256_hex

from .data import DeclarationData

MOST_AT_ONCE = 100  # declarations that one person signs in one sitting


@dataclass(frozen=True)
class Problem:
    """What is wrong with which field."""

    field: str
    message: str


def group_titles() -> dict[str, str]:
    """Names of the groups of the form, in their order."""
    return {
        "parties": _("Parties"),
        "goods": _("Goods"),
        "end_use": _("End use and place"),
        "route": _("Destination and route"),
        "documents": _("Documents"),
    }


# What compliance can point at when it returns a declaration: groups of the form.
MENDABLE = ("end_user", "goods", "end_use", "place_of_use", "valid", "route", "contract", "documents", "unknown_facts")
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
    if how == "amend" and data.said() == earlier.said():
        problems.append(Problem("lines", _("Nothing differs from %(n)s. Change what is to be amended.") % told))
    return problems


def still_amended(how: str, earlier: DeclarationData | None, data: DeclarationData) -> set[str]:
    """Products of an amendment that it declares no more of, in all and in one period, than what it amends does."""
    if how != "amend" or earlier is None:
        return set()
    most = {line.product_id: line for line in earlier.lines}
    return {
        line.product_id
        for line in data.lines
        if (old := most.get(line.product_id)) is not None
        and line.quantity <= old.quantity
        and (old.ceiling is None or (line.ceiling is not None and line.ceiling <= old.ceiling))
    }


def sitting_digest(digests: Sequence[str]) -> str:
    """What a signatory gives one factor for who signs several texts at once: SHA-256 over their SHA-256s, whatever the order.

    Each text names its declaration and version, so that its own digest stands for both.
    """
    return sha256_hex(canonical({"sign": sorted(digests)}))


def given_for(proof_digest: str, digests: Sequence[str]) -> bool:
    """Whether a factor was given for exactly the texts that were signed with it: one text, or one sitting's set."""
    return [proof_digest] == list(digests) or proof_digest == sitting_digest(digests)
