"""The field for a division of China: a code, or a name in either script; a name that means several is asked back."""

import unicodedata
from typing import Any

from django import forms
from django.utils.translation import gettext as _

from certifications.matching import places_named, prefectures
from portal.templatetags.kit import place_words

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
        typed: str = super().clean(value)
        folded = "".join(unicodedata.normalize("NFKC", typed).split())
        if not typed or (folded.isdecimal() and folded.isascii()):
            return folded
        found = places_named(typed)
        if len(found) == 1:
            return found[0].code
        if not found:
            raise forms.ValidationError(_("No division has this name. Enter its six-digit code, or a name such as 宁波 or Ningbo."))
        shown = "; ".join(f"{place_words(place.code)} {place.code}" for place in found[:MOST])
        raise forms.ValidationError(_("Several divisions have this name; enter the code of one: %(list)s") % {"list": shown})
