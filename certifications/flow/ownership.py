"""Who owns whom, weighed by the rules of the day: facts for flags, and whom a rule would reach. Reads only."""

import datetime as dt
from collections.abc import Collection, Iterable, Sequence
from dataclasses import dataclass, field, replace
from decimal import Decimal

from certifications.catalogue import ownership
from certifications.catalogue.models_ownership import OwnershipRule
from certifications.catalogue.rules_ownership import RuleData, applies
from certifications.flags.models import Flag
from certifications.flags.queries import confirmed_findings
from certifications.flags.rules.base import OwnedFacts, RuleReach
from certifications.ledger.canonical import canonical, sha256_hex
from certifications.parties import owners
from certifications.parties.linked import linked, with_entities
from certifications.parties.models import Party
from certifications.parties.models_owners import Ownership
from certifications.parties.queries import display
from certifications.parties.rules_owners import HUNDRED, Chain, Holding, Known, Reach, Terms, known, reach
from certifications.screening.models import Finding, ListEntry
from certifications.screening.queries import newest_runs

# A dry run looks at so many owned parties, and says so where there are more.
MOST = 2000
# How a sentence says what one owner holds.
MULTIPLIED = Terms(HUNDRED, is_aggregated=True, chain=Chain.MULTIPLY)


@dataclass(frozen=True)
class Listing:
    """An entry as which people confirmed an owner, while its newest screening still finds it."""

    list_code: str
    programme: str
    entry: str


def listings(party_ids: Collection[str]) -> dict[str, list[Listing]]:
    """By party what it is confirmed as; who is not confirmed, or is found no longer, is left out."""
    confirmed = confirmed_findings(party_ids)
    if not confirmed:
        return {}
    found = Finding.objects.filter(run__in=newest_runs(list(confirmed)), fingerprint__in={f for some in confirmed.values() for f in some})
    programmes = {
        (entry.version_id, entry.entry_id): entry.programme
        for entry in ListEntry.objects.filter(version__in={f.list_version_id for f in found}, entry_id__in={f.entry_id for f in found})
    }
    held: dict[str, list[Listing]] = {}
    for finding in sorted(found, key=lambda f: (f.list_code, f.entry_id)):
        programme = programmes.get((finding.list_version_id, finding.entry_id), "")
        held.setdefault(finding.party_id, []).append(Listing(finding.list_code, programme, finding.entry_name))
    return held


@dataclass(frozen=True)
class Above:
    """Everybody above one party on a day, and what is confirmed of them; `party` and the keys of `listed` as `id_of` says."""

    party: str
    rows: tuple[Ownership, ...]
    together: dict[str, frozenset[str]]
    listed: dict[str, list[Listing]] = field(default_factory=dict)

    @property
    def holdings(self) -> list[Holding]:
        """The statements, with one id for everybody who is one entity."""
        told = (owners.as_holding(row) for row in self.rows)
        named = [replace(one, party=self.id_of(one.party), owner=self.id_of(one.owner)) for one in told]
        return [one for one in named if one.party != one.owner]

    def id_of(self, party_id: str) -> str:
        """The id that stands for the party and whoever is one entity with it."""
        return min(self.together.get(party_id, (party_id,)))

    def known(self) -> Known:
        return known([one for one in self.holdings if one.party == self.party])

    def reach(self, data: RuleData) -> Reach:
        """How far listed owners reach by the rule, which may be about the listing of some of them alone."""
        meant = {
            owner
            for owner, entries in self.listed.items()
            if any(applies(data.lists, data.programmes, list_code=one.list_code, programme=one.programme) for one in entries)
        }
        return reach(self.party, self.holdings, meant, data.terms)


def above(party_id: str, today: dt.date) -> Above:
    """Of one party. The party itself is nobody's owner of its own."""
    together = linked()
    rows = tuple(owners.above([party_id], today))
    owning = with_entities({row.owner_id for row in rows if row.owner_id}, together) - with_entities([party_id], together)
    over = Above(party_id, rows, together)
    listed: dict[str, list[Listing]] = {}
    for pk, some in sorted(listings(owning).items()):
        held = listed.setdefault(over.id_of(pk), [])
        held += [one for one in some if one not in held]
    return replace(over, party=over.id_of(party_id), listed=listed)


