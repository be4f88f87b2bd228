"""Who may be one entity, and the only writes to what people answered. Nothing is merged: rows are linked, and a link can be taken back."""

from collections import defaultdict
from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass
from decimal import Decimal
from typing import Any

from django.db import transaction
from django.db.models import F, Q, QuerySet
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from certifications.ledger.actions import record
from certifications.ledger.canonical import canonical, sha256_hex
from certifications.ledger.moves import NotAllowed, StaleState
from certifications.matching import THRESHOLDS, compare
from certifications.people.models import FactorProof, Organisation, User
from certifications.people.permissions import Permission, may
from certifications.people.second import check_proof, lock_proposal, take_agreement, void_proposal

from .alike import keys_of as keys_of
from .alike import share_a_key
from .linked import linked, newest_answers
from .models import Customer, Identifier, Party
from .models_former import FormerKey
from .models_identities import IdentityAnswer, IdentityCandidate
from .models_owners import Ownership

Answer = IdentityAnswer.Answer
REASONS: dict[str, Any] = {
    "number": gettext_lazy("The same registration number, shown by a document"),
    "papers": gettext_lazy("Papers of the party itself"),
    "registry": gettext_lazy("A public registry"),
    "other_number": gettext_lazy("Different registration numbers, shown by a document"),
    "other_place": gettext_lazy("Another place or another kind of body"),
    "not_enough": gettext_lazy("Not enough is known"),
}
LEAST_EXPLAINED = 10  # characters
ASK = Decimal(str(min(floor for floor, _band in THRESHOLDS["register"])))


def pair(a: str, b: str) -> tuple[str, str]:
    """The two keys, the smaller first."""
    return (a, b) if a < b else (b, a)


def holders_of(party_ids: Iterable[str]) -> dict[str, frozenset[str]]:
    """By party the organisations that know it: who registered it, who stated it as an owner, or the one that it is."""
    ids = list(party_ids)
    found: defaultdict[str, set[str]] = defaultdict(set)
    for rows in (
        Customer.objects.filter(party__in=ids).values_list("party_id", "organisation_id"),
        Ownership.objects.filter(owner__in=ids, organisation__isnull=False).values_list("owner_id", "organisation_id"),
        Party.objects.filter(pk__in=ids, organisation__isnull=False).values_list("pk", "organisation_id"),
    ):
        for party, organisation in rows:
            found[party].add(organisation)
    return {pk: frozenset(found[pk]) for pk in ids}


def holder_names(party_ids: Iterable[str]) -> dict[str, list[str]]:
    """The same by name, sorted."""
    holders = holders_of(party_ids)
    names = dict(Organisation.objects.filter(pk__in={pk for some in holders.values() for pk in some}).values_list("pk", "name"))
    return {party: sorted(names[pk] for pk in some) for party, some in holders.items()}


def candidates_visible_to(user: User) -> QuerySet[IdentityCandidate]:
    """Compliance's alone: that another distributor knows the same party is nobody else's to learn."""
    return IdentityCandidate.objects.all() if may(user, Permission.SEE_PARTIES) else IdentityCandidate.objects.none()


def changed_since(answer: IdentityAnswer) -> list[dict[str, Any]]:
    """For each side whose key fields are others than when it was answered: its name, what is new and what is gone."""
    now = keys_of([answer.left_id, answer.right_id])
    rows = []
    for pk in (answer.left_id, answer.right_id):
        was, held = answer.keys.get(pk, {}), now[pk]
        before = {text for some in was.values() for text in some}
        after = {text for some in held.values() for text in some}
        if before != after:
            rows.append({"name": next(iter(held["names"]), pk), "new": sorted(after - before), "gone": sorted(before - after)})
    return rows


@dataclass(frozen=True)
class Alike:
    """Why two parties may be one: the same number, or two names with their likeness (0 to 1) and the rows that add up to it."""

    why: str
    score: Decimal
    left_text: str
    right_text: str
    rows: tuple[dict[str, Any], ...] = ()


