"""Declarations by the file: drafts by the rules and actions of the single form; one row for each of the goods."""

import datetime as dt
import hashlib
from collections.abc import Iterator, Sequence
from typing import Any

from django.utils.translation import get_language, gettext_lazy
from django.utils.translation import gettext as _

from certifications.catalogue.clauses import in_force, set_among
from certifications.catalogue.queries import current_products
from certifications.declarations.data import DeclarationData, LineData, group_of
from certifications.declarations.drafting import put_back
from certifications.declarations.models import Declaration
from certifications.declarations.queries import data_of, version_of
from certifications.declarations.queries import visible_to as declarations_visible_to
from certifications.declarations.rules_checks import PartyFacts, completeness, cross_checks
from certifications.ledger.canonical import canonical, sha256_hex
from certifications.ledger.days import civil_today
from certifications.ledger.moves import NotAllowed
from certifications.matching import place_of, prefectures
from certifications.parties.countries import COUNTRIES
from certifications.parties.models import Customer
from certifications.parties.sellers import seller_of_party
from certifications.people.models import Organisation, User
from certifications.people.permissions import Permission
from certifications.uploads.kinds import CREATE, SKIP, UPDATE, Desk, Field, Fix, Kind, Line, Made, Problem, Seen, Thing, Written
from certifications.uploads.values import folded

from . import sign as flow
from .own_customers import OwnCustomers, nobody
from .upload_customers import own_customers, rule_code, title_of
from .upload_fields import DECLARATION_FIELDS
from .upload_goods import Goods
from .upload_kept import OLD, PARTIES, PLAIN, changes_of, data_from, onto, plain_of, stamp_of
from .upload_several import PER_USER, Part, goods_together, is_several, parts_of, place_in
from .upload_words import place_words

HEAD = (*OLD, *PARTIES, *PLAIN, "consignees", "samples_per_month")
# What a draft may lack that a file need not say: its page asks for it before anybody signs.
LATER = frozenset({"contract", "relationship", "contact", "delivery_proof"})
ABOVE = frozenset(field.code for field in DECLARATION_FIELDS if field.above)
CODES = frozenset(field.code for field in DECLARATION_FIELDS)


