"""Confirmed documents as cases for the reader's regression tests: the notice as captured, and what a person said it says.

Pure but for its arguments. Must not read or write anything: the command keep_corrections does.
"""

import datetime as dt
import json
from collections.abc import Sequence
from decimal import Decimal
from typing import Any, Final

from .models import EvidenceDocument, EvidenceLine
from .proposed import asks_further
from .readers.sniffing import DOCX, PDF

SUFFIX: Final = {"text/html": ".html", "text/plain": ".txt", PDF: ".pdf", DOCX: ".docx"}
ITEM_FIELDS: Final = ("brand", "model", "quantity", "unit", "unit_price", "catalogue_no", "lot", "serial")
# Of the notice as a whole; written where a person was asked for it: an older reader's empty line says nothing.
OF_ALL: Final = ("agency", "delivery_place", "other_bidders", "published_on", "signed_on")


def was_corrected(lines: Sequence[EvidenceLine]) -> bool:
    """Whether the person changed, added or left out anything that the reader proposed, a whole line too."""
    return any(span.get("corrected") for line in lines for span in line.extraction.values())


def as_label(document: EvidenceDocument, lines: Sequence[EvidenceLine]) -> str:
    """The label of one document as TOML, in the format of tests/evidence/notices; `lines` in their order.

    Amounts of awards are the lines' where each line is one award; where several goods share an award the reader's stand.
    """
    first = lines[0]
    sellers = list(dict.fromkeys(line.seller for line in lines if line.seller))
    alone = len(lines) == len(sellers)
    awarded = [line.amount for line in lines] if alone else [s.get("amount") for s in document.proposal.get("suppliers", [])]
    rows = [
        f"# {document.number}, SHA-256 {document.sha256}",
        f"stage = {_text(first.stage)}",
        f"buyer = {_text(first.buyer)}",
        f"project_no = {_text(first.project_no)}",
        f"title = {_text(document.title)}",
        f"suppliers = [{', '.join(map(_text, sellers))}]",
        f"amounts = [{', '.join(_text(_number(a)) for a in awarded if a is not None)}]",
    ]
    rows += [f"{name} = {_said(getattr(first, name))}" for name in OF_ALL if asks_further(document.proposal) and name in document.proposal]
    items = [line for line in lines if line.product_text]
    if not items:
        rows.append("items = []")
    for line in items:
        rows += ["", "[[items]]", f"text = {_text(line.product_text)}"]
        rows += [f"{name} = {_text(_number(value))}" for name in ITEM_FIELDS if (value := getattr(line, name)) not in {None, ""}]
    return "\n".join(rows) + "\n"


def _number(value: Any) -> str:
    if isinstance(value, Decimal):
        return f"{value.normalize():f}"
    return str(value)


def _said(value: Any) -> str:
    if isinstance(value, list):
        return f"[{', '.join(map(_text, value))}]"
    return _text(value.isoformat() if isinstance(value, dt.date) else value or "")


def _text(value: str) -> str:
    """A TOML basic string; JSON's escapes are among TOML's, but for DEL."""
    return json.dumps(value, ensure_ascii=False).replace("\x7f", "\\u007f")
