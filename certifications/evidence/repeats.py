"""Which confirmed lines are one sale that was announced again (an award, then its contract, then a correction), and which of them counts.

Pure: takes lines of one project and buyer, in the order in which they were confirmed.
"""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import Final

from .keys import buyer_key
from .models import EvidenceLine

# What says of a sale that there is one, and how definitely.
DEFINITE: Final = {"candidate": 0, "award": 1, "contract": 2, "amendment": 2}
# Several contracts of one project over different goods or sums are several sales.
_OF_ITS_OWN: Final = {"award", "contract"}


@dataclass(frozen=True)
class Sale:
    """Lines of different documents that speak of one sale, as confirmed; `counts` is the one that counts, and `why`.

    why: "definite" (a contract outranks an award, an award a candidate), "later" (the newest of equals), "" for a line alone.
    """

    lines: tuple[EvidenceLine, ...]
    counts: EvidenceLine
    why: str

    @property
    def first(self) -> EvidenceLine:
        """The line that was confirmed first: flags of the sale are raised under it."""
        return self.lines[0]


def sales_of(lines: Iterable[EvidenceLine]) -> list[Sale]:
    """The sales that the lines of one project and buyer speak of. Two lines of one document are never one sale."""
    found: list[list[EvidenceLine]] = []
    for line in lines:
        if line.stage not in DEFINITE:
            continue
        near = [known for known in found if all(line.document_id != one.document_id and _same(line, one) for one in known)]
        exact = [known for known in near if any(one.product_id == line.product_id for one in known)]
        if near:
            (exact or near)[0].append(line)
        else:
            found.append([line])
    return [_sale(tuple(known)) for known in found]


def _same(a: EvidenceLine, b: EvidenceLine) -> bool:
    """Whether two lines of one project and buyer may be one sale: the same seller, no other product, no other sum at the same stage."""
    codes = {a.seller_uscc, b.seller_uscc} - {""}
    if a.seller_uscc and b.seller_uscc:
        if len(codes) > 1:
            return False
    elif a.seller_state != b.seller_state or buyer_key(a.seller) != buyer_key(b.seller):
        return False
    if a.product_id and b.product_id and a.product_id != b.product_id:
        return False
    if a.stage == b.stage and a.stage in _OF_ITS_OWN:
        pairs = ((a.amount, b.amount), (a.quantity, b.quantity))
        return all(x is None or y is None or x == y for x, y in pairs)
    return True


def _sale(lines: tuple[EvidenceLine, ...]) -> Sale:
    if len(lines) == 1:
        return Sale(lines, lines[0], "")
    best = max(DEFINITE[line.stage] for line in lines)
    equal = [line for line in lines if DEFINITE[line.stage] == best]
    order = {line.pk: number for number, line in enumerate(lines)}
    counts = max(equal, key=lambda line: (line.happened_on, order[line.pk]))
    return Sale(lines, counts, "later" if len(equal) > 1 else "definite")


def sale_with(line: EvidenceLine, sales: Sequence[Sale]) -> Sale:
    """The sale that the line is part of; of its own where it says nothing of a sale, or nothing else does."""
    return next((sale for sale in sales if any(one.pk == line.pk for one in sale.lines)), Sale((line,), line, ""))
