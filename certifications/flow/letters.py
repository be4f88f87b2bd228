"""Tender authorisation letters: asked for, everybody named screened, released by people, sealed by the signer, matched with awards."""

from collections.abc import Collection, Sequence
from typing import Any

from django.conf import settings
from django.db import transaction
from django.utils.translation import gettext as _

from certifications.attestations.authority import trust_is_test
from certifications.attestations.sealed import NotSealable
from certifications.catalogue.models_policies import Policy
from certifications.evidence.models import EvidenceLine
from certifications.files.actions import read
from certifications.flags.queries import blocking_flags, cleared_findings, concerns_about
from certifications.flags.rules.screening import SCREENED
from certifications.ledger.days import civil_day, civil_today
from certifications.ledger.moves import NotAllowed, StaleState, move
from certifications.letters import actions as letters
from certifications.letters import queries
from certifications.letters.models import Letter, LetterDecision, LetterParty, LetterText
from certifications.letters.rules import LetterData
from certifications.mail.actions import tell_all
from certifications.parties import register
from certifications.parties.alike import borne_on
from certifications.parties.models import Party
from certifications.parties.sellers import kind_among
from certifications.people.factors import prove
from certifications.people.models import FactorProof, User
from certifications.people.permissions import Permission, check
from certifications.people.queries import check_second, in_place_of, recipients
from certifications.screening.actions import screen_party
from certifications.screening.queries import party_state
from certifications.work.actions import enqueue

from . import letter_policies, ownership_acts
from .advance import NotYet, raise_on_party
from .facts import owner_facts, owners_above, screening_facts
from .faults import fault
from .identities import look_later
from .letter_policies import asked_of
from .texts import unprintable

Status = Letter.Status
DAYS_BEFORE = (14, 3)
PRINTED = ("buyer_native", "buyer_latin", "others", "project_no")


def ask(*, by: User, data: LetterData, form_key: str) -> Letter:
    """Ask for a letter and have everybody it names screened. The same form twice is one. Raises Incomplete."""
    check(by, Permission.ASK_LETTERS)
    given = {name: list(value) if isinstance(value := getattr(data, name), tuple) else value for name in PRINTED}
    found = unprintable(given)
    if found:
        raise letters.Incomplete([letters.Problem(field, message) for field, message in found.items()])
    with transaction.atomic():
        made = letters.ask(by=by, data=data, form_key=form_key)
        for row in made.parties.exclude(role=LetterParty.Role.CUSTOMER).select_related("party"):
            look_later(row.party)
        enqueue("letter", made.pk)
    return made


def withdraw(*, letter: Letter, by: User) -> None:
    """The distributor takes its request back. Raises NotAllowed for one that is decided."""
    check(by, Permission.ASK_LETTERS)
    letters.withdraw(letter=letter, by=by)


def go_on(letter_id: str) -> None:
    """Worker: screen what was asked for, or write what was released. Idempotent. Raises NotYet while somebody cannot be screened."""
    letter = Letter.objects.select_related("organisation__party").get(pk=letter_id)
    if letter.status == Status.SCREENING:
        _screen(letter)
    elif letter.status == Status.ISSUING:
        decision = queries.release_of(letter)
        if decision is not None:
            letters.write_text(decision=decision, by_test_authority=trust_is_test(settings.TRUST_DIR))
            fault("letter-rendered-not-queued")
            enqueue("seal_letter", letter.pk, version=decision.pk)


def _screen(letter: Letter) -> None:
    parties, today = queries.parties_of(letter), civil_today()
    owning = owners_above(parties, today)
    for party in (*parties, *owning):
        screen_party(party)
    with transaction.atomic():
        locked = Letter.objects.select_for_update().get(pk=letter.pk)
        if locked.status != Status.SCREENING:
            return
        waits = [party for party in parties if not raise_hits(party)]
        for owner in owning:
            facts = owner_facts(owner)
            raise_on_party(facts)
            waits += [] if facts.state in SCREENED else [owner]
        for party in parties:
            ownership_acts.raise_on(party)
        if not waits:
            move(obj=locked, to=Status.WAITING, by=None)
            _tell_releasers(locked)
            least = letter_policies.least_level(locked)
            if least:
                tell_asker(locked, "letter_end_user_needed", level=least)
    if waits:
        raise NotYet("somebody named could not be screened against every list in force")


