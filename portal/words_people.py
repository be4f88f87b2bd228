"""Words about people: powers to sign, absences, emergency access, who sees prices, who reads tips."""

from django.utils.translation import gettext_lazy as _

from portal.word import Word

# Of an act that two people do together.
_TWO_PEOPLE = {
    "proposed": Word(_("Proposed"), "note", "users"),
    "effective": Word(_("In effect"), "", "check"),
    "voided": Word(_("Voided"), "", "history"),
}
PEOPLE: dict[str, dict[str, Word]] = {
    "power": {
        "waiting": Word(_("Waits to be accepted"), "wait", "clock"),
        "approval": Word(_("Waits for compliance"), "wait", "users"),
        "in_force": Word(_("In force"), "ok", "check-circle"),
        "not_yet": Word(_("Not in force yet"), "wait", "clock"),
        "over": Word(_("Over"), "", "history"),
        "ended": Word(_("Ended"), "stop", "stop"),
        "voided": Word(_("Taken back"), "", "history"),
    },
    "delegation": _TWO_PEOPLE,
    "emergencyaccess": _TWO_PEOPLE,
    "pricesight": _TWO_PEOPLE,
    "tipreader": _TWO_PEOPLE,
    "emergency": {
        "asked": Word(_("Awaiting a second person"), "wait", "users"),
        "open": Word(_("Open"), "stop", "eye"),
        "closed": Word(_("Closed"), "", "history"),
        "voided": Word(_("Not opened"), "", "history"),
        "lapsed": Word(_("Not agreed to in time"), "", "history"),
    },
    "absence": {
        "now": Word(_("Away now"), "wait", "clock"),
        "later": Word(_("To come"), "", "clock"),
    },
}
