"""Asks the rules about confirmed lines, and raises what fires: of one line, or of many together in a few statements.

Together goes what is plain: nothing else speaks of the sale, nothing was raised or counted of it, and its case is new. Everything else is
judged line by line in the same transaction, which is all done or not at all.
"""

from collections.abc import Callable, Collection, Iterable, Sequence
from dataclasses import dataclass

from django.db import transaction
from django.db.models import QuerySet

from certifications.declarations.models import Declaration
from certifications.declarations.queries import taking_part
from certifications.evidence.models import EvidenceDocument, EvidenceLine
from certifications.evidence.queries import sales_about
from certifications.evidence.repeats import Sale
from certifications.flags import actions as flags
from certifications.flags import settling
from certifications.flags.models import CountedSale, Flag
from certifications.flags.rules import Fired, blocks, evaluate_line
from certifications.flags.together import Raising, hold_open_cases, raise_together
from certifications.ledger.turns import take_turns_of_each
from certifications.matching import normalise
from certifications.parties.models import Party
from certifications.programme.rules import STARTED

from . import resolution
from .advance import WAITING, send_round_again, tell_deciders
from .faults import fault
from .first_day import count_once, count_or_flag, held_to_known, starts_of_sellers
from .letters import match_awards
from .line_facts import Gathered, gather


@dataclass(frozen=True)
class Judged:
    """A line with all that is known of it, the sale that it speaks of, and what the rules say."""

    known: Gathered
    sale: Sale
    fired: tuple[Fired, ...]

    @property
    def line(self) -> EvidenceLine:
        return self.known.line

    def subject(self) -> flags.Subject:
        """The case is of the line of the sale that was confirmed first."""
        first = self.sale.first
        return flags.Subject(
            key=f"evidence:{first.document_id}:{normalise(first.seller) or normalise(first.buyer)}"[:120],
            name=first.seller or first.buyer,
            document=first.document,
        )

    def about(self, fired: Fired) -> Party | None:
        """The party that a flag is about: the seller, where it is a rule of sellers."""
        return self.known.seller if fired.rule.startswith("S") else None


def match_line(line_id: str, because: str = "") -> None:
    """Worker: find whom the names of one confirmed line mean, run the rules over it, raise what fires. Idempotent: a repeat only counts.

    A sale that was announced again raises nothing twice, whichever of its lines raised it. What fires for the first time, or more
    gravely than before, is raised all the same, in the case of the line that was confirmed first.

    `because` of what the rules are asked again. Where that is a name that means somebody else now, flags that do not fire any more
    are closed, but nothing grave: that is left to two people.
    """
    match_lines([line_id], because)


def _nothing() -> None:
    """Where nothing else belongs to the transaction."""


def match_lines(line_ids: Sequence[str], because: str = "", *, last: Callable[[], None] = _nothing) -> None:
    """The same of many lines, in the order given: of all of them or, where one cannot be judged, of none.

    `last` is done in the transaction in which everything is written, and undoes it by raising.
    """
    found = _counting().in_bulk(line_ids)
    lines = [found[pk] for pk in line_ids if pk in found]
    if not lines:
        last()
        return
    if because:
        resolution.resolve_lines(lines)
    else:
        resolution.resolve_confirmed(lines)
    asked = [(known, tuple(evaluate_line(known.facts))) for known in gather(lines)]
    fault("before-flagging")
    with transaction.atomic():
        judged = _in_turn(asked)
        opened = _hold_cases(judged)
        plain = [] if because else _plain(judged, opened)
        together = {one.line.pk for one in plain}
        raised = _raise_together(plain)
        grave = {one.line.pk for one in plain if any(blocks(fired.severity) for fired in one.fired)}
        for one in sorted(judged, key=lambda one: one.subject().key):
            if one.line.pk not in together:
                own = _raise(one, because)
                raised += own
                grave |= {one.line.pk for flag in own if blocks(flag.severity)}
        fault("flagged-not-finished")
        match_awards([one.line for one in judged])
        _look_again(one for one in judged if one.line.pk in grave)
        tell_deciders(raised)
        last()


