"""The writes to declarations from signature on (drafts: drafting.py). A signed version never changes: a returned one gets a new one."""

from collections.abc import Iterable, Sequence

from django.db import transaction
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from certifications.catalogue.models import ClauseSet
from certifications.ledger.actions import record
from certifications.ledger.listed import listed
from certifications.ledger.moves import NotAllowed, StaleState, move
from certifications.parties.models import Customer
from certifications.parties.queries import display
from certifications.people.models import FactorProof, User
from certifications.people.models_delegations import Delegation
from certifications.people.powers import Powers, powers_of, printed

from .assurance import assurance
from .data import GROUPS
from .drafting import clauses_for, copy_documents, kept_fields, write_parts
from .in_force import Incomplete, InForce
from .models import Declaration, DeclarationVersion, FrozenText, Objection, ReturnNote, Signature, Withdrawal
from .models_parts import DeclarationParty
from .own_texts import own_texts
from .queries import data_of, end_users_of, frozen_form, lacks_of, lines_of, parties_of, version_of
from .rules import MENDABLE
from .rules_enduser import Assurance

Status = Declaration.Status


def _check(declaration: Declaration, today: InForce) -> None:
    problems = lacks_of(declaration, today.current)
    if problems:
        raise Incomplete(problems)


def check_sign(*, declaration: Declaration, by: User, sha256: str, accepted: set[int], role_title: str) -> None:
    """Raise NotAllowed when the declaration cannot be signed as it stands.

    Codes: own_organisation, stale_state, role_title, clauses, clauses_changed, digest, incomplete, end_user, power. Asked before the
    factor is spent.
    """
    _check_draft(declaration, by)
    power_over(version_of(declaration), powers_of(by))
    check_ticks(clause_set=version_of(declaration).clause_set, accepted=accepted)
    check_role(role_title)
    _check_read(declaration, sha256, assurance(declaration.pk, own_texts(version_of(declaration))))


def check_text(*, declaration: Declaration, by: User, sha256: str, heard: Assurance, powers: Powers, today: InForce) -> Delegation | None:
    """Raise NotAllowed (own_organisation, stale_state, incomplete, digest, end_user, power) unless the text that was read can be signed.

    `heard` is what the end users said of that text, `powers` what the signatory was given, `today` what is in force for all that are asked
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
    today = today or InForce.today(line.product_id for line in data.lines)
    _check(declaration, today)
    today.check_still_good(held=version.clause_set, now=today.clauses_for(data))


def _check_read(declaration: Declaration, sha256: str, heard: Assurance) -> None:
    if frozen_form(version_of(declaration))[1] != sha256:
        raise NotAllowed(_("The text changed after it was shown to you. Read it again; nothing was signed."), "digest")
    if heard.each and heard.against:
        users = end_users_of(version_of(declaration))
        names = [display(user.party).title for user, one in zip(users, heard.each, strict=True) if one.against]
        raise NotAllowed(
            _(
                "An end user did not agree to its part of exactly this text: %(names)s. Change it, or ask again once its questions are answered."
            )
            % {"names": listed(names)},
            "end_user",
        )
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
            % {"n": listed(map(str, missing))},
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
    now = clauses_for(data_of(version))
    DeclarationVersion.objects.filter(pk=version.pk).update(clause_set=now)
    record(verb="declaration.clauses_taken", obj=locked, by=by, data={"from": version.clause_set_id, "to": now.pk})
    return now


def lock_customers(declarations: Iterable[Declaration]) -> None:
    """Lock every customer that takes part, in one order for everybody."""
    pks = {declaration.customer_id for declaration in declarations}
    others = DeclarationParty.objects.filter(version__declaration__in=[d.pk for d in declarations])
    pks |= set(others.values_list("customer_id", flat=True))
    list(Customer.objects.select_for_update().filter(pk__in=pks).order_by("pk"))


def keep_places(versions: Iterable[DeclarationVersion]) -> None:
    """Write where every further party is as of the signature, before the texts are frozen: what a regulator may see rests on it."""
    rows = [one for version in versions for one in parties_of(version)]
    for one in rows:
        one.country, one.division = one.customer.party.country, one.customer.party.division
    DeclarationParty.objects.bulk_update(rows, ["country", "division"])


@transaction.atomic
def sign(*, declaration: Declaration, by: User, sha256: str, accepted: set[int], role_title: str, proof: FactorProof) -> DeclarationVersion:
    """Freeze the text whose digest was shown and sign it, under a row lock. Raises as check_sign."""
    locked = Declaration.objects.select_for_update().get(pk=declaration.pk)
    # Whoever changes the customer takes this lock too: the text that is frozen is the customer that is screened.
    lock_customers([locked])
    check_sign(declaration=locked, by=by, sha256=sha256, accepted=accepted, role_title=role_title)
    if proof.digest != sha256 or proof.user_id != by.pk:
        raise NotAllowed(_("The second factor was given for another text."), "digest")
    version = version_of(locked)
    under = power_over(version, powers_of(by, lock=True))
    content, digest = frozen_form(version)
    keep_places([version])
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
        clause_set=clauses_for(data),
        created_by=by,
        answered=GROUPS,
        **kept_fields(data),
    )
    write_parts(version, data)
    copy_documents(last, version)
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
