"""The demonstration's power of attorney: what the signatory signs under."""

import datetime as dt
from typing import Any

from certifications.files.actions import store
from certifications.ledger.days import civil_today
from certifications.people import appointing, delegating
from certifications.people.delegating import DelegationData, delegation_digest
from certifications.people.models import User

from .demo_register import proof_of

PAPER = b"%PDF-1.4\n1 0 obj<</Type/Catalog/Pages 2 0 R>>endobj 2 0 obj<</Type/Pages/Kids[]/Count 0>>endobj\ntrailer<</Root 1 0 R>>\n%%EOF\n"


def load(people: dict[str, User]) -> None:
    """A delegation over everything but large quantities, for a year; three people, as the pages do it."""
    admin, signatory, reviewer = people["distributor_admin"], people["signatory"], people["reviewer"]
    if admin.organisation is None:
        return
    today = civil_today()
    data = DelegationData(
        delegate_id=signatory.pk,
        delegator_name="Zhou Hua",
        delegator_role="Legal representative",
        kinds=("declarations", "statements", "terms", "stock"),
        lines=(),
        most=None,
        valid_from=today - dt.timedelta(days=30),
        valid_until=today + dt.timedelta(days=335),
        signed_on=today - dt.timedelta(days=35),
        reason="attorney",
    )
    paper = store(PAPER, name="power-of-attorney.pdf", media_type="application/pdf", by_id=admin.pk)
    digest = delegation_digest(organisation=admin.organisation, data=data, paper_sha256=paper.sha256)
    held = delegating.propose(by=admin, data=data, paper=paper, proof=proof_of(admin, digest))
    held = delegating.accept(held=held, by=signatory, proof=proof_of(signatory, digest))
    delegating.agree(held=held, by=reviewer, proof=proof_of(reviewer, digest))
    # A second signatory that nobody has agreed to yet.
    words: dict[str, Any] = {
        "organisation": admin.organisation,
        "email": "ke.lin@qinglan.example",
        "roles": ["signatory"],
        "language": "zh-hans",
        "explanation": "Ke Lin, deputy general manager since May.",
    }
    appointing.propose(by=admin, proof=proof_of(admin, appointing.appointment_digest(**words)), **words)
