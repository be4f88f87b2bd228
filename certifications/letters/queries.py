"""Reads of letters: a distributor's own, all for compliance; what each is worth today; the awards that may belong to one."""

import datetime as dt
import json
from collections import defaultdict
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import Any

from django.db.models import Q, QuerySet
from django.utils.crypto import constant_time_compare

from certifications.attestations.rules import normal_code
from certifications.evidence.keys import project_key
from certifications.evidence.models import EvidenceDocument, EvidenceLine
from certifications.flags.queries import blocking_flags, holding
from certifications.ledger.days import civil_today
from certifications.matching import normalise
from certifications.parties import owners, register
from certifications.parties.alike import alike, bearing, beside, earlier
from certifications.parties.linked import linked, with_entities
from certifications.parties.models import Customer, Party
from certifications.parties.rules import compact
from certifications.parties.sellers import kind_among
from certifications.people.models import User
from certifications.people.permissions import Permission, may

from .models import Letter, LetterDecision, LetterParty, LetterSeal
from .rules import standing

# Outside the portal these do not exist.
ISSUED = (Letter.Status.VALID, Letter.Status.EXPIRED, Letter.Status.REVOKED)
# Notices that may say who won; a correction only where it names a supplier, for it may correct the tender.
STAGES = ("award", "contract", "candidate", "amendment")


def visible_to(user: User) -> QuerySet[Letter]:
    """Every letter for compliance; a distributor's own; none for anybody else."""
    if may(user, Permission.SEE_ALL_ATTESTATIONS):
        return Letter.objects.all()
    if may(user, Permission.SEE_OWN_DECLARATIONS) and user.organisation is not None:
        return Letter.objects.filter(organisation=user.organisation)
    return Letter.objects.none()


def search(letters: QuerySet[Letter], text: str) -> QuerySet[Letter]:
    """By number, project number, name or registration number of the buyer."""
    text = text.strip()
    if not text:
        return letters
    named = Q(buyer_native__icontains=text) | Q(buyer_latin__icontains=text) | Q(buyer_uscc__iexact=compact(text))
    key = project_key(text)
    return letters.filter(named | Q(number__iexact=text) | (Q(project_key__contains=key) if key else Q(pk__in=[])))


def standings(letters: Sequence[Letter]) -> dict[str, str]:
    """What each letter is worth today, by id (rules.standing); so many queries for a page of them, however many they are."""
    today = civil_today()
    live = {letter.organisation_id for letter in letters if letter.status == Letter.Status.VALID}
    held = _held([letter for letter in letters if letter.status == Letter.Status.VALID], today)
    entries: dict[str, list[register.Entry]] = defaultdict(list)
    holders: dict[str, str] = {}
    if live:
        holders = {str(org): pk for pk, org in Party.objects.filter(organisation__in=live).values_list("pk", "organisation_id")}
        for entry in register.as_of(today).of(holders.values()):
            entries[entry.authorisation.party_id].append(entry)

    def rights(letter: Letter) -> list[str]:
        held = entries[holders.get(str(letter.organisation_id), "")]
        return [kind_among(held, line, letter.country, letter.division, today) for line in letter.lines]

    return {
        letter.pk: standing(
            status=letter.status, valid_until=letter.valid_until, today=today, rights=rights(letter), is_held=letter.pk in held
        )
        for letter in letters
    }


def _held(letters: Sequence[Letter], today: dt.date) -> set[str]:
    """Ids of the letters on whose parties, or on whoever is one entity with them or owns them, a grave flag is open or was confirmed.

    What was confirmed of an owner holds by the flags that it raised on those it owns.
    """
    if not letters:
        return set()
    named = parties_by_letter(letters)
    own = {pk for some in named.values() for pk in some}
    over, together = owners.over_each(sorted(own), today), linked()
    shared = alike(with_entities(own, together))
    first = earlier(shared)
    entities = {pk: bearing([pk], shared, together) for pk in own}
    # Open flags hold whoever came later under the same number or name; what was confirmed holds all of them.
    before = {pk: bearing([pk], first, together) for pk in own}
    asked = {pk for one in own for pk in before[one] | over[one]}
    open_on = set(blocking_flags(declaration_id="", party_ids=asked).values_list("party_id", flat=True))
    own_too = {pk for some in before.values() for pk in some}
    confirmed = {pk for some in entities.values() for pk in some}
    grave = holding(declaration_ids=(), party_ids=own_too, confirmed_of=confirmed, others=beside(own, shared, together))
    return {letter for letter, some in named.items() if any(entities[pk] & grave or (before[pk] | over[pk]) & open_on for pk in some)}


