"""Finds which parties a reported name may mean: by number straight from the register, by name through the indexes. Reads only.

A seller is looked for among those that ever held an authorisation, whose index is rebuilt as soon as one of them changes; a buyer or
an end user among all parties, whose index is of this morning, and beside it among those that were registered or changed since.
"""

import json
import threading
from collections import OrderedDict, defaultdict
from collections.abc import Collection, Iterable, Sequence
from dataclasses import dataclass
from functools import lru_cache
from itertools import count

from django.db.models import Count, Max, Sum

from certifications.ledger.canonical import canonical, sha256_hex
from certifications.matching import Entry, Index, build_index, compare, match_many, normalise
from certifications.matching.identifiers import compact
from certifications.parties.aliases import compared_names, screened_codes
from certifications.parties.linked import linked
from certifications.parties.models import Identifier, Party
from certifications.parties.models_former import FormerKey
from certifications.parties.sellers import registered_sellers
from certifications.screening.delta import REVISIONS, index_parties
from certifications.screening.queries import engine
from certifications.screening.stored import Content, Stored, stored

from .rules import Found

SELLER = "seller"
# What the index proposes is measured again by the register's calibration, so it is asked for a little more than that keeps.
LEAST, PROPOSED, KEPT = 0.5, 12, 8
_FRESH_HELD = 2
_INDEXES_HELD, _NAMES_HELD = 3, 20_000
# Characters; the longest are the columns of ReportedName.
CREDIT_CODE, LONGEST_CODE, LONGEST_NAME = 18, 40, 400


@dataclass(frozen=True)
class Asked:
    """A name in a role, with its number where one is known."""

    role: str
    name: str
    code: str = ""

    @property
    def key(self) -> tuple[str, str, str]:
        """What makes two of them the same question."""
        return self.role, within(folded(self.name), LONGEST_NAME), within(compact(self.code), LONGEST_CODE)


def within(text: str, longest: int) -> str:
    """The text, and of one too long for its column the beginning and a digest of the whole: two that begin alike stay two.

    What was shortened stays as it is when it is asked again. No number of the register is so long, so that none is taken for another.
    """
    return text if len(text) <= longest else f"{text[: longest - 17]}~{sha256_hex(text.encode())[:16].upper()}"


@lru_cache(maxsize=50_000)
def folded(name: str) -> str:
    """The form in which two writings of one name are equal: the matcher's, without its blanks."""
    return normalise(name).replace(" ", "")


def look(asked: Sequence[Asked]) -> list[list[Found]]:
    """For each what it may mean, the likeliest first, at most KEPT and whoever has the same number or the very name."""
    answers: dict[Asked, list[Found]] = {}
    together = linked()
    for is_seller in (True, False):
        some = list(dict.fromkeys(one for one in asked if (one.role == SELLER) is is_seller and one.name))
        if some:
            answers |= dict(zip(some, _among(some, is_seller=is_seller, together=together), strict=True))
    return [answers.get(one, []) for one in asked]


def _among(asked: Sequence[Asked], *, is_seller: bool, together: dict[str, frozenset[str]]) -> list[list[Found]]:
    indexes, known = _sellers() if is_seller else _everybody()
    proposed: list[set[str]] = [set() for _ in asked]
    names = list(dict.fromkeys(one.name for one in asked))
    for index in indexes:
        if not len(index):
            continue
        by_name = _by_name(names, index)
        for place, one in enumerate(asked):
            proposed[place].update(by_name[one.name])
    holders = _holders([compact(one.code) for one in asked if one.code])
    for place, one in enumerate(asked):
        proposed[place].update(holders.get(compact(one.code), ()))
        if known is not None:
            proposed[place] &= known
    wanted = {party for some in proposed for party in some}
    # Those of the morning's index may be gone since: their registration was taken back.
    texts = compared_names(wanted)
    codes = _codes(wanted)
    return [_ranked(one, some, texts, codes, together) for one, some in zip(asked, proposed, strict=True)]


# The indexes in use, the one asked last at the end, each with a number; and what they proposed, by number and name, the pair asked last at
# the end: an index never changes, and the same names stand in many notices, are weighed before they are confirmed, and looked at again
# when the register changes. One bound over all of them.
_indexes: list[tuple[Index, int]] = []
_proposed: OrderedDict[tuple[int, str], frozenset[str]] = OrderedDict()
_numbers = count()
_one = threading.Lock()


