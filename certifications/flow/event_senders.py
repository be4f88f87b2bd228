"""Which way goods came that a distributor's events say it received: given back by a customer, or passed on by a colleague.

Told by the distributor's own records alone. Who else sells is no distributor's to know, so the register is not asked, and the answer is the
same whoever the sender is. Where one's own records do not tell, a person does.
"""

import datetime as dt
from collections import defaultdict
from collections.abc import Callable, Collection, Iterable, Sequence
from dataclasses import dataclass

from django.db import connection
from django.db.models.functions import Upper

from certifications.custody.models import Movement
from certifications.custody.queries import counting
from certifications.custody.rules import CAME, WENT
from certifications.parties.rules import clean_name
from certifications.people.models import User
from certifications.uploads.kinds import Line
from certifications.uploads.models import Upload
from certifications.uploads.rules import columns_from_json

from .own_customers import OwnCustomers
from .shipment_history import Unit, unit_of

ASK = "ask"
# Kinds that only pass between distributors.
BETWEEN = frozenset({"transfer", "receipt"})


@dataclass(frozen=True)
class Received:
    """What a row of a receipt says: who sent it, by the name of the row, the serial number or "", and the day where it can be read."""

    sender: str
    serial: str
    on: dt.date | None


def received(line: Line) -> Received:
    """Of a row of events; the sender's code stands for its name where it has none."""
    return Received(line.values.get("since_name") or line.values.get("since", ""), line.values.get("serial", ""), day_of(line))


def day_of(line: Line) -> dt.date | None:
    """The day of the event at its own place; None where its time or its zone cannot be read."""
    values = line.values
    return values["time"].astimezone(values["zone"]).date() if "time" in values and "zone" in values else None


def is_out(before: str | None, same_day: Collection[str]) -> bool | None:
    """Whether a unit that came in on a day had gone out until then; None where one's own records do not tell.

    `before`: the kind of its last movement on the days before. `same_day`: the kinds that are on record of the day itself, whose hours
    nobody knows: what went out that day went before it came in, unless as many came in already.
    """
    went, came = (sum(kind in some for kind in same_day) for some in (WENT, CAME))
    if went != came:
        return went > came
    if "rma" in same_day and before not in WENT:
        return None  # to be repaired before it came in, or after
    return before in WENT


class Senders:
    """What one's own records say of the senders and units of some thousands of rows, and what the same file says goes to the senders.

    `product_of`: the product (id) that a row means, "" where none is known. `going`: the steps of events by which goods leave. What the file itself wrote already is left out: it is written some hundreds of rows at a time, and none changes the sense of the next.
    """

    def __init__(self, by: User, upload: Upload, lines: Sequence[Line], going: Collection[str], product_of: Callable[[Line], str]) -> None:
        self._product_of = product_of
        told = [received(line) for line in lines]
        names = {clean_name(one.sender) for one in told} - {""}
        self._customers = OwnCustomers(by, names) if names else None
        own = counting(Movement.objects.filter(organisation=by.organisation)).exclude(upload=upload)
        went = own.annotate(capitals=Upper("buyer_name")).filter(capitals__in=[name.upper() for name in names])
        kinds = went.order_by().values_list("capitals", "kind").distinct() if names else []
        self._sold_to: set[str] = set()
        self._colleagues: set[str] = set()
        for name, kind in kinds:
            if kind in BETWEEN:
                self._colleagues.add(name)
            elif kind in WENT:
                self._sold_to.add(name)
        # By unit, a serial number of one product: its days and kinds in order.
        self._moved: defaultdict[Unit, list[tuple[dt.date, str]]] = defaultdict(list)
        serials = {one.serial.upper() for one in told} - {""}
        if serials:
            units = own.exclude(serial="").annotate(capitals=Upper("serial")).filter(capitals__in=serials)
            for product, serial, on, kind in units.order_by("happened_on", "recorded_at", "pk").values_list(
                "product", "serial", "happened_on", "kind"
            ):
                self._moved[unit_of(product, serial)].append((on, kind))
        self._sold_to |= {clean_name(name).upper() for name in _destinations(upload, {one.sender for one in told} - {""}, going)}

    def way(self, line: Line) -> str:
        """A kind of movement, return or receipt; ASK where one's own records do not tell."""
        told = received(line)
        name = clean_name(told.sender).upper()
        is_colleague = name in self._colleagues
        is_customer = name in self._sold_to or bool(self._customers and self._customers.named(told.sender))
        if told.serial:
            out = self._was_out(line, told)
            if out is None:
                return ASK
            if out:
                # Gone out and back from whom it may have gone to; else it may have been passed on before it ever went out.
                return "return" if is_customer and not is_colleague else ASK
            return "receipt" if is_colleague and not is_customer else ASK
        if is_customer == is_colleague:
            return ASK
        return "return" if is_customer else "receipt"

    def _was_out(self, line: Line, told: Received) -> bool | None:
        """Whether the unit of the row was out by the row's own day; what happened after it says nothing of it."""
        moved = self._moved.get(unit_of(self._product_of(line), told.serial), [])
        if told.on is None:
            return None if moved else False
        before = [kind for on, kind in moved if on < told.on]
        return is_out(before[-1] if before else None, [kind for on, kind in moved if on == told.on])


_GOING = """
SELECT DISTINCT said FROM (
    SELECT COALESCE(mended ->> %(field)s, cells ->> %(place)s) AS said FROM certifications_uploadrow
    WHERE upload_id = %(upload)s AND state <> 'left_out' AND COALESCE(mended ->> 'step', cells ->> %(step)s) = ANY(%(going)s)
) AS rows WHERE said = ANY(%(wanted)s)
"""


def _destinations(upload: Upload, names: Iterable[str], going: Collection[str]) -> set[str]:
    """Those of the names (or codes) to which rows of the file say that goods go; what only stood somewhere went to nobody."""
    columns = columns_from_json(upload.columns).columns
    values = {"upload": upload.pk, "wanted": list(names), "going": list(going)}
    step = next((int(place) for place, field in columns.items() if field == "step"), None)
    found: set[str] = set()
    with connection.cursor() as cursor:
        for place, field in columns.items():
            if field in {"to", "to_name"} and values["wanted"] and step is not None:
                cursor.execute(_GOING, {**values, "field": field, "place": int(place), "step": step})
                found |= {row[0] for row in cursor.fetchall()}
    return found
