"""Headings of columns that sort a list. Renders what portal.lists decided; works as plain links."""

from django import template
from django.utils.html import format_html
from django.utils.safestring import SafeString

from portal.lists import Listed

from .kit import icon

register = template.Library()


@register.simple_tag
def sort_head(listed: Listed, code: str, css: str = "") -> SafeString:
    """The <th> of a column that sorts; says by aria-sort how the table is sorted now, and turns the order round when it is."""
    head = listed.heads[code]
    aria = format_html(' aria-sort="{}"', head.aria) if head.aria else ""
    turned = {"ascending": "up", "descending": "down"}.get(head.aria, "")
    sign = icon("sorted" if turned else "sortable", "s", css=f"sort-{turned}" if turned else "")
    return format_html('<th scope="col" class="{}"{}><a href="{}">{}{}</a></th>', f"sorts {css}".strip(), aria, head.url, head.label, sign)
