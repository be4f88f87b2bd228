"""Forms of the questionnaire: one question of its draft, and whether incomplete answers hold a signature."""

from typing import Any

from django import forms
from django.utils.translation import gettext_lazy as _

from certifications.catalogue.rules_policies import END_USERS
from certifications.catalogue.rules_questions import KINDS, MOST_TEXT, QuestionData
from certifications.pages.rights import line_choices
from portal.countries import COUNTRIES
from portal.words import word_for


class ChoicesField(forms.CharField):
    """Answers to choose from, one a line, English | Chinese; cleans to pairs."""

    widget = forms.Textarea(attrs={"rows": 4, "spellcheck": "false"})

    def prepare_value(self, value: Any) -> Any:
        return "\n".join(f"{en} | {zh}" for en, zh in value) if isinstance(value, (list, tuple)) else value

    def clean(self, value: Any) -> tuple[tuple[str, str], ...]:  # type: ignore[override]
        rows = [line.replace("｜", "|").partition("|") for line in super().clean(value).splitlines() if line.strip()]
        return tuple((en.strip(), zh.strip()) for en, _bar, zh in rows)


class QuestionForm(forms.Form):
    """One question, how it is answered, and of whom it is asked."""

    must = frozenset({"classes", "countries", "lines"})

    text = forms.CharField(label=_("Question in English"), max_length=MOST_TEXT, widget=forms.Textarea(attrs={"rows": 2}))
    text_zh = forms.CharField(label=_("Question in Chinese"), max_length=MOST_TEXT, widget=forms.Textarea(attrs={"rows": 2}))
    kind = forms.ChoiceField(label=_("Answered by"))
    choices = ChoicesField(
        label=_("Answers to choose from"),
        required=False,
        max_length=4000,
        help_text=_("Only for a choice: one a line, in both languages, such as: Own use | 自用"),
    )
    required = forms.BooleanField(label=_("Must be answered"), required=False, initial=True)
    follows = forms.TypedChoiceField(label=_("Asked only when this question"), required=False, coerce=int, empty_value=0)
    follows_value = forms.CharField(
        label=_("is answered"), required=False, max_length=MOST_TEXT, help_text=_("yes, no, or the English words of one of its answers.")
    )
    classes = forms.MultipleChoiceField(
        label=_("Asked of these kinds of end users"),
        widget=forms.CheckboxSelectMultiple(attrs={"class": "many"}),
        required=False,
        help_text=_("As their names say, in any script. None chosen: of every one."),
    )
    countries = forms.MultipleChoiceField(
        label=_("Asked of customers in"),
        widget=forms.CheckboxSelectMultiple(attrs={"class": "many"}),
        required=False,
        choices=list(COUNTRIES.items()),
        help_text=_("None chosen: every country."),
    )
    lines = forms.MultipleChoiceField(
        label=_("Asked where these are declared"),
        widget=forms.CheckboxSelectMultiple,
        required=False,
        help_text=_("None chosen: whatever is declared, and before anything is."),
    )

    def __init__(self, *args: Any, before: list[tuple[int, str]], **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        choices: dict[str, list[tuple[Any, Any]]] = {
            "kind": [("", _("Choose")), *((code, word_for("questionkind", code).text) for code in KINDS)],
            "follows": [("", _("Always")), *((number, f"{number}. {text[:90]}") for number, text in before)],
            "classes": [(code, word_for("enduserclass", code).text) for code in END_USERS],
            "lines": line_choices(),
        }
        for name, offered in choices.items():
            self.fields[name].choices = offered  # type: ignore[attr-defined]

    def data_object(self) -> QuestionData:
        """As the room takes it."""
        given = self.cleaned_data
        lists = {name: tuple(given[name]) for name in ("classes", "countries", "lines")}
        names = ("kind", "choices", "required", "follows")
        words = {name: given[name].strip() for name in ("text", "text_zh", "follows_value")}
        return QuestionData(**words, **lists, **{name: given[name] for name in names})


class HoldsForm(forms.Form):
    """Whether incomplete answers hold a signature."""

    holds_signing = forms.BooleanField(label=_("Nothing is signed for a customer while an answer is missing"), required=False)
