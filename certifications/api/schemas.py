"""Shapes of what comes in and goes out; they are the OpenAPI description. Quantities are decimal strings, days are civil dates."""

import datetime as dt
from decimal import Decimal
from typing import Annotated, Any, Literal

from ninja import Field, Schema
from pydantic import BeforeValidator, ConfigDict, StringConstraints

from certifications.orders.rules import PLAIN


def _text(most: int) -> Any:
    return StringConstraints(strip_whitespace=True, min_length=1, max_length=most, pattern=PLAIN)


def _decimal(value: Any) -> Any:
    if isinstance(value, bool) or not isinstance(value, str | int | Decimal):
        raise ValueError("a quantity is a number or a decimal string")
    return value


def _day(value: Any) -> Any:
    if not isinstance(value, str) or len(value) != 10:  # noqa: PLR2004 - 2026-12-01
        raise ValueError("a day is written 2026-12-01")
    return value


Quantity = Annotated[Decimal, BeforeValidator(_decimal), Field(gt=0, max_digits=14, decimal_places=4, examples=["5"])]
Day = Annotated[dt.date, BeforeValidator(_day)]
Number = Annotated[str, _text(40)]
Unit = Annotated[str, _text(20)]


class In(Schema):
    """A body: a field that is not described is a mistake and not silence."""

    model_config = ConfigDict(extra="forbid")


class LineIn(In):
    """One line of an order."""

    line: Annotated[str, _text(10)] = Field(description="The line's number in the order.")
    catalogue_number: Number
    quantity: Quantity
    unit: Unit = Field(description="The product's own unit, a further unit of the catalogue, or samples.")


class PlaceIn(In):
    """Where the goods will be used."""

    country: Annotated[str, StringConstraints(pattern=r"^[A-Z]{2}$")] = Field(description="ISO 3166, two capitals.")
    division: Annotated[str, StringConstraints(pattern=r"^([0-9]{6})?$")] = Field("", description="GB/T 2260, six digits; needed in China.")


class OrderCheckIn(In):
    """An order whose lines are to be answered."""

    distributor: Annotated[str, StringConstraints(pattern=r"^[0-9A-Z]{0,26}$")] = Field(
        "", description="The distributor's id; empty for one's own."
    )
    customer: Annotated[str, _text(60)] = Field(description="The distributor's own customer id, or the customer's registration number.")
    order_number: Number
    place: PlaceIn
    date: Day = Field(description="The day on which it is to ship, today or later.")
    lines: list[LineIn] = Field(min_length=1, max_length=100)


class AmountIn(In):
    """Part of an order line, in any unit that converts; without a quantity all of it."""

    quantity: Quantity | None = None
    unit: Unit | None = None


class SubstitutionIn(In):
    """Another product of the same approved group."""

    catalogue_number: Number
    quantity: Quantity
    unit: Unit


class ReasonOut(Schema):
    """Why an order line is held."""

    code: str
    text: str
    lifted_by: Literal["compliance", "distributor", "asker"]
    until: dt.date | None = Field(None, description="The day on which the calendar lifts it, where one does.")
    left: str | None = Field(None, description="How much could be ordered, in the product's own unit.")


class OrderLineOut(Schema):
    """An order line and what is said of it now. Counts are in the product's own unit."""

    order_line: str
    distributor: str
    order_number: str
    line: str
    answer: Literal["release", "hold", "needs_declaration"] | None = None
    status: Literal["held", "needs_declaration", "released", "shipped", "returned", "cancelled", "expired"]
    reasons: list[ReasonOut]
    answer_by: dt.date | None = Field(None, description="The day by which the compliance team has promised to look at it.")
    customer: str = Field(
        description="As it was asked for, to the distributor's programs; to the manufacturer's the distributor's customer id, or nothing."
    )
    catalogue_number: str
    quantity: str
    unit: str
    units: str | None
    product_unit: str | None
    place: PlaceIn
    date: dt.date
    declaration: str | None
    attestation: str | None
    reserved: str
    reserved_until: dt.date | None
    shipped: str
    returned: str
    left: str | None = Field(None, description="What is left on the declaration, after this line.")


class OrderCheckOut(Schema):
    """The answers, in the order of the lines."""

    lines: list[OrderLineOut]


class OrderLinesOut(Schema):
    """One page of order lines, newest first; `next` is the `after` of the next page."""

    lines: list[OrderLineOut]
    next: str | None


class BalanceOut(Schema):
    """What is declared of one product, and what became of it."""

    catalogue_number: str
    unit: str
    declared: str
    reserved: str
    shipped: str
    left: str
    valid_from: dt.date
    valid_until: dt.date


class BalancesOut(Schema):
    """The balances of one declaration."""

    declaration: str
    balances: list[BalanceOut]


class EvidenceIn(In):
    """Where a document comes from, by the sender's own account."""

    source_url: Annotated[str, StringConstraints(strip_whitespace=True, max_length=600, pattern=r"^(https?://\S+)?$")] = Field(
        "", description="The address it was taken from. The portal never opens it."
    )
    title: Annotated[str, StringConstraints(strip_whitespace=True, max_length=300)] = Field("", description="The notice's title.")
    tool: Annotated[str, StringConstraints(strip_whitespace=True, max_length=160)] = Field(
        "", description="What took it, with its version.", examples=["notice-crawler 2.1"]
    )
    taken_at: dt.datetime | None = Field(None, description="When it was taken from its source, with a zone.")


class EvidenceOut(Schema):
    """A document and how far it is. `new` says that its bytes were not there before."""

    number: str
    sha256: str
    status: Literal["captured", "read", "unreadable", "nothing", "partly", "confirmed", "withdrawn"]
    problem: str = Field("", description="Why it could not be read, and how to mend it.")
    proposed: int = Field(0, description="Lines that wait for a person, or did.")
    faults: int = Field(0, description="Faults in the form of a package; they are named on its page.")
    captures: int = Field(description="How often its bytes have arrived, from anybody.")
    new: bool


class EventErrorOut(Schema):
    """What is wrong with one thing of one event, or is only said of it."""

    event: str = Field(description="The event's place in the document, from 1.")
    where: str = Field(description="The thing in the event, such as epcList[0].")
    field: str
    code: str
    what: str
    stops: bool = Field(description="Whether it must be mended before the thing can be committed.")


class EventsOut(Schema):
    """A document of events and how far it is. A person commits it; until then nothing of it counts."""

    number: str
    sha256: str
    status: Literal[
        "received", "unreadable", "columns", "checking", "checked", "committing", "committed", "reverting", "undoing", "undone", "cancelled"
    ]
    problem: str = Field("", description="Why it could not be read, and how to mend it.")
    things: int = Field(0, description="EPCs and quantities of all events, each a row.")
    ready: int = 0
    attention: int = Field(0, description="Rows with something that must be mended.")
    known: int = Field(0, description="Rows that are on record already, or are no movement.")
    errors: list[EventErrorOut] = Field([], description="The first 200.")


class ErrorOut(Schema):
    """One thing that is wrong."""

    where: str
    what: str
    mend: str


class ProblemOut(Schema):
    """RFC 9457."""

    type: str
    code: str
    title: str
    status: int
    errors: list[ErrorOut] = []


class TokenOut(Schema):
    """RFC 6749, section 5.1."""

    access_token: str
    token_type: Literal["Bearer"]
    expires_in: int
    scope: str
