"""What a confirmation would open, worked out beforehand by the same rules over the proposal; weighed anew when what they rest on changes."""

import datetime as dt
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from decimal import Decimal
from typing import Any

import structlog
from django.db import InterfaceError, OperationalError, models, transaction
from django.utils import timezone

from certifications.catalogue.models import Product
from certifications.catalogue.models_versions import ProductVersion
from certifications.catalogue.queries import current_products
from certifications.evidence import intake
from certifications.evidence.models import EvidenceDocument, EvidenceLine
from certifications.evidence.models_intake import Weighing
from certifications.evidence.proposed import initial_lines, line_places, line_total
from certifications.evidence.rules import LineData, check_lines
from certifications.flags.rules import Fired, Severity, evaluate_line
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
from certifications.work.reasons import reason_of

from . import resolution
from .first_day import held_to_known, silenced, starts_of_sellers
from .line_facts import Gathered, gather

log = structlog.get_logger(__name__)

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


@dataclass(frozen=True)
class Proposed:
    """What a document proposes: the lines as the form shows them, their places in the text, and as a confirmation would write them."""

    document: EvidenceDocument
    lines: list[dict[str, Any]]
    places: list[dict[str, str]]
    data: list[LineData]


def _nothing() -> None:
    """Where nothing else belongs to the transaction."""


def _weigh_together(documents: Sequence[EvidenceDocument], key: str, last: Callable[[], None] = _nothing) -> list[Weighing]:
    """The same of many, about which everything is asked at once: most of what one costs is asking, whatever is asked.

    `last` is done in the transaction in which it is written, and undoes it by raising.
    """
    products = list(current_products())
    proposed = [_proposed(document, products) for document in documents]
    by_id = _products({data.product_id for one in proposed for data in one.data}, products)
    lines = [[_line_of(one.document, data, by_id) for data in one.data] for one in proposed]
    opens = iter(_would_fire([line for some in lines for line in some]))
    weighed = [
        intake.Weighed(one.document, one.lines, one.places, _gravest([next(opens) for _line in some]), is_whole(one.document, one.data))
        for one, some in zip(proposed, lines, strict=True)
    ]
    with transaction.atomic():
        kept = intake.keep_weighings(weighed, state_key=key)
        last()
    return kept


def _products(ids: set[str], current: Iterable[Product]) -> dict[str, Product]:
    found = {product.pk: product for product in current}
    missing = ids - found.keys() - {""}
    return found | (Product.objects.in_bulk(missing) if missing else {})


def _gravest(fired: Iterable[Iterable[Fired]]) -> list[dict[str, str]]:
    """Each rule that would fire of a document's lines, at its worst; the gravest first."""
    worst: dict[str, Severity] = {}
    for hit in (hit for some in fired for hit in some):
        worst[hit.rule] = max(worst.get(hit.rule, hit.severity), hit.severity, key=lambda severity: severity.rank)
    gravest = sorted(worst.items(), key=lambda one: (-one[1].rank, one[0]))
    return [{"rule": rule, "severity": severity.value} for rule, severity in gravest]


def is_whole(document: EvidenceDocument, lines: list[LineData]) -> bool:
    """Whether a person could confirm the document without entering anything. What is dealt with part by part is never so."""
    return (
        bool(lines)
        and not document.proposal.get("package")
        and not line_total(document.proposal)
        and all(line.happened_on for line in lines)
        and not check_lines(lines, newest_day())
    )


def _line_of(document: EvidenceDocument, data: LineData, products: Mapping[str, Product]) -> EvidenceLine:
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
        product=products.get(data.product_id),
        product_text=data.product_text,
        brand=data.brand,
        model=data.model,
        quantity=data.quantity,
        region=data.region,
        # A date that the reader did not see is for the person to enter; the day of the capture stands in for it.
        happened_on=data.happened_on or timezone.localdate(document.captured_at),
    )


def _would_fire(lines: Sequence[EvidenceLine]) -> list[list[Fired]]:
    gathered = gather(lines, resolution.stand_now(lines))
    starts = starts_of_sellers(one.seller for one in gathered)
    return [_held(one, starts) for one in gathered]


def _held(one: Gathered, starts: Mapping[str, dict[str, dt.date]]) -> list[Fired]:
    fired = evaluate_line(one.facts)
    if held_to_known(one.line, one.seller, starts) == STARTED:
        return fired
    return [hit for hit in fired if not silenced(hit)]


def proposed_data(document: EvidenceDocument) -> list[LineData]:
    """The lines exactly as the reader proposes them, with their places, as a confirmation without a change would write them."""
    return _proposed(document).data


def _proposed(document: EvidenceDocument, products: Sequence[Product] | None = None) -> Proposed:
    undisclosed = document.proposal.get("product_state") == "undisclosed"
    fields: dict[str, Any] = document.proposal.get("fields", {})
    # All that is left of a long notice: what is ours may stand in its last line.
    lines, places = initial_lines(document, products, whole=True), line_places(document, whole=True)
    data = [
        _data(line, undisclosed, {field: {**fields[name], "corrected": False} for field, name in spots.items()})
        for line, spots in zip(lines, places, strict=True)
    ]
    return Proposed(document, lines, places, data)


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
    """Worker: weigh one document, or a hundred of all that wait behind an id ("all", "all:<id>"). Returns how many."""
    if not key.startswith(EVERYTHING):
        return weigh_these([key])
    state = state_key()
    waiting = intake.to_weigh(state).select_related("blob").order_by("pk")
    found = list(waiting.filter(pk__gt=key.partition(":")[2])[:BATCH])
    is_weighed = False
    try:
        _weigh_together(found, state)
        is_weighed = True
    except Exception as error:  # noqa: BLE001 - whose fault it is, each of them says by itself
        log.warning("documents not weighed together", count=len(found), reason=reason_of(error))
    # Whatever becomes of these, those behind them are weighed.
    if len(found) == BATCH:
        enqueue("weigh", f"{EVERYTHING}:{found[-1].pk}", version=once)
    if not is_weighed:
        _weigh_each(found, state)
    return len(found)


def _weigh_each(documents: Iterable[EvidenceDocument], key: str) -> None:
    """One by one: a document that cannot be weighed keeps no other from it."""
    for document in documents:
        try:
            _weigh_together([document], key)
        except (InterfaceError, OperationalError):
            raise
        except Exception as error:  # noqa: BLE001 - as above
            log.warning("document not weighed", document=document.pk, reason=reason_of(error))


def weigh_these(document_ids: Sequence[str], *, last: Callable[[], None] = _nothing) -> int:
    """Worker: weigh documents that were just read, all or none. Returns how many; what was weighed is asked again every minute.

    `last` is done in the transaction in which it is written, and undoes it by raising.
    """
    waiting = intake.waiting(EvidenceDocument.objects.filter(pk__in=document_ids, weighing__isnull=True))
    found = list(waiting.select_related("blob").order_by("pk"))
    if found:
        _weigh_together(found, state_key(), last)
    else:
        last()
    return len(found)


def bring_back(*, document: EvidenceDocument, by: User) -> None:
    """Put what was set aside back into the queue."""
    check(by, Permission.CONFIRM_EVIDENCE)
    intake.bring_back(document=document, by=by)


def set_limit(*, limit: Decimal, reason: str, by: User) -> None:
    """Set how high the error rate of a sample may be."""
    check(by, Permission.SET_BULK_LIMIT)
    intake.set_limit(limit=limit, reason=reason, by=by)