def _tell_releasers(letter: Letter) -> None:
    tell_all(recipients(Permission.RELEASE), template="letter_to_release", context={"number": letter.number})


def raise_hits(party: Party) -> bool:
    """Put what the screening found on a party before people, in a case of its own. False when it is not screened as it should be."""
    facts = screening_facts(party, "party")
    raise_on_party(facts)
    return facts.state in SCREENED


def problems_with(letter: Letter) -> list[str]:
    """Sentences that say what keeps a letter from its release or its seal now; none when nothing does.

    Asked on the page, again when it is released, and by the signer before and after it seals.
    """
    problems = []
    parties, today = queries.parties_of(letter), civil_today()
    owning = owners_above(parties, today)
    if any(party_state(party, cleared_findings(party.pk)).state != "clear" for party in parties) or any(
        owner_facts(owner).state not in {"clear", "listed"} for owner in owning
    ):
        problems.append(_("Somebody named is not screened against every list in force, or a finding is open."))
    if any(concerns_about(party.pk) for party in parties):
        problems.append(_("A concern about somebody named was confirmed."))
    everybody = {*borne_on([party.pk for party in parties]), *(owner.pk for owner in owning)}
    if blocking_flags(declaration_id="", party_ids=everybody).exists():
        problems.append(_("A flag of high severity is open on somebody named."))
    if owning and any(not ownership_acts.is_decided(party) for party in parties):
        problems.append(_("Who owns a party asks for a decision that nobody has made yet."))
    held = register.as_of(today).of([queries.own_party(letter).pk])
    if any(kind_among(held, line, letter.country, letter.division, today) != "authorised" for line in letter.lines):
        problems.append(_("The distributor has no authorisation in force for these goods and this territory today."))
    problems += letter_policies.problems(letter, asked_of(letter))
    if letter.valid_until <= today:
        problems.append(_("The last day of the letter is over."))
    return problems


def _check(letter: Letter, outcome: str, answered: Collection[str]) -> None:
    """Raise NotAllowed: `problem` where something keeps the letter, `policies` where one asks a person who has not answered it by name."""
    if outcome == LetterDecision.Outcome.RELEASE:
        problems = problems_with(letter)
        if problems:
            raise NotAllowed(problems[0], "problem")
        lacking = letter_policies.unanswered_problem(asked_of(letter).unanswered(answered))
        if lacking:
            raise NotAllowed(lacking, "policies")


def _right(outcome: str) -> Permission:
    return Permission.CHANGE_STATUS if outcome == LetterDecision.Outcome.REVOKE else Permission.RELEASE


def decide(
    *,
    letter: Letter,
    by: User,
    outcome: str,
    explanation: str = "",
    public_reason: str = "",
    answered: Sequence[str] = (),
    code: str = "",
    assertion: str = "",
    session: Any = None,
) -> LetterDecision:
    """Release, refuse or revoke, or propose it where two people are needed; the factor is bound to the whole letter and these words.

    `answered`: numbers of the policies that ask a person, as whoever releases was shown them.
    """
    check(by, _right(outcome))
    releases = outcome == LetterDecision.Outcome.RELEASE
    public_reason, answered = ("", sorted(answered)) if releases else (public_reason, [])
    words: dict[str, Any] = {"outcome": outcome, "explanation": explanation, "public_reason": public_reason, "answered": answered}
    letters.check_decision(letter=letter, outcome=outcome, explanation=explanation, public_reason=public_reason)
    _check(letter, outcome, answered)
    digest = letters.decision_digest(letter=letter, **words)
    proof = prove(by, digest=digest, purpose="letter", code=code, assertion=assertion, session=session)
    with transaction.atomic():
        # Asked again behind the factor: a flag or a policy may have come meanwhile.
        _check(letter, outcome, answered)
        second = releases and asked_of(letter).needs_second
        made = letters.decide(letter=letter, by=by, needs_second=second, proof=proof, **words)
        if made.state == LetterDecision.State.EFFECTIVE:
            _follow(made)
        else:
            tell_all(recipients(_right(outcome)), but=by, template="second_person_for_letter", context={"number": letter.number})
    return made


