"""Changes of the catalogue that need two people: proposed whole, agreed to whole, and kept whether or not they were."""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from django.db import models, transaction
from django.utils.translation import gettext as _

from certifications.ledger.actions import record
from certifications.ledger.canonical import canonical, sha256_hex
from certifications.ledger.moves import NotAllowed, StaleState
from certifications.people.models import FactorProof, User
from certifications.people.permissions import Permission
from certifications.people.second import check_proof, lock_proposal, take_agreement, void_proposal

from . import clauses, groups, ownership, policies, products, questions
from .models_versions import CatalogueProposal

LEAST_EXPLAINED = 15  # characters
Content = dict[str, Any]


@dataclass(frozen=True)
class Kind:
    """`check` raises NotAllowed with a field for content that cannot take effect as things stand; `take` makes it so."""

    check: Callable[[str, Content], None]
    take: Callable[[CatalogueProposal, User], models.Model]


KINDS: dict[str, Kind] = {
    "product": Kind(products.check_product, products.take_product),
    "clauses": Kind(clauses.check_version, clauses.take_version),
    "policy": Kind(policies.check_policy, policies.take_policy),
    "policy_end": Kind(policies.check_end, policies.take_end),
    "owners": Kind(ownership.check_rule, ownership.take_rule),
    "owners_end": Kind(ownership.check_end, ownership.take_end),
    "group": Kind(groups.check_group, groups.take_group),
    "group_end": Kind(groups.check_end, groups.take_end),
    "questions": Kind(questions.check_version, questions.take_version),
}


def proposal_digest(*, kind: str, subject: str, content: Content, explanation: str) -> str:
    """What both people give their factor for."""
    return sha256_hex(canonical({"kind": kind, "subject": subject, "content": content, "explanation": explanation.strip()}))


def check_proposal(*, kind: str, subject: str, content: Content, explanation: str) -> None:
    """Raise NotAllowed with the field as its code. Asked before a factor is spent, and again when it is."""
    KINDS[kind].check(subject, content)
    if len(explanation.strip()) < LEAST_EXPLAINED:
        raise NotAllowed(_("Say in a sentence why; both people read it, and it stays on record."), "explanation")
    if CatalogueProposal.objects.filter(kind=kind, subject=subject, state=CatalogueProposal.State.PROPOSED).exists():
        raise StaleState(_("The same is proposed already; agree to it or take it back first."))


@transaction.atomic
def propose(*, kind: str, subject: str, content: Content, explanation: str, by: User, proof: FactorProof) -> CatalogueProposal:
    """Propose; nothing changes until another person agrees."""
    words = {"kind": kind, "subject": subject, "content": content, "explanation": explanation}
    check_proposal(**words)
    digest = proposal_digest(**words)
    check_proof(proof=proof, by=by, digest=digest, changed=_("The catalogue changed meanwhile. Read it again and confirm again."))
    made = CatalogueProposal.objects.create(
        kind=kind,
        subject=subject,
        content=content,
        reason="catalogue",
        explanation=explanation.strip(),
        proposed_by=by,
        proposed_proof_id=proof.pk,
        digest=digest,
    )
    record(verb="catalogue.proposed", obj=made, by=by, data={"kind": kind, "proof": proof.pk})
    return made


@transaction.atomic
def agree(*, proposal: CatalogueProposal, by: User, proof: FactorProof) -> models.Model:
    """Another person agrees and it takes effect; what came of it. Raises NotAllowed where things have changed since."""
    held = lock_proposal(proposal)
    KINDS[held.kind].check(held.subject, held.content)
    digest = proposal_digest(kind=held.kind, subject=held.subject, content=held.content, explanation=held.explanation)
    changed = _("The proposal is not what was proposed. Take it back and propose it again.")
    take_agreement(row=held, by=by, proof=proof, right=Permission.EDIT_CATALOGUE, digest=digest, changed=changed)
    made = KINDS[held.kind].take(held, by)
    record(verb="catalogue.agreed", obj=held, by=by, data={"kind": held.kind, "made": made.pk, "proof": proof.pk})
    return made


@transaction.atomic
def void(*, proposal: CatalogueProposal, by: User) -> None:
    """Take back one's own proposal, or refuse another's; the record stays."""
    void_proposal(row=proposal, by=by)
    record(verb="catalogue.voided", obj=proposal, by=by, data={"kind": proposal.kind})
