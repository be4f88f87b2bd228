"""How Chinese characters are read, and how Latin letters fall into pinyin syllables.

Readings come from pypinyin with our own overrides (data/readings.csv) on top. Knows no places,
bodies or other vocabulary.
"""

from functools import lru_cache

from pypinyin import Style, lazy_pinyin, load_phrases_dict
from pypinyin.constants import PINYIN_DICT
from pypinyin.contrib.tone_convert import to_normal

from certifications.matching.tables import rows

LONGEST_SYLLABLE = 6
# Interjections that the reading table carries but no name is written with; "o" and "r" would let
# half of all English words pass for pinyin.
_NO_NAME_SYLLABLES = frozenset({"n", "m", "ng", "hm", "hng", "r", "o", "yo", "lo", "ei", "eh", "biang", "fiao"})

_HEADS = frozenset("校市县区省州部院厂队船店社站所行会班组团生成增家首")
_HEADED = frozenset({"长子", "长子县"})

# One call: each one makes pypinyin prepare its segmentation anew.
load_phrases_dict({row["word"]: [[s] for s in row["reading"].replace("lv", "lü").replace("nv", "nü").split()] for row in rows("readings")})


def _all_syllables() -> frozenset[str]:
    marked = {spoken for readings in PINYIN_DICT.values() for spoken in readings.split(",")}
    plain = {to_normal(spoken).replace("ü", "v") for spoken in marked}
    found = {s for s in plain if s.isascii() and s.isalpha() and len(s) <= LONGEST_SYLLABLE}
    # ü is written u, v or yu by different hands; lue and nue are the passport forms.
    return frozenset(found - _NO_NAME_SYLLABLES) | {"lue", "nue", "lyu", "nyu"}


SYLLABLES = _all_syllables()


@lru_cache(maxsize=200_000)
def reading(han: str) -> tuple[str, ...]:
    """The syllables of a Chinese word, without tones: 乌鲁木齐 gives ("wu", "lu", "mu", "qi").

    ü becomes u, because that is what Latin letters without dots leave.
    """
    spoken = [same_vowel(s) for s in lazy_pinyin(han, style=Style.NORMAL, v_to_u=False)]
    if "长" in han and len(spoken) == len(han):
        # In names it is "long" (chang) unless the word before it makes it a head or a growth.
        spoken = [
            "chang"
            if char == "长" and syllable == "zhang" and (not place or han[place - 1] not in _HEADS) and han not in _HEADED
            else syllable
            for place, (char, syllable) in enumerate(zip(han, spoken, strict=True))
        ]
    return tuple(spoken)


def same_vowel(syllable: str) -> str:
    """lü, lv, lyu and lu as one: writers do not keep them apart."""
    if syllable in {"lv", "lü", "lyu"}:
        return "lu"
    if syllable in {"nv", "nü", "nyu"}:
        return "nu"
    return syllable


@lru_cache(maxsize=100_000)
def syllable_lengths(letters: str) -> tuple[int, ...]:
    """How long the syllables are that `letters`, at most LONGEST_SYLLABLE of them, begin with; shortest first."""
    return tuple(size for size in range(1, len(letters) + 1) if letters[:size] in SYLLABLES)


@lru_cache(maxsize=200_000)
def syllables(word: str) -> tuple[str, ...]:
    """A Latin word (a-z) cut into the fewest pinyin syllables, or () where it cannot be."""
    if not word.isascii() or len(word) > 60:
        return ()
    best: list[tuple[str, ...] | None] = [None] * (len(word) + 1)
    best[0] = ()
    for start in range(len(word)):
        so_far = best[start]
        if so_far is None:
            continue
        for end in range(start + 1, min(len(word), start + LONGEST_SYLLABLE) + 1):
            if word[start:end] not in SYLLABLES:
                continue
            there = best[end]
            if there is None or len(there) > len(so_far) + 1:
                best[end] = (*so_far, same_vowel(word[start:end]))
    return best[-1] or ()
