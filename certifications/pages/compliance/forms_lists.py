"""How lists of the register are searched, narrowed and sorted."""

from django import forms
from django.db.models import Case, Value, When
from django.utils.translation import gettext_lazy as _

from certifications.parties.models_resellers import Nomination
from portal.forms import DayField
from portal.lists import ListForm, Sort
from portal.words import word_for

# What waits for compliance stands first.
TURN = ("accepted", "open", "approved", "refused", "withdrawn")


def _in_turn() -> Case:
    return Case(*(When(status=status, then=Value(place)) for place, status in enumerate(TURN)), default=Value(len(TURN)))


class NominationsForm(ListForm):
    """Resellers that distributors nominated."""

    sorts = (
        Sort("state", _("State"), _in_turn),
        Sort("by", _("Nominated by"), "organisation__name"),
        Sort("nominated", _("Nominated"), "nominated_at", is_down=True),
    )
    default = "state"

    state = forms.ChoiceField(label=_("State"), required=False)
    since = DayField(label=_("Nominated from"), required=False)
    until = DayField(label=_("Nominated until"), required=False)

    def choose(self) -> None:
        self.fields["q"].label = _("Number, reseller or distributor")
        self.choices("state", [(status, word_for("nomination", status).text) for status in Nomination.Status.values])
