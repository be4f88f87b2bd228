"""What the pages say of a structured package: a closed line, what is skipped and why, and what is wrong in form."""

from decimal import Decimal
from typing import Any

from django.utils.translation import gettext

from certifications.evidence.models import EvidenceDocument
from certifications.evidence.readers import FAULTS, SKIPPED
from certifications.ledger.listed import listed


def heading_of(line: dict[str, Any]) -> dict[str, Any]:
    """What the closed line shows: who bought what from whom, for how much, and why it is proposed."""
    amount = line["amount"]
    return {
        "where": line["where"],
        "buyer": line["buyer"],
        "seller": line["seller"],
        "withheld": line["seller_withheld"],
        "goods": line["product_text"],
        "undisclosed": line["product_undisclosed"],
        "amount": Decimal(amount) if amount else None,
        "currency": line["currency"],
        "words": listed(line["words"]),
        "thin": not line["stage"] or not line["happened_on"] or not line["buyer"],
    }


def skipped_of(document: EvidenceDocument) -> dict[str, Any]:
    """How much is not proposed and why; the rows that were kept."""
    proposal = document.proposal
    counts = [(gettext(SKIPPED[why]), n) for why, n in proposal.get("counts", {}).items() if why in SKIPPED]
    rows = [{**row, "why": gettext(SKIPPED.get(row["why"], ""))} for row in proposal.get("skipped", ())]
    return {"count": sum(n for _why, n in counts), "counts": counts, "rows": rows}


def faults_of(document: EvidenceDocument) -> dict[str, Any]:
    """What is wrong in form, release by release, with the path and how to mend it; the rows that were kept."""
    rows = []
    for row in document.proposal.get("faults", ()):
        what, mend = FAULTS[row["code"]]
        rows.append({**row, "what": gettext(what) % {"name": row["name"]}, "mend": gettext(mend)})
    return {"count": document.proposal.get("fault_count", 0), "rows": rows}