def parties_by_letter(letters: Iterable[Letter]) -> dict[str, set[str]]:
    """By letter the ids of everybody whom it names, and of its distributor."""
    ids = [letter.pk for letter in letters]
    found: defaultdict[str, set[str]] = defaultdict(set)
    for letter, party in LetterParty.objects.filter(letter__in=ids).values_list("letter_id", "party_id"):
        found[letter].add(party)
    for letter, party in Letter.objects.filter(pk__in=ids, organisation__party__isnull=False).values_list("pk", "organisation__party"):
        found[letter].add(party)
    return dict(found)


def live_with(party_ids: Iterable[str]) -> QuerySet[Letter]:
    """Letters that wait, are being written or are in force, and name one of the parties or have it as their distributor."""
    ids = list(party_ids)
    live = Letter.objects.filter(status__in=[Letter.Status.WAITING, Letter.Status.ISSUING, Letter.Status.VALID])
    return live.filter(Q(parties__party__in=ids) | Q(organisation__party__in=ids)).distinct()


def resting_on(party_ids: Iterable[str]) -> set[str]:
    """Those of the parties that a letter names, or has as its distributor, while it waits, is being written or is in force."""
    ids = set(party_ids)
    return {pk for some in parties_by_letter(live_with(ids)).values() for pk in some} & ids


def standing_of(letter: Letter) -> str:
    """What one letter is worth today."""
    return standings([letter])[letter.pk]


def own_party(letter: Letter) -> Party:
    """The distributor that the letter is for, as a party."""
    party: Party = letter.organisation.party
    return party


def parties_of(letter: Letter) -> list[Party]:
    """Everybody whom the letter names, with the buyer first and the distributor last."""
    rows = letter.parties.select_related("party").prefetch_related("party__names").order_by("pk")
    named = [row.party for row in rows]
    return [*named, *own_customers(letter).exclude(pk__in=[party.pk for party in named]).prefetch_related("names"), own_party(letter)]


def own_customers(letter: Letter) -> QuerySet[Party]:
    """The distributor's own customers that the buyer is by number or by exact name: today, and when it was asked for.

    Whoever is registered, or given its number, after the letter was asked for is the buyer as well. Never looks at another distributor's.
    """
    own = Customer.objects.filter(organisation=letter.organisation)
    names = [name for name in (letter.buyer_native, letter.buyer_latin) if name]
    found = set(own.filter(party__names__text__in=names).values_list("party", flat=True))
    if letter.buyer_uscc:
        found |= set(own.filter(party__identifiers__value=letter.buyer_uscc).values_list("party", flat=True))
    found |= set(letter.parties.filter(role=LetterParty.Role.CUSTOMER).values_list("party", flat=True))
    return Party.objects.filter(pk__in=found).order_by("pk")


def release_of(letter: Letter) -> LetterDecision | None:
    """The release that counts: the last that took effect."""
    found = letter.decisions.filter(outcome=LetterDecision.Outcome.RELEASE, state=LetterDecision.State.EFFECTIVE)
    return found.order_by("-proposed_at", "-pk").first()


def awaiting_second(user: User) -> QuerySet[LetterDecision]:
    """Proposed decisions, the oldest first, for whoever may see every letter."""
    if not may(user, Permission.SEE_ALL_ATTESTATIONS):
        return LetterDecision.objects.none()
    return LetterDecision.objects.filter(state=LetterDecision.State.PROPOSED).select_related("letter").order_by("proposed_at")


@dataclass(frozen=True)
class PublicLetter:
    """What anyone who holds number and code, or the file, may see."""

    letter: Letter
    payload: dict[str, Any]
    word: str
    seal: LetterSeal
    public_reason: str
    changed_at: dt.datetime | None


def public_view(seal: LetterSeal) -> PublicLetter:
    """The letter as it stands this moment, with the sentence of its revocation if there is one."""
    letter = seal.letter
    ended = None
    if letter.status == Letter.Status.REVOKED:
        ended = letter.decisions.filter(outcome="revoke", state=LetterDecision.State.EFFECTIVE).order_by("-agreed_at").first()
    return PublicLetter(
        letter=letter,
        payload=json.loads(seal.text.canonical),
        word=standing_of(letter),
        seal=seal,
        public_reason=ended.public_reason if ended else "",
        changed_at=ended.agreed_at if ended else None,
    )


