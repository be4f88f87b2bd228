"""The portal's template vocabulary: icons, pills, numbers, times, hashes, runs of another script.

Renders words that others decided; it must not know a rule, a query or a permission. See docs/interface-kit.md.
"""

import datetime as dt
import math
import re
from collections.abc import Iterable, Iterator
from decimal import Decimal
from functools import partial
from typing import Any

from django import template
from django.templatetags.static import static
from django.utils import timezone
from django.utils.formats import date_format
from django.utils.html import format_html, format_html_join
from django.utils.safestring import SafeString
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from certifications.ledger.listed import apart, in_chinese, listed, mark
from certifications.matching import place_of, province_of
from portal.countries import COUNTRIES, FURTHER
from portal.words import word_for

register = template.Library()

NARROW = "\u202f"
NO_BREAK = "\u00a0"
KINDS = frozenset({"", "ok", "wait", "stop", "note"})

# Scripts that need their own lang (WCAG 3.1.2), and the direction of those that run right to left.
_RUN = re.compile(
    r"(?P<han>[\u2e80-\u2fdf\u3005-\u3007\u3400-\u4dbf\u4e00-\u9fff\uf900-\ufaff\U00020000-\U000323af]"
    r"(?:[\u2e80-\u2fdf\u3001-\u303f\u3400-\u9fff\uf900-\ufaff\uff00-\uffef\U00020000-\U000323af·]*))"
    r"|(?P<arabic>[\u0600-\u06ff\u0750-\u077f\ufb50-\ufdff\ufe70-\ufeff](?:[\s\u0600-\u06ff\u0750-\u077f\ufb50-\ufdff\ufe70-\ufeff]*[\u0600-\u06ff\u0750-\u077f\ufb50-\ufdff\ufe70-\ufeff])?)"
    r"|(?P<tibetan>[\u0f00-\u0fff](?:[\s\u0f00-\u0fff]*[\u0f00-\u0fff])?)"
)
_DAY = re.compile(r"(\d{4}-\d\d-\d\d)( \d\d:\d\d UTC)?")
_LANG = {"han": ("zh-Hans", ""), "arabic": ("ug", "rtl"), "tibetan": ("bo", "")}


@register.simple_tag
def icon(name: str, size: str = "", css: str = "", label: str = "") -> SafeString:
    """An icon of icons.svg. Without `label` it is decoration and hidden from readers; size is "", s or l."""
    classes = " ".join(part for part in ("icon", f"icon-{size}" if size else "", css) if part)
    href = f"{static('portal/icons.svg')}#{name}"
    if label:
        return format_html('<svg class="{}" role="img" aria-label="{}"><use href="{}"/></svg>', classes, label, href)
    return format_html('<svg class="{}" aria-hidden="true"><use href="{}"/></svg>', classes, href)


@register.simple_tag
def pill(text: Any, kind: str = "", icon_name: str = "") -> SafeString:
    """A word in a bordered pill. kind: ok, wait, stop, note, or "" for a plain fact."""
    if kind not in KINDS:
        raise ValueError(f"pill kind {kind!r} is none of {sorted(KINDS)}")
    symbol = icon(icon_name) if icon_name else ""
    return format_html('<span class="{}">{}{}</span>', f"pill is-{kind}" if kind else "pill", symbol, text)


@register.simple_tag
def status(thing: Any, value: str | None = None) -> SafeString:
    """The pill of a model's status, `{% status declaration %}`, or of a value, `{% status "party" "clear" %}`."""
    if isinstance(thing, str):
        group, found = thing, str(value or "")
    else:
        group = thing._meta.model_name
        # An attestation's own status does not know the calendar; its standing does.
        judged = getattr(getattr(thing, "standing", None), "word", "")
        found = str(value or judged or getattr(thing, "status", None) or getattr(thing, "state", ""))
    word = word_for(group, found)
    return pill(word.text, word.kind, word.icon)


@register.simple_tag
def result(value: str) -> SafeString:
    """Match, similar, conflict or missing: icon and word, for the last column of an evidence table."""
    word = word_for("result", value)
    return format_html('<span class="verd {}">{}{}</span>', f"t-{word.kind}" if word.kind else "quiet", icon(word.icon, "s"), word.text)


@register.filter
def word(value: str, group: str) -> Any:
    """The bare word of a status, for sentences: `{{ case.status|word:"case" }}`."""
    return word_for(group, str(value)).text


