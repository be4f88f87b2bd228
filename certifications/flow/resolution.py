"""Which parties the names in evidence and in committed files mean: found by workers, answered by people, and what rests on it worked out again.

Only what a person confirmed is resolved; what a machine sent binds nothing before that. Nothing of it reaches a distributor.
"""

import datetime as dt
from collections.abc import Callable, Iterable, Mapping, Sequence
from decimal import Decimal
from typing import Any, TypeVar

import structlog
from django.db import InterfaceError, OperationalError, transaction
from django.db.models import Exists, OuterRef, Q
from django.utils import timezone

from certifications.custody import queries as movements
from certifications.custody import sightings
from certifications.custody.models import Movement
from certifications.custody.models_sightings import Sighting
from certifications.evidence.models import EvidenceDocument, EvidenceLine
from certifications.ledger.ids import new_ulid
from certifications.matching.identifiers import compact
from certifications.parties.former import keys_now
from certifications.parties.models import Party
from certifications.parties.models_former import FormerKey
from certifications.parties.sellers import Rights, SellerAnswer, best_of, seller_of_party
from certifications.people.models import User
from certifications.people.permissions import Permission, check
from certifications.resolution import actions as names
from certifications.resolution import queries
from certifications.resolution.engine import Asked, folded
from certifications.resolution.models import NameAnswer, NameUse, ReportedName
from certifications.work.actions import enqueue
from certifications.work.reasons import reason_of

from . import received_scope

log = structlog.get_logger(__name__)
Row = TypeVar("Row")

LINE = NameUse.Kind.EVIDENCE_LINE.value
SELLER, BUYER = ReportedName.Role.SELLER.value, ReportedName.Role.BUYER.value
END_USER = ReportedName.Role.END_USER.value
EVERYTHING, OF_UPLOAD = "all", "upload:"
# How the version of a job begins that asks the rules again because names were resolved otherwise.
AGAIN = "name-"
# Where names stand, by what was asked.
Known = dict[Asked, queries.Resolved]
# So many names are looked at in one job, which asks for the next.
BATCH = 2_000


def number_of(identifier: str) -> str:
    """The number of an identifier as a package gives it, "GB-COH 01234567", without its scheme."""
    return identifier.rpartition(" ")[2]


def named_in(line: EvidenceLine) -> list[names.Named]:
    """The names that a line holds, each in its role."""
    held = [names.Named(line.pk, BUYER, line.buyer, line.buyer_uscc or number_of(line.buyer_identifier))]
    if line.seller_state == EvidenceLine.SellerState.NAMED:
        code = line.seller_uscc or number_of(line.seller_identifier)
        held.append(names.Named(line.pk, SELLER, line.seller, code, line.seller_address))
    return held


def resolve_lines(lines: Iterable[EvidenceLine]) -> None:
    """Note the names of confirmed lines and look what they mean; where one means somebody else now, the rules are asked of its other lines."""
    at_hand = list(lines)
    noted = names.note(LINE, [one for line in at_hand for one in named_in(line)])
    _look_at(noted, but=[line.pk for line in at_hand])


def resolve_confirmed(lines: Sequence[EvidenceLine]) -> None:
    """The same of lines that were just confirmed, looked at together: most of what a look costs is looking at all.

    Whose names were looked at since the confirmation is not looked at again; what changes after that, a job of its own follows.
    """
    held = queries.of_objects(LINE, [line.pk for line in lines], with_="reported")
    left = [line for line in lines if not _is_looked_at(line, held.get(line.pk, {}))]
    if left:
        resolve_lines(left)


def _is_looked_at(line: EvidenceLine, held: Mapping[str, ReportedName]) -> bool:
    named = {one.role for one in named_in(line)}
    return named <= held.keys() and all(row.looked_at is not None and row.looked_at > line.confirmed_at for row in held.values())


def of_lines(lines: Sequence[EvidenceLine], known: Known | None = None) -> list[dict[str, queries.Resolved]]:
    """For each by role where its names stand: as workers wrote it, or, of a line that nobody resolved yet, as it is now (`known`)."""
    rows = queries.of_objects(LINE, [line.pk for line in lines if not line._state.adding], with_="reported__candidates")
    held = queries.kept(
        {(pk, role): row for pk, named in rows.items() for role, row in named.items() if row.state != ReportedName.State.WAITING}
    )
    left = [one for line in lines for one in named_in(line) if (line.pk, one.role) not in held]
    told = known if known is not None else _stand(left)
    return [
        {one.role: held[line.pk, one.role] if (line.pk, one.role) in held else told[one.asked] for one in named_in(line)} for line in lines
    ]


