"""Which cleared declarations cover a sale that evidence reports. Reads only."""

import datetime as dt
from collections.abc import Collection

from django.db.models import Prefetch

from certifications.catalogue.models import Product
from certifications.matching import normalise
from certifications.parties.models import Party

from .models import Declaration, DeclarationVersion
from .models_parts import DeclarationParty


def covering(
    *,
    seller_party_id: str,
    buyer_name: str,
    product: Product,
    on: dt.date,
    buyers: Collection[str] = (),
    not_buyers: Collection[str] = (),
) -> list[str]:
    """Numbers of cleared declarations of the seller that cover the product for this buyer on the day, whichever end user it is.

    `buyers` are the parties that the name is bound to. The very name of an end user of the seller's own declaration does too, unless a
    person said of that party (`not_buyers`) that the name does not mean it.
    """
    plain = normalise(buyer_name)

    def is_buyer(party: Party) -> bool:
        named = any(normalise(name.text) == plain for name in party.names.all())
        return party.pk in buyers or (party.pk not in not_buyers and named)

    further = DeclarationParty.objects.filter(role="end_user").select_related("customer__party")
    found = (
        DeclarationVersion.objects.filter(
            declaration__organisation__party__pk=seller_party_id,
            declaration__status=Declaration.Status.ATTESTED,
            lines__product=product,
            valid_from__lte=on,
            valid_until__gt=on,
        )
        .select_related("declaration__customer__party")
        .prefetch_related(
            "declaration__customer__party__names",
            Prefetch("parties", queryset=further, to_attr="further"),
            "further__customer__party__names",
            "lines",
            "shares",
        )
    )
    numbers = set()
    for version in found:
        # Of several end users each is covered for the goods that are its own share alone.
        given = {share.customer_id: share.quantity for share in version.shares.all() if share.product_id == product.pk}
        whole = sum(line.quantity for line in version.lines.all() if line.product_id == product.pk)
        users = [version.declaration.customer.party] if whole > sum(given.values()) else []
        users += [one.customer.party for one in version.further if one.customer_id in given]  # type: ignore[attr-defined]
        if any(is_buyer(party) for party in users):
            numbers.add(version.declaration.number)
    return sorted(numbers)