def _own(thing: Any, name: str) -> str:
    found = thing.get(name, "") if isinstance(thing, dict) else getattr(thing, name, "")
    return str(found or "")


@register.filter
def local(thing: Any, name: str) -> str:
    """What a thing is called in the page's language: `{{ product|local:"name" }}` takes name_zh on Chinese pages."""
    return (in_chinese() and _own(thing, f"{name}_zh")) or _own(thing, name)


@register.filter
def said(bilingual: dict[str, str]) -> str:
    """A statement in both languages of a document, in the page's own: {en, zh}."""
    return (in_chinese() and bilingual.get("zh", "")) or bilingual.get("en", "")


@register.filter
def main_name(party: Any) -> str:
    """The name that a party goes by in the page's language: its own script's on Chinese pages, else the Latin one."""
    names = (_own(party, "native"), _own(party, "latin"))
    first, second = names if in_chinese() else names[::-1]
    return first or second


@register.filter
def other_name(party: Any) -> str:
    """The other of the two names, where there are two."""
    names = {_own(party, "native"), _own(party, "latin")} - {"", main_name(party)}
    return next(iter(names), "")


def place_words(code: str) -> str:
    """A division and its province in the page's language: Ningbo, Zhejiang; 浙江省宁波市. Empty for an unknown code."""
    place, province = place_of(code), province_of(code)
    if place is None:
        return ""
    if province is None or province == place:
        return place.name if in_chinese() else place.latin
    return f"{province.name}{place.name}" if in_chinese() else f"{place.latin}, {province.latin}"


def where_words(countries: Iterable[str], divisions: Iterable[str]) -> str:
    """Countries and divisions by name; divisions say more than China does, and nothing of other countries."""
    places = sorted(divisions)
    named = [str(COUNTRIES.get(code, code)) for code in sorted(countries) if code != "CN" or not places]
    return listed([*named, *(place_words(code) or code for code in places)])


register.filter("listed", listed)
register.filter("apart", apart)
# Between two parts of a line, as the language of the page sets them.
register.simple_tag(partial(mark, ","), name="comma")
register.simple_tag(partial(mark, ";"), name="semicolon")
register.simple_tag(partial(mark, ":"), name="colon")


def territory_words(lines: Iterable[str], countries: Iterable[str], divisions: Iterable[str]) -> str:
    """What an authorisation reaches, in the page's language: "Sequencers, Kits in Zhejiang"."""
    goods = listed(str(word_for("line", line).text) for line in lines)
    where = where_words(countries, divisions)
    return _("%(lines)s in %(where)s") % {"lines": goods, "where": where} if goods and where else goods or where


@register.filter
def division(code: Any) -> SafeString:
    """A division by name, with its code beside it; a bare code where the table lacks it."""
    text = str(code or "")
    named = place_words(text) if text else ""
    return format_html('{} <span class="id quiet">{}</span>', named, text) if named else format_html("{}", text)


@register.filter
def country(code: str) -> Any:
    """A country by name; its code where the portal has no name for it."""
    return COUNTRIES.get(code) or FURTHER.get(code, code)


@register.filter
def num(value: Any) -> str:
    """A number with a narrow no-break space between thousands; a Decimal keeps its places without empty ones."""
    if value is None or value == "":
        return ""
    number = value if isinstance(value, Decimal) else Decimal(str(value))
    text = f"{number:f}"
    if "." in text:
        text = text.rstrip("0").rstrip(".")
    sign, text = ("\u2212", text[1:]) if text.startswith("-") else ("", text)
    whole, dot, rest = text.partition(".")
    if len(whole) > 4:  # a number of four digits reads as one, and as a year it must
        whole = f"{int(whole):,}".replace(",", NARROW)
    return f"{sign}{whole}{dot}{rest}"


@register.filter
def percent(value: Any) -> str:
    """A share between 0 and 1 as a whole percentage, no-break space before the sign."""
    return f"{round(Decimal(str(value)) * 100)}{NO_BREAK}%"


@register.filter(name="hash")
def hash_groups(value: str) -> SafeString:
    """A SHA-256 as eight groups of eight, readable aloud and copied whole."""
    groups = ((value[i : i + 8],) for i in range(0, len(value), 8))
    return format_html('<span class="hash">{}</span>', format_html_join("", "<span>{}</span>", groups))


