"""Facts as the rules are given them: one ordinary award notice and one ordinary declaration, changed field by field."""

import datetime as dt
from decimal import Decimal
from typing import Any

from certifications.flags.rules import DeclarationFacts, Fired, LineFacts, SellerFacts, evaluate_declaration, evaluate_line
from certifications.flags.rules.base import NameFacts, ScreeningFacts

HOSPITAL = NameFacts("宁波江南医院", (), ("330200",))
NEVER = SellerFacts("never", best_name="西安泓桥商贸有限公司", score="0.61")
AUTHORISED = SellerFacts("authorised", party_id="P1", valid_from="2026-01-01", valid_until="2027-01-01", territory="kits, CN")


def seller(kind: str) -> SellerFacts:
    """A registered seller with this standing."""
    return SellerFacts(
        kind, party_id="P1", valid_from="2026-01-01", valid_until="2026-03-01", recorded_at="2026-09-01 08:00 UTC", territory="kits, 330000"
    )


def police(*divisions: str) -> NameFacts:
    """A public security bureau."""
    return NameFacts("库尔勒市公安局", ("police",), divisions, ({"kind": "class", "value": "police", "text": "公安局"},))


def line(**changes: Any) -> LineFacts:
    """A hospital in Ningbo bought our kit from an authorised seller under a declaration: nothing fires."""
    values: dict[str, Any] = {
        "stage": "award", "seller_name": "西安泓桥生物科技有限公司", "seller_withheld": False, "seller": AUTHORISED, "buyer": HOSPITAL,
        "product": "IdentiPrime 24 STR kit", "catalogue_number": "CI-2440-100", "happened_on": dt.date(2026, 5, 8), "source": "EV-2026-1",
        "project_no": "X-1", "quantity": Decimal(20), "covering_declarations": ["EUD-2026-AAAAAA"],
    }  # fmt: skip
    return LineFacts(**{**values, **changes})


def screened(state: str = "clear", *findings: dict[str, Any]) -> ScreeningFacts:
    """The end user's screening."""
    return ScreeningFacts("P2", "宁波江南医院", "end_user", state, (), findings)


def declared(**changes: Any) -> DeclarationFacts:
    """A declaration of an authorised distributor for a hospital that was screened clear: nothing fires."""
    values: dict[str, Any] = {
        "number": "EUD-2026-AAAAAA", "seller_name": "Shenzhen Qinglan", "seller": AUTHORISED, "buyer": HOSPITAL, "product": "kit",
        "happened_on": dt.date(2026, 5, 8), "parties": (screened(),),
    }  # fmt: skip
    return DeclarationFacts(**{**values, **changes})


def by_rule(fired: list[Fired]) -> dict[str, str]:
    """Severity by rule."""
    return {hit.rule: hit.severity.value for hit in fired}


def fires(**changes: Any) -> dict[str, str]:
    """What a line with these changes raises."""
    return by_rule(evaluate_line(line(**changes)))


def fires_for_declaration(**changes: Any) -> dict[str, str]:
    """What a declaration with these changes raises."""
    return by_rule(evaluate_declaration(declared(**changes)))
