"""Confirmation by a sample: a set of alike documents, a random part of it checked one by one, the rest confirmed in one act or not at all."""

import json
import secrets
from collections.abc import Sequence
from dataclasses import dataclass
from decimal import Decimal
from typing import Any

from django.db import transaction
from django.db.models import Q, QuerySet
from django.utils import timezone
from django.utils.translation import gettext as _

from certifications.ledger.actions import record
from certifications.ledger.canonical import canonical, sha256_hex
from certifications.ledger.ids import new_number
from certifications.ledger.listed import listed
from certifications.ledger.moves import NotAllowed, StaleState, move
from certifications.people.models import User
from certifications.people.permissions import Permission, may

from .cases import was_corrected
from .intake import LEAST_EXPLAINED, in_queue, limit_now
from .models import EvidenceDocument, EvidenceLine
from .models_intake import BulkCheck, BulkRow
from .rules_intake import GRAVE, MOST_ROWS, drawn, upper_bound

Status, Outcome, Verdict = BulkCheck.Status, BulkRow.Outcome, BulkRow.Verdict
IN_HAND = (Status.CHECKING, Status.CONFIRMING)


@dataclass(frozen=True)
class Alike:
    """What the documents of a set share."""

    reader: str
    source: str
    template: str
    least_confidence: Decimal


def visible_to(user: User) -> QuerySet[BulkCheck]:
    """Every set for compliance; none for anybody else."""
    return BulkCheck.objects.all() if may(user, Permission.SEE_EVIDENCE) else BulkCheck.objects.none()


def eligible(alike: Alike) -> QuerySet[EvidenceDocument]:
    """What may be in the set: read, whole, sure enough, in no other set, and nothing that would open a grave flag."""
    documents = in_queue(EvidenceDocument.objects.filter(status=EvidenceDocument.Status.READ, reader=alike.reader))
    return documents.filter(
        weighing__source=alike.source,
        weighing__template=alike.template,
        weighing__confidence__gte=alike.least_confidence,
        weighing__is_whole=True,
        weighing__rank__lt=GRAVE,
    ).exclude(bulk_rows__bulk__status__in=IN_HAND)


def proposal_digest(document: EvidenceDocument) -> str:
    """SHA-256 of what the reader proposes. Its confidences are no decimals, so that the canonical form does not take them."""
    return sha256_hex(json.dumps(document.proposal, sort_keys=True, ensure_ascii=False).encode())


@transaction.atomic
def draw(*, alike: Alike, sample_size: int, by: User, form_key: str) -> BulkCheck:
    """Fix the set and draw the sample. The same form twice is one. Raises NotAllowed (`sample_size`, `empty`, `given_up`)."""
    earlier = BulkCheck.objects.filter(form_key=form_key).first()
    if earlier is not None:
        return earlier
    documents = list(eligible(alike).select_for_update(of=("self",)).order_by("captured_at", "pk")[:MOST_ROWS])
    if not documents:
        raise NotAllowed(_("No document that waits is like that."), "empty")
    if not 0 < sample_size <= len(documents):
        raise NotAllowed(
            _("The set has %(n)d documents; the sample is at least 1 and at most that many.") % {"n": len(documents)}, "sample_size"
        )
    if seen := _seen_and_left(documents):
        raise NotAllowed(
            _("A sample of these documents was given up. Confirm or withdraw what it held first: %(list)s.") % {"list": listed(seen[:10])},
            "given_up",
        )
    seed = secrets.token_hex(16)
    sample = set(drawn([document.number for document in documents], sample_size, seed))
    made = BulkCheck.objects.create(
        number=new_number("BC", timezone.now().year),
        reader=alike.reader,
        source=alike.source,
        template=alike.template,
        least_confidence=alike.least_confidence,
        row_count=len(documents),
        sample_size=sample_size,
        seed=seed,
        drawn_by=by,
        form_key=form_key,
    )
    BulkRow.objects.bulk_create(
        BulkRow(
            bulk=made,
            document=document,
            position=position,
            in_sample=document.number in sample,
            proposal_sha256=proposal_digest(document),
        )
        for position, document in enumerate(documents)
    )
    record(verb="bulkcheck.drawn", obj=made, by=by, data={"rows": len(documents), "sample": sample_size, "seed": seed})
    return made


