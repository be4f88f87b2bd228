"""Hostile pages: at worst their own child dies, with a reason, and soon."""

import json
import os
import resource
import signal
import socket
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import closing
from pathlib import Path

import pytest

from certifications.evidence.readers import Unreadable
from certifications.evidence.readers.sandbox import read_in_child, run_child
from certifications.evidence.readers.types import proposal_from_json
from certifications.files.forked import Template
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


@pytest.fixture
def shared() -> Iterator[Path]:
    """A folder that a child without rights can reach, too."""
    with tempfile.TemporaryDirectory(prefix="reader") as made:
        folder = Path(made)
        folder.chmod(0o755)
        yield folder


def _child(folder: Path, body: str) -> Template:
    program = folder / "child_under_test.py"
    lines = "\n".join(f"    {line}" for line in body.split("\n"))
    program.write_text(f"import builtins, json, os, resource, socket, sys, time\ndef main():\n{lines}\n    return 0\n", encoding="utf-8")
    return Template(program)


@pytest.mark.parametrize(
    ("body", "reason"),
    [
        ("x = bytearray(3 << 30)", "memory"),
        ("os.kill(os.getpid(), 9)", "killed"),
        ("os.kill(os.getpid(), 11)", "SIGSEGV"),
        ("os.abort()", "SIGABRT"),
        ("sys.exit(3)", "memory"),
        ("raise RuntimeError", "exit code 1"),
        ("time.sleep(60)", "too long"),
        ("os.close(1); time.sleep(60)", "too long"),
        ("while True: os.write(1, b'x' * 1048576)", "too much"),
        ("fd = os.memfd_create('grow'); os.write(fd, b'x' * (2 << 20)); os.write(fd, b'x')", "exit code 1"),
        ("open('GROW', 'wb').write(b'x' * (2 << 20))", "exit code 1"),
        ("files = [open('/dev/null') for _ in range(100)]", "exit code 1"),
    ],
)
def test_every_death_of_the_child_has_a_reason(tmp_path: Path, body: str, reason: str) -> None:
    body = body.replace("GROW", str(tmp_path / "grow"))
    with closing(_child(tmp_path, body)) as child:
        with pytest.raises(Unreadable) as caught:
            run_child(child, b"", 5.0)
        assert caught.value.code == "reader_died"
        assert reason in str(caught.value)
        assert child.pid, "no death of a child is one of the template"
        assert not _children_of(child.pid)


LOOK = """r = resource
def is_open(fd):
    try:
        os.fstat(fd)
    except OSError:
        return False
    return True
told = {line.split(":")[0]: line.split(":")[1].split() for line in open("/proc/self/status") if ":" in line}
print(json.dumps({
    "environment": sorted(os.environ),
    "limits": [r.getrlimit(k) for k in (r.RLIMIT_AS, r.RLIMIT_CPU, r.RLIMIT_FSIZE, r.RLIMIT_NOFILE, r.RLIMIT_CORE)],
    "open": [fd for fd in range(1024) if is_open(fd)],
    "user": os.getresuid(), "groups": os.getgroups(), "can": told["CapEff"], "new": told["NoNewPrivs"], "session": os.getsid(0) == os.getpid(),
    "folder": os.getcwd(),
}))"""


