"""The columns of EPCIS events as the reader lays them out (uploads/readers/epcis.py); rejected rows come back in with the same headings."""

import datetime as dt
import re
from decimal import Decimal, InvalidOperation

from django.utils.translation import gettext_lazy as _

from certifications.uploads.kinds import Field, Unfit
from certifications.uploads.readers.epcis import ITEMS
from certifications.uploads.values import amount, folded, since_2000

_ZONE = re.compile(r"^([+-])(\d\d):(\d\d)$")
LONGEST_OFFSET = dt.timedelta(hours=14)
LAST_YEAR = 9000  # behind it no day can be counted on
MOST_PLACES = 20  # of a number, on either side of its point
ACTIONS = ("ADD", "OBSERVE", "DELETE")


def moment(text: str) -> dt.datetime:
    """A moment with its offset, as ISO 8601 has it. Raises Unfit."""
    try:
        found = dt.datetime.fromisoformat(text.strip())
    except ValueError:
        found = None
    if found is None or found.tzinfo is None or found.year > LAST_YEAR:
        raise Unfit("moment", _("This cannot be read as a moment with its offset. Write it as 2026-10-05T08:30:00Z."))
    since_2000(found.date())  # a clock that was never set
    return found


def zone(text: str) -> dt.timezone:
    """The offset of the place where it happened: +08:00. Raises Unfit."""
    found = _ZONE.match(text.strip())
    offset = dt.timedelta(hours=int(found[2]), minutes=int(found[3])) if found else LONGEST_OFFSET * 2
    if offset > LONGEST_OFFSET or (found and int(found[3]) > 59):  # noqa: PLR2004 - minutes
        raise Unfit("zone", _("This is no offset of a time zone. Write it as +08:00."))
    return dt.timezone(-offset if found and found[1] == "-" else offset)


def event_type(text: str) -> str:
    """One of the five kinds of events. Raises Unfit."""
    if text not in ITEMS:
        raise Unfit(
            "event_type",
            _("This is no event that is read: ObjectEvent, AggregationEvent, TransactionEvent, TransformationEvent or AssociationEvent."),
        )
    return text


def action(text: str) -> str:
    """What the event does to what it names. Raises Unfit."""
    if text not in ACTIONS:
        raise Unfit("action", _("Write ADD, OBSERVE or DELETE."))
    return text


def how_many(text: str) -> tuple[Decimal, str]:
    """(number, the unit behind it): a number of JSON as it stands, or as people write one who mend it. Raises Unfit."""
    try:
        number = Decimal(text.strip())
    except InvalidOperation:
        return amount(text)
    # 1e-999999999 is ten characters in a document, and a gigabyte when written out.
    if not number.is_finite() or abs(number.adjusted()) >= MOST_PLACES:
        raise Unfit("number", _("This cannot be read as a number. Write digits, such as 12."))
    return number, ""


EVENT_FIELDS = (
    Field("event", _("Number of the event"), ("event",), max_length=20),
    Field("item", _("Place in the event"), ("item",), max_length=60),
    Field("event_id", _("Event ID"), ("eventID",), max_length=300),
    Field("type", _("Kind of event"), ("event type",), event_type, needed=True),
    Field("action", _("Action"), ("action",), action),
    Field("step", _("Business step"), ("bizStep",), max_length=200),
    Field("time", _("Time of the event"), ("eventTime",), moment, needed=True),
    Field("zone", _("Offset of the time zone"), ("eventTimeZoneOffset",), zone),
    Field("product", _("GTIN or catalogue number"), ("gtin", "epc", "epcClass"), max_length=400, needed=True),
    Field("lot", _("Lot"), ("batch",), max_length=60),
    Field("serial", _("Serial number"), ("serial number",), max_length=60),
    Field("quantity", _("Quantity"), ("qty",), how_many),
    Field("unit", _("Unit"), ("uom",), folded, max_length=30),
    Field("since", _("From"), ("source",), max_length=400),
    Field("since_name", _("From, by name"), ("source name",), max_length=300),
    Field("to", _("To"), ("destination",), max_length=400),
    Field("to_name", _("To, by name"), ("destination name",), max_length=300),
    Field("place", _("Place"), ("bizLocation", "readPoint"), max_length=400),
    Field("place_name", _("Place, by name"), ("location name",), max_length=300),
    Field("invoice", _("Invoice number"), ("inv",), max_length=60),
    Field("order", _("Order or contract number"), ("po",), max_length=60),
    Field("package", _("Package"), ("sscc",), max_length=30),
    Field("declared", _("Declared wrong"), ("errorDeclaration",), max_length=400),
)
# What a field is called in the document, for sentences; a thing stands where its row says.
IN_JSON = {
    "event_id": "eventID", "type": "type", "action": "action", "step": "bizStep", "time": "eventTime", "zone": "eventTimeZoneOffset", "since": "sourceList",
    "since_name": "sourceList", "to": "destinationList", "to_name": "destinationList", "place": "bizLocation", "place_name": "bizLocation",
    "invoice": "bizTransactionList", "order": "bizTransactionList", "declared": "errorDeclaration",
}  # fmt: skip
