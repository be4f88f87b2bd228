"""Who may be one entity, found by workers among what different distributors registered; answered by people; followed by screening.

Nothing of it reaches a distributor: no page, message, count or delay of its differs.
"""

from collections.abc import Iterable, Sequence
from typing import Any

from django.db import transaction
from django.utils import timezone

from certifications.declarations.models import Declaration
from certifications.declarations.queries import taking_part
from certifications.ledger.days import civil_today
from certifications.mail.actions import tell_all
from certifications.matching import match_many
from certifications.parties import aliases, identities
from certifications.parties.alike import alike, screened_after
from certifications.parties.card import bump
from certifications.parties.models import Party, PartyName
from certifications.parties.models_identities import IdentityAnswer
from certifications.parties.owners import owned_by
from certifications.people.factors import prove
from certifications.people.models import User
from certifications.people.permissions import Permission, check
from certifications.people.queries import check_second, users_with
from certifications.screening.delta import index_parties
from certifications.work.actions import enqueue

from . import ownership_acts, resolution
from .advance import WAITING, send_round_again

EVERYBODY, AFTER = "all", "after:"
# So many parties are looked at in one job, which asks for the next.
BATCH = 500
# What the index proposes is compared again by the register's own measure: it is asked for a little more than that keeps.
LEAST, MOST_ALIKE = 0.5, 15


def look_later(party: Party) -> None:
    """A worker looks for who may be the same as this party, as it is now."""
    enqueue("identities", party.pk, version=f"rev-{party.revision}")


def screen_after_later(party: Party, because: str = "") -> None:
    """A worker has whoever else is screened by the names of this party screened again: they are others now, or count for others."""
    enqueue("identities", f"{AFTER}{party.pk}", version=because or f"rev-{party.revision}")


def look_nightly() -> None:
    """Once a day everybody is looked at, with an index that knows everybody: two who were registered on one day have not met yet."""
    enqueue("identities", EVERYBODY, version=timezone.now().date().isoformat())


def look(key: str, once: str) -> int:
    """Worker: look at one party, or at everybody behind an id ("all", "all:<id>") in batches. Returns how many pairs are new.

    For "after:<id>" nobody is looked for: who is screened by the names of that party is screened again.
    """
    if key.startswith(AFTER):
        screen_after([key.removeprefix(AFTER)])
        return 0
    if not key.startswith(EVERYBODY):
        return look_at([key])
    start = key.partition(":")[2]
    ids = list(Party.objects.filter(pk__gt=start).order_by("pk").values_list("pk", flat=True)[:BATCH])
    new = look_at(ids)
    if len(ids) == BATCH:
        enqueue("identities", f"{EVERYBODY}:{ids[-1]}", version=once)
    return new


def screen_after(party_ids: Sequence[str]) -> None:
    """Whoever else is screened by the names and numbers of these counts as unscreened until it was, by what they are now.

    A worker's: no request of one distributor waits for, or shows, what another registered.
    """
    with transaction.atomic():
        for other in sorted(screened_after(party_ids)):
            enqueue("rescreen", other, version=f"rev-{bump(other).revision}")


def look_at(party_ids: Sequence[str]) -> int:
    """Find and keep who may be one entity with the parties: by number, by an equal name, and by the matcher. Returns how many are new."""
    names = aliases.own_names(party_ids)
    pairs = set(_equal(names)) | set(_alike(names)) | {(mine, other) for mine, some in alike(party_ids).items() for other in some}
    others = aliases.own_names({other for _mine, other in pairs})
    found = identities.by_names(names, others, pairs) | identities.by_number(party_ids)
    with transaction.atomic():
        return identities.keep(found)


def _equal(names: dict[str, list[str]]) -> Iterable[tuple[str, str]]:
    texts = {text for some in names.values() for text in some}
    rows: dict[str, list[str]] = {}
    for text, party in PartyName.objects.filter(text__in=texts).values_list("text", "party_id"):
        rows.setdefault(text, []).append(party)
    return ((mine, other) for mine, some in names.items() for text in some for other in rows.get(text, ()) if other != mine)


def _alike(names: dict[str, list[str]]) -> Iterable[tuple[str, str]]:
    asked = [(party, text) for party, some in names.items() for text in some]
    answers = match_many([text for _party, text in asked], index_parties().names, top=MOST_ALIKE, least=LEAST)
    known = set(Party.objects.values_list("pk", flat=True))
    for (party, _text), candidates in zip(asked, answers, strict=True):
        for candidate in candidates:
            # The index is of this morning: who was taken back since is in it still.
            if candidate.id != party and candidate.id in known:
                yield party, candidate.id


def answer(
    *,
    left: str,
    right: str,
    answer: str,
    reason: str,
    explanation: str,
    by: User,
    code: str = "",
    assertion: str = "",
    session: Any = None,
) -> IdentityAnswer:
    """Answer whether two parties are one entity; the factor is bound to the pair as it is and to these words."""
    check(by, Permission.RESOLVE_IDENTITIES)
    words = {"left": left, "right": right, "answer": answer, "reason": reason, "explanation": explanation}
    identities.check_answer(**words)
    digest = identities.answer_digest(keys=identities.keys_of([left, right]), **words)
    proof = prove(by, digest=digest, purpose="identity", code=code, assertion=assertion, session=session)
    with transaction.atomic():
        made = identities.answer_pair(by=by, proof=proof, **words)
        if made.needs_second:
            tell_all(users_with(Permission.RESOLVE_IDENTITIES), template="second_person_for_identity", context={}, but=by)
        else:
            # What parted two parties does no more: the later one is screened by the names of the earlier.
            for party in Party.objects.filter(pk__in=[left, right]).order_by("pk"):
                screen_after_later(party, because=f"answer-{made.pk}")
    return made


def agree(*, row: IdentityAnswer, by: User, code: str = "", assertion: str = "", session: Any = None) -> set[str]:
    """Another person agrees. Whoever is screened by other names from now on is screened at once, and what waits on it goes round again."""
    check(by, Permission.RESOLVE_IDENTITIES)
    check_second(proposer=row.proposed_by, by=by, right=Permission.RESOLVE_IDENTITIES)
    proof = prove(by, digest=row.digest, purpose="identity", code=code, assertion=assertion, session=session)
    with transaction.atomic():
        touched = identities.agree(row=row, by=by, proof=proof)
        for party in Party.objects.filter(pk__in=touched).order_by("pk"):
            enqueue("rescreen", party.pk, version=f"rev-{party.revision}")
            screen_after_later(party)
            resolution.look_later(party)
        # Whoever is linked to an owner, or to somebody with owners, is weighed with them from now on.
        concerned = {*touched, *owned_by(touched, civil_today())}
        ownership_acts.follow(concerned)
        for declaration in Declaration.objects.filter(taking_part(concerned), status__in=WAITING).distinct():
            send_round_again(declaration, f"identity-{row.pk}")
    return touched


def void(*, row: IdentityAnswer, by: User) -> None:
    """Take a proposed answer back, or refuse it."""
    check(by, Permission.RESOLVE_IDENTITIES)
    identities.void(row=row, by=by)
