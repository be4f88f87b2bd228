"""The only writes to attestations. Sealing runs in the signer, under its own database role."""

import datetime as dt
import json

from django.conf import settings
from django.db import transaction
from django.utils import timezone
from django.utils.translation import gettext as _

from certifications.declarations.models import Declaration, DeclarationVersion
from certifications.declarations.queries import parties_of
from certifications.files.actions import read, store
from certifications.ledger.actions import record
from certifications.ledger.canonical import canonical, sha256_hex
from certifications.ledger.ids import new_number
from certifications.ledger.moves import NotAllowed, StaleState, move
from certifications.parties.queries import display
from certifications.people.models import FactorProof, User
from certifications.people.permissions import Permission
from certifications.people.second import check_proof, lock_proposal, take_agreement, void_proposal

from . import rules
from .compose import compose
from .models import Attestation, AttestationPayload, Seal, StatusChange
from .render import check_glyphs, render_attestation
from .sealed import Sealed


@transaction.atomic
def prepare(*, declaration: Declaration, version: DeclarationVersion, by: User, proof: FactorProof) -> Attestation:
    """The number and the code of the certificate to be, released by a person. One per version, whatever is repeated."""
    earlier = Attestation.objects.filter(version=version).exclude(status=Attestation.Status.VOID).first()
    if earlier is not None:
        return earlier
    buyer, seller = declaration.customer.party, declaration.organisation.party
    taking = [buyer, seller, *(one.customer.party for one in parties_of(version))]
    words = [declaration.number, *(name for party in taking for name in display(party).names)]
    words += [identifier.value for party in taking for identifier in party.identifiers.all()]
    attestation = Attestation.objects.create(
        number=new_number("EUC", timezone.now().year),
        code=rules.new_code(),
        declaration=declaration,
        version=version,
        valid_from=version.valid_from,
        valid_until=version.valid_until,
        released_by=by,
        released_proof_id=proof.pk,
        exporter_country=settings.EXPORTER_COUNTRY,
        destination_country=buyer.country,
        destination_division=buyer.division,
        place_country=version.place_country,
        place_division=version.place_division,
        search_text="\n".join(dict.fromkeys(words)).casefold(),
    )
    record(
        verb="attestation.released",
        obj=attestation,
        by=by,
        data={"declaration": declaration.pk, "version": version.number, "proof": proof.pk},
    )
    return attestation


def write_unsealed(*, attestation: Attestation, by_test_authority: bool) -> AttestationPayload:
    """Compose, check the glyphs, render, and keep payload and unsealed PDF. Repeating it changes nothing.

    Raises MissingGlyph, naming field and character, before anything is written.
    """
    earlier = AttestationPayload.objects.filter(attestation=attestation).first()
    if earlier is not None:
        return earlier
    text = canonical(compose(attestation, by_test_authority=by_test_authority))
    payload = json.loads(text)
    check_glyphs(payload)
    pdf = render_attestation(payload)
    with transaction.atomic():
        blob = store(pdf, name=f"{attestation.number}-unsealed.pdf", media_type="application/pdf")
        made, created = AttestationPayload.objects.get_or_create(
            attestation=attestation,
            defaults={"canonical": text.decode(), "sha256": sha256_hex(text), "unsealed": blob},
        )
        if created:
            record(verb="attestation.rendered", obj=attestation, by=None, data={"payload": made.sha256, "pdf": blob.sha256})
    return made


def check_payload(*, attestation: Attestation, by_test_authority: bool) -> str:
    """Empty when payload and unsealed PDF are what the record itself gives, else what is not. For the signer.

    It composes and renders again: what a web or worker process wrote into a row is no reason to seal it.
    """
    text = canonical(compose(attestation, by_test_authority=by_test_authority))
    payload = attestation.payload
    if payload.canonical.encode() != text or payload.sha256 != sha256_hex(text):
        return "the payload is not what the record says"
    if sha256_hex(render_attestation(json.loads(text))) != payload.unsealed.sha256:
        return "the PDF is not what the payload says"
    return ""


@transaction.atomic
def take_back(*, attestation: Attestation, because: str) -> bool:
    """A released attestation that is not sealed yet comes to nothing. False when it was sealed first."""
    locked = Attestation.objects.select_for_update().get(pk=attestation.pk)
    if locked.status != Attestation.Status.PENDING:
        return False
    move(obj=locked, to=Attestation.Status.VOID, by=None, data={"because": because[:200]})
    return True


def unsealed_pdf(attestation: Attestation) -> bytes:
    """The bytes to be sealed, checked against their digest. Raises Damaged."""
    return read(attestation.payload.unsealed)


