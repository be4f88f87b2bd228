"""Places on pages: the fields for divisions of China (a code, or a name in either script; a name that means several is asked
back), and what a right covers, in words.
"""

import re
import unicodedata
from collections.abc import Iterable
from typing import Any

from django import forms
from django.utils.translation import gettext as _

from certifications.ledger.listed import apart, listed
from certifications.matching import places_named, prefectures
from portal.templatetags.kit import place_words, where_words
from portal.words import word_for

MOST = 8


class DivisionInput(forms.TextInput):
    """A text field with the provinces and prefectures to choose from; it needs no script."""

    template_name = "forms/division.html"

    def get_context(self, name: str, value: Any, attrs: dict[str, Any] | None) -> dict[str, Any]:
        context = super().get_context(name, value, attrs)
        context["places"] = prefectures()
        context["widget"]["attrs"]["list"] = f"{context['widget']['attrs'].get('id', name)}_places"
        return context


class DivisionField(forms.CharField):
    """Cleans to six digits. What it cannot read it leaves as typed, for the rules below to name."""

    widget = DivisionInput

    def __init__(self, **kwargs: Any) -> None:
        super().__init__(max_length=60, required=False, **kwargs)

    def clean(self, value: Any) -> str:
        return read_division(super().clean(value))


def read_division(typed: str) -> str:
    """Six digits for a code or a name; digits that are no code stay for the rules below. Raises ValidationError."""
    folded = "".join(unicodedata.normalize("NFKC", typed).split())
    if not typed or (folded.isdecimal() and folded.isascii()):
        return folded
    found = places_named(typed)
    if len(found) == 1:
        return found[0].code
    if not found:
        raise forms.ValidationError(_("No division has this name. Enter its six-digit code, or a name such as 宁波 or Ningbo."))
    shown = apart(f"{place_words(place.code)} {place.code}" for place in found[:MOST])
    raise forms.ValidationError(_("Several divisions have this name; enter the code of one: %(list)s") % {"list": shown})


class DivisionsField(forms.CharField):
    """Several divisions, one a line or with commas between; cleans to a tuple of codes."""

    widget = forms.Textarea(attrs={"rows": 3, "spellcheck": "false"})

    def __init__(self, **kwargs: Any) -> None:
        super().__init__(max_length=4000, required=False, **kwargs)

    def prepare_value(self, value: Any) -> Any:
        return "\n".join(f"{code} {place_words(code)}".strip() for code in value) if isinstance(value, (list, tuple)) else value

    def clean(self, value: Any) -> tuple[str, ...]:  # type: ignore[override]
        typed = super().clean(value)
        parts = [part.strip() for part in re.split(r"[\n;；、]|,(?!\s)|，", typed)]
        return tuple(dict.fromkeys(_first_code(part) or read_division(part) for part in parts if part))


def _first_code(part: str) -> str:
    """The code that a line begins with, as the field itself writes it: 330200 Ningbo, Zhejiang."""
    found = re.match(r"(\d{6})(?=\s|$)", unicodedata.normalize("NFKC", part))
    return found[1] if found else ""


def line_words(lines: Iterable[str]) -> str:
    """Product lines in the page's language."""
    return listed(str(word_for("line", line).text) for line in lines)


def reach_words(row: Any) -> str:
    """Where a right reaches, in the page's language."""
    return where_words(row.countries, row.divisions)
