"""What a new list version sets in motion: every party that takes part in something is screened again."""

from django.db import transaction
from django.utils import timezone

from certifications.attestations.models import Attestation
from certifications.declarations.models import Declaration
from certifications.flags import actions as flags
from certifications.flags.rules.screening import ScreeningHit
from certifications.ledger.moves import StaleState, move
from certifications.parties.models import Party
from certifications.parties.queries import display
from certifications.screening.actions import screen_party
from certifications.screening.queries import lists_in_force
from certifications.work.actions import enqueue

from .advance import enqueue_advance
from .facts import screening_facts
from .faults import fault


def lists_stamp() -> str:
    """A short key of the list versions in force."""
    return "-".join(sorted(entry.version.pk[-8:] for entry in lists_in_force() if entry.version))[:40]


def rescreen_all() -> int:
    """Ask the workers to look at every party again against the lists as they are now; returns how many rows."""
    stamp = lists_stamp()
    parties = (
        Party.objects.filter(customers__declarations__isnull=False).values_list("pk", flat=True).distinct()
    )
    distributors = Party.objects.filter(organisation__declarations__isnull=False).values_list("pk", flat=True).distinct()
    ids = set(parties) | set(distributors)
    for party_id in ids:
        enqueue("rescreen", party_id, version=stamp)
    return len(ids)


def rescreen(party_id: str) -> None:
    """Worker: screen one party again; a new finding on an attested declaration's party opens a case. Idempotent."""
    party = Party.objects.get(pk=party_id)
    run = screen_party(party)
    fault("rescreened")
    facts = screening_facts(party, "party")
    waiting = Declaration.objects.filter(status__in=["screening", "review", "ready"])
    waiting = waiting.filter(customer__party=party) | waiting.filter(organisation__party=party)
    for declaration in waiting.distinct():
        send_round_again(declaration, f"run-{run.pk}")
    in_force = Attestation.objects.filter(status__in=["valid", "suspended"])
    in_force = in_force.filter(declaration__customer__party=party) | in_force.filter(
        declaration__organisation__party=party
    )
    if not facts.findings or not in_force.exists():
        return
    shown = display(party)
    subject = flags.Subject(key=f"party:{party.pk}", name=shown.native or shown.latin)
    rule = ScreeningHit()
    for fired in rule.fire(facts):
        flags.raise_flag(fired=fired, subject=subject, facts_key=str(fired.inputs["finding"]), party=party)


def send_round_again(declaration: Declaration, because: str) -> None:
    """A ready or reviewed declaration goes back to screening, so that nothing rests on an old list."""
    with transaction.atomic():
        if declaration.status in {"ready", "review"}:
            try:
                move(obj=declaration, to="screening", by=None, data={"because": because})
            except StaleState:
                return
        enqueue_advance(declaration, because)


def expire_ready() -> int:
    """Expire ready declarations whose validity is over. Returns how many."""
    today = timezone.now().date()
    count = 0
    for declaration in Declaration.objects.filter(status="ready", versions__valid_until__lte=today).distinct():
        if declaration.versions.get(number=declaration.version_number).valid_until <= today:
            move(obj=declaration, to="expired", by=None)
            count += 1
    return count
