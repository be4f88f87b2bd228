"""The arrays of an index and the one file they are kept in, which every worker maps instead of reading.

Knows array names, offsets and checksums. Must not know what a name, a unit or a score is.

The file: 8 bytes magic, 4 bytes format version, 4 bytes length of the head, 32 bytes SHA-256 of everything after them;
then the head (JSON: versions and, per array, type, count, offset), then the arrays, each aligned to 64 bytes.
"""

import hashlib
import json
import mmap
import os
import struct
import tempfile
from collections.abc import Iterable, Iterator
from pathlib import Path
from typing import Any

import numpy as np
import numpy.typing as npt

Array = npt.NDArray[Any]
Arrays = dict[str, Array]

MAGIC = b"NAMEINDX"
FORMAT = 1
_HEAD = struct.Struct("<8sII32s")
_ALIGNED = 64
_NO_CONTENT = np.empty(0, np.uint8)


class IndexFileError(ValueError):
    """One sentence: which index file, and why it is not used. The cure is always to build it again."""


def read_only(array: Array) -> Array:
    """The same array, not to be written to."""
    view = array.view()
    view.flags.writeable = False
    return view


def packed(texts: Iterable[str]) -> tuple[Array, Array]:
    """Texts as one run of UTF-8 bytes (uint8) and the n + 1 places (int64) where each begins and the last ends.

    Lone surrogates, which a JSON list can carry, survive.
    """
    body = bytearray()
    places = [0]
    for text in texts:
        body += text.encode("utf-8", "surrogatepass")
        places.append(len(body))
    return np.frombuffer(bytes(body), np.uint8), np.array(places, np.int64)


class Texts:
    """Texts of `packed`, read one at a time; nothing is decoded before it is asked for."""

    __slots__ = ("_body", "_places")

    def __init__(self, body: Array, places: Array) -> None:
        self._body = np.ascontiguousarray(body).data
        self._places = places

    def __len__(self) -> int:
        return len(self._places) - 1

    def __getitem__(self, number: int) -> str:
        start, end = self._places[number : number + 2].tolist()
        return str(self._body[start:end], "utf-8", "surrogatepass")

    def __iter__(self) -> Iterator[str]:
        return (self[number] for number in range(len(self)))


def hash_of(text: str) -> int:
    """64 bits that are the same in every process and on every machine, unlike hash()."""
    return int.from_bytes(hashlib.blake2b(text.encode("utf-8", "surrogatepass"), digest_size=8).digest(), "little")


def hashes_of(texts: list[str]) -> Array:
    """`hash_of` for each text (uint64)."""
    return np.fromiter(map(hash_of, texts), np.uint64, len(texts))


class Lookup:
    """Numbers by text. Holds hashes only; what was asked lately is remembered, because words recur."""

    __slots__ = ("_hashes", "_known", "_numbers")
    _REMEMBERED = 100_000

    def __init__(self, hashes: Array, numbers: Array) -> None:
        self._hashes = hashes
        self._numbers = numbers
        self._known: dict[str, int] = {}

    @staticmethod
    def arrays(texts: list[str]) -> tuple[Array, Array]:
        """Sorted hashes (uint64) and the number (int32) behind each; the number of a text is its place in the list."""
        hashes = hashes_of(texts)
        order = np.argsort(hashes, kind="stable")
        return hashes[order], order.astype(np.int32)

    def numbers(self, texts: Iterable[str]) -> list[int]:
        """The number of each text, -1 where it is not held."""
        known = self._known
        asked = list(texts)
        fresh = [text for text in asked if text not in known]
        if fresh:
            if len(known) > self._REMEMBERED:
                # A new dict, not clear(): another thread may be reading the old one.
                known = self._known = {}
                fresh = asked
            known.update(zip(fresh, self._search(hashes_of(fresh)), strict=True))
        return [known[text] for text in asked]

    def _search(self, hashes: Array) -> list[int]:
        if not len(self._hashes):
            return [-1] * len(hashes)
        places = np.minimum(np.searchsorted(self._hashes, hashes), len(self._hashes) - 1)
        return np.where(self._hashes[places] == hashes, self._numbers[places], -1).tolist()  # type: ignore[no-any-return]


def save_arrays(arrays: Arrays, versions: dict[str, str], path: str | os.PathLike[str]) -> None:
    """Writes the file whole or not at all, so that a worker never maps a half-written one."""
    rows, offset, described = [], 0, {}
    for name, array in arrays.items():
        plain = np.ascontiguousarray(array)
        described[name] = [plain.dtype.str, len(plain), offset]
        padding = -plain.nbytes % _ALIGNED
        rows.append((plain, padding))
        offset += plain.nbytes + padding
    head = json.dumps({"versions": versions, "arrays": described, "bytes": offset}).encode()
    head += b" " * (-(_HEAD.size + len(head)) % _ALIGNED)
    digest = hashlib.sha256(head)
    for plain, padding in rows:
        digest.update(plain.data if plain.nbytes else b"")
        digest.update(bytes(padding))
    target = Path(path)
    handle, partial = tempfile.mkstemp(dir=target.parent, prefix=f".{target.name}.")
    try:
        with os.fdopen(handle, "wb") as file:
            file.write(_HEAD.pack(MAGIC, FORMAT, len(head), digest.digest()) + head)
            for plain, padding in rows:
                file.write(plain.data if plain.nbytes else b"")
                file.write(bytes(padding))
            file.flush()
            os.fsync(file.fileno())
        Path(partial).replace(target)
    except BaseException:
        Path(partial).unlink(missing_ok=True)
        raise


def load_arrays(path: str | os.PathLike[str], versions: dict[str, str]) -> Arrays:
    """The arrays of a file, mapped read-only: processes that map the same file share one copy in memory.

    Raises IndexFileError where the file is missing, damaged, of another format, or made by other versions than `versions`.
    """
    name = os.fspath(path)
    try:
        with open(name, "rb") as file:
            content = mmap.mmap(file.fileno(), 0, access=mmap.ACCESS_READ)
    except OSError as error:
        raise IndexFileError(f"Index file {name} cannot be read: {error.strerror}.") from error
    except ValueError as error:  # mmap refuses an empty file
        raise IndexFileError(f"Index file {name} is empty.") from error
    if len(content) < _HEAD.size or content[: len(MAGIC)] != MAGIC:
        raise IndexFileError(f"{name} is not an index file.")
    _magic, form, length, digest = _HEAD.unpack(content[: _HEAD.size])
    if form != FORMAT:
        raise IndexFileError(f"Index file {name} has format {form}; this version reads {FORMAT}.")
    body = memoryview(content)[_HEAD.size :]
    if hashlib.sha256(body).digest() != digest:
        raise IndexFileError(f"Index file {name} is damaged: its checksum does not fit its content.")
    head = json.loads(bytes(body[:length]))
    for part, wanted in versions.items():
        if head["versions"].get(part) != wanted:
            raise IndexFileError(f"Index file {name} was made by {part} {head['versions'].get(part)}; this is {wanted}.")
    data = body[length:]
    return {
        key: np.frombuffer(data, np.dtype(kind), count, offset) if count else _NO_CONTENT.view(np.dtype(kind))
        for key, (kind, count, offset) in head["arrays"].items()
    }
