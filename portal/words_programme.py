"""Words about first days: group to code to (text, kind, icon), as words.Word takes them."""

from typing import Any

from django.utils.translation import gettext_lazy as _

PROGRAMME: dict[str, dict[str, tuple[Any, str, str]]] = {
    "programme": {
        "started": (_("Begun"), "ok", "check-circle"),
        "to_come": (_("To come"), "wait", "clock"),
        "not_started": (_("Not started"), "", "pause"),
        "before": (_("Before the first day"), "", "history"),
    },
    "stock": {
        "empty": (_("Not counted"), "", "pause"),
        "open": (_("Not confirmed"), "wait", "clock"),
        "confirmed": (_("Confirmed"), "ok", "check-circle"),
    },
    # Never the words or the icon of an attestation, and never green.
    "oldcertificate": {
        "held": (_("Not attested"), "", "history"),
        "over": (_("Not attested, over"), "", "history"),
        "withdrawn": (_("Not attested, withdrawn"), "", "history"),
    },
    "cutover": {
        "sale": (_("Sales that would be flagged"), "wait", "flag"),
        "order": (_("Orders that wait"), "wait", "clock"),
        "customer": (_("Customers to be seen to"), "note", "users"),
        "stock": (_("Stock not counted or confirmed"), "note", "box"),
        "right": (_("No authorisation"), "stop", "stop"),
    },
}