class DeclarationDesk(Desk):
    """Rows beside the distributor's own customers, drafts and authorisations, and the catalogue."""

    def __init__(self, by: User, things: Sequence[Thing]) -> None:
        self.by = by
        self.today = civil_today()
        self.products = list(current_products())
        self.goods = Goods(self.products)
        texts = {str(line.values.get(name, "")) for thing in things for line in thing.lines for name in PARTIES}
        texts |= {part for thing in things for line in thing.lines for part in line.values.get("consignees") or ()}
        self.customers = OwnCustomers(by, texts)
        known = {thing.known.object_id for thing in things if thing.known}
        own = declarations_visible_to(by).filter(organisation=by.organisation, pk__in=known)
        self.declarations = {d.pk: d for d in own.select_related("organisation")}
        self.seller = getattr(by.organisation, "party", None)
        self.sets, self.line_of = list(in_force(self.today)), {product.pk: product.line for product in self.products}
        self.covered: dict[tuple[str, str, str], bool] = {}

    def look(self, thing: Thing) -> Seen:
        problems: dict[int, list[Problem]] = {line.number: list(line.problems) for line in thing.lines}
        data, title = self._data(thing, problems)
        digest = sha256_hex(canonical(data.said())) if data else ""
        outcome, object_id, changes = CREATE, "", ()
        declaration = self.declarations.get(thing.known.object_id) if thing.known else None
        if declaration is not None and thing.known is not None:
            outcome, object_id = UPDATE, declaration.pk
            title = declaration.number
            if digest and digest == thing.known.digest:
                # Sent before, and whatever became of it since is none of this file's business.
                return Seen(SKIP, title, object_id, digest)
            if declaration.status != Declaration.Status.DRAFT:
                said = _("%(n)s came from this reference and is no draft any more. Give the row a new reference, or leave it out.")
                problems[thing.lines[0].number].append(Problem("reference", "not_draft", said % {"n": declaration.number}))
            elif data:
                before = data_of(version_of(declaration))
                if before.end_users and data.kind != "several":
                    said = _("%(n)s names several end users by now. Change it on its page, or leave the row out.")
                    problems[thing.lines[0].number].append(Problem("reference", "several_users", said % {"n": declaration.number}))
                changes = changes_of(before, onto(before, data, _told(thing)))
                outcome = UPDATE if changes else SKIP
        return Seen(outcome, title, object_id, digest, changes, {number: some for number, some in problems.items() if some})

    def _data(self, thing: Thing, problems: dict[int, list[Problem]]) -> tuple[DeclarationData | None, str]:
        """The declaration that the rows are, by the rules of the form; None while something cannot be read."""
        first = thing.lines[0].number
        parts: list[Part] = []
        if is_several(thing):
            said_once = [name for name in HEAD if name not in PER_USER]
            head = self._head(thing.lines, problems, said_once)
            parts = parts_of(thing, problems, head_of=self._head, customer_of=self._customer, goods_of=self._lines)
            head |= parts[0].head
            customer, lines = parts[0].customer, goods_together(parts, problems)
        else:
            head = self._head(thing.lines, problems, HEAD)
            stock = head.get("kind") == "stockist"
            customer = self._own(problems[first]) if stock else self._customer(head, problems[first])
            lines = self._lines(thing.lines, problems)
        others = self._others(head, problems[first])
        if len(parts) > 1:
            others["end_users"] = tuple(part.user() for part in parts[1:])
        title = title_of(customer) if customer else thing.lines[0].texts.get("customer", "")
        bad = {problem.field for some in problems.values() for problem in some}
        missing = [name for name in ("valid_from", "valid_until") if name not in head and name not in bad]
        for name in missing:
            problems[first].append(Problem(name, "no_day", _("Enter a day, such as 2026-10-05.")))
        data = DeclarationData(
            customer_id=customer.pk if customer else "",
            lines=tuple(sorted(lines, key=lambda line: line.product_id)),
            end_use=str(head.get("end_use", "")),
            place_address=str(head.get("place_address", "")),
            place_country=str(head.get("place_country", "")),
            place_division=str(head.get("place_division", "")),
            valid_from=head.get("valid_from", self.today),
            valid_until=head.get("valid_until", self.today + dt.timedelta(days=1)),
            unknown_facts=str(head.get("unknown_facts", "")),
            **{name: str(head[name]) for name in PLAIN if name in head},
            **({"samples_per_month": int(head["samples_per_month"][0])} if "samples_per_month" in head else {}),
            **others,
        )
        bad |= set(missing)
        if "place_country" in bad:
            bad |= {"place_division"}
        if bad & {"product", "quantity"}:
            bad |= {"product", "quantity"}  # goods that could not be read are not missed as well
        for field, message in self._rules(data, customer, parts):
            plain, row = place_in(field, parts)
            cell = _cell_of(plain)
            if cell not in bad and field not in LATER:
                fixes = self._fixes(field, customer) if not getattr(data, field, "x") else ()
                problems[row or first].append(Problem(cell, rule_code(message, plain), message, fixes))
        self._authorised(data, customer, problems[first])
        unknown = any(part.customer is None for part in parts)
        whole = customer is not None and not unknown and not missing and not any(p.blocks for some in problems.values() for p in some)
        return (data if whole else None), title

    def _head(self, lines: Sequence[Line], problems: dict[int, list[Problem]], names: Sequence[str]) -> dict[str, Any]:
        """What holds for all of the rows: said in one of them, and not otherwise in another."""
        head: dict[str, Any] = {}
        said: dict[str, int] = {}
        for line in lines:
            for name in names:
                value = line.values.get(name)
                if value in {None, ""}:
                    continue
                if name in head and head[name] != value:
                    message = _(
                        "Row %(n)d says otherwise for the same declaration. Make the two alike, or give this row another reference."
                    )
                    problems[line.number].append(Problem(name, "otherwise", message % {"n": said[name]}))
                    continue
                if name not in head:
                    head[name], said[name] = value, line.number
        return head

    def _customer(self, head: dict[str, Any], problems: list[Problem]) -> Customer | None:
        return self.customers.one(str(head.get("customer", "")), problems)

    def _others(self, head: dict[str, Any], problems: list[Problem]) -> dict[str, Any]:
        """Purchaser, consignees and forwarder that the rows name, by their ids."""
        found: dict[str, Any] = {}
        named = {f"{name}_id": (name, (str(head[name]),)) for name in PARTIES[1:] if name in head}
        if "consignees" in head:
            named["consignee_ids"] = ("consignees", tuple(head["consignees"]))
        for key, (name, texts) in named.items():
            ids = []
            for text in texts:
                meant = self.customers.named(text)
                if len(meant) == 1:
                    ids.append(meant[0].pk)
                elif meant:
                    problems.append(Problem(name, "several", _("Several of your customers fit. Choose the one that is meant.")))
                else:
                    problems.append(Problem(name, "unknown", nobody()))
            found[key] = tuple(ids) if key == "consignee_ids" else "".join(ids[:1])
        return found

    def _lines(self, given: Sequence[Line], problems: dict[int, list[Problem]]) -> list[LineData]:
        lines: dict[str, LineData] = {}
        rows: dict[str, int] = {}
        for line in given:
            own = problems[line.number]
            bad = {problem.field for problem in own}
            product = self.goods.product_of(line, own, bad)
            if "quantity" not in line.values:
                if "quantity" not in bad:
                    own.append(Problem("quantity", "no_quantity", _("Enter how many.")))
                continue
            quantity = self.goods.quantity_of(line, product, own) if product else None
            if product is None or quantity is None:
                continue
            if product.pk in lines:
                said = _("The same product stands in row %(n)d. Add the two up, or give each declaration a reference of its own.")
                own.append(Problem("product", "product_twice", said % {"n": rows[product.pk]}))
                continue
            most = line.values.get("ceiling")
            lines[product.pk], rows[product.pk] = LineData(product.pk, quantity, most[0] if most else None), line.number
        return list(lines.values())

    def _rules(self, data: DeclarationData, customer: Customer | None, parts: Sequence[Part]) -> list[tuple[str, str]]:
        """(field, sentence) of everything that the form would refuse."""
        named = {one.pk: one for one in (customer, *(part.customer for part in parts)) if one is not None}
        known = {pk: PartyFacts(title_of(one), one.party.kind, one.party.line_of_business, one.party.country) for pk, one in named.items()}
        found = [(problem.field, problem.message) for problem in (*completeness(data, self.today), *cross_checks(data, known))]
        if data.lines and not found:
            found += self._undertakings(data)
        return found + list(flow.unprintable_in(data).items())

    def _own(self, problems: list[Problem]) -> Customer | None:
        """The distributor as its own customer, for stock."""
        try:
            return flow.stock_customer(by=self.by)
        except NotAllowed as refusal:
            problems.append(Problem("kind", "not_registered", str(refusal)))
            return None

    def _undertakings(self, data: DeclarationData) -> list[tuple[str, str]]:
        try:
            lines = [self.line_of[line.product_id] for line in data.lines]
            set_among(self.sets, lines=lines, country=data.place_country, division=data.place_division)
        except NotAllowed as refusal:
            return [("product", str(refusal))]
        return []

    def _fixes(self, field: str, customer: Customer | None) -> tuple[Fix, ...]:
        """The customer's own site, where the place of use is blank; offered, never taken."""
        site = next(iter(customer.party.sites.all()), None) if customer else None
        if site is None:
            return ()
        if field == "place_address" and site.address:
            return (Fix(_("As the customer's site: %(place)s") % {"place": site.address}, site.address),)
        if field == "place_division" and site.division:
            place = place_of(site.division)
            return (Fix(place_words(place) if place else site.division, site.division),)
        return ()

    def _authorised(self, data: DeclarationData, customer: Customer | None, problems: list[Problem]) -> None:
        """What the form says after saving: it can be signed, and is not released until the authorisation covers it."""
        if self.seller is None or customer is None:
            return
        places = {(data.place_country, data.place_division or customer.party.division)}
        places |= {(one.place_country, one.place_division) for one in data.end_users}
        by_id = {product.pk: product for product in self.products}
        for line in sorted({by_id[one.product_id].line for one in data.lines if one.product_id in by_id}):
            if not all(self._covers(line, country, division) for country, division in sorted(places)):
                said = _("Your authorisation does not cover this today. It can be signed, and cannot be released until it is covered.")
                problems.append(Problem("product", "outside", said, blocks=False))
                return

    def _covers(self, line: str, country: str, division: str) -> bool:
        """Asked once for each line and place: a month's declarations name few."""
        key = (line, country, division)
        if key not in self.covered:
            asked = {"line": line, "country": country, "division": division, "valid_on": self.today}
            self.covered[key] = seller_of_party(party=self.seller, **asked, known_at=None).kind == "authorised"
        return self.covered[key]

    def write(self, thing: Thing, seen: Seen, form_key: str) -> Written:
        data, _title = self._data(thing, {line.number: [] for line in thing.lines})
        assert data is not None  # `look` found nothing wrong a moment ago, under the same lock
        if seen.outcome == CREATE:
            made = flow.draft(by=self.by, data=data, form_key=form_key, answered=_answered(thing))
            return Written(made.pk, None, stamp_of(data))
        declaration = self.declarations[seen.object_id]
        before = data_of(version_of(declaration))
        after = onto(before, data, _told(thing))
        flow.edit(declaration=declaration, by=self.by, data=after, answered=_answered(thing))
        return Written(declaration.pk, plain_of(before), stamp_of(after))


