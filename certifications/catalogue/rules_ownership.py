"""What a rule of ownership lays down, and to whose listing it applies. How far owners reach is parties.rules_owners. Pure."""

import datetime as dt
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from decimal import Decimal
from typing import Any

from django.utils.translation import gettext as _

from certifications.parties.rules import Problem
from certifications.parties.rules_owners import HUNDRED, Chain, Terms

MOST_NAME, MOST_SOURCE, MOST_WORD, MOST_WORDS = 120, 300, 80, 20
LEAST_NAME, LEAST_SOURCE = 5, 5


@dataclass(frozen=True)
class RuleData:
    """A rule as proposed. `until`: the first day on which it no longer holds; `replaces`: the number of one that ends as it begins."""

    name: str
    authority: str
    threshold: Decimal
    is_aggregated: bool
    chain: str
    from_date: dt.date
    source: str
    lists: tuple[str, ...] = ()
    programmes: tuple[str, ...] = ()
    source_link: str = ""
    until: dt.date | None = None
    replaces: str = ""

    @property
    def terms(self) -> Terms:
        return Terms(self.threshold, self.is_aggregated, Chain(self.chain))

    def content(self) -> dict[str, Any]:
        """As a proposal keeps it."""
        return {
            **{name: getattr(self, name).strip() for name in ("name", "authority", "source", "source_link")},
            "threshold": str(self.threshold.normalize()),
            "is_aggregated": self.is_aggregated,
            "chain": self.chain,
            "lists": list(self.lists),
            "programmes": list(self.programmes),
            "from_date": self.from_date.isoformat(),
            "until": self.until.isoformat() if self.until else "",
            "replaces": self.replaces,
        }

    @classmethod
    def of(cls, content: Mapping[str, Any]) -> "RuleData":
        """From the content of a proposal."""
        words = {name: str(content[name]) for name in ("name", "authority", "source", "source_link", "chain", "replaces")}
        return cls(
            threshold=Decimal(content["threshold"]),
            is_aggregated=bool(content["is_aggregated"]),
            lists=tuple(content["lists"]),
            programmes=tuple(content["programmes"]),
            from_date=dt.date.fromisoformat(content["from_date"]),
            until=dt.date.fromisoformat(content["until"]) if content["until"] else None,
            **words,
        )


def applies(lists: Sequence[str], programmes: Sequence[str], *, list_code: str, programme: str) -> bool:
    """Whether a rule of these lists and words of programmes is about an entry. One whose programme is not known may be meant."""
    if lists and list_code not in lists:
        return False
    folded = programme.casefold()
    return not programmes or not folded or any(word.casefold() in folded for word in programmes)


def rule_problems(data: RuleData) -> list[Problem]:
    """Everything that must be mended before a rule may be proposed. Days that are over are allowed: the law is as it was."""
    problems = []
    if len(data.name.strip()) < LEAST_NAME or len(data.name) > MOST_NAME:
        problems.append(Problem("name", _("Name the rule in a few words; whoever decides a case reads them.")))
    if not data.authority.strip():
        problems.append(Problem("authority", _("Say whose rule it is.")))
    if not 0 < data.threshold <= HUNDRED:
        problems.append(Problem("threshold", _("A share is more than 0 and at most 100 percent.")))
    if data.chain not in set(Chain):
        problems.append(Problem("chain", _("Choose how indirect shares count.")))
    if len(data.programmes) > MOST_WORDS or any(len(word) > MOST_WORD for word in data.programmes):
        problems.append(Problem("programmes", _("At most 20 words of programmes, one a line, each of at most 80 characters.")))
    if len(data.source.strip()) < LEAST_SOURCE:
        problems.append(Problem("source", _("Name where the rule is published.")))
    if data.until is not None and data.until <= data.from_date:
        problems.append(Problem("until", _("It ends before it begins; correct one of the dates.")))
    return problems
