"""Versions of undertakings by the real actions, and the day on which they hold."""

import datetime as dt
from typing import Any

import pytest

from certifications.catalogue import clauses
from certifications.catalogue.models import ClauseSet
from certifications.catalogue.rules_clauses import ScopeData, SetData
from certifications.ledger.days import civil_today
from tests.world import World

from .changes import agreed, proposed

DAY = dt.timedelta(days=1)


def texts(**changes: dict[str, str]) -> list[dict[str, str]]:
    """The undertakings of the newest CN-kits, some of them changed: `n3={"text": "..."}`."""
    rows = clauses.texts(clauses.last_of("CN-kits"))
    for key, words in changes.items():
        rows[int(key[1:]) - 1] |= words
    return rows


def version(rows: list[dict[str, str]], days: int = 1, until: int = 0, **scope: Any) -> SetData:
    """A version as drafted, from so many days from today on."""
    today = civil_today()
    return SetData(ScopeData(**scope), today + days * DAY, tuple(rows), today + until * DAY if until else None)


def agreed_version(world: World, data: SetData, code: str = "CN-kits") -> ClauseSet:
    """Two people agreed to it."""
    made = agreed(proposed(world.lead, "clauses", code, data.content()), world.reviewer)
    assert isinstance(made, ClauseSet)
    return made


def on_day(monkeypatch: pytest.MonkeyPatch, days: int) -> None:
    """Declarations are written and signed so many days from today."""
    day = civil_today() + days * DAY
    for room in ("drafting", "in_force", "queries"):
        monkeypatch.setattr(f"certifications.declarations.{room}.civil_today", lambda: day)
