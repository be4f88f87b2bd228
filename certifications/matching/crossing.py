"""Lays a company's Chinese name beside a Latin one: by meaning, by reading, by initials, by sound.

Gives pieces and signals; calibrations say what they are worth. A company chooses its English name freely, so what
found no partner says less here than between two names in one script. Must not know lists or thresholds.
"""

from collections.abc import Container
from dataclasses import dataclass, field
from typing import NamedTuple

from certifications.matching import sounds
from certifications.matching.lexicon import lexicon
from certifications.matching.segment import Unit

_LOOSE = frozenset({"brand", "word", "term"})
_LONGEST_NAME = 5  # characters that one English word stands for
_Run = tuple[tuple[int, ...], tuple[str, ...]]  # places of neighbouring units, and their syllables


class Tie(NamedTuple):
    """Units of the Chinese name and of the Latin one that say the same."""

    han: tuple[int, ...]
    latin: tuple[int, ...]
    how: str  # concept, reading, translation, initials, sound
    like: float
    agreed: float = 0.0  # consonants, for sound


@dataclass(slots=True)
class Crossing:
    """What was tied and what is left on both sides, as places in the two tuples of units."""

    ties: list[Tie] = field(default_factory=list)
    free_han: list[int] = field(default_factory=list)
    free_latin: list[int] = field(default_factory=list)

    def tie(self, tie: Tie) -> None:
        self.ties.append(tie)
        self.free_han = [i for i in self.free_han if i not in tie.han]
        self.free_latin = [j for j in self.free_latin if j not in tie.latin]


def _by_meaning(crossing: Crossing, han: tuple[Unit, ...], latin: tuple[Unit, ...]) -> None:
    for i, a in enumerate(han):
        if not a.concepts:
            continue
        for j in crossing.free_latin:
            b = latin[j]
            if b.kind == a.kind and a.concepts & b.concepts:
                crossing.tie(Tie((i,), (j,), "concept", 1.0))
                break


def _neighbours(free: Container[int], units: tuple[Unit, ...], start: int, most: int) -> list[tuple[int, ...]]:
    """The runs of free loose units from `start` on, shortest first."""
    if start not in free:
        return []
    first = units[start]
    if first.kind == "place" and not first.implied and not first.han:
        return [(start,)]  # Zhenjiang may be a city and may be 振江
    end = start
    while end in free and units[end].kind in _LOOSE and end - start < most:
        end += 1
    return [tuple(range(start, stop)) for stop in range(start + 1, end + 1)]


def _spoken(units: tuple[Unit, ...], run: tuple[int, ...]) -> tuple[str, ...]:
    if len(run) == 1:
        return units[run[0]].syllables
    return tuple([s for i in run for s in units[i].syllables])


def _runs(free: list[int], units: tuple[Unit, ...], most: int) -> list[_Run]:
    """All runs of free units from each place on, shortest first, with their syllables."""
    held = frozenset(free)
    return [(run, _spoken(units, run)) for start in free for run in _neighbours(held, units, start, most)]


def _by_reading(crossing: Crossing, han: tuple[Unit, ...], latin: tuple[Unit, ...]) -> None:
    """Units whose syllables are the same, several on one side if need be; then those that begin alike."""
    if not any(latin[j].syllables for j in crossing.free_latin) and all(han[i].syllables for i in crossing.free_han):
        return
    runs = _runs(crossing.free_latin, latin, 5)
    for whole in (True, False):
        for i in list(crossing.free_han):
            found = _whole_reading(crossing, han, runs, i) if whole else _part_reading(crossing, han, latin, runs, i)
            if found:
                crossing.tie(found)
                runs = _runs(crossing.free_latin, latin, 5)


def _whole_reading(crossing: Crossing, han: tuple[Unit, ...], runs: list[_Run], start: int) -> Tie | None:
    for ours in reversed(_neighbours(crossing.free_han, han, start, 3)):
        wanted = _spoken(han, ours)
        if len(wanted) < 2 and han[start].kind != "brand":
            continue
        for theirs, spelt in runs:
            if spelt == wanted:
                return Tie(ours, theirs, "reading", 1.0)
    return None


def _part_reading(crossing: Crossing, han: tuple[Unit, ...], latin: tuple[Unit, ...], runs: list[_Run], start: int) -> Tie | None:
    wanted = han[start].syllables
    if len(wanted) < 2 or not _neighbours(crossing.free_han, han, start, 1):
        return None
    for theirs, spelt in runs:
        # One syllable alone agrees by chance.
        if spelt[:2] == wanted[:2] and all(latin[k].syllables for k in theirs):
            short, long = sorted((spelt, wanted), key=len)
            if long[: len(short)] == short:
                return Tie((start,), theirs, "reading", max(0.6, len(short) / len(long)))
    return None


