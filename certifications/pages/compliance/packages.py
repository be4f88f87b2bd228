"""What the pages say of a structured package: its lines part by part, what is skipped and why, and what is wrong in form."""

import datetime as dt
from collections.abc import Sequence
from dataclasses import dataclass
from decimal import Decimal
from typing import Any, Final

from django.utils.translation import gettext

from certifications.evidence.models import EvidenceDocument
from certifications.evidence.readers import FAULTS, SKIPPED

# So many proposed lines are dealt with at once: each has twenty fields.
PART: Final = 25


@dataclass(frozen=True)
class Part:
    """The proposed lines that are next: from `begins` to before `ends` of `total`, as (line, its number from 0)."""

    begins: int
    ends: int
    total: int
    lines: Sequence[dict[str, Any]]

    @property
    def first(self) -> int:
        """The number of its first line, as people count."""
        return self.begins + 1

    @property
    def is_last(self) -> bool:
        """Whether nothing is left after it."""
        return self.ends >= self.total


def is_package(document: EvidenceDocument) -> bool:
    """Whether a reader of packages proposed its lines, and some are left."""
    return bool(document.proposal.get("package")) and document.handled < len(document.proposal.get("lines", ()))


def part_of(document: EvidenceDocument) -> Part:
    """The lines that are next."""
    lines = document.proposal["lines"]
    begins = document.handled
    ends = min(begins + PART, len(lines))
    return Part(begins, ends, len(lines), lines[begins:ends])


def initial_of(line: dict[str, Any], product: str) -> dict[str, Any]:
    """First values of the form for one proposed line."""
    names = ("stage", "project_no", "buyer", "buyer_identifier", "region", "seller", "seller_withheld", "seller_uscc", "seller_identifier")
    day = line.get("happened_on")
    return {
        **{name: line[name] for name in names},
        "seller_address": line["seller_address"],
        "product": product,
        "product_undisclosed": line["product_undisclosed"],
        "product_text": line["product_text"],
        "quantity": line["quantity"],
        "unit": line["unit"],
        "unit_price": line["unit_price"],
        "amount": line["amount"],
        "currency": line["currency"] or "CNY",
        "happened_on": dt.date.fromisoformat(day) if day else None,
    }


def places_of(document: EvidenceDocument, number: int, line: dict[str, Any]) -> dict[str, str]:
    """The form's field to the reader's name of the place that it was read from."""
    fields = document.proposal.get("fields", {})
    return {name: place for name in line if (place := f"lines.{number}.{name}") in fields}


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
        "words": ", ".join(line["words"]),
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