def test_the_child_keeps_nothing_of_ours(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("SECRET_KEY", "hush")
    with closing(_child(tmp_path, LOOK)) as child, (tmp_path / "open").open("w") as _held:
        found = json.loads(run_child(child, b"", 10.0))
    assert not {"SECRET_KEY", "PATH", "HOME"} & set(found["environment"])
    assert found["limits"] == [[1 << 30] * 2, [20, 20], [1 << 20] * 2, [64, 64], [0, 0]]
    assert found["open"] == [0, 1, 2]
    assert 0 not in found["user"]
    assert 0 not in found["groups"] or os.geteuid()
    assert found["can"] == ["0000000000000000"]
    assert found["new"] == ["1"]
    assert found["session"] is True
    assert found["folder"] == "/"


@pytest.mark.parametrize(
    "body",
    [
        "resource.setrlimit(resource.RLIMIT_AS, (1 << 31, 1 << 31))",
        "os.setuid(0) if os.getuid() else sys.exit(1)",
        "os.kill(os.getppid(), 9) if os.getuid() == 65534 and os.stat('/proc/1').st_uid == 0 else sys.exit(1)",
        "open(f'/proc/{os.getppid()}/mem', 'rb')",
        "os.fork() or os._exit(0)",
    ],
)
def test_the_child_takes_back_no_right(tmp_path: Path, body: str) -> None:
    with closing(_child(tmp_path, body)) as child, pytest.raises(Unreadable, match="exit code 1"):
        run_child(child, b"", 10.0)


def test_the_child_reaches_no_network(tmp_path: Path) -> None:
    leave = "import ctypes; c = ctypes.CDLL(None); print(c.unshare(0x40000000) and c.unshare(0x50000000))"
    if subprocess.run([sys.executable, "-I", "-c", leave], capture_output=True, text=True, check=True).stdout != "0\n":
        pytest.skip("this kernel lets us leave no network")
    with socket.create_server(("127.0.0.1", 0)) as server:
        port = server.getsockname()[1]
        body = f"with socket.socket() as s:\n    print(s.connect_ex(('127.0.0.1', {port})))"
        with closing(_child(tmp_path, body)) as child:
            said = int(run_child(child, b"", 10.0))
    assert said


def test_the_real_reader_loads_nothing_once_it_is_warm() -> None:
    """Its children may not be able to: the program's files may be readable for its own user alone."""
    root = Path(__file__).resolve().parents[3]
    source = f"""import sys
sys.path.insert(0, {str(root)!r})
from pathlib import Path
from certifications.evidence.readers import child, sniff, Unreadable
from certifications.evidence.readers.everything import read_any
from tests.evidence.packages import award, package, release
from tests.evidence.readers.packed import docx, pdf
packed = [pdf(), docx()]
child.warm()
before = set(sys.modules)
files = [p.read_bytes() for p in Path({str(root)!r}, "tests/evidence/notices").rglob("*") if p.suffix in {{".html", ".txt"}}]
files += ["采购人：和田地区公安局，中标供应商名称".encode(name, "ignore") for name in ("gb18030", "utf-16", "big5hkscs")]
files += [package(release(1), release(2, awards=[award(items=7)])).encode(), b'{{"version": "1.1"}}', b"<ContractAwardNotice><a/></ContractAwardNotice>"]
for content in files + packed:
    try:
        read_any(content, sniff(content).media_type, "", ["STR kit"]).as_json()
    except Unreadable:
        pass
print(sorted(set(sys.modules) - before))
"""
    done = subprocess.run([sys.executable, "-I", "-c", source], capture_output=True, text=True, check=True, timeout=120)
    assert done.stdout == "[]\n"


def test_a_child_that_keeps_its_limits_is_heard(tmp_path: Path) -> None:
    with closing(_child(tmp_path, "x = bytearray(1 << 20); print(len(x), sys.stdin.read())")) as child:
        assert run_child(child, b"given", 10.0) == b"1048576 given\n"


def test_one_document_leaves_nothing_for_the_next(tmp_path: Path) -> None:
    body = "print(getattr(builtins, 'kept', None), sys.stdin.read())\nbuiltins.kept = 'the first'"
    with closing(_child(tmp_path, body)) as child:
        assert [run_child(child, b"one", 10.0), run_child(child, b"two", 10.0)] == [b"None one\n", b"None two\n"]


def test_a_hundred_documents_are_each_answered_with_their_own_and_leave_nothing(tmp_path: Path) -> None:
    body = "time.sleep(0.01)\nprint(sys.stdin.read(), os.getpid())"
    with closing(_child(tmp_path, body)) as child:
        run_child(child, b"", 10.0)
        _until(lambda: not _children_of(child.pid))
        time.sleep(0.2)  # what reported the child's end is closed just behind
        before = _open_files()
        # Nobody but root may look up what a template keeps open: it may keep 64, which eight at once need and a hundred would pass.
        assert child.pid
        resource.prlimit(child.pid, resource.RLIMIT_NOFILE, (64, 64))
        with ThreadPoolExecutor(8) as threads:
            found = [one.split() for one in threads.map(lambda n: run_child(child, str(n).encode(), 20.0), range(100))]
        assert [int(given) for given, _pid in found] == list(range(100))
        assert len({pid for _given, pid in found}) == 100
        _until(lambda: not _children_of(child.pid) and _open_files() == before)


def test_a_template_that_was_killed_is_replaced(tmp_path: Path) -> None:
    with closing(_child(tmp_path, "print(sys.stdin.read())")) as child:
        run_child(child, b"", 10.0)
        first = child.pid
        assert first
        os.kill(first, signal.SIGKILL)
        assert run_child(child, b"again", 10.0) == b"again\n"
        assert child.pid != first
        assert first not in _children_of(os.getpid())


def test_a_template_killed_in_the_middle_takes_its_child_with_it_and_the_document_is_read_again(shared: Path) -> None:
    seen = shared / "seen"
    seen.touch()
    seen.chmod(0o666)
    body = f"times = os.path.getsize({str(seen)!r})\nopen({str(seen)!r}, 'a').write('x')\ntime.sleep(0 if times else 60)\nprint(times)"
    with closing(_child(shared, body)) as child, ThreadPoolExecutor(1) as thread:
        answer = thread.submit(run_child, child, b"", 20.0)
        _until(lambda: seen.stat().st_size)
        running, first = _children_of(child.pid), child.pid
        assert first
        os.kill(first, signal.SIGKILL)
        assert answer.result(20) == b"1\n"
        _until(lambda: not any(Path(f"/proc/{pid}").exists() for pid in running))


def test_a_stopped_template_holds_up_nobody_for_long(tmp_path: Path) -> None:
    with closing(_child(tmp_path, "print(1)")) as child:
        run_child(child, b"", 10.0)
        assert child.pid
        os.kill(child.pid, signal.SIGSTOP)
        with pytest.raises(Unreadable, match="too long"):
            run_child(child, b"", 1.0)
        assert run_child(child, b"", 10.0) == b"1\n"


def test_a_template_that_could_not_be_started_is_started_by_the_next_file(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    with closing(_child(tmp_path, "print(1)")) as child:
        with monkeypatch.context() as full:

            def no_memory(*_args: object, **_options: object) -> None:
                raise OSError(12, "Cannot allocate memory")

            full.setattr(subprocess, "Popen", no_memory)
            with pytest.raises(OSError, match="memory"):
                run_child(child, b"", 10.0)
        assert run_child(child, b"", 10.0) == b"1\n"


def test_a_program_that_cannot_be_loaded_is_said(tmp_path: Path) -> None:
    program = tmp_path / "broken.py"
    program.write_text("raise RuntimeError\n")
    with closing(Template(program)) as child, pytest.raises(Unreadable, match="could not be started"):
        run_child(child, b"", 10.0)


WORKER = """import sys, os
sys.path.insert(0, {root!r})
from pathlib import Path
from threading import Thread
from certifications.files.forked import Template
child = Template(Path({program!r}))
child.run(b"", most=100)
if sys.argv[1] == "fork" and not os.fork():
    child.run(b"", most=100)
    assert child.run(b"", most=100) == b"1\\n"
    print(child.pid, flush=True)
    sys.stdin.read()
    os._exit(0)
print(child.pid, flush=True)
if sys.argv[1] == "busy":
    Path({program!r}).with_name("slow").touch()
    Thread(target=lambda: child.run(b"", most=100), daemon=True).start()
sys.stdin.read()
"""


@pytest.mark.parametrize("how", ["ends", "killed", "busy", "fork"])
def test_nothing_is_left_of_a_worker_that_ends(shared: Path, how: str) -> None:
    slow = shared / "slow"
    _child(shared, f"time.sleep(60 if os.path.exists({str(slow)!r}) else 0)\nprint(1)")
    source = WORKER.format(root=str(Path(__file__).resolve().parents[3]), program=str(shared / "child_under_test.py"))
    worker = subprocess.Popen([sys.executable, "-I", "-c", source, how], stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True)
    assert worker.stdin
    assert worker.stdout
    templates = [int(worker.stdout.readline()) for _ in range(2 if how == "fork" else 1)]
    assert len(set(templates)) == len(templates)
    if how == "busy":
        _until(lambda: _children_of(templates[0]))
    below = [*templates, *(pid for one in templates for pid in _children_of(one))]
    if how == "ends":
        worker.stdin.close()
    else:
        worker.kill()
        worker.stdin.close()  # the fork, which outlives it, ends at the end of its input
    assert worker.wait(20) in {0, -signal.SIGKILL}
    worker.stdout.close()
    _until(lambda: not any(_runs(pid) for pid in below))


def _runs(pid: int) -> bool:
    """Whether the process is there, and no zombie that waits for whoever adopted it."""
    try:
        return Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()[0] not in {"Z", "X"}
    except OSError:
        return False


def _children_of(pid: int | None) -> list[int]:
    return [int(one) for one in Path(f"/proc/{pid}/task/{pid}/children").read_text().split()] if pid else []


def _open_files() -> int:
    return sum(1 for _ in Path("/proc/self/fd").iterdir())


def _until(true: Callable[[], object], seconds: float = 15.0) -> None:
    deadline = time.monotonic() + seconds
    while not true():
        assert time.monotonic() < deadline
        time.sleep(0.02)


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