def by_number(party_ids: Collection[str]) -> dict[tuple[str, str], Alike]:
    """Whoever has the same number of the same kind as one of the parties."""
    found: dict[tuple[str, str], Alike] = {}
    mine = _numbers(Q(party__in=party_ids))
    others: defaultdict[tuple[str, str], list[str]] = defaultdict(list)
    for scheme, value, party in _numbers(Q(text__in={value for _scheme, value, _party in mine})):
        others[scheme, value].append(party)
    for scheme, value, party in mine:
        for other in others[scheme, value]:
            if other != party:
                found[pair(party, other)] = Alike("number", Decimal(1), value, value)
    return found


def _numbers(which: Q) -> list[tuple[str, str, str]]:
    """(kind, number, party) of numbers now and before; `which` speaks of `party` and `text`."""
    now = Identifier.objects.annotate(text=F("value")).filter(which).values_list("scheme", "text", "party_id")
    return [*now, *FormerKey.objects.filter(which).exclude(kind__in=FormerKey.NAMES).values_list("kind", "text", "party_id")]


def by_names(
    left: Mapping[str, Sequence[str]], right: Mapping[str, Sequence[str]], pairs: Iterable[tuple[str, str]]
) -> dict[tuple[str, str], Alike]:
    """Of the pairs (one of `left`, one of `right`) those whose names the register's calibration asks about, by the best two names."""
    found: dict[tuple[str, str], Alike] = {}
    for a, b in pairs:
        best = max((compare(x, y, "register") for x in left.get(a, ()) for y in right.get(b, ())), key=lambda c: c.score, default=None)
        if best is None or Decimal(str(round(best.score, 4))) < ASK:
            continue
        texts = (best.left, best.right) if a < b else (best.right, best.left)
        rows = tuple({"kind": row.kind, "text": row.text, "points": round(row.points, 4)} for row in best.rows)
        found[pair(a, b)] = Alike("name", Decimal(str(round(best.score, 4))), *texts, rows)
    return found


def keep(found: Mapping[tuple[str, str], Alike]) -> int:
    """Write who may be one entity; what was found before is found again with today's words. Returns how many are new.

    Two rows of one distributor alone are its own business, unless one of them is an owner or both have one number or one name.
    """
    ids = {pk for one in found for pk in one}
    holders = holders_of(ids)
    owners = set(Party.objects.filter(pk__in=ids, kind=Party.Kind.OWNER).values_list("pk", flat=True))
    new = 0
    for (left, right), alike in sorted(found.items()):
        same_side = holders[left] == holders[right] and len(holders[left]) == 1
        # One number or one name twice: what was confirmed of one counts for the other until people part them.
        if same_side and not {left, right} & owners and alike.score < 1:
            continue
        values = {
            "why": alike.why,
            "score": alike.score,
            "left_text": alike.left_text[:300],
            "right_text": alike.right_text[:300],
            "explanation": list(alike.rows),
        }
        _row, made = IdentityCandidate.objects.update_or_create(left_id=left, right_id=right, defaults=values)
        new += made
    return new


def answer_digest(*, left: str, right: str, answer: str, reason: str, explanation: str, keys: Mapping[str, Any]) -> str:
    """What both people give their factor for: the pair as it is, and the words."""
    words = {"answer": answer, "reason": reason, "explanation": explanation.strip()}
    return sha256_hex(canonical({"identity": [left, right], "keys": keys, **words}))


def needs_second(left: str, right: str, answer: str) -> bool:
    """A link, and its end, change by which names a party is screened: two people. What changes nothing takes one.

    So does "not the same" of two that have one number or one name: what was confirmed of one counts for the other until then.
    """
    standing = newest_answers().get((left, right))
    parted = answer == Answer.DIFFERENT and share_a_key(left, right)
    return answer == Answer.SAME or parted or (standing is not None and standing.answer == Answer.SAME)