def _by_name(names: Sequence[str], index: Index) -> dict[str, frozenset[str]]:
    """For each name the parties that the index proposes."""
    told: dict[str, frozenset[str]] = {}
    with _one:
        number = next((number for known, number in _indexes if known is index), None)
        number = next(_numbers) if number is None else number
        _indexes[:] = [*(one for one in _indexes if one[0] is not index), (index, number)][-_INDEXES_HELD:]
        for name in names:
            if (number, name) in _proposed:
                told[name] = _proposed[number, name]
                _proposed.move_to_end((number, name))
    new = [name for name in names if name not in told]
    found = match_many(new, index, top=PROPOSED, least=LEAST)
    more = {name: frozenset(candidate.id for candidate in some) for name, some in zip(new, found, strict=True)}
    with _one:
        for name, parties in more.items():
            _proposed[number, name] = parties
        while len(_proposed) > _NAMES_HELD:
            _proposed.popitem(last=False)
    return told | more


def _ranked(
    one: Asked, parties: Collection[str], texts: dict[str, list[str]], codes: dict[str, set[str]], together: dict[str, frozenset[str]]
) -> list[Found]:
    rows = [_found(one, party, texts[party], codes.get(party, set()), together) for party in parties if party in texts]
    rows.sort(key=lambda row: (row.number != "same", not row.is_exact, -row.score, row.party_id))
    return [row for place, row in enumerate(rows) if place < KEPT or row.number == "same" or row.is_exact]


def _found(one: Asked, party: str, names: Sequence[str], codes: set[str], together: dict[str, frozenset[str]]) -> Found:
    best = max((_compared(one.name, name) for name in names), key=lambda held: (held[0], held[1]))
    score, text, rows = best
    plain = folded(one.name)
    exact = next((name for name in names if folded(name) == plain), "")
    code = compact(one.code)
    # Another credit code on both sides is another firm; a number of another kind says nothing against one.
    others = any(len(held) == CREDIT_CODE for held in codes)
    number = "same" if code in codes else "other" if len(code) == CREDIT_CODE and others else "missing"
    entity = min(together.get(party, (party,)))
    pieces = tuple({"kind": kind, "text": words, "points": points} for kind, words, points in rows)
    return Found(party, entity, 1.0 if exact else score, exact or text, number, bool(exact), pieces)


@lru_cache(maxsize=20_000)  # the same names stand beside one another in many notices
def _compared(left: str, right: str) -> tuple[float, str, tuple[tuple[str, str, float], ...]]:
    found = compare(left, right, "register")
    return round(found.score, 4), right, tuple((row.kind, row.text, round(row.points, 4)) for row in found.rows)


def _holders(codes: Iterable[str]) -> dict[str, set[str]]:
    found: defaultdict[str, set[str]] = defaultdict(set)
    wanted = set(codes)
    now = Identifier.objects.filter(value__in=wanted).values_list("value", "party_id")
    for value, party in [
        *now,
        *FormerKey.objects.filter(text__in=wanted).exclude(kind__in=FormerKey.NAMES).values_list("text", "party_id"),
    ]:
        found[value].add(party)
    return found


def _codes(parties: Collection[str]) -> dict[str, set[str]]:
    return {pk: set(codes) for pk, codes in screened_codes({pk: (pk,) for pk in parties}).items()}


def _sellers() -> tuple[list[Index], set[str] | None]:
    revisions = sorted(registered_sellers().order_by().prefetch_related(None).values_list("pk", "revision"))
    ids = [pk for pk, _revision in revisions]
    key = sha256_hex(canonical([list(row) for row in revisions]))

    def content() -> Content:
        return Content([Entry(party, "Organization", names) for party, names in compared_names(ids).items()], [])

    return [stored("sellers", key, {"engine": engine()}, content).names], set(ids)


# By the state of all parties: the index of those that the morning's does not know as they are now.
_fresh: OrderedDict[tuple[int, int, str], Index] = OrderedDict()
_morning: list[tuple[Stored, dict[str, int]]] = []


def _everybody() -> tuple[list[Index], set[str] | None]:
    morning = index_parties()
    if not _morning or _morning[0][0] is not morning:
        _fresh.clear()
        _morning[:] = [(morning, json.loads(morning.by_code[REVISIONS][0]))]
    now = Party.objects.aggregate(count=Count("pk"), sum=Sum("revision"), last=Max("pk"))
    key = (now["count"], now["sum"] or 0, now["last"] or "")
    if key not in _fresh:
        before = _morning[0][1]
        ids = [pk for pk, revision in Party.objects.values_list("pk", "revision") if before.get(pk) != revision]
        while len(_fresh) >= _FRESH_HELD:
            _fresh.popitem(last=False)
        _fresh[key] = build_index(Entry(party, "Organization", names) for party, names in compared_names(ids).items())
    return [morning.names, _fresh[key]], None
