"""Owners of parties: the only writes to them, and who stands above and below whom on a day."""

import datetime as dt
from collections import defaultdict
from collections.abc import Callable, Collection, Iterable, Mapping

from django.db import transaction
from django.db.models import Q, QuerySet
from django.utils import timezone
from django.utils.formats import date_format, number_format
from django.utils.translation import gettext as _

from certifications.ledger.actions import record
from certifications.ledger.days import newest_day
from certifications.ledger.moves import NotAllowed, StaleState
from certifications.people.models import Organisation, User
from certifications.people.permissions import Permission, may
from certifications.people.queries import check_second

from .actions import Incomplete, write_names
from .linked import linked, with_entities
from .models import Customer, Party
from .models_owners import Ownership
from .rules import Problem, clean_name, compact, warned_codes
from .rules_owners import Holding, OwnerData, check_owner, too_much

LEAST_REASON = 5  # characters


def counting() -> QuerySet[Ownership]:
    """Statements that nobody ended, and those that count on until compliance lets them go."""
    return Ownership.objects.filter(Q(ended_at__isnull=True) | Q(held=True))


def holding_on(day: dt.date) -> QuerySet[Ownership]:
    """Those of them that hold on the day."""
    return counting().filter(Q(valid_until__isnull=True) | Q(valid_until__gt=day), valid_from__lte=day)


def as_holding(row: Ownership) -> Holding:
    """The statement as the rules take it."""
    return Holding(
        party=row.party_id,
        owner=row.owner_id or "",
        share=row.share,
        is_direct=row.is_direct,
        has_end=row.kind in {Ownership.Kind.PERSON, Ownership.Kind.PUBLIC},
        valid_from=row.valid_from,
        valid_until=row.valid_until,
        source=row.organisation_id or "",
    )


def above(party_ids: Iterable[str], day: dt.date) -> list[Ownership]:
    """Every statement on the parties' owners, on their owners, and so on up, that holds on the day. One query for each step up.

    Whoever is one entity with a party on the way counts as that party: a row of another distributor has its own owners.
    """
    return _walk("party_id", "owner_id", party_ids, day, linked())


def owners_of(party_ids: Iterable[str], day: dt.date, together: Mapping[str, Collection[str]] | None = None) -> list[str]:
    """Ids of all who stand above the parties on the day, and of whoever is one entity with them; without the parties themselves.

    `together`: links that were read before (`linked`), for who asks often.
    """
    asked, together = set(party_ids), linked() if together is None else together
    found = {row.owner_id for row in _walk("party_id", "owner_id", asked, day, together) if row.owner_id}
    return sorted(with_entities(found, together) - with_entities(asked, together))


def owned_by(party_ids: Iterable[str], day: dt.date) -> list[str]:
    """Ids of all whom the parties own, directly or through others, and of whoever is one entity with them; without themselves."""
    asked, together = set(party_ids), linked()
    found = {row.party_id for row in _walk("owner_id", "party_id", asked, day, together)}
    return sorted(with_entities(found, together) - with_entities(asked, together))


def _walk(start: str, end: str, party_ids: Iterable[str], day: dt.date, together: Mapping[str, Collection[str]]) -> list[Ownership]:
    found: dict[str, Ownership] = {}
    seen: set[str] = set()
    wanted = with_entities(party_ids, together)
    while wanted:
        seen |= wanted
        rows = holding_on(day).filter(**{f"{start}__in": wanted}).order_by("valid_from", "pk")
        found |= {row.pk: row for row in rows}
        wanted = with_entities({getattr(row, end) for row in found.values()} - {None}, together) - seen
    return list(found.values())


