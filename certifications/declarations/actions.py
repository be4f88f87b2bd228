"""The only writes to declarations. A signed version never changes: a returned declaration gets a new one."""

from collections.abc import Sequence

from django.db import IntegrityError, transaction
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from certifications.catalogue import clauses
from certifications.catalogue.models import ClauseSet
from certifications.ledger.actions import record
from certifications.ledger.days import civil_today
from certifications.ledger.ids import new_number
from certifications.ledger.moves import NotAllowed, StaleState, move
from certifications.parties.models import Customer
from certifications.people.models import FactorProof, Organisation, User
from certifications.people.models_delegations import Delegation
from certifications.people.powers import Powers, powers_of, printed

from .assurance import assurance
from .in_force import Incomplete, InForce
from .models import Declaration, DeclarationLine, DeclarationVersion, FrozenText, Objection, ReturnNote, Signature, Withdrawal
from .queries import data_of, frozen_form, lines_of, version_of
from .rules import MENDABLE, DeclarationData, Problem, completeness, following
from .rules_enduser import Assurance

Status = Declaration.Status


def _check(data: DeclarationData) -> None:
    problems = completeness(data, civil_today())
    if problems:
        raise Incomplete(problems)


def _check_following(declaration: Declaration | None, how: str, data: DeclarationData) -> None:
    if declaration is not None and (problems := following(how, declaration.number, data_of(version_of(declaration)), data)):
        raise Incomplete(problems)


def _customer(organisation: Organisation | None, customer_id: str) -> Customer:
    customer = Customer.objects.filter(pk=customer_id, organisation=organisation).first()
    if customer is None:
        raise Incomplete([Problem("customer", _("Choose one of your customers."))])
    return customer


def _clauses_for(data: DeclarationData) -> ClauseSet:
    """The undertakings in force today for these goods and this place. Raises Incomplete."""
    return InForce.today(line.product_id for line in data.lines).clauses_for(data)


def _write_lines(version: DeclarationVersion, data: DeclarationData) -> None:
    version.lines.all().delete()
    DeclarationLine.objects.bulk_create(
        DeclarationLine(version=version, product_id=line.product_id, quantity=line.quantity) for line in data.lines
    )


def _fields(data: DeclarationData) -> dict[str, object]:
    return {
        "end_use": data.end_use.strip(),
        "place_address": data.place_address.strip(),
        "place_country": data.place_country,
        "place_division": data.place_division,
        "valid_from": data.valid_from,
        "valid_until": data.valid_until,
        "unknown_facts": data.unknown_facts.strip(),
    }


@transaction.atomic
def draft(*, by: User, data: DeclarationData, form_key: str, follows: Declaration | None = None, how: str = "") -> Declaration:
    """Start a declaration with its first version, as a copy, an amendment or a renewal (`how`) of `follows` where that is given.

    The same form twice returns the first. Raises Incomplete, and NotAllowed (followed) where another follows it already.
    """
    if by.organisation is None:
        raise NotAllowed(_("You act for no distributor."), "no_organisation")
    earlier = Declaration.objects.filter(form_key=form_key, organisation=by.organisation).first()
    if earlier is not None:
        return earlier
    _check(data)
    _check_following(follows, how, data)
    customer, clause_set = _customer(by.organisation, data.customer_id), _clauses_for(data)
    declaration = None
    while declaration is None:
        try:
            with transaction.atomic():
                declaration = Declaration.objects.create(
                    number=new_number("EUD", timezone.now().year),
                    organisation=by.organisation,
                    customer=customer,
                    created_by=by,
                    form_key=form_key,
                    follows=follows,
                    follows_as=how,
                )
        except IntegrityError:
            check_free(follows, how)
            if Declaration.objects.filter(form_key=form_key).exists():
                raise StaleState(_("The form was sent twice; the first one was kept.")) from None
    version = DeclarationVersion.objects.create(declaration=declaration, number=1, clause_set=clause_set, created_by=by, **_fields(data))
    _write_lines(version, data)
    record(verb="declaration.drafted", obj=declaration, by=by, data={"customer": customer.pk, **_said(follows, how)})
    return declaration


def _said(follows: Declaration | None, how: str) -> dict[str, str]:
    return {} if follows is None else {"follows": follows.pk, "as": how}


