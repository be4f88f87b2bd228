"""Hostile pages: at worst their own child dies, with a reason, and soon."""

import json
import subprocess
import sys
import time
from pathlib import Path

import pytest

from certifications.evidence.readers import Unreadable
from certifications.evidence.readers.sandbox import CHILD, read_in_child, run_child
from certifications.evidence.readers.types import proposal_from_json
from tests.evidence.readers.samples import content

MB = 1 << 20
TAIL = "<p>中标供应商：西安泓桥生物科技有限公司</p>"
BOMB = "".join(f'<!ENTITY {chr(98 + i)} "{f"&{chr(97 + i)};" * 10}">' for i in range(9))
HOSTILE = {
    "25 MB of less-than signs": b"<" * (25 * MB),
    "tags nested 200,000 deep": b"<div>" * 200_000 + TAIL.encode(),
    "tables nested 20,000 deep": b"<table><tr><td>" * 20_000 + TAIL.encode(),
    "an entity bomb": f'<!DOCTYPE html [<!ENTITY a "aaaaaaaaaa">{BOMB}]><html><body>&j;{TAIL}</body></html>'.encode(),
    "cells that span everything": ("<table><tr>" + "<td colspan=999999 rowspan=999999>中标</td>" * 2_000).encode(),
    "spans over spans": ("<table>" + ("<tr>" + "<td rowspan=60 colspan=20>中标</td>" * 20 + "</tr>") * 300).encode(),
    "a label half a million times": ("<p>" + "采购人：" * 500_000).encode(),
    "one endless number": ("<p>中标金额：" + "1,111" * 1_000_000).encode(),
    "one endless name": ("<p>中标供应商：" + "公安" * 1_000_000).encode(),
}


@pytest.mark.parametrize("kind", HOSTILE)
def test_a_hostile_page_is_answered_in_bounded_time(kind: str) -> None:
    started = time.monotonic()
    outcome, size = "read", 0
    try:
        size = len(read_in_child(HOSTILE[kind]).text)
    except Unreadable as problem:
        outcome = problem.code
    assert outcome in {"read", "reader_died", "no_text"}
    assert size < MB
    assert time.monotonic() - started < 32


@pytest.mark.parametrize("kind", ["spans over spans", "one endless name", "25 MB of less-than signs"])
def test_what_is_too_long_is_read_from_its_beginning_and_said(kind: str) -> None:
    proposal = read_in_child(HOSTILE[kind])
    assert "too_long" in {note.code for note in proposal.notes}


def test_a_local_file_named_in_an_entity_is_not_read() -> None:
    page = b'<!DOCTYPE html [<!ENTITY x SYSTEM "file:///etc/passwd">]><html><body><p>&x;</p>' + TAIL.encode()
    assert "root:" not in read_in_child(page).text


def test_null_bytes_are_refused_before_anything_is_parsed() -> None:
    with pytest.raises(Unreadable) as caught:
        read_in_child(TAIL.encode() + b"\x00" * 99)
    assert caught.value.code == "binary"


def _child(folder: Path, body: str) -> Path:
    root = Path(__file__).resolve().parents[3]
    program = folder / "child_under_test.py"
    program.write_text(
        f"import sys, os\nsys.path.append({str(root)!r})\nfrom certifications.files.cage import limit\nlimit()\n{body}\n",
        encoding="utf-8",
    )
    return program


@pytest.mark.parametrize(
    ("body", "reason"),
    [
        ("x = bytearray(3 << 30)", "exit code 1"),
        ("os.kill(os.getpid(), 9)", "killed"),
        ("os.kill(os.getpid(), 11)", "SIGSEGV"),
        ("os.abort()", "SIGABRT"),
        ("sys.exit(3)", "memory"),
        ("import time; time.sleep(60)", "too long"),
        ("while True: os.write(1, b'x' * 1048576)", "too much"),
        ("open('GROW', 'wb').write(b'x' * (2 << 20))", "exit code 1"),
        ("files = [open('/dev/null') for _ in range(100)]", "exit code 1"),
    ],
)
def test_every_death_of_the_child_has_a_reason(tmp_path: Path, body: str, reason: str) -> None:
    body = body.replace("GROW", str(tmp_path / "grow"))
    with pytest.raises(Unreadable) as caught:
        run_child(_child(tmp_path, body), b"", 3.0)
    assert caught.value.code == "reader_died"
    assert reason in str(caught.value)


def test_the_reading_child_itself_runs_under_the_limits() -> None:
    child = subprocess.Popen([sys.executable, "-I", str(CHILD)], stdin=subprocess.PIPE, stdout=subprocess.DEVNULL)  # noqa: S603
    try:
        deadline, seen = time.monotonic() + 10, ""
        while time.monotonic() < deadline and f"{1 << 30}" not in seen:
            seen = Path(f"/proc/{child.pid}/limits").read_text(encoding="ascii")
            time.sleep(0.02)
    finally:
        child.kill()
        child.communicate()
    limits = {line[:26].strip(): line[26:].split()[:2] for line in seen.splitlines()[1:]}
    assert limits["Max address space"] == [str(1 << 30)] * 2
    assert limits["Max cpu time"] == ["20", "20"]
    assert limits["Max file size"] == [str(1 << 20)] * 2
    assert limits["Max open files"] == ["64", "64"]
    assert limits["Max core file size"] == ["0", "0"]


def test_a_child_that_keeps_its_limits_is_heard(tmp_path: Path) -> None:
    assert run_child(_child(tmp_path, "x = bytearray(1 << 20); print(len(x), sys.stdin.read())"), b"given", 10.0) == b"1048576 given\n"


def test_the_child_sees_no_environment_and_cannot_raise_its_limits(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("SECRET_KEY", "hush")
    body = "import json, resource as r\nprint(json.dumps([sorted(os.environ), r.getrlimit(r.RLIMIT_AS), r.getrlimit(r.RLIMIT_CPU), r.getrlimit(r.RLIMIT_CORE)]))"
    environment, memory, cpu, core = json.loads(run_child(_child(tmp_path, body), b"", 10.0))
    assert not {"SECRET_KEY", "PATH", "HOME"} & set(environment)
    assert memory == [1 << 30, 1 << 30]
    assert cpu == [20, 20]
    assert core == [0, 0]


@pytest.mark.parametrize(
    "change",
    [
        {"stage": "approved"},
        {"buyer": 7},
        {"suppliers": [{"name": "x"}]},
        {"suppliers": "x"},
        {"fields": {"buyer": {"start": 0, "end": 10**9, "confidence": 0.5}}},
        {"fields": {"buyer": {"start": -1, "end": 1, "confidence": 0.5}}},
        {"fields": {"buyer": {"start": 0, "end": 1, "confidence": 9}}},
        {"published_on": "yesterday"},
    ],
)
def test_a_damaged_answer_is_not_believed(change: dict[str, object]) -> None:
    proposal = read_in_child(content("candidates_yili_2026.txt"))
    assert proposal_from_json(proposal.as_json(), proposal.text) == proposal
    with pytest.raises(ValueError, match=r".+"):
        proposal_from_json(proposal.as_json() | change, proposal.text)