def agree(*, decision: LetterDecision, by: User, code: str = "", assertion: str = "", session: Any = None) -> LetterDecision:
    """Another person agrees, and it takes effect."""
    check(by, _right(decision.outcome))
    if decision.state != LetterDecision.State.PROPOSED:
        raise StaleState(_("The proposal was decided or withdrawn by somebody else; load it again."))
    check_second(proposer=decision.proposed_by, by=by, right=Permission.RELEASE)
    _check(decision.letter, decision.outcome, decision.answered)
    proof = prove(by, digest=decision.digest, purpose="letter", code=code, assertion=assertion, session=session)
    with transaction.atomic():
        _check(decision.letter, decision.outcome, decision.answered)
        done = letters.agree(decision=decision, by=by, proof=proof)
        _follow(done)
    return done


def void(*, decision: LetterDecision, by: User) -> None:
    """Take a proposal back, or refuse it."""
    check(by, _right(decision.outcome))
    letters.void(decision=decision, by=by)


def _follow(decision: LetterDecision) -> None:
    if decision.outcome == LetterDecision.Outcome.RELEASE:
        enqueue("letter", decision.letter_id, version=decision.pk)
    else:
        tell_asker(decision.letter, "letter_refused" if decision.outcome == LetterDecision.Outcome.REFUSE else "letter_revoked")


def tell_asker(letter: Letter, template: str, **context: Any) -> None:
    """Mail whoever asked for it, or who asks now where that person left; the mail names the number and nothing else."""
    tell_all(
        in_place_of(letter.asked_by, Permission.ASK_LETTERS, letter.organisation),
        template=template,
        context={"number": letter.number, **context},
    )


# The signer


def check_sealable(letter: Letter, text: LetterText, *, by_test_authority: bool) -> None:
    """The signer trusts no row that a web or worker process can write (flow/release.py). Raises NotSealable."""
    decision = text.decision
    released = queries.release_of(letter)
    if letter.status != Status.ISSUING or released is None or released.pk != decision.pk:
        raise NotSealable("the letter is not being issued by this release")
    digest = letters.digest_of(letter, decision)
    people = [(decision.proposed_proof_id, decision.proposed_by_id)]
    asked = asked_of(letter)
    if asked.unanswered(decision.answered):
        raise NotSealable("a policy asks for a decision that nobody has made yet")
    if decision.needs_second or asked.needs_second:
        if decision.agreed_by_id in {None, decision.proposed_by_id}:
            raise NotSealable("it was released without the people it needs")
        people.append((str(decision.agreed_proof_id), decision.agreed_by_id))
    for proof_id, user_id in people:
        proof = FactorProof.objects.filter(pk=proof_id).first()
        if proof is None or proof.user_id != user_id or proof.purpose != "letter" or proof.digest != digest:
            raise NotSealable("the release's second factor was given for something else")
    problem = letters.check_text(text=text, by_test_authority=by_test_authority)
    if problem:
        raise NotSealable(problem)


