"""Which parties people said are one entity. Reads only; knows no names."""

from collections.abc import Collection, Iterable, Mapping

from .models_identities import IdentityAnswer


def newest_answers(among: Collection[str] | None = None) -> dict[tuple[str, str], IdentityAnswer]:
    """By pair, of all or of those among some parties, the answer that counts: the newest in effect."""
    effective = IdentityAnswer.objects.filter(state=IdentityAnswer.State.EFFECTIVE)
    if among is not None:
        effective = effective.filter(left__in=among, right__in=among)
    return {(row.left_id, row.right_id): row for row in effective.order_by("left", "right", "-pk").distinct("left", "right")}


def linked() -> dict[str, frozenset[str]]:
    """Every party that is one entity with others, by its id: all of them, itself too. Links are few: people made each."""
    pairs = IdentityAnswer.objects.filter(state=IdentityAnswer.State.EFFECTIVE).order_by("left", "right", "-pk").distinct("left", "right")
    newest = pairs.values_list("left_id", "right_id", "answer")
    return joined((left, right) for left, right, answer in newest if answer == IdentityAnswer.Answer.SAME)


def joined(pairs: Iterable[tuple[str, str]]) -> dict[str, frozenset[str]]:
    """By party everybody who is one entity with it, itself too, by pairs that people said are the same."""
    together: dict[str, set[str]] = {}
    for left, right in pairs:
        both = together.get(left, {left}) | together.get(right, {right})
        together |= dict.fromkeys(both, both)
    return {pk: frozenset(some) for pk, some in together.items()}


def one_entity(party_ids: Collection[str]) -> set[str]:
    """The parties, and whoever is one entity with one of them."""
    asked = set(party_ids)
    return with_entities(asked, linked()) if asked else asked


def with_entities(party_ids: Iterable[str], together: Mapping[str, Collection[str]]) -> set[str]:
    """The same by links that were read before (`linked`)."""
    return {other for pk in party_ids for other in together.get(pk, (pk,))}
