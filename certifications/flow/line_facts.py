"""Gathers what the rules need of evidence lines, for many at once: reads only, and asks as often for a hundred as for one."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from functools import lru_cache

from certifications.attestations.queries import still_good
from certifications.declarations.covering import Sold, covering_each
from certifications.evidence.models import EvidenceLine
from certifications.flags.rules import LineFacts
from certifications.flags.rules.base import NameFacts
from certifications.parties.linked import linked, with_entities
from certifications.parties.models import Party
from certifications.parties.sellers import SellerAnswer
from certifications.programme.queries import Named, naming_each
from certifications.resolution.queries import Resolved

from .facts import end_of, name_facts, seller_facts
from .resolution import BUYER, SELLER, Known, Sellers, of_lines, seller_answer

NamedIn = dict[str, Resolved]


@dataclass(frozen=True)
class Gathered:
    """A line with its facts; `answer` is the register's for the seller that it names, `seller` the party that the answer is about."""

    line: EvidenceLine
    facts: LineFacts
    answer: SellerAnswer | None
    seller: Party | None


def gather(lines: Sequence[EvidenceLine], known: Known | None = None) -> list[Gathered]:
    """Everything about each line. The register is asked as of the event, and as it was known then.

    Not as known at the capture: an authorisation entered after the award, before anybody had captured it, would launder. `known` is where
    names of lines that are not on record stand, as of flow.resolution.stand_now.
    """
    named = of_lines(lines, known)
    sellers = Sellers(party for names in named if SELLER in names for party in names[SELLER].standing.bound)
    answers = [_seller(line, names, sellers) for line, names in zip(lines, named, strict=True)]
    covered, kept = _papers(lines, named, answers)
    return [
        Gathered(
            line,
            _facts(line, answer, covered.get(place, ()), kept.get(place, ())),
            answer,
            sellers.parties.get(answer.party_id) if answer and answer.party_id else None,
        )
        for place, (line, answer) in enumerate(zip(lines, answers, strict=True))
    ]


@lru_cache(maxsize=4_000)  # the same buyer stands in many notices
def _read(name: str) -> NameFacts:
    return name_facts(name)


def _divisions(region: str) -> tuple[str, ...]:
    return _read(region).divisions if region else ()


def _seller(line: EvidenceLine, names: NamedIn, sellers: Sellers) -> SellerAnswer | None:
    if line.seller_state != EvidenceLine.SellerState.NAMED:
        return None
    return seller_answer(
        names[SELLER],
        line=line.product.line if line.product else "",
        division=next(iter((*_read(line.buyer).divisions, *_divisions(line.region))), ""),
        valid_on=line.happened_on,
        known_at=end_of(line.happened_on),
        sellers=sellers,
    )


def _papers(
    lines: Sequence[EvidenceLine], named: Sequence[NamedIn], answers: Sequence[SellerAnswer | None]
) -> tuple[dict[int, list[str]], dict[int, list[str]]]:
    """By place of the lines whose seller and product are known: the declarations that cover them, and old certificates that name them."""
    places = [n for n, (line, answer) in enumerate(zip(lines, answers, strict=True)) if answer and answer.party_id and line.product]
    if not places:
        return {}, {}
    together = linked()
    sold, kept = [], []
    for place in places:
        line, answer, buyer = lines[place], answers[place], named[place][BUYER]
        assert answer is not None and line.product is not None  # noqa: PT018, S101 - chosen so a line above
        bound = with_entities(buyer.standing.bound, together)
        sold.append(Sold(answer.party_id, line.buyer, line.product, line.happened_on, bound, buyer.refused))
        kept.append(Named(answer.party_id, line.buyer, line.product.catalogue_number, line.happened_on))
    covering = covering_each(sold)
    good = set(still_good(number for numbers in covering for number in numbers))
    return (
        {place: [number for number in numbers if number in good] for place, numbers in zip(places, covering, strict=True)},
        dict(zip(places, naming_each(kept), strict=True)),
    )


def _facts(line: EvidenceLine, answer: SellerAnswer | None, covered: Iterable[str], kept: Iterable[str]) -> LineFacts:
    document = line.document
    return LineFacts(
        stage=line.stage,
        seller_name=line.seller,
        seller_withheld=line.seller_state == EvidenceLine.SellerState.WITHHELD,
        seller=seller_facts(answer) if answer else None,
        buyer=_read(line.buyer),
        product=str(line.product) if line.product else (line.product_text or line.model or line.brand),
        catalogue_number=line.product.catalogue_number if line.product else "",
        happened_on=line.happened_on,
        source=document.source_url or document.number,
        project_no=line.project_no,
        quantity=line.quantity,
        covering_declarations=list(covered),
        old_certificates=list(kept),
        region_divisions=_divisions(line.region),
    )
