"""Takes a declaration as far as it can go without a person; every step is idempotent and safe to repeat.

Steps (architecture.md, 'The flow'): signed -> screening -> review or ready; issuing -> the signer. Nothing here
approves: `ready` waits for a person's release.
"""

import datetime as dt
from collections.abc import Collection, Iterable

import structlog
from django.db import transaction
from django.utils.translation import gettext as _

from certifications.catalogue.rules_policies import is_enough
from certifications.declarations.assurance import assurance
from certifications.declarations.models import Declaration, DeclarationVersion
from certifications.declarations.own_texts import own_texts
from certifications.declarations.queries import party_ids_of
from certifications.declarations.rules_enduser import Assurance
from certifications.flags import actions as flag_actions
from certifications.flags import settling
from certifications.flags.models import Flag
from certifications.flags.queries import blocking_flags, concerns_about, confirmed_flags
from certifications.flags.rules import DeclarationFacts, Fired, blocks, evaluate_declaration
from certifications.flags.rules.base import ScreeningFacts
from certifications.flags.rules.ownership import ListedOwner, OwnersNotKnown, Reached
from certifications.flags.rules.screening import SCREENED, ScreeningHit
from certifications.ledger.canonical import canonical, sha256_hex
from certifications.ledger.days import civil_today
from certifications.ledger.ids import new_ulid
from certifications.ledger.moves import StaleState, move
from certifications.mail.actions import tell_all, tell_all_of_each
from certifications.parties.alike import borne_on
from certifications.parties.models import Party
from certifications.parties.owners import owners_of
from certifications.parties.queries import display
from certifications.people.permissions import Permission
from certifications.people.queries import in_place_of, recipients
from certifications.screening.actions import screen_party
from certifications.work.actions import Later, enqueue

from .facts import declaration_facts, finding_key, least_level, owners_above, participants
from .faults import fault

log = structlog.get_logger(__name__)
Status = Declaration.Status
# What goes round again when something that it rests on changes.
WAITING = (Status.SIGNED, Status.SCREENING, Status.REVIEW, Status.READY)
# Asked again whenever something is released: rules of ownership begin and end by the calendar.
OWNED = {rule.id: rule for rule in (Reached(), ListedOwner(), OwnersNotKnown())}


class NotYet(Later):
    """The declaration waits for something that is away (a list, an engine)."""


def current_version(declaration: Declaration) -> DeclarationVersion:
    """The version that is in play."""
    return declaration.versions.select_related("clause_set").get(number=declaration.version_number)


def party_ids(declaration: Declaration) -> list[str]:
    """Every party that takes part, whoever is or may be one entity with it (parties/alike.py), and whoever owns it today."""
    taking = party_ids_of(current_version(declaration))
    return sorted({*borne_on(taking), *owners_of(taking, civil_today())})


def enqueue_advance(declaration: Declaration, because: str) -> None:
    """Ask the workers to go on; `because` makes the row unique per cause (a signature, a decision, a list version)."""
    enqueue("advance", declaration.pk, version=because[:64])


def advance(declaration_id: str) -> str:
    """Loop over the steps until a person or another process is needed; returns the status reached.

    Raises NotYet when a party cannot be screened now: the declaration stays in `screening`, flagged, and is retried.
    """
    while True:
        declaration = Declaration.objects.select_related("organisation__party", "customer__party", "created_by").get(pk=declaration_id)
        try:
            match declaration.status:
                case Status.SIGNED:
                    fault("before-screening")
                    move(obj=declaration, to=Status.SCREENING, by=None)
                case Status.SCREENING:
                    _screen(declaration)
                case Status.REVIEW:
                    if not _after_review(declaration):
                        return declaration.status
                case _:
                    return declaration.status
        except StaleState:
            # Another worker or a person moved it meanwhile; look again.
            continue


