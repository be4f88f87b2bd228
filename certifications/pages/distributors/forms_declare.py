"""The groups of a declaration's form. Each is filled in from what is kept and says what it changes; completeness is the rooms' below."""

from collections.abc import Callable, Iterable
from dataclasses import replace
from decimal import Decimal
from typing import Any

from django import forms
from django.utils.translation import gettext_lazy as _

from certifications.catalogue.models import Product
from certifications.declarations.data import (
    MOST_END_USERS,
    PERIODS,
    TERMS,
    DeclarationData,
    EndUserData,
    LineData,
    ShareData,
    group_of,
)
from certifications.declarations.rules_checks import completeness
from certifications.files.rules import MAX_PAPER_MB
from certifications.flow.own_customers import OwnCustomers, labels_of_own
from certifications.ledger.days import civil_today
from certifications.ledger.listed import listed, mark
from certifications.pages.places import DivisionField
from certifications.people.models import User
from portal.countries import COUNTRIES
from portal.forms import DayField
from portal.templatetags.kit import local
from portal.words import word_for

from .wizard import field_of

Change = Callable[[DeclarationData], DeclarationData]
CURRENCIES = ("CNY", "USD", "EUR", "GBP", "JPY", "CHF", "HKD", "SGD")
SPARE = 2  # empty rows below those that are filled in


def choices_of(group: str, values: Iterable[str]) -> list[tuple[str, Any]]:
    """Values with their words."""
    return [(value, word_for(group, value).text) for value in values]


def place_fields(suffix: str = "", *, address: Any = None, division: Any = None) -> dict[str, forms.Field]:
    """Address, country and division of one place."""
    return {
        f"place_address{suffix}": forms.CharField(
            label=address or _("Place of use"), max_length=300, required=False, widget=forms.TextInput(attrs={"list": "own-sites"})
        ),
        f"place_country{suffix}": forms.ChoiceField(label=_("Country"), choices=list(COUNTRIES.items()), required=False),
        f"place_division{suffix}": DivisionField(
            label=division or _("Division of the place of use"),
            help_text=_("For China: a name such as 宁波 or Ningbo, or the six digits of GB/T 2260."),
        ),
    }


class CustomerInput(forms.TextInput):
    """A text field with the distributor's own customers to choose from, listed once a page; it needs no script."""

    def __init__(self) -> None:
        super().__init__(attrs={"list": "own-customers", "autocomplete": "off"})


class CustomerField(forms.CharField):
    """One of the distributor's own customers by name, registration number or reference; cleans to its id in the form below."""

    widget = CustomerInput

    def __init__(self, **kwargs: Any) -> None:
        super().__init__(max_length=400, required=False, **kwargs)