def check_answer(*, left: str, right: str, answer: str, reason: str, explanation: str) -> None:
    """Raise NotAllowed with the field as its code. Asked before a factor is spent, and again when it is."""
    if answer not in Answer.values:
        raise NotAllowed(_("Choose an answer."), "answer")
    if reason not in REASONS:
        raise NotAllowed(_("Choose a reason."), "reason")
    if len(explanation.strip()) < LEAST_EXPLAINED:
        raise NotAllowed(_("Say what shows it; whoever looks again reads it."), "explanation")
    if left == right or not left < right:
        raise NotAllowed(_("Choose two parties."), "answer")
    standing = newest_answers().get((left, right))
    # What one person said of two that have one number or name parts them no more: two may say it.
    lacking = standing is not None and standing.agreed_by_id is None and needs_second(left, right, answer)
    if standing is not None and standing.answer == answer and standing.keys == keys_of([left, right]) and not lacking:
        raise NotAllowed(_("This was answered so already, and nothing has changed since."), "answer")
    if IdentityAnswer.objects.filter(left=left, right=right, state=IdentityAnswer.State.PROPOSED).exists():
        raise StaleState(_("An answer is proposed already; agree to it or take it back first."))


@transaction.atomic
def answer_pair(*, left: str, right: str, answer: str, reason: str, explanation: str, by: User, proof: FactorProof) -> IdentityAnswer:
    """Answer a pair; where that takes two people it is proposed, and changes nothing yet."""
    # Two people at the same pair: the second finds the first one's answer.
    list(Party.objects.select_for_update().filter(pk__in=[left, right]).order_by("pk"))
    words = {"answer": answer, "reason": reason, "explanation": explanation}
    check_answer(left=left, right=right, **words)
    keys = keys_of([left, right])
    digest = answer_digest(left=left, right=right, keys=keys, **words)
    check_proof(proof=proof, by=by, digest=digest, changed=_("A party changed meanwhile. Read it again and confirm again."))
    second = needs_second(left, right, answer)
    made = IdentityAnswer.objects.create(
        left_id=left,
        right_id=right,
        answer=answer,
        reason=reason,
        explanation=explanation.strip(),
        needs_second=second,
        state=IdentityAnswer.State.PROPOSED if second else IdentityAnswer.State.EFFECTIVE,
        keys=keys,
        proposed_by=by,
        proposed_proof_id=proof.pk,
        digest=digest,
    )
    record(
        verb="identity.proposed" if second else "identity.answered", obj=made, by=by, data={"left": left, "right": right, "answer": answer}
    )
    return made


@transaction.atomic
def agree(*, row: IdentityAnswer, by: User, proof: FactorProof) -> set[str]:
    """Another person agrees. Returns every party whose names are others now: their revisions grow, so that they count as unscreened."""
    held = lock_proposal(row)
    before = linked()
    digest = answer_digest(
        left=held.left_id,
        right=held.right_id,
        answer=held.answer,
        reason=held.reason,
        explanation=held.explanation,
        keys=keys_of([held.left_id, held.right_id]),
    )
    changed = _("A party changed since the proposal. Take it back and answer anew.")
    take_agreement(row=held, by=by, proof=proof, right=Permission.RESOLVE_IDENTITIES, digest=digest, changed=changed)
    after = linked()
    touched = {pk for pk in {*before, *after} if before.get(pk) != after.get(pk)}
    if held.answer == Answer.DIFFERENT:
        touched |= {held.left_id, held.right_id}
    for party in Party.objects.select_for_update().filter(pk__in=touched).order_by("pk"):
        party.revision += 1
        party.save(update_fields=["revision"])
    record(
        verb="identity.agreed",
        obj=held,
        by=by,
        data={"left": held.left_id, "right": held.right_id, "answer": held.answer, "proof": proof.pk},
    )
    return touched


@transaction.atomic
def void(*, row: IdentityAnswer, by: User) -> None:
    """Take back one's own proposal, or refuse another's; the record stays."""
    void_proposal(row=row, by=by)
    record(verb="identity.voided", obj=row, by=by, data={"left": row.left_id, "right": row.right_id})
