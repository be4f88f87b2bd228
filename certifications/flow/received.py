"""Who sent what distributors received, asked of the register by a worker: a transfer has two authorised distributors, or compliance looks.

Nothing of it reaches a distributor: which of its colleagues may sell, and whether one's name is known at all, is the manufacturer's to know.
"""

import datetime as dt
import hashlib
from collections import defaultdict
from collections.abc import Iterable
from dataclasses import dataclass
from decimal import Decimal
from typing import Any

from django.db import transaction

from certifications.catalogue.models import Product
from certifications.custody.models import Movement
from certifications.custody.queries import counting
from certifications.declarations.models import Declaration
from certifications.declarations.queries import taking_part
from certifications.flags import actions as flags
from certifications.flags import settling
from certifications.flags.models import Flag
from certifications.flags.rules import Fired, ReceiptFacts, blocks, evaluate_receipt
from certifications.ledger.turns import take_turns
from certifications.matching.identifiers import compact
from certifications.parties.models import Party
from certifications.parties.sellers import SellerAnswer, seller_of_party
from certifications.people.models import Organisation
from certifications.programme.queries import place_of
from certifications.programme.rules import STARTED
from certifications.resolution import queries as names
from certifications.resolution.engine import Asked, folded
from certifications.uploads.models import Upload
from certifications.work.actions import enqueue

from .advance import WAITING, send_round_again, tell_deciders
from .facts import end_of, seller_facts
from .faults import fault
from .first_day import silenced
from .halves import Distributors
from .resolution import SELLER, seller_answer

RULE = "RECV"
# Characters of a sender's name in the subject of a case.
LONGEST = 84


@dataclass(frozen=True)
class Sent:
    """Goods of one product that one sender sent a distributor in a month, while the sender stood alike on the register."""

    asked: Asked
    product: Product
    month: str
    answer: SellerAnswer
    rows: tuple[Movement, ...]

    @property
    def key(self) -> str:
        """What makes a flag on it the same flag: the next month's goods are another question, even from whom one was answered."""
        return f"{self.asked.key[1]}:{self.asked.code}:{self.product.pk}:{self.month}:{self.answer.kind}"


def look_later(upload_id: str, *, once: str) -> None:
    """A worker asks about the senders in what an upload committed, where it has any. Once for each commit."""
    if counting(Movement.objects.filter(upload=upload_id, kind="receipt")).exists():
        enqueue("received", upload_id, version=once[:60])


def look(upload_id: str) -> int:
    """Worker: ask the register about everybody who sent goods that the upload reports as received. Idempotent. Returns how many flags are new."""
    upload = Upload.objects.select_related("organisation").get(pk=upload_id)
    with transaction.atomic():
        # One at a time for a receiver: who read before another wrote would close what that one found.
        take_turns(f"received {upload.organisation_id}")
        return _look(upload)


def _look(upload: Upload) -> int:
    own = counting(Movement.objects.filter(organisation=upload.organisation, kind="receipt"))
    senders = {folded(name) for name in own.filter(upload=upload).values_list("buyer_name", flat=True).distinct()}
    # Everything of theirs: what one month answered, another may ask.
    every = own.values_list("buyer_name", flat=True).order_by().distinct()
    writings = [name for name in every if folded(name) in senders]
    rows = own.filter(buyer_name__in=writings).select_related("product", "report", "upload").order_by("happened_on", "pk")
    found: defaultdict[str, list[Sent]] = defaultdict(list)
    for one in _sent(rows):
        found[folded(one.asked.name)].append(one)
    fault("before-flagging")
    new: list[Flag] = []
    for sender, some in sorted(found.items()):
        new += _raise(upload, sender, some)
    tell_deciders(new)
    return len(new)


def _sent(rows: Iterable[Movement]) -> list[Sent]:
    """The receipts by sender, product, month and standing."""
    at_hand = list(rows)
    asked_of = {row.pk: Asked(SELLER, row.buyer_name, compact(row.buyer_uscc)) for row in at_hand}
    asked = list(dict.fromkeys(asked_of.values()))
    told = dict(zip(asked, names.resolved(asked), strict=True)) if asked else {}
    firms = Distributors()
    answers: dict[tuple[Asked, str, dt.date], SellerAnswer] = {}
    found: dict[tuple[Asked, str, str, str], list[tuple[Movement, SellerAnswer]]] = {}
    for row in at_hand:
        one = asked_of[row.pk]
        key = (one, row.product.line, row.happened_on)
        if key not in answers:
            answers[key] = _answer(one, told[one], firms, line=row.product.line, on=row.happened_on)
        answer = answers[key]
        month = f"{row.report.period:%Y-%m}" if row.report else f"{row.happened_on:%Y-%m}"
        found.setdefault((one, row.product_id, month, answer.kind), []).append((row, answer))
    return [
        Sent(one, some[0][0].product, month, some[0][1], tuple(row for row, _answer in some))
        for (one, _product, month, _kind), some in found.items()
    ]


