"""The queue of what waits for confirmation: what workers weighed, what is set aside, how old it is; and the limit that a lead sets."""

import datetime as dt
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from decimal import Decimal
from typing import Any

from django.db import transaction
from django.db.models import Count, Q, QuerySet
from django.utils import timezone
from django.utils.translation import gettext as _

from certifications.ledger.actions import record
from certifications.ledger.moves import NotAllowed, StaleState
from certifications.people.models import User

from .models import EvidenceDocument
from .models_intake import BulkLimit, Weighing
from .rules_intake import FIRST_LIMIT, LIMITS, RANKS, confidence_of, is_ours, rank_of, template_of

OPEN = (EvidenceDocument.Status.READ, EvidenceDocument.Status.PARTLY, EvidenceDocument.Status.UNREADABLE)
LEAST_EXPLAINED = 10  # characters
ORDERS = {
    "grave": ("-weighing__rank", "captured_at", "pk"),
    "old": ("captured_at", "pk"),
    "new": ("-captured_at", "-pk"),
    "sure": ("-weighing__confidence", "pk"),
}


def waiting(documents: QuerySet[EvidenceDocument]) -> QuerySet[EvidenceDocument]:
    """Those that wait for a person, weighed or not yet."""
    return documents.filter(status__in=OPEN)


def in_queue(documents: QuerySet[EvidenceDocument]) -> QuerySet[EvidenceDocument]:
    """Those of them that are not set aside."""
    return waiting(documents).exclude(weighing__is_aside=True)


def set_aside(documents: QuerySet[EvidenceDocument]) -> QuerySet[EvidenceDocument]:
    """Those whose goods are listed, and none is ours."""
    return waiting(documents).filter(weighing__is_aside=True)


def narrowed(
    documents: QuerySet[EvidenceDocument], *, text: str = "", opens: str = "", source: str | None = None, order: str = "grave"
) -> QuerySet[EvidenceDocument]:
    """By a name, number or title; by what it would open (a word of RANKS, or "nothing"); by source; sorted."""
    if text.strip():
        plain = text.strip()
        documents = documents.filter(
            Q(number__iexact=plain) | Q(title__icontains=plain) | Q(weighing__seller__icontains=plain) | Q(weighing__buyer__icontains=plain)
        )
    rank = RANKS.get("" if opens == "nothing" else opens or "-")
    if rank is not None:
        documents = documents.filter(weighing__rank=rank)
    if source is not None:
        documents = documents.filter(weighing__source=source)
    return documents.order_by(*ORDERS.get(order, ORDERS["grave"]))


@dataclass(frozen=True)
class Backlog:
    """How many wait and how long: the longest, and how long nine in ten wait at most."""

    count: int
    longest: dt.timedelta
    nine_in_ten: dt.timedelta
    aside: int


