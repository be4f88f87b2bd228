"""The index over a list or the register: its names, their units, what each unit is worth, and who shares which feature.

Knows names and weights by rarity. Must not know which list it holds, how it is searched or what a score leads to.
"""

import gc
import math
import os
import threading
from array import array
from collections.abc import Iterable, Iterator, Sequence
from contextlib import contextmanager
from itertools import pairwise

import numpy as np

from certifications.matching.crossing_traits import sound_runs
from certifications.matching.features import features, joint_features, own_features
from certifications.matching.pinning import pinned
from certifications.matching.score import basic_weight, is_public, laid_out_weights, rarity_of
from certifications.matching.segment import Unit, units_of, words_of
from certifications.matching.store import Array, Arrays, Lookup, Texts, hashes_of, load_arrays, packed, read_only, save_arrays
from certifications.matching.tables import LEXICON_VERSION
from certifications.matching.types import Entry
from certifications.matching.unit_table import UnitTable

_RARITY_FROM = 1_000  # names; below this a list is too small to tell rare from common
# Any change to how names are read or weighed must change it: a stored index of another version is refused.
INDEX_VERSION = "5"
PERSON, HAN, PUBLIC = 1, 2, 4  # flags of a name: a person's, with Chinese characters, of a public body
_FEATURE_WEIGHTS = {"c": 1.0, "w": 1.0, "h": 0.6, "p": 0.8, "g": 0.35, "s": 0.3, "k": 0.5, "x": 0.7, "y": 0.15}


def rarity_key(unit: Unit) -> str:
    """Units with the same key count as one word when a list's rare words are told from its common ones."""
    if unit.concepts:
        return f"c:{unit.kind}:{min(unit.concepts)}"
    return "w:" + ("".join(unit.syllables) if unit.han else unit.text)


class Index:
    """Names of entries, ready to be searched. Made by `build_index` or `load_index`; read-only.

    All of it is arrays, in memory or mapped from a file; units and texts are read back when a query needs them.
    """

    __slots__ = (
        "_rarity", "_rarity_keys", "arrays", "entries", "entry_of", "feature_worth", "features", "first", "flags", "names",
        "postings", "postings_at", "scratch", "sound_runs", "sound_runs_at", "unit_of", "unit_rarity", "unit_worth", "units", "worth",
    )  # fmt: skip

    def __init__(self, arrays: Arrays) -> None:
        self.arrays = arrays
        # Compiled loops are made for read-only arrays, which is what a file that is mapped gives.
        arrays = {key: read_only(array) for key, array in arrays.items()}
        self.names = Texts(arrays["names"], arrays["names_at"])
        self.entries = Texts(arrays["entries"], arrays["entries_at"])
        self.entry_of, self.flags = arrays["entry_of"], arrays["flags"]
        self.units = UnitTable(arrays)
        # Name n has the units unit_of[first[n]:first[n + 1]], worth as much as stands beside them.
        self.first, self.unit_of, self.worth = arrays["first"], arrays["unit_of"], arrays["worth"]
        self.unit_worth, self.unit_rarity = arrays["unit_worth"], arrays["unit_rarity"]  # of each distinct unit, whatever the name
        self.sound_runs, self.sound_runs_at = arrays["sound_runs"], arrays["sound_runs_at"]
        # Feature numbers run from the rarest to the most common.
        self.features = Lookup(arrays["feature_hashes"], arrays["feature_numbers"])
        self.postings, self.postings_at = arrays["postings"], arrays["postings_at"]
        self.feature_worth = arrays["feature_worth"]
        self._rarity_keys = Lookup(arrays["rarity_hashes"], arrays["rarity_numbers"])
        self._rarity = arrays["rarity"]
        self.scratch = threading.local()  # what a query writes to while it runs, once per thread

    def __len__(self) -> int:
        return len(self.names)

    def weights(self, units: Sequence[Unit]) -> list[float]:
        """What each unit is worth here: rare words say more than common ones."""
        basic = [basic_weight(unit) for unit in units]
        if len(self) < _RARITY_FROM:
            return basic
        rarity = [float(self._rarity[n]) if n >= 0 else 1.0 for n in self._rarity_keys.numbers(map(rarity_key, units))]
        return [weight * (0.35 + 0.65 * rare) for weight, rare in zip(basic, rarity, strict=True)]

    def shared(self, units: tuple[Unit, ...]) -> Array:
        """The numbers of the features of `units` that the index holds, rarest first."""
        return np.array(sorted(number for number in self.features.numbers(features(units)) if number >= 0), np.int64)