def _in_turn(asked: Iterable[tuple[Gathered, tuple[Fired, ...]]]) -> list[Judged]:
    """With the sales as they are now: asking took its time, and meanwhile another line may have been judged or a document withdrawn.

    Until the transaction ends nobody else judges a line of these sales or withdraws one of the documents.
    """
    at_hand = list(asked)
    take_turns_of_each(f"sale:{known.line.project_key}:{known.line.buyer_key}" for known, _ in at_hand if known.line.project_key)
    documents = EvidenceDocument.objects.filter(
        pk__in={known.line.document_id for known, _ in at_hand}, status__in=EvidenceDocument.COUNTING
    )
    counting = set(documents.select_for_update(no_key=True).order_by("pk").values_list("pk", flat=True))
    left = [(known, fired) for known, fired in at_hand if known.line.document_id in counting]
    sales = sales_about(known.line for known, _ in left)
    return [Judged(known, sales[known.line.pk], fired) for known, fired in left]


def _hold_cases(judged: Sequence[Judged]) -> set[str]:
    """Those of the subjects that have an open case. Cases are locked before their flags, as people who decide do, all in one order."""
    subjects = {one.subject().key for one in judged}
    take_turns_of_each(subjects)
    return hold_open_cases(subjects, [line.pk for one in judged for line in one.sale.lines])


def _counting() -> QuerySet[EvidenceLine]:
    """Lines of documents that count, without the text that they were read from: a package has megabytes of it."""
    found = EvidenceLine.objects.filter(document__status__in=EvidenceDocument.COUNTING)
    return found.select_related("document", "product", "confirmed_by").defer("document__text", "document__proposal")


def _plain(judged: Sequence[Judged], opened: Collection[str]) -> list[Judged]:
    """Those that nothing was raised or counted of, neither by themselves nor by another line of the sale, and whose case is new."""
    ids = [one.line.pk for one in judged]
    known = set(Flag.objects.filter(line__in=ids).values_list("line", flat=True))
    known |= set(CountedSale.objects.filter(line__in=ids).values_list("line", flat=True))
    starts = starts_of_sellers(one.known.seller for one in judged)
    alone = [one for one in judged if len(one.sale.lines) == 1 and one.line.pk not in known]
    # From before its seller's first day a sale is counted, and that is written line by line.
    held = [one for one in alone if held_to_known(one.line, one.known.seller, starts) == STARTED]
    return [one for one in held if one.subject().key not in opened]


def _raise_together(plain: Sequence[Judged]) -> list[Flag]:
    wanted = [
        Raising(fired=fired, subject=one.subject(), facts_key=one.line.pk, line=one.line, party=one.about(fired))
        for one in plain
        for fired in one.fired
    ]
    return raise_together(wanted) if wanted else []


def _raise(one: Judged, because: str) -> list[Flag]:
    hits = count_or_flag(one.line, one.known.seller, one.fired)
    raised = [_raised(one, fired, because) for fired in hits]
    if because.startswith(resolution.AGAIN):
        settling.settle_line(line=one.line, still={fired.rule for fired in hits})
    count_once(line.pk for line in one.sale.lines if line.pk != one.sale.counts.pk)
    return raised


def _raised(one: Judged, fired: Fired, because: str) -> Flag:
    known = flags.counted_again(fired=fired, line_ids=[line.pk for line in one.sale.lines])
    if known is not None:
        return known
    facts_key = f"{one.line.pk}:{because}" if because else one.line.pk
    return flags.raise_flag(fired=fired, subject=one.subject(), facts_key=facts_key, line=one.line, party=one.about(fired))


def _look_again(grave: Iterable[Judged]) -> None:
    """A new grave flag on a registered party blocks what it takes part in: send those declarations round again, in one order for everybody."""
    first_line: dict[str, str] = {}
    for one in grave:
        if one.known.seller is not None:
            first_line.setdefault(one.known.seller.pk, one.line.pk)
    if not first_line or not _waiting(first_line).exists():
        return
    found: dict[str, tuple[Declaration, str]] = {}
    for party, line in first_line.items():
        for declaration in _waiting([party]).distinct():
            found.setdefault(declaration.pk, (declaration, line))
    for _pk, (declaration, line) in sorted(found.items()):
        send_round_again(declaration, f"line-{line}")


def _waiting(party_ids: Collection[str]) -> QuerySet[Declaration]:
    return Declaration.objects.filter(taking_part(party_ids), status__in=WAITING)
