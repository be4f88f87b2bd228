"""`./dev run` itself: two checkouts side by side, killed without warning, started again, stopped by Ctrl-C."""

import os
import re
import signal
import subprocess
import sys
import time
import urllib.request
from collections.abc import Iterator
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]
pytestmark = [pytest.mark.stack, pytest.mark.xdist_group("running")]
READY_SECONDS = 240  # a machine that runs the whole suite beside it


class Dev:
    """One `./dev run` with a state folder of its own, as a second checkout would have."""

    def __init__(self, folder: Path) -> None:
        self.state = folder / "state"
        self.log = folder / "dev.log"
        own = ("DATABASE_", "REDIS_", "PORTAL_", "DJANGO_", "PYTEST", "EMAIL_")
        self.environment = {key: value for key, value in os.environ.items() if not key.startswith(own)}
        self.environment["PORTAL_STATE"] = str(self.state)
        self.process: subprocess.Popen[bytes] | None = None

    def start(self) -> "Dev":
        with self.log.open("wb") as out:
            self.process = subprocess.Popen(
                [sys.executable, "-m", "portal.local", "run"],
                cwd=ROOT,
                env=self.environment,
                stdout=out,
                stderr=out,
                start_new_session=True,
            )
        return self

    def wait_ready(self) -> str:
        """The address it prints."""
        assert self.process is not None
        end = time.monotonic() + READY_SECONDS
        while time.monotonic() < end:
            text = self.log.read_text(errors="replace")
            if found := re.search(r"ready after .*?(http://localhost:\d+)", text, re.DOTALL):
                return found[1]
            assert self.process.poll() is None, text[-3000:]
            time.sleep(0.3)
        raise AssertionError(self.log.read_text(errors="replace")[-3000:])

    def processes(self) -> list[int]:
        """Everything that was started for this folder and still lives."""
        mark, found = str(self.state).encode(), []
        for entry in Path("/proc").iterdir():
            if not entry.name.isdigit() or int(entry.name) == os.getpid():
                continue
            try:
                if mark in (entry / "environ").read_bytes() or mark in (entry / "cmdline").read_bytes():
                    found.append(int(entry.name))
            except OSError:
                continue
        return found

    def end(self, sig: int) -> None:
        assert self.process is not None
        self.process.send_signal(sig)
        self.process.wait(60)

    def gone(self, seconds: float = 100) -> list[int]:
        """Who still lives after a while; empty is as it should be."""
        end = time.monotonic() + seconds
        while (left := self.processes()) and time.monotonic() < end:
            time.sleep(0.3)
        return left


@pytest.fixture
def two(tmp_path: Path) -> Iterator[tuple[Dev, Dev]]:
    made = [Dev(tmp_path / name) for name in ("one", "two")]
    for dev in made:
        dev.state.parent.mkdir()
    yield made[0], made[1]
    for dev in made:
        if dev.process is not None and dev.process.poll() is None:
            dev.end(signal.SIGTERM)


def answers(address: str) -> int:
    with urllib.request.urlopen(f"{address}/healthz", timeout=10) as response:
        return int(response.status)


def test_side_by_side_killed_started_again_and_stopped(two: tuple[Dev, Dev]) -> None:
    one, other = two
    one.start()
    other.start()
    first, second = one.wait_ready(), other.wait_ready()
    assert first != second
    shown = one.log.read_text().split("[dev] ready after")[0].splitlines()
    assert [line for line in shown if line and not line.startswith("[dev] ")] == [], "a first start shows its steps and nothing else"
    assert "[dev] loading the demonstration" in shown
    assert answers(first) == answers(second) == 200
    one.end(signal.SIGKILL)
    assert one.gone() == [], "children of a supervisor that was killed end by themselves"
    assert answers(second) == 200, "the other checkout notices nothing"
    assert answers(one.start().wait_ready()) == 200, "what was left lying does not stand in the way"
    for dev in two:
        dev.end(signal.SIGINT)
        assert dev.process is not None
        assert dev.process.returncode == 0
        assert dev.gone(5) == []
        assert not (dev.state / "running.json").exists()


def test_ctrl_c_in_the_middle_of_a_first_start_leaves_nothing_and_the_next_one_goes_on(two: tuple[Dev, Dev]) -> None:
    one, _other = two
    one.start()
    end = time.monotonic() + 60
    while "[dev] preparing" not in one.log.read_text() and time.monotonic() < end:
        time.sleep(0.05)
    one.end(signal.SIGINT)
    assert one.process is not None
    assert one.process.returncode == 0
    assert one.gone(5) == []
    assert not (one.state / "running.json").exists()
    assert "Traceback" not in one.log.read_text()
    assert answers(one.start().wait_ready()) == 200
