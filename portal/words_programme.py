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
        "unfiled": (_("Not attested, paper to be filed"), "", "file"),
        "over": (_("Not attested, over"), "", "history"),
        "withdrawn": (_("Not attested, withdrawn"), "", "history"),
    },
    "salesreport": {
        "overdue": (_("Overdue"), "stop", "alert"),
        "due": (_("Due soon"), "wait", "clock"),
        "open": (_("Owed"), "wait", "clock"),
        "reported": (_("Reported"), "ok", "check-circle"),
        "nothing": (_("Nothing sold"), "", "check"),
    },
    "movement": {
        "sale": (_("Sale"), "", "arrow"),
        "return": (_("Return"), "note", "history"),
        "transfer": (_("Transfer"), "note", "users"),
        "sample": (_("Sample"), "", "box"),
        "loan": (_("Loan"), "note", "clock"),
        "rma": (_("RMA"), "note", "history"),
        "receipt": (_("Transfer received"), "note", "users"),
        "sell_in": (_("Shipment to a distributor"), "", "arrow"),
        "sell_back": (_("Return from a distributor"), "note", "history"),
    },
    # What is reported of one unit or lot.
    "unit": {
        "activation": (_("Activation"), "", "check"),
        "service": (_("Service visit"), "", "eye"),
        "parts": (_("Parts order"), "", "box"),
        "stock": (_("Opening stock"), "", "box"),
        "evidence": (_("Notice"), "note", "file"),
    },
    "movementstanding": {
        "counts": (_("Counts"), "", "check"),
        "taken_back": (_("Taken back"), "", "history"),
        "all": (_("Counted and taken back"), "", "filter"),
    },
    "cutover": {
        "sale": (_("Sales that would be flagged"), "wait", "flag"),
        "order": (_("Orders that wait"), "wait", "clock"),
        "customer": (_("Customers to be seen to"), "note", "users"),
        "stock": (_("Stock not counted or confirmed"), "note", "box"),
        "right": (_("No authorisation"), "stop", "stop"),
    },
}
