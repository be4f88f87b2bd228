"""Release by a person, then the worker and the signer: rendered, sealed, in force. Nothing releases itself."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from django.conf import settings
from django.db import transaction
from django.utils.translation import gettext as _

from certifications.attestations import actions as attestations
from certifications.attestations.authority import trust_is_test
from certifications.attestations.models import Attestation
from certifications.attestations.sealed import NotSealable
from certifications.declarations.assurance import assurance
from certifications.declarations.models import Declaration, DeclarationVersion, FrozenText, Signature
from certifications.declarations.own_texts import own_texts
from certifications.declarations.queries import end_users_of, parties_as_signed
from certifications.declarations.rules import given_for
from certifications.declarations.rules_enduser import Assurance
from certifications.flags.models import Case, Decision
from certifications.flags.queries import blocking_flags, confirmed_flags
from certifications.ledger.canonical import canonical, sha256_hex
from certifications.ledger.days import civil_today
from certifications.ledger.listed import listed
from certifications.ledger.moves import NotAllowed, StaleState, move
from certifications.orders import actions as orders
from certifications.parties.queries import display
from certifications.people.factors import prove
from certifications.people.models import FactorProof, User
from certifications.people.permissions import Permission, check
from certifications.work.actions import enqueue

from . import policies
from .advance import current_version, owners_problem, party_ids, send_round_again, tell_distributor
from .facts import declaration_facts
from .faults import fault
from .following import amending_problem

Status = Declaration.Status


@dataclass(frozen=True)
class Row:
    """One declaration that could be released, and why it cannot now, if so."""

    declaration: Declaration
    problem: str


def problem_with(declaration: Declaration) -> str:
    """A sentence that says what keeps a released or ready declaration from its seal now; empty when nothing does.

    Asked on the page, again under the lock when it is released, and by the signer before and after it seals: lists grow
    old, flags arrive and standings end between any two of them.
    """
    version = current_version(declaration)
    facts = declaration_facts(declaration, version, civil_today())
    if not parties_as_signed(version):
        return _("A party is not what the signed text says any more.")
    if any(party.state != "clear" for party in facts.parties) or any(owner.state not in {"clear", "listed"} for owner in facts.owners):
        return _("A party is not screened against every list in force, or a finding is open.")
    if facts.seller.kind != "authorised":
        return _("The distributor has no authorisation in force for these goods and this territory today.")
    word = assurance(declaration.pk, own_texts(version))
    asked = policies.problem_with(declaration, version, facts.policies, word.level, [one.level for one in word.each])
    if asked:
        return asked
    owned = owners_problem(declaration, version, facts)
    if owned:
        return owned
    if blocking_flags(declaration_id=declaration.pk, party_ids=party_ids(declaration)).exists():
        return _("A flag of high severity is open on a party.")
    if confirmed_flags(declaration.pk).exists() or any(party.concerns for party in facts.parties):
        return _("A concern about a party was confirmed.")
    if version.valid_until <= civil_today():
        return _("The declaration's validity is over.")
    if declaration.follows_as == Declaration.Follows.AMEND and (problem := amending_problem(declaration)):
        return problem
    # Whether or not a policy asks for the end user's word: what it said against the declaration holds.
    return _against(version, word)


def _against(version: DeclarationVersion, word: Assurance) -> str:
    """What an end user said against the declaration and has not taken back; of several, which of them."""
    users = zip(end_users_of(version), word.each, strict=True) if word.each else ()
    names = listed(display(user.party).title for user, one in users if one.against == word.against)
    match word.against, names:
        case "declined", "":
            return _("The end user was asked and did not confirm the declaration.")
        case "questioned", "":
            return _("The end user cannot agree to an undertaking and has not confirmed since.")
        case "declined", _names:
            return _("An end user was asked and did not confirm its part: %(names)s.") % {"names": names}
        case "questioned", _names:
            return _("An end user cannot agree to an undertaking and has not confirmed since: %(names)s.") % {"names": names}
    return ""


def _digest_of(rows: list[list[Any]]) -> str:
    return sha256_hex(canonical({"release": sorted(rows)}))


def release_digest(declarations: Sequence[Declaration]) -> str:
    """What the releaser gives a factor for: exactly these declarations at exactly these texts."""
    return _digest_of([[d.number, d.version_number, current_version(d).frozen.sha256] for d in declarations])


def release(
    *, declarations: Sequence[Declaration], by: User, digest: str, code: str = "", assertion: str = "", session: Any = None
) -> list[Attestation]:
    """Release one or many, each of which the person saw as a row. All or none.

    Raises NotAllowed: `nothing`, `digest` (the set changed since it was shown), `problem` (names the declaration).
    """
    check(by, Permission.RELEASE)
    if not declarations:
        raise NotAllowed(_("Choose at least one declaration to release."), "nothing")
    if release_digest(declarations) != digest:
        raise NotAllowed(_("The rows changed since they were shown. Look at them again."), "digest")
    for declaration in declarations:
        _check_releasable(declaration)
    proof = prove(by, digest=digest, purpose="release", code=code, assertion=assertion, session=session)
    return release_with(declarations=declarations, by=by, proof=proof)


def _check_releasable(declaration: Declaration) -> None:
    if declaration.status != Status.READY:
        raise StaleState(_("%(number)s is no longer ready.") % {"number": declaration.number})
    problem = problem_with(declaration)
    if problem:
        raise NotAllowed(f"{declaration.number}: {problem}", "problem")


def release_with(*, declarations: Sequence[Declaration], by: User, proof: FactorProof) -> list[Attestation]:
    """Release with a factor that was given for exactly these declarations. All or none.

    Raises NotAllowed (`digest`) for a proof of another person or another set, StaleState for what is no longer ready.
    """
    if proof.user_id != by.pk or proof.digest != release_digest(declarations):
        raise NotAllowed(_("The second factor was given for other rows. Look at them again."), "digest")
    made = []
    with transaction.atomic():
        # In one order for everybody: two people with overlapping sets wait for one another and never for ever.
        for declaration in sorted(declarations, key=lambda d: d.pk):
            locked = Declaration.objects.select_for_update().get(pk=declaration.pk)
            _check_releasable(locked)
            version = current_version(locked)
            attestation = attestations.prepare(declaration=locked, version=version, by=by, proof=proof)
            if locked.follows_as == Declaration.Follows.AMEND:
                orders.cap(version=version)
            move(obj=locked, to=Status.ISSUING, by=by, data={"attestation": attestation.pk, "proof": proof.pk})
            enqueue("render", attestation.pk)
            made.append(attestation)
    return made


def render(attestation_id: str) -> None:
    """Worker: compose and render the PDF, then ask the signer. Idempotent."""
    attestation = Attestation.objects.select_related("declaration", "version").get(pk=attestation_id)
    if attestation.status != Attestation.Status.PENDING:
        return
    fault("before-rendering")
    attestations.write_unsealed(attestation=attestation, by_test_authority=trust_is_test(settings.TRUST_DIR))
    fault("rendered-not-queued")
    enqueue("seal", attestation.pk)


def check_sealable(attestation: Attestation, *, by_test_authority: bool) -> None:
    """The signer trusts no message and no row that a web or worker process can write (threat 11).

    It reads again what was signed and released, composes and renders again, and compares every byte. Raises NotSealable.
    """
    declaration = attestation.declaration
    if declaration.status not in {Status.ISSUING, Status.PENDING_TIMESTAMP}:
        raise NotSealable("the declaration is not being issued")
    frozen = FrozenText.objects.get(version_id=attestation.version_id)
    signature = Signature.objects.get(version_id=attestation.version_id)
    if sha256_hex(frozen.canonical.encode()) != frozen.sha256 or signature.sha256 != frozen.sha256:
        raise NotSealable("the frozen text is not what was signed")
    signed = FactorProof.objects.filter(pk=signature.proof_id).first()
    # Everything that says it was signed with this factor: one text, or exactly the set of one sitting.
    together = sorted(Signature.objects.filter(proof_id=signature.proof_id).values_list("sha256", flat=True))
    if signed is None or signed.user_id != signature.signed_by_id or signed.purpose != "sign" or not given_for(signed.digest, together):
        raise NotSealable("the signature's second factor was given for something else")
    _check_release(attestation)
    problem = attestations.check_payload(attestation=attestation, by_test_authority=by_test_authority)
    if problem:
        raise NotSealable(problem)
    for case in Case.objects.filter(declaration=declaration, status=Case.Status.CLOSED, outcome="clear"):
        good = case.decisions.filter(state=Decision.State.EFFECTIVE)
        if not any(not d.needs_second or d.agreed_by_id not in {None, d.proposed_by_id} for d in good):
            raise NotSealable("a case was closed without the people it needs")


def _check_release(attestation: Attestation) -> None:
    """The releaser's own factor, given for exactly the set that this attestation was released in."""
    proof = FactorProof.objects.filter(pk=attestation.released_proof_id).first()
    if proof is None or proof.user_id != attestation.released_by_id or proof.purpose != "release":
        raise NotSealable("nobody released it")
    together = Attestation.objects.filter(released_proof_id=proof.pk).select_related("declaration", "version__frozen")
    if proof.digest != _digest_of([[a.declaration.number, a.version.number, a.version.frozen.sha256] for a in together]):
        raise NotSealable("the release was given for something else")