def _seen_and_left(documents: Sequence[EvidenceDocument]) -> list[str]:
    """Numbers of those that a sample showed which was given up before they were judged: who looked at them could choose what is drawn."""
    rows = BulkRow.objects.filter(bulk__status=Status.ABANDONED, in_sample=True, verdict="", document__in=documents)
    return list(rows.order_by("document__captured_at", "document").values_list("document__number", flat=True).distinct())


def note_confirmed(*, document: EvidenceDocument, lines: Sequence[EvidenceLine]) -> None:
    """A document was confirmed by hand: in a sample it was right when nothing of the proposal was changed, added or left out."""
    verdict = Verdict.WRONG if was_corrected(lines) else Verdict.RIGHT
    _judge(document, verdict)


def note_withdrawn(*, document: EvidenceDocument) -> None:
    """A document was withdrawn: in a sample it was wrong, for it would have been confirmed."""
    _judge(document, Verdict.WRONG)


def _judge(document: EvidenceDocument, verdict: str) -> None:
    # Of a set that was given up too: it says what it says, and counts into the next one (`measured`).
    known = BulkRow.objects.filter(document=document, in_sample=True, verdict="", bulk__status__in=(Status.CHECKING, Status.ABANDONED))
    # What an act confirmed nobody looked at, and that the act is taken back says nothing of it.
    if not BulkRow.objects.filter(document=document, outcome__in=(Outcome.CONFIRMED, Outcome.UNDONE)).exists():
        known.update(verdict=verdict)


@dataclass(frozen=True)
class Measured:
    """What the sample says: how many were checked, how many wrong, the rate, its upper bound, the limit, and whether that is enough.

    `before`, `wrong_before`: checked, and wrong, in samples of such documents that were given up. Rate and bound are of all of them.
    """

    size: int
    checked: int
    wrong: int
    limit: Decimal
    before: int = 0
    wrong_before: int = 0

    @property
    def is_whole(self) -> bool:
        return self.checked == self.size

    @property
    def rate(self) -> Decimal:
        seen = self.checked + self.before
        return Decimal(self.wrong + self.wrong_before) / Decimal(seen) if seen else Decimal(0)

    @property
    def upper(self) -> Decimal:
        seen = self.checked + self.before
        return upper_bound(self.wrong + self.wrong_before, seen) if seen else Decimal(1)

    @property
    def percent(self) -> str:
        """The bound in percent."""
        return f"{self.upper * 100:.2f}"

    @property
    def will_do(self) -> bool:
        return self.is_whole and self.upper <= self.limit


def measured(bulk: BulkCheck) -> Measured:
    """The sample as it stands, by the limit of today."""
    rows = bulk.rows.filter(in_sample=True)
    before = _given_up(bulk)
    return Measured(
        bulk.sample_size,
        rows.exclude(verdict="").count(),
        rows.filter(verdict=Verdict.WRONG).count(),
        limit_now(),
        len(before),
        sum(verdict == Verdict.WRONG for verdict in before.values()),
    )


def _given_up(bulk: BulkCheck) -> dict[str, str]:
    """Documents (ids) checked in samples that were given up, with what came of it: those that might have been in this set.

    Whoever drew until a sample came out well would measure nothing. A surer set (`least_confidence`) counts the surer ones alone, and what
    another version of the reader proposed says nothing of this one.
    """
    alike = BulkCheck.objects.filter(status=Status.ABANDONED, reader=bulk.reader, source=bulk.source, template=bulk.template)
    rows = BulkRow.objects.filter(
        bulk__in=alike.exclude(pk=bulk.pk), in_sample=True, document__weighing__confidence__gte=bulk.least_confidence
    )
    if bulk.confirmed_at is not None:
        rows = rows.filter(bulk__ended_at__lte=bulk.confirmed_at)
    own = bulk.rows.filter(in_sample=True).values("document")
    return dict(rows.exclude(verdict="").exclude(document__in=own).order_by("pk").values_list("document", "verdict"))


