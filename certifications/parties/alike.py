"""Which parties have the same number or the very same name, whoever registered them: registering anew sheds nothing.

What people confirmed of one counts for the other until people answered that they are not one entity. Nothing of it is a
distributor's to see. Reads only.
"""

from collections import defaultdict
from collections.abc import Collection, Iterable, Mapping

from django.db import connection

from .linked import linked, newest_answers, with_entities
from .models import Customer, Identifier, PartyName
from .models_identities import IdentityAnswer

# (party, kind, key) of every number and every folded name, now and before. In two steps, each along an index: as one join of the two
# PostgreSQL reads everybody. A number of another sort is one only where it was given, and what a site was called is nobody's own name.
_KEYS = """
SELECT party_id, scheme, value FROM certifications_identifier
       WHERE scheme IN ('uscc', 'lei') AND (%(all)s OR party_id = ANY(%(wanted)s))
UNION ALL SELECT party_id, kind, text FROM certifications_formerkey
          WHERE kind IN ('uscc', 'lei') AND (%(all)s OR party_id = ANY(%(wanted)s))
UNION ALL SELECT party_id, 'name', portal_folded_name(text) FROM certifications_partyname WHERE %(all)s OR party_id = ANY(%(wanted)s)
UNION ALL SELECT party_id, 'name', portal_folded_name(text) FROM certifications_formerkey
          WHERE kind = 'name' AND (%(all)s OR party_id = ANY(%(wanted)s))
"""
_HOLDERS = """
SELECT party_id, scheme, value FROM certifications_identifier WHERE scheme IN ('uscc', 'lei') AND value = ANY(%(numbers)s)
UNION ALL SELECT party_id, kind, text FROM certifications_formerkey WHERE kind IN ('uscc', 'lei') AND text = ANY(%(numbers)s)
UNION ALL SELECT party_id, 'name', portal_folded_name(text) FROM certifications_partyname WHERE portal_folded_name(text) = ANY(%(names)s)
UNION ALL SELECT party_id, 'name', portal_folded_name(text) FROM certifications_formerkey
          WHERE kind = 'name' AND portal_folded_name(text) = ANY(%(names)s)
"""
NAME = "name"
Keys = dict[tuple[str, str], set[str]]


def _rows(statement: str, values: Mapping[str, object]) -> Keys:
    """By (kind, key) who has it."""
    found: defaultdict[tuple[str, str], set[str]] = defaultdict(set)
    with connection.cursor() as cursor:
        cursor.execute(statement, values)
        for party, kind, key in cursor.fetchall():
            found[kind, key].add(party)
    return found


def _pairs(parties: Iterable[str] | None) -> set[tuple[str, str]]:
    """(one of the parties, another) that have a key in common. A number never means two; an equal name may, where credit codes differ."""
    own = _rows(_KEYS, {"all": parties is None, "wanted": list(parties or ())})
    holders = own
    if parties is not None and own:
        names, numbers = [key for kind, key in own if kind == NAME], [key for kind, key in own if kind != NAME]
        holders = _rows(_HOLDERS, {"names": names, "numbers": numbers})
    numbered: set[tuple[str, str]] = set()
    named: set[tuple[str, str]] = set()
    for (kind, key), some in own.items():
        others = holders.get((kind, key), some)
        if len(others) > 1:
            (named if kind == NAME else numbered).update((one, other) for one in some for other in others if other != one)
    codes = dict(
        Identifier.objects.filter(scheme="uscc", party__in={pk for pair in named for pk in pair}).values_list("party_id", "value")
    ) if named else {}  # fmt: skip
    same = {(one, other) for one, other in named if one not in codes or other not in codes or codes[one] == codes[other]}
    return numbered | same


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
    """By party, of these or of all, whoever has its number or its very name, now or before, and was not answered by two people to be
    another. Two queries where nobody has, five otherwise.
    """
    wanted = None if parties is None else sorted(set(parties))
    if wanted == []:
        return {}
    pairs = _pairs(wanted)
    found: defaultdict[str, set[str]] = defaultdict(set)
    apart = _apart({pk for one in pairs for pk in one}) if pairs else set()
    for one, other in pairs:
        if (min(one, other), max(one, other)) not in apart:
            found[one].add(other)
    return dict(found)


