"""The places of customers in lists by name, kept as their names are spelled now; a worker asks for it every hour.

Two things leave a place behind: a release from before the columns registers and renames customers without a word about it while both run,
and new readings of characters spell old names otherwise.
"""

from django.db.models import Q
from django.utils import timezone

from certifications.ledger.ids import ALPHABET

from .actions import place_of
from .models import Customer

BATCH = 500
HOURS = 24


def keep_in_order(hour: int | None = None) -> int:
    """Give a place to whoever has none, and its right one to whoever is looked at in this hour of the day (UTC). Returns how many moved.

    Keys end at random: a twenty-fourth part of all customers by their last character, so that a day has looked at everybody.
    """
    turn = Q(native_order="", latin_order="")
    for letter in ALPHABET[timezone.now().hour if hour is None else hour :: HOURS]:
        turn |= Q(pk__endswith=letter)
    wanted = Customer.objects.filter(turn).order_by("pk").select_related("party").prefetch_related("party__names")
    moved, last = 0, ""
    while batch := list(wanted.filter(pk__gt=last)[:BATCH]):
        last = batch[-1].pk
        for customer in batch:
            held = {"native_order": customer.native_order, "latin_order": customer.latin_order}
            native, latin = place_of(customer.party)
            if (native, latin) != tuple(held.values()):
                # Whoever is renamed at this moment has the place of its new name already.
                same = Customer.objects.filter(pk=customer.pk, **held)
                moved += same.update(native_order=native, latin_order=latin)
    return moved
