"""Runs a program of ours on a file of somebody else's, in a child process that may do nothing else: no environment, little
memory, little time, no files. A hostile file can at worst kill its own child. Knows no Django and no format.
"""

import os
import selectors
import signal
import socket
import subprocess
import sys
import tempfile
import time
from collections.abc import Sequence
from pathlib import Path
from typing import IO, Final

from .cage import NO_MEMORY

WALL_SECONDS: Final = 30.0


class Died(Exception):
    """The child did not answer; the message says why, in a few English words."""


def run_child(program: Path, given: bytes, *, wall_seconds: float = WALL_SECONDS, most: int, on_disk: bool = True) -> bytes:
    """Standard output, at most `most` bytes, of `python -I program` with `given` on standard input. Raises Died.

    Without `on_disk` what is given is handed over in memory alone.
    """
    # The child limits itself before it reads a byte (files/cage.py): a preexec function is not safe in a process with threads.
    with tempfile.TemporaryFile() if on_disk else os.fdopen(os.memfd_create("given"), "w+b") as source:
        source.write(given)
        source.seek(0)
        child = isolated([program], stdin=source, stdout=subprocess.PIPE)
        try:
            if child.stdout is None:  # pragma: no cover - Popen was asked for a pipe
                raise Died("it had no output")
            deadline = time.monotonic() + wall_seconds
            answer = collect(child.stdout.fileno(), deadline, most)
            child.wait(timeout=max(0.1, deadline - time.monotonic()))
        except subprocess.TimeoutExpired:
            raise Died("it took too long") from None
        finally:
            if child.poll() is None:
                child.kill()
            child.wait()
            if child.stdout:
                child.stdout.close()
    if child.returncode:
        raise Died(why(child.returncode))
    return answer


def isolated(programs: Sequence[Path], *, stdin: IO[bytes] | socket.socket, stdout: int) -> subprocess.Popen[bytes]:
    """Our own Python with a program of ours (and what it is told): no environment, no folder, nothing open but what is given."""
    return subprocess.Popen(  # noqa: S603 - fixed programs of ours
        [sys.executable, "-I", *map(str, programs)],
        stdin=stdin,
        stdout=stdout,
        stderr=subprocess.DEVNULL,
        env={},
        cwd="/",
        close_fds=True,
        start_new_session=True,
    )


def collect(pipe: int, deadline: float, most: int) -> bytes:
    """Everything that comes out of a pipe until it is closed, at most `most` bytes. Raises Died for more, or at the deadline (monotonic)."""
    parts, size = [], 0
    with selectors.DefaultSelector() as ready:
        ready.register(pipe, selectors.EVENT_READ)
        while True:
            left = deadline - time.monotonic()
            if left <= 0 or not ready.select(left):
                raise Died("it took too long")
            part = os.read(pipe, 1 << 16)
            if not part:
                break
            size += len(part)
            if size > most:
                raise Died("it wrote too much")
            parts.append(part)
    return b"".join(parts)


def why(code: int) -> str:
    """Why a child ended with this code, of subprocess's kind: negative for a signal."""
    if code == NO_MEMORY:
        return "it ran out of memory"
    if code > 0:
        return f"it failed with exit code {code}"
    try:
        name = signal.Signals(-code).name
    except ValueError:
        name = str(-code)
    return {"SIGXCPU": "it used too much processor time", "SIGKILL": "it was killed"}.get(name, f"it was ended by {name}")
