"""What a confirmation would open, worked out beforehand by the same rules over the proposal; weighed anew when what they rest on changes."""

from collections.abc import Mapping, Sequence
from decimal import Decimal
from typing import Any

from django.db import models
from django.utils import timezone

from certifications.catalogue.models import Product
from certifications.catalogue.models_versions import ProductVersion
from certifications.evidence import intake
from certifications.evidence.models import EvidenceDocument, EvidenceLine
from certifications.evidence.models_intake import Weighing
from certifications.evidence.proposed import initial_lines, line_places
from certifications.evidence.rules import LineData, check_lines
from certifications.flags.rules import Severity, evaluate_line
from certifications.ledger.canonical import canonical, sha256_hex
from certifications.ledger.days import civil_today, newest_day
from certifications.parties.models import Party
from certifications.parties.models_aliases import PartyAlias
from certifications.parties.models_identities import IdentityAnswer
from certifications.parties.models_register import AuthorisationChange, AuthorisationTerms
from certifications.people.models import User
from certifications.people.permissions import Permission, check
from certifications.programme.models import ProgrammeStart
from certifications.programme.rules import STARTED
from certifications.resolution.models import NameAnswer
from certifications.screening.queries import engine
from certifications.work.actions import enqueue

from . import resolution
from .facts import line_facts
from .first_day import held_to, silenced

EVERYTHING = "all"
BATCH = 100
# Whoever confirms chooses the kind of a notice that the reader did not see; the gravest choice is what the queue is ordered by.
GRAVEST_STAGE = "award"


def state_key() -> str:
    """One word for what the rules rest on besides the document: register, names, answers, catalogue, first days, the day, the engine."""
    effective = {"state": "effective"}
    newest = models.Max("pk")
    held: list[Any] = [
        civil_today().isoformat(),
        engine(),
        list(Party.objects.aggregate(models.Count("pk"), models.Sum("revision")).values()),
        list(AuthorisationTerms.objects.aggregate(newest).values()),
        [str(at) for at in AuthorisationChange.objects.filter(**effective).aggregate(models.Max("agreed_at")).values()],
        list(ProductVersion.objects.aggregate(newest).values()),
        [str(at) for at in NameAnswer.objects.aggregate(newest, models.Max("withdrawn_at")).values()],
        [str(at) for at in IdentityAnswer.objects.filter(**effective).aggregate(newest, models.Max("agreed_at")).values()],
        [str(at) for at in PartyAlias.objects.filter(**effective).aggregate(models.Max("agreed_at")).values()],
        [str(at) for at in ProgrammeStart.objects.filter(**effective).aggregate(models.Max("agreed_at")).values()],
    ]
    return sha256_hex(canonical(held))


def weigh(document: EvidenceDocument, key: str = "") -> Weighing:
    """Work out and keep what a confirmation as proposed would open. Writes nothing else: no name is bound, no flag raised."""
    return _weigh_together([document], key or state_key())[0]


def _weigh_together(documents: Sequence[EvidenceDocument], key: str) -> list[Weighing]:
    """The same of many, whose names are looked for at once: most of what one costs is asking, whoever is asked for."""
    proposed = {document.pk: proposed_data(document) for document in documents}
    lines = {document.pk: [_line_of(document, data) for data in proposed[document.pk]] for document in documents}
    known = resolution.stand_now(line for some in lines.values() for line in some)
    return [_keep(document, proposed[document.pk], lines[document.pk], known, key) for document in documents]


def _keep(document: EvidenceDocument, data: list[LineData], lines: list[EvidenceLine], known: resolution.Known, key: str) -> Weighing:
    worst: dict[str, Severity] = {}
    for line in lines:
        for fired in _would_fire(line, known):
            held = worst.get(fired.rule)
            worst[fired.rule] = max(held or fired.severity, fired.severity, key=lambda severity: severity.rank)
    gravest = sorted(worst.items(), key=lambda one: (-one[1].rank, one[0]))
    opens = [{"rule": rule, "severity": severity.value} for rule, severity in gravest]
    return intake.keep_weighing(document=document, opens=opens, is_whole=is_whole(document, data), state_key=key)


def is_whole(document: EvidenceDocument, lines: list[LineData]) -> bool:
    """Whether a person could confirm the document without entering anything. A package is dealt with part by part, and never so."""
    return (
        bool(lines)
        and not document.proposal.get("package")
        and all(line.happened_on for line in lines)
        and not check_lines(lines, newest_day())
    )


