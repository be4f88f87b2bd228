"""Order lines and balances as plain values for JSON."""

import datetime as dt
from decimal import Decimal
from typing import Any

from certifications.flow.orders import Answer
from certifications.orders.models import Balance, OrderLine
from certifications.orders.queries import customer_shown
from certifications.orders.rules import REASONS, Reason


def number(value: Decimal | None) -> str | None:
    """A quantity as a decimal string without empty places."""
    if value is None:
        return None
    text = format(value, "f")
    return (text.rstrip("0").rstrip(".") or "0") if "." in text else text


def _day(day: dt.date | None) -> str | None:
    return day.isoformat() if day is not None else None


def reason(one: Reason) -> dict[str, Any]:
    """A reason in the words that leave the house."""
    words = REASONS[one.code]
    said = {"code": words.code, "text": str(words.sentence), "lifted_by": words.lifted_by}
    return said | {"until": _day(one.until), "left": number(one.left)}


def reasons(found: tuple[Reason, ...]) -> list[dict[str, Any]]:
    """Each once as it leaves the house: what differs only inside is one."""
    return list({str(said): said for said in map(reason, found)}.values())


def kept_reasons(line: OrderLine) -> tuple[Reason, ...]:
    """What was found when the line was last asked."""
    found = []
    for row in line.reasons:
        until, left = row.get("until"), row.get("left")
        found.append(Reason(row["code"], dt.date.fromisoformat(until) if until else None, Decimal(left) if left else None))
    return tuple(r for r in found if r.code in REASONS)


def line_of(line: OrderLine, *, declaration: str | None, attestation: str | None, as_typed: bool) -> dict[str, Any]:
    """An order line as it stands on record. `as_typed`: whether the reader may see what was typed of the customer."""
    balance = line.balance if line.balance_id else None
    return {
        "order_line": line.pk,
        "distributor": line.organisation_id,
        "order_number": line.order_number,
        "line": line.line,
        "status": line.status,
        "reasons": reasons(kept_reasons(line)),
        "answer_by": _day(line.answer_by),
        "customer": customer_shown(line, as_typed=as_typed),
        "catalogue_number": line.catalogue_number,
        "quantity": number(line.quantity),
        "unit": line.unit,
        "units": number(line.units),
        "product_unit": line.product.unit if line.product is not None else None,
        "place": {"country": line.place_country, "division": line.place_division},
        "date": _day(line.wanted_on),
        "declaration": declaration,
        "attestation": attestation,
        "reserved": number(line.reserved),
        "reserved_until": _day(balance.valid_until) if balance is not None and line.reserved else None,
        "shipped": number(line.shipped),
        "returned": number(line.returned),
        "left": None,
    }


def answer_of(answer: Answer, *, as_typed: bool) -> dict[str, Any]:
    """An order line with what is said of it now."""
    line, balance = answer.line, answer.balance
    if balance is not None:
        line.balance = balance
    said = line_of(
        line,
        declaration=balance.declaration.number if balance is not None else None,
        attestation=balance.attestation_number if balance is not None else None,  # type: ignore[attr-defined]
        as_typed=as_typed,
    )
    return said | {"answer": answer.answer, "reasons": reasons(answer.reasons), "left": number(answer.left)}


def balance_of(balance: Balance) -> dict[str, Any]:
    """One balance."""
    return {
        "catalogue_number": balance.product.catalogue_number,
        "unit": balance.product.unit,
        "declared": number(balance.declared),
        "reserved": number(balance.reserved),
        "shipped": number(balance.shipped),
        "left": number(balance.left),
        "valid_from": _day(balance.valid_from),
        "valid_until": _day(balance.valid_until),
    }