def stand_now(lines: Iterable[EvidenceLine]) -> Known:
    """Where the names of lines that are not on record stand by the register of now, looked for together."""
    return _stand(one for line in lines for one in named_in(line))


def _stand(named: Iterable[names.Named]) -> Known:
    asked = list(dict.fromkeys(one.asked for one in named))
    return dict(zip(asked, queries.resolved(asked), strict=True)) if asked else {}


class Sellers:
    """Parties that names are bound to, and their rights: read once for all of them."""

    def __init__(self, party_ids: Iterable[str]) -> None:
        ids = set(party_ids)
        self.parties: dict[str, Party] = {party.pk: party for party in Party.objects.filter(pk__in=ids)}
        self.rights = Rights(ids)


def seller_answer(
    found: queries.Resolved,
    *,
    line: str,
    division: str,
    country: str = "CN",
    valid_on: dt.date,
    known_at: dt.datetime | None,
    sellers: Sellers | None = None,
) -> SellerAnswer:
    """The register's answer for whoever the name means: of several parties the best decides, and while a person is asked nobody does.

    `sellers`: where those of many names, this one's among them, are read.
    """
    nearest, state = found.nearest, found.standing.state
    best = nearest.party_text if nearest else ""
    score = Decimal(str(round(nearest.score, 2))) if nearest else None
    if state != ReportedName.State.BOUND:
        # Another number on both sides is another firm until a person says that one of them is wrong.
        open_to = any(row.is_asked and row.number != "other" and row.party_id not in found.refused for row in found.found)
        kind = "unanswered" if state == ReportedName.State.ASK and open_to else "never"
        return SellerAnswer(kind=kind, best_name=best, score=score)
    asked: dict[str, Any] = {"line": line, "country": country, "division": division, "valid_on": valid_on, "known_at": known_at}
    among = sellers or Sellers(found.standing.bound)
    parties = [among.parties[pk] for pk in sorted(found.standing.bound) if pk in among.parties]
    return best_of(seller_of_party(party=party, best_name=best, score=score, rights=among.rights, **asked) for party in parties)


def find_seller(
    *,
    name: str,
    uscc: str = "",
    line: str = "",
    division: str = "",
    country: str = "CN",
    valid_on: dt.date,
    known_at: dt.datetime | None = None,
) -> SellerAnswer:
    """Who on the register a seller's name means now, and whether it might sell there then."""
    [found] = queries.resolved([Asked(SELLER, name, compact(uscc))])
    return seller_answer(found, line=line, division=division, country=country, valid_on=valid_on, known_at=known_at)


# What workers do


def look_later(party: Party, because: str = "") -> None:
    """A worker looks again at the names that may mean this party, as it is now; `because` of what else than its own fields changed."""
    enqueue("names", party.pk, version=(because or f"rev-{party.revision}")[:60])


def look_at_upload(upload_id: str, *, once: str) -> None:
    """A worker notes the names in what an upload committed, and looks what they mean. Once for each commit."""
    enqueue("names", OF_UPLOAD + upload_id, version=once[:60])


def look_nightly() -> None:
    """Once a day every name is looked at, with an index that knows everybody."""
    enqueue("names", EVERYTHING, version=timezone.now().date().isoformat())


def look(key: str, once: str) -> int:
    """Worker: look at the names of one party's business or of one upload, or at all of them behind an id ("all", "all:<id>").

    Returns how many changed.
    """
    if key.startswith(OF_UPLOAD):
        return len(_look_at(_note_upload(key.removeprefix(OF_UPLOAD))))
    if not key.startswith(EVERYTHING):
        return len(_look_at(_business_of(key)))
    start = key.partition(":")[2]
    if not start:
        _note_forgotten()
    ids = list(ReportedName.objects.filter(pk__gt=start).order_by("pk").values_list("pk", flat=True)[:BATCH])
    changed: list[str] = []
    _one_by_one_where_not_together(ids, lambda some: changed.extend(_look_at(some)), "names")
    if len(ids) == BATCH:
        enqueue("names", f"{EVERYTHING}:{ids[-1]}", version=once)
    return len(changed)


def _note_forgotten() -> None:
    """Lines that were confirmed before names were resolved."""
    noted = NameUse.objects.filter(kind=LINE, object_id=OuterRef("pk"))
    confirmed = EvidenceLine.objects.filter(~Exists(noted), document__status__in=EvidenceDocument.COUNTING).order_by("pk")
    last = ""
    # By their order: what could not be noted is not asked for again tonight.
    while lines := list(confirmed.filter(pk__gt=last)[:BATCH]):
        _one_by_one_where_not_together(lines, lambda some: names.note(LINE, [one for line in some for one in named_in(line)]), "lines")
        last = lines[-1].pk


