"""What follows when an owner is confirmed as listed, a share changes, or a rule of ownership comes or goes. Asks what is so, not what happened."""

from collections.abc import Collection

from django.db import transaction
from django.utils import timezone

from certifications.declarations.models import Declaration
from certifications.declarations.queries import parties_in, taking_part
from certifications.flags import actions as flags
from certifications.flags.models import Flag
from certifications.flags.rules import Fired
from certifications.flags.rules.base import OwnedFacts
from certifications.flags.rules.ownership import ListedOwner, Reached
from certifications.ledger.days import civil_today
from certifications.letters.queries import resting_on
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
    concerned = (parties_in(attested) & set(asked)) | resting_on(asked)
    for party in Party.objects.filter(pk__in=concerned).prefetch_related("names"):
        raise_on(party)


def raise_on(party: Party) -> None:
    """Of what is attested already, and of letters, people decide in a case of the party's own; until then it blocks."""
    facts = owned_facts(party, "party", civil_today())
    with transaction.atomic():
        subject = flags.Subject(key=_key(party), name=facts.name)
        raised = [flags.raise_flag(fired=hit, subject=subject, facts_key=_facts_key(facts, hit), party=party) for hit in _fired(facts)]
        tell_deciders(raised)


def is_decided(party: Party) -> bool:
    """Whether people cleared, in a case of the party's own, all that its owners ask today. Fails closed: another share has no flag yet."""
    facts = owned_facts(party, "party", civil_today())
    needed = {flags.fingerprint_of(_key(party), hit.rule, _facts_key(facts, hit)) for hit in _fired(facts)}
    return not needed or Flag.objects.filter(fingerprint__in=needed, state=Flag.State.CLEARED).count() == len(needed)


def is_weighed(party: Party) -> bool:
    """Whether people cleared, in whatever case, all that its owners ask today by just these shares, listings and rules."""
    facts = owned_facts(party, "party", civil_today())
    about = Flag.objects.filter(party=party, inputs__holding=facts.holding)
    decided = set(about.filter(state=Flag.State.CLEARED).values_list("rule", "inputs__rule"))
    return all((hit.rule, hit.inputs.get("rule")) in decided for hit in _fired(facts))


def _fired(facts: OwnedFacts) -> list[Fired]:
    return [hit for rule in (Reached(), ListedOwner()) for hit in rule.fire(facts)]


def _key(party: Party) -> str:
    return f"party:{party.pk}"


def _facts_key(facts: OwnedFacts, hit: Fired) -> str:
    return f"{hit.inputs.get('rule', '')}:{facts.holding}"
