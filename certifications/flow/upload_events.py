"""EPCIS events as rows: what left and what came back becomes the same movements as in a table, by the same rules; the rest is read and counted.

A distributor sends its own events, the manufacturer its own. Which step of which party is which movement stands in `_meaning`. An event that
its sender declared wrong (errorDeclaration) counts no more; what stands in its place is an event like others.
"""

import hashlib
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from typing import Any

from django.db.models import Q
from django.utils.translation import gettext_lazy as _

from certifications.catalogue.queries import current_products
from certifications.custody import actions as custody
from certifications.custody import codes
from certifications.custody.models import Movement
from certifications.custody.queries import counting
from certifications.people.models import Organisation, User
from certifications.uploads.kinds import CREATE, SKIP, Desk, Fix, Line, Problem, Said, Seen, Thing, Written
from certifications.uploads.models import Upload, UploadRow
from certifications.uploads.readers.epcis import DECLARATION
from certifications.uploads.readers.gs1 import fits, gtin14, package_of

from .event_fields import IN_JSON
from .event_places import placed
from .event_senders import ASK, Senders, day_of
from .shipment_history import Firms
from .upload_goods import Goods
from .upload_sales import SalesDesk
from .upload_shipments import ShipmentDesk

# Events that say where goods went; the others say how they were made, packed or accounted for.
MOVING = frozenset({"ObjectEvent", "AggregationEvent"})
OUT = {"shipping": "", "retail_selling": "sale", "dispensing": "sale", "consigning": "loan"}
BACK = frozenset({"receiving", "accepting"})
VOID = "void_shipping"
# No steps of the standard: how a person says which way goods came that were received.
SAID = {"return": _("A customer gave them back"), "receipt": _("Another distributor sent them")}
# Fields of an event and what the rules of sales and shipments call them; the other party stands on one of two sides.
INNER = {"time": "shipped_on", "invoice": "invoice_no", "step": "kind", "order": "contract_no"}


@dataclass(frozen=True)
class Meaning:
    """What an event's row means: a movement of `kind` with `other`, or nothing that is counted, and why (`skip`)."""

    kind: str = ""
    side: str = "to"  # where the other party stands: to or since
    skip: str = ""
    asks: bool = False  # which way the goods came is a person's to say


