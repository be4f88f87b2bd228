"""What must be mended before a declaration can be signed: each lack and each answer that does not fit another, at its field. Pure.

Sources: the union of the fields that OSCE/Wassenaar, BIS-711, the PRC statement, DE C1/C2, the UK undertaking, the Japanese pledge
and the Singapore statement ask for; facts not known are stated as unknown. Red flags: 15 CFR 732 Supplement 3.
"""

import datetime as dt
import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from decimal import Decimal

from django.utils.translation import gettext as _

from certifications.matching import normalise
from certifications.parties.rules import division_problem

from .data import MOST_CONSIGNEES, MOST_END_USERS, PERIODS, PROOFS, REPORTING, DeclarationData, EndUserData
from .rules import Problem

LATEST_YEARS = 20
MAX_YEARS = 4  # a BIS-711 "multiple" statement lasts four years
MAX_SAMPLES = 10_000_000
TOO_MUCH = Decimal(10) ** 10  # what a quantity's column holds
DIVISION = 6
_BOILERPLATE = re.compile(
    r"^(?:for\s+)?(?:research|scientific\s+research|r\s*&\s*d|laboratory\s+use|lab\s+use|general|testing|medical|commercial|civil(?:ian)?"
    r"|own\s+use|科研|科学研究|研究|检测|医疗|民用|自用|实验室?(?:使用|用)?)(?:\s*(?:use|purposes?|only|用途|使用))*[.。]?$",
    re.IGNORECASE,
)


@dataclass(frozen=True)
class PartyFacts:
    """What is known of a party that a declaration names: how it is shown, what it is registered as, its line of business."""

    title: str
    kind: str
    line_of_business: str
    country: str = ""


def _length(text: str) -> int:
    """How much a text says: a Chinese character says about as much as two letters."""
    return sum(2 if "\u3400" <= c <= "\u9fff" else 1 for c in text.strip())


def is_boilerplate(end_use: str) -> bool:
    """True for an end use that says nothing: a red flag of 15 CFR 732 Supplement 3."""
    return bool(_BOILERPLATE.match(end_use.strip())) or _length(end_use) < 12  # noqa: PLR2004


def completeness(data: DeclarationData, today: dt.date) -> list[Problem]:
    """Everything that must be mended before the declaration can be signed; empty when nothing. In the order of the form."""
    return [*_parties(data), *_goods(data), *_validity(data, today), *_end_use(data), *_route(data)]


def _missing(field: str, text: str, sentence: str, least: int = 2) -> Iterator[Problem]:
    if _length(text) < least:
        yield Problem(field, sentence)


def not_kept(data: DeclarationData) -> Iterator[Problem]:
    """What no column holds, at its field: a draft may lack anything, but what it says is kept as it was typed."""
    for line in data.lines:
        if line.quantity >= TOO_MUCH:
            yield Problem(f"quantity_{line.product_id}", _("This is more than can be declared; check the number."))
        if line.ceiling is not None and line.ceiling <= 0:
            yield _ceiling_off(line.product_id)
    yield from _value_whole(data)
    yield from _consignees_once(data)
    if len({one.customer_id for one in data.end_users}) != len(data.end_users):
        yield Problem("end_users", _("An end user stands there twice; leave one out."))
    yield from _samples(data)
    places = [("place_division", data.place_division), ("ship_to_division", data.ship_to_division)]
    places += [(f"place_division_{one.customer_id}", one.place_division) for one in data.end_users]
    for field, division in places:
        if len(division) > DIVISION:
            yield Problem(field, _("A division has six digits, such as 330200."))


def _value_whole(data: DeclarationData) -> Iterator[Problem]:
    if data.value is not None and not data.currency:
        yield Problem("currency", _("Choose the currency of the value."))
    if data.value is None and data.currency:
        yield Problem("value", _("Enter the value, or choose no currency."))


def _ceiling_off(product_id: str) -> Problem:
    return Problem(f"ceiling_{product_id}", _("The most in one period is above zero and not more than the whole quantity."))


def _consignees_once(data: DeclarationData) -> Iterator[Problem]:
    if len(set(data.consignee_ids)) != len(data.consignee_ids):
        yield Problem("consignees", _("A consignee stands there twice; leave one out."))


def _samples(data: DeclarationData) -> Iterator[Problem]:
    if data.samples_per_month is not None and not 0 < data.samples_per_month <= MAX_SAMPLES:
        yield Problem("samples_per_month", _("A number of samples is above zero; leave this empty where it is not known."))


