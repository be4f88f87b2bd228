"""The only writes to letters. Sealing runs in the signer, under its own database role."""

import datetime as dt
import json
from collections.abc import Sequence
from typing import Any

from django.db import IntegrityError, transaction
from django.utils import timezone
from django.utils.translation import gettext as _

from certifications.attestations.render import check_glyphs, render_letter
from certifications.attestations.rules import new_code
from certifications.attestations.sealed import Sealed
from certifications.catalogue.models import Product
from certifications.catalogue.queries import current_products
from certifications.evidence.keys import project_key
from certifications.files.actions import store
from certifications.ledger.actions import record
from certifications.ledger.canonical import canonical, sha256_hex
from certifications.ledger.days import civil_today
from certifications.ledger.ids import new_number
from certifications.ledger.moves import NotAllowed, StaleState, move
from certifications.parties.actions import Incomplete, register_named
from certifications.parties.rules import Problem, clean_name, compact
from certifications.people.models import FactorProof, User
from certifications.people.permissions import Permission
from certifications.people.second import check_proof, lock_proposal, take_agreement, void_proposal

from . import rules
from .compose import compose
from .models import Letter, LetterDecision, LetterParty, LetterReminder, LetterSeal, LetterText
from .queries import own_customers
from .rules import LetterData

Status = Letter.Status
State = LetterDecision.State


def check(data: LetterData) -> list[Product]:
    """The products that the letter names. Raises Incomplete with every problem."""
    problems = rules.letter_problems(data, civil_today())
    products = list(current_products().filter(pk__in=data.goods))
    if len(products) != len(set(data.goods)):
        problems.append(Problem("goods", _("One of the products is not in the catalogue any more; choose again.")))
    if problems:
        raise Incomplete(problems)
    return products


@transaction.atomic
def ask(*, by: User, data: LetterData, form_key: str) -> Letter:
    """Ask for a letter. The same form twice is one letter. Raises Incomplete with every problem."""
    if by.organisation is None:
        raise NotAllowed(_("You act for no distributor."), "no_organisation")
    earlier = Letter.objects.filter(form_key=form_key, organisation=by.organisation).first()
    if earlier is not None:
        return earlier
    products = check(data)
    try:
        with transaction.atomic():
            letter = Letter.objects.create(
                number=new_number("TAL", timezone.now().year),
                code=new_code(),
                organisation=by.organisation,
                buyer_native=clean_name(data.buyer_native),
                buyer_latin=clean_name(data.buyer_latin),
                buyer_uscc=compact(data.buyer_uscc),
                others=list(dict.fromkeys(filter(None, map(clean_name, data.others)))),
                project_no=clean_name(data.project_no),
                project_key=project_key(data.project_no),
                goods=[{"catalogue_number": p.catalogue_number, "name": p.name, "name_zh": p.name_zh, "line": p.line} for p in products],
                lines=sorted({p.line for p in products}),
                country=data.country,
                division=data.division,
                valid_until=data.valid_until,
                language=data.language,
                note=data.note.strip(),
                asked_by=by,
                form_key=form_key,
            )
    except IntegrityError:
        # The form was sent twice in the same instant; the other one was first.
        first = Letter.objects.filter(form_key=form_key, organisation=by.organisation).first()
        if first is None:
            raise NotAllowed(_("This page is out of date. Load it again; what you typed is still here."), "form") from None
        return first
    _name_parties(letter, by)
    record(verb="letter.asked", obj=letter, by=by, data={"project": letter.project_key, "parties": letter.parties.count()})
    return letter


def _name_parties(letter: Letter, by: User) -> None:
    place = {"country": letter.country, "division": letter.division}
    buyer = register_named(native=letter.buyer_native, latin=letter.buyer_latin, uscc=letter.buyer_uscc, by=by, **place)
    LetterParty.objects.create(letter=letter, party=buyer, role=LetterParty.Role.BUYER)
    for name in letter.others:
        # Where they are nobody said; a country that is not known narrows no search.
        other = register_named(native=name, latin="", uscc="", by=by, country=letter.country, division="")
        LetterParty.objects.create(letter=letter, party=other, role=LetterParty.Role.OTHER)
    for party in own_customers(letter):
        LetterParty.objects.create(letter=letter, party=party, role=LetterParty.Role.CUSTOMER)


