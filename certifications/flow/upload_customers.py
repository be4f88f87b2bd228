"""Customers by the file: the rules and actions of the single form, row by row, and never a look at another distributor's."""

import hashlib
import re
from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import asdict, replace
from typing import Any

from django.db.models import QuerySet
from django.db.models.functions import Lower
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from certifications.declarations.models import Declaration
from certifications.declarations.queries import named_by
from certifications.ledger.canonical import canonical, sha256_hex
from certifications.ledger.moves import NotAllowed
from certifications.matching import place_of, prefectures
from certifications.parties.actions import remove_customer
from certifications.parties.countries import COUNTRIES
from certifications.parties.models import Customer
from certifications.parties.queries import customers_visible_to, data_of, display
from certifications.parties.queries_card import with_something_kept
from certifications.parties.rules import CustomerData, check_customer, clean_name, compact, script_of, warnings_of
from certifications.people.models import Organisation, User
from certifications.people.permissions import Permission
from certifications.uploads.kinds import CREATE, SKIP, UPDATE, Desk, Field, Fix, Kind, Line, Made, Problem, Seen, Thing, Written
from certifications.uploads.values import shown

from . import customers as flow
from .rescreening import screen_uploaded
from .upload_alike import Alike, alike
from .upload_fields import CUSTOMER_FIELDS, TYPES
from .upload_words import division_fixes, place_words

ULID = re.compile(r"(?<![0-9A-Z])[0-9A-HJKMNP-TV-Z]{26}(?![0-9A-Z])")
PLAIN = ("native_name", "latin_name", "other_names", "kind", "uscc", "lei", "address", "country", "division", "line_of_business", "note")


def own_customers(user: User) -> QuerySet[Customer]:
    """The user's own customers with everything that a row is compared with."""
    found = customers_visible_to(user).select_related("party")
    return found.prefetch_related("party__names", "party__identifiers", "party__sites").order_by("registered_at", "pk")


def keys_of_own(user: User, *, ids: Iterable[str], codes: Iterable[str], names: Iterable[str]) -> set[str]:
    """Keys of the user's own customers by reference, by number, or by name in any case.

    Three questions: asked as one, PostgreSQL joins all names with all numbers before it compares anything.
    """
    own = customers_visible_to(user).order_by().values_list("pk", flat=True)
    named = own.annotate(named=Lower("party__names__text")).filter(named__in=[name.lower() for name in names])
    return {*own.filter(pk__in=list(ids)), *own.filter(party__identifiers__value__in=list(codes)), *named}


def reference(text: str) -> str:
    """The portal's reference in a cell, which may hold a name beside it; the cell as typed where there is none."""
    held = ULID.search(text.upper())
    return held[0] if held else text


def typed(line: Line) -> dict[str, Any]:
    """What the row says of a customer; a name in Latin letters alone under either heading is the Latin one."""
    values = {name: line.values[name] for name in PLAIN if line.values.get(name) not in {None, ""}}
    native = values.get("native_name", "")
    if native and "latin_name" not in values and script_of(native) == "Latn":
        values["latin_name"] = values.pop("native_name")
    return values


def title_of(customer: Customer) -> str:
    """The name that a person knows it by."""
    return display(customer.party).title


