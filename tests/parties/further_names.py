"""Aliases proposed and agreed by the real actions, the factors kept directly."""

from certifications.parties import aliases
from certifications.parties.models import Party
from certifications.parties.models_aliases import PartyAlias
from certifications.people.models import User
from tests.world import proof_for

LISTED = "Xinjiang Uyghur Autonomous Region Public Security Bureau"
WORDS = {"reason": "match", "explanation": "Stands so on the letterhead of the tender of 2 May."}


def proposed_alias(party: Party, by: User, text: str = LISTED, ends: PartyAlias | None = None, **words: str) -> PartyAlias:
    """A proposal; with `ends` that this alias goes."""
    given = {**WORDS, **({"reason": "wrong_party"} if ends else {}), **words}
    digest = aliases.alias_digest(party=party, text=text, ends=ends, **given)
    return aliases.propose_alias(party=party, by=by, text=text, ends=ends, proof=proof_for(by, digest, "alias"), **given)


def agreed_alias(alias: PartyAlias, by: User) -> Party:
    """The second person's agreement."""
    return aliases.agree_alias(alias=alias, by=by, proof=proof_for(by, alias.digest, "alias"))