@transaction.atomic
def withdraw(*, letter: Letter, by: User) -> None:
    """The distributor does not need it any more. What was issued is not taken back by this: compliance revokes."""
    locked = Letter.objects.select_for_update().get(pk=letter.pk)
    _void_open(locked, by)
    move(obj=locked, to=Status.WITHDRAWN, by=by)


def _void_open(letter: Letter, by: User) -> None:
    held = letter.decisions.filter(state=State.PROPOSED).first()
    if held is not None:
        void_proposal(row=held, by=by)
        record(verb="letterdecision.voided", obj=held, by=by, data={"letter": letter.pk})


def decision_digest(*, letter: Letter, outcome: str, explanation: str, public_reason: str, answered: Sequence[str] = ()) -> str:
    """What a person gives a factor for: the letter as it stands, whole, and the words of the decision."""
    said = {
        "number": letter.number,
        "organisation": letter.organisation_id,
        "buyer": [letter.buyer_native, letter.buyer_latin, letter.buyer_uscc],
        "others": letter.others,
        "project": letter.project_no,
        "goods": letter.goods,
        "territory": [letter.country, letter.division],
        "until": letter.valid_until.isoformat(),
        "language": letter.language,
    }
    words: dict[str, Any] = {"outcome": outcome, "explanation": explanation.strip(), "public_reason": public_reason.strip()}
    if answered:
        words["answered"] = sorted(answered)
    return sha256_hex(canonical({"letter": said, **words}))


def digest_of(letter: Letter, decision: LetterDecision) -> str:
    """The same of a decision on record."""
    return decision_digest(
        letter=letter,
        outcome=decision.outcome,
        explanation=decision.explanation,
        public_reason=decision.public_reason,
        answered=decision.answered,
    )


def check_decision(*, letter: Letter, outcome: str, explanation: str, public_reason: str) -> None:
    """Raise NotAllowed with the field as its code. Asked before a factor is spent, and again when it is."""
    words = {"outcome": outcome, "explanation": explanation, "public_reason": public_reason}
    refusal = rules.check_decision(status=letter.status, **words)
    if refusal is not None:
        raise NotAllowed(refusal.message, refusal.field)
    if letter.decisions.filter(state=State.PROPOSED).exists():
        raise StaleState(_("A decision is proposed already; agree to it or take it back first."))


@transaction.atomic
def decide(
    *,
    letter: Letter,
    by: User,
    outcome: str,
    explanation: str,
    public_reason: str,
    needs_second: bool,
    proof: FactorProof,
    answered: Sequence[str] = (),
) -> LetterDecision:
    """Decide, or propose where two people are needed. Raises NotAllowed with the field as its code."""
    locked = Letter.objects.select_for_update().get(pk=letter.pk)
    words = {"outcome": outcome, "explanation": explanation, "public_reason": public_reason if outcome != "release" else ""}
    check_decision(letter=locked, **words)
    digest = decision_digest(letter=locked, answered=answered, **words)
    check_proof(proof=proof, by=by, digest=digest, changed=_("The letter changed meanwhile. Read it again and confirm again."))
    second = needs_second or outcome == LetterDecision.Outcome.REVOKE
    made = LetterDecision.objects.create(
        letter=locked,
        outcome=outcome,
        reason="letter",
        explanation=explanation.strip(),
        public_reason=words["public_reason"].strip(),
        answered=sorted(answered),
        state=State.PROPOSED if second else State.EFFECTIVE,
        needs_second=second,
        proposed_by=by,
        proposed_proof_id=proof.pk,
        digest=digest,
    )
    verb = "letterdecision.proposed" if second else "letterdecision.effective"
    record(verb=verb, obj=made, by=by, data={"letter": locked.pk, "outcome": outcome, "proof": proof.pk})
    if not second:
        _take_effect(locked, made, by)
    return made


@transaction.atomic
def agree(*, decision: LetterDecision, by: User, proof: FactorProof) -> LetterDecision:
    """The second person agrees; it takes effect. Raises NotAllowed: `same_person`, `not_independent`, `digest`."""
    letter = Letter.objects.select_for_update().get(pk=decision.letter_id)
    held = lock_proposal(decision)
    digest = digest_of(letter, held)
    changed = _("The letter changed since the proposal. Read it again.")
    take_agreement(row=held, by=by, proof=proof, right=Permission.RELEASE, digest=digest, changed=changed)
    record(verb="letterdecision.agreed", obj=held, by=by, data={"letter": letter.pk, "proof": proof.pk})
    _take_effect(letter, held, by)
    return held