class CustomerDesk(Desk):
    """Rows beside the customers that they may be: by reference, by registration number, by name, in that order."""

    def __init__(self, by: User, things: Sequence[Thing]) -> None:
        self.by = by
        rows = [thing.lines[0] for thing in things]
        ids = {reference(line.values["customer"]) for line in rows if line.values.get("customer")}
        codes = {compact(line.values[f]) for line in rows for f in ("uscc", "lei") if line.values.get(f)}
        names = {clean_name(name) for line in rows for name in _names(typed(line))}
        self.known = list(own_customers(by).filter(pk__in=keys_of_own(by, ids=ids, codes=codes, names=names)))
        self.by_id = {customer.pk: customer for customer in self.known}
        self.by_code: dict[str, list[Customer]] = {}
        self.by_name: dict[str, list[Customer]] = {}
        for customer in self.known:
            for identifier in customer.party.identifiers.all():
                self.by_code.setdefault(f"{identifier.scheme}:{identifier.value}", []).append(customer)
            for name in customer.party.names.all():
                self.by_name.setdefault(name.text, []).append(customer)
        busy = Declaration.objects.filter(status__in=Declaration.IN_FLIGHT).order_by("-created_at")
        self.busy = {pk: rows[-1] for pk, rows in named_by(busy, self.by_id).items()}

    def look(self, thing: Thing) -> Seen:
        line = thing.lines[0]
        values = typed(line)
        problems = list(line.problems)
        customer = self._find(line, values, problems)
        seen = self._update(line, values, customer, problems) if customer else self._create(line, values, problems)
        return replace(seen, problems={line.number: problems} if problems else {})

    def _find(self, line: Line, values: dict[str, Any], problems: list[Problem]) -> Customer | None:
        if line.values.get("customer"):
            customer = self.by_id.get(reference(line.values["customer"]))
            if customer is None:
                problems.append(
                    Problem(
                        "customer", "no_customer", _("None of your customers has this reference. Empty the cell to register a new one.")
                    )
                )
            return customer
        found: dict[str, Customer] = {}
        field = ""
        for scheme in ("uscc", "lei"):
            for customer in self.by_code.get(f"{scheme}:{compact(values.get(scheme, ''))}", []) if values.get(scheme) else []:
                found[customer.pk], field = customer, scheme
        if not found:
            # The same name, unless a registration number says that it is another.
            field = "native_name" if "native_name" in values else "latin_name"
            for name in _names(values):
                for customer in self.by_name.get(clean_name(name), []):
                    if not _conflict(values, customer):
                        found[customer.pk] = customer
        if len(found) > 1:
            fixes = [Fix(f"{title_of(customer)} {_short(pk)}", pk, "customer") for pk, customer in list(found.items())[:5]]
            problems.append(Problem(field, "several", _("Several of your customers fit. Choose the one that is meant."), tuple(fixes)))
            return None
        return next(iter(found.values()), None)

    def _create(self, line: Line, values: dict[str, Any], problems: list[Problem]) -> Seen:
        bad = {problem.field for problem in problems}
        empty = {"native_name": "", "latin_name": "", "country": "", "address": "", "line_of_business": ""}
        data = CustomerData(**{**empty, **{k: v for k, v in values.items() if v}})
        _rules(data, problems, bad)
        return Seen(CREATE, title=data.native_name or data.latin_name, digest=_digest(data))

    def _update(self, line: Line, values: dict[str, Any], customer: Customer, problems: list[Problem]) -> Seen:
        """A blank cell changes nothing, nor does what was only assumed for all rows."""
        bad = {problem.field for problem in problems}
        now = data_of(customer)
        data = replace(now, **{name: value for name, value in values.items() if name not in line.assumed})
        changes = [
            (name, shown(getattr(now, name)), shown(getattr(data, name))) for name in PLAIN if _plain(now, name) != _plain(data, name)
        ]
        seen = Seen(UPDATE if changes else SKIP, title_of(customer), customer.pk, _digest(data), tuple(changes))
        if not changes:
            return seen
        _rules(data, problems, bad)
        named = {name for name, _before, _after in changes} & {"native_name", "latin_name"}
        if named and not line.values.get("customer") and not _shares_a_name(now, data):
            problems.append(
                Problem(
                    next(iter(sorted(named))),
                    "other_name",
                    _("This number belongs to your customer %(name)s. Correct the number, or say that the name is new.")
                    % {"name": title_of(customer)},
                    accept=_("The name is new"),
                )
            )
        if customer.pk in self.busy:
            problems.append(Problem("", "in_flight", str(flow.in_flight(self.busy[customer.pk]))))
        return seen

    def write(self, thing: Thing, seen: Seen, form_key: str) -> Written:
        line = thing.lines[0]
        values = typed(line)
        if seen.outcome == CREATE:
            empty = {"native_name": "", "latin_name": "", "country": "", "address": "", "line_of_business": ""}
            data = CustomerData(**{**empty, **values})
            made = flow.register_customer(by=self.by, data=data, form_key=form_key, screen=False)
            return Written(made.pk, None, _stamp(data))
        customer = self.by_id[seen.object_id]
        locked = Customer.objects.select_for_update(of=("self", "party")).select_related("party").get(pk=customer.pk)
        if locked.party.revision != customer.party.revision:
            raise NotAllowed(_("Somebody changed this customer a moment ago."), "moved")
        before = data_of(customer)
        data = replace(before, **{name: value for name, value in values.items() if name not in line.assumed})
        changed = flow.edit_customer(customer=customer, by=self.by, data=data, screen=False)
        return Written(changed.pk, asdict(before), _stamp(data))


