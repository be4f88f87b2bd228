"""The only writes to nominations: proposed by a distributor, accepted hop by hop, decided by compliance."""

import datetime as dt
from collections import defaultdict
from collections.abc import Iterable
from dataclasses import dataclass

from django.db import IntegrityError, transaction
from django.db.models import Count, Exists, OuterRef, Q, QuerySet
from django.utils import timezone
from django.utils.translation import gettext as _

from certifications.files.models import Blob
from certifications.ledger.actions import record
from certifications.ledger.canonical import canonical, sha256_hex
from certifications.ledger.days import newest_day
from certifications.ledger.ids import new_number
from certifications.ledger.moves import NotAllowed, StaleState, move
from certifications.people.models import FactorProof, User
from certifications.people.second import check_proof

from . import authorising
from .models import Party, PartyName
from .models_register import Authorisation
from .models_resellers import Acceptance, Nomination
from .register import Entry, as_of, today
from .rules_register import TermsData, beyond


@dataclass(frozen=True)
class Hop:
    """One holder that accepts the terms, in its place; `acceptance` once it did."""

    number: int
    party: Party
    acceptance: Acceptance | None
    is_next: bool


def terms_of(nomination: Nomination) -> TermsData:
    """What is asked for."""
    return TermsData(
        tuple(nomination.lines),
        tuple(nomination.countries),
        tuple(nomination.divisions),
        nomination.valid_from,
        nomination.valid_until,
        nomination.conditions,
    )


def hops(nomination: Nomination) -> list[Hop]:
    """Everybody who accepts: the holders of the rights above from the top down, then the reseller."""
    ids = [row["party"] for row in nomination.inherited] + [nomination.party_id]
    parties = Party.objects.select_related("organisation").prefetch_related("names").in_bulk(ids)
    given = {one.hop: one for one in nomination.acceptances.select_related("accepted_by", "paper")}
    return [Hop(n, parties[pk], given.get(n), n == len(given)) for n, pk in enumerate(ids)]


def open_with(party_id: str) -> QuerySet[Nomination]:
    """Nominations that collect acceptances and ask this party for one, now or later or before; `given`: how many there are."""
    found = Nomination.objects.filter(status=Nomination.Status.OPEN).annotate(given=Count("acceptances"))
    return found.filter(Q(party=party_id) | Q(inherited__contains=[{"party": party_id}])).order_by("nominated_at")


def search(nominations: QuerySet[Nomination], text: str) -> QuerySet[Nomination]:
    """By number, by a name of the reseller, or by the distributor that nominated it."""
    text = text.strip()
    if not text:
        return nominations
    named = PartyName.objects.filter(party=OuterRef("party"), text__icontains=text)
    return nominations.filter(Q(number__iexact=text) | Exists(named) | Q(organisation__name__icontains=text))


def waits_for(nomination: Nomination, party_id: str) -> bool:
    """Whether the next acceptance of a nomination of `open_with` is this party's."""
    ids = [row["party"] for row in nomination.inherited] + [nomination.party_id]
    given: int = nomination.given  # type: ignore[attr-defined]
    return ids[given : given + 1] == [party_id]


def _inherited(entry: Entry) -> list[dict[str, str]]:
    """The rights above, the top one first, each with the terms that count now."""
    rows = [*reversed(entry.above), entry.terms]
    return [
        {
            "authorisation": row.authorisation_id,
            "number": row.authorisation.number,
            "party": row.authorisation.party_id,
            "terms": row.pk,
            "conditions": row.conditions,
        }
        for row in rows
    ]


def that_hold(entries: Iterable[Entry]) -> list[Entry]:
    """Rights of today's register below which somebody may be put: in force, or to come and in force on their first day, by number."""
    found, later = [], defaultdict(list)
    for entry in entries:
        if entry.standing == "authorised":
            found.append(entry)
        elif entry.standing == "not_yet":
            later[entry.terms.valid_from].append(entry.terms)
    for day, rows in later.items():
        found += [entry for entry in as_of(day).judged(rows) if entry.standing == "authorised"]
    return sorted(found, key=lambda entry: entry.authorisation.number)


