"""How the queue of unconfirmed documents is ordered, what a sample says of the rest, and when the rest may be confirmed by it. Pure."""

import hashlib
import math
from collections.abc import Iterable, Mapping, Sequence
from decimal import ROUND_CEILING, Decimal
from typing import Any

from .readers.types import CUT

# By the gravest that a confirmation would open. Nobody can tell what a document that was not read would open: it stands behind the grave.
RANKS = {"critical": 50, "high": 40, "unknown": 35, "medium": 30, "low": 20, "info": 15, "": 10}
GRAVE = RANKS["high"]
# The bound is one-sided, at this confidence (Clopper and Pearson 1934).
CONFIDENCE = Decimal("0.95")
FIRST_LIMIT = Decimal("0.05")
LIMITS = (Decimal("0.005"), Decimal("0.2"))
MOST_ROWS = 2_000


def rank_of(severities: Iterable[str]) -> int:
    """The place in the queue of what would open flags of these severities."""
    return max((RANKS[severity] for severity in severities), default=RANKS[""])


def word_of(rank: int) -> str:
    """The severity of a rank: critical, high, unknown, medium, low, info, or nothing."""
    return next((word for word, value in RANKS.items() if value == rank), "") or "nothing"


def upper_bound(wrong: int, size: int) -> Decimal:
    """With CONFIDENCE the true error rate is at most this, `wrong` of `size` checked having been wrong. Rounded up to five places.

    The exact one-sided bound of Clopper and Pearson: the rate at which so few errors would come up with a chance of 5 %.
    """
    if not 0 <= wrong <= size or not size:
        raise ValueError("wrong of size")
    if wrong == size:
        return Decimal(1)
    alpha = float(1 - CONFIDENCE)
    low, high = wrong / size, 1.0
    for _ in range(60):
        middle = (low + high) / 2
        low, high = (middle, high) if _at_most(wrong, size, middle) > alpha else (low, middle)
    return Decimal(high).quantize(Decimal("0.00001"), ROUND_CEILING)


def _at_most(wrong: int, size: int, rate: float) -> float:
    """The chance of at most so many errors. In logarithms: the coefficients of large samples are no floats."""
    if rate >= 1:
        return 0.0
    logs = (_log_choose(size, k) + k * math.log(rate) + (size - k) * math.log1p(-rate) for k in range(wrong + 1))
    return math.fsum(math.exp(value) for value in logs)


def _log_choose(n: int, k: int) -> float:
    return math.lgamma(n + 1) - math.lgamma(k + 1) - math.lgamma(n - k + 1)


def least_sample(limit: Decimal, wrong: int = 0) -> int:
    """The smallest sample whose bound stays within the limit when `wrong` of it are wrong."""
    low, high = wrong + 1, wrong + 1
    while upper_bound(wrong, high) > limit:
        low, high = high, high * 2
    while low < high:
        middle = (low + high) // 2
        low, high = (low, middle) if upper_bound(wrong, middle) <= limit else (middle + 1, high)
    return high


def drawn(numbers: Sequence[str], size: int, seed: str) -> list[str]:
    """The sample: the first `size` by SHA-256 of the seed and the number, so that anybody can draw it again."""
    return sorted(numbers, key=lambda number: hashlib.sha256(f"{seed}:{number}".encode()).hexdigest())[:size]


def is_ours(proposal: Mapping[str, Any], lines: Sequence[Mapping[str, Any]]) -> bool:
    """Whether any line may be about goods of ours: it names one, words of ours occur, or the notice does not say what was bought.

    Only a notice that lists its goods, none of which is ours, is set aside: what is not disclosed is a finding and no reason to skip.
    """
    # Of a package only what may be ours is proposed at all.
    if proposal.get("package") or proposal.get("products") or any(line.get("product") for line in lines):
        return True
    if any(isinstance(note, Mapping) and note.get("code") == CUT for note in proposal.get("notes", ())):
        return True
    return not any(line.get("product_text") or line.get("brand") or line.get("model") for line in lines)


def confidence_of(proposal: Mapping[str, Any], places: Sequence[Mapping[str, str]]) -> Decimal:
    """The least sure of the fields that the lines are made of; 0 where there are none."""
    fields = proposal.get("fields", {})
    used = [float(fields[name]["confidence"]) for line in places for name in line.values() if name in fields]
    return Decimal(str(round(min(used, default=0.0), 3)))


def template_of(media_type: str, proposal: Mapping[str, Any]) -> str:
    """What kind of page it was read from: its media type, and the way in which most of its fields were found."""
    reasons = [str(span.get("reason", "")) for span in proposal.get("fields", {}).values() if isinstance(span, Mapping)]
    most = max(sorted(set(reasons)), key=reasons.count, default="")
    kind = "docx" if media_type.endswith("wordprocessingml.document") else media_type.removeprefix("text/")
    return f"{kind} {most}".strip()[:60]
