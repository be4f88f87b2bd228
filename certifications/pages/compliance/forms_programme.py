"""The first day of a distributor's product line, as proposed."""

from typing import Any

from django import forms
from django.utils.translation import gettext_lazy as _

from certifications.pages.rights import line_choices
from certifications.programme.queries import distributors
from portal.forms import DayField

from .forms_catalogue import ExplainedForm


class StartForm(ExplainedForm):
    """Whose line begins when."""

    organisation = forms.ChoiceField(label=_("Distributor"))
    line = forms.ChoiceField(label=_("Product line"))
    starts_on = DayField(
        label=_("First day"), help_text=_("Sales from this day on are held to the register and the declarations; earlier ones are counted.")
    )
    field_order = ("organisation", "line", "starts_on", "explanation")

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["organisation"].choices = [("", _("Choose a distributor")), *((o.pk, o.name) for o in distributors())]  # type: ignore[attr-defined]
        self.fields["line"].choices = [("", _("Choose a line")), *line_choices()]  # type: ignore[attr-defined]
        # A dry run needs no reason yet.
        self.fields["explanation"].required = False
        self.fields["explanation"].min_length = None  # type: ignore[attr-defined]
