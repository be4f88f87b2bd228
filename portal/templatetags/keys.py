"""The keys of a page, said in one way wherever keys.js is loaded: in a line, and whole in the dialog that `?` opens."""

from typing import Any

from django import template
from django.utils.translation import gettext_lazy as _

register = template.Library()

# By what they do: the keys, the word in the line (empty: only in the dialog), the sentence in the dialog. keys.js and `data-key` do it.
KEYS: dict[str, tuple[tuple[str, ...], Any, Any]] = {
    "move": (("j", "k"), _("next, previous"), _("to the next, to the previous one")),
    "open": (("o",), _("open"), _("open it")),
    "next": (("n",), _("the next one"), _("the next one to be looked at")),
    "assign": (("a",), _("assign to me"), _("assign to me")),
    "outcome": (("f", "c", "r"), "", _("clear, confirm, return")),
    "same": (("s", "d", "u"), _("same, not the same, cannot say"), _("the same, not the same, cannot say")),
    "ask": (("q",), _("ask"), _("ask the distributor")),
    "search": (("/",), _("search"), _("search")),
    "send": (("Ctrl", "Enter"), _("submit"), _("send the form")),
}


@register.inclusion_tag("components/key_help.html")
def key_help(*names: str, dock: bool = False, may_decide: bool = True) -> dict[str, Any]:
    """The keys that work on this page, by their names in KEYS; `dock` keeps the line at the foot. Who may not decide is told no key for it."""
    kept = [name for name in names if may_decide or name not in {"assign", "outcome", "ask", "send", "same"}]
    return {"keys": [{"keys": KEYS[name][0], "short": KEYS[name][1], "long": KEYS[name][2]} for name in kept], "dock": dock}
