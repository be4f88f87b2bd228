"""The check page's rows: every answer of a draft, where it is changed, and what must be mended in it."""

from dataclasses import dataclass, field
from typing import Any

from certifications.declarations.data import GROUPS, DeclarationData, group_of
from certifications.declarations.models import Declaration
from certifications.declarations.rules import Problem

from . import wizard

# Keys of the text that each group shows, each with the field that changes it.
KEYS: dict[str, tuple[tuple[str, str], ...]] = {
    "parties": (("kind", "kind_0"), ("end_user", "customer"), ("other_end_users", "user_1"), ("relationship", "relationship"), ("contact", "contact"),
                ("purchaser", "purchaser")),
    "goods": (("term", "term_0"), ("contract", "contract"), ("goods", ""), ("shares", ""), ("valid", "valid_from"), ("value", "value")),
    "end_use": (("end_use", "end_use"), ("stock", "resale_scope"), ("samples_per_month", "samples_per_month"), ("place_of_use", "place_address"),
                ("unknown_facts", "unknown_facts")),
    "route": (("ship_to", "ship_to_address"), ("consignee", "consignee_1"), ("final", "final_consignee"), ("forwarder", "forwarder"), ("route", "route"),
              ("delivery_proof", "delivery_proof")),
    "documents": (("documents", "title"),),
}  # fmt: skip
# Which row shows a problem of a field, where the two are not called alike.
_ROW_OF = {
    "customer": "end_user", "lines": "goods", "quantity": "goods", "ceiling": "goods", "period": "goods", "clauses": "goods", "share": "shares",
    "valid_from": "valid", "valid_until": "valid", "currency": "value", "place": "place_of_use", "resale_scope": "stock", "reporting": "stock",
    "end_users": "other_end_users", "user": "other_end_users", "consignees": "consignee", "final_consignee": "final", "ship": "ship_to",
}  # fmt: skip
STOCK_HAS_NOT = {"relationship", "contact", "other_end_users", "purchaser", "end_use", "samples_per_month"}


@dataclass
class Row:
    """One answer: the key of the text, where it is changed, and what must be mended."""

    key: str
    url: str
    anchor: str
    # What the text says under the key, where that is one line.
    plain: str = ""
    problems: list[str] = field(default_factory=list)

    @property
    def pk(self) -> str:
        """The element that the summary of errors leads to."""
        return f"row-{self.key}"

    def problem(self) -> dict[str, str]:
        """As a line of the summary of errors."""
        return {"id": self.pk, "label": "", "text": " ".join(self.problems)}


@dataclass
class Card:
    """One group of answers."""

    name: str
    title: str
    url: str
    rows: list[Row]


def _row_key(problem: Problem, keys: set[str]) -> str:
    start = problem.field.split("_", maxsplit=1)[0]
    key = problem.field if problem.field in keys else _ROW_OF.get(problem.field) or _ROW_OF.get(start, "")
    return key if key in keys else next(iter(sorted(keys)))


def _is_shown(key: str, data: DeclarationData, text: dict[str, Any]) -> bool:
    """What the kind of declaration does not ask for is left out; what nobody takes part as too."""
    if data.kind == "stockist" and key in STOCK_HAS_NOT:
        return False
    if key in {"stock", "shares", "other_end_users"}:
        return {"stock": data.kind == "stockist"}.get(key, data.kind == "several")
    return True


def cards(declaration: Declaration, data: DeclarationData, text: dict[str, Any], problems: list[Problem]) -> list[Card]:
    """The groups in their order."""
    names = wizard.titles()
    found = []
    for group in GROUPS:
        url = wizard.address(declaration.number, group)
        rows = [
            Row(key, url, f"#id_{anchor}" if anchor else "", str(text.get(key, "")))
            for key, anchor in KEYS[group]
            if _is_shown(key, data, text)
        ]
        by_key = {row.key: row for row in rows}
        for problem in problems:
            if group_of(problem.field) == group:
                by_key[_row_key(problem, set(by_key))].problems.append(problem.message)
        found.append(Card(group, names[group], url, rows))
    return found