def _screen(declaration: Declaration) -> None:
    """Screen every party and its owners, raise what the rules find, and go to review or ready."""
    version = current_version(declaration)
    taking = [party for _role, party in participants(version)]
    for party in (*taking, *owners_above(taking, civil_today())):
        screen_party(party)
        fault("screened-one-party")
    facts = declaration_facts(declaration, version, civil_today())
    waiting = {party.party_id for party in (*facts.parties, *facts.owners) if party.state not in SCREENED}
    with transaction.atomic():
        Declaration.objects.select_for_update().get(pk=declaration.pk)
        known = set(declaration.cases.exclude(status="closed").values_list("number", flat=True))
        raise_for(declaration, version, facts)
        for owner in facts.owners:
            raise_on_party(owner)
        settling.settle_gone(declaration=declaration, rule="UNSC", still=waiting, verb="flag.screened_since", outcome="screened")
        concerned = {party_id for party_id in party_ids(declaration) if concerns_about(party_id)}
        settling.settle_gone(declaration=declaration, rule="HELD", still=concerned, verb="flag.lifted", outcome="lifted")
        refusing = {policy.number for policy in facts.policies if policy.effect == "refuse"}
        settling.settle_gone(declaration=declaration, rule="POLR", still=refusing, verb="flag.lifted", outcome="lifted", about="policy")
        fault("flagged-not-moved")
        if not waiting:
            blocked = _blocked(declaration)
            move(
                obj=declaration,
                to=Status.REVIEW if blocked else Status.READY,
                by=None,
                data={"version": version.number},
            )
            if not blocked:
                tell_ready(declaration)
        _tell_cases(list(declaration.cases.exclude(status="closed").exclude(number__in=known).values_list("number", flat=True)))
    if waiting:
        raise NotYet("a party could not be screened against every list in force")


def raise_for(declaration: Declaration, version: DeclarationVersion, facts: DeclarationFacts) -> None:
    """Raise every flag of the facts on the declaration's case. Called in the caller's transaction."""
    shown = display(declaration.customer.party)
    subject = flag_actions.Subject(key=subject_key(declaration), name=shown.native or shown.latin, declaration=declaration)
    parties = {party.pk: party for _role, party in participants(version)}
    parties |= Party.objects.in_bulk([owner.party_id for owner in facts.owners])
    for fired in evaluate_declaration(facts):
        about = str(fired.inputs.get("party_id", ""))
        key = f"v{version.number}:{about}"
        if fired.rule in flag_actions.SELF_CLEARING:
            # Unscreened again later (a list went stale) is a new fact, not the old flag counted twice.
            # A policy's flag is about no party.
            same = {"inputs__policy": fired.inputs["policy"]} if "policy" in fired.inputs else {"party_id": about}
            key += f":{declaration.flags.filter(rule=fired.rule, **same).exclude(state='open').count()}"
        if fired.rule.startswith("B"):
            # What was cleared was this reading of these names, in these divisions, at this severity.
            seen = [fired.severity.value, *(fired.inputs.get(name) for name in ("buyer", "classes", "divisions"))]
            key += f":{sha256_hex(canonical(seen))[:24]}"
        if fired.rule == "LIST":
            key += f":{finding_key(fired.inputs)}"
        if fired.rule.startswith("POL"):
            key += f":{fired.inputs['policy']}"
        if fired.rule in OWNED:
            key = owned_key(version, fired)
        if fired.rule.startswith("S"):
            # The distributor's standing may change under a version that was decided before.
            key += f":{fired.inputs.get('standing', '')}:{fired.inputs.get('valid_until', '')}"
        flag_actions.raise_flag(fired=fired, subject=subject, facts_key=key, party=parties.get(about))


def subject_key(declaration: Declaration) -> str:
    """The key of the declaration's own case."""
    return f"declaration:{declaration.pk}"


def owned_key(version: DeclarationVersion, fired: Fired) -> str:
    """What makes a flag on owners the same one: version, party, rule or policy, and all that was weighed."""
    about = fired.inputs.get("rule") or fired.inputs.get("policy") or ""
    return f"v{version.number}:{fired.inputs['party_id']}:{about}:{fired.inputs['holding']}"


def owners_problem(declaration: Declaration, version: DeclarationVersion, facts: DeclarationFacts) -> str:
    """Why who owns the parties keeps the declaration from its release today; empty when it does not.

    Fails closed: a rule that came into force since the decision, or a share that is another, has no cleared flag.
    """
    fired = [hit for rule in OWNED.values() for hit in rule.evaluate(facts)]
    needed = {flag_actions.fingerprint_of(subject_key(declaration), hit.rule, owned_key(version, hit)) for hit in fired}
    cleared = Flag.objects.filter(fingerprint__in=needed, state=Flag.State.CLEARED).count() if needed else 0
    return "" if cleared == len(needed) else _("Who owns a party asks for a decision that nobody has made yet.")