def _rules(data: CustomerData, problems: list[Problem], bad: set[str]) -> None:
    """The rules of the form; a field whose cell could not be read is not complained of twice."""
    bad = bad | {"division"} if "country" in bad else bad  # which divisions there are is the country's to say
    for problem in [*check_customer(data), *flow.unprintable_in(data)]:
        if problem.field not in bad:
            fixes = division_fixes(data.address, data.uscc) if problem.field == "division" and not data.division else ()
            problems.append(Problem(problem.field, rule_code(problem.message, problem.field), problem.message, fixes))
    problems += [Problem(p.field, "check_character", p.message, blocks=False) for p in warnings_of(data)]


class Customers(Kind):
    """Customers of one distributor."""

    code = "customers"
    label = gettext_lazy("Customers")
    one = gettext_lazy("Customer")
    right = Permission.EDIT_CUSTOMERS
    sentences = {
        "alike": gettext_lazy("much like the name of a customer of yours, or of another row"),
        "other_name": gettext_lazy("the number belongs to a customer of yours with another name"),
        "in_flight": gettext_lazy("A declaration of the customer is being decided"),
    }

    def fields(self) -> tuple[Field, ...]:
        return CUSTOMER_FIELDS

    def key(self, line: Line, above: str) -> str:
        """The reference, else a number, else the name: two rows with the same are about one customer."""
        del above
        for field in ("customer", "uscc", "lei"):
            if line.values.get(field):
                return f"{field}:{compact(reference(line.values[field]))}"[:64]
        for name in _names(line.values):
            return "name:" + hashlib.sha256(clean_name(name).casefold().encode()).hexdigest()[:48]
        return f"row:{line.number}"

    def desk(self, *, by: User, things: Sequence[Thing]) -> Desk:
        return CustomerDesk(by, things)

    def bound(self, *, organisation: Organisation, made: Sequence[Made]) -> dict[str, str]:
        reasons = {}
        own = organisation.customers.filter(pk__in=[one.object_id for one in made]).select_related("party")
        found = {customer.pk: customer for customer in own.prefetch_related("party__names", "party__identifiers", "party__sites")}
        named = named_by(Declaration.objects.order_by("-created_at"), found)
        first = {pk: rows[-1] for pk, rows in named.items()}
        busy = {pk: row for pk, rows in named.items() for row in rows if row.status in Declaration.IN_FLIGHT}
        kept = with_something_kept(found)
        for one in made:
            customer = found.get(one.object_id)
            if customer is None:
                continue
            if one.object_id in first and one.outcome == CREATE:
                reasons[one.object_id] = _("%(n)s names this customer.") % {"n": first[one.object_id].number}
            elif one.outcome == CREATE and one.object_id in kept:
                reasons[one.object_id] = _("Sites, contacts, papers or a group were added to the customer after this upload.")
            elif _stamp(data_of(customer)) != one.stamp:
                reasons[one.object_id] = _("The customer was changed after this upload.")
            elif one.object_id in busy:
                reasons[one.object_id] = str(flow.in_flight(busy[one.object_id]))
        return reasons

    def take_back(self, *, organisation: Organisation, by: User, made: Made) -> None:
        customer = organisation.customers.select_for_update(of=("self",)).filter(pk=made.object_id).first()
        if customer is None:
            return
        if made.outcome == CREATE:
            remove_customer(customer=customer, by=by)
            return
        before = {**made.before, "other_names": tuple(made.before["other_names"])}
        flow.put_back(customer=customer, by=by, data=CustomerData(**before))

    def prefilled(self, *, by: User) -> Iterator[dict[str, str]]:
        for customer in own_customers(by):
            data = data_of(customer)
            place = place_of(data.division) if data.division else None
            yield {
                **{name: str(getattr(data, name)) for name in PLAIN if name != "other_names"},
                "customer": customer.pk,
                "other_names": "; ".join(data.other_names),
                "kind": str(TYPES.get(data.kind, data.kind)),
                "country": str(COUNTRIES.get(data.country, data.country)),
                "division": place_words(place) if place else data.division,
            }

    def lists(self, *, by: User) -> dict[str, list[str]]:
        del by
        return {
            "kind": [str(word) for word in TYPES.values()],
            "country": [str(name) for name in COUNTRIES.values()],
            "division": [place_words(place) for place in prefectures()],
        }

    def across(
        self, *, by: User, lines: Iterable[Line], focus: frozenset[int] | None = None
    ) -> Iterator[tuple[int, Callable[[], Problem]]]:
        """New rows that look like a customer of one's own, or like a row above."""
        listed = list(lines)
        keys = {str(line.number): self.key(line, "") for line in listed}
        rows = [_alike(str(line.number), typed(line)) for line in listed]
        known = [_alike(customer.pk, asdict(data_of(customer))) for customer in own_customers(by)]
        for row, other in alike(rows, known, None if focus is None else {str(number) for number in focus}):
            if keys[row.key] != keys.get(other.key):  # two rows about the same one are told apart already
                yield int(row.key), _sayer(other)

    def finished(self, *, organisation: Organisation, once: str, object_ids: Sequence[str]) -> None:
        parties = organisation.customers.filter(pk__in=object_ids).order_by("party")
        screen_uploaded(once=once, parties=list(parties.values_list("party", flat=True)))


