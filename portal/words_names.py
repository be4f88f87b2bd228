"""Words about names in evidence: group to code to (text, kind, icon), as words.Word takes them."""

from typing import Any

from django.utils.translation import gettext_lazy as _

NAMES: dict[str, dict[str, tuple[Any, str, str]]] = {
    # Whom a name that somebody outside wrote means.
    "reportedname": {
        "waiting": (_("Being compared"), "wait", "clock"),
        "bound": (_("Bound to a party"), "ok", "check"),
        "ask": (_("Is it the same?"), "wait", "eye"),
        "unsure": (_("Nobody can say"), "wait", "alert"),
        "nobody": (_("Nobody on the register"), "note", "missing"),
    },
    "reportedrole": {
        "seller": (_("Seller"), "", "users"),
        "buyer": (_("Buyer"), "", "users"),
        "end_user": (_("End user"), "", "users"),
    },
    "reportedorder": {
        "uses": (_("What stands most often first"), "", "info"),
        "likely": (_("Most alike first"), "", "info"),
        "old": (_("Oldest first"), "", "info"),
        "new": (_("Newest first"), "", "info"),
    },
    "nameanswer": {
        "same": (_("The same"), "note", "check"),
        "different": (_("Not the same"), "", "check"),
        "unsure": (_("Cannot say"), "wait", "eye"),
    },
}
