"""Brings a name as written to one plain form; where a character of it came from is worked out when somebody asks.

Compatibility forms, traditional characters, case, diacritics, invisible and look-alike characters
are folded. Must not know any vocabulary: places, bodies and words come later.
"""

import re
import unicodedata
from functools import lru_cache
from typing import NamedTuple

from opencc import OpenCC

from certifications.matching.arabic import to_latin

# A name longer than this is no name; the rest is ignored so that time stays bounded.
MAX_LENGTH = 400

HAN = "\u3007\u3400-\u4dbf\u4e00-\u9fff\U00020000-\U0003ffff"
_HAN_CHARACTER = re.compile(f"[{HAN}]")
_WORD = re.compile(r"[^\W_]+")
_CYRILLIC = re.compile("[\u0400-\u04ff]")
_LATIN = re.compile("[a-z]")
_APOSTROPHES = frozenset("'’‘ʼʻ`´ˈ·•・")
_HAMZA = "ئ"  # carries a vowel in Uyghur, is one with no sound of its own in Arabic
_DOTS = frozenset("·•・‧")
_HYPHENLESS = frozenset("\u00ad\u200b\u200c\u200d\u2060\ufeff")

# Letters that look like Latin ones (Unicode confusables, the letters used in practice): an "а" from
# the Cyrillic block inside a Latin word is a way round a list.
_LOOKALIKES = dict(
    zip(
        "аеорсухкмтвнігԁјѕӏԛԝαεορυικντѵ",
        "aeopcyxkmtbhirdjslqwaeopuikvtv",
        strict=True,
    )
)
# Passport transliteration (ICAO Doc 9303, part 3, section 6.B), lower case.
_CYRILLIC_TO_LATIN = {
    **dict(zip("абвгдезийклмнопрстуфыэіјґ", "abvgdeziiklmnoprstufyeijg", strict=True)),
    "ж": "zh", "х": "kh", "ц": "ts", "ч": "ch", "ш": "sh", "щ": "shch", "ъ": "ie", "ь": "",
    "ю": "iu", "я": "ia", "є": "ie", "ѕ": "dz", "ћ": "c", "ђ": "d", "љ": "lj", "њ": "nj", "џ": "dz",
}  # fmt: skip

_TO_SIMPLIFIED = OpenCC("t2s")


class Text(NamedTuple):
    """`plain` is the folded form of the name `written`."""

    plain: str
    written: str

    def span(self, start: int, end: int) -> tuple[int, int]:
        """The written characters [start, end) behind plain[start:end]."""
        origin = _folded(self.written)[1]
        return (origin[start], origin[end - 1] + 1) if start < end and origin else (0, 0)


def has_han(text: str) -> bool:
    """True where the text holds at least one Chinese character."""
    return _HAN_CHARACTER.search(text) is not None


@lru_cache(maxsize=4096)
def _fold_character(char: str) -> str:
    """One written character as zero or more plain ones; " " for everything that parts words."""
    if char in _APOSTROPHES or char in _HYPHENLESS or char == _HAMZA:
        return ""
    category = unicodedata.category(char)
    if category in {"Cf", "Cs", "Co", "Cn"}:
        return ""
    if category in {"Cc", "Zs", "Zl", "Zp"}:
        return " "
    folded = unicodedata.normalize("NFKD", unicodedata.normalize("NFKD", char).casefold())
    plain = "".join(c for c in folded if unicodedata.category(c) not in {"Mn", "Me", "Cf"})
    plain = {"đ": "d", "ø": "o", "ł": "l", "ı": "i", "æ": "ae", "œ": "oe", "þ": "th", "ð": "d"}.get(plain, plain)
    return "".join(c if c.isalnum() else " " for c in plain if c not in _APOSTROPHES)


def _simplified(chars: list[str]) -> list[str]:
    """Traditional characters to simplified ones, character positions kept."""
    text = "".join(chars)
    for _ in range(3):
        turned = _TO_SIMPLIFIED.convert(text)
        if len(turned) != len(text):
            turned = "".join((_TO_SIMPLIFIED.convert(c) or c)[0] for c in text)
        if turned == text:
            break
        text = turned
    return list(text)


def _without_lookalikes(chars: list[str]) -> list[str]:
    """Cyrillic and Greek look-alikes in Latin words to Latin; other Cyrillic words transliterated."""
    text = "".join(chars)
    if text.isascii():
        return chars
    latin_about = _LATIN.search(text) is not None
    out = list(chars)
    for word in _WORD.finditer(text):
        letters = word.group()
        if letters.isascii():
            continue
        disguised = _LATIN.search(letters) is not None or (latin_about and all(c in _LOOKALIKES for c in letters))
        if not disguised and not _CYRILLIC.search(letters):
            continue
        for place in range(word.start(), word.end()):
            char = chars[place]
            if disguised and char in _LOOKALIKES:
                out[place] = _LOOKALIKES[char]
            else:
                out[place] = _CYRILLIC_TO_LATIN.get(char, char)
    return out


# What ASCII turns to; apostrophes are dropped, and so not here.
_ASCII = str.maketrans({chr(code): chr(code).lower() if chr(code).isalnum() else " " for code in range(128)})


@lru_cache(maxsize=256)
def _folded(name: str) -> tuple[str, tuple[int, ...]]:
    """The plain form, and for each of its characters where it stood."""
    chars: list[str] = []
    origin: list[int] = []
    for place, char in enumerate(name):
        # Between Chinese characters the dot parts the names of a foreigner.
        dot = char in _DOTS and chars and _HAN_CHARACTER.match(chars[-1])
        for plain in " " if dot else _fold_character(char):
            if plain == " " and (not chars or chars[-1] == " "):
                continue
            chars.append(plain)
            origin.append(place)
    if _HAN_CHARACTER.search("".join(chars)):
        chars = _simplified(chars)
    chars = to_latin(_without_lookalikes(chars))
    while chars and chars[-1] == " ":
        chars.pop()
        origin.pop()
    # Transliteration may turn one letter into several ("щ" to "shch").
    pairs = [(plain, place) for letter, place in zip(chars, origin, strict=True) for plain in letter][:MAX_LENGTH]
    return "".join(plain for plain, _ in pairs).rstrip(), tuple(place for _, place in pairs)


def fold(name: str) -> Text:
    """Folds a name. Takes any string, never raises; looks at the first MAX_LENGTH characters only."""
    name = name[:MAX_LENGTH]
    if name.isascii() and "'" not in name and "`" not in name:
        # Most of all names: no character needs to be looked up.
        return Text(" ".join(name.translate(_ASCII).split()), name)
    return Text(_folded(name)[0], name)


def normalise(name: str) -> str:
    """The plain form of a name; normalising it again changes nothing."""
    return fold(name).plain
