"""Who sees prices, by two people; colleagues are told of a proposal."""

from typing import Any

from django.db import transaction

from certifications.mail.actions import tell_all
from certifications.people import prices
from certifications.people.factors import prove
from certifications.people.models import User
from certifications.people.models_prices import PriceSight
from certifications.people.permissions import Permission, check
from certifications.people.queries import check_second, recipients


def propose(*, by: User, roles: list[str], explanation: str, code: str = "", assertion: str = "", session: Any = None) -> PriceSight:
    """Propose which roles see prices. Raises NotAllowed, FactorRefused."""
    check(by, Permission.AGREE_PRICES)
    prices.check_proposal(roles=roles, explanation=explanation)
    digest = prices.prices_digest(roles=roles, explanation=explanation)
    proof = prove(by, digest=digest, purpose="prices", code=code, assertion=assertion, session=session)
    with transaction.atomic():
        made = prices.propose(by=by, roles=roles, explanation=explanation, proof=proof)
        tell_all(recipients(Permission.AGREE_PRICES), but=by, template="second_person_for_prices", context={})
    return made


def agree(*, held: PriceSight, by: User, code: str = "", assertion: str = "", session: Any = None) -> PriceSight:
    """Another person agrees. Raises NotAllowed, FactorRefused."""
    check(by, Permission.AGREE_PRICES)
    check_second(proposer=held.proposed_by, by=by, right=Permission.AGREE_PRICES)
    proof = prove(by, digest=held.digest, purpose="prices", code=code, assertion=assertion, session=session)
    return prices.agree(held=held, by=by, proof=proof)


def void(*, held: PriceSight, by: User) -> None:
    """Take a proposal back, or refuse it."""
    check(by, Permission.AGREE_PRICES)
    prices.void(held=held, by=by)