def over_each(party_ids: Collection[str], day: dt.date) -> dict[str, set[str]]:
    """By party all who stand above it on the day, and whoever is one entity with them, without itself; read at once for all."""
    together = linked()
    rows = by_party(_walk("party_id", "owner_id", party_ids, day, together))
    over: dict[str, set[str]] = {}
    for pk in party_ids:
        itself = set(together.get(pk, (pk,)))
        found, wanted = set(itself), list(itself)
        while wanted:
            owners = {row.owner_id for row in rows.get(wanted.pop(), ()) if row.owner_id}
            more = with_entities(owners, together) - found
            found |= more
            wanted += more
        over[pk] = found - itself
    return over


def shown_clear(parties: Iterable[Party], day: dt.date, clear: Callable[[Iterable[Party]], Mapping[str, bool]]) -> set[str]:
    """Ids of the parties that are `clear` themselves and whose every owner is; three queries more than the parties alone."""
    asked = list(parties)
    known = {party.pk for party in asked}
    over = {pk: {pk} | some for pk, some in over_each(sorted(known), day).items()}
    others = Party.objects.filter(pk__in={pk for some in over.values() for pk in some} - known)
    states = clear([*asked, *others])
    return {pk for pk, some in over.items() if all(states.get(one, False) for one in some)}


def by_party(rows: Iterable[Ownership]) -> dict[str, list[Ownership]]:
    """The statements on each party, in their order."""
    held: defaultdict[str, list[Ownership]] = defaultdict(list)
    for row in rows:
        held[row.party_id].append(row)
    return dict(held)


def stated_by(organisation: Organisation | None, party_ids: Collection[str]) -> QuerySet[Ownership]:
    """What one distributor stated, and nobody else; of compliance for None. Ended statements too, the newest first."""
    rows = Ownership.objects.filter(organisation=organisation, party__in=party_ids)
    return rows.select_related("owner", "recorded_by", "ended_by").prefetch_related("owner__names", "owner__identifiers").order_by("-pk")


def tree_of(customer: Customer) -> list[Ownership]:
    """What the customer's distributor stated about it, its owners and theirs: never what anybody else did."""
    seen: set[str] = set()
    found: list[Ownership] = []
    wanted = {customer.party_id}
    while wanted:
        seen |= wanted
        rows = list(stated_by(customer.organisation, wanted))
        found += rows
        wanted = {str(row.owner_id) for row in rows if row.owner_id} - seen
    return found


@transaction.atomic
def record_owner(
    *, party: Party, by: User, data: OwnerData, form_key: str, organisation: Organisation | None = None, owner: Party | None = None
) -> Ownership:
    """State an owner of the party, or that its owners are not known. The same form twice is one statement.

    `organisation`: the distributor that states it, None for compliance; `owner`: a party on record, else one is made of the names.
    Raises Incomplete with every problem, the sum of shares among them.
    """
    earlier = _earlier(form_key, by)
    if earlier is not None:
        return earlier
    # Two statements on one party at the same moment: the second is added up with the first, or is the same form.
    locked = Party.objects.select_for_update().get(pk=party.pk)
    earlier = _earlier(form_key, by)
    if earlier is not None:
        return earlier
    problems = [problem for problem in check_owner(data, newest_day()) if owner is None or problem.field not in NAMED]
    if owner is not None and owner.pk == party.pk:
        problems.append(Problem("owner", _("A party does not own itself; choose another.")))
    if not problems:
        problems = _sum_problems(locked, data, organisation)
    if problems:
        raise Incomplete(problems)
    if owner is None and not data.is_unknown:
        owner = _owner(data)
    made = Ownership.objects.create(
        party=locked,
        owner=owner,
        organisation=organisation,
        kind=data.kind,
        share=data.share,
        is_direct=data.is_direct,
        through=clean_name(data.through),
        source=data.source,
        source_text=data.source_text.strip(),
        source_link=data.source_link,
        as_of=data.as_of,
        valid_from=data.valid_from,
        valid_until=data.valid_until,
        recorded_by=by,
        form_key=form_key,
    )
    record(verb="party.owner_stated", obj=locked, by=by, data={"ownership": made.pk, "owner": owner.pk if owner else ""})
    return made


