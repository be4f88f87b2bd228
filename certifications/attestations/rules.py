"""Pure decisions about attestations: numbers and codes, status changes, the four public answers."""

import datetime as dt
import secrets
from dataclasses import dataclass

from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from certifications.ledger.ids import ALPHABET

STATUS_REASONS = {
    "new_evidence": gettext_lazy("New evidence from outside the channel"),
    "party_listed": gettext_lazy("A party was listed after issue"),
    "false_statement": gettext_lazy("A statement in the declaration proved wrong"),
    "authorisation_ended": gettext_lazy("The distributor's authorisation ended"),
    "issued_in_error": gettext_lazy("Issued in error"),
    "concern_resolved": gettext_lazy("The concern was resolved"),
}
# What a change may lead to, and which reasons it may have.
CHANGES = {
    "suspended": ("new_evidence", "party_listed", "false_statement", "authorisation_ended"),
    "revoked": ("party_listed", "false_statement", "authorisation_ended", "issued_in_error"),
    "valid": ("concern_resolved",),
}


def new_code() -> str:
    """XXXX-XXXX from 32 letters and digits: 40 bits, guessed against a limit of 20 tries an hour per address."""
    letters = "".join(secrets.choice(ALPHABET) for _ in range(8))
    return f"{letters[:4]}-{letters[4:]}"


def normal_code(text: str) -> str:
    """A code as typed: case, spaces, and the letters that Crockford's alphabet leaves out are forgiven."""
    letters = "".join(c for c in text.upper() if c.isalnum()).translate(str.maketrans("OILU", "011V"))
    return f"{letters[:4]}-{letters[4:8]}" if len(letters) == 8 else ""  # noqa: PLR2004


# Every word that `standing` may give, in the order in which lists offer them.
STANDINGS = ("pending", "valid", "not_yet", "suspended", "superseded", "revoked", "expired", "void")


@dataclass(frozen=True)
class Standing:
    """Whether an attestation is in force on a day: `word` is its status as a reader should take it."""

    word: str
    in_force: bool


def standing(*, status: str, valid_from: dt.date, valid_until: dt.date, today: dt.date) -> Standing:
    """Status and dates together: a valid attestation whose last day is over is expired, job or no job."""
    if status == "valid":
        if today >= valid_until:
            return Standing("expired", in_force=False)
        if today < valid_from:
            return Standing("not_yet", in_force=False)
        return Standing("valid", in_force=True)
    return Standing(status, in_force=False)


@dataclass(frozen=True)
class Refusal:
    """Why a status change may not be proposed, with the field it concerns."""

    field: str
    message: str


def possible_changes(status: str) -> set[str]:
    """What an attestation of this status may become by two people's will."""
    allowed = {"valid": {"suspended", "revoked"}, "suspended": {"revoked", "valid"}, "expired": {"revoked"}, "superseded": {"revoked"}}
    return allowed.get(status, set())


def check_change(*, status: str, to: str, reason: str, explanation: str, public_reason: str) -> Refusal | None:
    """The first thing wrong with a proposed change, or None."""
    if to not in possible_changes(status):
        return Refusal("to", _("An attestation in this state cannot be changed that way."))
    if reason not in CHANGES[to]:
        return Refusal("reason", _("Choose a reason that fits the change."))
    if len(explanation.strip()) < 15:  # noqa: PLR2004
        return Refusal("explanation", _("Explain the change in a sentence; the second person and the auditor read it."))
    if len(public_reason.strip()) < 10:  # noqa: PLR2004
        return Refusal("public_reason", _("Write the sentence that the public page shows: neutral, without names."))
    return None
