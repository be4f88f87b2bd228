"""Aliases of a party: two people, each with a factor, and what follows: the party is screened again, and what waits on it goes round."""

from typing import Any

from django.db import transaction

from certifications.declarations.models import Declaration
from certifications.declarations.queries import taking_part
from certifications.mail.actions import tell_all
from certifications.parties import aliases
from certifications.parties.models import Party
from certifications.parties.models_aliases import PartyAlias
from certifications.parties.rules import clean_name
from certifications.people.factors import prove
from certifications.people.models import User
from certifications.people.permissions import Permission, check
from certifications.people.queries import check_second, recipients
from certifications.work.actions import enqueue

from . import resolution
from .advance import WAITING, send_round_again
from .identities import screen_after_later


def propose(
    *,
    party: Party,
    by: User,
    text: str,
    reason: str,
    explanation: str,
    ends: PartyAlias | None = None,
    code: str = "",
    assertion: str = "",
    session: Any = None,
) -> PartyAlias:
    """Propose a further name, or the end of one; the factor is bound to exactly these words. Colleagues are told."""
    check(by, Permission.CHANGE_ALIASES)
    words = {"text": ends.text if ends else clean_name(text), "reason": reason, "explanation": explanation, "ends": ends}
    aliases.check_alias(party=party, **words)
    digest = aliases.alias_digest(party=party, **words)
    proof = prove(by, digest=digest, purpose="alias", code=code, assertion=assertion, session=session)
    with transaction.atomic():
        alias = aliases.propose_alias(party=party, by=by, proof=proof, **words)
        tell_all(recipients(Permission.CHANGE_ALIASES), but=by, template="second_person_for_alias", context={"party": party.pk})
    return alias


def agree(*, alias: PartyAlias, by: User, code: str = "", assertion: str = "", session: Any = None) -> Party:
    """Another person agrees. The party is screened by all its names at once, and its declarations that wait go round again."""
    check(by, Permission.CHANGE_ALIASES)
    check_second(proposer=alias.proposed_by, by=by, right=Permission.CHANGE_ALIASES)
    proof = prove(by, digest=alias.digest, purpose="alias", code=code, assertion=assertion, session=session)
    with transaction.atomic():
        party = aliases.agree_alias(alias=alias, by=by, proof=proof)
        enqueue("rescreen", party.pk, version=f"rev-{party.revision}")
        screen_after_later(party)
        resolution.look_later(party)
        for declaration in Declaration.objects.filter(taking_part([party.pk]), status__in=WAITING).distinct():
            send_round_again(declaration, f"alias-{alias.pk}")
    return party


def void(*, alias: PartyAlias, by: User) -> None:
    """Take a proposal back, or refuse it."""
    check(by, Permission.CHANGE_ALIASES)
    aliases.void_alias(alias=alias, by=by)
