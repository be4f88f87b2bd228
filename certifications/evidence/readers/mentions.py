"""Finds words of the product list (data/products.toml) in a notice: a hint where no goods are listed, and what a line of a package
is proposed for.

Must not decide whose product a word means.
"""

import re
from collections.abc import Iterable
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


OURS: Final = "catalogue"  # the family of names and numbers of the catalogue


@cache
def _pattern() -> tuple[re.Pattern[str], dict[str, str]]:
    families = {word.casefold(): family for family, listed in words("products")["families"].items() for word in listed}
    return _any_of(families), families


def _any_of(listed: Iterable[str]) -> re.Pattern[str]:
    """A pattern for any of the words, longest first; Latin ones as whole words."""
    parts = []
    for word in sorted(listed, key=lambda w: (-len(w), w)):
        inner = re.escape(word).replace(r"\\ ", r"\\s?")
        parts.append(rf"(?<![0-9a-z]){inner}(?![0-9a-z])" if word[0].isascii() and word[-1].isascii() else inner)
    return re.compile("|".join(parts), re.IGNORECASE)


class Lexicon:
    """The product list together with the catalogue's own names and numbers (`marks`)."""

    def __init__(self, marks: Iterable[str] = ()) -> None:
        own = {mark.strip().casefold() for mark in marks if len(mark.strip()) > 2}
        self._ours = _any_of(own) if own else None

    def families(self, text: str) -> dict[str, str]:
        """Each word of the list or the catalogue that occurs, as written, and its family; at most MOST."""
        pattern, listed = _pattern()
        found = {m[0]: OURS for m in self._ours.finditer(text)} if self._ours else {}
        for m in pattern.finditer(text):
            family = listed.get(re.sub(r"\s+", " ", m[0]).casefold(), "")
            if family and m[0] not in found:
                found[m[0]] = family
            if len(found) >= MOST:
                break
        return found

    @staticmethod
    def has_code(scheme: str, code: str) -> bool:
        """Whether a classification (scheme and code as written) is one of the list's."""
        digits = re.sub(r"\D", "", code.partition("-")[0])
        return any(digits.startswith(start) for start in words("products")["codes"].get(scheme.strip().upper(), ()))


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
