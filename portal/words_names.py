"""Words about names in evidence and what waits for confirmation: group to code to (text, kind, icon), as words.Word takes them."""

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
    # What a confirmation would open.
    "wouldopen": {
        "critical": (_("Something critical"), "stop", "alert"),
        "high": (_("Something high"), "stop", "flag"),
        "unknown": (_("Nobody can tell: not readable"), "wait", "alert"),
        "medium": (_("Something medium"), "wait", "flag"),
        "low": (_("Something low"), "", "flag"),
        "info": (_("A remark"), "", "info"),
        "nothing": (_("Nothing"), "", "check"),
    },
    "intakeorder": {
        "grave": (_("The gravest first"), "", "info"),
        "old": (_("Oldest first"), "", "info"),
        "new": (_("Newest first"), "", "info"),
        "sure": (_("The surest reading first"), "", "info"),
    },
    "bulkcheck": {
        "checking": (_("Sample being checked"), "note", "eye"),
        "confirming": (_("Being confirmed"), "wait", "clock"),
        "confirmed": (_("Confirmed by the sample"), "ok", "check"),
        "abandoned": (_("Given up"), "", "history"),
        "undoing": (_("Being taken back"), "wait", "clock"),
        "undone": (_("Taken back"), "", "history"),
    },
    "bulkverdict": {
        "right": (_("Right"), "ok", "check"),
        "wrong": (_("Wrong"), "stop", "x-circle"),
    },
    "bulkoutcome": {
        "confirmed": (_("Confirmed by the sample"), "ok", "check"),
        "grave": (_("Left out: would open something grave"), "stop", "flag"),
        "changed": (_("Left out: changed since it was drawn"), "", "history"),
        "not_whole": (_("Left out: something is missing"), "wait", "alert"),
        "undone": (_("Withdrawn, captured again"), "", "history"),
    },
    "nameanswer": {
        "same": (_("The same"), "note", "check"),
        "different": (_("Not the same"), "", "check"),
        "unsure": (_("Cannot say"), "wait", "eye"),
    },
}
