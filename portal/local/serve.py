"""`./dev run`: every process of the portal under one small supervisor, until Ctrl-C."""

import hashlib
import os
import signal
import socket
import subprocess
import sys
import threading
import time
import urllib.error
import urllib.request
from pathlib import Path
from typing import IO

from portal.local.embedded import CannotStart, die_with_parent
from portal.local.stack import Stack

READY_SECONDS = 90.0
STOP_SECONDS = 20.0
# The local authority's revocation lists are made anew when they are a day old.
LISTS_SECONDS = 24 * 3600
ADDRESS = "http://address.of.the.portal"
# Stopped in this order: nobody is left without what it needs.
STOP_ORDER = ("beat", "signer", "worker", "timestamps", "web")


def free_port(wanted: int) -> int:
    """`wanted`, or the next port that nobody listens on."""
    for port in range(wanted, wanted + 50):
        with socket.socket() as probe:
            probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
            try:
                probe.bind(("127.0.0.1", port))
            except OSError:
                continue
            return port
    raise CannotStart(f"No free port from {wanted} on; set PORTAL_PORT.")


def unused_port() -> int:
    """Any port that is free now."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


def commands(port: int, tsa_port: int, state: Path) -> dict[str, tuple[str, list[str]]]:
    """Name of each process: its database role and its command."""
    celery = [sys.executable, "-m", "celery", "-A", "portal.celery"]
    quiet = ["-l", "warning", "--without-gossip", "--without-mingle"]
    return {
        "timestamps": ("app", [sys.executable, "-m", "certifications.attestations.tsa", str(tsa_port)]),
        "web": (
            "app",
            [
                sys.executable,
                "-m",
                "gunicorn",
                "portal.wsgi",
                "-b",
                f"127.0.0.1:{port}",
                "-w",
                "2",
                "-k",
                "gthread",
                "--threads",
                "4",
                "--preload",
                "--worker-tmp-dir",
                "/dev/shm",  # noqa: S108 - a heartbeat file in memory: a slow disk must not look like a hung worker
                "--logger-class",
                "portal.logs_gunicorn.GunicornLogger",
                "--log-level",
                "warning",
            ],
        ),
        "worker": ("app", [*celery, "worker", "-Q", "default", "-n", "worker@%h", "-c", "2", *quiet]),
        "signer": ("signer", [*celery, "worker", "-Q", "sign", "-n", "signer@%h", "-c", "1", *quiet]),
        "beat": ("app", [*celery, "beat", "-l", "warning", "-s", str(state / "beat-schedule"), "--pidfile="]),
    }


def spawn(name: str, argv: list[str], environment: dict[str, str], output: IO[str]) -> subprocess.Popen[str]:
    """Start one process in a session of its own; its lines are shown with its name before them."""
    process = subprocess.Popen(
        argv,
        env=environment,
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        stdin=subprocess.DEVNULL,
        text=True,
        start_new_session=True,
        preexec_fn=(lambda: die_with_parent(signal.SIGTERM)) if sys.platform == "linux" else None,  # noqa: PLW1509
    )

    def pump() -> None:
        assert process.stdout is not None  # noqa: S101
        for line in process.stdout:
            output.write(f"{name:10}| {line}")
            output.flush()

    threading.Thread(target=pump, daemon=True).start()
    return process


def stop_all(processes: dict[str, subprocess.Popen[str]]) -> None:
    """Ask in order, then insist."""
    for name in STOP_ORDER:
        process = processes.get(name)
        if process is not None and process.poll() is None:
            process.send_signal(signal.SIGTERM)
    end = time.monotonic() + STOP_SECONDS
    for process in processes.values():
        try:
            process.wait(max(0.1, end - time.monotonic()))
        except subprocess.TimeoutExpired:
            os.killpg(process.pid, signal.SIGKILL)


def _prepare(stack: Stack, port: int) -> None:
    """Migrate, grant, collect, load the demonstration; each only when something changed."""
    root = stack.root
    parts = sorted(root.glob("certifications/migrations/**/*.*")) + [
        root / "requirements.txt",
        root / "certifications/management/commands/grant_roles.py",
    ]
    stamp_value = hashlib.sha256(b"".join(p.read_bytes() for p in parts if p.suffix in {".py", ".sql", ".txt"})).hexdigest()
    stamp = stack.state / "migrated"
    fresh = stack.servers is None or not stamp.exists() or stamp.read_text() != stamp_value
    if fresh:
        stack.manage("migrate", "-v", "0", role="owner")
        stack.manage("grant_roles", role="owner")
        stack.manage("load_demo", PORTAL_PORT=str(port))
        (stack.state / "accounts.txt").unlink(missing_ok=True)
        stamp.write_text(stamp_value)
    accounts = stack.state / "accounts.txt"
    if not accounts.exists():
        # Kept, so that a warm start prints it without starting Django for it.
        accounts.write_text(stack.output("demo_accounts", PORTAL_BASE_URL=ADDRESS))
    lists = [stack.state / "trust" / f"{name}.crl" for name in ("root", "issuing", "stamp-root")]
    if not all(file.exists() and time.time() - file.stat().st_mtime < LISTS_SECONDS for file in lists):
        stack.manage("make_authority", role="signer")
    static = sorted((root / "portal" / "static").rglob("*"))
    static_value = hashlib.sha256("".join(f"{p}{p.stat().st_mtime_ns}" for p in static if p.is_file()).encode()).hexdigest()
    static_stamp = stack.state / "collected"
    if not static_stamp.exists() or static_stamp.read_text() != static_value:
        stack.manage("collectstatic", "--noinput", "-v", "0")
        static_stamp.write_text(static_value)


def wait_ready(url: str, processes: dict[str, subprocess.Popen[str]], stopping: threading.Event) -> None:
    """Until /readyz says yes. Raises CannotStart with what it says when it never does."""
    end, answer = time.monotonic() + READY_SECONDS, ""
    while time.monotonic() < end and not stopping.is_set():
        for name, process in processes.items():
            if process.poll() is not None:
                raise CannotStart(f"The process {name} ended at once; its lines are above.")
        try:
            with urllib.request.urlopen(f"{url}/readyz", timeout=3) as response:  # noqa: S310 - our own address
                if response.status == 200:  # noqa: PLR2004
                    return
        except urllib.error.HTTPError as error:
            answer = error.read().decode(errors="replace")
        except OSError as error:
            answer = str(error)
        time.sleep(0.1)
    if not stopping.is_set():
        raise CannotStart(f"The portal did not become ready in {READY_SECONDS:.0f} s:\n{answer}")


def serve(root: Path) -> int:
    """Run everything until a signal comes; returns the exit status."""
    started, stopping = time.monotonic(), threading.Event()
    for sig in (signal.SIGINT, signal.SIGTERM):
        signal.signal(sig, lambda *_: stopping.set())
    port = int(os.environ.get("PORTAL_PORT") or free_port(8000))
    tsa_port = unused_port()
    processes: dict[str, subprocess.Popen[str]] = {}
    status = 0
    with Stack(root, own=True) as stack:
        url = f"http://localhost:{port}"
        variables = {"PORTAL_PORT": str(port), "PORTAL_BASE_URL": url, "PORTAL_TSA_URL": f"http://127.0.0.1:{tsa_port}"}
        try:
            _prepare(stack, port)
            for name, (role, argv) in commands(port, tsa_port, stack.state).items():
                processes[name] = spawn(name, argv, stack.environment(role, **variables, **_own(name, stack)), sys.stdout)
            wait_ready(url, processes, stopping)
            if not stopping.is_set():
                _welcome(stack, url, time.monotonic() - started)
            while not stopping.wait(0.3):
                ended = [name for name, process in processes.items() if process.poll() is not None]
                for name in ended:
                    # A process that dies is started again: what it was doing lies in rows.
                    print(f"[dev] {name} ended with {processes[name].returncode}; starting it again", flush=True)
                    role, argv = commands(port, tsa_port, stack.state)[name]
                    processes[name] = spawn(name, argv, stack.environment(role, **variables, **_own(name, stack)), sys.stdout)
                    time.sleep(1)
        except CannotStart as problem:
            print(f"[dev] {problem}", file=sys.stderr)
            status = 1
        finally:
            print("[dev] stopping", flush=True)
            stop_all(processes)
    return status


def _own(name: str, stack: Stack) -> dict[str, str]:
    """What one process alone is told: the timestamp server its keys, the beat that it needs no tasks."""
    own = {"PORTAL_PROCESS": name}
    if name == "timestamps":
        own["PORTAL_TSA_KEYS"] = str(stack.state / "tsa-keys")
    if name == "beat":
        own["PORTAL_BEAT"] = "1"
    return own


def _welcome(stack: Stack, url: str, seconds: float) -> None:
    accounts = (stack.state / "accounts.txt").read_text().replace(ADDRESS, url)
    print(
        f"\n[dev] ready after {seconds:.1f} s\n\n    {url}\n\n{accounts}\n"
        f"    Mail never leaves this machine; read it at {url}/mailbox/\n\n"
        "    Three things to try:\n"
        "    1. Sign in as the filer, register a customer, prepare a declaration; sign it as the signatory.\n"
        "    2. Sign in as a reviewer, paste an award notice under Evidence, confirm it, and open the case in the queue.\n"
        f"    3. Release as a reviewer, take the PDF from the attestation, and drop it on {url}/verify/\n\n"
        "    Ctrl-C stops everything.\n",
        flush=True,
    )
