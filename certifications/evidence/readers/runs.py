"""Stretches of the notice in a form that is easy to search, each character knowing where it stands in the plain text.

Full-width digits and brackets become ASCII, spaces between Han characters go ("采 购 人"), so that one pattern finds every way of
writing; the offsets lead back to the text as written. Must not know what any word means.
"""

import re
import unicodedata
from collections.abc import Sequence
from dataclasses import dataclass
from functools import lru_cache
from typing import Final

HAN: Final = "\u3007\u3400-\u4dbf\u4e00-\u9fff\uf900-\ufaff\U00020000-\U0003ffff"
_HAN: Final = re.compile(f"[{HAN}]")
SPACES: Final = " \t\r\n\x0b\x0c\u00a0\u2000-\u200a\u202f\u205f\u3000"
_SPACE: Final = re.compile(f"[{SPACES}]+")
# Zero-width and direction marks, soft hyphen, private use (our own marks live there), control characters.
_NOTHING: Final = re.compile("[\u200b-\u200f\u202a-\u202e\u2060-\u2069\ufeff\u00ad\ue000-\uf8ff\x00-\x08\x0e-\x1f\x7f-\x9f\ud800-\udfff]")
# A gap that stood for a column in a flattened table. "电      话：" is one label spread over a line, not two columns.
_GAP: Final = re.compile(
    rf"(?<![{HAN}])([{HAN}])[{SPACES}]{{2,}}([{HAN}])(?=[{SPACES}]*[:：])|[\u00a0\u3000 ]*\t[{SPACES}]*|[\u00a0\u3000 ]{{4,}}"
)


@dataclass(frozen=True, slots=True)
class Run:
    """`text` to search in; `at[i]` is the offset of its i-th character in the plain text."""

    text: str
    at: Sequence[int]

    def cut(self, start: int = 0, end: int | None = None, *, strip: str = " \n;,。、:.·") -> "Run":
        """The part from start to end without the characters of `strip` at its ends."""
        end = len(self.text) if end is None else min(end, len(self.text))
        while start < end and self.text[start] in strip:
            start += 1
        while end > start and self.text[end - 1] in strip:
            end -= 1
        return Run(self.text[start:end], self.at[start:end])

    def bounds(self) -> tuple[int, int]:
        """Start and end in the plain text; (0, 0) when empty."""
        return (self.at[0], self.at[-1] + 1) if self.text else (0, 0)

    def __bool__(self) -> bool:
        return bool(self.text)


EMPTY: Final = Run("", ())


@lru_cache(maxsize=20_000)
def _folded(char: str) -> str:
    return unicodedata.normalize("NFKC", char)


def is_han(char: str) -> bool:
    """Whether the character is a Han character."""
    return bool(_HAN.match(char))


def clean(raw: str) -> str:
    """Without characters that show nothing."""
    return _NOTHING.sub("", raw)


def squeeze(raw: str) -> str:
    """Each run of white space as one space, none at the ends."""
    return _SPACE.sub(" ", raw).strip(" ")


def columns(line: str) -> list[str]:
    """A line cut at the wide gaps that stood for columns."""
    line = _GAP.sub(lambda m: m[1] + m[2] if m[1] else "\n", line)
    return [part for part in (squeeze(p) for p in line.split("\n")) if part]


def as_written(text: str, run: Run) -> str:
    """The characters of the plain text that the run stands for, spaces between Han characters dropped."""
    start, end = run.bounds()
    return re.sub(rf"(?<=[{HAN}]) (?=[{HAN}])", "", squeeze(text[start:end].replace(" | ", " ")))


class Writer:
    """Builds the plain text piece by piece and gives the run of each piece."""

    def __init__(self) -> None:
        self._parts: list[str] = []
        self.length = 0

    def add(self, piece: str) -> Run:
        """Append a squeezed piece of text; line breaks in it are boundaries that patterns see."""
        shown: list[int] = []
        searched: list[str] = []
        base = self.length
        for i, char in enumerate(piece):
            if char == "\n":  # a paragraph's end inside a table cell: a space to read, a boundary to search
                searched.append("\n")
                shown.append(base + i)
            elif char == " ":
                before, after = piece[i - 1 : i], piece[i + 1 : i + 2]
                if is_han(before) and (is_han(after) or after in ":：)）"):
                    continue
                searched.append(" ")
                shown.append(base + i)
            elif char < "\x80" or "\u4e00" <= char <= "\u9fff":
                searched.append(char)
                shown.append(base + i)
            else:
                for folded in _folded(char):
                    searched.append(folded)
                    shown.append(base + i)
        self._parts.append(piece.replace("\n", " "))
        self.length += len(piece)
        return Run("".join(searched), shown)

    def glue(self, separator: str) -> None:
        """Append what stands between pieces."""
        self._parts.append(separator)
        self.length += len(separator)

    def text(self) -> str:
        """All that was appended."""
        return "".join(self._parts)
