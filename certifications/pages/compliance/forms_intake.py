"""Forms of confirmation by a sample, and of the limit for it. They check shape; what may be done is asked of the rooms below."""

from decimal import Decimal
from typing import Any

from django import forms
from django.utils.translation import gettext_lazy as _

from certifications.evidence.intake import LEAST_EXPLAINED
from certifications.evidence.rules_intake import LIMITS


class DrawForm(forms.Form):
    """A set of alike documents and the size of its sample."""

    form_key = forms.CharField(max_length=26, widget=forms.HiddenInput)
    alike = forms.ChoiceField(label=_("Documents of one reader, source and template"))
    least_confidence = forms.DecimalField(
        label=_("No field less sure than"),
        min_value=Decimal(0),
        max_value=Decimal(1),
        max_digits=4,
        decimal_places=3,
        help_text=_("Of the reader's own measure, 0 to 1. Less sure documents stay in the queue."),
    )
    sample_size = forms.IntegerField(label=_("Size of the sample"), min_value=1, max_value=2000)

    def __init__(self, *args: Any, groups: list[tuple[str, str]], **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["alike"].choices = groups  # type: ignore[attr-defined]


class LimitForm(forms.Form):
    """How high the upper bound of the error rate may be, in percent."""

    limit = forms.DecimalField(
        label=_("Limit of the error rate, in percent"),
        min_value=LIMITS[0] * 100,
        max_value=LIMITS[1] * 100,
        max_digits=4,
        decimal_places=1,
        help_text=_("The rest of a set is confirmed only where the error rate is at most this with 95 % confidence."),
    )
    reason = forms.CharField(label=_("Why"), min_length=LEAST_EXPLAINED, max_length=300)


class UndoForm(forms.Form):
    """Why a whole act is taken back."""

    reason = forms.CharField(label=_("Why the act is taken back"), min_length=LEAST_EXPLAINED, max_length=300)
