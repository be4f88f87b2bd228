"""Finds words of the product list (data/products.toml) in a notice: a hint where no goods are listed.

Must not decide whose product a word means.
"""

import re
from dataclasses import dataclass
from functools import cache
from typing import Final

from .blocks import Document
from .labels import words
from .runs import Run

MOST: Final = 20


@dataclass(frozen=True, slots=True)
class Found:
    """One word, where it first stands, and its family."""

    run: Run
    family: str


@cache
def _pattern() -> tuple[re.Pattern[str], dict[str, str]]:
    families = {word.casefold(): family for family, listed in words("products")["families"].items() for word in listed}
    parts = []
    for word in sorted(families, key=lambda w: (-len(w), w)):
        inner = re.escape(word).replace(r"\\ ", r"\\s?")
        parts.append(rf"(?<![0-9a-z]){inner}(?![0-9a-z])" if word[0].isascii() and word[-1].isascii() else inner)
    return re.compile("|".join(parts), re.IGNORECASE), families


def mentions(document: Document) -> list[Found]:
    """Each word once, at its first place."""
    pattern, families = _pattern()
    kept: dict[str, Found] = {}
    for run in document.lines():
        for m in pattern.finditer(run.text):
            family = families.get(re.sub(r"\s+", " ", m[0]).casefold(), "")
            if family and m[0].casefold() not in kept:
                kept[m[0].casefold()] = Found(run.cut(m.start(), m.end()), family)
                if len(kept) == MOST:
                    return list(kept.values())
    return list(kept.values())
