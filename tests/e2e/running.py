"""Every process of the portal, running against a database of its own: for browser and fault tests.

The same commands as `./dev run`; a shorter lease, so that a killed worker's job is taken over in seconds.
"""

import os
import shutil
import subprocess
import sys
import time
import urllib.error
import urllib.request
from pathlib import Path
from urllib.parse import urlsplit, urlunsplit

import redis

from portal.local.serve import commands, spawn, stop_all, unused_port
from tests.conftest import WORKER, fresh_database

ROOT = Path(__file__).parents[2]


def _named(url: str, database: str) -> str:
    return urlunsplit(urlsplit(url)._replace(path=f"/{database}"))


class Running:
    """web, worker, signer, beat and timestamp server, with a demonstration loaded."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self.database = f"running_{WORKER}"
        self.port, self.tsa_port = unused_port(), unused_port()
        self.processes: dict[str, subprocess.Popen[str]] = {}
        self.log = (folder / "processes.log").open("w")
        self.faults = folder / "fault"

    @property
    def url(self) -> str:
        return f"http://localhost:{self.port}"

    def forget_limits(self) -> None:
        """What this portal counted of anybody's hour; it has a broker number of its own, which no fixture empties."""
        base = os.environ["REDIS_URL"].split("?", maxsplit=1)[0]
        with redis.Redis.from_url(f"{base}?db={31 + int(WORKER.removeprefix('gw'))}") as held:
            for key in held.scan_iter("*limit:*", count=1000):
                held.delete(key)

    def environment(self, role: str, name: str = "") -> dict[str, str]:
        """As `./dev run` gives it; only the signer is told where the keys lie."""
        given = {key: value for key, value in os.environ.items() if not key.startswith(("PYTEST", "COV"))}
        made = {
            **given,
            "PORTAL_AS": role,
            "PORTAL_DEMO": "1",
            "PORTAL_STATE": str(self.folder),
            "PORTAL_PORT": str(self.port),
            "PORTAL_BASE_URL": self.url,
            "PORTAL_TSA_URL": f"http://127.0.0.1:{self.tsa_port}",
            "PORTAL_LEASE_SECONDS": "2",
            "PORTAL_RESEND_SECONDS": "1",
            "PORTAL_FAULTS": str(self.faults),
            "DJANGO_SETTINGS_MODULE": "portal.settings_test",
            # A broker number of its own: settings_test counts them by the worker's name.
            "PYTEST_XDIST_WORKER": f"gw{30 + int(WORKER.removeprefix('gw'))}",
        }
        for key in ("DATABASE_URL", "DATABASE_OWNER_URL", "DATABASE_SIGNER_URL"):
            made[key] = _named(os.environ[key], self.database)
        made.pop("PORTAL_KEYS", None)
        if role == "signer":
            made["PORTAL_KEYS"] = str(self.folder / "keys")
        if name == "timestamps":
            made["PORTAL_TSA_KEYS"] = str(self.folder / "tsa-keys")
        return made

    def manage(self, *arguments: str, role: str = "app") -> str:
        """Run manage.py beside the processes."""
        done = subprocess.run(
            [sys.executable, "manage.py", *arguments], cwd=ROOT, env=self.environment(role), capture_output=True, text=True, check=False
        )
        assert done.returncode == 0, done.stdout + done.stderr
        return done.stdout

    def start_process(self, name: str) -> None:
        """Start one process, as the supervisor would after it died."""
        role, argv = commands(f"127.0.0.1:{self.port}", self.tsa_port, self.folder)[name]
        self.processes[name] = spawn(name, argv, self.environment(role, name), self.log)

    def stop_process(self, name: str, *, kill: bool = False) -> None:
        """Stop one process, or kill it and whatever it started."""
        process = self.processes[name]
        if kill:
            os.killpg(process.pid, 9)
        else:
            process.terminate()
        process.wait(20)

    def start(self) -> None:
        """Everything, until /readyz says yes."""
        fresh_database(self.database)
        self.manage("load_demo")
        self.manage("make_authority", role="signer")
        for name in commands(f"127.0.0.1:{self.port}", self.tsa_port, self.folder):
            self.start_process(name)
        self.wait_ready()

    def wait_ready(self, seconds: float = 60) -> None:
        """Until /readyz answers 200."""
        end = time.monotonic() + seconds
        while time.monotonic() < end:
            try:
                with urllib.request.urlopen(f"{self.url}/readyz", timeout=3) as answer:
                    if answer.status == 200:
                        return
            except (OSError, urllib.error.HTTPError):
                pass
            time.sleep(0.2)
        raise AssertionError(f"not ready: {(self.folder / 'processes.log').read_text()[-3000:]}")

    def stop(self) -> None:
        """Everything, in order."""
        stop_all(self.processes)
        self.log.close()
        shutil.rmtree(self.folder / "static", ignore_errors=True)
