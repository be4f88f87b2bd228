"""Reads of flags and cases. Only compliance sees them; a distributor sees its own questions and nothing else."""

from collections.abc import Iterable

from django.db import connection
from django.db.models import Exists, OuterRef, Q, QuerySet

from certifications.declarations.models import Declaration
from certifications.parties.alike import known_with
from certifications.parties.linked import one_entity
from certifications.people.models import User
from certifications.people.permissions import Permission, may
from certifications.people.queries import away_for

from . import clearances
from .models import Case, Decision, Flag, Question
from .rules.base import Severity, worst

BLOCKING = (Severity.HIGH.value, Severity.CRITICAL.value)
# Rules of which a confirmed flag says something of the party, whatever declaration it stood in.
HITS = ("LIST", "OWN5")
TABS = ("due", "mine", "second", "paused", "closed")


def visible_to(user: User) -> QuerySet[Case]:
    """Cases that `user` may see: all of them for compliance, none for anybody else."""
    return Case.objects.all() if may(user, Permission.SEE_CASES) else Case.objects.none()


def questions_visible_to(user: User) -> QuerySet[Question]:
    """A distributor's own questions; compliance sees them inside the case."""
    if may(user, Permission.ANSWER_QUESTIONS) and user.organisation is not None:
        return Question.objects.filter(organisation=user.organisation)
    return Question.objects.none()


def tab(user: User, name: str, text: str = "") -> QuerySet[Case]:
    """One tab of the queue, by due time. `text` looks in name and number."""
    cases = visible_to(user)
    proposed = Decision.objects.filter(case=OuterRef("pk"), state=Decision.State.PROPOSED)
    # What one proposed waits for somebody else: it is paused for oneself, and to be decided by the others.
    own = Q(Exists(proposed.filter(proposed_by=user)), status=Case.Status.PROPOSED)
    match name:
        case "mine":
            # Of who is away its substitute's too, for as long as that lasts.
            cases = cases.filter(owner__in=[user.pk, *away_for(user, Permission.DECIDE_CASES)]).exclude(status=Case.Status.CLOSED)
        case "second":
            cases = cases.filter(Exists(proposed.exclude(proposed_by=user)), status=Case.Status.PROPOSED)
        case "paused":
            cases = cases.filter(Q(status=Case.Status.QUESTION) | own)
        case "closed":
            cases = cases.filter(status=Case.Status.CLOSED)
        case _:
            cases = cases.filter(status__in=[Case.Status.OPEN, Case.Status.PROPOSED]).exclude(own)
    if text:
        cases = cases.filter(Q(title_name__icontains=text) | Q(number__iexact=text))
    return cases.order_by("-closed_at", "-pk") if name == "closed" else cases.order_by("due_at", "pk")


def counts(user: User) -> dict[str, int]:
    """How many cases lie in each tab."""
    return {name: tab(user, name).count() for name in TABS}


def case_severity(case: Case) -> Severity:
    """The worst of its open flags, or of all when none is open. Uses prefetched flags."""
    flags = list(case.flags.all())
    return worst(f.severity for f in ([f for f in flags if f.state == Flag.State.OPEN] or flags))


def blocking_flags(*, declaration_id: str, party_ids: Iterable[str]) -> QuerySet[Flag]:
    """Open flags of blocking severity on the declaration or on any party that takes part in it."""
    return Flag.objects.filter(
        Q(declaration_id=declaration_id) | Q(party_id__in=list(party_ids)),
        state=Flag.State.OPEN,
        severity__in=BLOCKING,
    )


def confirmed_flags(declaration_id: str) -> QuerySet[Flag]:
    """Flags on the declaration itself that people confirmed, whatever their severity: it is refused."""
    return Flag.objects.filter(declaration_id=declaration_id, state=Flag.State.CONFIRMED)


def concerns_about(party_id: str) -> tuple[str, ...]:
    """Numbers of the cases in which two people confirmed a grave concern about the entity: knowledge binds until it is lifted.

    A refused declaration is over and done; what it was refused for was said of it, and a listed party's hit is found anew. What was
    confirmed of whoever has the same number or the very same name counts as its own until people answered that they are two.
    """
    entity = one_entity([party_id])
    confirmed = Flag.objects.filter(state=Flag.State.CONFIRMED, severity__in=BLOCKING)
    bearing = known_with(entity)
    found = confirmed.filter(declaration__isnull=True, party__in=bearing)
    # Of whoever is on record under its number or name, what was confirmed in a declaration too: registered anew, it is not found anew.
    found |= confirmed.filter(rule__in=HITS, party__in=bearing - entity)
    return tuple(found.order_by("case__number").values_list("case__number", flat=True).distinct())


_HOLDING = """
SELECT party_id, declaration_id FROM certifications_flag
WHERE (party_id = ANY(%(parties)s) AND severity = ANY(%(blocking)s)
       AND (state = 'open' OR (state = 'confirmed' AND declaration_id IS NULL)))
   OR (party_id = ANY(%(confirmed)s) AND severity = ANY(%(blocking)s) AND state = 'confirmed' AND declaration_id IS NULL)
   OR (party_id = ANY(%(others)s) AND severity = ANY(%(blocking)s) AND state = 'confirmed' AND rule = ANY(%(hits)s))
   OR (declaration_id = ANY(%(declarations)s) AND (state = 'confirmed' OR (state = 'open' AND severity = ANY(%(blocking)s))))
"""


def holding(
    *, declaration_ids: Iterable[str], party_ids: Iterable[str], confirmed_of: Iterable[str] = (), others: Iterable[str] = ()
) -> set[str]:
    """Ids of those parties and declarations about which a grave flag is open or was confirmed (concerns_about, confirmed_flags); of
    `confirmed_of` those alone about whom one was confirmed, and of `others` (who have a number or name of the asked, and are none of
    them) those about whom a hit was, in whatever declaration.

    By hand, because orders ask it a hundred times a second (`./dev bench orders`).
    """
    declarations, parties, confirmed, beside = list(declaration_ids), list(party_ids), list(confirmed_of), list(others)
    values = {"declarations": declarations, "parties": parties, "confirmed": confirmed, "others": beside}
    values |= {"blocking": list(BLOCKING), "hits": list(HITS)}
    with connection.cursor() as cursor:
        cursor.execute(_HOLDING, values)
        ids = {pk for row in cursor.fetchall() for pk in row}
    return ids & {*declarations, *parties, *confirmed, *beside}


def confirmed_findings(party_ids: Iterable[str]) -> dict[str, set[str]]:
    """By party the fingerprints of screening findings that people confirmed: the party is the listed one."""
    found: dict[str, set[str]] = {}
    confirmed = Flag.objects.filter(party__in=list(party_ids), rule="LIST", state=Flag.State.CONFIRMED)
    for party, finding in confirmed.values_list("party_id", "inputs__finding"):
        found.setdefault(str(party), set()).add(str(finding))
    return found


def cleared_findings(party_id: str) -> frozenset[str]:
    """Fingerprints of screening findings on the party that people cleared and whose clearance is good; they outlive a rerun."""
    return clearances.of_party(party_id).now


def return_of(declaration: Declaration) -> Decision | None:
    """The decision that last sent the declaration back; its reason and message are the distributor's to read."""
    returned = Decision.objects.filter(case__declaration=declaration, outcome="return", state=Decision.State.EFFECTIVE)
    return returned.order_by("-proposed_at").first()
