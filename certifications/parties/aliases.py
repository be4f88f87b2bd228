"""The only writes to a party's aliases, and the names by which a party is compared: its own and those that compliance added."""

from collections import defaultdict
from collections.abc import Collection, Iterable, Iterator, Mapping
from itertools import groupby
from typing import Any

from django.db import transaction
from django.db.models import QuerySet
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from certifications.ledger.actions import record
from certifications.ledger.canonical import canonical, sha256_hex
from certifications.ledger.moves import NotAllowed, StaleState
from certifications.people.models import FactorProof, User
from certifications.people.permissions import Permission
from certifications.people.second import check_proof, lock_proposal, take_agreement, void_proposal

from .alike import bearing, earlier_alike
from .further import further_names
from .linked import linked, with_entities
from .models import Identifier, Party, PartyName
from .models_aliases import PartyAlias, in_force
from .models_former import FormerKey
from .rules import clean_name, compact, script_of

REASONS: dict[str, Any] = {
    "match": gettext_lazy("A match that was confirmed"),
    "registry": gettext_lazy("A public registry"),
    "own_papers": gettext_lazy("The party's own papers or site"),
    "evidence": gettext_lazy("A notice or another piece of evidence"),
}
# Fewer names make a search that finds too much look thorough: an alias goes only where it was wrong.
END_REASONS: dict[str, Any] = {
    "wrong_party": gettext_lazy("It is another party's name"),
    "in_error": gettext_lazy("It was put down in error"),
}
LEAST_EXPLAINED, MOST_LONG = 10, 300  # characters


def compared_names(parties: Iterable[str]) -> dict[str, list[str]]:
    """By party every name that it is compared by, its own first, then those of whoever is one entity with it. Three queries."""
    together = linked()
    asked = list(parties)
    wanted = {pk for party in asked for pk in together.get(party, (party,))}
    own = own_names(wanted)
    return {pk: names for pk in asked if (names := _all_names(pk, own, together))}


def screened_by(parties: Iterable[str]) -> dict[str, set[str]]:
    """By party everybody by whose names and numbers it is screened: itself, whoever is one entity with it, and whoever was on record before
    under a number or a name of one of these, with whoever is one entity with that.
    """
    together = linked()
    asked = list(parties)
    earlier = earlier_alike(with_entities(asked, together))
    return {pk: bearing([pk], earlier, together) for pk in asked}


def screened_names(by: Mapping[str, Collection[str]]) -> dict[str, list[str]]:
    """By party the names of everybody by whom it is screened (`screened_by`), its own first."""
    own = own_names({other for some in by.values() for other in some})
    return {pk: names for pk in by if (names := _all_names(pk, own, by))}


def screened_codes(by: Mapping[str, Collection[str]] | None = None) -> dict[str, list[str]]:
    """By party the numbers of everybody by whom it is screened, those that it had before among them; without `by` of all parties their own."""
    wanted = None if by is None else {other for some in by.values() for other in some}
    now, before = Identifier.objects.order_by("pk"), FormerKey.objects.exclude(kind__in=FormerKey.NAMES).order_by("pk")
    if wanted is not None:
        now, before = now.filter(party__in=wanted), before.filter(party__in=wanted)
    own: defaultdict[str, list[str]] = defaultdict(list)
    for party, value in [*now.values_list("party_id", "value"), *before.values_list("party_id", "text")]:
        own[party].append(compact(value))
    if by is None:
        return own
    return {
        pk: list(dict.fromkeys(code for other in (pk, *sorted(set(some) - {pk})) for code in own.get(other, ()))) for pk, some in by.items()
    }


def own_names(parties: Iterable[str]) -> dict[str, list[str]]:
    """By party the names that it has itself, those that compliance added, and those of its sites and group."""
    wanted = list(parties)
    return dict(_named(PartyName.objects.filter(party__in=wanted), further_names(wanted)))


def _all_names(pk: str, own: Mapping[str, list[str]], together: Mapping[str, Collection[str]]) -> list[str]:
    others = (name for other in sorted(together.get(pk, ())) for name in own.get(other, ()))
    return list(dict.fromkeys([*own.get(pk, ()), *others]))


def all_screened() -> dict[str, set[str]]:
    """By party whoever else it is screened by; of those alone that are screened by others."""
    together, earlier = linked(), earlier_alike()
    return {pk: bearing([pk], earlier, together) for pk in {*together, *earlier}}


