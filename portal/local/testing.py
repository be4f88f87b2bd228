"""`./dev test`: servers of its own, a template database migrated once, then every check and the suite.

The whole suite begins with nothing and leaves nothing. A part of it keeps the migrated database and the compiled name
search for the next part, as long as neither would come out differently: to make them takes longer than most parts do.
"""

import fcntl
import os
import shutil
import subprocess
import sys
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from portal.local.embedded import CannotStart, Servers
from portal.local.prepare import database_digest, search_digest

SECRET = "only-for-the-test-suite-and-long-enough-to-pass-the-deploy-check-0123456789"


def _environment(servers: Servers, state: Path, role: str = "app", database: str = "portal") -> dict[str, str]:
    return {
        **os.environ,
        "PORTAL_DEMO": "1",
        "PORTAL_SECRET_KEY": SECRET,
        "PORTAL_STATE": str(state),
        "PORTAL_AS": role,
        "DATABASE_URL": servers.url("portal_app", database),
        "DATABASE_OWNER_URL": servers.url("portal_owner", database),
        "DATABASE_SIGNER_URL": servers.url("portal_signer", database),
        # The suite copies and empties databases with it; the application never sees it.
        "DATABASE_ADMIN_URL": servers.url("postgres", "postgres"),
        "REDIS_URL": servers.redis_url(),
        "DJANGO_SETTINGS_MODULE": "portal.settings_test",
    }


def _manage(root: Path, environment: dict[str, str], *arguments: str) -> int:
    return subprocess.run([sys.executable, "manage.py", *arguments], cwd=root, env=environment, check=False).returncode


def lint(root: Path) -> int:
    """Style, types and the layers; all of them, so that one run tells everything."""
    status = 0
    tools = (
        ["ruff", "check", "."],
        ["ruff", "format", "--check", "."],
        ["mypy"],
        ["lint-imports", "--no-cache"],
    )
    for command in tools:
        print(f"[dev] {' '.join(command)}", flush=True)
        environment = os.environ | {"PORTAL_SECRET_KEY": SECRET, "PORTAL_DEMO": "1", "REDIS_URL": "unix:///none"}
        environment |= {"DATABASE_URL": "postgresql://a@/a?host=/tmp", "DJANGO_SETTINGS_MODULE": "portal.settings_test"}
        status |= subprocess.run(command, cwd=root, env=environment, check=False).returncode
    return status


@contextmanager
def _thrown_away() -> Iterator[tuple[Servers, Path]]:
    """Running servers that nothing was done to, in a folder of their own; both are gone afterwards."""
    state = Path(tempfile.mkdtemp(prefix="eup-test-"))
    state.chmod(0o711)
    servers = Servers(state, throw_away=True)
    try:
        servers.start()
        yield servers, state
    finally:
        servers.stop()
        shutil.rmtree(state, ignore_errors=True)


def with_services(root: Path, command: list[str]) -> int:
    """Run a command on throw-away servers with a migrated database."""
    with _thrown_away() as (servers, state):
        if _manage(root, _environment(servers, state, "owner"), "prepare_database"):
            return 1
        return subprocess.run(command, cwd=root, env=_environment(servers, state), check=False).returncode


def deploy_check(root: Path, servers: Servers, state: Path) -> int:
    """Django's deploy check under the settings of a production installation."""
    environment = _environment(servers, state) | {
        "DJANGO_SETTINGS_MODULE": "portal.settings",
        "PORTAL_DEMO": "0",
        "PORTAL_HTTPS": "1",
        "PORTAL_HOSTS": "portal.example.org",
        "PORTAL_BASE_URL": "https://portal.example.org",
    }
    return _manage(root, environment, "check", "--deploy", "--fail-level", "WARNING")


def _prepare(root: Path, servers: Servers, state: Path) -> bool:
    owner = _environment(servers, state, "owner")
    return not (_manage(root, owner, "prepare_database") or _manage(root, owner, "compile_matching"))


def _suite(root: Path, servers: Servers, state: Path, arguments: list[str]) -> int:
    environment = _environment(servers, state)
    return subprocess.run([sys.executable, "-m", "pytest", *arguments], cwd=root, env=environment, check=False).returncode


def _whole(root: Path) -> int:
    status = lint(root)
    with _thrown_away() as (servers, state):
        if not _prepare(root, servers, state):
            return 1
        status |= _manage(root, _environment(servers, state, "owner"), "makemigrations", "--check", "--dry-run")
        status |= deploy_check(root, servers, state)
        status |= _suite(root, servers, state, ["-n", "2", "--dist", "loadgroup", "tests"])
    return 1 if status else 0


def kept_state(root: Path) -> Path:
    """Where a part of the suite keeps its servers' data."""
    return Path(os.environ.get("PORTAL_STATE", root / ".state")) / "tests"


def _part(root: Path, arguments: list[str]) -> int:
    state = kept_state(root)
    state.mkdir(parents=True, exist_ok=True)
    state.parent.chmod(0o711)
    with (state.parent / "tests.lock").open("w") as lock:
        try:
            fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            # Another part runs on them now: this one makes its own.
            with _thrown_away() as (servers, other):
                return _suite(root, servers, other, arguments) if _prepare(root, servers, other) else 1
        return _part_on(root, state, arguments)


def _part_on(root: Path, state: Path, arguments: list[str]) -> int:
    stamp, value = state / "prepared", f"{database_digest(root)} {search_digest(root)}"
    if not stamp.exists() or stamp.read_text() != value:
        return _anew(root, state, arguments)
    servers = Servers(state, throw_away=True)
    try:
        servers.start()
    except CannotStart:
        # These servers write without waiting for the disk: what a cut in the power left may not start again.
        servers.stop()
        return _anew(root, state, arguments)
    return _on_kept(root, servers, state, arguments)


def _anew(root: Path, state: Path, arguments: list[str]) -> int:
    # Servers that throw away take their data with them, wherever it lies.
    Servers(state, throw_away=True).stop()
    state.mkdir(parents=True)
    state.chmod(0o711)
    servers = Servers(state, throw_away=True)
    try:
        servers.start()
        prepared = _prepare(root, servers, state)
    except BaseException:
        servers.stop()
        raise
    if not prepared:
        servers.stop()
        return 1
    (state / "prepared").write_text(f"{database_digest(root)} {search_digest(root)}")
    return _on_kept(root, servers, state, arguments)


def _on_kept(root: Path, servers: Servers, state: Path, arguments: list[str]) -> int:
    try:
        return _suite(root, servers, state, arguments)
    finally:
        servers.stop(keep=True)


def test(root: Path, arguments: list[str]) -> int:
    """Everything without arguments; only pytest with them. 0 when all is green."""
    return 1 if (_part(root, arguments) if arguments else _whole(root)) else 0
