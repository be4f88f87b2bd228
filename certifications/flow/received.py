"""Who sent what distributors received, asked of the register by a worker: a transfer has two authorised distributors, or compliance looks.

Nothing of it reaches a distributor: which of its colleagues may sell, and whether one's name is known at all, is the manufacturer's to know.
What is asked, and when: received_scope.py.
"""

import datetime as dt
from collections.abc import Collection, Iterable, Iterator, Mapping
from dataclasses import dataclass, field, replace
from decimal import Decimal
from typing import Any

from django.db import transaction
from django.db.models import Max, Min, Q, QuerySet, Sum

from certifications.catalogue.models import Product
from certifications.custody.models import Movement
from certifications.custody.queries import counting
from certifications.declarations.models import Declaration
from certifications.declarations.queries import taking_part
from certifications.flags import actions as flags
from certifications.flags import settling
from certifications.flags.models import Flag
from certifications.flags.rules import Fired, ReceiptFacts, blocks, evaluate_receipt
from certifications.flags.rules.transfers import asks_for_the_other_half
from certifications.ledger.turns import take_turns
from certifications.matching.identifiers import compact
from certifications.parties.models import Party
from certifications.parties.sellers import SellerAnswer
from certifications.people.models import Organisation
from certifications.programme.queries import place_of
from certifications.programme.rules import STARTED
from certifications.resolution import queries as names
from certifications.resolution.engine import Asked, folded

from .advance import WAITING, send_round_again, tell_deciders
from .facts import seller_facts
from .faults import fault
from .first_day import silenced
from .halves import Distributors, shown_by_sender, shown_by_shipment
from .received_scope import Months, Scope, near, scopes_of, subject_key
from .resolution import SELLER
from .senders import Place, Places, standing_of

RULE = "RECV"


@dataclass(frozen=True)
class Sent:
    """Goods of one product that one sender sent a distributor in a month, while the sender stood alike on the register.

    `quantity` of them on `days`, the last recorded at `newest`; `rows` are the movements. `shown`: by whom else than the receiver it is
    said that the sender sent them, "" for nobody.
    """

    asked: Asked
    product: Product
    month: str
    answer: SellerAnswer
    place: Place
    quantity: Decimal
    days: tuple[dt.date, ...]
    newest: dt.datetime
    first: str  # id of the first movement
    rows: QuerySet[Movement] = field(compare=False)
    shown: str = ""

    @property
    def key(self) -> str:
        """What makes a flag on it the same flag: the next month's goods are another question, even from whom one was answered."""
        return f"{self.asked.key[1]}:{self.asked.code}:{self.product.pk}:{self.month}:{self.answer.kind}"


def look(key: str) -> int:
    """Worker: ask the register about those who sent goods, as far as the key of the job says (received_scope.py). Idempotent.

    Returns how many flags are new.
    """
    new = 0
    for scope in scopes_of(key):
        with transaction.atomic():
            # One at a time for a receiver: who read before another wrote would close what that one found.
            take_turns(f"received {scope.receiver.pk}")
            new += _look(scope)
    return new


def _look(scope: Scope) -> int:
    firms = Distributors()
    months = scope.months
    found = _sent(scope, months, firms)
    if months is not None and _shares_halves(scope, near(months), found):
        # A half that was used in one month may be free for the next.
        months = near(months)
        found = _sent(scope, months, firms)
    fault("before-flagging")
    new: list[Flag] = []
    for sender in sorted(scope.senders):
        parts = [part for one in found.get(sender, ()) for part in _apart(one, scope.receiver, firms)]
        new += _raise(scope.receiver, sender, parts, months)
    tell_deciders(new)
    return len(new)


def _shares_halves(scope: Scope, months: Collection[dt.date], found: Mapping[str, Collection[Sent]]) -> bool:
    """Whether goods of one month may use the half of another's, or have used it: the sender is a firm on the register, or is flagged in one of them.

    What was taken back is found no more, and leaves its half to others all the same.
    """
    if any(one.answer.party_id for some in found.values() for one in some):
        return True
    subjects = [subject_key(scope.receiver.pk, sender) for sender in scope.senders]
    return Flag.objects.filter(rule=RULE, case__subject__in=subjects, inputs__month__in=_written(months)).exists()


def _written(months: Iterable[dt.date]) -> list[str]:
    """Months as a flag says them."""
    return [period.isoformat()[:7] for period in months]


