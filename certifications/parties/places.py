"""The places of customers in lists by name, kept as their names are spelled now; a worker asks for it every hour.

Two things leave a place behind: a release from before the columns registers and renames customers without a word about it while both run,
and new readings of characters spell old names otherwise.
"""

import datetime as dt

from django.db.models import Q
from django.utils import timezone

from certifications.ledger.ids import ALPHABET

from .actions import place_of
from .models import Customer

BATCH = 500
# Not 24: each part comes an hour of the day later than the last time, so that an hour in which no worker is ever free misses none for good.
TURNS = 25


def turn_of(moment: dt.datetime) -> int:
    """Whose turn it is in this hour, from 0."""
    return int(moment.timestamp() // 3600) % TURNS


def keep_in_order(turn: int | None = None) -> int:
    """Give a place to whoever has none, and its right one to whoever has its turn in this hour. Returns how many moved.

    Keys end at random: a twenty-fifth part of all customers by their last character, so that little more than a day has looked at everybody.
    """
    wanted = Q(native_order="", latin_order="")
    for letter in ALPHABET[turn_of(timezone.now()) if turn is None else turn :: TURNS]:
        wanted |= Q(pk__endswith=letter)
    found = Customer.objects.filter(wanted).order_by("pk").select_related("party").prefetch_related("party__names")
    moved, last = 0, ""
    while batch := list(found.filter(pk__gt=last)[:BATCH]):
        last = batch[-1].pk
        for customer in batch:
            held = {"native_order": customer.native_order, "latin_order": customer.latin_order}
            native, latin = place_of(customer.party)
            if (native, latin) != tuple(held.values()):
                # Whoever is renamed at this moment has the place of its new name already.
                same = Customer.objects.filter(pk=customer.pk, **held)
                moved += same.update(native_order=native, latin_order=latin)
    return moved
