"""`./dev run`: every process of the portal under one small supervisor, until Ctrl-C."""

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
from portal.local.prepare import ACCOUNTS, Running, demonstration, prepare
from portal.local.stack import Stack

READY_SECONDS = 90.0
STOP_SECONDS = 20.0
# Stopped in this order, together within a line: nobody is left without what it needs.
STOP_ORDER = (("beat", "web", "worker", "signer"), ("timestamps",))
# Celery's: what they do, they do in children.
WORKERS = ("worker", "signer")


def listen(wanted: int, *, exactly: bool) -> socket.socket:
    """A socket that listens on `wanted`, or on the next free port unless that very one was asked for.

    Held from the first moment to the last and handed to the web process: two starts at once would else find the same
    port free, and the later one fail half a minute on.
    """
    for port in range(wanted, wanted + (1 if exactly else 50)):
        listener = socket.socket()
        listener.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            listener.bind(("127.0.0.1", port))
            listener.listen(512)
        except OSError:
            listener.close()
            continue
        return listener
    raise CannotStart(
        f"Port {wanted} is taken; set PORTAL_PORT to another." if exactly else f"No free port from {wanted} on; set PORTAL_PORT."
    )


def unused_port() -> int:
    """Any port that is free now."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


def commands(bind: str, tsa_port: int, state: Path) -> dict[str, tuple[str, list[str]]]:
    """Name of each process: its database role and its command. `bind` is where the web process listens, as gunicorn spells it."""
    celery = [sys.executable, "-m", "celery", "--quiet", "-A", "portal.celery"]
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
                bind,
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
        "worker": ("app", [*celery, "worker", "-Q", "default,uploads,bulk", "-n", "worker@%h", "-c", "2", *quiet]),
        "signer": ("signer", [*celery, "worker", "-Q", "sign", "-n", "signer@%h", "-c", "1", *quiet]),
        "beat": ("app", [*celery, "beat", "-l", "warning", "-s", str(state / "beat-schedule"), "--pidfile="]),
    }


def spawn(
    name: str, argv: list[str], environment: dict[str, str], output: IO[str], pass_fds: tuple[int, ...] = ()
) -> subprocess.Popen[str]:
    """Start one process in a session of its own; its lines are shown with its name before them."""
    process = subprocess.Popen(
        argv,
        env=environment,
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        stdin=subprocess.DEVNULL,
        text=True,
        start_new_session=True,
        pass_fds=pass_fds,
        preexec_fn=(lambda: die_with_parent(signal.SIGTERM)) if sys.platform == "linux" else None,  # noqa: PLW1509
    )

    def pump() -> None:
        assert process.stdout is not None  # noqa: S101
        for line in process.stdout:
            # Celery says good-bye in capitals and blank lines, whatever its log level.
            if not line.strip() or line.startswith("worker: Warm shutdown"):
                continue
            output.write(f"{name:10}| {line}")
            output.flush()

    threading.Thread(target=pump, daemon=True).start()
    return process


def stop_all(processes: dict[str, subprocess.Popen[str]]) -> None:
    """Ask in order, let everybody finish what is at hand, then insist."""
    end = time.monotonic() + STOP_SECONDS
    for names in STOP_ORDER:
        asked = {name: processes[name] for name in names if name in processes and processes[name].poll() is None}
        for process in asked.values():
            process.send_signal(signal.SIGTERM)
        while asked := {name: process for name, process in asked.items() if process.poll() is None}:
            for name, process in asked.items():
                if time.monotonic() > end or (name in WORKERS and _is_childless(process.pid)):
                    os.killpg(process.pid, signal.SIGKILL)
            time.sleep(0.02)


def _is_childless(pid: int) -> bool:
    """Whether a worker's children have ended, each with what it was doing. Celery itself then takes two more seconds to say so."""
    try:
        return not Path(f"/proc/{pid}/task/{pid}/children").read_text().strip()
    except OSError:  # a kernel that does not tell
        return False