def seal(letter_id: str, sealer: Any) -> None:
    """Signer: seal with a timestamp and put the letter in force. Idempotent. Raises TimestampUnavailable.

    Where something changed since the release (a listing, a flag, the distributor's right) it waits for a person again.
    """
    letter = Letter.objects.select_related("organisation__party").get(pk=letter_id)
    decision = queries.release_of(letter)
    if letter.status != Status.ISSUING or decision is None:
        return
    text = LetterText.objects.select_related("decision__letter__organisation__party", "unsealed").get(decision=decision)
    if take_back(letter, "changed before the seal"):
        return
    check_sealable(letter, text, by_test_authority=sealer.by_test_authority)
    sealed = sealer(read(text.unsealed))
    fault("letter-sealed-not-written")
    with transaction.atomic():
        locked = Letter.objects.select_for_update().get(pk=letter.pk)
        if locked.status != Status.ISSUING:
            return
        if take_back(locked, "changed while it was sealed"):
            return
        letters.write_seal(text=text, sealed=sealed)
        tell_asker(locked, "letter_issued")


def take_back(letter: Letter, because: str) -> bool:
    """Where a released letter may not be sealed as things are now it waits for people again. Whether it may not.

    What another policy asks since is among it: the people whom it needs now are asked, nobody is left waiting for a seal.
    """
    decision, asked = queries.release_of(letter), asked_of(letter)
    lacks = decision is not None and ((asked.needs_second and not decision.needs_second) or asked.unanswered(decision.answered))
    if not lacks and not problems_with(letter):
        return False
    if letters.take_back(letter=letter, because=because):
        _tell_releasers(letter)
    return True


def follow_policies() -> int:
    """Worker, whenever a policy may have begun or ended: what is being issued waits for people again where one asks something else now.

    What is in force stays so, as with declarations; whoever may revoke it is told once of each policy that would keep it today.
    Returns how many letters were touched.
    """
    touched = 0
    for letter in Letter.objects.filter(status=Status.ISSUING).select_related("organisation__party"):
        touched += take_back(letter, "a policy asks something else")
    for letter in Letter.objects.filter(status=Status.VALID, valid_until__gt=civil_today()).select_related("organisation__party"):
        decision, asked = queries.release_of(letter), asked_of(letter)
        kept = letter_policies.problems(letter, asked) or asked.unanswered(decision.answered if decision is not None else ())
        begun = [policy for policy in asked.policies if decision is None or _began_since(policy, decision)]
        with transaction.atomic():
            new = [policy for policy in begun if kept and letters.told_once(letter=letter, line=policy.pk)]
            tell_all(recipients(Permission.CHANGE_STATUS) if new else (), template="letter_under_policy", context={"number": letter.number})
        touched += bool(new)
    return touched


def _began_since(policy: Policy, decision: LetterDecision) -> bool:
    """Whether whoever released could not answer it: it was put on record after that, or its first day came later."""
    return policy.recorded_at > decision.proposed_at or policy.from_date > civil_day(decision.proposed_at)


# Afterwards


def match_awards(lines: Sequence[EvidenceLine]) -> None:
    """Confirmed lines may be the outcome of tenders that letters were given for: whoever released such a letter is told once.

    A hint: nothing is raised by it. In the caller's transaction.
    """
    among = queries.letters_near(lines)
    for letter, award in (found for line in lines for found in queries.letters_about(line, among)):
        if award.winner != "other" or not letters.told_once(letter=letter, line=award.line.pk):
            continue
        released = queries.release_of(letter)
        if released is not None:
            tell_all(in_place_of(released.proposed_by, Permission.RELEASE), template="letter_award", context={"number": letter.number})


def expire() -> int:
    """Expire letters whose last day is over. Returns how many."""
    return letters.expire_due(civil_today())


def remind() -> int:
    """Tell whoever asked for a letter that it ends: fourteen and three days before, once each. Returns how many."""
    today, told = civil_today(), 0
    for letter in Letter.objects.filter(status=Status.VALID, valid_until__gt=today).select_related("organisation", "asked_by"):
        left = (letter.valid_until - today).days
        days = min((mark for mark in DAYS_BEFORE if mark >= left), default=None)
        if days is None:
            continue
        with transaction.atomic():
            if letters.told_once(letter=letter, days=days):
                tell_asker(letter, "letter_ends", day=letter.valid_until)
                told += 1
    return told
