"""Keeps what a party was called and numbered before a change, so that the change clears nothing."""

from collections.abc import Iterable

from .models import Identifier, Party, PartyName
from .models_former import FormerKey
from .rules import clean_name, script_of

Held = set[tuple[str, str]]


def keys_now(party: Party) -> Held:
    """(kind, text) of every name and number that the party has now."""
    names = PartyName.objects.filter(party=party).values_list("text", flat=True)
    numbers = Identifier.objects.filter(party=party).values_list("scheme", "value")
    return {("name", text) for text in names} | {(scheme, value) for scheme, value in numbers}


def keep_gone(party: Party, before: Held) -> None:
    """Keep what the party had before and has no more. Called in the transaction of the change."""
    keep(party, before - keys_now(party))


def keep_names(party: Party, before: Iterable[str], now: Iterable[str]) -> None:
    """The same of names of the party's sites and laboratories."""
    keep(party, {("place", name) for name in map(clean_name, before) if name and name not in set(now)})


def keep(party: Party, gone: Held) -> None:
    """Written once, however often a name comes and goes."""
    rows = [
        FormerKey(party=party, kind=kind, text=text, script=script_of(text) if kind in FormerKey.NAMES else "")
        for kind, text in sorted(gone)
        if kind in FormerKey.Kind.values
    ]
    FormerKey.objects.bulk_create(rows, ignore_conflicts=True)


def former_of(party: Party) -> list[FormerKey]:
    """What a page shows: what the party had and has not now, the newest first."""
    now = keys_now(party)
    return [row for row in party.former.order_by("-pk") if (row.kind, row.text) not in now]
