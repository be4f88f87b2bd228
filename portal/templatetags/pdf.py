"""Filters of the printed documents."""

import unicodedata
from typing import Any

from django import template
from django.utils.html import format_html
from django.utils.safestring import SafeString

register = template.Library()
_LANGUAGES = (("CJK", "zh-Hans", "zh", "ltr"), ("ARABIC", "ug", "arab", "rtl"), ("TIBETAN", "bo", "tibt", "ltr"))


@register.filter
def language_attributes(text: str) -> SafeString:
    """lang, dir and class for a run of text, by the script most of its letters are in."""
    counts = {start: 0 for start, *_ in _LANGUAGES}
    letters = 0
    for character in str(text):
        if character.isalpha():
            letters += 1
            name = unicodedata.name(character, "")
            for start in counts:
                counts[start] += name.startswith(start)
    for start, lang, css, direction in _LANGUAGES:
        if letters and counts[start] * 2 >= letters:
            return format_html('lang="{}" dir="{}" class="{}"', lang, direction, css)
    return format_html('lang="{}"', "en")


# Whoever is on the way of the goods, in both languages of a document.
ROLES = {
    "purchaser": ("Purchaser", "购买方"),
    "consignee": ("Intermediate consignee", "中间收货人"),
    "final": ("Final consignee", "最终收货人"),
    "forwarder": ("Forwarder", "货运代理"),
}


@register.filter
def role_words(role: str, language: str) -> str:
    """What a party is on the way of the goods; the bare role where the table lacks it."""
    return ROLES.get(role, (role, role))[language == "zh"]


@register.filter
def clause_items(clauses: dict[str, Any]) -> list[Any]:
    """The clauses of a set; a template would take `.items` for the method of the dictionary."""
    items: list[Any] = clauses["items"]
    return items