def wait_ready(url: str, processes: dict[str, subprocess.Popen[str]], stopping: threading.Event, loading: Running | None = None) -> None:
    """Until /readyz says yes and the demonstration is loaded. Raises CannotStart with what it says when it never does."""
    end, answer = time.monotonic() + READY_SECONDS, ""
    while time.monotonic() < end and not stopping.wait(0.1):
        for name, process in processes.items():
            if process.poll() is not None:
                raise CannotStart(f"The process {name} ended at once; its lines are above.")
        if loading is not None and not loading.is_done():
            end = time.monotonic() + READY_SECONDS
            continue
        try:
            with urllib.request.urlopen(f"{url}/readyz", timeout=3) as response:  # noqa: S310 - our own address
                if response.status == 200:  # noqa: PLR2004
                    return
        except urllib.error.HTTPError as error:
            answer = error.read().decode(errors="replace")
        except OSError as error:
            answer = str(error)
    if not stopping.is_set():
        raise CannotStart(f"The portal did not become ready in {READY_SECONDS:.0f} s:\n{answer}")


def forget_signs_of_life(database: str) -> None:
    """A worker that was seen before the last stop is not there yet: /readyz would believe it for two minutes."""
    import psycopg

    with psycopg.connect(database, autocommit=True) as connection:
        connection.execute("DELETE FROM certifications_heartbeat")


def serve(root: Path) -> int:
    """Run everything until a signal comes; returns the exit status."""
    started, stopping = time.monotonic(), threading.Event()
    for sig in (signal.SIGINT, signal.SIGTERM):
        signal.signal(sig, lambda *_: stopping.set())
    given = os.environ.get("PORTAL_PORT", "")
    tsa_port = unused_port()
    processes: dict[str, subprocess.Popen[str]] = {}
    loading: Running | None = None
    status = 0
    _say("starting PostgreSQL and Valkey")
    with Stack(root, own=True) as stack, listen(int(given or 8000), exactly=bool(given)) as listener:
        port = int(listener.getsockname()[1])
        url = f"http://localhost:{port}"
        variables = {"PORTAL_PORT": str(port), "PORTAL_BASE_URL": url, "PORTAL_TSA_URL": f"http://127.0.0.1:{tsa_port}"}
        all_commands = commands(f"fd://{listener.fileno()}", tsa_port, stack.state)

        def start(name: str) -> None:
            role, argv = all_commands[name]
            inherits = (listener.fileno(),) if name == "web" else ()
            processes[name] = spawn(name, argv, stack.environment(role, **variables, **_own(name, stack)), sys.stdout, inherits)

        try:
            prepare(stack, stopping, _say)
            if not stopping.is_set():
                forget_signs_of_life(stack.variables["DATABASE_URL"])
                # What it puts in the queue is done by the workers that start beside it.
                loading = demonstration(stack, _say, **variables)
                _say(f"starting {', '.join(all_commands)}")
                for name in all_commands:
                    start(name)
                wait_ready(url, processes, stopping, loading)
            if not stopping.is_set():
                _welcome(stack, url, time.monotonic() - started)
            while not stopping.wait(0.3):
                ended = [name for name, process in processes.items() if process.poll() is not None]
                for name in ended:
                    # A process that dies is started again: what it was doing lies in rows.
                    _say(f"{name} ended with {processes[name].returncode}; starting it again")
                    start(name)
                    time.sleep(1)
        except CannotStart as problem:
            print(f"[dev] {problem}", file=sys.stderr)
            status = 1
        finally:
            _say("stopping")
            listener.close()
            if loading is not None:
                loading.end()
            stop_all(processes)
    return status


def _say(text: str) -> None:
    print(f"[dev] {text}", flush=True)


def _own(name: str, stack: Stack) -> dict[str, str]:
    """What one process alone is told: the timestamp server its keys, the beat that it needs no tasks."""
    own = {"PORTAL_PROCESS": name}
    if name == "timestamps":
        own["PORTAL_TSA_KEYS"] = str(stack.state / "tsa-keys")
    if name == "beat":
        own["PORTAL_BEAT"] = "1"
    return own


def _welcome(stack: Stack, url: str, seconds: float) -> None:
    accounts = (stack.state / ACCOUNTS).read_text().replace("{url}", url)
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