def above(parent: Authorisation) -> Entry:
    """The right that a reseller would be below. Raises NotAllowed where it neither is in force nor begins later.

    Nothing below it begins earlier than it does: authorising.check sees to that.
    """
    held = today().one(parent)
    entry = next(iter(that_hold([held] if held else [])), None)
    if entry is None:
        raise NotAllowed(_("The right above is not in force today; nobody can be put below it."), "parent")
    return entry


@transaction.atomic
def nominate(*, parent: Authorisation, party: Party, by: User, data: TermsData, form_key: str) -> Nomination:
    """Propose a reseller below a right. The same form twice is one nomination. Raises Incomplete, NotAllowed."""
    if by.organisation is None:
        raise NotAllowed(_("You act for no distributor."), "no_organisation")
    earlier = Nomination.objects.filter(form_key=form_key, organisation=by.organisation).first()
    if earlier is not None:
        return earlier
    inherited = _inherited(above(parent))
    authorising.check(party=party, parent=parent, data=data)
    try:
        with transaction.atomic():
            made = Nomination.objects.create(
                number=new_number("NOM", timezone.now().year),
                organisation=by.organisation,
                parent=parent,
                party=party,
                lines=sorted(set(data.lines)),
                countries=sorted(set(data.countries)),
                divisions=sorted(set(data.divisions)),
                valid_from=data.valid_from,
                valid_until=data.valid_until,
                conditions=data.conditions.strip(),
                inherited=inherited,
                digest=sha256_hex(canonical({"terms": authorising.digest_of(data=data, about=party.pk), "inherited": inherited})),
                nominated_by=by,
                form_key=form_key,
            )
    except IntegrityError:
        # The form was sent twice in the same instant; the other one was first.
        return Nomination.objects.get(form_key=form_key, organisation=by.organisation)
    record(verb="nomination.made", obj=made, by=by, data={"parent": parent.pk, "party": party.pk, "digest": made.digest})
    return made


def _next(nomination: Nomination) -> Hop:
    """The hop whose turn it is. Raises StaleState when nobody's is."""
    held = Nomination.objects.get(pk=nomination.pk)
    waiting = next((hop for hop in hops(held) if hop.is_next), None)
    if held.status != Nomination.Status.OPEN or waiting is None:
        raise StaleState(_("The nomination does not wait for an acceptance any more; load it again."))
    return waiting


def next_hop(nomination: Nomination, by: User) -> Hop:
    """The hop at which this person may accept by factor now. Raises NotAllowed."""
    hop = _next(nomination)
    if hop.party.organisation is None or by.organisation != hop.party.organisation:
        raise NotAllowed(_("It is not your organisation's turn to accept these terms."), "hop")
    return hop


@transaction.atomic
def accept(*, nomination: Nomination, by: User, proof: FactorProof) -> Acceptance:
    """The hop's own signatory accepts the inherited terms. Raises NotAllowed."""
    Nomination.objects.select_for_update().get(pk=nomination.pk)
    hop = next_hop(nomination, by)
    check_proof(proof=proof, by=by, digest=nomination.digest, changed=_("The second factor was given for other terms. Read them again."))
    return _accepted(nomination, hop, by, proof_id=proof.pk)


@transaction.atomic
def accept_by_paper(*, nomination: Nomination, by: User, blob: Blob, signed_name: str, signed_on: dt.date) -> Acceptance:
    """The nominating distributor files the acceptance that a hop without accounts signed on paper. Raises NotAllowed."""
    Nomination.objects.select_for_update().get(pk=nomination.pk)
    hop = _next(nomination)
    if hop.party.organisation is not None:
        raise NotAllowed(_("This holder has accounts here and accepts for itself."), "hop")
    if by.organisation != nomination.organisation:
        raise NotAllowed(_("The distributor that made the nomination files this paper."), "hop")
    if signed_on > newest_day():
        raise NotAllowed(_("A paper cannot have been signed after today."), "signed_on")
    return _accepted(nomination, hop, by, paper=blob, signed_name=signed_name.strip(), signed_on=signed_on)


