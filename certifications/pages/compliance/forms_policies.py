"""Forms of policies. They check shape; what may be recorded is asked of the room below."""

from typing import Any

from django import forms
from django.utils.translation import gettext_lazy as _

from certifications.catalogue.models_policies import Policy
from certifications.catalogue.rules_policies import EFFECTS, END_USERS, LEVELS, MOST_TITLE, PolicyData
from portal.forms import DayField
from portal.words import word_for

from .forms_catalogue import ExplainedForm
from .forms_clauses import ScopeFields


class PolicyForm(ScopeFields, ExplainedForm):
    """A policy: of whom it asks what, from when to when."""

    must = frozenset({"lines", "countries", "divisions", "classes", "explanation"})

    title = forms.CharField(label=_("Policy"), max_length=MOST_TITLE, help_text=_("In a few words; whoever decides a case reads them."))
    effect = forms.ChoiceField(label=_("It asks for"))
    level = forms.ChoiceField(label=_("Least that will do"), required=False, help_text=_("Only where it asks for the end user's own word."))
    classes = forms.MultipleChoiceField(
        label=_("Kinds of end users"),
        widget=forms.CheckboxSelectMultiple(attrs={"class": "many"}),
        required=False,
        help_text=_("As their names say, in any script. None chosen: every end user."),
    )
    from_date = DayField(label=_("First day"))
    until = DayField(label=_("First day after it"), required=False, help_text=_("Empty: until two people end it."))
    replaces = forms.ChoiceField(label=_("In place of"), required=False, help_text=_("It ends as this one begins."))
    field_order = (
        "title", "effect", "level", "lines", "countries", "divisions", "classes", "from_date", "until", "replaces", "explanation",
    )  # fmt: skip

    def __init__(self, *args: Any, held: list[Policy], **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        choices: dict[str, list[tuple[str, Any]]] = {
            "effect": [("", _("Choose")), *((code, word_for("policyeffect", code).text) for code in EFFECTS)],
            "level": [("", _("None")), *((code, word_for("assurance", code).text) for code in LEVELS)],
            "classes": [(code, word_for("enduserclass", code).text) for code in END_USERS],
            "replaces": [("", _("None")), *((policy.number, str(policy)) for policy in held)],
        }
        for name, offered in choices.items():
            self.fields[name].choices = offered  # type: ignore[attr-defined]
        # A dry run needs no reason yet.
        self.fields["explanation"].required = False

    def data_given(self) -> PolicyData:
        """The policy as typed."""
        given = self.cleaned_data
        names = ("title", "effect", "level", "from_date", "until", "replaces")
        return PolicyData(scope=self.scope(), classes=tuple(given["classes"]), **{name: given[name] for name in names})


class PolicyEndForm(ExplainedForm):
    """The end of a policy."""

    until = DayField(label=_("No longer from"), help_text=_("The first day on which it no longer holds."))
    field_order = ("until", "explanation")
