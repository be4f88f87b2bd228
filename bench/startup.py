"""Seconds from `./dev run` to ready and back: cold (a fresh clone, nothing in any cache of packages) and warm.

./dev bench startup
"""

import os
import re
import resource
import shutil
import signal
import subprocess
import sys
import tempfile
import time
from dataclasses import dataclass
from pathlib import Path

ROOT = Path(__file__).resolve().parents[1]
sys.path.insert(0, str(ROOT))

from portal.local.embedded import ELSEWHERE, tag_of  # noqa: E402 - the path comes first

WARM = 5
LIMITS = {"cold": 30.0, "warm": 4.0}
STOP_LIMIT = 2.0
OWN = ("PORTAL_", "DATABASE_", "REDIS_", "DJANGO_", "VIRTUAL_ENV")


@dataclass
class Start:
    """Seconds to ready, seconds to stop, seconds of processor time that both took together, what it printed."""

    ready: float
    stop: float
    cpu: float
    said: str


def _cpu() -> float:
    used = resource.getrusage(resource.RUSAGE_CHILDREN)
    return used.ru_utime + used.ru_stime


def start(checkout: Path, port: int, packages: Path) -> Start:
    """One `./dev run` until it says that it is ready, then Ctrl-C. Raises RuntimeError with what it said when it never is."""
    before, began = _cpu(), time.monotonic()
    environment = {key: value for key, value in os.environ.items() if not key.startswith(OWN)}
    # The virtual environment that runs this bench lies on PATH, and in it an installer.
    environment["PATH"] = ":".join(part for part in environment["PATH"].split(":") if part != str(Path(sys.executable).parent))
    environment |= {"PORTAL_PORT": str(port), "UV_CACHE_DIR": str(packages), "PIP_NO_CACHE_DIR": "1"}
    process = subprocess.Popen(
        ["./dev", "run"],
        cwd=checkout,
        env=environment,
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
        start_new_session=True,
    )
    assert process.stdout is not None
    said = ""
    for line in process.stdout:
        said += line
        if re.search(r"\[dev\] ready after", line):
            break
    else:
        raise RuntimeError(f"it never became ready:\n{said}")
    ready = time.monotonic() - began
    process.send_signal(signal.SIGINT)
    said += process.stdout.read()
    process.wait(60)
    return Start(ready, time.monotonic() - began - ready, _cpu() - before, said)


def main() -> None:
    """One cold start of a fresh clone, then five warm ones; the rows for the README at the end."""
    folder = Path(tempfile.mkdtemp(prefix="startup-"))
    folder.chmod(0o755)
    checkout = folder / "clone"
    try:
        subprocess.run(["git", "clone", "-q", str(ROOT), str(checkout)], check=True)
        starts = [("cold", start(checkout, 8201, folder / "packages"))]
        starts += [("warm", start(checkout, 8202 + n, folder / "packages")) for n in range(WARM)]
        left = subprocess.run(["pgrep", "-f", str(checkout)], capture_output=True, text=True, check=False).stdout.split()
    finally:
        shutil.rmtree(ELSEWHERE / tag_of(checkout / ".state"), ignore_errors=True)
        shutil.rmtree(folder, ignore_errors=True)
    print(f"{os.cpu_count()} cores, load {os.getloadavg()[0]:.1f}")
    print(f"{'start':6} {'ready s':>8} {'limit s':>8} {'ratio':>6} {'stop s':>7} {'CPU s':>6}")
    for name, took in starts:
        print(f"{name:6} {took.ready:8.1f} {LIMITS[name]:8.1f} {took.ready / LIMITS[name]:6.2f} {took.stop:7.1f} {took.cpu:6.1f}")
    print(f"processes left behind: {len(left)}")
    cold, warm = starts[0][1], min((took for name, took in starts if name == "warm"), key=lambda took: took.ready)
    stop = min(took.stop for name, took in starts if name == "warm")
    print("\nFor the README:\n")
    print(
        f"| `./dev run` to ready, a fresh clone, packages fetched | {cold.ready:.1f} s | {cold.cpu:.0f} s of processor | `./dev bench startup` |"
    )
    print(f"| the same again; stopped by Ctrl-C | {warm.ready:.1f}; {stop:.1f} s | {warm.cpu:.1f} s of processor | |")


if __name__ == "__main__":
    sys.exit(main())