class _Draft:
    """An index while names are still being read."""

    def __init__(self) -> None:
        self.names: list[str] = []
        self.entries: dict[str, int] = {}
        self.entry_of = array("i")
        self.persons = bytearray()
        self.first = array("q", [0])
        self.unit_of = array("i")
        self.units: list[Unit] = []
        self.unit_numbers: dict[Unit, int] = {}
        self.own: list[tuple[int, ...]] = []  # feature numbers of each unit, whatever stands beside it
        self.features: dict[str, int] = {}
        self.held = array("i")  # feature numbers, name after name
        self.held_by = array("i")  # how many each name has
        self.sound_runs = array("Q")
        self.sound_runs_at = array("q", [0])

    def add(self, entry: str, name: str, units: tuple[Unit, ...], *, person: bool) -> None:
        self.names.append(name)
        self.entry_of.append(self.entries.setdefault(entry, len(self.entries)))
        self.persons.append(person)
        if not person and not is_public(units):
            self.sound_runs.extend(sound_runs(units, han=any(u.han for u in units)))
        self.sound_runs_at.append(len(self.sound_runs))
        known = self.unit_numbers
        numbers = [known[unit] if unit in known else self._unit(unit) for unit in units]
        self.unit_of.extend(numbers)
        self.first.append(len(self.unit_of))
        found = set(self._numbered(joint_features(units))).union(*[self.own[number] for number in numbers])
        self.held.extend(found)
        self.held_by.append(len(found))

    def _numbered(self, features: Iterable[str]) -> list[int]:
        known = self.features
        return [known.setdefault(feature, len(known)) for feature in features]

    def _unit(self, unit: Unit) -> int:
        number = self.unit_numbers[unit] = len(self.units)
        self.units.append(unit)
        # Not through the cache, here and in UnitTable.arrays: each unit is asked once, and a list has very many.
        self.own.append(tuple(self._numbered(own_features.__wrapped__(unit))))
        return number

    def flags(self) -> Array:
        """The flags of each name, from those of its units."""
        units = np.array([HAN * u.han | PUBLIC * is_public((u,)) for u in self.units], np.uint8)
        first = np.array(self.first, np.int64)
        # No name is without units.
        of_units = np.bitwise_or.reduceat(units[self.unit_of], first[:-1]) if len(self.names) else np.empty(0, np.uint8)
        return of_units | PERSON * np.array(self.persons, np.uint8)

    def rarity(self) -> Arrays:
        """How rare each rarity key is, 0 (in every name) to 1, by key."""
        keys: dict[str, int] = {}
        key_of = np.array([keys.setdefault(rarity_key(unit), len(keys)) for unit in self.units], np.int64)
        names = np.repeat(np.arange(len(self.names)), np.diff(self.first))
        # A key that a name has twice counts once.
        pairs = np.unique(names * max(1, len(keys)) + key_of[self.unit_of]) if len(names) else np.empty(0, np.int64)
        counts = np.bincount(pairs % max(1, len(keys)), minlength=len(keys))
        hashes, numbers = Lookup.arrays(list(keys))
        size = len(self.names)
        rare = [math.log((size + 1) / (count + 0.5)) / math.log(size + 2) for count in counts.tolist()]
        return {"rarity_hashes": hashes, "rarity_numbers": numbers, "rarity": np.array(rare, np.float64)}

    def postings(self) -> Arrays:
        """Names by feature. Features are numbered anew, the rarest first: a query stops at the common ones."""
        texts = list(self.features)
        names = np.repeat(np.arange(len(self.names), dtype=np.int32), np.frombuffer(self.held_by, np.int32) if self.held_by else [])
        held = np.frombuffer(self.held, np.int32) if self.held else np.empty(0, np.int32)
        counts = np.bincount(held, minlength=len(texts))
        hashes = hashes_of(texts)
        order = np.lexsort((hashes, counts))  # as common ones in an order that is the same everywhere
        rank = np.empty(len(texts), np.int32)
        rank[order] = np.arange(len(texts), dtype=np.int32)
        places = np.zeros(len(texts) + 1, np.int64)
        np.cumsum(counts[order], out=places[1:])
        kinds = np.array([_FEATURE_WEIGHTS[text[0]] for text in texts], np.float64)
        worth = np.log((len(self.names) + 1) / (counts[order] + 0.5) + 1) * kinds[order]
        by_hash = np.argsort(hashes, kind="stable")
        return {
            "postings": names[np.argsort(rank[held], kind="stable")], "postings_at": places, "feature_worth": worth,
            "feature_hashes": hashes[by_hash], "feature_numbers": rank[by_hash],
        }  # fmt: skip

    def arrays(self) -> Arrays:
        """Everything but the worth of the units, which needs the counts of all names."""
        made = UnitTable.arrays(self.units) | self.rarity() | self.postings()
        for key, texts in (("names", self.names), ("entries", list(self.entries))):
            made[key], made[key + "_at"] = packed(texts)
        made["entry_of"], made["first"] = np.array(self.entry_of, np.int32), np.array(self.first, np.int64)
        made["flags"], made["unit_of"] = self.flags(), np.array(self.unit_of, np.int32)
        made["worth"] = np.zeros(len(self.unit_of), np.float64)
        made["unit_worth"], made["unit_rarity"] = np.zeros(len(self.units), np.float64), np.zeros(len(self.units), np.float64)
        made["sound_runs"], made["sound_runs_at"] = np.array(self.sound_runs, np.uint64), np.array(self.sound_runs_at, np.int64)
        return made


