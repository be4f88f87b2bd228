"""Pure decisions about lists and screening: freshness, shrinkage, bands, what a party's state is."""

import datetime as dt
import re
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass

from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from certifications.ledger.canonical import canonical, sha256_hex
from certifications.matching.identifiers import compact

# Key fields of both sides of a finding: {"party" | "entry": {"names" | "identifiers": [...]}}.
KeyFields = Mapping[str, Mapping[str, Sequence[str]]]

HOLD, REVIEW = 0.85, 0.70
# What a likeness of names is worth at most when registration numbers differ: still looked at, no longer a hold.
CONFLICT_CAP = 0.84
SHRINK_LIMIT = 0.10
# How far the score of two names that did not change may move when other entries come and go: words grow rarer or more common.
# Whatever stood this close to a threshold is compared again with every new version (delta.py keeps the words within it).
EDGE = 0.02
_MIN_CODE = 8


def band_of(score: float) -> str:
    """The band: hold from 0.85, review from 0.70, else nothing (matching.THRESHOLDS, calibration "list")."""
    return "hold" if score >= HOLD else "review" if score >= REVIEW else ""


def is_fresh(
    *,
    kind: str,
    confirmed_at: dt.datetime,
    fresh_hours: int,
    now: dt.datetime,
    static_allowed: bool = False,
    review_on: dt.date | None = None,
) -> bool:
    """A dated list grows stale; a reviewed one is good until the day of its review; a static one counts in a demonstration alone."""
    if kind == "static":
        return static_allowed
    if kind == "reviewed":
        return review_on is not None and now.date() < review_on
    return now - confirmed_at <= dt.timedelta(hours=fresh_hours)


# Why a person may propose to accept what the guards refused; free words come beside it.
EXCEPTION_REASONS = {
    "publisher_announced": gettext_lazy("The publisher announced it"),
    "checked_entries": gettext_lazy("We compared the entries with the publisher's pages"),
    "format_changed": gettext_lazy("The publisher changed the format; what we rely on is still there"),
    "own_list_shortened": gettext_lazy("Our own list was shortened on purpose"),
}
_SHORTEST_EXPLANATION = 15


def check_exception(*, state: str, why: str, is_newest: bool, reason: str, explanation: str) -> tuple[str, str]:
    """(field, message) of the first thing wrong with accepting a refused version; two empty words when nothing is."""
    if state != "refused":
        return "version", _("This version is not refused.")
    if why not in {"shrunk", "shape"}:
        return "version", _("A damaged file cannot be accepted by anybody; download it again.")
    if not is_newest:
        return "version", _("A good version came in after this one; there is nothing to accept.")
    if reason not in EXCEPTION_REASONS:
        return "reason", _("Choose a reason.")
    if len(explanation.strip()) < _SHORTEST_EXPLANATION:
        return "explanation", _("Explain in a sentence why the file is right; the second person and the auditor read it.")
    return "", ""


def comparable(codes: Iterable[object], identifiers: Iterable[object]) -> set[str]:
    """Registration numbers of an entry: those its importer kept apart, else whatever its text may mean."""
    return {str(code) for code in codes} or codes_in(identifiers)


def codes_in(identifiers: Iterable[object]) -> set[str]:
    """Every registration number that may be meant in what a list writes ("USCC, CN, 9131...; Passport 123")."""
    parts = (part for text in identifiers for part in re.split(r"[,;:()|]|\s{1,}", str(text)))
    codes = {compact(part) for part in parts}
    return {code for code in codes if len(code) >= _MIN_CODE and any(c.isdigit() for c in code)}


def fingerprint_of(party_id: str, list_code: str, entry_id: str, keys: KeyFields) -> str:
    """Party's key fields and the entry's, each list sorted: a decision holds until one of them changes."""
    party, entry = keys["party"], keys["entry"]
    parts = [party_id, party["names"], party["identifiers"], list_code, entry_id, entry["names"], entry["identifiers"]]
    return sha256_hex(canonical(parts))


def key_difference(before: KeyFields, after: KeyFields) -> list[dict[str, object]]:
    """What changed between two sets of key fields: rows of side (party, entry), field (names, identifiers), new, gone."""
    rows: list[dict[str, object]] = []
    for side in ("party", "entry"):
        for field in ("names", "identifiers"):
            was, now = set(before.get(side, {}).get(field, ())), set(after.get(side, {}).get(field, ()))
            if was != now:
                rows.append({"side": side, "field": field, "new": sorted(now - was), "gone": sorted(was - now)})
    return rows


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
