"""Resellers below a distributor: nominated, accepted hop by hop, approved by compliance; who is told what at each step."""

import datetime as dt
from typing import Any

from django.db import transaction
from django.db.models import Q, QuerySet
from django.utils.translation import gettext as _

from certifications.files import actions as files
from certifications.ledger.moves import NotAllowed
from certifications.mail.actions import tell_all
from certifications.parties import nominating, register
from certifications.parties.models import Customer, Party
from certifications.parties.models_register import Authorisation
from certifications.parties.models_resellers import Acceptance, Nomination
from certifications.parties.rules_register import TermsData
from certifications.people.factors import prove
from certifications.people.models import Organisation, User
from certifications.people.permissions import Permission, check, may
from certifications.people.powers import powers_of
from certifications.people.queries import recipients

from . import resolution
from .facts import screening_facts
from .register import tell_holder


def visible_to(user: User) -> QuerySet[Nomination]:
    """Compliance sees all; a distributor its own, those below its rights, and those that name it."""
    if may(user, Permission.SEE_REGISTER):
        return Nomination.objects.all()
    if user.organisation is None or not may(user, Permission.SEE_OWN_DECLARATIONS):
        return Nomination.objects.none()
    mine = Q(organisation=user.organisation) | Q(party__organisation=user.organisation) | Q(parent__in=register.visible_to(user))
    return Nomination.objects.filter(mine)


def candidates(user: User) -> QuerySet[Customer]:
    """Resellers that the user's distributor registered: whom it may nominate."""
    return Customer.objects.filter(organisation=user.organisation, party__kind=Party.Kind.RESELLER)


def parents(user: User) -> list[register.Entry]:
    """Rights in force, or to come, below which the user's distributor may put somebody: its own, and those of its resellers."""
    book = register.today()
    rows = book.known().filter(authorisation__in=register.visible_to(user)).select_related("authorisation__party")
    return nominating.that_hold(book.judged(rows))


def nominate(*, parent: Authorisation, party: Party, by: User, data: TermsData, form_key: str) -> Nomination:
    """Propose a reseller of one's own below a right of one's own tree. Raises Incomplete, NotAllowed."""
    check(by, Permission.NOMINATE_RESELLERS)
    if not register.visible_to(by).filter(pk=parent.pk).exists() or not candidates(by).filter(party=party).exists():
        raise NotAllowed(_("Choose a right and a reseller of your own."), "party")
    with transaction.atomic():
        made = nominating.nominate(parent=parent, party=party, by=by, data=data, form_key=form_key)
        _tell_next(made)
    return made


def accept(*, nomination: Nomination, by: User, code: str = "", assertion: str = "", session: Any = None) -> Acceptance:
    """A hop's signatory accepts the terms with a fresh factor."""
    check(by, Permission.ACCEPT_TERMS)
    nominating.next_hop(nomination, by)
    powers_of(by).under("terms", lines=nomination.lines)
    proof = prove(by, digest=nomination.digest, purpose="terms", code=code, assertion=assertion, session=session)
    with transaction.atomic():
        powers_of(by, lock=True).under("terms", lines=nomination.lines)
        made = nominating.accept(nomination=nomination, by=by, proof=proof)
        _tell_next(nomination)
    return made


def accept_by_paper(*, nomination: Nomination, by: User, content: bytes, name: str, signed_name: str, signed_on: dt.date) -> Acceptance:
    """File the signed paper of a hop without accounts. Raises NotAllowed (`file`) for what is no paper."""
    check(by, Permission.NOMINATE_RESELLERS)
    with transaction.atomic():
        blob = files.store_paper(content, name=name, by_id=by.pk)
        made = nominating.accept_by_paper(nomination=nomination, by=by, blob=blob, signed_name=signed_name, signed_on=signed_on)
        _tell_next(nomination)
    return made


def problem_with(nomination: Nomination) -> str:
    """Why it cannot be approved now; empty when it can. What was not screened is never clear."""
    if nomination.status != Nomination.Status.ACCEPTED:
        return _("Not every hop has accepted the terms yet.")
    if screening_facts(nomination.party, "reseller").state != "clear":
        return _("The reseller is not screened against every list in force, or a finding is open.")
    try:
        nominating.check_unchanged(nomination)
    except NotAllowed as refusal:
        return str(refusal)
    return ""


def approve(*, nomination: Nomination, by: User, code: str = "", assertion: str = "", session: Any = None) -> Authorisation:
    """Compliance approves with a fresh factor; the right stands on the register from this moment on."""
    check(by, Permission.APPROVE_RESELLERS)
    problem = problem_with(nomination)
    if problem:
        raise NotAllowed(problem, "problem")
    proof = prove(by, digest=nomination.digest, purpose="register", code=code, assertion=assertion, session=session)
    with transaction.atomic():
        made = nominating.approve(nomination=nomination, by=by, proof=proof)
        resolution.look_later(made.party, because=f"right-{made.pk}")
        tell_holder(made, "authorisation_recorded")
    return made


def refuse(*, nomination: Nomination, by: User, reason: str) -> None:
    """Compliance refuses, and says why."""
    check(by, Permission.APPROVE_RESELLERS)
    with transaction.atomic():
        nominating.refuse(nomination=nomination, by=by, reason=reason)
        _tell(nomination.organisation, Permission.NOMINATE_RESELLERS, "nomination_refused", nomination)


def withdraw(*, nomination: Nomination, by: User, reason: str) -> None:
    """The distributor takes it back."""
    check(by, Permission.NOMINATE_RESELLERS)
    nominating.withdraw(nomination=nomination, by=by, reason=reason)


def _tell(organisation: Organisation | None, right: Permission, template: str, nomination: Nomination) -> None:
    tell_all(recipients(right, organisation), template=template, context={"number": nomination.number})


def _tell_next(nomination: Nomination) -> None:
    """Tell whoever acts next: the signatories of the hop, the distributor where a paper is wanted, or compliance."""
    nomination.refresh_from_db()
    if nomination.status == Nomination.Status.ACCEPTED:
        _tell(None, Permission.APPROVE_RESELLERS, "nomination_to_approve", nomination)
        return
    hop = next((hop for hop in nominating.hops(nomination) if hop.is_next), None)
    if hop is not None and hop.party.organisation is not None:
        _tell(hop.party.organisation, Permission.ACCEPT_TERMS, "terms_to_accept", nomination)