def _alike(key: str, values: dict[str, Any]) -> Alike:
    names = tuple(clean_name(name) for name in _names(values) if name)
    return Alike(key, names, compact(values.get("uscc") or ""))


def _sayer(other: Alike) -> Callable[[], Problem]:
    def say() -> Problem:
        if other.key.isdecimal():
            said = _("Row %(n)s has a name much like this: %(name)s. Leave one out, or say that it is another customer.")
            fixes: tuple[Fix, ...] = ()
        else:
            said = _("You have a customer much like this: %(name)s. Take that one, or say that it is another customer.")
            fixes = (Fix(_("Take %(name)s") % {"name": other.names[0]}, other.key, "customer"),)
        return Problem("native_name", "alike", said % {"n": other.key, "name": other.names[0]}, fixes, accept=_("It is another customer"))

    return say


def _names(values: dict[str, Any]) -> list[str]:
    return [values[name] for name in ("native_name", "latin_name") if values.get(name)]


def _short(pk: str) -> str:
    return f"…{pk[-6:]}"


def _plain(data: CustomerData, name: str) -> Any:
    value = getattr(data, name)
    if name in {"uscc", "lei"}:
        return compact(value)
    return tuple(clean_name(item) for item in value) if isinstance(value, tuple) else clean_name(value)


def _digest(data: CustomerData) -> str:
    return sha256_hex(canonical({name: _plain(data, name) for name in PLAIN}))


def _stamp(data: CustomerData) -> str:
    """Whether a customer still says what an upload wrote: a name that stands twice is kept once."""
    names = dict.fromkeys(clean_name(name) for name in (data.native_name, data.latin_name, *data.other_names) if clean_name(name))
    said = {name: _plain(data, name) for name in PLAIN if name not in {"native_name", "latin_name", "other_names"}}
    return sha256_hex(canonical({**said, "names": list(names)}))


def _conflict(values: dict[str, Any], customer: Customer) -> bool:
    held = {i.scheme: i.value for i in customer.party.identifiers.all()}
    return any(values.get(s) and held.get(s) and compact(values[s]) != held[s] for s in ("uscc", "lei"))


def _shares_a_name(one: CustomerData, other: CustomerData) -> bool:
    names = [{clean_name(n).casefold() for n in (data.native_name, data.latin_name, *data.other_names) if n} for data in (one, other)]
    return bool(names[0] & names[1])


def rule_code(message: str, field: str) -> str:
    """A short name for a rule's sentence, the same in every language's first pass: what differs from row to row is left out."""
    plain = re.sub(r"[\dA-Z]{2,}|\d+|\S \(U\+\w+\)", "#", message)
    return f"{field}:{hashlib.sha256(plain.encode()).hexdigest()[:12]}"
