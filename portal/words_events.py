"""What happened, in words: one sentence part for each verb of the record, each kind of notice, each outcome."""

from typing import Any

from django.utils.translation import gettext_lazy as _

EVENTS: dict[str, Any] = {
    "customer.registered": _("Customer registered"),
    "customer.edited": _("Customer changed"),
    "authorisation.recorded": _("Authorisation recorded"),
    "party.screened": _("Party screened"),
    "declaration.drafted": _("Draft prepared"),
    "declaration.edited": _("Draft changed"),
    "declaration.draft": _("Opened again as a new version"),
    "declaration.signed": _("Signed"),
    "declaration.screening": _("Screening began"),
    "declaration.review": _("Sent to review"),
    "declaration.returned": _("Returned to the distributor"),
    "declaration.ready": _("Ready for release"),
    "declaration.issuing": _("Released; the attestation is being written"),
    "declaration.pending_timestamp": _("Waiting for the timestamp authority"),
    "declaration.attested": _("Attested"),
    "declaration.withdrawn": _("Withdrawn"),
    "declaration.refused": _("Refused"),
    "declaration.expired": _("Expired"),
    "declaration.superseded": _("Superseded"),
    "receipt.made": _("Receipt sealed"),
    "evidence.captured": _("Captured"),
    "evidencedocument.read": _("Read by the reader"),
    "evidencedocument.unreadable": _("Could not be read; left to a person"),
    "evidencedocument.confirmed": _("Confirmed by a person"),
    "evidencedocument.withdrawn": _("Withdrawn"),
    "case.opened": _("Case opened"),
    "case.assigned": _("Assigned"),
    "case.open": _("Open again"),
    "case.question": _("Question sent; the clock stands still"),
    "case.proposed": _("Decision proposed"),
    "case.closed": _("Closed"),
    "attestation.released": _("Released by a person"),
    "attestation.rendered": _("Document written"),
    "attestation.valid": _("In force"),
    "attestation.suspended": _("Suspended"),
    "attestation.revoked": _("Revoked"),
    "attestation.expired": _("Expired"),
    "attestation.superseded": _("Superseded"),
}
STAGES: dict[str, Any] = {
    "award": _("Award"),
    "contract": _("Contract"),
    "candidate": _("Candidates, not yet an award"),
    "tender": _("Tender"),
    "intention": _("Intention to buy"),
    "failed": _("Failed, no award"),
}
OUTCOMES: dict[str, Any] = {
    "clear": _("Cleared"),
    "confirm": _("Confirmed"),
    "return": _("Returned"),
    "screened": _("Screened since"),
    "withdrawn": _("Declaration withdrawn"),
}