def _parties(data: DeclarationData) -> Iterator[Problem]:
    if data.kind == "stockist":
        return
    yield from _missing(
        "relationship", data.relationship, _("Say how you deal with the end user: since when, and what you supply or service there."), 8
    )
    yield from _missing("contact", data.contact, _("Enter a person at the end user, with a telephone number or an e-mail address."), 6)
    if data.kind == "several" and not data.end_users:
        yield Problem("end_users", _("Enter the other end users, or choose the kind for a single one."))
    if len(data.end_users) >= MOST_END_USERS:
        yield Problem("end_users", _("One declaration names at most %(n)d end users; make a second one.") % {"n": MOST_END_USERS})
    ids = [one.customer_id for one in data.all_end_users()]
    yield from (Problem("end_users", _("An end user stands there twice; leave one out.")) for _twice in [1] if len(ids) != len(set(ids)))
    if data.purchaser_id and data.purchaser_id in ids:
        yield Problem("purchaser", _("The purchaser is an end user; leave this empty."))


def _goods(data: DeclarationData) -> Iterator[Problem]:
    if not data.lines:
        yield Problem("lines", _("Enter a quantity for at least one product."))
    yield from [Problem("lines", _("Quantities are more than zero.")) for line in data.lines if line.quantity <= 0][:1]
    if data.kind == "single" and data.term == "one_off":
        yield from _missing(
            "contract", data.contract, _("Enter the number of the contract or the order; where there is none yet, write: none yet.")
        )
    if data.term == "standing":
        yield from _ceilings(data)
    elif data.period or any(line.ceiling is not None for line in data.lines):
        yield Problem("term", _("Ceilings belong to a standing declaration. Choose that, or leave the ceilings empty."))
    if data.value is not None and data.value <= 0:
        yield Problem("value", _("A value is more than zero; leave it empty where it is not to be stated."))
    yield from _value_whole(data)
    if data.kind == "several":
        yield from _shares(data)


def _ceilings(data: DeclarationData) -> Iterator[Problem]:
    if data.period not in PERIODS:
        yield Problem("period", _("Choose the period for which the ceilings of a standing declaration hold."))
    for line in data.lines:
        if line.ceiling is None:
            yield Problem(f"ceiling_{line.product_id}", _("Enter the most that is supplied in one period."))
        elif not 0 < line.ceiling <= line.quantity:
            yield _ceiling_off(line.product_id)


def _shares(data: DeclarationData) -> Iterator[Problem]:
    """Each end user has goods, and together they have all of them."""
    known = {line.product_id for line in data.lines}
    for one in data.all_end_users():
        if data.lines and not any(share.quantity > 0 for share in one.shares):
            yield Problem(
                f"share_{one.customer_id}", _("Enter how much of the goods is for this end user, or take it out of the declaration.")
            )
        elif any(share.quantity < 0 or share.product_id not in known for share in one.shares):
            yield Problem(f"share_{one.customer_id}", _("The shares of the end users are more than the declared quantity; correct one."))


def _years_on(day: dt.date, years: int) -> dt.date:
    """The same day so many years later; for a 29 February that is none then, the day after the 28th."""
    try:
        return day.replace(year=day.year + years)
    except ValueError:
        return dt.date(day.year + years, 3, 1)


def _validity(data: DeclarationData, today: dt.date) -> Iterator[Problem]:
    if not today.year - LATEST_YEARS <= data.valid_from.year <= today.year + LATEST_YEARS:
        yield Problem("valid_from", _("This year is too far away; check the date."))
    elif data.valid_until <= data.valid_from:
        yield Problem("valid_until", _("The validity ends before it begins; correct one of the dates."))
    elif data.valid_until <= today:
        yield Problem("valid_until", _("The validity is over already; choose a later day."))
    elif data.valid_until > _years_on(data.valid_from, MAX_YEARS):
        yield Problem("valid_until", _("A declaration lasts at most four years; choose an earlier day."))


def _end_use(data: DeclarationData) -> Iterator[Problem]:
    if data.kind == "stockist":
        yield from _missing(
            "resale_scope", data.resale_scope, _("Say to which kinds of customers, and where, the stock may be resold, in a sentence."), 20
        )
        if data.reporting not in REPORTING:
            yield Problem("reporting", _("Choose how often you report to whom the stock went."))
    elif is_boilerplate(data.end_use):
        yield Problem("end_use", _("Say what the goods will be used for, by which department, and for about how many samples."))
    yield from _samples(data)
    if data.kind == "stockist":
        yield from _place(
            EndUserData("", (), data.place_address, data.place_country, data.place_division),
            "",
            _("Enter the address where the stock is kept."),
            _("Enter the six-digit division code of the place where the stock is kept, such as 330200."),
        )
        return
    for number, one in enumerate(data.all_end_users()):
        yield from _place(one, f"_{one.customer_id}" if number else "", _("Enter the address where the goods will be used."))


def _place(one: EndUserData, suffix: str, sentence: str, of_division: str = "") -> Iterator[Problem]:
    """Address and division, with what is said where one lacks; `suffix` tells the fields of a further end user apart."""
    if not one.place_address.strip():
        yield Problem(f"place_address{suffix}", sentence)
    if len(one.place_country) != 2:  # noqa: PLR2004
        yield Problem(f"place_country{suffix}", _("Choose the country."))
    yield from _division(
        f"place_division{suffix}",
        one.place_country,
        one.place_division,
        of_division or _("Enter the six-digit division code of the place of use, such as 330200."),
    )


