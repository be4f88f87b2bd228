"""Arabic script, as Arabic and Uyghur use it, to Latin letters, one letter at a time.

Uyghur writes its vowels, Arabic leaves the short ones out: what comes out is compared by likeness, never taken for
the spelling of a passport. Source: written for this project from the Uyghur Latin alphabet (ULY) and common practice.
"""

import re

ARABIC = re.compile("[\u0600-\u06ff]")
# Letters that only Uyghur has.
_UYGHUR = re.compile("[ەېۇۆۈۋڭ]")
_COMMON = {
    "ا": "a", "ب": "b", "پ": "p", "ت": "t", "ج": "j", "چ": "ch", "خ": "kh", "د": "d", "ر": "r", "ز": "z", "ژ": "zh", "س": "s",
    "ش": "sh", "غ": "gh", "ف": "f", "ق": "q", "ك": "k", "ک": "k", "گ": "g", "ل": "l", "م": "m", "ن": "n", "ه": "h", "ھ": "h",
    "ي": "y", "ی": "i", "ح": "h", "ع": "a", "ص": "s", "ض": "d", "ط": "t", "ظ": "z", "ث": "th", "ذ": "dh", "ة": "a", "ء": "",
    "و": "u", "ى": "a",
}  # fmt: skip
_IN_UYGHUR = {"ە": "e", "ې": "e", "و": "o", "ۇ": "u", "ۆ": "o", "ۈ": "u", "ۋ": "w", "ڭ": "ng", "ى": "i", "خ": "x"}


def to_latin(chars: list[str]) -> list[str]:
    """The characters with those of the Arabic script as Latin ones; "" for the ones that are not spoken."""
    text = "".join(char[:1] or " " for char in chars)
    if not ARABIC.search(text):
        return chars
    table = _COMMON | _IN_UYGHUR if _UYGHUR.search(text) else _COMMON
    inside = re.compile("ى(?=[\u0600-\u06ff])")  # only at the end of a word is it an Arabic a
    return [table.get("ی" if inside.match(text, place) else char, char) for place, char in enumerate(chars)]
