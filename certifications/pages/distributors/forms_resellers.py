"""Forms about resellers below a right: nominate one, file a signed paper, take a nomination back."""

from typing import Any

from django import forms
from django.utils.translation import gettext_lazy as _

from certifications.pages.papers import PaperField
from certifications.pages.rights import TermsForm
from portal.forms import DayField


class NominateForm(TermsForm):
    """Whom, below which right, and for what."""

    form_key = forms.CharField(max_length=26, widget=forms.HiddenInput)
    parent = forms.ChoiceField(
        label=_("Below"), help_text=_("A right of yours, or of a reseller below you. Nothing may be wider or longer than it.")
    )
    party = forms.ChoiceField(label=_("Reseller"), help_text=_("One of the resellers among your customers."))

    def __init__(self, *args: Any, parents: list[tuple[str, str]], resellers: list[tuple[str, str]], **kwargs: Any) -> None:
        super().__init__(*args, risks=[], **kwargs)
        self.fields["parent"].choices = [("", _("Choose a right")), *parents]  # type: ignore[attr-defined]
        self.fields["party"].choices = [("", _("Choose a reseller")), *resellers]  # type: ignore[attr-defined]
        self.order_fields(["party", "parent"])
        self.fields["conditions"].label = _("Further conditions")
        self.fields["conditions"].help_text = _("Beside those that are inherited from the right above, which always hold.")


class AcceptedPaperForm(forms.Form):
    """An acceptance signed on paper by a holder without accounts."""

    signed_name = forms.CharField(label=_("Signed by"), max_length=120, help_text=_("Name and position, as on the paper."))
    signed_on = DayField(label=_("Signed on"))
    file = PaperField(label=_("Signed paper"))


class WithdrawForm(forms.Form):
    """Why a nomination is taken back."""

    reason = forms.CharField(label=_("Why"), max_length=500, widget=forms.Textarea(attrs={"rows": 2}))