def check_free(follows: Declaration | None, how: str) -> None:
    """Raise NotAllowed (followed), naming it, where an amendment or a renewal of the declaration is on its way already."""
    if follows is None or how == Declaration.Follows.COPY:
        return
    other = follows.followers.filter(follows_as=how).exclude(status__in=[Status.WITHDRAWN, Status.REFUSED, Status.EXPIRED]).first()
    if other is not None:
        told = {"n": follows.number, "other": other.number}
        raise NotAllowed(_("%(other)s follows %(n)s already. Go on with that one, or withdraw it first.") % told, "followed")


@transaction.atomic
def edit(*, declaration: Declaration, by: User, data: DeclarationData) -> None:
    """Change the draft's version. Raises Incomplete, or StaleState when it is no draft any more."""
    locked = Declaration.objects.select_for_update().get(pk=declaration.pk)
    if locked.status != Status.DRAFT:
        raise StaleState(_("The declaration is no longer a draft; load it again."))
    _check(data)
    _check_following(locked.follows, locked.follows_as, data)
    customer, now, held = _customer(by.organisation, data.customer_id), _clauses_for(data), version_of(locked).clause_set
    try:
        clauses.check_still_good(held=held, now=now, on=civil_today())
    except NotAllowed:
        held = now
    _rewrite(locked, by, customer, data, held)


@transaction.atomic
def put_back(*, declaration: Declaration, by: User, data: DeclarationData) -> None:
    """Make a draft again what it was before an upload, even if it would not be complete today. Raises as `edit`."""
    locked = Declaration.objects.select_for_update().get(pk=declaration.pk)
    if locked.status != Status.DRAFT:
        raise StaleState(_("The declaration is no longer a draft; load it again."))
    _rewrite(locked, by, _customer(locked.organisation, data.customer_id), data, version_of(locked).clause_set)


def _rewrite(locked: Declaration, by: User, customer: Customer, data: DeclarationData, clause_set: ClauseSet) -> None:
    Declaration.objects.filter(pk=locked.pk).update(customer=customer)
    version = version_of(locked)
    DeclarationVersion.objects.filter(pk=version.pk).update(clause_set=clause_set, **_fields(data))
    _write_lines(version, data)
    record(verb="declaration.edited", obj=locked, by=by, data={"version": version.number})


def check_sign(*, declaration: Declaration, by: User, sha256: str, accepted: set[int], role_title: str) -> None:
    """Raise NotAllowed when the declaration cannot be signed as it stands.

    Codes: own_organisation, stale_state, role_title, clauses, clauses_changed, digest, incomplete, end_user, power. Asked before the
    factor is spent.
    """
    _check_draft(declaration, by)
    power_over(version_of(declaration), powers_of(by))
    check_ticks(clause_set=version_of(declaration).clause_set, accepted=accepted)
    check_role(role_title)
    _check_read(declaration, sha256, assurance(declaration.pk, sha256))


def check_text(*, declaration: Declaration, by: User, sha256: str, heard: Assurance, powers: Powers, today: InForce) -> Delegation | None:
    """Raise NotAllowed (own_organisation, stale_state, incomplete, digest, end_user, power) unless the text that was read can be signed.

    `heard` is what the end user said of that text, `powers` what the signatory was given, `today` what is in force for all that are asked
    about. Returns the delegation that covers it.
    """
    _check_draft(declaration, by, today)
    _check_read(declaration, sha256, heard)
    return power_over(version_of(declaration), powers)


def power_over(version: DeclarationVersion, powers: Powers, kind: str = "declarations") -> Delegation | None:
    """The delegation under which the version may be signed. Raises NotAllowed (power), naming the limit that is passed."""
    goods = lines_of(version)
    return powers.under(kind, lines={line.product.line for line in goods}, most=max((line.quantity for line in goods), default=None))


def _check_draft(declaration: Declaration, by: User, today: InForce | None = None) -> None:
    if by.organisation is None or declaration.organisation_id != by.organisation.pk:
        raise NotAllowed(_("This declaration belongs to another distributor."), "own_organisation")
    if declaration.status != Status.DRAFT:
        raise StaleState(_("The declaration was signed or withdrawn meanwhile; load it again."))
    version = version_of(declaration)
    data = data_of(version)
    _check(data)
    _check_following(declaration.follows, declaration.follows_as, data)
    today = today or InForce.today(line.product_id for line in data.lines)
    today.check_still_good(held=version.clause_set, now=today.clauses_for(data))


