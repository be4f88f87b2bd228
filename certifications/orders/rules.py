"""Release, hold, or needs a declaration: decided for one order line from plain values. Pure; whatever is unknown holds.

Words are neutral and the same for a finding, a flag, a concern and a wait: who asks learns that compliance must look,
and nothing of what it looks at (product.md, 'refuse' 2 and 8).
"""

import datetime as dt
import re
from collections.abc import Iterable
from dataclasses import dataclass, field
from decimal import ROUND_DOWN, Decimal
from typing import Any

from django.utils.translation import gettext_lazy as _

from certifications.catalogue.rules import fits

RELEASE, HOLD, NEEDS = "release", "hold", "needs_declaration"
STATUS_OF = {RELEASE: "released", HOLD: "held", NEEDS: "needs_declaration"}
# What a list may be narrowed to beside a status: held until compliance has looked.
AWAITS = "awaits"
COMPLIANCE, DISTRIBUTOR, ASKER = "compliance", "distributor", "asker"
LIFTERS = {
    COMPLIANCE: _("the manufacturer's compliance team"),
    DISTRIBUTOR: _("the distributor"),
    ASKER: _("whoever places the order"),
}


@dataclass(frozen=True)
class Words:
    """What may be said of a reason: the code and the sentence that leave the house, and who can lift it."""

    code: str
    sentence: Any
    lifted_by: str


_REVIEW = Words("under_review", _("The compliance team must look at this before it can ship."), COMPLIANCE)
REASONS: dict[str, Words] = {
    "flag": _REVIEW,
    "screening": _REVIEW,
    "customer": Words(
        "customer_unknown", _("The distributor has no customer with this number. Register it, then file a declaration."), DISTRIBUTOR
    ),
    "customer_ambiguous": Words(
        "customer_ambiguous", _("Two customers of the distributor have this number. Give the customer's own id instead."), ASKER
    ),
    "over": Words("already_shipped", _("Nothing of this line is reserved any more: it was shipped."), ASKER),
    "product": Words("product_unknown", _("The catalogue holds no such number today. Check the catalogue number."), ASKER),
    "unit": Words(
        "unit", _("This unit does not convert to the product's own. Order in the unit of the catalogue, in whole parts of it."), ASKER
    ),
    "place": Words("place", _("Give the six-digit division of the place of use; in China an order without one cannot be judged."), ASKER),
    "seller": Words(
        "not_authorised", _("No authorisation of the distributor on record covers this product line and place on this day."), COMPLIANCE
    ),
    "pending": Words("declaration_pending", _("A declaration for this is on its way and not attested yet."), COMPLIANCE),
    "attestation_pending": Words("declaration_pending", _("A declaration for this is on its way and not attested yet."), COMPLIANCE),
    "attestation_suspended": Words("attestation_suspended", _("The attestation of this declaration is suspended."), COMPLIANCE),
    "attestation_revoked": Words(
        "attestation_revoked", _("The attestation of this declaration was revoked. A new declaration is needed."), DISTRIBUTOR
    ),
    "not_yet": Words("not_yet", _("The declaration is not in force on this day."), DISTRIBUTOR),
    "expired": Words("expired", _("The declaration's validity is over on this day. Renew it."), DISTRIBUTOR),
    "place_differs": Words(
        "place_differs", _("The declaration names another place of use. Amend it, or file one for this place."), DISTRIBUTOR
    ),
    "quantity": Words(
        "quantity", _("The declaration has less left than was ordered. Order what is left, or have the declaration amended."), DISTRIBUTOR
    ),
    "period": Words(
        "period",
        _("The declaration's ceiling for this period has less left than was ordered. Order what is left, or for a later period."),
        DISTRIBUTOR,
    ),
    "late": Words(
        "late",
        _(
            "Ordered for an earlier period of a standing declaration, it counts in the period in which it is supplied, and that has less left."
            " Ship what is left now, and the rest in the next period."
        ),
        DISTRIBUTOR,
    ),
    "later_period": Words(
        "later_period",
        _("The order line draws on a later period of a standing declaration; it ships from that period's first day."),
        DISTRIBUTOR,
    ),
    "needs_declaration": Words(
        "needs_declaration", _("No declaration of the distributor covers this customer and product. File one."), DISTRIBUTOR
    ),
}