def _sealed() -> QuerySet[LetterSeal]:
    return LetterSeal.objects.select_related("letter__organisation", "text", "pdf").filter(letter__status__in=ISSUED)


def by_number_and_code(number: str, code: str) -> PublicLetter | None:
    """The public answer; None for an unknown number and for a wrong code alike."""
    seal = _sealed().filter(letter__number=number.strip().upper()).first()
    good = constant_time_compare(normal_code(code), seal.letter.code if seal else "0000-0000")
    return public_view(seal) if seal is not None and good else None


def by_digest(sha256: str) -> PublicLetter | None:
    """The letter whose sealed PDF has exactly these bytes."""
    seal = _sealed().filter(sha256=sha256).first()
    return public_view(seal) if seal else None


@dataclass(frozen=True)
class Award:
    """A confirmed line of evidence that may be the outcome of a letter's tender.

    `by`: project (the numbers are the same) or goods (buyer and product are, within the letter's days). `winner`: holder,
    other, or withheld.
    """

    line: EvidenceLine
    by: str
    winner: str


def _names(letter: Letter) -> set[str]:
    return {normalise(name) for name in (letter.buyer_native, letter.buyer_latin) if name}


def _is_buyer(letter: Letter, line: EvidenceLine) -> bool:
    if letter.buyer_uscc and line.buyer_uscc:
        return compact(letter.buyer_uscc) == compact(line.buyer_uscc)
    return normalise(line.buyer) in _names(letter)


def award_of(letter: Letter, line: EvidenceLine) -> Award | None:
    """Whether the line may be the outcome of the letter's tender, and who won by what the notice says."""
    if line.stage not in STAGES or (line.stage == "amendment" and line.seller_state == EvidenceLine.SellerState.WITHHELD):
        return None
    how = ""
    if project_key(line.project_no) == letter.project_key:
        how = "project"
    elif not line.project_no and line.product is not None and letter.asked_at.date() <= line.happened_on:
        numbers = {item["catalogue_number"] for item in letter.goods}
        if line.product.catalogue_number in numbers and _is_buyer(letter, line):
            how = "goods"
    if not how:
        return None
    return Award(line, how, _winner(letter, line))


def _winner(letter: Letter, line: EvidenceLine) -> str:
    if line.seller_state == EvidenceLine.SellerState.WITHHELD:
        return "withheld"
    party = own_party(letter)
    codes = {i.value for i in party.identifiers.all() if i.scheme == "uscc"}
    if line.seller_uscc and codes:
        return "holder" if compact(line.seller_uscc) in codes else "other"
    return "holder" if normalise(line.seller) in {normalise(name.text) for name in party.names.all()} else "other"


def awards_of(letter: Letter) -> list[Award]:
    """What confirmed notices say about the outcome of the letter's tender, the newest first."""
    wanted = Q(project_no__gt="") | Q(product__catalogue_number__in=[item["catalogue_number"] for item in letter.goods])
    lines = EvidenceLine.objects.filter(wanted, stage__in=STAGES, document__status__in=EvidenceDocument.COUNTING)
    near = lines.filter(happened_on__gte=letter.asked_at.date() - dt.timedelta(days=366)).select_related("document", "product")
    found = [award_of(letter, line) for line in near.order_by("-happened_on", "-pk")]
    return [award for award in found if award is not None]


def letters_near(lines: Iterable[EvidenceLine]) -> list[Letter]:
    """Letters in whose tender one of the lines may be the award, the newest first: what `letters_about` chooses among."""
    at_hand = list(lines)
    near = Q(project_key__in={project_key(line.project_no) for line in at_hand if line.project_no})
    days = [line.happened_on for line in at_hand if not line.project_no]
    if days:
        near |= Q(valid_until__gte=min(days))
    return list(Letter.objects.filter(near, status__in=ISSUED).select_related("organisation__party").order_by("-asked_at"))


def letters_about(line: EvidenceLine, among: Iterable[Letter]) -> list[tuple[Letter, Award]]:
    """Those of the letters (`letters_near`) in whose tender the line may be the award."""
    key = project_key(line.project_no)
    near = (one for one in among if (one.project_key == key if line.project_no else one.valid_until >= line.happened_on))
    pairs = ((letter, award_of(letter, line)) for letter in near)
    return [(letter, award) for letter, award in pairs if award is not None]