def _sent(scope: Scope, months: Months, firms: Distributors) -> dict[str, list[Sent]]:
    """By folded name: what the senders sent in the months, by product, month and standing. Read added up by day, however many rows it is."""
    own = counting(Movement.objects.filter(organisation=scope.receiver, kind="receipt"))
    if months is not None:
        own = own.filter(report__period__in=months)
    writings = [name for name in own.order_by().values_list("buyer_name", flat=True).distinct() if folded(name) in scope.senders]
    rows = own.filter(buyer_name__in=writings)
    by_day = rows.order_by().values("buyer_name", "buyer_uscc", "product", "report__period", "happened_on")
    summed = list(by_day.annotate(n=Sum("quantity"), newest=Max("recorded_at"), first=Min("pk")).order_by("happened_on", "first"))
    products = Product.objects.in_bulk({one["product"] for one in summed})
    asked = {(one["buyer_name"], one["buyer_uscc"]): Asked(SELLER, one["buyer_name"], compact(one["buyer_uscc"])) for one in summed}
    known = list(dict.fromkeys(asked.values()))
    told = dict(zip(known, names.resolved(known), strict=True)) if known else {}
    places = Places(scope.receiver)
    standings: dict[tuple[Asked, str, dt.date], tuple[SellerAnswer, Place]] = {}
    groups: dict[tuple[tuple[str, str, str], str, str, str], list[tuple[dict[str, Any], Asked, SellerAnswer, Place]]] = {}
    for one in summed:
        who, line, on = asked[one["buyer_name"], one["buyer_uscc"]], products[one["product"]].line, one["happened_on"]
        if (who, line, on) not in standings:
            standings[who, line, on] = standing_of(who, told[who], firms, places, line=line, on=on)
        answer, place = standings[who, line, on]
        month = one["report__period"].isoformat()[:7]
        groups.setdefault((who.key, one["product"], month, answer.kind), []).append((one, who, answer, place))
    found: dict[str, list[Sent]] = {}
    for (_key, product, month, _kind), some in groups.items():
        said, who, answer, place = some[0]
        these = Q()
        for one, *_rest in some:
            these |= Q(buyer_name=one["buyer_name"], buyer_uscc=one["buyer_uscc"], happened_on=one["happened_on"])
        found.setdefault(folded(who.name), []).append(
            Sent(
                who,
                products[product],
                month,
                answer,
                place,
                quantity=sum((one["n"] for one, *_rest in some), Decimal(0)),
                days=tuple(dict.fromkeys(one["happened_on"] for one, *_rest in some)),
                newest=max(one["newest"] for one, *_rest in some),
                first=said["first"],
                rows=rows.filter(these, product=product, report__period=said["report__period"]),
            )
        )
    return found


def _apart(one: Sent, receiver: Organisation, firms: Distributors) -> list[Sent]:
    """Those of the goods of which somebody else says that they were sent, and the others by themselves, where the severity rests on it."""
    if not asks_for_the_other_half(seller_facts(one.answer)):
        return [one]
    sender = Organisation.objects.filter(party=one.answer.party_id).first()
    if sender is None:
        return [one]
    by_sender = shown_by_sender(one.rows, sender, receiver, firms)
    shown = by_sender | shown_by_shipment(one.rows, sender, receiver, firms)
    if not shown:
        return [one]
    parts = (_only(one, Q(pk__in=shown), shown="sender" if by_sender else "shipment"), _only(one, ~Q(pk__in=shown)))
    return [part for part in parts if part is not None]


def _only(one: Sent, which: Q, shown: str = "") -> Sent | None:
    """Some of the goods; None where there are none."""
    rows = one.rows.filter(which)
    told = list(rows.order_by("happened_on", "pk").values_list("happened_on", "pk", "quantity", "recorded_at"))
    if not told:
        return None
    return replace(
        one,
        quantity=sum((quantity for _on, _pk, quantity, _at in told), Decimal(0)),
        days=tuple(dict.fromkeys(on for on, *_rest in told)),
        newest=max(at for *_rest, at in told),
        first=told[0][1],
        rows=rows,
        shown=shown,
    )