def _answered(thing: Thing) -> list[str]:
    """Groups of the form of which the file has a column: a blank cell of it is an answer, a column that is not there is none.

    Documents come in no file, and ask for nothing.
    """
    return sorted({"documents", *(group_of(name) for line in thing.lines for name in line.texts)})


def _told(thing: Thing) -> set[str]:
    """Fields of the whole declaration that one of its rows fills in."""
    return {name for name in PLAIN for line in thing.lines if line.values.get(name) not in {None, ""}}


def _cell_of(field: str) -> str:
    """The column in which a problem of the form is mended."""
    start = field.split("_", maxsplit=1)[0]
    return (
        field
        if field in CODES
        else {"ceiling": "ceiling", "end": "customer", "place": "place_address", "ship": "ship_to_address"}.get(start, "quantity")
    )


class Declarations(Kind):
    """Drafts of one distributor's declarations."""

    code = "declarations"
    label = gettext_lazy("Declarations")
    one = gettext_lazy("Declaration")
    right = Permission.EDIT_DECLARATIONS
    groups = True
    max_rows = 20_000
    sentences = {
        "otherwise": gettext_lazy("rows of one declaration say different things"),
        "written_twice": gettext_lazy("one end user is written in two ways"),
        "ceilings_differ": gettext_lazy("the end users of one declaration have different ceilings"),
        "product_twice": gettext_lazy("the same product stands in several rows of one declaration"),
        "not_draft": gettext_lazy("the declaration of this reference is no draft any more"),
        "samples": gettext_lazy("these are samples, not units"),
        "unit": gettext_lazy("the unit is not the product's"),
    }

    def fields(self) -> tuple[Field, ...]:
        return DECLARATION_FIELDS

    def key(self, line: Line, above: str) -> str:
        """The reference; a row that says only what goods belongs to the one above; else what the row says as a whole."""
        own = ABOVE - line.from_above
        if above and line.from_above and not any(line.texts.get(name) for name in own) and line.texts.get("product"):
            return above
        if line.values.get("reference"):
            return "ref:" + hashlib.sha256(folded(line.values["reference"]).casefold().encode()).hexdigest()[:48]
        said = "\x1f".join(f"{name}={folded(text)}" for name, text in sorted(line.texts.items()) if text)
        return "row:" + hashlib.sha256(said.encode()).hexdigest()[:48]

    def desk(self, *, by: User, things: Sequence[Thing]) -> Desk:
        return DeclarationDesk(by, things)

    def bound(self, *, organisation: Organisation, made: Sequence[Made]) -> dict[str, str]:
        reasons = {}
        own = organisation.declarations.filter(pk__in=[one.object_id for one in made])
        found = {declaration.pk: declaration for declaration in own}
        for one in made:
            declaration = found.get(one.object_id)
            if declaration is None or declaration.status == Declaration.Status.WITHDRAWN:
                continue
            if declaration.status != Declaration.Status.DRAFT or declaration.version_number > 1:
                reasons[one.object_id] = _("%(n)s was signed; a signed version never changes.") % {"n": declaration.number}
            elif stamp_of(data_of(version_of(declaration))) != one.stamp:
                reasons[one.object_id] = _("%(n)s was changed after this upload.") % {"n": declaration.number}
        return reasons

    def take_back(self, *, organisation: Organisation, by: User, made: Made) -> None:
        declaration = organisation.declarations.select_for_update(of=("self",)).filter(pk=made.object_id).first()
        if declaration is None or declaration.status == Declaration.Status.WITHDRAWN:
            return
        if made.outcome == CREATE:
            flow.withdraw_upload(declaration=declaration, by=by)
            return
        put_back(declaration=declaration, by=by, data=data_from(made.before))

    def prefilled(self, *, by: User) -> Iterator[dict[str, str]]:
        """None: a declaration is said anew. What it may name stands in the lists."""
        del by
        return iter(())

    def lists(self, *, by: User) -> dict[str, list[str]]:
        chinese = (get_language() or "").startswith("zh")
        return {
            "customer": [f"{title_of(customer)} · {customer.pk}" for customer in own_customers(by)],
            "product": [f"{p.catalogue_number} {p.name_zh if chinese else p.name}" for p in current_products()],
            "place_country": [str(name) for name in COUNTRIES.values()],
            "place_division": [place_words(place) for place in prefectures()],
        }
