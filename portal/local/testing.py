"""`./dev test`: throw-away servers, a template database migrated once, then every check and the suite."""

import os
import shutil
import subprocess
import sys
import tempfile
from pathlib import Path

from portal.local.embedded import Servers

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


def with_services(root: Path, command: list[str]) -> int:
    """Run a command on throw-away servers with a migrated database."""
    state = Path(tempfile.mkdtemp(prefix="eup-test-"))
    state.chmod(0o711)
    servers = Servers(state, throw_away=True)
    try:
        servers.start()
        if _manage(root, _environment(servers, state, "owner"), "prepare_database"):
            return 1
        return subprocess.run(command, cwd=root, env=_environment(servers, state), check=False).returncode
    finally:
        servers.stop()
        shutil.rmtree(state, ignore_errors=True)


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


def test(root: Path, arguments: list[str]) -> int:
    """Everything without arguments; only pytest with them."""
    status = 0 if arguments else lint(root)
    state = Path(tempfile.mkdtemp(prefix="eup-test-"))
    state.chmod(0o711)
    servers = Servers(state, throw_away=True)
    try:
        servers.start()
        owner = _environment(servers, state, "owner")
        if _manage(root, owner, "prepare_database") or _manage(root, owner, "compile_matching"):
            return 1
        if not arguments:
            status |= _manage(root, owner, "makemigrations", "--check", "--dry-run")
            status |= deploy_check(root, servers, state)
        chosen = arguments or ["-n", "2", "--dist", "loadgroup", "tests"]
        environment = _environment(servers, state)
        status |= subprocess.run([sys.executable, "-m", "pytest", *chosen], cwd=root, env=environment, check=False).returncode
    finally:
        servers.stop()
        shutil.rmtree(state, ignore_errors=True)
    return 1 if status else 0