def _raise(receiver: Organisation, sender: str, some: Collection[Sent], months: Months) -> list[Flag]:
    """Raise what fires of one sender's goods, in a case of its own for this receiver; what fires no more goes, but nothing grave.

    Returns the flags that are new.
    """
    subject = subject_key(receiver.pk, sender)
    new, still = [], set()
    shown = {one.key for one in some if one.shown}
    for told in some:
        one = _since_cleared(subject, told)
        party = Party.objects.filter(pk=one.answer.party_id).first() if one.answer.party_id else None
        for fired in evaluate_receipt(_facts(receiver, one)):
            if _counted_only(party, one, fired):
                continue
            facts_key = _key(subject, one, stands_alone=one.key not in shown)
            fingerprint = flags.fingerprint_of(subject, RULE, facts_key)
            still.add(fingerprint)
            known = Flag.objects.filter(fingerprint=fingerprint).first()
            if known is not None and known.last_at >= one.newest:
                continue  # said before of these goods: not seen once more
            flag = flags.raise_flag(fired=fired, subject=flags.Subject(subject, one.asked.name), facts_key=facts_key, party=party)
            if known is None:
                new.append(flag)
            if party is not None and blocks(flag.severity):
                for declaration in Declaration.objects.filter(taking_part([party.pk]), status__in=WAITING).distinct():
                    send_round_again(declaration, f"received-{flag.pk}")
    looked_at = Q() if months is None else Q(inputs__month__in=_written(months))
    settling.settle_subject(key=subject, rule=RULE, still=still, among=looked_at)
    return new


def _key(subject: str, one: Sent, *, stands_alone: bool) -> str:
    """What makes a flag on these goods the same flag. Shown by another than the receiver it is graver, and a new one.

    The graver one goes on speaking of its goods when they are shown no more (`stands_alone`: none of the month's are). One that is as grave
    from before the name was answered holds nobody, and stands in nothing's way.
    """
    plain, flag = _last(subject, one.key, one.newest)
    if flag is not None and blocks(flag.severity) and (flag.party_id or "") == one.answer.party_id:
        return plain
    shown, graver = _last(subject, _shown(one), one.newest)
    told = graver is not None and stands_alone and one.newest <= graver.last_at
    return shown if one.shown or told else plain


def _shown(one: Sent) -> str:
    return f"{one.key}:shown"


def _since_cleared(subject: str, one: Sent) -> Sent:
    """Of goods that are shown: those that came since people cleared the last flag on such, where any did."""
    flags_on = _flags_on(subject, _shown(one)) if one.shown else ()
    cleared = [flag.first_at for _key, flag in flags_on if flag is not None and flag.state == Flag.State.CLEARED]
    return (cleared and _only(one, Q(recorded_at__gt=cleared[-1]), one.shown)) or one


def _last(subject: str, base: str, newest: dt.datetime) -> tuple[str, Flag | None]:
    """The key of the next flag, or of the one that speaks of these goods. What people cleared is what the flag said: goods reported after
    it was raised are new.
    """

    def speaks(known: Flag | None) -> bool:
        return known is None or (known.state != Flag.State.CLOSED and not (known.state == Flag.State.CLEARED and newest > known.first_at))

    return next((key, known) for key, known in _flags_on(subject, base) if speaks(known))


def _flags_on(subject: str, base: str) -> Iterator[tuple[str, Flag | None]]:
    """Key and flag of all that were raised one after another, and the key of the next."""
    key = base
    while known := Flag.objects.filter(fingerprint=flags.fingerprint_of(subject, RULE, key)).first():
        yield key, known
        key = f"{base}:{known.pk}"
    yield key, None


def _facts(receiver: Organisation, one: Sent) -> ReceiptFacts:
    return ReceiptFacts(
        receiver=receiver.name,
        sender=one.asked.name,
        seller=seller_facts(one.answer),
        product=str(one.product),
        product_id=one.product.pk,
        quantity=one.quantity,
        happened_on=one.days[0],
        month=one.month,
        source=Movement.objects.values_list("upload__number", flat=True).get(pk=one.first),
        divisions=one.place.divisions,
        place_known_by=one.place.known_by,
        shown=one.shown,
    )


def _counted_only(party: Party | None, one: Sent, fired: Fired) -> bool:
    """Whether the sender is a distributor whose line had not begun by then: counted and not held to a right, as its sales are."""
    if party is None or party.organisation_id is None or not silenced(fired):
        return False
    return all(place_of(party.organisation_id, one.product.line, day) != STARTED for day in one.days)
