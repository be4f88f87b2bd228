"""What follows when an owner is confirmed as listed, a share changes, or a rule of ownership comes or goes. Asks what is so, not what happened."""

from collections.abc import Collection

from django.db import transaction
from django.utils import timezone

from certifications.declarations.models import Declaration
from certifications.declarations.queries import parties_in, taking_part
from certifications.flags import actions as flags
from certifications.flags.models import Flag
from certifications.flags.rules.ownership import ListedOwner, Reached
from certifications.ledger.days import civil_today
from certifications.parties.models import Party
from certifications.work.actions import enqueue

from .advance import OWNED, current_version, owned_key, send_round_again, subject_key, tell_deciders
from .facts import declaration_facts
from .ownership import owned_by_listed, owned_facts

EVERYBODY = "all"
Status = Declaration.Status


def follow_later(once: str) -> None:
    """Have the workers look at everybody who has a listed owner; the same `once` is asked once."""
    enqueue("ownership", EVERYBODY, version=once)


def follow_hourly() -> None:
    """By the calendar: rules begin and end at midnight, and what was missed is found within the hour."""
    follow_later(timezone.now().strftime("hour-%Y%m%d%H"))


def follow_all() -> int:
    """Worker: everybody who has a listed owner. Returns how many parties were looked at."""
    owned = owned_by_listed(civil_today())
    follow(owned)
    return len(owned)


def follow(party_ids: Collection[str]) -> None:
    """What waits on one of the parties goes round again where its flags are not those of today; what is attested has a case opened."""
    asked = list(party_ids)
    if not asked:
        return
    today = civil_today()
    waiting = Declaration.objects.filter(status__in=(Status.READY, Status.REVIEW)).select_related("organisation__party", "customer__party")
    for declaration in waiting.filter(taking_part(asked)).distinct():
        version = current_version(declaration)
        facts = declaration_facts(declaration, version, today)
        fired = [hit for rule in OWNED.values() for hit in rule.evaluate(facts)]
        needed = {flags.fingerprint_of(subject_key(declaration), hit.rule, owned_key(version, hit)) for hit in fired}
        if Flag.objects.filter(fingerprint__in=needed).count() < len(needed):
            send_round_again(declaration, "ownership")
    attested = Declaration.objects.filter(taking_part(asked), attestations__status__in=("valid", "suspended"))
    for party in Party.objects.filter(pk__in=parties_in(attested) & set(asked)).prefetch_related("names"):
        _raise_on(party)


def _raise_on(party: Party) -> None:
    """Of what is attested already people decide in a case of the party's own; until then it blocks."""
    facts = owned_facts(party, "party", civil_today())
    with transaction.atomic():
        subject = flags.Subject(key=f"party:{party.pk}", name=facts.name)
        raised = [
            flags.raise_flag(fired=hit, subject=subject, facts_key=f"{hit.inputs.get('rule', '')}:{facts.holding}", party=party)
            for rule in (Reached(), ListedOwner())
            for hit in rule.fire(facts)
        ]
        tell_deciders(raised)