def all_screened_names(by: Mapping[str, Collection[str]]) -> Iterator[tuple[str, list[str]]]:
    """Every party with every name that it is screened by, read as it goes; `by` as `all_screened` says."""
    own = own_names({other for some in by.values() for other in some})
    for party, names in _named(PartyName.objects.all(), further_names()):
        yield party, _all_names(party, own, by) if party in by else names


def _named(own: QuerySet[PartyName], added: Iterable[tuple[str, str]]) -> Iterator[tuple[str, list[str]]]:
    further: defaultdict[str, list[str]] = defaultdict(list)
    for party, text in added:
        further[party].append(text)
    rows = own.order_by("party_id", "position", "pk").values_list("party_id", "text").iterator(chunk_size=10_000)
    for party, names in groupby(rows, key=lambda row: row[0]):
        yield party, list(dict.fromkeys([*(text for _party, text in names), *further[party]]))


def alias_digest(*, party: Party, text: str, ends: PartyAlias | None, reason: str, explanation: str) -> str:
    """What both people give their factor for."""
    about = {
        "party": party.pk,
        "text": text,
        "ends": ends.pk if ends else "",
        "reason": reason,
        "explanation": explanation.strip(),
    }
    return sha256_hex(canonical(about))


def check_alias(*, party: Party, text: str, ends: PartyAlias | None, reason: str, explanation: str) -> None:
    """Raise NotAllowed with the field as its code. Asked before a factor is spent, and again when it is."""
    if script_of(text) == "Zyyy" or len(text) > MOST_LONG:
        raise NotAllowed(_("Write the name as it stands in the source: with letters, and at most 300 characters."), "text")
    if reason not in (END_REASONS if ends else REASONS):
        raise NotAllowed(_("Choose a reason."), "reason")
    if len(explanation.strip()) < LEAST_EXPLAINED:
        raise NotAllowed(_("Say where the name stands and how it is known to be this party's."), "explanation")
    if ends is None and text in compared_names([party.pk]).get(party.pk, ()):
        raise NotAllowed(_("The party has this name already."), "text")
    if ends is not None and not in_force().filter(pk=ends.pk).exists():
        raise StaleState(_("This alias was withdrawn by somebody else; load the page again."))
    if PartyAlias.objects.filter(party=party, text=text, state=PartyAlias.State.PROPOSED).exists():
        raise StaleState(_("The same is proposed already; agree to it or take it back first."))


@transaction.atomic
def propose_alias(
    *, party: Party, by: User, text: str, reason: str, explanation: str, proof: FactorProof, ends: PartyAlias | None = None
) -> PartyAlias:
    """Propose a further name, or with `ends` the end of one; nothing changes until another person agrees."""
    text = ends.text if ends else clean_name(text)
    Party.objects.select_for_update().get(pk=party.pk)
    check_alias(party=party, text=text, ends=ends, reason=reason, explanation=explanation)
    digest = alias_digest(party=party, text=text, ends=ends, reason=reason, explanation=explanation)
    check_proof(proof=proof, by=by, digest=digest, changed=_("The alias changed meanwhile. Read it again and confirm again."))
    alias = PartyAlias.objects.create(
        party=party,
        text=text,
        script=script_of(text),
        ends=ends,
        reason=reason,
        explanation=explanation.strip(),
        proposed_by=by,
        proposed_proof_id=proof.pk,
        digest=digest,
    )
    record(verb="party.alias_proposed", obj=party, by=by, data={"alias": alias.pk, "ends": ends.pk if ends else "", "proof": proof.pk})
    return alias


@transaction.atomic
def agree_alias(*, alias: PartyAlias, by: User, proof: FactorProof) -> Party:
    """Another person agrees: the party's revision grows, so that it counts as unscreened until it was screened by this name too."""
    party = Party.objects.select_for_update().get(pk=alias.party_id)
    held = lock_proposal(alias)
    digest = alias_digest(party=party, text=held.text, ends=held.ends, reason=held.reason, explanation=held.explanation)
    take_agreement(
        row=held,
        by=by,
        proof=proof,
        right=Permission.CHANGE_ALIASES,
        digest=digest,
        changed=_("The alias changed since the proposal. Read it again."),
    )
    party.revision += 1
    party.save(update_fields=["revision"])
    verb = "party.alias_ended" if held.ends_id else "party.alias_added"
    record(verb=verb, obj=party, by=by, data={"alias": held.pk, "revision": party.revision, "proof": proof.pk})
    return party


@transaction.atomic
def void_alias(*, alias: PartyAlias, by: User) -> None:
    """Take back one's own proposal, or refuse another's; the record stays."""
    void_proposal(row=alias, by=by)
    record(verb="party.alias_voided", obj=alias.party, by=by, data={"alias": alias.pk})
