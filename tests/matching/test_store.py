"""An index in a file: what comes back is what was stored, and a file that is not whole or not ours is refused by name."""

from pathlib import Path

import numpy as np
import pytest

from certifications.matching import Entry, IndexFileError, build_index, load_index, match, save_index, store
from certifications.matching import index as index_module
from tests.matching.listed import english_index, entities
from tests.matching.test_properties import BAD


@pytest.fixture
def file(tmp_path: Path) -> Path:
    path = tmp_path / "names.index"
    save_index(english_index(), path)
    return path


def refused(path: Path) -> str:
    with pytest.raises(IndexFileError) as refusal:
        load_index(path)
    assert str(path) in str(refusal.value)
    return str(refusal.value)


def test_a_stored_index_answers_like_the_one_that_was_stored(file: Path) -> None:
    loaded = load_index(file)
    assert len(loaded) == len(english_index())
    for entity in entities()[::12]:
        for name in (entity["name"], *entity["zh_unofficial"]):
            assert match(name, loaded, 15) == match(name, english_index(), 15)


def test_names_that_are_no_text_survive_storing(tmp_path: Path) -> None:
    entries = [Entry(f"{number}\ud800", "", [name, name]) for number, name in enumerate(BAD)]
    save_index(build_index(entries), tmp_path / "odd")
    loaded = load_index(tmp_path / "odd")
    assert list(loaded.names) == [name for e in entries for name in e.names if name in set(build_index(entries).names)]
    assert {c.id for c in match("公安局", loaded, 60)} <= {e.id for e in entries}


def test_an_empty_index_can_be_stored(tmp_path: Path) -> None:
    save_index(build_index([]), tmp_path / "none")
    assert match("公安局", load_index(tmp_path / "none")) == []


def test_a_loaded_index_is_mapped_and_cannot_be_written_to(file: Path) -> None:
    """Workers share the pages of one file: what one could change, all would see."""
    postings = load_index(file).postings
    with pytest.raises(ValueError, match="read-only"):
        postings[0] = 1
    assert not postings.flags.owndata


@pytest.mark.parametrize("place", [20, 60, 200, -1], ids=["checksum", "head", "arrays", "last byte"])
def test_a_file_with_one_changed_byte_is_refused(file: Path, place: int) -> None:
    content = bytearray(file.read_bytes())
    content[place] ^= 1
    file.write_bytes(content)
    assert "damaged" in refused(file)


@pytest.mark.parametrize("size", [0, 10, 100, -1])
def test_a_file_that_was_cut_off_is_refused(file: Path, size: int) -> None:
    file.write_bytes(file.read_bytes()[:size])
    refused(file)


def test_a_file_that_is_missing_or_something_else_is_refused(tmp_path: Path) -> None:
    assert "cannot be read" in refused(tmp_path / "missing")
    (tmp_path / "else").write_bytes(b"{}" * 100)
    assert "not an index file" in refused(tmp_path / "else")


@pytest.mark.parametrize(("where", "what", "says"), [("INDEX_VERSION", "0", "engine 0"), ("LEXICON_VERSION", "abc", "lexicon abc")])
def test_an_index_made_by_another_engine_or_lexicon_is_refused(
    file: Path, monkeypatch: pytest.MonkeyPatch, where: str, what: str, says: str
) -> None:
    """Its units were read with other words and weights: scores would mix two engines."""
    with monkeypatch.context() as other:
        other.setattr(index_module, where, what)
        save_index(english_index(), file)
    assert says in refused(file)


def test_a_file_of_another_format_is_refused(file: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(store, "FORMAT", store.FORMAT + 1)
    assert "format" in refused(file)


def test_storing_that_fails_leaves_the_old_file_and_no_other(file: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    before = file.read_bytes()

    def full_disk(*_: object) -> None:
        raise OSError(28, "No space left on device")

    monkeypatch.setattr(store.os, "fsync", full_disk)
    with pytest.raises(OSError, match="No space"):
        save_index(build_index([Entry("it", "", ["Borui"])]), file)
    assert file.read_bytes() == before
    assert [path.name for path in file.parent.iterdir()] == [file.name]


def test_hashes_are_the_same_in_every_process() -> None:
    assert store.hash_of("公安局") == int.from_bytes(bytes.fromhex("6e982e98c85195e9"), "little")
    numbers = store.Lookup(*store.Lookup.arrays(["b", "a", "公"]))
    assert numbers.numbers(["公", "x", "a", "b", "公"]) == [2, -1, 1, 0, 2]
    assert store.Lookup(np.empty(0, np.uint64), np.empty(0, np.int32)).numbers(["a"]) == [-1]
