"""The rules that raise flags: each a class with an id, a version, inputs, a pure `evaluate`, and its sentences.

Pure: takes facts, returns what fired; reads no database. Sources: data/flag_rules of the design, 15 CFR 732
Supplement 3 (red flags), and docs/flags.md for severities. Sentences never accuse: they say what a document says and
what the register holds.
"""

from dataclasses import replace

from .base import DeclarationFacts, Fired, LineFacts, ReceiptFacts, ReportFacts, Rule, SellerFacts, Severity, blocks, worst
from .buyers import B01, B02, B03
from .ownership import ListedOwner, OwnersNotKnown, Reached
from .policies import OnePerson, Refused, TwoPeople
from .reports import Silence
from .screening import Held, ScreeningHit, Unscreened
from .sellers import L01, S01, S02, S03, S04
from .transfers import Received

NAME_RULES: tuple[Rule[DeclarationFacts], ...] = (B01(), B02(), B03())
LINE_RULES: tuple[Rule[LineFacts], ...] = (S01(), S02(), S03(), S04(), L01(), B01(), B02(), B03())
DECLARATION_RULES: tuple[Rule[DeclarationFacts], ...] = (
    Unscreened(),
    ScreeningHit(),
    Held(),
    Reached(),
    ListedOwner(),
    OwnersNotKnown(),
    Refused(),
    TwoPeople(),
    OnePerson(),
    S02(),
    S03(),
    B01(),
    B02(),
    B03(),
)
RECEIPT_RULES: tuple[Rule[ReceiptFacts], ...] = (Received(),)
REPORT_RULES: tuple[Rule[ReportFacts], ...] = (Silence(),)
BY_ID: dict[str, Rule[LineFacts] | Rule[DeclarationFacts] | Rule[ReceiptFacts] | Rule[ReportFacts]] = {
    rule.id: rule for rule in LINE_RULES + DECLARATION_RULES + RECEIPT_RULES + REPORT_RULES
}


def evaluate_line(facts: LineFacts) -> list[Fired]:
    """What one confirmed evidence line raises. A notice that is no award caps every rule at low."""
    fired = [hit for rule in LINE_RULES for hit in rule.evaluate(facts)]
    return fired if _says_who_won(facts) else [hit.capped(Severity.LOW) for hit in fired]


def _says_who_won(facts: LineFacts) -> bool:
    """An award or a contract; and a correction that names a supplier. One that names none may correct a tender, which nobody has won."""
    return facts.stage in {"award", "contract"} or (facts.stage == "amendment" and not facts.seller_withheld)


def evaluate_declaration(facts: DeclarationFacts) -> list[Fired]:
    """What a signed declaration raises. What names and regions say is asked of every party that it names, each by itself."""
    fired = [hit for rule in DECLARATION_RULES for hit in rule.evaluate(facts)]
    for other in facts.others:
        alone = replace(facts, buyer=other.name, region_divisions=other.divisions)
        fired += [hit for rule in NAME_RULES for hit in rule.evaluate(alone)]
    return fired


def evaluate_receipt(facts: ReceiptFacts) -> list[Fired]:
    """What goods raise that a distributor reports as sent by another."""
    return [hit for rule in RECEIPT_RULES for hit in rule.evaluate(facts)]


def evaluate_report(facts: ReportFacts) -> list[Fired]:
    """What a month raises of which a distributor has reported nothing."""
    return [hit for rule in REPORT_RULES for hit in rule.evaluate(facts)]


__all__ = [
    "BY_ID",
    "DECLARATION_RULES",
    "LINE_RULES",
    "DeclarationFacts",
    "Fired",
    "LineFacts",
    "ReceiptFacts",
    "ReportFacts",
    "Rule",
    "SellerFacts",
    "Severity",
    "blocks",
    "evaluate_declaration",
    "evaluate_line",
    "evaluate_receipt",
    "evaluate_report",
    "worst",
]