@dataclass(frozen=True)
class Reason:
    """One reason, as kept: `until` is the first day on which the calendar lifts it, `left` what may still be ordered."""

    code: str
    until: dt.date | None = None
    left: Decimal | None = None

    def kept(self) -> dict[str, str]:
        """As plain text values, for the row."""
        found = {"code": self.code}
        if self.until is not None:
            found["until"] = self.until.isoformat()
        if self.left is not None:
            found["left"] = format(self.left.normalize(), "f")
        return found


@dataclass(frozen=True)
class Candidate:
    """A balance that the order might draw on. `ratio`: how much of it one ordered unit draws, None where that is not exact.

    `standing` is the attestation's word today (pending, valid, not_yet, suspended, superseded, revoked, expired, void), empty
    where there is none; `is_held` when a grave flag stands on the declaration.
    """

    balance_id: int
    ratio: Decimal | None
    is_own: bool
    left: Decimal
    valid_from: dt.date
    valid_until: dt.date
    place_fits: bool
    standing: str
    is_held: bool = False
    # Of a standing declaration: what may still be drawn in the period of the order's day, and the first day of the next period.
    left_in_period: Decimal | None = None
    next_period: dt.date | None = None

    @property
    def left_now(self) -> Decimal:
        """What may be drawn for the day of the order."""
        return self.left if self.left_in_period is None else min(self.left, max(self.left_in_period, Decimal(0)))


@dataclass(frozen=True)
class LineFacts:
    """Everything known about one order line. `units` is None when the unit does not convert."""

    wanted_on: dt.date
    country: str
    division: str
    # Why the customer is not known: customer, customer_ambiguous; empty when it is.
    customer: str
    product_known: bool
    units: Decimal | None
    seller: str
    # flag, screening: whatever holds one of the two parties.
    parties: frozenset[str] = frozenset()
    pending: bool = False
    candidates: tuple[Candidate, ...] = field(default=())


@dataclass(frozen=True)
class Verdict:
    """The answer; `balance_id` and `ratio` where it draws, `left` what stays (or is) on the nearest declaration."""

    answer: str
    reasons: tuple[Reason, ...] = ()
    balance_id: int | None = None
    ratio: Decimal = Decimal(1)
    left: Decimal | None = None


def in_units(amount: Decimal, ratio: Decimal | None) -> Decimal | None:
    """An amount of a balance in ordered units, rounded down: never more than may be ordered."""
    return (amount / ratio).quantize(Decimal("0.0001"), ROUND_DOWN) if ratio else None


def _problems(one: Candidate, facts: LineFacts) -> list[Reason]:
    """Why the order cannot draw on this balance; empty when it can."""
    found: list[Reason] = []
    if one.is_held:
        found.append(Reason("flag"))
    match one.standing:
        case "suspended":
            found.append(Reason("attestation_suspended"))
        case "revoked":
            found.append(Reason("attestation_revoked"))
        case "valid" | "not_yet" | "expired":
            pass  # the days are judged for the day of the order
        case _:
            found.append(Reason("attestation_pending"))
    if facts.wanted_on < one.valid_from:
        found.append(Reason("not_yet", until=one.valid_from))
    if facts.wanted_on >= one.valid_until or one.standing == "expired":
        found.append(Reason("expired"))
    if not one.place_fits:
        found.append(Reason("place_differs"))
    if facts.units is not None:
        if one.ratio is None or not fits(facts.units * one.ratio):
            found.append(Reason("unit"))
        elif facts.units * one.ratio > one.left:
            found.append(Reason("quantity", left=in_units(one.left, one.ratio)))
        elif facts.units * one.ratio > one.left_now:
            found.append(Reason("period", until=one.next_period, left=in_units(one.left_now, one.ratio)))
    return found


def _nearness(item: tuple[Candidate, list[Reason]]) -> tuple[Any, ...]:
    """Fewest problems first, then what is over last, then the product itself, then what ends first."""
    one, problems = item
    codes = {p.code for p in problems}
    return len(problems), bool(codes & {"expired", "attestation_revoked"}), not one.is_own, one.valid_until, one.balance_id