def _one_by_one_where_not_together(rows: Sequence[Row], do: Callable[[Sequence[Row]], object], what: str) -> None:
    """At night: one that cannot be looked at keeps no other from it. Raises what each of several says: then it is no fault of a name."""
    failed: list[Exception] = []
    _in_halves(rows, do, what, failed)
    if failed and len(failed) == len(rows) > 1:
        raise failed[0]


def _in_halves(rows: Sequence[Row], do: Callable[[Sequence[Row]], object], what: str, failed: list[Exception]) -> None:
    """What fails together is tried by halves, so that one among a thousand costs some twenty tries."""
    try:
        do(rows)
    except (InterfaceError, OperationalError):
        raise
    except Exception as error:  # noqa: BLE001 - whose fault it is, each of them says by itself
        log.warning("not looked at together", what=what, count=len(rows), reason=reason_of(error))
        if len(rows) == 1:
            failed.append(error)
            return
        half = len(rows) // 2
        _in_halves(rows[:half], do, what, failed)
        _in_halves(rows[half:], do, what, failed)


def _note_upload(upload_id: str) -> set[str]:
    """Note each name once where it stands first in the upload; ids of the names. The distributors in shipments have accounts: no question."""
    moved = movements.counting(Movement.objects.filter(upload=upload_id)).exclude(kind__in=Movement.SHIPMENTS)
    seen = sightings.counting(Sighting.objects.filter(upload=upload_id))
    noted = set()
    received = moved.filter(kind="receipt")
    for kind, rows, role, name, code in (
        (NameUse.Kind.MOVEMENT, moved.exclude(kind="receipt"), BUYER, "buyer_name", "buyer_uscc"),
        # Who sent goods to a distributor supplied them, as the seller in a notice did.
        (NameUse.Kind.MOVEMENT, received, SELLER, "buyer_name", "buyer_uscc"),
        (NameUse.Kind.MOVEMENT, moved, END_USER, "end_user_name", "end_user_uscc"),
        (NameUse.Kind.SIGHTING, seen, END_USER, "user_name", "user_uscc"),
    ):
        first = rows.exclude(**{name: ""}).order_by(name, code, "pk").distinct(name, code)
        noted |= names.note(
            kind.value,
            [names.Named(pk, role, text, number, address) for pk, text, number, address in first.values_list("pk", name, code, "address")],
        )
    return noted


def _business_of(party_id: str) -> set[str]:
    """Names that had the party among what they may mean, or that bear its very name or number, of now or before.

    What is only like it is found at night.
    """
    party = Party.objects.filter(pk=party_id).first()  # none where its registration was taken back meanwhile
    held = {*keys_now(party), *party.former.values_list("kind", "text")} if party is not None else set()
    plain = {folded(text) for kind, text in held if kind in FormerKey.NAMES}
    numbers = {compact(text) for kind, text in held if kind not in FormerKey.NAMES} - {""}
    bearing = ReportedName.objects.filter(Q(folded__in=plain) | Q(code__in=numbers))
    return queries.touching([party_id]) | set(bearing.values_list("pk", flat=True))


@transaction.atomic
def _look_at(reported_ids: Iterable[str], *, but: Sequence[str] = ()) -> set[str]:
    # Both or neither: a name that was written as it stands now is no change for whoever looks next, and nobody would ask again.
    changed = names.look_at(reported_ids)
    ask_rules_again(sorted(changed), but=but)
    return changed


def ask_rules_again(reported_ids: Sequence[str], *, but: Sequence[str] = ()) -> None:
    """Have the rules asked again of every line and receipt that holds one of these names, but of lines for which that is on its way."""
    again = new_ulid()
    held = NameUse.objects.filter(kind=LINE, reported__in=reported_ids).exclude(object_id__in=but)
    for line_id in held.values_list("object_id", flat=True).distinct():
        enqueue("match", line_id, version=f"{AGAIN}{again}")
    received_scope.look_at_names_later(reported_ids, once=f"{AGAIN}{again}")


# What people do


def answer(*, reported: ReportedName, by: User, **words: Any) -> NameAnswer:
    """Answer whether a name means a party. What rested on the old binding is worked out again; no party is merged, no name added."""
    check(by, Permission.RESOLVE_IDENTITIES)
    with transaction.atomic():
        made = names.answer_name(reported=reported, by=by, **words)
        _look_at([reported.pk])
    return made


def withdraw(*, answer: NameAnswer, by: User, reason: str) -> None:
    """Take an answer back: what was bound by it is a question again."""
    check(by, Permission.RESOLVE_IDENTITIES)
    with transaction.atomic():
        names.withdraw_answer(answer=answer, by=by, reason=reason)
        _look_at([answer.reported_id])