def rest(bulk: BulkCheck) -> QuerySet[BulkRow]:
    """The rows outside the sample that are still as they were drawn and may be confirmed, in their order."""
    rows = bulk.rows.filter(in_sample=False, outcome="", document__status=EvidenceDocument.Status.READ)
    return rows.filter(document__weighing__is_whole=True, document__weighing__rank__lt=GRAVE).order_by("position")


def left_out(bulk: BulkCheck) -> QuerySet[BulkRow]:
    """The rows outside the sample that are not among them."""
    return bulk.rows.filter(in_sample=False).exclude(Q(outcome=Outcome.CONFIRMED) | Q(pk__in=rest(bulk).values("pk"))).order_by("position")


def act_digest(bulk: BulkCheck) -> str:
    """What a person gives a factor for: exactly these documents with exactly these proposals, and what the sample said."""
    told = measured(bulk)
    rows = [[row.document.number, row.proposal_sha256] for row in rest(bulk).select_related("document")]
    before = [told.before, told.wrong_before]
    return sha256_hex(
        canonical({"bulk": bulk.pk, "rows": rows, "wrong": told.wrong, "of": told.size, "limit": str(told.limit), "before": before})
    )


def check_confirm(bulk: BulkCheck) -> Measured:
    """Raise NotAllowed (`sample`, `limit`, `nothing`), StaleState where the rest may not be confirmed."""
    if bulk.status != Status.CHECKING:
        raise StaleState(_("The set was confirmed or given up by somebody else; load it again."))
    told = measured(bulk)
    if not told.is_whole:
        raise NotAllowed(_("%(n)d documents of the sample are not checked yet.") % {"n": told.size - told.checked}, "sample")
    if not told.will_do:
        raise NotAllowed(
            _("The error rate may be as high as %(upper)s %%, and the limit is %(limit)s %%: every document is checked by hand.")
            % {"upper": f"{told.upper * 100:.2f}", "limit": f"{told.limit * 100:.1f}"},
            "limit",
        )
    if not rest(bulk).exists():
        raise NotAllowed(_("Nothing is left to confirm by this sample."), "nothing")
    return told


@transaction.atomic
def begin(*, bulk: BulkCheck, by: User, digest: str) -> None:
    """Confirm the rest: workers write it row by row. Raises as check_confirm, and NotAllowed (`digest`) where the rows changed."""
    locked = BulkCheck.objects.select_for_update().get(pk=bulk.pk)
    told = check_confirm(locked)
    if act_digest(locked) != digest:
        raise NotAllowed(_("The documents changed since they were shown. Look at them again."), "digest")
    also: dict[str, Any] = {
        "wrong": told.wrong,
        "upper": told.upper,
        "limit": told.limit,
        "digest": digest,
        "confirmed_by": by,
        "confirmed_at": timezone.now(),
    }
    data = {"rows": rest(locked).count(), "wrong": told.wrong, "of": told.size, "upper": str(told.upper), "limit": str(told.limit)}
    data |= {"before": told.before, "wrong_before": told.wrong_before}
    move(obj=locked, to=Status.CONFIRMING, by=by, data=data, also=also)


def close_row(row: BulkRow, outcome: str) -> None:
    """What became of a row."""
    BulkRow.objects.filter(pk=row.pk, outcome="").update(outcome=outcome)


@transaction.atomic
def abandon(*, bulk: BulkCheck, by: User) -> None:
    """Give the set up: nothing is confirmed by it, its documents wait as before, and what was checked counts into the next sample of such."""
    move(obj=bulk, to=Status.ABANDONED, by=by, also={"ended_by": by, "ended_at": timezone.now()})


@transaction.atomic
def begin_undo(*, bulk: BulkCheck, by: User, reason: str) -> None:
    """Take the whole act back: workers withdraw what it confirmed. Raises NotAllowed (`reason`)."""
    if len(reason.strip()) < LEAST_EXPLAINED:
        raise NotAllowed(_("Say in a sentence why the act is taken back."), "reason")
    also = {"ended_by": by, "ended_at": timezone.now(), "ended_reason": reason.strip()[:300], "problem": ""}
    move(obj=bulk, to=Status.UNDOING, by=by, also=also)