def _check_read(declaration: Declaration, sha256: str, heard: Assurance) -> None:
    if frozen_form(version_of(declaration))[1] != sha256:
        raise NotAllowed(_("The text changed after it was shown to you. Read it again; nothing was signed."), "digest")
    if heard.against:
        raise NotAllowed(
            _("The end user did not agree to exactly this text. Change it, or ask the end user again once its questions are answered."),
            "end_user",
        )


def check_ticks(*, clause_set: ClauseSet, accepted: set[int]) -> None:
    """Raise NotAllowed (clauses), naming each undertaking of the set that was not ticked."""
    missing = sorted({clause.number for clause in clause_set.clauses.all()} - accepted)
    if missing:
        raise NotAllowed(
            ngettext(
                "Undertaking %(n)s is not ticked. Tick it if you accept it.",
                "Undertakings %(n)s are not ticked. Tick each one that you accept.",
                len(missing),
            )
            % {"n": ", ".join(map(str, missing))},
            "clauses",
        )


def check_role(role_title: str) -> None:
    """Raise NotAllowed (role_title) unless a role was written."""
    if len(role_title.strip()) < 2:  # noqa: PLR2004
        raise NotAllowed(_("Enter the role in which you sign, such as General Manager."), "role_title")


@transaction.atomic
def take_clauses(*, declaration: Declaration, by: User) -> ClauseSet:
    """Put the undertakings that are in force now into a draft. Raises Incomplete, NotAllowed, StaleState."""
    locked = Declaration.objects.select_for_update().get(pk=declaration.pk)
    if by.organisation is None or locked.organisation_id != by.organisation.pk:
        raise NotAllowed(_("This declaration belongs to another distributor."), "own_organisation")
    if locked.status != Status.DRAFT:
        raise StaleState(_("The declaration is no longer a draft; load it again."))
    version = version_of(locked)
    now = _clauses_for(data_of(version))
    DeclarationVersion.objects.filter(pk=version.pk).update(clause_set=now)
    record(verb="declaration.clauses_taken", obj=locked, by=by, data={"from": version.clause_set_id, "to": now.pk})
    return now


@transaction.atomic
def sign(*, declaration: Declaration, by: User, sha256: str, accepted: set[int], role_title: str, proof: FactorProof) -> DeclarationVersion:
    """Freeze the text whose digest was shown and sign it, under a row lock. Raises as check_sign."""
    locked = Declaration.objects.select_for_update().get(pk=declaration.pk)
    # Whoever changes the customer takes this lock too: the text that is frozen is the customer that is screened.
    Customer.objects.select_for_update().get(pk=locked.customer_id)
    check_sign(declaration=locked, by=by, sha256=sha256, accepted=accepted, role_title=role_title)
    if proof.digest != sha256 or proof.user_id != by.pk:
        raise NotAllowed(_("The second factor was given for another text."), "digest")
    version = version_of(locked)
    under = power_over(version, powers_of(by, lock=True))
    content, digest = frozen_form(version)
    FrozenText.objects.create(version=version, canonical=content, sha256=digest)
    Signature.objects.create(
        version=version,
        sha256=digest,
        signed_by_id=by.pk,
        signed_name=by.name,
        signed_role=role_title.strip(),
        factor=proof.kind,
        proof_id=proof.pk,
        under=printed(under),
    )
    move(
        obj=locked,
        to=Status.SIGNED,
        by=by,
        data={"version": version.number, "sha256": digest, "factor": proof.kind, "proof": proof.pk, "clauses": sorted(accepted)},
    )
    declaration.status = locked.status
    return version