def raise_on_party(facts: ScreeningFacts) -> None:
    """Raise a party's undecided findings on a case of its own, and tell who decides of what is new. In the caller's transaction."""
    subject = flag_actions.Subject(key=f"party:{facts.party_id}", name=facts.name)
    party = Party.objects.get(pk=facts.party_id)
    raised = [
        flag_actions.raise_flag(fired=fired, subject=subject, facts_key=finding_key(fired.inputs), party=party)
        for fired in ScreeningHit().fire(facts)
    ]
    tell_deciders(raised)


def tell_deciders(raised: Iterable[Flag]) -> None:
    """Somebody must decide: mail the people who may, once for the case of what is new and grave."""
    _tell_cases({flag.case.number for flag in raised if flag.count == 1 and blocks(flag.severity)})


def _blocked(declaration: Declaration) -> bool:
    return (
        blocking_flags(declaration_id=declaration.pk, party_ids=party_ids(declaration)).exists()
        or confirmed_flags(declaration.pk).exists()
        # Grave or not: a policy wants it looked at.
        or declaration.flags.filter(rule="POLC", state="open").exists()
    )


def _after_review(declaration: Declaration) -> bool:
    """Leave review when people have decided: refused where they confirmed a flag on it, else ready. True when moved."""
    ids = party_ids(declaration)
    if declaration.cases.exclude(status="closed").exists():
        return False
    if blocking_flags(declaration_id=declaration.pk, party_ids=ids).exists():
        return False
    if confirmed_flags(declaration.pk).exists():
        move(obj=declaration, to=Status.REFUSED, by=None)
        tell_distributor(declaration, "declaration_refused")
        return True
    with transaction.atomic():
        move(obj=declaration, to=Status.READY, by=None)
        tell_ready(declaration)
    return True


def send_round_again(declaration: Declaration, because: str) -> None:
    """A ready or reviewed declaration goes back to screening, so that nothing rests on an old list or an old standing."""
    with transaction.atomic():
        if declaration.status in {Status.READY, Status.REVIEW}:
            try:
                move(obj=declaration, to=Status.SCREENING, by=None, data={"because": because})
            except StaleState:
                return
            # A round of its own: the same cause twice (a party screened again with the same result) is two rounds.
            because = f"{because[:37]}-{new_ulid()}"
        enqueue_advance(declaration, because)


def tell_distributor(declaration: Declaration, template: str) -> None:
    """Mail whoever filed it, or those who file now where that person has left; the mail names the number and nothing else."""
    tell_all(
        in_place_of(declaration.created_by, Permission.EDIT_DECLARATIONS, declaration.organisation),
        template=template,
        context={"number": declaration.number},
    )


def tell_ready(declaration: Declaration) -> None:
    """Somebody must act now: whoever may release it; where a policy asks for a word of the end user that is not there yet, its distributor.

    While one of several end users is against it, nobody is told that it can be released.
    """
    version = current_version(declaration)
    least = least_level(declaration, version)
    heard = assurance(declaration.pk, own_texts(version))
    if heard.each and heard.against and not least:
        # It told its distributor and compliance by itself; whoever may release is told once it is taken back.
        return
    if is_enough(heard.level, least):
        tell_all(recipients(Permission.RELEASE), template="ready_to_release", context={"number": declaration.number})
        return
    context = {"number": declaration.number, "level": least, "kind": version.kind}
    tell_all(recipients(Permission.ASK_END_USER, declaration.organisation), template="end_user_needed", context=context)


def _tell_cases(numbers: Collection[str]) -> None:
    """Cases were opened: mail whoever may decide them, once for each."""
    if numbers:
        tell_all_of_each(recipients(Permission.DECIDE_CASES), template="case_opened", each=[{"number": one} for one in sorted(numbers)])


def tell_if_ready(declaration: Declaration, said_at: dt.datetime) -> None:
    """An end user's word came after everything else, at `said_at`: what waited for it alone can be released now.

    Of several end users it is told where this very word made the difference: nobody is against it any more, and all gave what policies
    ask for, one of which was not so before. Everything else each answer tells the distributor by itself.
    """
    found = Declaration.objects.get(pk=declaration.pk)
    if found.status != Status.READY:
        return
    version = current_version(found)
    texts = own_texts(version)
    if len(texts) > 1:
        least = least_level(found, version)
        now = assurance(found.pk, texts)
        before = assurance(found.pk, texts, until=said_at - dt.timedelta(microseconds=1))
        if not _lets_go(now, least) or _lets_go(before, least):
            return
    tell_ready(found)


def _lets_go(heard: Assurance, least: str) -> bool:
    return not heard.against and is_enough(heard.level, least)