def take_back(attestation: Attestation, because: str) -> None:
    """What was released and is not sealed yet comes to nothing; its declaration is screened and decided again."""
    with transaction.atomic():
        if not attestations.take_back(attestation=attestation, because=because):
            return
        declaration = Declaration.objects.select_for_update().get(pk=attestation.declaration_id)
        if declaration.status in {Status.ISSUING, Status.PENDING_TIMESTAMP}:
            move(obj=declaration, to=Status.REVIEW, by=None, data={"because": because, "attestation": attestation.pk})
            send_round_again(declaration, f"takenback-{attestation.pk}")
            if declaration.follows_as == Declaration.Follows.AMEND:
                # The balance is a worker's to write, not the signer's.
                enqueue("uncap", declaration.pk, version=attestation.pk)


def seal(attestation_id: str, sealer: Any) -> None:
    """Signer: seal with a timestamp and put the attestation in force. Idempotent.

    Raises TimestampUnavailable after moving the declaration to `pending_timestamp`; never issues without a timestamp.
    Where something changed since the release (a listing, a flag, the distributor's standing) the release is taken back.
    """
    attestation = Attestation.objects.select_related("declaration", "payload__unsealed").get(pk=attestation_id)
    if attestation.status == Attestation.Status.PENDING:
        check_sealable(attestation, by_test_authority=sealer.by_test_authority)
        if problem_with(attestation.declaration):
            take_back(attestation, "changed before the seal")
            return
        fault("before-sealing")
        sealed = sealer(attestations.unsealed_pdf(attestation))
        fault("sealed-not-written")
        with transaction.atomic():
            Attestation.objects.select_for_update().get(pk=attestation.pk)
            declaration = Declaration.objects.select_for_update().get(pk=attestation.declaration_id)
            if problem_with(declaration):
                # The timestamp authority may have kept it waiting for hours.
                take_back(attestation, "changed while it was sealed")
                return
            attestations.write_seal(attestation=attestation, sealed=sealed)
            fault("written-not-moved")
            if declaration.status != Status.ATTESTED:
                move(obj=declaration, to=Status.ATTESTED, by=None, data={"attestation": attestation.pk})
                # Orders may draw on it from now on; the balance is a worker's to write, not the signer's.
                enqueue("declare", declaration.pk, version=str(declaration.version_number))
                tell_distributor(declaration, "attestation_issued")
    fault("moved-not-finished")


def waits_for_timestamp(attestation_id: str) -> None:
    """Signer: the timestamp authority is away; say so on the declaration and keep waiting."""
    with transaction.atomic():
        declaration = Declaration.objects.select_for_update().get(attestations__pk=attestation_id)
        if declaration.status == Status.ISSUING:
            move(obj=declaration, to=Status.PENDING_TIMESTAMP, by=None)
