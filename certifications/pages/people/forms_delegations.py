"""Forms about powers to sign: put one on record, end one, filter the list."""

from typing import Any

from django import forms
from django.utils.translation import gettext_lazy as _

from certifications.files.rules import MAX_PAPER_MB
from certifications.ledger.listed import mark
from certifications.pages.rights import line_choices
from certifications.people.delegating import PAPERS, DelegationData
from certifications.people.models import User
from certifications.people.powers import KINDS, STANDINGS
from portal.forms import DayField
from portal.words import word_for


class DelegationForm(forms.Form):
    """Who gives which power to whom, by which paper. `paper` names the file that was sent before, when the form came back."""

    must = frozenset({"file"})

    paper = forms.CharField(max_length=26, required=False, widget=forms.HiddenInput)
    delegate = forms.ChoiceField(label=_("Who is to sign"), help_text=_("One of your signatories."))
    delegator_name = forms.CharField(label=_("Who gives the power"), max_length=120, help_text=_("The name as on the paper."))
    delegator_role = forms.CharField(
        label=_("Their function"), max_length=120, help_text=_("By which they may bind the company, such as legal representative.")
    )
    kinds = forms.MultipleChoiceField(label=_("For which acts"), choices=list(KINDS.items()), widget=forms.CheckboxSelectMultiple)
    lines = forms.MultipleChoiceField(
        label=_("Product lines"), required=False, widget=forms.CheckboxSelectMultiple, help_text=_("None chosen means every line.")
    )
    most = forms.DecimalField(
        label=_("Most units of one product in one declaration"),
        required=False,
        max_digits=12,
        decimal_places=2,
        help_text=_("In the product's own unit. Left empty, any quantity."),
    )
    valid_from = DayField(label=_("First day"))
    valid_until = DayField(label=_("First day after it"))
    reason = forms.ChoiceField(label=_("Kind of paper"), choices=list(PAPERS.items()))
    signed_on = DayField(label=_("Day on the paper"))
    explanation = forms.CharField(label=_("Remarks"), max_length=2000, required=False, widget=forms.Textarea(attrs={"rows": 2}))
    file = forms.FileField(
        label=_("The paper"), required=False, help_text=_("PDF, JPEG or PNG, at most 20 MB. It is kept whole, with its hash.")
    )

    def __init__(self, *args: Any, signatories: list[User], **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        people = [(user.pk, f"{user.name}{mark(',')}{user.email}") for user in signatories]
        self.fields["delegate"].choices = [("", _("Choose a person")), *people]  # type: ignore[attr-defined]
        self.fields["lines"].choices = line_choices()  # type: ignore[attr-defined]

    def clean_file(self) -> Any:
        file = self.cleaned_data["file"]
        if file is None and not self.cleaned_data.get("paper"):
            raise forms.ValidationError(_("Choose the file of the paper."))
        if file is not None and file.size and file.size > MAX_PAPER_MB * 1024 * 1024:
            raise forms.ValidationError(
                _("%(name)s is larger than %(limit)d MB. Scan it in fewer colours, or in parts."),
                params={"name": file.name, "limit": MAX_PAPER_MB},
            )
        return file

    def data_given(self) -> DelegationData:
        """The words as the room takes them."""
        data = self.cleaned_data
        return DelegationData(
            delegate_id=data["delegate"],
            delegator_name=data["delegator_name"],
            delegator_role=data["delegator_role"],
            kinds=tuple(data["kinds"]),
            lines=tuple(data["lines"]),
            most=data["most"],
            valid_from=data["valid_from"],
            valid_until=data["valid_until"],
            signed_on=data["signed_on"],
            reason=data["reason"],
            explanation=data["explanation"],
        )


class EndForm(forms.Form):
    """From which day a delegation ends, and why."""

    ended_from = DayField(label=_("No longer from"), help_text=_("Today or later. What was signed before stays signed."))
    reason = forms.CharField(label=_("Why"), max_length=500, widget=forms.Textarea(attrs={"rows": 2}))


class FilterForm(forms.Form):
    """What to look for in the list."""

    must = frozenset({"q", "standing"})

    q = forms.CharField(label=_("Number or name"), max_length=100, required=False)
    standing = forms.ChoiceField(label=_("Standing"), required=False)

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        words = [(word, word_for("power", word).text) for word in STANDINGS]
        self.fields["standing"].choices = [("", _("All")), *words]  # type: ignore[attr-defined]
