"""Indexes as files: built once per set of list versions and engine, mapped by every worker, refused by name where damaged.

Two files a key: names (an index of matching) and codes (registration numbers, and what each word of the names counts as). The
codes file holds the head of the names file it was made with, so that neither is ever used beside a stranger. Knows files and
locks, not what a finding is.
"""

import fcntl
import threading
import time
from bisect import bisect_left
from collections.abc import Callable, Iterable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import structlog
from django.conf import settings
from django.utils.translation import gettext as _

from certifications.ledger.canonical import canonical, sha256_hex
from certifications.matching import Entry, Index, IndexFileError, build_index, load_index, save_index
from certifications.matching.index import rarity_key
from certifications.matching.segment import Unit
from certifications.matching.store import Array, Texts, hash_of, load_arrays, packed, save_arrays

log = structlog.get_logger(__name__)

KEPT = 3  # sets of files: the one in use, and those that a slower worker or a delta still asks
HELD = 3  # sets a process keeps mapped
HEAD = 64  # bytes at the start of a names file; its checksum is among them
LEFT_OVER = 3600.0  # seconds after which a half-written file belongs to nobody


class IndexUnavailable(Exception):
    """No index can be read or made; whoever screens keeps a failed run, never a clear one."""


@dataclass(frozen=True)
class Codes:
    """Keys by registration number, sorted by number; read where they lie."""

    codes: Texts
    keys: Texts

    def __getitem__(self, code: str) -> list[str]:
        place = bisect_left(self.codes, code)  # type: ignore[arg-type] - a sequence in all that bisect asks
        found = []
        while place < len(self.codes) and self.codes[place] == code:
            found.append(self.keys[place])
            place += 1
        return found


@dataclass(frozen=True)
class Stored:
    """Names and registration numbers, ready to be asked. `words` is a number for each distinct unit of the names: units of the
    same number count as one word where rare words are told from common ones.
    """

    names: Index
    by_code: Codes
    words: Array

    def holding(self, words: Iterable[int]) -> set[str]:
        """Keys of the entries with a name that holds one of the words, which are given by number."""
        wanted = np.isin(self.words, np.fromiter(words, np.uint64))
        places = np.flatnonzero(wanted[self.names.unit_of])
        names = np.searchsorted(self.names.first, places, side="right") - 1
        return {self.names.entries[number] for number in np.unique(self.names.entry_of[names]).tolist()}


def number_of(unit: Unit) -> int:
    """The number of a unit in `words`, the same on every machine."""
    return hash_of(rarity_key(unit))


@dataclass(frozen=True)
class Content:
    """What an index is made of: entries, and (number, key) pairs."""

    entries: Iterable[Entry]
    codes: list[tuple[str, str]]


_mapped: dict[str, Stored] = {}
_one = threading.Lock()


def forget() -> None:
    """Let go of what this process has mapped."""
    with _one:
        _mapped.clear()


def stored(kind: str, key: str, versions: dict[str, str], make: Callable[[], Content]) -> Stored:
    """The index of a kind ("lists", "parties") for a key: mapped, or built by one process while the others wait.

    Raises IndexUnavailable where the folder can be neither read nor written; whatever `make` raises goes through.
    """
    name = f"{kind}-{sha256_hex(canonical([key, sorted(versions.items())]))[:40]}"
    with _one:
        if name not in _mapped:
            try:
                found = _mapped_or_built(settings.INDEX_DIR, kind, name, {**versions, "key": key}, make)
            except OSError as error:
                raise IndexUnavailable(_("The stored index cannot be read or written: %(e)s.") % {"e": error.strerror}) from error
            while len(_mapped) >= HELD:
                del _mapped[next(iter(_mapped))]
            _mapped[name] = found
        return _mapped[name]


def _mapped_or_built(folder: Path, kind: str, name: str, versions: dict[str, str], make: Callable[[], Content]) -> Stored:
    folder.mkdir(mode=0o700, parents=True, exist_ok=True)
    names, codes = folder / f"{name}.names", folder / f"{name}.codes"
    if codes.exists():
        found = _read(names, codes, versions)
        if found is not None:
            return found
    with _locked(folder / f"{kind}.lock"):
        # Another worker may have built it while this one waited.
        found = _read(names, codes, versions) if codes.exists() else None
        if found is None:
            _build(names, codes, versions, make())
            found = _read(names, codes, versions)
            _sweep(folder, kind)
    if found is None:
        raise IndexUnavailable(_("The stored index %(n)s was written and cannot be read back.") % {"n": name})
    return found


def _read(names: Path, codes: Path, versions: dict[str, str]) -> Stored | None:
    """Both files, or None, said in the log, where one is missing, damaged, or not of this key."""
    try:
        arrays = load_arrays(codes, versions)
        with names.open("rb") as file:
            if file.read(HEAD) != arrays["head"].tobytes():
                raise IndexFileError(f"Index file {names} is not the one that {codes.name} was made with.")
        codes_held = Codes(Texts(arrays["codes"], arrays["codes_at"]), Texts(arrays["keys"], arrays["keys_at"]))
        return Stored(load_index(names), codes_held, arrays["words"])
    except FileNotFoundError:
        log.warning("index file missing", file=str(names))
    except (IndexFileError, KeyError, ValueError) as error:
        log.warning("index file refused", file=str(names), reason=str(error))
    return None


def _build(names: Path, codes: Path, versions: dict[str, str], content: Content) -> None:
    """Names first: without the codes file, which is written last, nothing counts."""
    codes.unlink(missing_ok=True)
    index = build_index(content.entries)
    save_index(index, names)
    pairs = sorted(content.codes)
    made = {"words": np.fromiter((number_of(index.units[number]) for number in range(len(index.unit_worth))), np.uint64)}
    made["codes"], made["codes_at"] = packed(code for code, _key in pairs)
    made["keys"], made["keys_at"] = packed(key for _code, key in pairs)
    with names.open("rb") as file:
        made["head"] = np.frombuffer(file.read(HEAD), np.uint8)
    save_arrays(made, versions, codes)


@contextmanager
def _locked(path: Path) -> Iterator[None]:
    """One builder on this machine; the lock goes with its process, whatever ends it."""
    with path.open("w") as file:
        fcntl.flock(file, fcntl.LOCK_EX)
        yield


def _sweep(folder: Path, kind: str) -> None:
    """Remove what is old: files that are mapped elsewhere stay there until they are let go of."""
    sets = sorted(folder.glob(f"{kind}-*.codes"), key=lambda path: path.stat().st_mtime, reverse=True)
    kept = {path.stem for path in sets[:KEPT]}
    for path in folder.glob(f"{kind}-*"):
        if path.stem not in kept:
            path.unlink(missing_ok=True)
    for path in folder.glob(".*"):
        if time.time() - path.stat().st_mtime > LEFT_OVER:
            path.unlink(missing_ok=True)