@contextmanager
def _no_cycles() -> Iterator[None]:
    """Spares the search for garbage in cycles while millions of objects are made that hold none: a quarter of the time."""
    on = gc.isenabled()
    gc.disable()
    try:
        yield
    finally:
        if on:
            gc.enable()


def stored_units(entry: Entry) -> Iterator[tuple[str, tuple[Unit, ...]]]:
    """(name, units) of an entry's names as an index holds them. Empty names are left out."""
    # Not through the caches: a list's names are read once, and would push out what queries need.
    read = [(words_of if entry.schema == "Person" else units_of).__wrapped__(name) for name in entry.names]
    return ((name, units) for name, units in zip(entry.names, pinned(read), strict=True) if units)


def build_index(entries: Iterable[Entry]) -> Index:
    """An index over all names of all entries. Empty names are left out; order decides nothing."""
    with _no_cycles():
        return _built(entries)


def _built(entries: Iterable[Entry]) -> Index:
    draft = _Draft()
    for entry in entries:
        for name, units in stored_units(entry):
            draft.add(entry.id, name, units, person=entry.schema == "Person")
    index = Index(draft.arrays())
    weights = index.weights(draft.units)
    arrays = index.arrays
    arrays["unit_worth"][:] = weights
    arrays["unit_rarity"][:] = list(map(rarity_of, draft.units, weights))
    worth, unit_of = arrays["worth"], draft.unit_of.tolist()
    for start, end in pairwise(draft.first.tolist()):
        held = unit_of[start:end]
        worth[start:end] = laid_out_weights([draft.units[n] for n in held], [weights[n] for n in held])
    return index


def _versions() -> dict[str, str]:
    return {"engine": INDEX_VERSION, "lexicon": LEXICON_VERSION}


def save_index(index: Index, path: str | os.PathLike[str]) -> None:
    """Stores an index as one file, whole or not at all."""
    save_arrays(index.arrays, _versions(), path)


def load_index(path: str | os.PathLike[str]) -> Index:
    """A stored index, mapped read-only: workers that load the same file share one copy in memory.

    Raises IndexFileError, naming the file, where it is missing, damaged, or made by another engine or lexicon.
    """
    return Index(load_arrays(path, _versions()))