def owned_facts(party: Party, role: str, today: dt.date, rules: Sequence[OwnershipRule] | None = None) -> OwnedFacts:
    """What the rules of flags are told of the owners of a party on the day."""
    in_force = list(ownership.in_force(today)) if rules is None else rules
    over = above(party.pk, today)
    reaches = [(rule, over.reach(ownership.data_of(rule))) for rule in in_force]
    shares = _shares(over)
    listed = tuple((name, shares[pk], entries[0].entry) for pk, name, entries in _named(over))
    shown = display(party)
    rested = [sorted([pk, shares[pk], *(f"{e.list_code} {e.entry}" for e in entries)]) for pk, entries in sorted(over.listed.items())]
    return OwnedFacts(
        party_id=party.pk,
        name=shown.native or shown.latin,
        role=role,
        date=today,
        known=over.known().value,
        is_open=any(one.is_open for _rule, one in reaches) if reaches else over.known() != Known.WHOLE,
        listed=listed,
        rules=tuple(_told(rule, one) for rule, one in reaches),
        # Not the day: what was decided of the same shares stays decided until a rule, a share or a listing is another.
        holding=sha256_hex(canonical([rested, sorted([r.number, percent(x.low), percent(x.high)] for r, x in reaches)]))[:24],
    )


def percent(share: Decimal) -> str:
    """A share as a flag keeps it: at most two places, without zeros at the end."""
    text = f"{share:.2f}".rstrip("0").rstrip(".")
    return text or "0"


def _shares(over: Above) -> dict[str, str]:
    """What each listed owner holds of the party, multiplied along its chains; empty where no share is on record."""
    found: dict[str, str] = {}
    for pk in over.listed:
        share = reach(over.party, over.holdings, {pk}, MULTIPLIED).low
        found[pk] = percent(share) if share else ""
    return found


def _named(over: Above) -> Iterable[tuple[str, str, list[Listing]]]:
    parties = {p.pk: p for p in Party.objects.filter(pk__in=list(over.listed)).prefetch_related("names")}
    return [(pk, display(parties[pk]).title, entries) for pk, entries in sorted(over.listed.items())]


def _told(rule: OwnershipRule, found: Reach) -> RuleReach:
    return RuleReach(
        number=rule.number,
        name=rule.name,
        authority=rule.authority,
        valid_from=rule.from_date,
        valid_until=rule.until,
        threshold=percent(rule.threshold),
        low=percent(found.low),
        high=percent(found.high),
        is_reached=found.is_reached,
        is_open=found.is_open,
    )


def owned_by_listed(today: dt.date) -> list[str]:
    """Ids of everybody who stands below somebody of whom a finding was confirmed, whether or not it is found still."""
    confirmed = Flag.objects.filter(rule="LIST", state=Flag.State.CONFIRMED)
    return owners.owned_by(set(confirmed.values_list("party_id", flat=True)), today)


@dataclass(frozen=True)
class DryRun:
    """Whom a rule reaches, and whom it might for what is not known, of so many parties with a listed owner that were looked at."""

    reached: list[tuple[Party, Reach]]
    open: list[tuple[Party, Reach]]
    looked_at: int
    is_whole: bool


def dry_run(data: RuleData, today: dt.date) -> DryRun:
    """By the owners of today, whatever the rule's own days. Writes nothing."""
    wanted = owned_by_listed(today)
    parties = list(Party.objects.filter(pk__in=wanted[:MOST]).exclude(kind=Party.Kind.OWNER).prefetch_related("names").order_by("pk"))
    found = [(party, above(party.pk, today).reach(data)) for party in parties]
    return DryRun(
        reached=[(party, one) for party, one in found if one.is_reached],
        open=[(party, one) for party, one in found if one.is_open],
        looked_at=len(parties),
        is_whole=len(wanted) <= MOST,
    )