class GroupForm(forms.Form):
    """One group. `was` is the stamp of what it was filled in from; `must` are fields that a rule below asks for."""

    must: Iterable[str] = ()
    group = ""

    was = forms.CharField(max_length=24, widget=forms.HiddenInput, required=False)

    def __init__(self, *args: Any, user: User, now: DeclarationData, products: list[Product], **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.user, self.now, self.products = user, now, products
        self.of: dict[str, str] = {}  # whose a field is, where the page has several of one label
        self.labels = labels_of_own(user) if any(isinstance(f, CustomerField) for f in self.fields.values()) else {}
        self.build()
        self.initial = {**self.shown(), **self.initial}

    def build(self) -> None:
        """Fields that depend on what is kept."""

    def shown(self) -> dict[str, Any]:
        """What is kept, as the fields show it."""
        return {name: getattr(self.now, name) for name in self.fields if hasattr(self.now, name)}

    def label_of(self, customer_id: str) -> str:
        """How a customer is named in a field; one that is not among the own ones by its id."""
        return self.labels.get(customer_id, customer_id)

    def rows(self, prefix: str, most: int) -> list[str]:
        """Names of as many rows as are kept or were sent, and some to spare."""
        sent = sum(1 for name in self.data if name.startswith(f"{prefix}_")) if self.is_bound else 0
        return [f"{prefix}_{n}" for n in range(1, min(most, max(sent, len(self.kept_rows(prefix)) + SPARE)) + 1)]

    def kept_rows(self, prefix: str) -> tuple[str, ...]:
        """Ids of the customers that stand in rows of this name."""
        raise NotImplementedError

    def clean(self) -> dict[str, Any]:
        """Names become ids of customers: one must be meant."""
        data: dict[str, Any] = super().clean() or {}
        typed = {name: data.get(name, "") for name, field in self.fields.items() if isinstance(field, CustomerField)}
        own = OwnCustomers(self.user, typed.values()) if any(typed.values()) else None
        for name, text in typed.items():
            found = own.named(text) if own is not None and text else []
            if text and not found:
                self.add_error(name, _("None of your customers has this name or number. Register it first, or correct what you typed."))
            elif len(found) > 1:
                several = listed(f"{self.labels.get(c.pk, '')} · {c.pk}" for c in found[:5])
                self.add_error(name, _("Several of your customers fit; enter the reference of one: %(list)s") % {"list": several})
            data[name] = found[0].pk if len(found) == 1 else ""
        return data

    def say_lacks(self, own_id: str = "") -> None:
        """Beside what cannot be read, what is lacking too: nobody mends one field to learn of the next."""
        wrong = set(self.errors)
        for name, field in self.fields.items():
            self.cleaned_data.setdefault(
                name, None if isinstance(field, forms.DecimalField | forms.IntegerField) else getattr(self.now, name, "")
            )
        for problem in completeness(self.change_with(own_id)(self.now), civil_today()):
            name = field_of(problem, self.fields)
            is_read = name not in wrong and not (problem.field == "lines" and any(f.startswith(("quantity_", "share_")) for f in wrong))
            if group_of(problem.field) == self.group and name is not None and is_read:
                self.add_error(name, problem.message)

    def change_with(self, own_id: str) -> Change:
        """As `change`; `own_id` is the distributor as its own customer, for stock."""
        del own_id
        return self.change()

    def change(self) -> Change:
        """What this group changes of a declaration."""
        fields = {name: value for name, value in self.cleaned_data.items() if name in DeclarationData.__dataclass_fields__}
        return lambda data: replace(data, **fields)


class PartiesForm(GroupForm):
    """Who takes part: the kind, the end users, how one deals with them, the purchaser."""

    group = "parties"
    must = frozenset({"customer", "relationship", "contact"})

    form_key = forms.CharField(max_length=26, widget=forms.HiddenInput, required=False)
    kind = forms.ChoiceField(
        label=_("What kind of declaration"),
        choices=[
            ("single", _("One end user")),
            ("several", _("Several end users, each with its share of the goods")),
            ("stockist", _("For our stock: the end users are not known yet")),
        ],
        widget=forms.RadioSelect,
        help_text=_(
            "For stock you state to whom you may resell, and report what became of it; each sale to an end user is declared again."
        ),
    )
    customer = CustomerField(
        label=_("End user"), help_text=_("One of your customers, by name or registration number. Leave it empty for stock.")
    )
    relationship = forms.CharField(
        label=_("Relationship"), max_length=300, required=False, help_text=_("Since when, and what you supply or service there.")
    )
    contact = forms.CharField(
        label=_("Contact at the end user"),
        max_length=300,
        required=False,
        help_text=_("A person, with a telephone number or an e-mail address."),
    )
    purchaser = CustomerField(
        label=_("Purchaser"), help_text=_("Who buys from you, if that is not the end user. Register it among your customers first.")
    )

    def build(self) -> None:
        for name in self.rows("user", MOST_END_USERS - 1):
            self.fields[name] = CustomerField(label=_("Further end user"))

    def kept_rows(self, prefix: str) -> tuple[str, ...]:
        return tuple(one.customer_id for one in self.now.end_users)

    def shown(self) -> dict[str, Any]:
        first = "" if self.now.kind == "stockist" else self.now.customer_id
        others = {f"user_{n}": self.label_of(pk) for n, pk in enumerate(self.kept_rows("user"), start=1)}
        known = {"customer": self.label_of(first), "purchaser": self.label_of(self.now.purchaser_id)}
        return {**super().shown(), **known, **others}

    def clean(self) -> dict[str, Any]:
        data = super().clean()
        if not data.get("customer") and "customer" not in self.errors and data.get("kind") != "stockist":
            self.add_error("customer", _("Choose the end user; a draft begins with it."))
        return data

    def further(self) -> list[str]:
        """Ids of the further end users, in order."""
        return [self.cleaned_data[name] for name in self.fields if name.startswith("user_") and self.cleaned_data.get(name)]

    def user_fields(self) -> list[Any]:
        """Bound fields of the further end users, for the template."""
        return [self[name] for name in self.fields if name.startswith("user_")]

    def change_with(self, own_id: str) -> Change:
        cleaned = self.cleaned_data
        several, stock = cleaned["kind"] == "several", cleaned["kind"] == "stockist"
        wanted = self.further() if several else []

        def changed(data: DeclarationData) -> DeclarationData:
            held = {one.customer_id: one for one in data.end_users}
            return replace(
                data,
                # What was for somebody who is taken out is nobody's, not the first one's.
                lines=data.lines_without(pk for pk in held if pk not in wanted),
                kind=cleaned["kind"],
                customer_id=own_id if stock else cleaned["customer"],
                relationship=cleaned["relationship"],
                contact=cleaned["contact"],
                purchaser_id="" if stock else cleaned["purchaser"],
                end_users=tuple(held.get(pk) or EndUserData(pk, place_country=data.place_country) for pk in dict.fromkeys(wanted)),
            )

        return changed


class GoodsForm(GroupForm):
    """Goods and quantities, for several end users by each; one-off or standing with ceilings; contract, value, validity."""

    group = "goods"

    term = forms.ChoiceField(
        label=_("Term"),
        choices=choices_of("term", TERMS),
        widget=forms.RadioSelect,
        help_text=_("A standing declaration covers many orders: it names a whole quantity, and the most that is supplied in one period."),
    )
    contract = forms.CharField(
        label=_("Contract or order"), max_length=120, required=False, help_text=_("Its number. Where there is none yet, write: none yet.")
    )
    period = forms.ChoiceField(
        label=_("Ceilings hold"), choices=[("", _("no ceilings")), *choices_of("period", PERIODS)], required=False,
        help_text=_("For standing declarations."),
    )  # fmt: skip
    valid_from = DayField(label=_("Valid from"))
    valid_until = DayField(label=_("Valid until"), help_text=_("This day is not included; at most four years."))
    value = forms.DecimalField(
        label=_("Value"),
        required=False,
        min_value=Decimal(0),
        max_digits=14,
        decimal_places=2,
        help_text=_("Of all goods, if you state it. It stands in the text, which the end user reads too."),
    )
    currency = forms.ChoiceField(label=_("Currency"), choices=[("", "—"), *((c, c) for c in CURRENCIES)], required=False)

    def build(self) -> None:
        self.users = [one.customer_id for one in self.now.all_end_users()] if self.now.kind == "several" else []
        self.labels = labels_of_own(self.user) if self.users else {}
        self.must = {"contract"} if self.now.kind == "single" else set()
        for product in self.products:
            label = f"{local(product, 'name')}{mark(',')}{product.catalogue_number}"
            unit = _("Quantity in: %(u)s") % {"u": local(product, "unit")}
            names = {f"share_{pk}_{product.pk}": self.label_of(pk) for pk in self.users} or {f"quantity_{product.pk}": ""}
            for name, of in names.items():
                self.fields[name] = _quantity(label, unit)
                self.of[name] = of
            self.must |= set(names)
            self.fields[f"ceiling_{product.pk}"] = _quantity(_("At most in one period: %(p)s") % {"p": product.catalogue_number}, "")

    def shown(self) -> dict[str, Any]:
        found = super().shown()
        for line in self.now.lines:
            found[f"quantity_{line.product_id}"] = _number(line.quantity)
            found[f"ceiling_{line.product_id}"] = _number(line.ceiling)
        if self.users:
            for one in self.now.all_end_users():
                found |= {f"share_{one.customer_id}_{share.product_id}": _number(share.quantity) for share in one.shares}
        found["value"] = _number(self.now.value)
        return found

    def blocks(self) -> list[dict[str, Any]]:
        """For the template: of each end user (or of all goods together) the bound fields, each with its ceiling."""
        if not self.users:
            rows = [{"quantity": self[f"quantity_{p.pk}"], "ceiling": self[f"ceiling_{p.pk}"]} for p in self.products]
            return [{"name": "", "rows": rows}]
        last = len(self.users) - 1
        return [
            {
                "name": self.label_of(pk),
                "rows": [{"quantity": self[f"share_{pk}_{p.pk}"], "ceiling": self[f"ceiling_{p.pk}"] if n == last else None} for p in self.products],
            }
            for n, pk in enumerate(self.users)
        ]  # fmt: skip

    def change(self) -> Change:
        cleaned, products, users = self.cleaned_data, self.products, self.users
        standing = cleaned["term"] == "standing"

        def changed(data: DeclarationData) -> DeclarationData:
            shares = {pk: _shares(cleaned, pk, products) for pk in users}
            totals = {p.pk: cleaned.get(f"quantity_{p.pk}") or Decimal(0) for p in products}
            for share in (share for some in shares.values() for share in some):
                totals[share.product_id] += share.quantity
            lines = tuple(
                LineData(p.pk, totals[p.pk], cleaned.get(f"ceiling_{p.pk}") if standing else None) for p in products if totals[p.pk]
            )
            return replace(
                data,
                **{name: cleaned[name] for name in ("term", "contract", "valid_from", "valid_until", "value", "currency")},
                period=cleaned["period"] if standing else "",
                lines=lines,
                end_users=tuple(replace(one, shares=shares.get(one.customer_id, ())) for one in data.end_users),
            )

        return changed


def _quantity(label: Any, hint: Any) -> forms.DecimalField:
    return forms.DecimalField(label=label, required=False, min_value=Decimal(0), max_digits=12, decimal_places=2, help_text=hint)


def _number(value: Decimal | None) -> str:
    return "" if value is None else f"{value.normalize():f}"


def _shares(cleaned: dict[str, Any], customer_id: str, products: Iterable[Product]) -> tuple[ShareData, ...]:
    found = ((p.pk, cleaned.get(f"share_{customer_id}_{p.pk}")) for p in products)
    return tuple(ShareData(pk, quantity) for pk, quantity in found if quantity)


class DocumentForm(forms.Form):
    """One document to be put with a draft."""

    title = forms.CharField(label=_("What it is"), max_length=120, help_text=_("Such as: contract, tender, letter of the end user."))
    file = forms.FileField(label=_("File"), help_text=_("PDF, JPEG or PNG, at most 20 MB. It is kept whole, with its hash."))

    def clean_file(self) -> Any:
        file = self.cleaned_data["file"]
        if file.size and file.size > MAX_PAPER_MB * 1024 * 1024:
            raise forms.ValidationError(
                _("%(name)s is larger than %(limit)d MB. Scan it in fewer colours, or in parts."),
                params={"name": file.name, "limit": MAX_PAPER_MB},
            )
        return file
