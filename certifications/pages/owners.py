"""Owners on pages, for compliance and distributors alike: the form of a statement, its rows, and the columns of its file."""

import datetime as dt
from collections.abc import Iterable
from typing import Any

from django import forms
from django.db.models import QuerySet
from django.utils.translation import gettext_lazy as _

from certifications.ledger.days import civil_today
from certifications.parties import owners
from certifications.parties.models import Customer, Party
from certifications.parties.models_owners import Ownership
from certifications.parties.queries import display
from certifications.parties.rules_owners import KINDS, MOST_SAID, SOURCES, OwnerData, known, shares_of
from portal.countries import COUNTRIES, FURTHER
from portal.forms import DayField
from portal.words import word_for


class OwnerForm(forms.Form):
    """An owner, or that the owners are not known. Checks shape; what may be stated is asked of the room below."""

    must = frozenset({"native_name", "latin_name", "kind", "country"})

    form_key = forms.CharField(max_length=26, widget=forms.HiddenInput)
    of = forms.ChoiceField(label=_("Owner of"))
    is_unknown = forms.BooleanField(
        label=_("The owners are not known"),
        required=False,
        help_text=_("Say so rather than leave it open; then only the source and the dates below are asked for."),
    )
    owner = forms.CharField(label=_("Party on record"), required=False, max_length=26)
    native_name = forms.CharField(
        label=_("Name of the owner in its own script"),
        max_length=300,
        required=False,
        help_text=_("Enter this name, the Latin one, or both."),
    )
    latin_name = forms.CharField(label=_("Name of the owner in Latin letters"), max_length=300, required=False)
    kind = forms.ChoiceField(
        label=_("The owner is"),
        required=False,
        help_text=_("Behind a company stand further owners; a person or a public body ends the chain."),
    )
    country = forms.ChoiceField(label=_("Country"), required=False)
    uscc = forms.CharField(label=_("Unified social credit code"), max_length=40, required=False)
    lei = forms.CharField(label=_("Legal entity identifier"), max_length=40, required=False)
    other_number = forms.CharField(
        label=_("Another number"),
        max_length=40,
        required=False,
        help_text=_("Such as a number of a foreign register; no identity papers of persons."),
    )
    share = forms.DecimalField(
        label=_("Share in percent"), required=False, max_digits=7, decimal_places=4, help_text=_("Such as 33.34. Empty: not known.")
    )
    is_indirect = forms.ChoiceField(
        label=_("Held"),
        required=False,
        choices=[("", _("directly")), ("yes", _("indirectly, through somebody"))],
        help_text=_(
            "Where the company in between is known with its own owners, state both links instead: the share then follows from them."
        ),
    )
    through = forms.CharField(label=_("Through whom"), max_length=MOST_SAID, required=False)
    source = forms.ChoiceField(label=_("Known from"))
    source_text = forms.CharField(
        label=_("Source"),
        max_length=MOST_SAID,
        help_text=_("The register and the number of the entry, the paper and its date, or who stated it."),
    )
    source_link = forms.URLField(label=_("Link"), required=False, max_length=500, assume_scheme="https")
    as_of = DayField(label=_("As of"), help_text=_("The day of which the source speaks."))
    valid_from = DayField(label=_("Held from"), help_text=_("Where the source does not say, the day of which it speaks."))
    valid_until = DayField(label=_("First day after it"), required=False, help_text=_("Empty: it still holds."))

    def __init__(self, *args: Any, of: list[tuple[str, str]], on_record: bool = False, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        choose = ("", _("Choose"))
        choices: dict[str, list[tuple[str, Any]]] = {
            "of": list(of),
            "kind": [choose, *((code, word_for("ownerkind", code).text) for code in KINDS)],
            "source": [choose, *((code, word_for("ownersource", code).text) for code in SOURCES)],
            "country": [choose, *(COUNTRIES | FURTHER).items()],
        }
        for name, offered in choices.items():
            self.fields[name].choices = offered  # type: ignore[attr-defined]
        if on_record:
            self.fields["owner"].help_text = _(
                "Its key from the end of the address of its page, where the owner is on record already; names, numbers and country stay empty then."
            )
        else:
            del self.fields["owner"]

    def data_given(self) -> OwnerData:
        """The statement as typed. Of owners that are not known nothing else of an owner is kept."""
        given = self.cleaned_data
        dates = {name: given[name] for name in ("source", "source_text", "source_link", "as_of", "valid_from", "valid_until")}
        if given["is_unknown"]:
            return OwnerData(is_unknown=True, **dates)
        names = ("native_name", "latin_name", "kind", "country", "uscc", "lei", "other_number", "share", "through")
        return OwnerData(is_direct=not given["is_indirect"], **{name: given[name] for name in names}, **dates)


def initial_dates() -> dict[str, Any]:
    """What a new form begins with."""
    return {"as_of": civil_today(), "valid_from": civil_today()}


def row_of(row: Ownership, *, names: dict[str, str]) -> dict[str, Any]:
    """A statement for the page; `names` of the parties that are owned."""
    today = civil_today()
    over = row.ended_at is not None or (row.valid_until is not None and row.valid_until <= today)
    return {
        "row": row,
        "name": display(row.owner) if row.owner else None,
        "codes": [(word_for("scheme", i.scheme).text, i.value) for i in row.owner.identifiers.all()] if row.owner else [],
        "of": names.get(row.party_id, ""),
        "is_over": over,
        "is_to_come": not over and row.valid_from > today,
    }


def standing(party_id: str, rows: Iterable[Ownership], today: dt.date) -> dict[str, Any]:
    """How much of the party's ownership is on record on the day: the word, and what the direct shares come to."""
    held = [one for row in rows if row.party_id == party_id and row.ended_at is None and (one := owners.as_holding(row)).holds_on(today)]
    total = shares_of(held)
    return {"known": known(held).value, "total": total.normalize() if total else total}


def owners_context(customer: Customer) -> dict[str, Any]:
    """What a distributor reads of the owners of its customer: its own statements alone."""
    rows = owners.tree_of(customer)
    names = {row.owner_id: display(row.owner).title for row in rows if row.owner}
    names[customer.party_id] = display(customer.party).title
    return {
        "owners": [row_of(row, names=names) for row in rows],
        "owners_standing": standing(customer.party_id, rows, civil_today()),
    }


def choices_of(customer: Customer) -> list[tuple[str, str]]:
    """The customer, and the owners of it that its distributor stated and that still stand: an owner can be stated of each."""
    found = [(customer.party_id, display(customer.party).title)]
    found += [(row.owner.pk, display(row.owner).title) for row in owners.tree_of(customer) if row.owner and row.ended_at is None]
    return list(dict(found).items())


HEAD = (
    _("Party"), _("Owner"), _("Latin name"), "USCC", "LEI", _("Other number"), _("Kind"), _("Country"), _("Share in percent"), _("Held"), _("Through whom"),
    _("Known from"), _("Source"), _("Link"), _("As of"), _("Held from"), _("First day after it"), _("Ended on"),
)  # fmt: skip


def with_names(rows: QuerySet[Ownership]) -> QuerySet[Ownership]:
    """With everything that `cells` reads, by party."""
    found = rows.select_related("party", "owner", "organisation")
    return found.prefetch_related("party__names", "owner__names", "owner__identifiers").order_by("party", "pk")


def cells(row: Ownership, party: Party) -> list[Any]:
    """One line of the file. Uses prefetched names and numbers."""
    named = display(row.owner) if row.owner else None
    codes = {i.scheme: i.value for i in row.owner.identifiers.all()} if row.owner else {}
    return [
        display(party).title,
        named.native if named else str(_("not known")),
        named.latin if named else "",
        *(codes.get(scheme, "") for scheme in ("uscc", "lei", "other")),
        row.kind,
        row.owner.country if row.owner else "",
        "" if row.share is None else row.share.normalize(),
        "direct" if row.is_direct else "indirect",
        row.through,
        row.source,
        row.source_text,
        row.source_link,
        row.as_of,
        row.valid_from,
        row.valid_until or "",
        row.ended_at.date() if row.ended_at else "",
    ]
