"""One index per set of list versions and engine, on disk: built once, mapped by all, refused by name and built again."""

import multiprocessing
import os
import time
from pathlib import Path
from typing import Any

import pytest
from structlog.testing import capture_logs

from certifications.matching import Entry, match
from certifications.screening import stored as under_test
from certifications.screening.actions import screen_party
from certifications.screening.models import ListVersion
from certifications.screening.seed import seed
from certifications.screening.stored import Content, IndexUnavailable, Stored, forget, stored

from .samples import party

VERSIONS = {"engine": "1"}


def content() -> Content:
    return Content(
        [Entry("v|1", "Company", ["Harbour Optics Ltd"]), Entry("v|2", "Company", ["Granite Works"])],
        [("B2", "v|2"), ("A1", "v|1"), ("A1", "v|2")],
    )


def ask(key: str = "k", versions: dict[str, str] = VERSIONS, make: Any = content) -> Stored:
    return stored("lists", key, versions, make)


def never() -> Content:
    raise AssertionError("built although a file was there")


def files(folder: Path, end: str) -> list[Path]:
    return sorted(folder.glob(f"lists-*.{end}"))


def test_names_and_numbers_are_found_again_in_what_is_mapped(settings: Any) -> None:
    ask()
    forget()
    found = ask(make=never)
    assert match("Harbour Optics", found.names)[0].id == "v|1"
    assert (found.by_code["A1"], found.by_code["B2"], found.by_code["A"], found.by_code["C"]) == (["v|1", "v|2"], ["v|2"], [], [])
    assert (len(files(settings.INDEX_DIR, "names")), len(files(settings.INDEX_DIR, "codes"))) == (1, 1)


def test_another_key_and_another_engine_are_another_index() -> None:
    made = []

    def make() -> Content:
        made.append(1)
        return content()

    for key, engine in (("k", "1"), ("k", "2"), ("l", "1"), ("k", "1")):
        ask(key, {"engine": engine}, make)
    assert len(made) == 3


@pytest.mark.parametrize("end", ["names", "codes"])
@pytest.mark.parametrize("harm", ["cut", "flipped", "empty", "gone", "foreign"])
def test_a_harmed_or_foreign_file_is_refused_by_name_and_built_again(settings: Any, end: str, harm: str) -> None:
    ask()
    path = files(settings.INDEX_DIR, end)[0]
    whole = path.read_bytes()
    if harm == "foreign":
        ask("other", make=lambda: Content([Entry("v|9", "Company", ["Walnut Lanterns"])], [("A1", "v|9")]))
        whole = next(p for p in files(settings.INDEX_DIR, end) if p != path).read_bytes()
    middle = len(whole) // 2
    harmed = {
        "cut": whole[:middle],
        "flipped": whole[:middle] + bytes([whole[middle] ^ 1]) + whole[middle + 1 :],
        "empty": b"",
        "foreign": whole,
    }
    if harm == "gone":
        path.unlink()
    else:
        path.write_bytes(harmed[harm])
    forget()
    with capture_logs() as said:
        found = ask()
    assert match("Harbour Optics", found.names)[0].id == "v|1"
    assert found.by_code["A1"] == ["v|1", "v|2"]
    if harm != "gone":
        assert any(path.stem in str(line) for line in said)
    forget()
    ask(make=never)


def _build_slowly(folder: Path, log: Path) -> None:
    from django.conf import settings as own

    own.INDEX_DIR = folder

    def make() -> Content:
        with log.open("a") as file:
            file.write("x")
        time.sleep(0.5)
        return content()

    forget()
    assert ask(make=make).by_code["B2"] == ["v|2"]


def test_many_workers_build_it_once(tmp_path: Path) -> None:
    fork = multiprocessing.get_context("fork")
    workers = [fork.Process(target=_build_slowly, args=(tmp_path / "i", tmp_path / "log")) for _ in range(4)]
    for worker in workers:
        worker.start()
    for worker in workers:
        worker.join(60)
    assert [worker.exitcode for worker in workers] == [0, 0, 0, 0]
    assert (tmp_path / "log").read_text() == "x"


def test_a_builder_that_was_killed_leaves_nothing_that_counts_and_no_lock(settings: Any) -> None:
    with pytest.raises(KeyboardInterrupt):
        ask(make=lambda: (_ for _ in ()).throw(KeyboardInterrupt()))
    assert not files(settings.INDEX_DIR, "codes")
    assert ask().by_code["B2"] == ["v|2"]


def test_names_without_their_codes_do_not_count(settings: Any) -> None:
    ask()
    files(settings.INDEX_DIR, "codes")[0].unlink()
    forget()
    with pytest.raises(AssertionError):
        ask(make=never)


def test_old_files_are_swept_and_the_newest_stay(settings: Any) -> None:
    for number in range(6):
        ask(f"k{number}")
        for path in settings.INDEX_DIR.glob("lists-*"):
            os.utime(path, (path.stat().st_mtime - 60,) * 2)
    left = settings.INDEX_DIR / ".lists-half"
    left.write_text("")
    os.utime(left, (time.time() - 7200,) * 2)
    ask("last")
    assert (len(files(settings.INDEX_DIR, "codes")), len(files(settings.INDEX_DIR, "names")), left.exists()) == (
        under_test.KEPT,
        under_test.KEPT,
        False,
    )
    forget()
    ask("last", make=never)


def test_a_folder_that_cannot_be_used_is_an_error_with_a_name(settings: Any) -> None:
    settings.INDEX_DIR.write_text("")
    with pytest.raises(IndexUnavailable, match="cannot be read or written"):
        ask()


@pytest.mark.django_db
def test_screening_rests_on_the_stored_index_and_survives_its_loss(settings: Any) -> None:
    listed: ListVersion = seed()
    assert screen_party(party("喀什地区公安局")).findings.exists()
    for path in settings.INDEX_DIR.glob("lists-*"):
        path.write_bytes(b"not an index")
    forget()
    again = screen_party(party("和田地区公安局"))
    assert again.state == "done"
    assert again.findings.filter(list_version_id=listed.pk).exists()
