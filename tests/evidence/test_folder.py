"""The watched folder: whole files are captured once, odd ones refused with a sentence, and a worker that dies in the middle loses nothing."""

import json
import os
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from django.db import OperationalError

from certifications.evidence.models import EvidenceCapture, EvidenceDocument
from certifications.evidence.queries import captures_of, source_standings
from certifications.flow import evidence_folder
from certifications.work.models import Job
from tests.evidence.packages import package, release
from tests.world import World

pytestmark = pytest.mark.django_db


@pytest.fixture
def folder(tmp_path: Path, settings: Any, world: World) -> Iterator[Path]:  # noqa: ARG001 - products and people
    inbox = tmp_path / "inbox"
    inbox.mkdir()
    settings.EVIDENCE_FOLDER = str(inbox)
    settings.EVIDENCE_STEADY_SECONDS = 0
    return inbox


def put(folder: Path, name: str = "p.json", content: str = "") -> Path:
    target = folder / name
    target.write_text(content or package(release(1)), encoding="utf-8")
    return target


def lying(folder: Path, part: str) -> list[str]:
    """What lies in a part of the folder, without the keys before the names."""
    return sorted(name.partition(".")[2] for name in os.listdir(folder / part))  # noqa: PTH208


def reason(folder: Path) -> str:
    return next((folder / "refused").glob("*.txt")).read_text(encoding="utf-8")


def test_a_whole_file_is_captured_and_moved(folder: Path) -> None:
    put(folder)
    assert evidence_folder.look() == 1
    document = EvidenceDocument.objects.get()
    assert (document.origin, document.captured_by, document.status) == ("folder", None, "captured")
    assert Job.objects.filter(kind="read", object_id=document.pk).count() == 1
    assert lying(folder, "done") == ["p.json"]
    assert lying(folder, "working") == lying(folder, "refused") == []
    assert evidence_folder.look() == 0


def test_what_lies_beside_it_says_where_it_comes_from(folder: Path) -> None:
    about = {"source_url": "https://notices.example/1", "tool": "crawler 2", "title": "P", "taken_at": "2026-06-13T08:00:00+08:00"}
    put(folder, "p.json.about.json", json.dumps(about))
    assert evidence_folder.look() == 0, "it waits for its document"
    put(folder)
    evidence_folder.look()
    document = EvidenceDocument.objects.get()
    row = captures_of(document)[0]
    assert (row.source_url, row.tool, row.by, row.program) == ("https://notices.example/1", "crawler 2", None, None)
    assert source_standings([document]) == {document.pk: "attested"}
    assert lying(folder, "done") == ["p.json", "p.json.about.json"]


@pytest.mark.parametrize("about", ["{", "[]", '{"source_url": 5}', '{"source_url": "file:///etc/passwd"}', '{"x": 1}', '{"taken_at": "2026-01-01"}', "x" * 20_000,
                                   '{"title": "a", "title": "b"}'])  # fmt: skip
def test_what_is_said_about_it_must_fit(folder: Path, about: str) -> None:
    put(folder)
    put(folder, "p.json.about.json", about)
    evidence_folder.look()
    assert not EvidenceDocument.objects.exists()
    assert lying(folder, "refused") == ["p.json", "p.json.about.json", "p.json.txt"]
    assert "about.json" in reason(folder)


def test_a_file_that_is_still_being_written_waits(folder: Path, settings: Any) -> None:
    settings.EVIDENCE_STEADY_SECONDS = 0.4
    target = put(folder)
    os.utime(target, (1, 1))
    assert evidence_folder.look() == 0, "an old date that was set does not make it whole"
    time.sleep(0.5)
    assert evidence_folder.look() == 1


@pytest.mark.parametrize("name", [".hidden.json", "p.json.part", "p.tmp", "p.crdownload", "p.json~"])
def test_hidden_and_unfinished_files_are_left_alone(folder: Path, name: str) -> None:
    put(folder, name)
    assert evidence_folder.look() == 0
    assert (folder / name).exists()


def test_folders_are_left_alone(folder: Path) -> None:
    (folder / "deep").mkdir()
    put(folder / "deep")
    assert evidence_folder.look() == 0


def test_links_and_pipes_are_never_followed(folder: Path, tmp_path_factory: pytest.TempPathFactory) -> None:
    secret = tmp_path_factory.mktemp("elsewhere") / "secret.txt"
    secret.write_text("公告：不该读到的内容", encoding="utf-8")
    (folder / "link.txt").symlink_to(secret)
    (folder / "hard.txt").hardlink_to(secret)
    os.mkfifo(folder / "pipe.txt")
    evidence_folder.look()
    assert not EvidenceDocument.objects.exists()
    assert secret.exists()
    assert [name for name in lying(folder, "refused") if not name.endswith(".txt.txt")] == ["hard.txt", "link.txt", "pipe.txt"]
    assert len(list((folder / "refused").glob("*.txt.txt"))) == 3


