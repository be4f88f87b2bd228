"""What may be declared today and under which undertakings, read once however many declarations are asked about."""

from collections.abc import Iterable, Mapping, Sequence, Set
from dataclasses import dataclass, field

from django.utils.translation import gettext as _

from certifications.catalogue import clauses
from certifications.catalogue.models import ClauseSet, Product
from certifications.catalogue.queries import current_products
from certifications.ledger.days import civil_today
from certifications.ledger.moves import NotAllowed

from .data import DeclarationData
from .rules import Problem


class Incomplete(NotAllowed):
    """The declaration lacks something; `problems` names each field."""

    def __init__(self, problems: list[Problem]) -> None:
        super().__init__(problems[0].message, "incomplete")
        self.problems = problems


def other_place() -> str:
    """Whose place comes first must not decide what is undertaken for all."""
    return _("Other undertakings apply at this place than at the first one. Make a declaration of its own for it.")


@dataclass(frozen=True)
class InForce:
    """What may be declared today, the line of each product, and the undertakings of today: read once, however many declarations ask.

    A product that left the catalogue keeps its line: whether it may still be declared is said at its line (queries.problems_of).
    """

    lines: Mapping[str, str]
    current: Set[str]
    sets: Sequence[ClauseSet]
    # By (held, now): why a draft of the one cannot be signed under the other, or None. Asked of the database once for each pair.
    answers: dict[tuple[str, str], NotAllowed | None] = field(default_factory=dict)

    @classmethod
    def today(cls, product_ids: Iterable[str]) -> "InForce":
        """For these products."""
        wanted = Product.objects.filter(pk__in=set(product_ids))
        current = current_products().filter(pk__in=wanted.values("pk")).values_list("pk", flat=True)
        return cls(dict(wanted.values_list("pk", "line")), set(current), list(clauses.in_force(civil_today())))

    def clauses_for(self, data: DeclarationData) -> ClauseSet:
        """The undertakings for these goods and this place. Raises Incomplete."""
        if any(line.product_id not in self.lines for line in data.lines):
            raise Incomplete([Problem("lines", _("A product is no longer in the catalogue; choose another."))])
        lines = [self.lines[line.product_id] for line in data.lines]
        found: ClauseSet | None = None
        for number, one in enumerate(data.all_end_users()):
            try:
                own = clauses.set_among(self.sets, lines=lines, country=one.place_country, division=one.place_division)
            except NotAllowed as refusal:
                raise Incomplete([Problem(refusal.code, str(refusal))]) from None
            if found is not None and own.pk != found.pk:
                raise Incomplete([Problem(f"place_country_{one.customer_id}" if number else "place_country", other_place())])
            found = own
        assert found is not None, "a declaration has an end user, or the distributor in its place"
        return found

    def check_still_good(self, *, held: ClauseSet, now: ClauseSet) -> None:
        """As `clauses.check_still_good`."""
        if (held.pk, now.pk) not in self.answers:
            self.answers[held.pk, now.pk] = None
            try:
                clauses.check_still_good(held=held, now=now, on=civil_today())
            except NotAllowed as refusal:
                self.answers[held.pk, now.pk] = refusal
        if (found := self.answers[held.pk, now.pk]) is not None:
            raise found
