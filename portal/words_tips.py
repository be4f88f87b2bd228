"""Words about tips: what became of one, and what happened to it."""

from typing import Any

from django.utils.translation import gettext_lazy as _

from portal.word import Word

TIPS: dict[str, dict[str, Word]] = {
    "tip": {
        "waiting": Word(_("Received"), "note", "clock"),
        "open": Word(_("Being worked on"), "wait", "eye"),
        "closed": Word(_("Closed"), "", "check"),
        "erased": Word(_("Erased"), "", "history"),
    },
    "tip_outcome": {
        "evidence": Word(_("Became evidence"), "", "check"),
        "no_use": Word(_("Nothing came of it"), "", "missing"),
        "spam": Word(_("Spam"), "", "stop"),
    },
}
TIP_EVENTS: dict[str, Any] = {
    "tip.received": _("A tip came on an earlier day"),
    "tip.answered": _("An answer came on an earlier day"),
    "tip.asked": _("Asked back"),
    "tip.open": _("Taken up"),
    "tip.closed": _("Closed"),
    "tip.captured": _("Evidence captured from it"),
    "tip.erased": _("Erased: words, files, messages"),
    "read.tip": _("Opened"),
    "read.tip_file": _("A file was taken"),
    "tipreader.proposed": _("Who reads tips: somebody was proposed"),
    "tipreader.agreed": _("Who reads tips: named by two people"),
    "tipreader.voided": _("Who reads tips: the proposal was withdrawn"),
}
