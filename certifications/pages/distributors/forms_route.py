"""The later groups of a declaration's form: end use and place, destination and route."""

from dataclasses import replace
from typing import Any

from django import forms
from django.utils.translation import gettext_lazy as _

from certifications.declarations.data import MOST_CONSIGNEES, PROOFS, REPORTING, DeclarationData
from certifications.flow.own_customers import labels_of_own
from certifications.pages.places import DivisionField
from portal.countries import COUNTRIES

from .forms_declare import Change, CustomerField, GoodsForm, GroupForm, PartiesForm, choices_of, place_fields

STOCK = {"address": _("Place of the stock"), "division": _("Division of the place of the stock")}


class EndUseForm(GroupForm):
    """What the goods are used for, and where; of a stock to whom it may go, and how one reports it."""

    group = "end_use"

    end_use = forms.CharField(
        label=_("End use"), max_length=2000, widget=forms.Textarea(attrs={"rows": 3}), required=False,
        help_text=_("What the goods are used for, by which department, for about how many samples."),
    )  # fmt: skip
    samples_per_month = forms.IntegerField(
        label=_("Samples a month"), required=False, min_value=1, help_text=_("About how many, where you know it.")
    )
    resale_scope = forms.CharField(
        label=_("Resale"), max_length=1000, widget=forms.Textarea(attrs={"rows": 3}), required=False,
        help_text=_("To which kinds of customers, and where, the stock may be resold."),
    )  # fmt: skip
    reporting = forms.ChoiceField(
        label=_("We report to whom the stock went"), required=False, widget=forms.RadioSelect,
        choices=[(value, {"month": _("every month"), "quarter": _("every quarter")}[value]) for value in REPORTING],
    )  # fmt: skip
    unknown_facts = forms.CharField(
        label=_("Facts that are not known"),
        max_length=500,
        required=False,
        help_text=_("State here what you could not find out; it is printed."),
    )

    def build(self) -> None:
        stock = self.now.kind == "stockist"
        for name in ("end_use", "samples_per_month") if stock else ("resale_scope", "reporting"):
            del self.fields[name]
        self.labels = labels_of_own(self.user) if self.now.end_users else {}
        self.places = {"": self.now.customer_id} | {f"_{one.customer_id}": one.customer_id for one in self.now.end_users}
        for suffix, pk in self.places.items():
            fields = place_fields(suffix, **(STOCK if stock else {}))
            self.of |= dict.fromkeys(fields, self.label_of(pk) if self.now.end_users else "")
            self.fields |= fields
        self.must = {"end_use", "resale_scope", "reporting", *(name for name in self.fields if name.startswith("place_"))}

    def shown(self) -> dict[str, Any]:
        others = {
            f"{name}_{one.customer_id}": getattr(one, name)
            for one in self.now.end_users
            for name in ("place_address", "place_country", "place_division")
        }
        return {**super().shown(), **others}

    def place_blocks(self) -> list[dict[str, Any]]:
        """For the template: name and bound fields of each place of use."""
        return [
            {
                "name": self.label_of(pk) if self.now.end_users else "",
                "address": self[f"place_address{suffix}"],
                "country": self[f"place_country{suffix}"],
                "division": self[f"place_division{suffix}"],
            }
            for suffix, pk in self.places.items()
        ]

    def change(self) -> Change:
        cleaned, plain = self.cleaned_data, super().change()

        def changed(data: DeclarationData) -> DeclarationData:
            others = tuple(
                replace(one, **{n: cleaned.get(f"{n}_{one.customer_id}", "") for n in ("place_address", "place_country", "place_division")})
                for one in data.end_users
            )
            return replace(plain(data), end_users=others)

        return changed


class RouteForm(GroupForm):
    """Where the goods are sent, through whose hands, and whether proof of delivery can be sent."""

    group = "route"

    ship_to_address = forms.CharField(
        label=_("Shipped to"), max_length=300, required=False, help_text=_("Leave it empty if the goods go straight to the place of use.")
    )
    ship_to_country = forms.ChoiceField(label=_("Country"), choices=[("", "—"), *COUNTRIES.items()], required=False)
    ship_to_division = DivisionField(
        label=_("Division"), help_text=_("For China: a name such as 宁波 or Ningbo, or the six digits of GB/T 2260.")
    )
    final_consignee = CustomerField(label=_("Final consignee"), help_text=_("Who receives the goods, if that is not the end user."))
    forwarder = CustomerField(label=_("Forwarder"), help_text=_("Who carries them, where you know it."))
    route = forms.CharField(label=_("Route"), max_length=500, required=False, help_text=_("Such as: Shenzhen to Ningbo by road, no stop."))
    delivery_proof = forms.ChoiceField(
        label=_("Proof of delivery"), choices=[("", _("not stated")), *choices_of("proof", PROOFS)], required=False,
        help_text=_("A signed receipt of the end user, or the carrier's."),
    )  # fmt: skip

    def build(self) -> None:
        for name in self.rows("consignee", MOST_CONSIGNEES):
            self.fields[name] = CustomerField(label=_("Intermediate consignee"))

    def kept_rows(self, prefix: str) -> tuple[str, ...]:
        return self.now.consignee_ids

    def shown(self) -> dict[str, Any]:
        rows = {f"consignee_{n}": self.label_of(pk) for n, pk in enumerate(self.now.consignee_ids, start=1)}
        ends = {"final_consignee": self.label_of(self.now.final_consignee_id), "forwarder": self.label_of(self.now.forwarder_id)}
        return {**super().shown(), **ends, **rows}

    def consignee_fields(self) -> list[Any]:
        """Bound fields of the consignees on the way, for the template."""
        return [self[name] for name in self.fields if name.startswith("consignee_")]

    def change(self) -> Change:
        cleaned, plain = self.cleaned_data, super().change()
        rows = [cleaned[name] for name in self.fields if name.startswith("consignee_") and cleaned.get(name)]
        return lambda data: replace(
            plain(data), consignee_ids=tuple(rows), final_consignee_id=cleaned["final_consignee"], forwarder_id=cleaned["forwarder"]
        )


FORMS: dict[str, type[GroupForm]] = {form.group: form for form in (PartiesForm, GoodsForm, EndUseForm, RouteForm)}
