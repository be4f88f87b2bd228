"""Which cleared declarations cover a sale that evidence reports. Reads only."""

import datetime as dt
from collections import defaultdict
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass

from django.db.models import Prefetch, Q, QuerySet

from certifications.catalogue.models import Product
from certifications.matching import normalise
from certifications.parties.models import Party

from .models import Declaration, DeclarationVersion
from .models_parts import DeclarationParty


@dataclass(frozen=True)
class Sold:
    """A sale that evidence reports: by whom, to whom as it is written, what and when.

    `buyers` are the parties that the buyer's name is bound to, `not_buyers` those of which a person said that it does not mean them.
    """

    seller_party_id: str
    buyer_name: str
    product: Product
    on: dt.date
    buyers: Collection[str] = ()
    not_buyers: Collection[str] = ()

    def is_to(self, party: Party) -> bool:
        """Whether it is a sale to the party: the name is bound to it, or is its very name. Uses prefetched names."""
        plain = normalise(self.buyer_name)
        named = any(normalise(name.text) == plain for name in party.names.all())
        return party.pk in self.buyers or (party.pk not in self.not_buyers and named)


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

    The very name of an end user of the seller's own declaration counts too, unless a person said of that party that the name does not
    mean it.
    """
    return covering_each([Sold(seller_party_id, buyer_name, product, on, buyers, not_buyers)])[0]


# So many sellers' products are asked about in one statement, and so many versions held at once: a seller may have tens of thousands.
PAIRS, HELD = 100, 500


def covering_each(sales: Sequence[Sold]) -> list[list[str]]:
    """The same for each of many sales, in as many queries as for one; of each seller's product only what was valid on the days asked about."""
    places: defaultdict[tuple[str, str], list[int]] = defaultdict(list)
    for place, sale in enumerate(sales):
        places[sale.seller_party_id, sale.product.pk].append(place)
    covered: list[set[str]] = [set() for _ in sales]
    pairs = sorted(places)
    for start in range(0, len(pairs), PAIRS):
        wanted = {pair: [sales[place].on for place in places[pair]] for pair in pairs[start : start + PAIRS]}
        for version in _of_pairs(wanted).iterator(chunk_size=HELD):
            seller = version.declaration.organisation.party.pk
            for product in {line.product_id for line in version.lines.all()}:
                for place in places.get((seller, product), ()):
                    if _covers(version, sales[place]):
                        covered[place].add(version.declaration.number)
    return [sorted(numbers) for numbers in covered]


def _of_pairs(wanted: Mapping[tuple[str, str], Sequence[dt.date]]) -> QuerySet[DeclarationVersion]:
    """Versions of cleared declarations by seller and product, from the earliest to the latest of the days of each."""
    any_of = Q()
    for (seller, product), days in wanted.items():
        any_of |= Q(
            declaration__organisation__party__pk=seller, lines__product=product, valid_from__lte=max(days), valid_until__gt=min(days)
        )
    further = DeclarationParty.objects.filter(role="end_user").select_related("customer__party")
    return (
        DeclarationVersion.objects.filter(
            any_of,
            # Said once more, for the indexes: none is used for what stands in an "or" over several tables.
            declaration__organisation__party__pk__in={seller for seller, _product in wanted},
            lines__product__in={product for _seller, product in wanted},
            declaration__status=Declaration.Status.ATTESTED,
        )
        .select_related("declaration__customer__party", "declaration__organisation__party")
        .prefetch_related(
            "declaration__customer__party__names",
            Prefetch("parties", queryset=further, to_attr="further"),
            "further__customer__party__names",
            "lines",
            "shares",
        )
    )


def _covers(version: DeclarationVersion, sale: Sold) -> bool:
    if not version.valid_from <= sale.on < version.valid_until:
        return False
    # Of several end users each is covered for the goods that are its own share alone.
    given = {share.customer_id: share.quantity for share in version.shares.all() if share.product_id == sale.product.pk}
    lines = [line for line in version.lines.all() if line.product_id == sale.product.pk]
    whole = sum(line.quantity for line in lines)
    users = [version.declaration.customer.party] if whole > sum(given.values()) else []
    users += [one.customer.party for one in version.further if one.customer_id in given]  # type: ignore[attr-defined]
    return bool(lines) and any(sale.is_to(party) for party in users)