def _line_of(document: EvidenceDocument, data: LineData) -> EvidenceLine:
    return EvidenceLine(
        document=document,
        position=0,
        stage=data.stage or GRAVEST_STAGE,
        project_no=data.project_no,
        buyer=data.buyer,
        buyer_uscc=data.buyer_uscc,
        buyer_identifier=data.buyer_identifier,
        seller_identifier=data.seller_identifier,
        seller=data.seller,
        seller_state="named" if data.seller else "withheld",
        seller_uscc=data.seller_uscc,
        product=Product.objects.filter(pk=data.product_id).first() if data.product_id else None,
        product_text=data.product_text,
        brand=data.brand,
        model=data.model,
        quantity=data.quantity,
        region=data.region,
        # A date that the reader did not see is for the person to enter; the day of the capture stands in for it.
        happened_on=data.happened_on or timezone.localdate(document.captured_at),
    )


def _would_fire(line: EvidenceLine, known: resolution.Known) -> list[Any]:
    facts, answer = line_facts(line, known)
    seller = Party.objects.filter(pk=answer.party_id).first() if answer and answer.party_id else None
    fired = evaluate_line(facts)
    if held_to(line, seller) == STARTED:
        return fired
    return [hit for hit in fired if not silenced(hit)]


def proposed_data(document: EvidenceDocument) -> list[LineData]:
    """The lines exactly as the reader proposes them, with their places, as a confirmation without a change would write them."""
    undisclosed = document.proposal.get("product_state") == "undisclosed"
    fields: dict[str, Any] = document.proposal.get("fields", {})
    places = line_places(document)
    return [
        _data(line, undisclosed, {field: {**fields[name], "corrected": False} for field, name in spots.items()})
        for line, spots in zip(initial_lines(document), places, strict=True)
    ]


def _data(line: Mapping[str, Any], undisclosed: bool, spans: dict[str, Any]) -> LineData:
    words = {name: str(line.get(name) or "") for name in ("stage", "buyer", "project_no", "region", "seller", "seller_uscc")}
    words |= {
        name: str(line.get(name) or "")
        for name in ("buyer_identifier", "seller_identifier", "seller_address", "product_text", "brand", "model", "unit")
    }
    words |= {name: str(line.get(name) or "") for name in ("agency", "delivery_place", "catalogue_no", "lot", "serial")}
    return LineData(
        **words,
        happened_on=line.get("happened_on"),  # type: ignore[arg-type] - check_lines says that it is missing
        seller_withheld=bool(line.get("seller_withheld")) and not line.get("seller"),
        product_id=str(line.get("product") or ""),
        product_undisclosed=undisclosed and not line.get("product") and not line.get("product_text"),
        quantity=line.get("quantity"),
        unit_price=line.get("unit_price"),
        amount=line.get("amount"),
        published_on=line.get("published_on"),
        signed_on=line.get("signed_on"),
        other_bidders=tuple(line.get("other_bidders") or ()),
        extraction=spans,
    )


def follow() -> None:
    """Every minute: where what the rules rest on is another than when something that waits was weighed, weigh it again."""
    key = state_key()
    if intake.to_weigh(key).exists():
        enqueue("weigh", EVERYTHING, version=key[:60])


def weigh_waiting(key: str, once: str) -> int:
    """Worker: weigh one document, or all that wait behind an id ("all", "all:<id>"). Returns how many.

    With a document that was just read comes whatever else was and is not weighed yet; their own jobs then find nothing left to do.
    """
    if not key.startswith(EVERYTHING) and Weighing.objects.filter(document=key).exists():
        return 0  # with another's job; what changed since is asked every minute
    state = state_key()
    waiting = intake.to_weigh(state).select_related("blob").order_by("pk")
    if key.startswith(EVERYTHING):
        found = list(waiting.filter(pk__gt=key.partition(":")[2])[:BATCH])
        _weigh_together(found, state)
        if len(found) == BATCH:
            enqueue("weigh", f"{EVERYTHING}:{found[-1].pk}", version=once)
        return len(found)
    own = list(waiting.filter(pk=key))
    others = list(waiting.filter(weighing__isnull=True).exclude(pk=key)[: BATCH - 1])
    try:
        _weigh_together([*own, *others], state)
    except Exception:  # one of the others cannot be weighed: its own job says so, and keeps nobody else from being weighed
        if not others:
            raise
        _weigh_together(own, state)
        return len(own)
    return len(own) + len(others)


def bring_back(*, document: EvidenceDocument, by: User) -> None:
    """Put what was set aside back into the queue."""
    check(by, Permission.CONFIRM_EVIDENCE)
    intake.bring_back(document=document, by=by)


def set_limit(*, limit: Decimal, reason: str, by: User) -> None:
    """Set how high the error rate of a sample may be."""
    check(by, Permission.SET_BULK_LIMIT)
    intake.set_limit(limit=limit, reason=reason, by=by)