def test_a_link_in_place_of_a_part_of_the_folder_stops_everything(folder: Path, tmp_path_factory: pytest.TempPathFactory) -> None:
    (folder / "done").symlink_to(tmp_path_factory.mktemp("elsewhere"))
    put(folder)
    assert evidence_folder.look() == 0
    assert (folder / "p.json").exists()


@pytest.mark.parametrize("name", ["a\nb.json", "..json", "\u202eevil.json", "名" * 80 + ".json", "a;rm -rf.json", "%2e%2e%2fx.json"])
def test_odd_names_lead_nowhere(folder: Path, name: str) -> None:
    if name.startswith("."):
        name = f"x{name}"
    put(folder, name)
    assert evidence_folder.look() == 1
    assert EvidenceDocument.objects.count() == 1
    assert len(lying(folder, "done")) == 1
    assert set(os.listdir(folder)) == {"working", "done", "refused"}  # noqa: PTH208


def test_what_cannot_be_kept_is_refused_in_both_languages(folder: Path) -> None:
    (folder / "a.pdf").write_bytes(b"no such thing")
    (folder / "large.txt").write_bytes(b"")
    os.truncate(folder / "large.txt", 200 * 1024 * 1024)
    evidence_folder.look()
    assert lying(folder, "refused") == ["a.pdf", "a.pdf.txt", "large.txt", "large.txt.txt"]
    said = next((folder / "refused").glob("*.a.pdf.txt")).read_text(encoding="utf-8").splitlines()
    assert len(said) == 2
    assert "ends in “.pdf”" in said[0]
    assert any("\u4e00" <= c <= "\u9fff" for c in said[1])
    assert "larger than 25 MB" in next((folder / "refused").glob("*.large.txt.txt")).read_text(encoding="utf-8")


def test_a_worker_that_dies_at_any_step_loses_and_doubles_nothing(folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    put(folder, "p.json.about.json", json.dumps({"tool": "crawler 2"}))
    put(folder)
    for place in ("about-claimed", "claimed", "captured-not-moved", ""):

        def fall(name: str, place: str = place) -> None:
            if name == place:
                raise SystemExit

        monkeypatch.setattr(evidence_folder, "fault", fall)
        if place:
            with pytest.raises(SystemExit):
                evidence_folder.look()
        else:
            evidence_folder.look()
    assert EvidenceDocument.objects.count() == EvidenceCapture.objects.count() == 1
    assert captures_of(EvidenceDocument.objects.get())[0].tool == "crawler 2"
    assert lying(folder, "done") == ["p.json", "p.json.about.json"]
    assert lying(folder, "working") == lying(folder, "refused") == []


def test_a_file_that_ends_its_reader_again_and_again_is_refused(folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    put(folder)

    def fall(**_about: Any) -> None:
        raise SystemExit

    with monkeypatch.context() as broken:
        broken.setattr(evidence_folder, "receive", fall)
        for _time in range(3):
            with pytest.raises(SystemExit):
                evidence_folder.look()
    evidence_folder.look()
    assert not EvidenceDocument.objects.exists()
    assert "several times" in reason(folder)


def test_an_outage_leaves_the_file_for_later_and_counts_against_nobody(folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    put(folder)

    def away(**_about: Any) -> None:
        raise OperationalError

    with monkeypatch.context() as broken:
        broken.setattr(evidence_folder, "receive", away)
        for _time in range(6):
            evidence_folder.look()
    assert not EvidenceDocument.objects.exists()
    evidence_folder.look()
    assert EvidenceDocument.objects.count() == 1


def test_the_same_file_twice_is_one_document_with_two_captures(folder: Path) -> None:
    put(folder)
    put(folder, "copy.json")
    assert evidence_folder.look() == 2
    assert (EvidenceDocument.objects.count(), EvidenceCapture.objects.count()) == (1, 2)
    assert lying(folder, "done") == ["copy.json", "p.json"]


def test_two_workers_do_not_look_at_once(folder: Path) -> None:
    import fcntl

    put(folder)
    handle = os.open(folder, os.O_RDONLY)
    fcntl.flock(handle, fcntl.LOCK_EX)
    assert evidence_folder.look() == 0
    os.close(handle)
    assert evidence_folder.look() == 1


def test_without_the_setting_nothing_is_looked_at(settings: Any) -> None:
    settings.EVIDENCE_FOLDER = ""
    assert evidence_folder.look() == 0
    settings.EVIDENCE_FOLDER = "/nowhere/at/all"
    assert evidence_folder.look() == 0
