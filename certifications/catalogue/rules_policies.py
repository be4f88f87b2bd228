"""What the manufacturer's policies ask of a declaration: refuse it, two people, a person, the end user's own word, known owners. Pure.

A policy is about product lines, places and classes of end users; an empty list means every one of them. Policies add up: the
strictest answer counts, and none takes anything away that another asks for.
"""

import datetime as dt
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from django.utils.translation import gettext as _

from certifications.matching.classify import CLASSES
from certifications.parties.rules import Problem

from .rules_clauses import ScopeData, applies, scope_problems

# The strictest first.
EFFECTS = ("refuse", "two_people", "confirm", "assurance", "owners")
# What a person decides; a refusal is lifted by ending the policy.
DECIDED = ("two_people", "confirm")
# As declarations.rules_enduser.LEVELS without the first, which every declaration has.
LEVELS = ("link", "paper")
# An end user whose name says nothing of its kind.
UNKNOWN = "unknown"
END_USERS = (*CLASSES, UNKNOWN)
MOST_TITLE = 120


@dataclass(frozen=True)
class PolicyData:
    """A policy as proposed. `until`: the first day on which it no longer holds; `replaces`: the number of one that ends as it begins."""

    title: str
    scope: ScopeData
    classes: tuple[str, ...]
    effect: str
    from_date: dt.date
    level: str = ""
    until: dt.date | None = None
    replaces: str = ""

    def content(self) -> dict[str, Any]:
        """As a proposal keeps it."""
        return {
            "title": self.title.strip(),
            **{name: list(getattr(self.scope, name)) for name in ("lines", "countries", "divisions")},
            "classes": list(self.classes),
            "effect": self.effect,
            "level": self.level,
            "from_date": self.from_date.isoformat(),
            "until": self.until.isoformat() if self.until else "",
            "replaces": self.replaces,
        }

    @classmethod
    def of(cls, content: Mapping[str, Any]) -> "PolicyData":
        """From the content of a proposal."""
        until = dt.date.fromisoformat(content["until"]) if content["until"] else None
        words = {name: str(content[name]) for name in ("title", "effect", "level", "replaces")}
        day = dt.date.fromisoformat(content["from_date"])
        return cls(scope=ScopeData.of(content), classes=tuple(content["classes"]), from_date=day, until=until, **words)


@dataclass(frozen=True)
class Subject:
    """What is known of a declaration: its lines, every country and division in which it plays, the end user's classes by its names."""

    lines: tuple[str, ...]
    countries: tuple[str, ...]
    divisions: tuple[str, ...]
    classes: tuple[str, ...]


def concerns(scope: Any, classes: Sequence[str], subject: Subject) -> bool:
    """Whether a policy of this scope (lines, countries, divisions) and these classes is about the declaration."""
    if classes and not set(classes) & set(subject.classes or (UNKNOWN,)):
        return False
    return any(applies(scope, line, country, subject.divisions) for line in subject.lines for country in subject.countries)


def strictest_level(levels: Iterable[str]) -> str:
    """The highest of the levels asked for; empty for none."""
    return max(levels, key=LEVELS.index, default="")


def is_enough(level: str, least: str) -> bool:
    """Whether the end user's word of this level is what is asked for at least; where nothing is asked for, always."""
    return not least or (level in LEVELS and LEVELS.index(level) >= LEVELS.index(least))


def policy_problems(data: PolicyData, *, today: dt.date, known_lines: Iterable[str]) -> list[Problem]:
    """Everything that must be mended before a policy may be proposed."""
    problems = scope_problems(data.scope, known_lines)
    if len(data.title.strip()) < 5 or len(data.title) > MOST_TITLE:  # noqa: PLR2004
        problems.append(Problem("title", _("Say in a few words what it asks for, and of whom.")))
    if data.effect not in EFFECTS:
        problems.append(Problem("effect", _("Choose what it asks for.")))
    if (data.effect == "assurance") != (data.level in LEVELS) or (data.effect != "assurance" and data.level):
        problems.append(Problem("level", _("Choose the least that will do, where it asks for the end user's own word; else none.")))
    if not set(data.classes) <= set(END_USERS):
        problems.append(Problem("classes", _("Choose from the kinds of end users.")))
    if not any((data.scope.lines, data.scope.countries, data.classes)):
        problems.append(Problem("lines", _("This would be about every declaration; choose lines, countries or kinds of end users.")))
    if data.from_date < today:
        problems.append(Problem("from_date", _("What was released until today stays released; begin today or later.")))
    if data.until is not None and data.until <= data.from_date:
        problems.append(Problem("until", _("It ends before it begins; correct one of the dates.")))
    return problems
