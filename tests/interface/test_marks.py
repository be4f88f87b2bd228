"""Marks between two parts of a line are those of the page's language: Chinese has no ASCII comma between its words."""

import re
from pathlib import Path

import pytest
from django.template import Context, Template
from django.utils import translation

ROOT = Path(__file__).resolve().parents[2]
# What is signed holds both languages at once, each with its own marks.
TEMPLATES = sorted(p for p in (ROOT / "templates").rglob("*.*") if p.suffix in {".html", ".txt"} and "pdf" not in p.parts)
# Translated whole, with their marks.
WHOLE = re.compile(r"\{% blocktranslate\b.*?\{% endblocktranslate %\}|\{% comment %\}.*?\{% endcomment %\}|\{#.*?#\}", re.DOTALL)
# An element that is in one language whatever the page's has that language's marks, typed.
OWN = re.compile(r"<(\w+)\b[^>%]*\blang=\"(?:en|zh-Hans)\"[^>%]*>.*?</\1>", re.DOTALL)
TYPED = re.compile(r"(?:\}\}|%\}|</(?:a|b|i|span|code|strong|em)>)[,;:] |>[,;:] (?=\{)|\|join:\"[,;] \"|\"[,;] \"\|join")


def typed(text: str) -> list[str]:
    """Marks that stand in a template between what is translated or shown."""
    return TYPED.findall(OWN.sub("<own>", WHOLE.sub("{%%}", text)))


def foreign(text: str) -> list[str]:
    """Marks of the page's language inside an element that is in one language whatever the page's."""
    return [tag for own in OWN.finditer(text) for tag in re.findall(r"\{% (?:comma|semicolon|colon) %\}|\|(?:listed|apart)\b", own[0])]


@pytest.mark.parametrize("path", TEMPLATES, ids=lambda p: p.relative_to(ROOT / "templates").as_posix())
def test_no_template_types_a_mark_between_two_values(path: Path) -> None:
    assert typed(path.read_text(encoding="utf-8")) == []


@pytest.mark.parametrize("path", TEMPLATES, ids=lambda p: p.relative_to(ROOT / "templates").as_posix())
def test_what_is_in_one_language_has_no_mark_of_another(path: Path) -> None:
    assert foreign(path.read_text(encoding="utf-8")) == []


@pytest.mark.parametrize(
    ("text", "found"),
    [
        ("{{ a }}, {{ b }}", 1),
        ("<b>{% translate 'Withdrawn' %}</b>: {{ why }}", 1),
        ('{{ names|join:"; " }}', 1),
        ("{{ a }}{% comma %}{{ b }}", 0),
        ("{% blocktranslate %}{{ a }}, {{ b }}{% endblocktranslate %}{% semicolon %}c", 0),
        ("{% blocktranslate %}{{ a }}{% endblocktranslate %}, {{ b }}", 1),
        ('<span class="visually-hidden">: {{ a }}</span>', 1),
        ('<span class="visually-hidden">, {% translate "b" %}</span>', 1),
        ('<p lang="en">{{ a }}: {{ b }}</p>', 0),
        ('<b lang="en">{{ a }}</b>, {{ b }}', 1),
    ],
)
def test_a_typed_mark_is_seen(text: str, found: int) -> None:
    assert len(typed(text)) == found


@pytest.mark.parametrize(("language", "line"), [("en", "甲, 乙; 丙: 丁, 戊; 己"), ("zh-hans", "甲，乙；丙：丁、戊；己")])
def test_the_marks_are_those_of_the_language(language: str, line: str) -> None:
    text = "{% load kit %}甲{% comma %}乙{% semicolon %}丙{% colon %}{{ d|listed }}{% semicolon %}{{ e|apart }}"
    with translation.override(language):
        shown = Template(text).render(Context({"d": ["丁", "戊"], "e": ["己"]}))
        several = Template("{% load kit %}{{ d|apart }}").render(Context({"d": ["丁", "戊"]}))
    assert shown == line
    assert several == {"en": "丁; 戊", "zh-hans": "丁；戊"}[language]
