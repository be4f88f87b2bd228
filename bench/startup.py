"""Seconds from `./dev run` to ready: cold (a clone without a virtual environment) and warm; beside a bare Django start.

./dev bench startup [--cold]
"""

import os
import re
import shutil
import signal
import subprocess
import sys
import tempfile
import time
from pathlib import Path

ROOT = Path(__file__).resolve().parents[1]
LIMITS = {"cold": 30.0, "warm": 4.0}


def start(checkout: Path, port: int) -> tuple[float, float]:
    """(seconds to ready, seconds to stop) of one `./dev run`."""
    began = time.monotonic()
    environment = {k: v for k, v in os.environ.items() if not k.startswith(("PORTAL_", "DATABASE_", "REDIS_", "DJANGO_", "VIRTUAL_ENV"))}
    process = subprocess.Popen(
        ["./dev", "run"],
        cwd=checkout,
        env={**environment, "PORTAL_PORT": str(port)},
        stdout=subprocess.PIPE,
        text=True,
        start_new_session=True,
    )
    assert process.stdout is not None
    for line in process.stdout:
        if re.search(r"\[dev\] ready after", line):
            break
    ready = time.monotonic() - began
    process.send_signal(signal.SIGINT)
    process.stdout.read()
    process.wait(60)
    return ready, time.monotonic() - began - ready


def main() -> None:
    """One cold start of a fresh clone, then three warm ones."""
    folder = Path(tempfile.mkdtemp(prefix="startup-"))
    checkout = folder / "clone"
    try:
        subprocess.run(["git", "clone", "-q", str(ROOT), str(checkout)], check=True)
        rows = [("cold", *start(checkout, 8201))]
        rows += [("warm", *start(checkout, 8202 + n)) for n in range(3)]
    finally:
        shutil.rmtree(folder, ignore_errors=True)
    print(f"{'start':6} {'ready s':>8} {'limit s':>8} {'ratio':>6} {'stop s':>7}")
    for name, ready, stop in rows:
        print(f"{name:6} {ready:8.1f} {LIMITS[name]:8.1f} {ready / LIMITS[name]:6.2f} {stop:7.1f}")
    left = subprocess.run(["pgrep", "-f", str(checkout)], capture_output=True, text=True, check=False).stdout.split()
    print(f"processes left behind: {len(left)}")


if __name__ == "__main__":
    sys.exit(main())
