"""A declaration that follows an earlier one: a copy, an amendment that takes its place, a renewal that comes after it."""

from django.utils.translation import gettext as _

from certifications.attestations.models import Attestation
from certifications.catalogue.models import Product
from certifications.declarations import drafting as declarations
from certifications.declarations.data import DeclarationData
from certifications.declarations.models import Declaration
from certifications.declarations.queries import data_of, version_of
from certifications.declarations.rules import Problem, may_follow
from certifications.ledger.moves import NotAllowed
from certifications.orders.actions import taken, wanted_of
from certifications.people.models import User

AMEND = Declaration.Follows.AMEND


def standing_of(declaration: Declaration) -> str:
    """The word of its attestation today; empty where there is none."""
    if declaration.status not in {Declaration.Status.ATTESTED, Declaration.Status.SUPERSEDED}:
        return ""
    issued = Attestation.objects.filter(declaration=declaration).exclude(status__in=["void", "pending"]).order_by("-released_at").first()
    return issued.standing.word if issued is not None else ""


def ways_on(declaration: Declaration) -> list[str]:
    """What may be begun from it today: copy, amend, renew."""
    standing = standing_of(declaration)
    taken_up = set(declaration.followers.exclude(status__in=["withdrawn", "refused", "expired"]).values_list("follows_as", flat=True)) - {
        "copy"
    }
    return [how for how in Declaration.Follows.values if may_follow(how, standing) and how not in taken_up]


def check_follow(*, earlier: Declaration, how: str, by: User) -> None:
    """Raise NotAllowed (standing, followed) unless the declaration may be copied, amended or renewed so."""
    if earlier.organisation != by.organisation or not may_follow(how, standing_of(earlier)):
        raise NotAllowed(_("%(n)s cannot be followed this way as it stands now.") % {"n": earlier.number}, "standing")
    declarations.check_free(earlier, how)


def check_taken(earlier: Declaration | None, how: str, data: DeclarationData) -> None:
    """Raise Incomplete, naming each product of which an amendment declares less than was ordered and shipped already."""
    if earlier is None or how != AMEND:
        return
    problems = below(earlier, data)
    if problems:
        raise declarations.Incomplete(problems)


def below(earlier: Declaration, data: DeclarationData) -> list[Problem]:
    """A problem for each such product, at its quantity; of several end users at the share of each."""
    declared = wanted_of(data)
    less = {key: n for key, n in taken(earlier).items() if n > declared.get(key, 0)}
    numbers = dict(Product.objects.filter(pk__in=[product for _customer, product in less]).values_list("pk", "catalogue_number"))
    return [
        Problem(
            f"share_{customer}" if data.end_users or customer != data.customer_id else f"quantity_{product}",
            _("%(n)s of %(c)s were ordered and shipped already; declare at least as many.")
            % {"n": format(n.normalize(), "f"), "c": numbers[product]},
        )
        for (customer, product), n in sorted(less.items())
    ]


def amending_problem(declaration: Declaration) -> str:
    """What keeps an amendment from release: what it amends is no longer in force, or more was taken by now. Empty when nothing."""
    earlier = declaration.follows
    assert earlier is not None, "an amendment follows something"
    if standing_of(earlier) not in {"valid", "not_yet"} and declaration.status != Declaration.Status.ATTESTED:
        return _("The declaration that this amends is not in force any more.")
    problems = below(earlier, data_of(version_of(declaration)))
    return problems[0].message if problems else ""
