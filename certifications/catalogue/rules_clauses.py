"""Which undertakings apply to which goods where, what must be mended in a draft of them, and what changed between two versions. Pure."""

import datetime as dt
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from difflib import SequenceMatcher
from typing import Any, Protocol, TypeVar

from django.utils.translation import gettext as _

from certifications.parties.rules import Problem, division_problem
from certifications.parties.rules_register import CHINA, within

MOST_CLAUSES, MOST_TITLE, MOST_TEXT = 30, 120, 2000
MOST_DAYS = 366
WORDS = ("title", "title_zh", "text", "text_zh")
_NONE = dict.fromkeys(WORDS, "")


class Scope(Protocol):
    """What a set or a policy is about; an empty list means everything."""

    @property
    def lines(self) -> Sequence[str]: ...
    @property
    def countries(self) -> Sequence[str]: ...
    @property
    def divisions(self) -> Sequence[str]: ...


@dataclass(frozen=True)
class ScopeData:
    """A scope as plain values."""

    lines: tuple[str, ...] = ()
    countries: tuple[str, ...] = ()
    divisions: tuple[str, ...] = ()

    @classmethod
    def of(cls, content: Mapping[str, Any]) -> "ScopeData":
        """From the content of a draft or a proposal."""
        return cls(tuple(content["lines"]), tuple(content["countries"]), tuple(content["divisions"]))


ScopeT = TypeVar("ScopeT", bound=Scope)


def applies(scope: Scope, line: str, country: str, divisions: Iterable[str]) -> bool:
    """Whether the scope is about this line and place; `divisions` are those of China in which the place is known to lie.

    Divisions of a scope narrow China alone: of other countries it means the whole.
    """
    if (scope.lines and line not in scope.lines) or (scope.countries and country not in scope.countries):
        return False
    if not scope.divisions or country != CHINA:
        return not scope.divisions or bool(scope.countries)
    return any(within(division, place) for division in divisions for place in scope.divisions)


def precision(scope: Scope) -> tuple[bool, bool, bool]:
    """What is said of a place or a line goes before what is said of everything: divisions, countries, lines."""
    return bool(scope.divisions), bool(scope.countries), bool(scope.lines)


def chosen(sets: Iterable[ScopeT], line: str, country: str, divisions: Iterable[str]) -> list[ScopeT]:
    """The most precise sets for one line and place: none where none applies, several where they tie."""
    places = tuple(divisions)
    found = [one for one in sets if applies(one, line, country, places)]
    best = max(map(precision, found), default=None)
    return [one for one in found if precision(one) == best]


def meet(one: Scope, other: Scope) -> bool:
    """Whether two scopes of one precision could both be meant by some line and place."""

    def lists_meet(a: Sequence[str], b: Sequence[str]) -> bool:
        return not a or not b or bool(set(a) & set(b))

    if precision(one) != precision(other) or not lists_meet(one.lines, other.lines) or not lists_meet(one.countries, other.countries):
        return False
    return not one.divisions or any(within(a, b) or within(b, a) for a in one.divisions for b in other.divisions)


def scope_problems(scope: Scope, known_lines: Iterable[str]) -> list[Problem]:
    """What must be mended in a scope."""
    unknown = [line for line in scope.lines if line not in set(known_lines)]
    problems = [Problem("lines", _("The catalogue has no line %(line)s.") % {"line": unknown[0]})] if unknown else []
    problems += [Problem("divisions", text) for code in scope.divisions for text in division_problem(code)][:1]
    if scope.divisions and CHINA not in scope.countries:
        problems.append(Problem("countries", _("Divisions narrow China; choose China too.")))
    return problems


@dataclass(frozen=True)
class SetData:
    """A version of a set as drafted. `old_until`: the first day on which drafts of the version before can no longer be signed."""

    scope: ScopeData
    from_date: dt.date
    clauses: tuple[dict[str, str], ...]
    old_until: dt.date | None = None

    def content(self) -> dict[str, Any]:
        """As a draft and a proposal keep it."""
        return {
            **{name: list(getattr(self.scope, name)) for name in ("lines", "countries", "divisions")},
            "from_date": self.from_date.isoformat(),
            "old_until": self.old_until.isoformat() if self.old_until else "",
            "clauses": [{name: clause[name].strip() for name in WORDS} for clause in self.clauses],
        }

    @classmethod
    def of(cls, content: Mapping[str, Any]) -> "SetData":
        """From the content of a draft or a proposal."""
        until = dt.date.fromisoformat(content["old_until"]) if content["old_until"] else None
        day = dt.date.fromisoformat(content["from_date"])
        return cls(ScopeData.of(content), day, tuple(dict(clause) for clause in content["clauses"]), until)


def set_problems(data: SetData, *, today: dt.date, after: dt.date | None, known_lines: Iterable[str]) -> list[Problem]:
    """Everything that must be mended before a version may be proposed. `after`: the first day of the version before, if any."""
    problems = scope_problems(data.scope, known_lines)
    # Not today: whoever reads this morning signs this afternoon.
    if data.from_date <= today:
        problems.append(Problem("from_date", _("Begin tomorrow or later: somebody may be signing today.")))
    elif after is not None and data.from_date <= after:
        problems.append(Problem("from_date", _("The version before begins on that day or later; begin after it.")))
    if data.old_until is not None and not data.from_date < data.old_until <= data.from_date + dt.timedelta(days=MOST_DAYS):
        problems.append(Problem("old_until", _("The transition ends after the first day, and within a year of it.")))
    if not 0 < len(data.clauses) <= MOST_CLAUSES:
        problems.append(Problem("clauses", _("A set holds between one and %(n)d undertakings.") % {"n": MOST_CLAUSES}))
    for number, clause in enumerate(data.clauses, start=1):
        if not all(clause[name].strip() for name in WORDS):
            text = _("Undertaking %(n)d lacks its title or text in one of the languages.") % {"n": number}
            problems.append(Problem("clauses", text))
        elif any(len(clause[name].strip()) > (MOST_TITLE if name.startswith("title") else MOST_TEXT) for name in WORDS):
            problems.append(Problem("clauses", _("Undertaking %(n)d is too long.") % {"n": number}))
    return problems


@dataclass(frozen=True)
class Changed:
    """One undertaking in two versions: `how` is same, changed, new or gone; numbers as each version counts, words empty where it is not."""

    how: str
    old_number: int | None
    new_number: int | None
    old: dict[str, str]
    new: dict[str, str]


def difference(before: Sequence[Mapping[str, str]], after: Sequence[Mapping[str, str]]) -> list[Changed]:
    """Clause by clause; what kept its English title is the same undertaking, wherever it moved in between."""
    old, new = [dict(clause) for clause in before], [dict(clause) for clause in after]
    rows: list[Changed] = []
    for _how, a, b, c, d in SequenceMatcher(None, [x["title"] for x in old], [x["title"] for x in new], autojunk=False).get_opcodes():
        for step in range(max(b - a, d - c)):
            i, j = (a + step if a + step < b else None), (c + step if c + step < d else None)
            mine, theirs = (old[i] if i is not None else _NONE), (new[j] if j is not None else _NONE)
            how = "new" if i is None else "gone" if j is None else "same" if _same(mine, theirs) else "changed"
            rows.append(Changed(how, None if i is None else i + 1, None if j is None else j + 1, mine, theirs))
    return rows


def _same(one: Mapping[str, str], other: Mapping[str, str]) -> bool:
    return all(one[name] == other[name] for name in WORDS)