class EventDesk(Desk):
    """Rows of events beside the codes on record, and the desk that judges such movements when they come as a table."""

    def __init__(self, by: User, things: Sequence[Thing]) -> None:
        self.by, self.own = by, by.organisation
        self.is_maker = self.own is not None and self.own.kind == Organisation.Kind.MANUFACTURER
        # A distributor knows itself and the manufacturer: who else sells, no answer may tell it.
        whose = Q(kind=Organisation.Kind.MANUFACTURER) | (
            Q(kind=Organisation.Kind.DISTRIBUTOR) if self.is_maker else Q(pk=self.own.pk if self.own else "")
        )
        self.firms = Firms(Organisation.objects.filter(whose))
        held = codes.current().select_related("product")
        self.products = {one.code: one.product for one in held if one.product is not None}
        self.places = {one.code: self.firms.all[one.organisation_id] for one in held if one.organisation_id in self.firms.all}
        self.own_places = {code for code, firm in self.places.items() if self.own is not None and firm.pk == self.own.pk}
        self.things, lines = things, [thing.lines[0] for thing in things]
        self.wrong = codes.wrong_events(self.own, {line.values["event_id"] for line in lines if line.values.get("event_id")})
        self.declared = [line for line in lines if line.values.get("item") == DECLARATION]
        self.recorded = self._recorded({line.values.get("event_id", "") for line in lines if line.values.get("declared")})
        # What each row means may rest on other rows of the file: `beside` says it.
        self.goods: Goods | None = None
        self.senders: Senders | None = None
        self.inner_things: dict[int, Thing] = {}
        self.meanings: dict[int, Meaning] = {}
        self.inner: SalesDesk | ShipmentDesk
        self.placed: dict[str, set[str]] = {}

    def _recorded(self, event_ids: set[str]) -> dict[str, list[str]]:
        """By event: the lines of its movements that count."""
        found: dict[str, list[str]] = {}
        rows = counting(Movement.objects.filter(organisation=self.own, event_id__in=event_ids - {""}))
        for event_id, line in rows.order_by("line").values_list("event_id", "line").distinct():
            found.setdefault(event_id, []).append(line)
        return found

    def beside(self, upload: Any) -> None:
        lines = [thing.lines[0] for thing in self.things]
        came = [line for line in lines if line.values.get("step") in BACK] if not self.is_maker else []
        self.goods = Goods(list(current_products())) if came else None
        self.senders = Senders(self.by, upload, came, OUT, self._product_id) if came else None
        for thing, line in zip(self.things, lines, strict=True):
            meaning = self.meanings[line.number] = self._meaning(line)
            if meaning.kind:
                self.inner_things[line.number] = Thing(thing.key, [self._inner_line(line, meaning)])
        inner = list(self.inner_things.values())
        self.inner = ShipmentDesk(self.by, inner, "shipments") if self.is_maker else SalesDesk(self.by, inner, "sales")
        self.placed = placed(self.own, [thing for thing in self.things if thing.lines[0].number in self.inner_things])
        self.inner.beside(upload)
        if isinstance(self.inner, ShipmentDesk):
            # What the same file declares wrong makes room for what it says in its place.
            ready = UploadRow.objects.filter(upload=upload, state=UploadRow.State.READY, outcome=CREATE, facts__has_key="x")
            written = upload.status == Upload.Status.COMMITTING  # then only what goes in the same moment
            declared = {
                *(() if written else ready.values_list("facts__x", flat=True)),
                *(one.values.get("event_id", "") for one in self.declared),
            }
            self.inner.shipped.without([line for lines in self._recorded(declared - self.wrong).values() for line in lines])

    # What it means

    def _firm(self, line: Line, side: str) -> Organisation | None:
        """The firm of the portal on one side of the event, by its GLN or by its name."""
        typed, name = line.values.get(side, ""), line.values.get(f"{side}_name", "")
        return self.places.get(typed) or next((firm for text in (name, typed) if text and (firm := self.firms.named(text))), None)

    def _meaning(self, line: Line) -> Meaning:
        values = line.values
        step = values.get("step", "")
        if values.get("declared") or values.get("event_id") in self.wrong:
            return Meaning(skip="declared")
        if values.get("type") not in MOVING:
            return Meaning(skip=values.get("type", "type"))
        since, to = self._firm(line, "since"), self._firm(line, "to")
        if step == VOID:
            return Meaning("sell_back" if self.is_maker else "return", side="to")
        if step in OUT:
            if self.is_maker:
                return Meaning("sell_in")
            to_maker = to is not None and to.kind == Organisation.Kind.MANUFACTURER
            return Meaning(OUT[step] or ("rma" if to_maker else "sale"))
        # How a person answered which way goods came; a program that sends such a word has answered nothing.
        if step in BACK or (step in SAID and not self.is_maker and line.sent.get("step") in BACK):
            return self._received(line, since)
        return Meaning(skip=step or "no_step")

    def _received(self, line: Line, since: Organisation | None) -> Meaning:
        """What the manufacturer shipped to a distributor it reports itself, and goods between one's own places do not move."""
        step, given = line.values["step"], bool(line.values.get("since") or line.values.get("since_name"))
        if self.is_maker:
            comes_back = since is not None and since.kind == Organisation.Kind.DISTRIBUTOR
            return Meaning("sell_back", side="since") if comes_back else Meaning(skip="receipt")
        if since is not None or not given:
            return Meaning(skip="receipt")
        way = step if step in SAID else self.senders.way(line) if self.senders else ASK
        return Meaning("receipt", side="since", asks=True) if way == ASK else Meaning(way, side="since")

    def _inner_line(self, line: Line, meaning: Meaning) -> Line:
        """The row as a report of sales or shipments would have it; what is wrong with its cells goes along under the names of there."""
        values, side = line.values, meaning.side
        firm, typed = self._firm(line, side), values.get(side, "")
        name = values.get(f"{side}_name") or (firm.name if firm else "" if _is_code(typed) else typed)
        problems = [replace(one, field=self._inner_name(one.field, meaning)) for one in line.problems]
        if typed and not name:
            said = _("No name is on record for this place. Enter the name of the firm here.")
            problems.append(Problem(self._inner_name(side, meaning), "unknown_gln", said))
        told = {
            "kind": meaning.kind,
            "distributor" if self.is_maker else "buyer": name,
            "shipped_on": day_of(line),
            "product": self._product(values.get("product", ""), problems),
            "lot": values.get("lot"),
            "serial": values.get("serial"),
            "quantity": values.get("quantity"),
            "unit": values.get("unit"),
            "invoice_no": values.get("invoice"),
            "contract_no": values.get("order"),
            "event_id": values.get("event_id"),
            "note": " ".join(filter(None, (values.get("place_name") or values.get("place", ""), values.get("package", ""))))[:500],
        }
        return Line(
            line.number,
            {"quantity": line.texts.get("quantity", "")},
            {k: v for k, v in told.items() if v is not None and v != ""},
            problems,
        )

    def _product(self, typed: str, problems: list[Problem]) -> str:
        known = self.products.get(gtin14(typed) or typed)
        if known is not None:
            return known.catalogue_number
        if package_of(typed):
            said = _(
                "This names a package, and nothing before it in the document says what it holds. Send it together with the event that packed it."
            )
            problems.append(Problem("product", "package", said))
        elif ":" in typed or typed == "?":
            said = _(
                "This identifier names no trade item: an SGTIN, an LGTIN or a link with a GTIN is read. Enter the catalogue number here."
            )
            problems.append(Problem("product", "unknown_item", said))
        elif _is_code(typed):
            said = _("No product is on record for this GTIN. Enter the catalogue number here; the manufacturer records GTINs for good.")
            problems.append(Problem("product", "unknown_gtin", said))
        else:
            return typed
        return ""

    def _product_id(self, line: Line) -> str:
        """The product that a row means, by a code on record or as a person wrote it; "" where neither tells."""
        number = self._product(line.values.get("product", ""), [])
        found = self.goods.product_of(Line(line.number, {}, {"product": number}), [], set()) if number and self.goods else None
        return found.pk if found is not None else ""

    # What becomes of it

    def look(self, thing: Thing) -> Seen:
        line = thing.lines[0]
        meaning = self.meanings[line.number]
        title = " ".join(
            filter(None, (line.texts.get("step", "") or line.texts.get("type", ""), line.texts.get("serial") or line.texts.get("lot", "")))
        )
        if meaning.skip == "declared":
            return self._declared(line, title)
        if not meaning.kind:
            wrong = [self._outer(line, meaning, problem) for problem in (*line.problems, *_missing(line))]
            return Seen(
                SKIP, title=title, digest=_digest(line), facts={"w": meaning.skip[:60]}, problems={line.number: wrong} if wrong else {}
            )
        seen = self.inner.look(self.inner_things[line.number])
        # A day that is missing is one problem, told of the time or the zone; so is an event that names nothing.
        told_else = {"no_day"} if line.texts.get("item") else {"no_day", "no_quantity"}
        found = [problem for problem in seen.problems.get(line.number, ()) if problem.code not in told_else]
        apart = self._packed(line) if seen.outcome == CREATE else ()
        told = (*found, *_missing(line), *self._sender(line, meaning), *_which_way(meaning), *apart)
        problems = [self._outer(line, meaning, problem) for problem in told]
        by_row = {line.number: problems} if problems else {}
        return replace(seen, title=f"{title} {seen.title}".strip(), digest=_digest(line), problems=by_row)

    def _declared(self, line: Line, title: str) -> Seen:
        """An event that its sender declared wrong: what counts of it is taken back, and nothing of it counts when it comes again."""
        values = line.values
        if values.get("item") != DECLARATION or values.get("event_id", "") in self.wrong:
            return Seen(SKIP, title=title, digest=_digest(line), facts={"w": "declared"})
        if not values.get("event_id"):
            said = _("The declaration does not say of which event. Enter its eventID, or leave the row out.")
            return Seen(problems={line.number: [self._outer(line, Meaning(), Problem("event_id", "no_event", said))]})
        counts = len(self.recorded.get(values["event_id"], []))
        changes = (("declared", str(counts), "0"),) if counts else ()
        return Seen(CREATE, title=title, digest=_digest(line), changes=changes, facts={"x": values["event_id"]})

    def _sender(self, line: Line, meaning: Meaning) -> Iterator[Problem]:
        """Whoever has a GLN on record sends from there; what another place sent is another's to report."""
        side = "since" if meaning.side == "to" else "to"
        sender = line.values.get(side, "")
        if self.own_places and _is_code(sender) and sender not in self.own_places:
            said = _("This event is of another place than yours. Each reports its own; correct it, or leave the row out.")
            yield Problem(side, "other_firm", said, accept=_("The place is ours"))

    def _packed(self, line: Line) -> Iterator[Problem]:
        """What a package holds was counted, and now the package itself; or the other way round."""
        item = line.texts.get("item", "")
        counted = self.placed.get(line.values.get("event_id", ""), set())
        if any(one.startswith(f"{item}/") or item.startswith(f"{one}/") for one in counted):
            said = _("Goods of the same package of this event are counted already. Leave the row out, or say that these are other goods.")
            yield Problem("package", "packed_apart", said, accept=_("These are other goods"))

    def _inner_name(self, field: str, meaning: Meaning) -> str:
        if field in {meaning.side, f"{meaning.side}_name"}:
            return "distributor" if self.is_maker else "buyer"
        return INNER.get(field, field)

    def _outer(self, line: Line, meaning: Meaning, problem: Problem) -> Problem:
        """The problem under the event's own name of the field, saying which event of the document and where in it."""
        back = {inner: outer for outer, inner in INNER.items()} | {"buyer": meaning.side, "distributor": meaning.side, "month": "time"}
        name = back.get(problem.field, problem.field)
        where = IN_JSON.get(name) or line.texts.get("item", "") or name
        said = Said(_("Event %(n)s, %(where)s: %(what)s"), {"n": line.texts.get("event", "?"), "where": where, "what": problem.message})
        return replace(problem, field=name, message=said)

    def write(self, thing: Thing, seen: Seen, form_key: str) -> Written:
        raise NotImplementedError  # the kind writes many at once

    def write_many(self, pairs: Sequence[tuple[Thing, Seen]], upload: Any) -> list[Written]:
        assert self.own is not None
        told = [pair for pair in pairs if pair[0].lines[0].number in self.inner_things]
        # First what makes room for what stands in its place.
        wrong = {
            n: self._wrong(line, upload)
            for line in (thing.lines[0] for thing, _seen in pairs)
            if (n := line.number) not in self.inner_things
        }
        inner = [(self.inner_things[thing.lines[0].number], seen) for thing, seen in told]
        made = iter(self.inner.write_many(inner, upload) if inner else [])
        return [wrong.get(thing.lines[0].number) or next(made) for thing, _seen in pairs]

    def _wrong(self, line: Line, upload: Any) -> Written:
        assert self.own is not None
        event_id = line.values["event_id"]
        lines = self.recorded.get(event_id, [])
        held = codes.declare_wrong(organisation_id=self.own.pk, upload_id=upload.pk, event_id=event_id, declared=line.values["declared"])
        custody.take_back(organisation=self.own, lines=lines, by=self.by)
        return Written(held.pk, {"lines": lines})


