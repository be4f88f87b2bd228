"""What a distributor is told when something went wrong with a declaration: the words meant for it, the day, what to do.

Nothing of a case, a list or a score; of a refusal not even its reason (product.md, 'A fair hearing').
"""

import datetime as dt
from dataclasses import dataclass

from django.utils.translation import gettext as _

from certifications.attestations.models import Attestation
from certifications.attestations.queries import public_view
from certifications.declarations.models import Declaration
from certifications.flags.outcomes import REASON_WORDS
from certifications.flags.queries import return_of
from certifications.ledger.listed import listed
from certifications.ledger.queries import history
from portal.words import word_for


@dataclass(frozen=True)
class News:
    """A notice above the declaration. `said` are the words that a person wrote to the distributor."""

    kind: str
    icon: str
    title: str
    at: dt.datetime | None
    said: str
    todo: str


def news_of(declaration: Declaration, issued: Attestation | None, word: str) -> News | None:
    """The notice for what was suspended, revoked, returned or refused; None for everything else."""
    match word:
        case "suspended" | "revoked" if issued is not None:
            view = public_view(issued)
            title = _("The attestation is suspended") if word == "suspended" else _("The attestation is revoked")
            todo = (
                _(
                    "Deliver nothing under it until the suspension is lifted. Answer the questions that are open; the last word is two people's."
                )
                if word == "suspended"
                else _("Deliver nothing under it; it cannot be put in force again. If you still want to supply, prepare a new declaration.")
            )
            return News("stop", "pause" if word == "suspended" else "stop", title, view.changed_at, view.public_reason, todo)
        case "returned":
            decision, note = return_of(declaration), declaration.returns.order_by("-at").first()
            todo = _("Correct it in a new version; your signatory then signs that version.")
            if note is not None and (decision is None or note.at > decision.proposed_at):
                mend = _("To mend: %(fields)s") % {"fields": listed(str(word_for("declared", field).text) for field in note.fields)}
                return News("note", "chat", _("Returned to you to be corrected"), note.at, f"{mend}\n{note.text}", todo)
            said = "\n".join(str(text) for text in (REASON_WORDS.get(decision.reason, ""), decision.message) if text) if decision else ""
            at = (decision.agreed_at or decision.proposed_at) if decision else None
            return News("note", "chat", _("Returned to you to be corrected"), at, said, todo)
        case "refused":
            event = history(declaration).filter(verb="declaration.refused").last()
            said = _("The manufacturer issues no attestation for this declaration. That does not show that anybody did anything unlawful.")
            todo = _("Deliver nothing under it. If a fact in it was wrong or has changed, prepare a new declaration that states it.")
            return News("stop", "stop", _("The declaration was refused"), event.at if event else None, said, todo)
    return None