def _accepted(nomination: Nomination, hop: Hop, by: User, **how: object) -> Acceptance:
    try:
        with transaction.atomic():
            made = Acceptance.objects.create(
                nomination=nomination, hop=hop.number, party=hop.party, accepted_by=by, digest=nomination.digest, **how
            )
    except IntegrityError as error:
        raise StaleState(_("Somebody accepted at the same moment; load it again.")) from error
    record(
        verb="nomination.hop_accepted",
        obj=nomination,
        by=by,
        data={"hop": hop.number, "party": hop.party.pk, "proof": made.proof_id, "paper": made.paper_id or ""},
    )
    if hop.number == len(nomination.inherited):
        move(obj=nomination, to=Nomination.Status.ACCEPTED, by=by)
    return made


def check_unchanged(nomination: Nomination) -> None:
    """Raise NotAllowed when the rights above say something else now than what was accepted."""
    if _inherited(above(nomination.parent)) != nomination.inherited:
        raise NotAllowed(_("The terms above changed since they were accepted; the reseller must be nominated anew."), "inherited")


def _followed(party: Party, parent: Authorisation, data: TermsData) -> Authorisation | None:
    """The right of the same reseller from the same holder that these terms go on with: every line of it, and every place."""
    earlier = [
        entry
        for entry in today().of([party.pk])
        if entry.standing != "revoked"
        and entry.above
        and entry.above[0].authorisation.party_id == parent.party_id
        and entry.terms.valid_until <= data.valid_from
        and set(entry.terms.lines) <= set(data.lines)
        and not beyond(entry.terms, data)
    ]
    return max(earlier, key=lambda entry: entry.terms.valid_until).authorisation if earlier else None


@transaction.atomic
def approve(*, nomination: Nomination, by: User, proof: FactorProof) -> Authorisation:
    """Compliance approves: the reseller's right is recorded below the one above. Raises Incomplete, NotAllowed."""
    held = Nomination.objects.select_for_update(of=("self",)).select_related("parent", "party").get(pk=nomination.pk)
    if held.status != Nomination.Status.ACCEPTED:
        raise StaleState(_("The nomination is not ready to be approved any more; load it again."))
    check_proof(proof=proof, by=by, digest=held.digest, changed=_("The second factor was given for other terms. Read them again."))
    check_unchanged(held)
    data = terms_of(held)
    renews = _followed(held.party, held.parent, data)
    made = authorising.record_authorisation(party=held.party, by=by, data=data, parent=held.parent, renews=renews, proof=proof)
    move(
        obj=held,
        to=Nomination.Status.APPROVED,
        by=by,
        data={"authorisation": made.pk, "proof": proof.pk},
        also={"authorisation": made, "decided_by": by, "decided_at": timezone.now()},
    )
    return made


def _closed(nomination: Nomination, to: str, by: User, reason: str) -> None:
    if len(reason.strip()) < 10:  # noqa: PLR2004
        raise NotAllowed(_("Say in a sentence why; the other side reads it."), "reason")
    move(obj=nomination, to=to, by=by, also={"decided_by": by, "decided_at": timezone.now(), "decided_reason": reason.strip()})


def refuse(*, nomination: Nomination, by: User, reason: str) -> None:
    """Compliance refuses, with a sentence for the distributor."""
    _closed(nomination, Nomination.Status.REFUSED, by, reason)


def withdraw(*, nomination: Nomination, by: User, reason: str) -> None:
    """The distributor takes its nomination back."""
    if by.organisation != nomination.organisation:
        raise NotAllowed(_("The distributor that made the nomination withdraws it."), "organisation")
    _closed(nomination, Nomination.Status.WITHDRAWN, by, reason)
