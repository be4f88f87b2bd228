"""Pure decisions about lists and screening: freshness, shrinkage, bands, what a party's state is."""

import datetime as dt
import re
from collections.abc import Iterable
from dataclasses import dataclass

from django.utils.translation import gettext as _

from certifications.ledger.canonical import canonical, sha256_hex
from certifications.matching.identifiers import compact

HOLD, REVIEW = 0.85, 0.70
# What a likeness of names is worth at most when registration numbers differ: still looked at, no longer a hold.
CONFLICT_CAP = 0.84
SHRINK_LIMIT = 0.10
_MIN_CODE = 8


def band_of(score: float) -> str:
    """The band: hold from 0.85, review from 0.70, else nothing (matching.THRESHOLDS, calibration "list")."""
    return "hold" if score >= HOLD else "review" if score >= REVIEW else ""


def is_fresh(*, kind: str, confirmed_at: dt.datetime, fresh_hours: int, now: dt.datetime, static_allowed: bool = False) -> bool:
    """A dated list grows stale; a static one has no age, and is believed in a demonstration alone."""
    if kind == "static":
        return static_allowed
    return now - confirmed_at <= dt.timedelta(hours=fresh_hours)


def codes_in(identifiers: Iterable[object]) -> set[str]:
    """Every registration number that may be meant in what a list writes ("USCC, CN, 9131...; Passport 123")."""
    parts = (part for text in identifiers for part in re.split(r"[,;:()|]|\s{1,}", str(text)))
    codes = {compact(part) for part in parts}
    return {code for code in codes if len(code) >= _MIN_CODE and any(c.isdigit() for c in code)}


def shrink_problem(*, before: int, after: int) -> str:
    """Why a new version may not replace the last good one; empty when it may."""
    if after == 0:
        return _("The file holds no entries.")
    if before and after < before * (1 - SHRINK_LIMIT):
        return _("The list shrank from %(before)d to %(after)d entries; more than 10 %% at once is not believed.") % {
            "before": before,
            "after": after,
        }
    return ""


@dataclass(frozen=True)
class StateInputs:
    """What is known of a party's last screening."""

    has_run: bool
    failed: bool
    same_revision: bool
    same_lists: bool
    same_engine: bool
    lists_missing: tuple[str, ...]
    lists_stale: tuple[str, ...]
    undecided_findings: int
    any_list: bool = True


def party_state(facts: StateInputs) -> tuple[str, tuple[str, ...]]:
    """(state, reasons). clear only when everything holds; whatever is unknown waits (fail closed)."""
    reasons: list[str] = [] if facts.any_list else [_("No list is in force.")]
    reasons += [_("The list %(l)s was never imported.") % {"l": name} for name in facts.lists_missing]
    reasons += [_("The list %(l)s is older than it may be.") % {"l": name} for name in facts.lists_stale]
    if reasons:
        return "stale", tuple(reasons)
    if not facts.has_run:
        return "waiting", (_("The party was not screened yet."),)
    if facts.failed:
        return "failed", (_("The last screening did not finish."),)
    if not facts.same_revision:
        reasons.append(_("The party changed since it was screened."))
    if not facts.same_lists:
        reasons.append(_("A list changed since the party was screened."))
    if not facts.same_engine:
        reasons.append(_("The engine changed since the party was screened."))
    if reasons:
        return "waiting", tuple(reasons)
    return ("hit" if facts.undecided_findings else "clear"), ()


def lists_key(version_ids: Iterable[str]) -> str:
    """One short key for a set of list versions."""
    return sha256_hex(canonical(sorted(version_ids)))
