"""How alike a Chinese word and a Latin one sound when neither is plain pinyin of the other.

西门子 and Siemens, 金正大 and Kingenta: the consonants stay, the vowels move. Both are brought to one string of
consonant classes. Must not know vocabulary, units or scores.
"""

from functools import lru_cache

from rapidfuzz.distance import LCSseq

_ONSETS = (
    ("zh", "C"), ("ch", "C"), ("sh", "S"), ("b", "P"), ("p", "P"), ("m", "M"), ("f", "F"), ("d", "T"), ("t", "T"), ("n", "N"),
    ("l", "L"), ("r", "L"), ("g", "K"), ("k", "K"), ("h", "H"), ("j", "C"), ("q", "C"), ("x", "S"), ("z", "C"), ("c", "C"),
    ("s", "S"), ("w", "F"), ("y", "Y"),
)  # fmt: skip
# Longest first. "h" after a consonant and vowels are silent here.
_LETTERS = {
    "tsch": "C", "sch": "S", "tch": "C", "ch": "C", "sh": "S", "zh": "C", "th": "T", "ph": "F", "gh": "K", "ck": "K", "wh": "F",
    "qu": "K", "hs": "S", "kh": "H", "ts": "C", "tz": "C", "dg": "C", "b": "P", "p": "P", "m": "M", "f": "F", "v": "F", "d": "T", "t": "T", "n": "N",
    "l": "L", "r": "L", "k": "K", "h": "H", "j": "C", "q": "C", "z": "C", "s": "S",
}  # fmt: skip
_VOWELS = frozenset("aeiou")
_SOFTENING = frozenset("eiy")
_NEAR = {
    "KC": 0.4, "CS": 0.4, "ST": 0.7, "KH": 0.5, "HF": 0.5, "LN": 0.6, "MN": 0.4, "CT": 0.6, "YC": 0.6, "YA": 0.3, "FA": 0.4,
    "FP": 0.5, "YS": 0.8,
}  # fmt: skip
SWAPS = _NEAR | {pair[::-1]: cost for pair, cost in _NEAR.items()}
# Classes that may stand for one another, for the quick look only.
_MERGED = str.maketrans("KSTYHPAM", "CCCCFFFN")
SKIP = {"N": 0.5, "A": 0.4, "L": 0.6, "H": 0.5, "Y": 0.5}
LEAST_SOUND, LEAST_AGREED = 0.6, 1.9  # less is chance
TAIL_LATIN, TAIL_HAN = 0.55, 0.8  # Recodeal says more than 瑞可达, StarNeto less than 星网宇达


@lru_cache(maxsize=100_000)
def of_syllables(syllables: tuple[str, ...]) -> str:
    """The consonant classes of Chinese syllables: ("xi", "men", "zi") gives "SMNC"."""
    out: list[str] = []
    for syllable in syllables:
        if syllable == "er":
            out.append("L")
            continue
        onset = next((code for letters, code in _ONSETS if syllable.startswith(letters)), "")
        if onset:
            out.append(onset)
        elif not out:
            out.append("A")
        if syllable.endswith(("n", "ng")) and len(syllable) > 1:
            out.append("N")
    return "".join(out)


@lru_cache(maxsize=100_000)
def of_letters(word: str) -> str:
    """The consonant classes of a Latin word as an English reader says it: "siemens" gives "SMNS"."""
    out: list[str] = []
    place = 0
    while place < len(word):
        char, after = word[place], word[place + 1 : place + 2]
        size, code = 1, ""
        if char in _VOWELS:
            code = "A" if place == 0 else ""
        elif char == "x":
            code = "S" if place == 0 else "KS"
        elif char == "g" and word[place - 1 : place] == "n" and (not after or after not in _VOWELS):
            code = ""  # as in Hong Kong
        elif char in "cg" and after != "h" and word[place : place + 2] not in {"ck", "gh"}:
            soft = after in _SOFTENING and after != ""
            code = ("S" if soft else "K") if char == "c" else ("C" if soft else "K")
        elif char in "yw" and word[place : place + 2] != "wh":
            code = ({"y": "Y", "w": "F"}[char]) if after in _VOWELS and after else ""
        elif char == "h" and (after not in _VOWELS or not after):
            code = ""
        else:
            for size in (4, 3, 2, 1):
                code = _LETTERS.get(word[place : place + size], "")
                if code:
                    break
        if code and not (out and out[-1] == code and place and word[place - 1] == char):
            out.append(code)
        place += size
    return "".join(out)


@lru_cache(maxsize=200_000)
def likeness(han: str, latin: str) -> tuple[float, float]:
    """How alike two strings of classes are (0..1), and how many consonants agree.

    A longer tail costs less than a gap inside: company names cut the sound short or hang something on.
    """
    m, n = len(han), len(latin)
    if not m or not n or m > 12 or n > 12:
        return 0.0, 0.0
    # Most pairs have nothing in common: a count in C spares the walk.
    if LCSseq.similarity(han.translate(_MERGED), latin.translate(_MERGED)) < 2:
        return 0.0, 0.0
    costs, agreed = [0.0], [0.0] * (n + 1)
    for b in latin:
        costs.append(costs[-1] + SKIP.get(b, 1.0))
    # Nobody takes notice of less than LEAST_SOUND, and costs never fall.
    most = (1 - LEAST_SOUND) * max(m, n) + 1e-9
    for i, a in enumerate(han, start=1):
        skip_han, last = SKIP.get(a, 1.0), i == m
        above, above_agreed = costs, agreed
        costs, agreed = [above[0] + skip_han], [0.0]
        for j, b in enumerate(latin, start=1):
            swap = 0.0 if a == b else SWAPS.get(a + b, 1.0)
            cost, same = above[j - 1] + swap, above_agreed[j - 1] + 1.0 - swap
            down = above[j] + skip_han * (TAIL_HAN if j == n else 1.0)
            if down < cost or (down == cost and above_agreed[j] > same):
                cost, same = down, above_agreed[j]
            along = costs[-1] + SKIP.get(b, 1.0) * (TAIL_LATIN if last else 1.0)
            if along < cost or (along == cost and agreed[-1] > same):
                cost, same = along, agreed[-1]
            costs.append(cost)
            agreed.append(same)
        if min(costs) > most:
            return 0.0, 0.0
    return max(0.0, 1.0 - costs[n] / max(m, n)), agreed[n]


def initials(syllables: tuple[str, ...]) -> str:
    """The first letters of the syllables: 夜光明 gives "ygm"."""
    return "".join(s[0] for s in syllables if s)


@lru_cache(maxsize=100_000)
def abbreviates(letters: str, firsts: str) -> float:
    """Which share of `firsts` the letters spell, in order and from the first on; 0 where they do not."""
    if not 2 <= len(letters) <= 5 or not firsts or letters[0] != firsts[0]:
        return 0.0
    place = -1
    for letter in letters:
        place = firsts.find(letter, place + 1)
        if place < 0:
            return 0.0
    return min(1.0, len(letters) / len(firsts))