@transaction.atomic
def write_seal(*, attestation: Attestation, sealed: Sealed) -> Seal:
    """Keep the sealed PDF and put the attestation in force. Runs as the signer; repeating it changes nothing."""
    locked = Attestation.objects.select_for_update().get(pk=attestation.pk)
    earlier = Seal.objects.filter(attestation=locked).first()
    if earlier is not None:
        return earlier
    blob = store(sealed.pdf, name=f"{locked.number}.pdf", media_type="application/pdf")
    seal = Seal.objects.create(
        attestation=locked,
        pdf=blob,
        sha256=blob.sha256,
        payload_sha256=locked.payload.sha256,
        timestamped_at=sealed.timestamped_at,
        certificate_sha256=sealed.certificate_sha256,
        by_test_authority=sealed.by_test_authority,
    )
    move(obj=locked, to=Attestation.Status.VALID, by=None, data={"pdf": blob.sha256, "payload": seal.payload_sha256})
    return seal


def change_digest(*, attestation: Attestation, to: str, reason: str, explanation: str, public_reason: str) -> str:
    """What both people give their factor for."""
    return sha256_hex(
        canonical(
            {
                "attestation": attestation.pk,
                "status": attestation.status,
                "to": to,
                "reason": reason,
                "explanation": explanation.strip(),
                "public_reason": public_reason.strip(),
            }
        )
    )


def check_change(*, attestation: Attestation, to: str, reason: str, explanation: str, public_reason: str) -> None:
    """Raise NotAllowed with the field as its code. Asked before a factor is spent, and again when it is."""
    refusal = rules.check_change(status=attestation.status, to=to, reason=reason, explanation=explanation, public_reason=public_reason)
    if refusal is not None:
        raise NotAllowed(refusal.message, refusal.field)
    if attestation.changes.filter(state=StatusChange.State.PROPOSED).exists():
        raise StaleState(_("A change is proposed already; agree to it or take it back first."))


@transaction.atomic
def propose_change(
    *,
    attestation: Attestation,
    by: User,
    to: str,
    reason: str,
    explanation: str,
    public_reason: str,
    proof: FactorProof,
) -> StatusChange:
    """Propose suspension, revocation or lifting; nothing changes until another person agrees."""
    locked = Attestation.objects.select_for_update().get(pk=attestation.pk)
    words = {"to": to, "reason": reason, "explanation": explanation, "public_reason": public_reason}
    check_change(attestation=locked, **words)
    digest = change_digest(attestation=locked, **words)
    check_proof(proof=proof, by=by, digest=digest, changed=_("The attestation changed meanwhile. Read it again and confirm again."))
    change = StatusChange.objects.create(
        attestation=locked,
        to=to,
        reason=reason,
        explanation=explanation.strip(),
        public_reason=public_reason.strip(),
        proposed_by=by,
        proposed_proof_id=proof.pk,
        digest=digest,
    )
    record(
        verb="status.proposed",
        obj=change,
        by=by,
        data={"attestation": locked.pk, "to": to, "reason": reason, "proof": proof.pk},
    )
    return change


@transaction.atomic
def agree_change(*, change: StatusChange, by: User, proof: FactorProof) -> Attestation:
    """Another person agrees; the new status shows on the public page at once."""
    attestation = Attestation.objects.select_for_update().get(pk=change.attestation_id)
    change = lock_proposal(change)
    digest = change_digest(
        attestation=attestation,
        to=change.to,
        reason=change.reason,
        explanation=change.explanation,
        public_reason=change.public_reason,
    )
    changed = _("The attestation changed since the proposal. Read it again.")
    take_agreement(row=change, by=by, proof=proof, right=Permission.CHANGE_STATUS, digest=digest, changed=changed)
    record(verb="status.agreed", obj=change, by=by, data={"attestation": attestation.pk, "proof": proof.pk})
    move(obj=attestation, to=change.to, by=by, data={"change": change.pk, "reason": change.reason})
    return attestation


@transaction.atomic
def void_change(*, change: StatusChange, by: User) -> None:
    """Take back one's own proposal, or refuse another's; the record stays."""
    void_proposal(row=change, by=by)
    record(verb="status.voided", obj=change, by=by, data={"attestation": change.attestation_id})


def expire_due(today: dt.date) -> int:
    """Expire what is past its last day. Returns how many."""
    count = 0
    for attestation in Attestation.objects.filter(
        status__in=[Attestation.Status.VALID, Attestation.Status.SUSPENDED], valid_until__lte=today
    )[:500]:
        try:
            move(obj=attestation, to=Attestation.Status.EXPIRED, by=None)
            count += 1
        except StaleState:
            continue
    return count