def _apart(among: Collection[str]) -> set[tuple[str, str]]:
    """Pairs among the parties that two people answered to be two, while the names and numbers of both are what they answered on."""
    newest = newest_answers(among).items()
    answers = {pair: row for pair, row in newest if row.answer == IdentityAnswer.Answer.DIFFERENT and row.agreed_by_id is not None}
    now = keys_of({pk for pair in answers for pk in pair})
    return {pair for pair, row in answers.items() if row.keys == {pk: now[pk] for pk in pair}}


def share_a_key(left: str, right: str) -> bool:
    """Whether two parties have one number, or one name without numbers that part them, whatever people answered."""
    return (left, right) in _pairs([left])


def bearing(party_ids: Iterable[str], keys: Mapping[str, Collection[str]], together: Mapping[str, Collection[str]]) -> set[str]:
    """The parties and whoever is one entity with them; whoever has a key of one of these, as `keys` says; and whoever people said is one
    entity with that: a link that two people made is not shed by registering its other end anew.
    """
    entities = with_entities(party_ids, together)
    return with_entities(entities.union(*(keys.get(pk, ()) for pk in entities)), together)


def beside(party_ids: Iterable[str], keys: Mapping[str, Collection[str]], together: Mapping[str, Collection[str]]) -> set[str]:
    """Of `bearing` those that are one of the parties by a number or a name alone: what was found of them is not found of it anew."""
    return {other for pk in party_ids for other in bearing([pk], keys, together) - with_entities([pk], together)}


def borne_on(party_ids: Collection[str]) -> set[str]:
    """The parties, whoever people said is one entity with them, and whoever was on record before under a number or a name of one of these:
    those whose open findings and flags hold them.
    """
    together = linked()
    return bearing(party_ids, earlier_alike(with_entities(party_ids, together)), together)


def known_with(party_ids: Collection[str]) -> set[str]:
    """The same with everybody who has a number or a name of one of these, whoever came first: what people confirmed of one counts for all."""
    together = linked()
    return bearing(party_ids, alike(with_entities(party_ids, together)), together)


def screened_after(party_ids: Collection[str]) -> set[str]:
    """Whoever else is screened by the names and numbers of these parties: `borne_on`, read from the other end."""
    together = linked()
    entities = with_entities(party_ids, together)
    shared = alike(entities)
    before = earlier({pk: {mine for mine in entities if pk in shared.get(mine, ())} for pk in set().union(*shared.values())})
    return with_entities(entities | before.keys(), together) - set(party_ids)


def earlier_alike(parties: Iterable[str] | None = None) -> dict[str, set[str]]:
    """The same of those that were on record before, or that the same distributor registered.

    By their names a later one is screened too, and their open flags hold it. Not the other way round: what a distributor registers never
    changes how another's customer is screened, nor holds it before people have confirmed anything. Its own two rows are one: nobody keeps
    a clean one ready.
    """
    return earlier(alike(parties))


def earlier(shared: Mapping[str, Collection[str]]) -> dict[str, set[str]]:
    """Of what `alike` found those that came before (keys are in the order of time), or are the same distributor's."""
    if not shared:
        return {}
    whose: defaultdict[str, set[str]] = defaultdict(set)
    asked = {*shared, *(other for some in shared.values() for other in some)}
    for party, organisation in Customer.objects.filter(party__in=asked).values_list("party_id", "organisation_id"):
        whose[party].add(organisation)
    found = {pk: {other for other in some if other < pk or whose[pk] & whose[other]} for pk, some in shared.items()}
    return {pk: some for pk, some in found.items() if some}
