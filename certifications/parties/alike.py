"""Which parties have the same number or the very same name, whoever registered them: registering anew sheds nothing.

What people confirmed of one counts for the other until people answered that they are not one entity. Nothing of it is a
distributor's to see. Reads only.
"""

from collections import defaultdict
from collections.abc import Collection, Iterable, Mapping

from django.db import connection

from .linked import linked, newest_answers, with_entities
from .models import Identifier, PartyName
from .models_identities import IdentityAnswer

# A number never means two; an equal name may, where both have credit codes that differ.
_PAIRS = """
WITH numbers AS (
    SELECT party_id, scheme AS kind, value AS text FROM certifications_identifier
    UNION ALL SELECT party_id, kind, text FROM certifications_formerkey WHERE kind <> 'name'
), names AS (
    SELECT party_id, portal_folded_name(text) AS text FROM certifications_partyname
    UNION ALL SELECT party_id, portal_folded_name(text) FROM certifications_formerkey WHERE kind = 'name'
)
SELECT a.party_id, b.party_id FROM numbers a JOIN numbers b ON b.text = a.text AND b.kind = a.kind AND b.party_id <> a.party_id
WHERE %(all)s OR a.party_id = ANY(%(parties)s)
UNION
SELECT a.party_id, b.party_id FROM names a JOIN names b ON b.text = a.text AND b.party_id <> a.party_id
WHERE (%(all)s OR a.party_id = ANY(%(parties)s)) AND NOT EXISTS (
    SELECT 1 FROM certifications_identifier x JOIN certifications_identifier y ON y.scheme = x.scheme AND y.value <> x.value
    WHERE x.scheme = 'uscc' AND x.party_id = a.party_id AND y.party_id = b.party_id)
"""


def keys_of(party_ids: Iterable[str]) -> dict[str, dict[str, list[str]]]:
    """By party the key fields that an answer rests on: its own names and numbers, sorted."""
    ids = list(party_ids)
    names: defaultdict[str, list[str]] = defaultdict(list)
    codes: defaultdict[str, list[str]] = defaultdict(list)
    for party, text in PartyName.objects.filter(party__in=ids).values_list("party_id", "text"):
        names[party].append(text)
    for party, value in Identifier.objects.filter(party__in=ids).values_list("party_id", "value"):
        codes[party].append(value)
    return {pk: {"names": sorted(names[pk]), "numbers": sorted(codes[pk])} for pk in ids}


def alike(parties: Iterable[str] | None = None) -> dict[str, set[str]]:
    """By party, of these or of all, whoever has its number or its very name, now or before, and was not answered to be another. One query
    where nobody has, three otherwise.
    """
    wanted = None if parties is None else sorted(set(parties))
    if wanted == []:
        return {}
    with connection.cursor() as cursor:
        cursor.execute(_PAIRS, {"all": wanted is None, "parties": wanted or []})
        pairs = cursor.fetchall()
    found: defaultdict[str, set[str]] = defaultdict(set)
    apart = _apart() if pairs else set()
    for one, other in pairs:
        if (min(one, other), max(one, other)) not in apart:
            found[one].add(other)
    return dict(found)


def _apart() -> set[tuple[str, str]]:
    """Pairs that people answered to be two, while the names and numbers of both are what they answered on."""
    answers = {pair: row for pair, row in newest_answers().items() if row.answer == IdentityAnswer.Answer.DIFFERENT}
    now = keys_of({pk for pair in answers for pk in pair})
    return {pair for pair, row in answers.items() if row.keys == {pk: now[pk] for pk in pair}}


def share_a_key(left: str, right: str) -> bool:
    """Whether two parties have one number, or one name without numbers that part them, whatever people answered."""
    with connection.cursor() as cursor:
        cursor.execute(f"SELECT 1 FROM ({_PAIRS}) p (a, b) WHERE b = %(other)s", {"all": False, "parties": [left], "other": right})  # noqa: S608 - our own text
        return cursor.fetchone() is not None


def borne_on(party_ids: Collection[str], together: Mapping[str, Collection[str]] | None = None) -> set[str]:
    """The parties, whoever people said is one entity with them, and whoever has a number or a name of one of these."""
    entities = with_entities(set(party_ids), linked() if together is None else together)
    return entities.union(*alike(entities).values()) if entities else entities


def earlier_alike(parties: Iterable[str] | None = None) -> dict[str, set[str]]:
    """The same of those that were on record before (keys are in the order of time).

    By their names a later one is screened too. Not the other way round: what a distributor registers never changes how another's is screened.
    """
    return {pk: before for pk, some in alike(parties).items() if (before := {other for other in some if other < pk})}
