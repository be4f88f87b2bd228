"""Forms of a customer's card: sites, laboratories, contacts, papers, the group. They check shape; the rooms below say what is wrong."""

from typing import Any

from django import forms
from django.utils.translation import gettext_lazy as _

from certifications.ledger.listed import mark
from certifications.pages.papers import PaperField
from certifications.pages.places import DivisionField
from certifications.parties.models import Site
from certifications.parties.rules_card import ContactData, LaboratoryData, PaperData, SiteData
from portal.countries import COUNTRIES
from portal.forms import DayField
from portal.words import WORDS


class SiteForm(forms.Form):
    """A further place where the customer works. Of the registered address only names and what is done there."""

    must = frozenset({"address", "division"})

    native_name = forms.CharField(
        label=_("Name of the site in its own script"),
        max_length=300,
        required=False,
        help_text=_("Where the site has a name of its own, such as 江南医院东部院区. It is screened like the customer's name."),
    )
    latin_name = forms.CharField(label=_("Name of the site in Latin letters"), max_length=300, required=False)
    address = forms.CharField(label=_("Address of the site"), max_length=300, required=False)
    country = forms.ChoiceField(label=_("Country"), choices=list(COUNTRIES.items()))
    division = DivisionField(
        label=_("Division of the site"), help_text=_("For China: a name such as 宁波 or Ningbo, or the six digits of GB/T 2260.")
    )
    activity = forms.CharField(
        label=_("What is done there"),
        max_length=300,
        required=False,
        help_text=_("Such as: genetics laboratory, about 1 000 samples a month."),
    )

    def __init__(self, *args: Any, registered: bool = False, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        if registered:
            for name in ("address", "country", "division"):
                del self.fields[name]

    def data_object(self) -> SiteData:
        """As the room takes it."""
        return SiteData(**self.cleaned_data)


class LaboratoryForm(forms.Form):
    """A laboratory on a site."""

    name = forms.CharField(
        label=_("Name of the laboratory"), max_length=300, help_text=_("As on its accreditation. It is screened like the customer's name.")
    )
    head = forms.CharField(label=_("Head of the laboratory"), max_length=120, required=False)
    accreditation = forms.CharField(
        label=_("Accreditation"), max_length=120, required=False, help_text=_("Body and number, such as CNAS L12345.")
    )
    accredited_until = DayField(label=_("Accredited until"), required=False, help_text=_("The first day on which it no longer holds."))

    def data_object(self) -> LaboratoryData:
        """As the room takes it."""
        return LaboratoryData(**self.cleaned_data)


class ContactForm(forms.Form):
    """A person at the customer."""

    must = frozenset({"phone", "email"})

    name = forms.CharField(label=_("Name"), max_length=120)
    role = forms.CharField(label=_("Function"), max_length=120, required=False)
    phone = forms.CharField(label=_("Telephone"), max_length=40, required=False, help_text=_("Enter this, the mail address, or both."))
    email = forms.CharField(label=_("Mail address"), max_length=254, required=False)

    def data_object(self) -> ContactData:
        """As the room takes it."""
        return ContactData(**self.cleaned_data)


class CustomerPaperForm(forms.Form):
    """A paper of the customer."""

    form_key = forms.CharField(max_length=26, widget=forms.HiddenInput)
    kind = forms.ChoiceField(label=_("Kind"))
    title = forms.CharField(label=_("Title"), max_length=200, help_text=_("By which you find it again, such as: business licence of 2025."))
    issued_on = DayField(label=_("Issued on"))
    good_until = DayField(
        label=_("Good until"),
        required=False,
        help_text=_(
            "The first day on which it is no longer good; empty for one without an end. You are reminded 60, 30 and 7 days before."
        ),
    )
    file = PaperField(label=_("File"))

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        choices = [(code, word.text) for code, word in WORDS["customerpaper"].items()]
        self.fields["kind"].choices = [("", _("Choose a kind")), *choices]  # type: ignore[attr-defined]

    def data_object(self) -> PaperData:
        """As the room takes it, without the file."""
        given = self.cleaned_data
        return PaperData(given["kind"], given["title"], given["issued_on"], given["good_until"])


class GroupForm(forms.Form):
    """Which customer this one belongs under, and which of its sites declarations for that one cover."""

    must = frozenset({"covered"})

    head = forms.ChoiceField(
        label=_("Belongs under"), help_text=_("One of your customers, such as the hospital group that decides for it.")
    )
    covered = forms.MultipleChoiceField(
        label=_("Sites covered"),
        widget=forms.CheckboxSelectMultiple,
        required=False,
        help_text=_("A declaration for the head may name these sites as its place of use. The head is then screened by their names too."),
    )

    def __init__(self, *args: Any, heads: list[tuple[str, str]], sites: list[Site], **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self._sites = {site.key: site for site in sites}
        self.fields["head"].choices = [("", _("Choose a customer")), *heads]  # type: ignore[attr-defined]
        self.fields["covered"].choices = [  # type: ignore[attr-defined]
            (site.key, mark(",").join(part for part in (site.native_name or site.latin_name, site.address) if part)) for site in sites
        ]

    def sites(self) -> list[Site]:
        """The sites that were ticked."""
        return [self._sites[key] for key in self.cleaned_data["covered"]]
