"""Forms of rules of ownership. They check shape; what may be recorded is asked of the room below."""

from typing import Any

from django import forms
from django.utils.translation import gettext_lazy as _

from certifications.catalogue.models_ownership import OwnershipRule
from certifications.catalogue.rules_ownership import MOST_NAME, MOST_SOURCE, RuleData
from certifications.parties.rules_owners import Chain
from certifications.screening.models import ListSource
from portal.forms import DayField
from portal.words import word_for

from .forms_catalogue import ExplainedForm


class OwnershipRuleForm(ExplainedForm):
    """A rule of ownership: whose listing counts from how many percent, and from when to when."""

    must = frozenset({"explanation"})

    name = forms.CharField(label=_("Rule"), max_length=MOST_NAME, help_text=_("In a few words; whoever decides a case reads them."))
    authority = forms.CharField(label=_("Authority"), max_length=120, help_text=_("Whose rule it is."))
    threshold = forms.DecimalField(label=_("From how many percent"), max_digits=7, decimal_places=4)
    is_aggregated = forms.BooleanField(
        label=_("Shares of several listed owners add up"),
        required=False,
        help_text=_("Otherwise one listed owner alone must hold as much."),
    )
    chain = forms.ChoiceField(label=_("Indirect shares count"))
    lists = forms.MultipleChoiceField(
        label=_("Lists"),
        widget=forms.CheckboxSelectMultiple(attrs={"class": "many"}),
        required=False,
        help_text=_("Whose entries count. None chosen: every list."),
    )
    programmes = forms.CharField(
        label=_("Programmes"),
        widget=forms.Textarea(attrs={"rows": 3, "spellcheck": "false"}),
        required=False,
        max_length=1700,
        help_text=_("Words of the list's own name of the programme, one a line, such as: Entity List. Empty: every entry."),
    )
    from_date = DayField(label=_("First day"), help_text=_("May be over: the law is as it was."))
    until = DayField(
        label=_("First day after it"),
        required=False,
        help_text=_("Empty: until two people end it. A rule that is suspended and comes back is two."),
    )
    replaces = forms.ChoiceField(label=_("In place of"), required=False, help_text=_("It ends as this one begins."))
    source = forms.CharField(label=_("Published in"), max_length=MOST_SOURCE)
    source_link = forms.URLField(label=_("Link"), required=False, max_length=500, assume_scheme="https")
    field_order = (
        "name", "authority", "threshold", "is_aggregated", "chain", "lists", "programmes", "from_date", "until", "replaces", "source", "source_link",
        "explanation",
    )  # fmt: skip

    def __init__(self, *args: Any, held: list[OwnershipRule], **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        choices: dict[str, list[tuple[str, Any]]] = {
            "chain": [("", _("Choose")), *((code.value, word_for("ownerchain", code.value).text) for code in Chain)],
            "lists": [(source.pk, source.title) for source in ListSource.objects.all()],
            "replaces": [("", _("None")), *((rule.number, str(rule)) for rule in held)],
        }
        for name, offered in choices.items():
            self.fields[name].choices = offered  # type: ignore[attr-defined]
        # A dry run needs no reason yet.
        self.fields["explanation"].required = False

    def data_given(self) -> RuleData:
        """The rule as typed."""
        given = self.cleaned_data
        same = ("name", "authority", "threshold", "is_aggregated", "chain", "from_date", "until", "replaces", "source", "source_link")
        words = [line.strip() for line in given["programmes"].splitlines()]
        programmes = tuple(dict.fromkeys(word for word in words if word))
        return RuleData(lists=tuple(given["lists"]), programmes=programmes, **{name: given[name] for name in same})
