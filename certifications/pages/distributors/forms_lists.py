"""How a distributor's lists are searched, narrowed and sorted. What a filter means is asked of the rooms below."""

from django import forms
from django.utils.translation import get_language
from django.utils.translation import gettext_lazy as _

from certifications.attestations.rules import STANDINGS
from certifications.declarations.models import DeclarationVersion, by_stage
from certifications.parties.models import Party
from certifications.programme.queries import CERTIFICATE_WORDS
from portal.forms import DayField
from portal.lists import ListForm, Sort
from portal.words import word_for

from .filing import SHOWN

CUSTOMER_KINDS = (Party.Kind.END_USER, Party.Kind.RESELLER, Party.Kind.CONSIGNEE)


def name_order(prefix: str = "") -> str:
    """The field by which customers stand in the order of the names that the page shows."""
    return f"{prefix}native_order" if (get_language() or "").startswith("zh") else f"{prefix}latin_order"


class CustomersForm(ListForm):
    """Customers. A hit and a wait are one word here as everywhere a distributor looks."""

    sorts = (
        Sort("name", _("Name"), name_order),
        Sort("registered", _("Registered"), "registered_at", is_down=True),
    )
    default = "-registered"

    kind = forms.ChoiceField(label=_("Kind"), required=False)
    screened = forms.ChoiceField(label=_("Screening"), required=False)
    since = DayField(label=_("Registered from"), required=False)
    until = DayField(label=_("Registered until"), required=False)

    def choose(self) -> None:
        self.fields["q"].label = _("Name or code")
        self.choices("kind", [(kind, word_for("partykind", kind).text) for kind in CUSTOMER_KINDS])
        self.choices("screened", [(word, word_for("party", word).text) for word in ("clear", "waiting")])


class DeclarationsForm(ListForm):
    """Declarations: narrowed by the word that their row shows, sorted by their stage."""

    sorts = (
        # Numbers are given out at random: whoever looks for the newest asks for the day.
        Sort("prepared", _("Prepared"), "created_at", is_down=True),
        Sort("name", _("End user"), lambda: name_order("customer__")),
        # A row shows one word for several stages, and another where a question is open: the order is that of the stages.
        Sort("stage", _("Stage"), by_stage),
    )
    default = "-prepared"

    status = forms.ChoiceField(label=_("Status"), required=False)
    kind = forms.ChoiceField(label=_("Kind"), required=False)
    since = DayField(label=_("Prepared from"), required=False)
    until = DayField(label=_("Prepared until"), required=False)

    def choose(self) -> None:
        self.fields["q"].label = _("Number or end user")
        words = [(word, word_for("filing", word).text) for word in SHOWN]
        self.choices("status", [("waiting", _("With compliance")), *words])
        self.choices("kind", [(kind, word_for("kind", kind).text) for kind in DeclarationVersion.Kind.values])


class CertificatesForm(ListForm):
    """Certificates from before the programme, by the word that their row shows."""

    sorts = (
        Sort("dated", _("Dated"), "dated_on", is_down=True),
        # The number that its issuer gave it: no number of ours.
        Sort("number", _("Number"), "number"),
        Sort("name", _("End user"), lambda: name_order("customer__")),
        Sort("until", _("Until"), "valid_until"),
    )
    default = "-dated"

    state = forms.ChoiceField(label=_("Status"), required=False)
    since = DayField(label=_("Dated from"), required=False)
    until = DayField(label=_("Dated until"), required=False)

    def choose(self) -> None:
        self.fields["q"].label = _("Number, issuer, end user or goods")
        self.choices("state", [(word, word_for("oldcertificate", word).text) for word in CERTIFICATE_WORDS])


class AttestationsForm(ListForm):
    """Attestations, as they stand today."""

    sorts = (
        Sort("issued", _("Issued"), "released_at", is_down=True),
        Sort("name", _("End user"), lambda: name_order("declaration__customer__")),
        Sort("until", _("Valid until"), "valid_until"),
    )
    default = "-issued"

    status = forms.ChoiceField(label=_("Status"), required=False)
    soon = forms.ChoiceField(label=_("Ends"), required=False)

    def choose(self) -> None:
        self.fields["q"].label = _("Number or end user")
        self.choices("status", [(word, word_for("attestation", word).text) for word in STANDINGS[:-1]])
        self.choices("soon", [("1", _("within 60 days"))])