def _answer(asked: Asked, told: names.Resolved, firms: Distributors, *, line: str, on: dt.date) -> SellerAnswer:
    """How the sender stood on the day, as known then: what was recorded later is for people to judge, or back-dating would launder.

    An account of the portal is known by the very name of the account too, unless a number is written or a person said that it is another.
    """
    when: dict[str, Any] = {"line": line, "country": "CN", "division": "", "valid_on": on, "known_at": end_of(on)}
    firm = firms.named(asked.name, "") if not told.standing.bound and not asked.code else None
    party = getattr(firm, "party", None)
    if party is not None and party.pk not in told.refused:
        return seller_of_party(party=party, best_name=firm.name if firm else "", **when)
    return seller_answer(told, **when)


def _raise(upload: Upload, sender: str, some: Iterable[Sent]) -> list[Flag]:
    """Raise what fires of one sender's goods, in a case of its own for this receiver; what fires no more goes, but nothing grave.

    Returns the flags that are new.
    """
    receiver = upload.organisation
    # Two long names that begin alike are two subjects.
    sender_key = sender if len(sender) <= LONGEST else f"{sender[:40]}:{hashlib.sha256(sender.encode()).hexdigest()[:40]}"
    subject_key = f"received:{receiver.pk}:{sender_key}"
    new, still = [], set()
    for one in some:
        party = Party.objects.filter(pk=one.answer.party_id).first() if one.answer.party_id else None
        for fired in evaluate_receipt(_facts(receiver, one)):
            if _counted_only(party, one, fired):
                continue
            facts_key = _key(subject_key, one)
            fingerprint = flags.fingerprint_of(subject_key, RULE, facts_key)
            still.add(fingerprint)
            is_known = Flag.objects.filter(fingerprint=fingerprint).exists()
            if is_known and not any(row.upload_id == upload.pk for row in one.rows):
                continue  # said before, of another report: not seen once more
            flag = flags.raise_flag(fired=fired, subject=flags.Subject(subject_key, one.asked.name), facts_key=facts_key, party=party)
            if not is_known:
                new.append(flag)
            if party is not None and blocks(flag.severity):
                for declaration in Declaration.objects.filter(taking_part([party.pk]), status__in=WAITING).distinct():
                    send_round_again(declaration, f"received-{flag.pk}")
    settling.settle_subject(key=subject_key, rule=RULE, still=still)
    return new


def _key(subject_key: str, one: Sent) -> str:
    """What makes a flag on these goods the same flag. What people cleared is what the flag said: goods reported after it was raised are new."""
    key = one.key
    while known := Flag.objects.filter(fingerprint=flags.fingerprint_of(subject_key, RULE, key)).first():
        cleared = known.state == Flag.State.CLEARED and any(row.recorded_at > known.first_at for row in one.rows)
        if known.state != Flag.State.CLOSED and not cleared:
            break
        key = f"{one.key}:{known.pk}"
    return key


def _facts(receiver: Organisation, one: Sent) -> ReceiptFacts:
    first = one.rows[0]
    return ReceiptFacts(
        receiver=receiver.name,
        sender=one.asked.name,
        seller=seller_facts(one.answer),
        product=str(one.product),
        quantity=sum((row.quantity for row in one.rows), Decimal(0)),
        happened_on=first.happened_on,
        month=one.month,
        source=first.upload.number,
    )


def _counted_only(party: Party | None, one: Sent, fired: Fired) -> bool:
    """Whether the sender is a distributor whose line had not begun by then: counted and not held to a right, as its sales are."""
    if party is None or party.organisation_id is None or not silenced(fired):
        return False
    days = {row.happened_on for row in one.rows}
    return all(place_of(party.organisation_id, one.product.line, day) != STARTED for day in days)
