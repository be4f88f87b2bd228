"""Runs the reader in a child process that may do nothing else: no environment, little memory, little time, no files.

A hostile page can at worst kill its own child. Must not run a reader in this process.
"""

import json
import os
import selectors
import signal
import subprocess
import sys
import tempfile
import time
from pathlib import Path
from typing import IO, Any, Final

from .sniffing import LIMIT_MB, MAX_BYTES
from .types import UNREADABLE, Proposal, Unreadable, proposal_from_json

WALL_SECONDS: Final = 30.0
MAX_OUTPUT: Final = 32 * 1024 * 1024
CHILD: Final = Path(__file__).with_name("child.py")


def read_in_child(content: bytes, media_type: str = "", title: str = "", *, wall_seconds: float = WALL_SECONDS) -> Proposal:
    """As read_notice, in a child process. Raises Unreadable; "reader_died" with the reason for every death of the child."""
    if len(content) > MAX_BYTES:
        raise Unreadable("too_large", limit=str(LIMIT_MB))
    answer = run_child(CHILD, json.dumps({"media_type": media_type, "title": title}).encode() + b"\n" + content, wall_seconds)
    try:
        row: Any = json.loads(answer)
        if isinstance(row, dict) and row.get("unreadable") in UNREADABLE:
            raise Unreadable(row["unreadable"], **{str(k): str(v)[:60] for k, v in dict(row["params"]).items()})
        return proposal_from_json(row["proposal"], row["text"])
    except (ValueError, KeyError, TypeError, RecursionError):
        raise Unreadable("reader_died", reason="its answer was damaged") from None


def run_child(program: Path, given: bytes, wall_seconds: float) -> bytes:
    """Standard output of `python -I program` with `given` on standard input. Raises Unreadable "reader_died"."""
    # The child limits itself before it reads a byte (readers/child.py): a preexec function is not safe in a process with threads.
    with tempfile.TemporaryFile() as source:
        source.write(given)
        source.seek(0)
        child = subprocess.Popen(  # noqa: S603 - a fixed program of ours
            [sys.executable, "-I", str(program)],
            stdin=source,
            stdout=subprocess.PIPE,
            stderr=subprocess.DEVNULL,
            env={},
            cwd="/",
            close_fds=True,
            start_new_session=True,
        )
        try:
            answer = _collect(child, time.monotonic() + wall_seconds)
        finally:
            if child.poll() is None:
                child.kill()
            child.wait()
            if child.stdout:
                child.stdout.close()
    if child.returncode:
        raise Unreadable("reader_died", reason=_why(child.returncode))
    return answer


def _collect(child: subprocess.Popen[bytes], deadline: float) -> bytes:
    pipe: IO[bytes] | None = child.stdout
    if pipe is None:  # pragma: no cover - Popen was asked for a pipe
        raise Unreadable("reader_died", reason="it had no output")
    parts, size = [], 0
    with selectors.DefaultSelector() as ready:
        ready.register(pipe, selectors.EVENT_READ)
        while True:
            left = deadline - time.monotonic()
            if left <= 0 or not ready.select(left):
                raise Unreadable("reader_died", reason="it took too long")
            part = os.read(pipe.fileno(), 1 << 16)
            if not part:
                break
            size += len(part)
            if size > MAX_OUTPUT:
                raise Unreadable("reader_died", reason="it wrote too much")
            parts.append(part)
    try:
        child.wait(timeout=max(0.1, deadline - time.monotonic()))
    except subprocess.TimeoutExpired:
        raise Unreadable("reader_died", reason="it took too long") from None
    return b"".join(parts)


def _why(code: int) -> str:
    if code == 3:  # noqa: PLR2004 - set by child.py
        return "it ran out of memory"
    if code > 0:
        return f"it failed with exit code {code}"
    try:
        name = signal.Signals(-code).name
    except ValueError:
        name = str(-code)
    return {"SIGXCPU": "it used too much processor time", "SIGKILL": "it was killed"}.get(name, f"it was ended by {name}")