def _earlier(form_key: str, by: User) -> Ownership | None:
    return Ownership.objects.filter(form_key=form_key, recorded_by=by).first()


# Fields that say who the owner is; a party on record says it itself.
NAMED = frozenset({"native_name", "latin_name", "country", "uscc", "lei", "other_number"})


def _owner(data: OwnerData) -> Party:
    owner = Party.objects.create(kind=Party.Kind.OWNER, country=data.country)
    write_names(owner, data.native_name, data.latin_name)
    warned = warned_codes(uscc=data.uscc)
    for scheme, value in (("uscc", data.uscc), ("lei", data.lei), ("other", data.other_number)):
        if value:
            owner.identifiers.create(scheme=scheme, value=compact(value), warning="checksum" if scheme in warned else "")
    return owner


def _sum_problems(party: Party, data: OwnerData, organisation: Organisation | None) -> list[Problem]:
    """Whoever states shares states at most the whole; that two of them contradict each other is shown, not refused.

    What was ended is not added up, whether or not it counts on: a distributor would read from the sum that it does.
    """
    held = [as_holding(row) for row in Ownership.objects.filter(party=party, organisation=organisation, ended_at__isnull=True)]
    new = Holding(party.pk, "new", data.share, data.is_direct, valid_from=data.valid_from, valid_until=data.valid_until)
    over = too_much(held, new)
    if over is None:
        return []
    day, total = over
    words = {"d": date_format(day, "DATE_FORMAT"), "n": number_format(total.normalize())}
    return [
        Problem("share", _("With this the direct shares come to %(n)s percent on %(d)s; correct this share, or end another first.") % words)
    ]


@transaction.atomic
def end_owner(*, ownership: Ownership, by: User, reason: str, held: bool, let_go: bool = False) -> Ownership:
    """The statement no longer stands. `held`: it counts on until two people in compliance let it go; `let_go`: `by` is the first of them."""
    if len(reason.strip()) < LEAST_REASON:
        raise NotAllowed(_("Say in a few words why this no longer stands."), "reason")
    row = Ownership.objects.select_for_update(of=("self",)).select_related("party").get(pk=ownership.pk)
    if row.ended_at is not None:
        raise StaleState(_("This was ended already; load the page again."))
    row.ended_at, row.ended_by, row.ended_reason, row.held = timezone.now(), by, reason.strip()[:300], held
    row.let_go_by = by if held and let_go else None
    row.save(update_fields=["ended_at", "ended_by", "ended_reason", "held", "let_go_by"])
    record(verb="party.owner_ended", obj=row.party, by=by, data={"ownership": row.pk, "held": held})
    return row


@transaction.atomic
def let_go(*, ownership: Ownership, by: User, reason: str) -> Ownership:
    """A person in compliance looked: what was ended no longer counts, once another one looked too.

    Raises NotAllowed: `reason`, `same_person`, `not_independent`.
    """
    if len(reason.strip()) < LEAST_REASON:
        raise NotAllowed(_("Say in a few words why this no longer stands."), "reason")
    row = Ownership.objects.select_for_update(of=("self",)).select_related("party").get(pk=ownership.pk)
    if not row.held:
        raise StaleState(_("Somebody else looked at this already; load the page again."))
    # The word of somebody who may not say so any more is no first word: the next one begins anew.
    first = row.let_go_by if row.let_go_by is not None and may(row.let_go_by, Permission.EDIT_OWNERS) else None
    if first is None:
        row.let_go_by = by
    else:
        check_second(proposer=first, by=by, right=Permission.EDIT_OWNERS)
        row.held, row.let_go_agreed_by = False, by
    row.save(update_fields=["held", "let_go_by", "let_go_agreed_by"])
    verb = "party.owner_let_go_proposed" if first is None else "party.owner_let_go"
    record(verb=verb, obj=row.party, by=by, data={"ownership": row.pk, "reason": reason.strip()[:300]})
    return row
