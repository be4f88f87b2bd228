"""What people do to the catalogue: a lead writes, and what binds others needs a second person, each with a fresh factor."""

from typing import Any

from django.db import models, transaction
from django.utils.translation import gettext as _

from certifications.catalogue import clauses, products, proposals
from certifications.catalogue.models import Product
from certifications.catalogue.models_ownership import OwnershipRule
from certifications.catalogue.models_policies import Policy
from certifications.catalogue.models_questions import Questionnaire
from certifications.catalogue.models_versions import CatalogueProposal
from certifications.catalogue.rules_clauses import SetData
from certifications.catalogue.rules_products import ProductData
from certifications.declarations.models import DeclarationLine
from certifications.ledger.moves import NotAllowed
from certifications.mail.actions import tell_all
from certifications.people.factors import prove
from certifications.people.models import User
from certifications.people.permissions import Permission, check
from certifications.people.queries import check_second, recipients

from . import ownership_acts, policies, questions
from .texts import unprintable


def check_product(catalogue_number: str, data: ProductData) -> None:
    """Raise Incomplete with everything that keeps this from being proposed of the product, new or not."""
    products.check_product(catalogue_number, data.content())
    _check_above("product", catalogue_number, data.content())


def is_declared(product: Product) -> bool:
    """Whether any declaration names it, a draft too."""
    return DeclarationLine.objects.filter(product=product).exists()


def keep_clauses(*, code: str, by: User, data: SetData, seen: str) -> None:
    """Keep the draft of a set's next version, complete or not. Raises StaleState unless `seen` marks the draft as it stands."""
    check(by, Permission.EDIT_CATALOGUE)
    clauses.keep_draft(code=code, data=data, by=by, seen=seen)


def check_clauses(code: str, data: SetData) -> None:
    """Raise Incomplete or NotAllowed (`clauses`) for what cannot be proposed, or not be printed on the documents."""
    clauses.problems_of(code, data)
    _check_words(data)


def _check_words(data: SetData) -> None:
    for number, clause in enumerate(data.clauses, start=1):
        for problem in unprintable(dict(clause)).values():
            raise NotAllowed(_("Undertaking %(n)d: %(problem)s") % {"n": number, "problem": problem}, "clauses")


def _check_above(kind: str, subject: str, content: dict[str, Any]) -> None:
    """What the catalogue cannot know, whoever proposed it and whatever came since.

    Every word of undertakings can be printed on the documents; a product that a declaration names keeps its line and unit.
    """
    if kind == "clauses":
        _check_words(SetData.of(content))
    held = Product.objects.filter(catalogue_number=subject).first() if kind == "product" else None
    if held is not None and is_declared(held):
        products.check_fixed(held, ProductData.of(content))


def problems_of_clauses(code: str, data: SetData) -> list[str]:
    """The same as sentences; none when it may be proposed."""
    try:
        check_clauses(code, data)
    except NotAllowed as refusal:
        return [problem.message for problem in getattr(refusal, "problems", ())] or [str(refusal)]
    return []


def propose(
    *,
    kind: str,
    subject: str,
    content: dict[str, Any],
    explanation: str,
    by: User,
    code: str = "",
    assertion: str = "",
    session: Any = None,
) -> CatalogueProposal:
    """Propose a change that needs two people; the factor is bound to exactly these words. Colleagues are told."""
    check(by, Permission.EDIT_CATALOGUE)
    words: dict[str, Any] = {"kind": kind, "subject": subject, "content": content, "explanation": explanation}
    proposals.check_proposal(**words)
    _check_above(kind, subject, content)
    proof = prove(by, digest=proposals.proposal_digest(**words), purpose="catalogue", code=code, assertion=assertion, session=session)
    with transaction.atomic():
        made = proposals.propose(by=by, proof=proof, **words)
        tell_all(recipients(Permission.AGREE_CATALOGUE), but=by, template="second_person_for_catalogue", context={})
    return made


def agree(*, proposal: CatalogueProposal, by: User, code: str = "", assertion: str = "", session: Any = None) -> models.Model:
    """Another person agrees, and it takes effect. What came of it."""
    check(by, Permission.AGREE_CATALOGUE)
    check_second(proposer=proposal.proposed_by, by=by, right=Permission.EDIT_CATALOGUE)
    _check_above(proposal.kind, proposal.subject, proposal.content)
    proof = prove(by, digest=proposal.digest, purpose="catalogue", code=code, assertion=assertion, session=session)
    with transaction.atomic():
        made = proposals.agree(proposal=proposal, by=by, proof=proof)
        if isinstance(made, Policy):
            policies.follow_later(proposal.pk)
        if isinstance(made, OwnershipRule):
            ownership_acts.follow_later(proposal.pk)
        if isinstance(made, Questionnaire):
            questions.tell_of_version()
        return made


def void(*, proposal: CatalogueProposal, by: User) -> None:
    """Take a proposal back, or refuse it."""
    check(by, Permission.AGREE_CATALOGUE)
    proposals.void(proposal=proposal, by=by)


def turn() -> int:
    """Put every version of a product in force whose day has come. Returns how many products changed."""
    return products.turn_all()