def _meanings(unit: Unit) -> frozenset[str]:
    return unit.hints | unit.concepts


def _covered(crossing: Crossing, term: Unit, latin: tuple[Unit, ...], best: int) -> tuple[int, ...]:
    """光电科技 and "photoelectric tech": every free word that means a part of the term."""
    if term.kind != "term" or not term.hints:
        return (best,)
    return tuple(j for j in crossing.free_latin if j == best or (latin[j].kind == "term" and latin[j].concepts & term.hints))


def _by_translation(crossing: Crossing, han: tuple[Unit, ...], latin: tuple[Unit, ...]) -> None:
    """金海 and Goldensea: characters of the Chinese name that mean a part of the English word."""
    hints = lexicon().hints
    for i in list(crossing.free_han):
        a = han[i]
        if a.kind not in _LOOSE or not _meanings(a):
            continue
        best, best_like = -1, 0.0
        for j in crossing.free_latin:
            meant = _meanings(latin[j])
            if not meant or latin[j].kind not in _LOOSE:
                continue
            if a.concepts & meant:
                like = 0.9 if a.concepts & latin[j].concepts else 0.7
            else:
                like = 0.95 * sum(bool(hints.get(char, frozenset()) & meant) for char in a.text) / len(a.text)
                like = max(like, 0.6) if a.hints & meant and a.kind == "term" else like
            if like > best_like and (like >= 0.3 or a.kind == "brand"):
                best, best_like = j, like
        if best >= 0:
            also = _covered(crossing, a, latin, best)
            crossing.tie(Tie((i,), also, "translation", 0.9 if len(also) > 1 else min(1.0, best_like)))


def _by_sound(crossing: Crossing, han: tuple[Unit, ...], latin: tuple[Unit, ...]) -> None:
    """济民 and Chimin, 夜光明 and YGM: the best pair of what is left, once or twice."""
    if not any(han[t.han[0]].kind != "form" for t in crossing.ties) and min(_telling(han), _telling(latin)) > 1:
        return  # nothing else agrees: a sound alone is chance
    kinds = {"brand"} if any(han[i].kind == "brand" for i in crossing.free_han) else _LOOSE
    for _ in range(2):
        best: tuple[float, Tie] | None = None
        words = _words(crossing, latin)
        if not words:
            return
        for i in crossing.free_han:
            if han[i].kind not in kinds:
                continue
            for ours in _neighbours(crossing.free_han, han, i, 3):
                spoken = _spoken(han, ours)
                if len(spoken) > _LONGEST_NAME or (len(ours) > 1 and han[ours[0]].kind == "term"):
                    break
                for tie in _heard(words, ours, spoken):
                    worth = tie.like * (tie.agreed or 2.0) + 0.1 * (han[i].kind == "brand")
                    if best is None or worth > best[0]:
                        best = worth, tie
        if best is None:
            return
        crossing.tie(best[1])


def _words(crossing: Crossing, latin: tuple[Unit, ...]) -> list[tuple[tuple[int, ...], str]]:
    """The Latin words, and runs of short ones, that may be meant for a sound."""
    found = []
    free = frozenset(crossing.free_latin)
    for j in crossing.free_latin:
        for theirs in _neighbours(free, latin, j, 3):
            if len(theirs) > 1 and len(latin[theirs[-1]].text) > 4:
                break
            if len(theirs) == 2 and len(latin[j].text) > 4:
                break
            if any(latin[k].kind == "word" for k in theirs):
                found.append((theirs, "".join([latin[k].text for k in theirs])))
    return found


def _heard(words: list[tuple[tuple[int, ...], str]], ours: tuple[int, ...], spoken: tuple[str, ...]) -> list[Tie]:
    code, firsts = sounds.of_syllables(spoken), sounds.initials(spoken)
    found = []
    for theirs, word in words:
        short = sounds.abbreviates(word, firsts)
        if short:
            found.append(Tie(ours, theirs, "initials", short, min(len(word), 4) * 0.8))
        like, agreed = sounds.likeness(code, sounds.of_letters(word))
        if like >= sounds.LEAST_SOUND and agreed >= sounds.LEAST_AGREED:
            found.append(Tie(ours, theirs, "sound", like, agreed))
    return found


def _telling(units: tuple[Unit, ...]) -> int:
    return sum(u.kind not in {"form", "rank", "ethnic"} for u in units)


def cross(han: tuple[Unit, ...], latin: tuple[Unit, ...]) -> Crossing:
    """Ties the units of a Chinese name to those of a Latin one, the surest ways first."""
    crossing = Crossing([], list(range(len(han))), list(range(len(latin))))
    _by_meaning(crossing, han, latin)
    _by_reading(crossing, han, latin)
    _by_translation(crossing, han, latin)
    _by_sound(crossing, han, latin)
    return crossing
