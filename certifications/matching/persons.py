"""A person's Chinese name beside a Latin one: 李嘉诚 and Lee Ka-shing, 弗拉基米尔·普京 and Vladimir Putin.

Knows surnames and how names are put together. Must not know companies, lists or thresholds.
"""

from functools import lru_cache

from certifications.matching import sounds
from certifications.matching.account import Account, Sheet
from certifications.matching.segment import Unit
from certifications.matching.tables import rows, values
from certifications.matching.types import Comparison, Piece

LONGEST_HAN_NAME = 4  # characters; longer ones are foreign names written by their sound
MOST_WORDS = 6
READ, _HEARD, _INITIAL = 0.97, 0.85, 0.6
ONE_NAME_ONLY = 0.6
LEAST_HEARD, LEAST_HEARD_AGREED = 0.7, 1.5
WORD_LEFT = 0.08


@lru_cache(maxsize=1)
def _surnames() -> dict[str, frozenset[str]]:
    return {row["han"]: frozenset(v.replace(" ", "") for v in values(row["latin"])) for row in rows("surnames")}


def _surname(name: str) -> int:
    """How many characters the surname has: 2 for 欧阳 and its like."""
    return 2 if len(name) > 2 and name[:2] in _surnames() else 1


def _part(han: str, syllables: tuple[str, ...], words: list[str], *, surname: bool) -> float:
    """How well Latin words, joined, spell a part of a Chinese name."""
    word = "".join(words)
    if not word:
        return 0.0
    if word == "".join(syllables):
        return READ
    if surname and word in _surnames().get(han, ()):
        return READ
    if word == sounds.initials(syllables)[: len(word)] and not surname:
        return _INITIAL
    like, agreed = sounds.likeness(sounds.of_syllables(syllables), sounds.of_letters(word))
    short = len(syllables) == 1
    return _HEARD * like if like >= (0.95 if short else 0.7) and (agreed >= 2 or (short and agreed >= 1)) else 0.0


def _chinese(unit: Unit, latin: list[Unit]) -> list[tuple[str, str, float]]:
    """The parts of a Chinese name with the words that spell them, surname first or last."""
    cut = _surname(unit.text)
    family, given = unit.text[:cut], unit.text[cut:]
    words = [u.text for u in latin]
    best: list[tuple[str, str, float]] = []
    for size in range(1, min(2, len(words)) + 1):
        for front in (True, False):
            ours, rest = (words[:size], words[size:]) if front else (words[-size:], words[:-size])
            one = _part(family, unit.syllables[:cut], ours, surname=True)
            if not one:
                continue
            other = _part(given, unit.syllables[cut:], rest, surname=False)
            found = [(family, " ".join(ours), one), (given, " ".join(rest), other)]
            if not best or one + 2 * other > best[0][2] + 2 * best[1][2]:
                best = found
    return best


def _foreign(han: list[Unit], latin: list[Unit]) -> list[tuple[str, str, float]]:
    """The parts of a foreign name with the words they sound like, in any order."""
    heard = []
    for unit in han:
        code = sounds.of_syllables(unit.syllables)
        for word in latin:
            like, agreed = sounds.likeness(code, sounds.of_letters(word.text))
            if like >= LEAST_HEARD and agreed >= LEAST_HEARD_AGREED:
                heard.append((like, unit.text, word.text))
    heard.sort(reverse=True)
    found: dict[str, tuple[str, float]] = {}
    for like, ours, theirs in heard:
        if ours not in found and all(theirs != word for word, _ in found.values()):
            found[ours] = theirs, min(READ, like)
    return [(unit.text, *found.get(unit.text, ("", 0.0))) for unit in han]


def crossed(han: tuple[Unit, ...], latin: tuple[Unit, ...], names: tuple[str, str]) -> Account:
    """Compares a person's Chinese name (first) with a Latin one; the points of `rows` add up to the score."""
    ours, theirs = [u for u in han if u.han][:MOST_WORDS], [u for u in latin if not u.han][:MOST_WORDS]
    chinese = len(ours) == 1 and 1 < len(ours[0].text) <= LONGEST_HAN_NAME
    parts = _chinese(ours[0], theirs) if chinese else _foreign(ours, theirs)
    if chinese and len(ours[0].text) > 2 and (not parts or parts[1][2] == 0):
        # 普京 and 特朗普 are written like Chinese names.
        parts = max(parts, _foreign(ours, theirs), key=lambda p: sum(like for *_, like in p))
    sheet = Sheet()
    size = sum(len(text) for text, *_ in parts) or 1
    matched = [(text, word, like) for text, word, like in parts if like > 0]
    for text, word, like in matched:
        sheet.add("piece", f"{text} = {word}", len(text) / size * like)
    said = {w for _, word, _ in matched for w in word.split()}
    left = [u.text for u in theirs if u.text not in said]
    if left and sheet.total:
        # A patronymic or a second given name that the Chinese form leaves out.
        sheet.scale("unmatched", " ".join(left), 1 - WORD_LEFT * min(len(left), 4))
    if len(matched) < 2:
        sheet.cap("one_name_only", "", ONE_NAME_ONLY)

    def comparison() -> Comparison:
        pieces = [
            Piece(text, word, "brand", round(len(text) / size, 4), round(like, 4), "reading" if like == READ else "sound")
            for text, word, like in matched
        ]
        tied = {text for text, *_ in matched}
        missing = tuple(text for text, *_ in parts if text not in tied) if parts else tuple(u.text for u in han)
        return Comparison(names[0], names[1], sheet.total, "list", tuple(pieces), sheet.rows(), missing, tuple(left))

    return Account(sheet.total, comparison)