def _division(field: str, country: str, division: str, sentence: str) -> Iterator[Problem]:
    if country == "CN":
        if not division:
            yield Problem(field, sentence)
        else:
            yield from (Problem(field, problem) for problem in division_problem(division))
    elif division:
        yield Problem(field, _("Division codes are for China alone; leave this empty."))


def _route(data: DeclarationData) -> Iterator[Problem]:
    users = {one.customer_id for one in data.all_end_users()}
    if data.ship_to_address.strip():
        if len(data.ship_to_country) != 2:  # noqa: PLR2004
            yield Problem("ship_to_country", _("Choose the country."))
        yield from _division(
            "ship_to_division",
            data.ship_to_country,
            data.ship_to_division,
            _("Enter the six-digit division code of the place that the goods are shipped to, such as 330200."),
        )
        if not data.final_consignee_id:
            yield Problem(
                "final_consignee",
                _("Name who receives the goods at that address, or leave the address empty if they go straight to the place of use."),
            )
    elif data.ship_to_country or data.ship_to_division:
        yield Problem("ship_to_address", _("Enter the address that the goods are shipped to, or leave country and division empty too."))
    if data.final_consignee_id and data.final_consignee_id in users:
        yield Problem("final_consignee", _("The final consignee is an end user; leave this empty."))
    if len(data.consignee_ids) > MOST_CONSIGNEES:
        yield Problem("consignees", _("At most %(n)d consignees stand between you and the last one.") % {"n": MOST_CONSIGNEES})
    yield from _consignees_once(data)
    if set(data.consignee_ids) & (users | {data.final_consignee_id}):
        yield Problem("consignees", _("An end user or the final consignee stands among those on the way; leave it out there."))
    # A forwarder as the final destination is a red flag of 15 CFR 732 Supplement 3.
    if data.forwarder_id and data.forwarder_id in users | {data.final_consignee_id}:
        yield Problem(
            "forwarder", _("A forwarder carries the goods and does not keep them; name another final consignee, or no forwarder.")
        )
    if data.delivery_proof and data.delivery_proof not in PROOFS:
        yield Problem("delivery_proof", _("Choose whether you can send proof of delivery."))


def cross_checks(data: DeclarationData, known: Mapping[str, PartyFacts]) -> list[Problem]:
    """Answers that do not fit what the parties are registered as; `known` by id of customer."""
    problems = []
    if data.kind != "stockist":
        for number, one in enumerate(data.all_end_users()):
            facts = known.get(one.customer_id)
            if facts is not None and facts.kind != "end_user":
                text = _("%(name)s is not registered as an end user. Name who uses the goods; who passes them on is a consignee.")
                problems.append(Problem("end_users" if number else "customer", text % {"name": facts.title}))
        first = known.get(data.customer_id)
        if first is not None and data.end_use.strip() and normalise(data.end_use) == normalise(first.line_of_business):
            problems.append(
                Problem(
                    "end_use",
                    _("This repeats the end user's line of business. Say what these goods are used for, and for about how many samples."),
                )
            )
    final = known.get(data.final_consignee_id)
    if final is not None and data.ship_to_address.strip() and final.country != data.ship_to_country and not data.route.strip():
        text = _("%(name)s is in another country than the address the goods are shipped to. Say in the route why.")
        problems.append(Problem("route", text % {"name": final.title}))
    elif data.ship_to_address.strip() and data.ship_to_country and data.ship_to_country != data.place_country and not data.route.strip():
        problems.append(
            Problem("route", _("The goods are shipped to one country and used in another. Describe the route, or correct one of the two."))
        )
    return problems


def months_of(data: DeclarationData, samples: Mapping[str, int]) -> Decimal | None:
    """How many months the goods last at the stated number of samples; None where that is not stated. `samples` by product: in a unit."""
    if not data.samples_per_month:
        return None
    whole = sum((line.quantity * samples.get(line.product_id, 0) for line in data.lines), Decimal(0))
    return (whole / data.samples_per_month).quantize(Decimal(1)) if whole else None


def notes(data: DeclarationData, samples: Mapping[str, int]) -> list[Problem]:
    """What looks odd and may be right: it is shown before signing and keeps nothing back."""
    months = months_of(data, samples)
    valid = (data.valid_until - data.valid_from).days / 30.4
    if months is not None and months > valid * 1.5 + 1:
        text = _("At %(n)d samples a month the goods last %(m)d months, much longer than the declaration. Compliance may ask why.")
        return [Problem(f"quantity_{data.lines[0].product_id}", text % {"n": data.samples_per_month, "m": months})]
    return []