def decide(facts: LineFacts) -> Verdict:
    """The answer for one line, with every reason that is known."""
    reasons: list[Reason] = []
    if facts.customer:
        reasons.append(Reason(facts.customer))
    if not facts.product_known:
        reasons.append(Reason("product"))
    elif facts.units is None:
        reasons.append(Reason("unit"))
    if facts.country == "CN" and not facts.division:
        reasons.append(Reason("place"))
    if facts.product_known and facts.seller != "authorised":
        reasons.append(Reason("seller"))
    reasons += [Reason(code) for code in sorted(facts.parties)]
    judged = sorted(((one, _problems(one, facts)) for one in facts.candidates if one.standing != "superseded"), key=_nearness)
    if not judged:
        if reasons:
            return Verdict(HOLD, tuple(reasons))
        if facts.pending:
            return Verdict(HOLD, (Reason("pending"),))
        return Verdict(NEEDS, (Reason("needs_declaration"),))
    nearest, problems = judged[0]
    if reasons or problems or facts.units is None or nearest.ratio is None:
        known = {reason.code for reason in reasons}
        return Verdict(HOLD, (*reasons, *(p for p in problems if p.code not in known)), left=in_units(nearest.left_now, nearest.ratio))
    draws = facts.units * nearest.ratio
    return Verdict(RELEASE, (), nearest.balance_id, nearest.ratio, in_units(nearest.left_now - draws, nearest.ratio))


# What an order may be written with, for programs, pages and files alike; in a form that PostgreSQL, Python and Rust read the same.
# Control characters, and marks that nobody sees: zero-width, joiners, soft hyphen, direction. Two numbers that look alike are two orders.
PLAIN = r"^[^\x00-\x1f\x7f-\x9f\u00ad\u061c\u180e\u200b-\u200f\u2028-\u202e\u2060-\u206f\ufeff]+$"
_PLAIN = re.compile(PLAIN)
MARKS = _("This holds a character that nobody sees, such as a zero-width or direction mark. Type it anew.")


def is_plain(text: str) -> bool:
    """Whether a text that is not empty may stand in an order as it was typed."""
    return _PLAIN.fullmatch(text) is not None


def period_of(day: dt.date, period: str) -> tuple[dt.date, dt.date]:
    """[first day, first day of the next) of the calendar month, quarter or year in which the day lies."""
    if period == "year":
        return dt.date(day.year, 1, 1), dt.date(day.year + 1, 1, 1)
    months = 3 if period == "quarter" else 1
    first = (day.month - 1) // months * months
    count = day.year * 12 + first + months
    return dt.date(day.year, first + 1, 1), dt.date(count // 12, count % 12 + 1, 1)


def begins_later(wanted_on: dt.date, period: str, today: dt.date) -> dt.date | None:
    """The first day of the period that a line draws on, while that has not come: goods of a later period are not supplied before it."""
    first = period_of(wanted_on, period)[0] if period else today
    return first if today < first else None


def is_late(wanted_on: dt.date, period: str, today: dt.date) -> bool:
    """Whether the period for which a line was ordered is over: it then counts in today's as well."""
    return bool(period) and period_of(wanted_on, period)[1] <= today


def resting(*, reserved: Decimal, shipped: Decimal, returned: Decimal, ended: str) -> str:
    """The status of a line that was released once: what is reserved decides, then what was shipped, then what came back."""
    if reserved > 0:
        return "released"
    if shipped > 0:
        return "shipped"
    return "returned" if returned > 0 else ended


def sentences(codes: Iterable[str]) -> list[str]:
    """What these say, in the reader's language, each once, in the order of the reasons."""
    return list(dict.fromkeys(str(REASONS[code].sentence) for code in codes if code in REASONS))


def lifters(codes: list[str]) -> list[str]:
    """Who can lift these, each once, in the order of the reasons."""
    return list(dict.fromkeys(REASONS[code].lifted_by for code in codes if code in REASONS))