_LEADS_TO = {"release": Status.ISSUING, "refuse": Status.REFUSED, "revoke": Status.REVOKED}


def _take_effect(letter: Letter, decision: LetterDecision, by: User) -> None:
    move(obj=letter, to=_LEADS_TO[decision.outcome], by=by, data={"decision": decision.pk})


@transaction.atomic
def void(*, decision: LetterDecision, by: User) -> None:
    """Take back one's own proposal, or refuse another's; the record stays."""
    void_proposal(row=decision, by=by)
    record(verb="letterdecision.voided", obj=decision, by=by, data={"letter": decision.letter_id})


def write_text(*, decision: LetterDecision, by_test_authority: bool) -> LetterText:
    """Compose, check the glyphs, render, and keep payload and unsealed PDF of a release. Repeating it changes nothing."""
    earlier = LetterText.objects.filter(decision=decision).first()
    if earlier is not None:
        return earlier
    text = canonical(compose(decision, by_test_authority=by_test_authority))
    payload = json.loads(text)
    check_glyphs(payload)
    pdf = render_letter(payload)
    letter = decision.letter
    with transaction.atomic():
        blob = store(pdf, name=f"{letter.number}-unsealed.pdf", media_type="application/pdf")
        values = {"canonical": text.decode(), "sha256": sha256_hex(text), "unsealed": blob}
        made, created = LetterText.objects.get_or_create(decision=decision, defaults=values)
        if created:
            record(verb="letter.rendered", obj=letter, by=None, data={"payload": made.sha256, "pdf": blob.sha256})
    return made


def check_text(*, text: LetterText, by_test_authority: bool) -> str:
    """Empty when payload and unsealed PDF are what the record itself gives, else what is not. For the signer."""
    again = canonical(compose(text.decision, by_test_authority=by_test_authority))
    if text.canonical.encode() != again or text.sha256 != sha256_hex(again):
        return "the payload is not what the record says"
    if sha256_hex(render_letter(json.loads(again))) != text.unsealed.sha256:
        return "the PDF is not what the payload says"
    return ""


@transaction.atomic
def take_back(*, letter: Letter, because: str) -> bool:
    """A released letter that is not sealed yet waits for a decision again. False when it was sealed first."""
    locked = Letter.objects.select_for_update().get(pk=letter.pk)
    if locked.status != Status.ISSUING:
        return False
    move(obj=locked, to=Status.WAITING, by=None, data={"because": because[:200]})
    return True


@transaction.atomic
def write_seal(*, text: LetterText, sealed: Sealed) -> LetterSeal:
    """Keep the sealed PDF and put the letter in force. Runs as the signer; repeating it changes nothing."""
    locked = Letter.objects.select_for_update().get(pk=text.decision.letter_id)
    earlier = LetterSeal.objects.filter(letter=locked).first()
    if earlier is not None:
        return earlier
    blob = store(sealed.pdf, name=f"{locked.number}.pdf", media_type="application/pdf")
    seal = LetterSeal.objects.create(
        letter=locked,
        text=text,
        pdf=blob,
        sha256=blob.sha256,
        timestamped_at=sealed.timestamped_at,
        certificate_sha256=sealed.certificate_sha256,
        by_test_authority=sealed.by_test_authority,
    )
    move(obj=locked, to=Status.VALID, by=None, data={"pdf": blob.sha256, "payload": text.sha256})
    return seal


def expire_due(today: dt.date) -> int:
    """Expire what is past its last day. Returns how many."""
    count = 0
    for letter in Letter.objects.filter(status=Status.VALID, valid_until__lte=today)[:500]:
        try:
            move(obj=letter, to=Status.EXPIRED, by=None)
            count += 1
        except StaleState:
            continue
    return count


def told_once(*, letter: Letter, days: int | None = None, line: str = "") -> bool:
    """Whether this is the first time that people are told of it. In the caller's transaction."""
    return LetterReminder.objects.get_or_create(letter=letter, days=days, line=line)[1]
