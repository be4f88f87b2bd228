"""The steps that every act of two people shares; what is proposed and what follows from it is the owning room's business."""

from collections.abc import Sequence
from typing import TypeVar

from django.utils import timezone
from django.utils.translation import gettext as _

from certifications.ledger.moves import NotAllowed, StaleState

from .models import FactorProof, User
from .models_second import TwoPeople
from .permissions import Permission
from .queries import check_second

Row = TypeVar("Row", bound=TwoPeople)


def check_proof(*, proof: FactorProof, by: User, digest: str, changed: str) -> None:
    """Raise NotAllowed (`digest`) with the sentence `changed` unless `by` gave this factor for exactly `digest`."""
    if proof.digest != digest or proof.user_id != by.pk:
        raise NotAllowed(changed, "digest")


def lock_proposal(row: Row) -> Row:
    """The row as it is now, locked. Raises StaleState when it is no proposal any more."""
    locked = type(row)._default_manager.select_for_update().get(pk=row.pk)
    if locked.state != TwoPeople.State.PROPOSED:
        raise _gone()
    return locked


def take_agreement(
    *, row: TwoPeople, by: User, proof: FactorProof, right: Permission, digest: str, changed: str, also: Sequence[str] = ()
) -> None:
    """Write the second person's agreement to a locked proposal.

    `right` is what its proposer needs, still. `digest` is computed from what stands now; `also` are fields of the row that the agreement
    sets with it. Raises NotAllowed: `same_person`, `not_independent`, `proposer`, `digest`.
    """
    check_second(proposer=row.proposed_by, by=by, right=right)
    if digest != row.digest:
        raise NotAllowed(changed, "digest")
    check_proof(proof=proof, by=by, digest=row.digest, changed=changed)
    row.state, row.agreed_by, row.agreed_at, row.agreed_proof_id = TwoPeople.State.EFFECTIVE, by, timezone.now(), proof.pk
    row.save(update_fields=["state", "agreed_by", "agreed_at", "agreed_proof_id", *also])


def void_proposal(*, row: TwoPeople, by: User) -> None:
    """One's own proposal withdrawn, or another's refused; the record stays. Raises StaleState when it is none any more."""
    changed = (
        type(row)
        ._default_manager.filter(pk=row.pk, state=TwoPeople.State.PROPOSED)
        .update(state=TwoPeople.State.VOIDED, voided_by=by, voided_at=timezone.now())
    )
    if changed != 1:
        raise _gone()


def _gone() -> StaleState:
    return StaleState(_("The proposal was decided or withdrawn by somebody else; load it again."))