def _is_code(text: str) -> bool:
    """Whether it is a number of GS1 or an address, and not a name that a person wrote."""
    return ":" in text or (len(text) in {13, 14} and fits(text))


def _missing(line: Line) -> Iterator[Problem]:
    """Fields that the standard asks of every event."""
    bad = {problem.field for problem in line.problems}
    needed = [
        ("type", _("The event does not say what kind it is. Enter it, such as ObjectEvent.")),
        ("time", _("The event says no time. Enter it as 2026-10-05T08:30:00Z.")),
        ("zone", _("The event says no offset of its time zone. Enter it, such as +08:00.")),
    ]
    if line.values.get("type") != "TransformationEvent":
        needed.append(("action", _("The event says no action. Enter ADD, OBSERVE or DELETE.")))
    for name, said in needed:
        if name not in line.values and name not in bad:
            yield Problem(name, f"no_{name}", said)


def _which_way(meaning: Meaning) -> Iterator[Problem]:
    """The question where one's own records do not say whether goods were given back or passed on; the same whoever sent them."""
    if meaning.asks:
        said = _(
            "Your reports do not say which way these goods came. Say whether a customer gave them back, or another distributor sent them."
        )
        yield Problem("step", "which_way", said, tuple(Fix(label, word) for word, label in SAID.items()))


def _digest(line: Line) -> str:
    """Everything that the event says of the thing, but where it stood in the document."""
    said = "\x1f".join(f"{name}={text}" for name, text in sorted(line.texts.items()) if name not in {"event", "item"})
    return hashlib.sha256(said.encode()).hexdigest()