@register.filter
def short_hash(value: str) -> SafeString:
    """The first and last eight digits, the whole in the title."""
    return format_html('<span class="id" title="{}">{}…{}</span>', value, value[:8], value[-6:])


def _zone(moment: dt.datetime) -> str:
    """The zone as a person writes it: UTC, UTC+8, UTC−3:30."""
    offset = moment.utcoffset() or dt.timedelta()
    minutes = int(offset.total_seconds() // 60)
    if not minutes:
        return "UTC"
    hours, rest = divmod(abs(minutes), 60)
    return f"UTC{'+' if minutes > 0 else '−'}{hours}{f':{rest:02d}' if rest else ''}"


@register.simple_tag
def when(moment: dt.date | None, style: str = "", empty: str = "") -> SafeString | str:
    """A time with its zone, or a date. style: "" (to the minute), exact (seconds), short, day."""
    if moment is None:
        return empty
    if not isinstance(moment, dt.datetime):
        return format_html('<time datetime="{}">{}</time>', moment.isoformat(), date_format(moment, "DATE_FORMAT"))
    local = timezone.localtime(moment)
    between = " " if in_chinese() else ", "
    if style == "day":
        text = date_format(local, "DATE_FORMAT")
    elif style == "short":
        text = f"{date_format(local, 'MONTH_DAY_FORMAT')}{between}{local:%H:%M} {_zone(local)}"
    else:
        clock_format = "%H:%M:%S" if style == "exact" else "%H:%M"
        text = f"{date_format(local, 'DATE_FORMAT')}{between}{local.strftime(clock_format)} {_zone(local)}"
    return format_html('<time datetime="{}">{}</time>', local.isoformat(timespec="seconds"), text)


@register.filter
def day(text: Any) -> str:
    """A day that is kept as text, 2026-11-27, as the page's language writes it; what is no such text as it is."""
    found = _DAY.fullmatch(str(text))
    return date_format(dt.date.fromisoformat(found[1]), "DATE_FORMAT") + (found[2] or "") if found else str(text)


def left_words(seconds: float) -> str:
    """How long is left or how late it is, in words."""
    late, span = seconds < 0, abs(seconds)
    if span >= 48 * 3600:
        days = int(span // 86400)
        return (ngettext("%(n)d day late", "%(n)d days late", days) if late else ngettext("%(n)d day left", "%(n)d days left", days)) % {
            "n": days
        }
    if span >= 3600:
        hours = int(span // 3600)
        return (ngettext("%(n)d h late", "%(n)d h late", hours) if late else ngettext("%(n)d h left", "%(n)d h left", hours)) % {"n": hours}
    minutes = int(span // 60)
    return (ngettext("%(n)d min late", "%(n)d min late", minutes) if late else ngettext("%(n)d min left", "%(n)d min left", minutes)) % {
        "n": minutes
    }


@register.simple_tag
def clock(due: dt.datetime | None, since: dt.datetime | None = None, paused: bool = False) -> SafeString:
    """A ring and words: how long is left until `due`. The ring fills from `since` (one week before when unknown)."""
    around = 2 * math.pi * 7
    if paused or due is None:
        text, css, share = (_("Paused") if paused else _("No date")), "clock", 0.0
    else:
        left = (due - timezone.now()).total_seconds()
        whole = (due - since).total_seconds() if since else 7 * 86400
        share = 1.0 if left <= 0 or whole <= 0 else max(0.0, min(1.0, 1 - left / whole))
        css = "clock late" if left < 0 else "clock soon" if left < 8 * 3600 else "clock"
        text = left_words(left)
    ring = format_html(
        '<svg viewBox="0 0 18 18" aria-hidden="true"><circle class="clock-track" cx="9" cy="9" r="7"/>'
        '<circle class="clock-run" cx="9" cy="9" r="7" stroke-dasharray="{} {}" transform="rotate(-90 9 9)"/></svg>',
        f"{share * around:.1f}",
        f"{around:.1f}",
    )
    return format_html('<span class="{}">{}{}</span>', css, ring, text)


def _runs(text: str) -> Iterator[tuple[str, str, str]]:
    """Split into (text, lang, dir); lang is empty for what needs none."""
    at = 0
    for found in _RUN.finditer(text):
        if found.start() > at:
            yield text[at : found.start()], "", ""
        lang, direction = _LANG[found.lastgroup or "han"]
        yield found.group(), lang, direction
        at = found.end()
    if at < len(text):
        yield text[at:], "", ""


@register.filter
def lang(value: Any) -> SafeString:
    """Escape, and give each run of Chinese, Uyghur or Tibetan its own lang (and direction): `{{ name|lang }}`.

    What a field or a tag has rendered already is left alone.
    """
    whole = str(value if value is not None else "")
    if isinstance(whole, SafeString):
        return whole
    parts = []
    for text, code, direction in _runs(whole):
        if direction:
            parts.append(format_html('<span lang="{}" dir="{}">{}</span>', code, direction, text))
        elif code:
            parts.append(format_html('<span lang="{}">{}</span>', code, text))
        else:
            parts.append(format_html("{}", text))
    return format_html_join("", "{}", ((part,) for part in parts))


@register.filter
def lang_of(value: Any) -> str:
    """The language tag of the first foreign run, for an element that holds nothing else: `lang="{{ n|lang_of }}"`."""
    return next((code for _text, code, _dir in _runs(str(value or "")) if code), "")


@register.filter
def marked(value: Any, other: Any) -> SafeString:
    """The value with the characters that differ from `other` in <mark>; common prefix and suffix stay plain."""
    text, against = str(value or ""), str(other or "")
    if not text or not against or text == against:
        return lang(text)
    start = 0
    while start < min(len(text), len(against)) and text[start] == against[start]:
        start += 1
    end = 0
    while end < min(len(text), len(against)) - start and text[-1 - end] == against[-1 - end]:
        end += 1
    middle = text[start : len(text) - end]
    if not middle:
        return lang(text)
    return format_html("{}<mark>{}</mark>{}", lang(text[:start]), lang(middle), lang(text[len(text) - end :] if end else ""))


_BROWSERS = (("Edg/", "Edge"), ("OPR/", "Opera"), ("Firefox/", "Firefox"), ("Chrome/", "Chrome"), ("Safari/", "Safari"))
_SYSTEMS = (("Windows", "Windows"), ("Android", "Android"), ("iPhone", "iPhone"), ("iPad", "iPad"), ("Mac OS", "macOS"), ("Linux", "Linux"))


@register.filter
def browser(agent: str) -> str:
    """A browser's own description in two words: Firefox, Linux."""
    words = [next((word for sign, word in table if sign in str(agent)), "") for table in (_BROWSERS, _SYSTEMS)]
    return listed(word for word in words if word) or _("Not stated")


@register.inclusion_tag("components/score.html")
def waterfall(pieces: list[Any], total: Any, threshold: Any = None, clears: str = "") -> dict[str, Any]:
    """The score: number, sentence, and a bar for each (label, value) that starts where the last one ended."""
    from portal.pictures import waterfall_of  # noqa: PLC0415 - keeps drawing out of this module

    return {"picture": waterfall_of(pieces, total, threshold), "clears": clears}


@register.inclusion_tag("components/error_summary.html")
def error_summary(*forms: Any) -> dict[str, Any]:
    """Every error of the given forms and formsets, for the top of the page; nothing when there is none.

    A form says in `of` whose a field is ({name: whose}), where a page has several fields of one label.
    """
    problems: list[dict[str, str]] = []
    for form in forms:
        if not form:
            continue
        for each in getattr(form, "forms", [form]):
            problems += _problems_of(each)
        if hasattr(form, "non_form_errors"):
            problems += [{"id": "", "label": "", "text": str(error)} for error in form.non_form_errors()]
    return {"problems": problems}


def _problems_of(form: Any) -> Iterator[dict[str, str]]:
    if not form.is_bound:
        return
    for error in form.non_field_errors():
        yield {"id": "", "label": "", "text": str(error)}
    for name in form.errors:
        if name not in form.fields:
            continue
        field = form[name]
        for error in field.errors:
            yield {
                "id": getattr(field, "focus_id", field.auto_id),
                "of": getattr(form, "of", {}).get(name, ""),
                "label": str(field.label or ""),
                "text": str(error),
            }


@register.simple_tag
def field(bound: Any, css: str = "", help: Any = None) -> SafeString:  # noqa: A002 - the template's word
    """A field group (label, hint, error, control); `css` adds classes to the control, `help` replaces the hint."""
    if css and css not in bound.field.widget.attrs.get("class", ""):
        bound.field.widget.attrs["class"] = f"{bound.field.widget.attrs.get('class', '')} {css}".strip()
    if help is not None:
        bound.help_text = help
    rendered: SafeString = bound.as_field_group()
    return rendered