@transaction.atomic
def withdraw(*, declaration: Declaration, by: User, reason: str, text: str = "") -> None:
    """Take it back; it stays on record with the reason. Raises NotAllowed (reason, text) and StaleState."""
    if reason not in Withdrawal.Reason.values:
        raise NotAllowed(_("Choose why the declaration is withdrawn."), "reason")
    if reason == Withdrawal.Reason.OTHER and len(text.strip()) < 10:  # noqa: PLR2004
        raise NotAllowed(_("Say in a sentence why."), "text")
    move(obj=declaration, to=Status.WITHDRAWN, by=by, data={"reason": reason})
    Withdrawal.objects.create(declaration=declaration, reason=reason, text=text.strip(), by=by)


@transaction.atomic
def send_back(*, declaration: Declaration, by: User) -> None:
    """Compliance returns it to be corrected."""
    move(obj=declaration, to=Status.RETURNED, by=by)


def check_return(*, fields: Sequence[str], text: str) -> None:
    """Raise NotAllowed (mend, text) unless it is said what is to be mended and how."""
    if not fields or not set(fields) <= set(MENDABLE):
        raise NotAllowed(_("Choose what the distributor must mend."), "mend")
    if len(text.strip()) < 10:  # noqa: PLR2004
        raise NotAllowed(_("Say in a sentence what is wrong and how to mend it; the distributor reads exactly this."), "text")


@transaction.atomic
def send_back_with(*, declaration: Declaration, by: User, fields: Sequence[str], text: str) -> ReturnNote:
    """Compliance returns it without a case and says what to mend. Raises as check_return, and StaleState."""
    check_return(fields=fields, text=text)
    note = ReturnNote.objects.create(
        declaration=declaration,
        version_number=declaration.version_number,
        fields=sorted(fields, key=MENDABLE.index),
        text=text.strip(),
        by=by,
    )
    move(obj=declaration, to=Status.RETURNED, by=by, data={"note": note.pk, "fields": note.fields})
    return note


@transaction.atomic
def reopen(*, declaration: Declaration, by: User) -> DeclarationVersion:
    """A returned declaration becomes a draft with a new version that begins as a copy of the last."""
    locked = Declaration.objects.select_for_update().get(pk=declaration.pk)
    last = version_of(locked)
    move(obj=locked, to=Status.DRAFT, by=by, also={"version_number": last.number + 1})
    data = data_of(last)
    version = DeclarationVersion.objects.create(
        declaration=locked,
        number=last.number + 1,
        clause_set=_clauses_for(data),
        created_by=by,
        **_fields(data),
    )
    _write_lines(version, data)
    return version


@transaction.atomic
def object_to(*, declaration: Declaration, by: User, clauses: set[int], text: str) -> Objection:
    """Say which undertakings cannot be agreed to, and why. Signs nothing and changes nothing of the draft.

    Raises NotAllowed (clauses, text) and StaleState.
    """
    locked = Declaration.objects.select_for_update().get(pk=declaration.pk)
    if by.organisation is None or locked.organisation_id != by.organisation.pk:
        raise NotAllowed(_("This declaration belongs to another distributor."), "own_organisation")
    if locked.status != Status.DRAFT:
        raise StaleState(_("The declaration was signed or withdrawn meanwhile; load it again."))
    known = set(version_of(locked).clause_set.clauses.values_list("number", flat=True))
    if not clauses or not clauses <= known:
        raise NotAllowed(_("Choose the undertakings that you cannot agree to."), "clauses")
    if len(text.strip()) < 10:  # noqa: PLR2004
        raise NotAllowed(_("Say in a sentence why, and what you could agree to."), "text")
    made = Objection.objects.create(
        declaration=locked, version_number=locked.version_number, clauses=sorted(clauses), text=text.strip(), sent_by=by
    )
    record(verb="declaration.objection", obj=locked, by=by, data={"objection": made.pk, "clauses": made.clauses})
    return made


@transaction.atomic
def answer_objection(*, objection: Objection, by: User, text: str) -> Objection:
    """Answer once. Raises NotAllowed (text) and StaleState."""
    if not text.strip():
        raise NotAllowed(_("Write an answer."), "text")
    changed = Objection.objects.filter(pk=objection.pk, answered_at__isnull=True).update(
        answer=text.strip(), answered_at=timezone.now(), answered_by=by
    )
    if changed != 1:
        raise StaleState(_("The question was answered already."))
    record(verb="declaration.objection_answered", obj=objection.declaration, by=by, data={"objection": objection.pk})
    objection.refresh_from_db()
    return objection
