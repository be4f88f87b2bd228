"""What a start needs before it is one: the database, the name search, the test authority, static files, the demonstration.

Each by manage.py in a process of its own, with the role and the variables of its own, and only when something changed;
side by side where none needs another.
"""

import hashlib
import signal
import subprocess
import sys
import tempfile
import threading
import time
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

from portal.local.embedded import CannotStart, die_with_parent
from portal.local.stack import Stack

# The local authority's revocation lists are made anew when they are a day old.
LISTS_SECONDS = 24 * 3600
ACCOUNTS = "accounts.txt"


@dataclass(frozen=True)
class Step:
    """A command of manage.py, what it is called on the screen, and what is noted down once it has ended well."""

    name: str
    arguments: tuple[str, ...]
    role: str
    note: Callable[[], object] = lambda: None


class Running:
    """A step at work. What it says is shown when it fails."""

    def __init__(self, stack: Stack, step: Step, **variables: str) -> None:
        self.step = step
        self._said = tempfile.TemporaryFile()  # noqa: SIM115 - closed in `end`
        self.process = subprocess.Popen(
            [sys.executable, "manage.py", *step.arguments],
            cwd=stack.root,
            env=stack.environment(step.role, **variables),
            stdin=subprocess.DEVNULL,
            stdout=self._said,
            stderr=self._said,
            # Ctrl-C in the terminal is for the supervisor, which ends this as it ends the others.
            start_new_session=True,
            preexec_fn=(lambda: die_with_parent(signal.SIGTERM)) if sys.platform == "linux" else None,  # noqa: PLW1509
        )
        self._is_noted = False

    def is_done(self) -> bool:
        """Whether it has ended well. Raises CannotStart when it ended otherwise."""
        if self.process.poll() is None:
            return False
        if self.process.returncode:
            self._said.seek(0)
            said = self._said.read().decode(errors="replace")
            raise CannotStart(f"manage.py {' '.join(self.step.arguments)} failed:\n{said[-3000:]}")
        if not self._is_noted:
            self.step.note()
            self._is_noted = True
        return True

    def end(self) -> None:
        """Stop it if it still runs."""
        if self.process.poll() is None:
            self.process.terminate()
            self.process.wait()
        self._said.close()


def _digest(*contents: bytes) -> str:
    return hashlib.sha256(b"".join(contents)).hexdigest()


def database_digest(root: Path) -> str:
    """Of everything that decides what a prepared database holds: the migrations, the rights, what runs them."""
    parts = [*sorted(root.glob("certifications/migrations/**/*.*")), root / "requirements.txt"]
    parts.append(root / "certifications/management/commands/grant_roles.py")
    return _digest(*(part.read_bytes() for part in parts if part.suffix in {".py", ".sql", ".txt"}))


def search_digest(root: Path) -> str:
    """Of everything that decides the machine code of the name search."""
    return _digest(*(part.read_bytes() for part in sorted(root.glob("certifications/matching/*.py"))))


def _database(stack: Stack) -> Step | None:
    """Migrations and rights; whenever either changed, and the demonstration after it."""
    value = database_digest(stack.root)
    stamp = stack.state / "migrated"
    if stack.servers is not None and stamp.exists() and stamp.read_text() == value:
        return None
    (stack.state / ACCOUNTS).unlink(missing_ok=True)
    return Step("the database", ("prepare_database",), "owner", lambda: stamp.write_text(value))


def _authority(stack: Stack) -> Step | None:
    lists = [stack.state / "trust" / f"{name}.crl" for name in ("root", "issuing", "stamp-root")]
    if all(file.exists() and time.time() - file.stat().st_mtime < LISTS_SECONDS for file in lists):
        return None
    return Step("the test authority", ("make_authority",), "signer")


def _static(stack: Stack) -> Step | None:
    files = sorted((stack.root / "portal" / "static").rglob("*"))
    value = _digest(*(f"{file}{file.stat().st_mtime_ns}".encode() for file in files if file.is_file()))
    stamp = stack.state / "collected"
    if stamp.exists() and stamp.read_text() == value:
        return None
    return Step("static files", ("collectstatic", "--noinput", "-v", "0"), "app", lambda: stamp.write_text(value))


def _search(stack: Stack) -> Step | None:
    """The machine code of the name search: a quarter of a minute that the first screening would wait for."""
    value = search_digest(stack.root)
    stamp = stack.state / "compiled"
    if stamp.exists() and stamp.read_text() == value:
        return None
    return Step("the name search", ("compile_matching",), "app", lambda: stamp.write_text(value))


def prepare(stack: Stack, stopping: threading.Event, say: Callable[[str], None]) -> None:
    """Everything but the demonstration. Returns early when `stopping`. Raises CannotStart."""
    steps = [step for step in (_database(stack), _search(stack), _authority(stack), _static(stack)) if step is not None]
    if not steps:
        return
    say(f"preparing {', '.join(step.name for step in steps)}")
    running: list[Running] = []
    try:
        running += [Running(stack, step) for step in steps]
        while [step for step in running if not step.is_done()] and not stopping.wait(0.05):
            pass
    finally:
        for step in running:
            step.end()


def demonstration(stack: Stack, say: Callable[[str], None], **variables: str) -> Running | None:
    """Begin to load the demonstration where it is not loaded; the accounts it made lie in `state` afterwards."""
    accounts: Path = stack.state / ACCOUNTS
    if accounts.exists():
        return None
    say("loading the demonstration")
    return Running(stack, Step("the demonstration", ("load_demo", "--accounts", str(accounts)), "app"), **variables)