def backlog(documents: QuerySet[EvidenceDocument]) -> Backlog:
    """The age of what stands in the queue now."""
    now = timezone.now()
    since = in_queue(documents).values_list("captured_at", flat=True)
    ages = sorted(now - at for at in since)
    # The age that nine in ten do not exceed.
    tenth = ages[-(-len(ages) * 9 // 10) - 1] if ages else dt.timedelta()
    return Backlog(len(ages), ages[-1] if ages else dt.timedelta(), tenth, set_aside(documents).count())


def by_rank(documents: QuerySet[EvidenceDocument]) -> dict[int, int]:
    """How many of the queue would open what."""
    return dict(in_queue(documents).filter(weighing__isnull=False).values_list("weighing__rank").annotate(n=Count("pk")).order_by())


def sources(documents: QuerySet[EvidenceDocument]) -> list[str]:
    """Where what waits comes from."""
    return sorted(set(waiting(documents).filter(weighing__isnull=False).values_list("weighing__source", flat=True)))


def source_of(document: EvidenceDocument) -> str:
    """The host that it was taken from; empty for what was pasted without an address."""
    return document.source_url.partition("//")[2].partition("/")[0].lower()[:120]


@dataclass(frozen=True)
class Weighed:
    """A document with its lines as proposed (initial_lines, line_places), what a confirmation would open, and whether it lacks nothing."""

    document: EvidenceDocument
    lines: Sequence[Mapping[str, Any]]
    places: Sequence[Mapping[str, str]]
    opens: Sequence[Mapping[str, str]]
    is_whole: bool


def keep_weighings(weighed: Sequence[Weighed], *, state_key: str) -> list[Weighing]:
    """Write what confirmations as proposed would open, in one statement. What a person brought back stays in the queue.

    No event: it decides nothing.
    """
    documents = [one.document.pk for one in weighed]
    brought_back = set(Weighing.objects.filter(document__in=documents, brought_back_at__isnull=False).values_list("document", flat=True))
    now = timezone.now()
    rows = [_weighing(one, brought_back=one.document.pk in brought_back) for one in weighed]
    for row in rows:
        row.state_key, row.weighed_at = state_key, now
    return Weighing.objects.bulk_create(rows, update_conflicts=True, unique_fields=["document"], update_fields=WEIGHED)


# All that weighing says; what a person said of the row stays.
WEIGHED = (
    "rank", "opens", "line_count", "is_whole", "is_aside", "source", "template", "confidence", "seller", "buyer", "state_key", "weighed_at",
)  # fmt: skip


def _weighing(one: Weighed, *, brought_back: bool) -> Weighing:
    document, lines = one.document, one.lines
    readable = document.status != EvidenceDocument.Status.UNREADABLE
    first: Mapping[str, Any] = lines[0] if lines else {}
    return Weighing(
        document=document,
        rank=rank_of(found["severity"] for found in one.opens) if readable else RANKS["unknown"],
        opens=list(one.opens),
        line_count=len(lines),
        is_whole=one.is_whole,
        # What somebody has begun to deal with stays, whatever its last lines are about.
        is_aside=readable and bool(lines) and not document.handled and not is_ours(document.proposal, lines) and not brought_back,
        source=source_of(document),
        template=template_of(document.blob.media_type, document.proposal),
        confidence=confidence_of(document.proposal, one.places),
        seller=str(first.get("seller", ""))[:300],
        buyer=str(first.get("buyer", ""))[:300],
    )


@transaction.atomic
def bring_back(*, document: EvidenceDocument, by: User) -> None:
    """Put what was set aside back into the queue, for good. Raises StaleState."""
    changed = Weighing.objects.filter(document=document, is_aside=True).update(
        is_aside=False, brought_back_at=timezone.now(), brought_back_by=by
    )
    if changed != 1:
        raise StaleState(_("It is not set aside any more; load the page again."))
    record(verb="evidencedocument.brought_back", obj=document, by=by)


def to_weigh(state_key: str) -> QuerySet[EvidenceDocument]:
    """What waits and was not weighed by this state of register and catalogue."""
    return waiting(EvidenceDocument.objects.all()).filter(~Q(weighing__state_key=state_key) | Q(weighing__isnull=True))


def limit_now() -> Decimal:
    """The limit that counts."""
    newest = BulkLimit.objects.order_by("-set_at", "-pk").first()
    return newest.limit if newest is not None else FIRST_LIMIT


@transaction.atomic
def set_limit(*, limit: Decimal, reason: str, by: User) -> BulkLimit:
    """Set how high the upper bound of a sample's error rate may be. Raises NotAllowed (`limit`, `reason`)."""
    if not LIMITS[0] <= limit <= LIMITS[1]:
        raise NotAllowed(_("The limit lies between 0.5 % and 20 %."), "limit")
    if len(reason.strip()) < LEAST_EXPLAINED:
        raise NotAllowed(_("Say in a sentence why the limit is this."), "reason")
    made = BulkLimit.objects.create(limit=limit, reason=reason.strip()[:300], set_by=by)
    record(verb="bulklimit.set", obj=made, by=by, data={"limit": str(limit)})
    return made
