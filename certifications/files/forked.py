"""Reads files in children forked from a process that has already loaded what reading needs (template.py): a start costs two or three
milliseconds instead of two hundred. The cage is that of children.py, for each child anew. Knows no Django and no format.
"""

import atexit
import os
import socket
import struct
import subprocess
import threading
import time
from contextlib import ExitStack, suppress
from pathlib import Path
from typing import Final

from .children import WALL_SECONDS, Died, collect, isolated, why

TEMPLATE: Final = Path(__file__).with_name("template.py")
_GRACE: Final = 2.0


class _Lost(Exception):
    """The template ended before it said how the child did."""


class Template:
    """The process that readers of one program are forked from: started at the first file, and anew where it is gone.

    It ends with this process, however that ends: its only line is a socket whose other end then closes.
    """

    def __init__(self, program: Path) -> None:
        self._program = program
        self._lock = threading.Lock()
        self._process: subprocess.Popen[bytes] | None = None
        self._line: socket.socket | None = None
        # A web or Celery worker that was forked from this process has a template of its own, and holds no end of ours.
        os.register_at_fork(after_in_child=self._forget)
        atexit.register(self.close)

    def run(self, given: bytes, *, wall_seconds: float = WALL_SECONDS, most: int) -> bytes:
        """What the program writes, at most `most` bytes, with `given` on standard input, in a child of its own. Raises Died.

        Where the template is gone, the file is read again with a new one, once: a file cannot harm the template, which reads none.
        """
        deadline = time.monotonic() + wall_seconds
        for _try in range(2):
            line = self._started()
            try:
                return self._once(line, given, deadline, most)
            except _Lost:
                self._drop(line)
        raise Died("its reader could not be started")

    def close(self) -> None:
        """End the template and whatever it still runs."""
        with self._lock:
            process, line = self._process, self._line
            self._process = self._line = None
        if line:
            line.close()
        if process:
            try:
                process.wait(_GRACE)
            except subprocess.TimeoutExpired:
                process.kill()
                process.wait()

    @property
    def pid(self) -> int | None:
        """Of the template, None where none was started."""
        return self._process.pid if self._process else None

    def _forget(self) -> None:
        self._lock = threading.Lock()
        if self._line:
            self._line.close()
        if self._process:
            self._process.returncode = 0  # it is not this process's child
        self._process = self._line = None

    def _started(self) -> socket.socket:
        with self._lock:
            if self._line:
                return self._line
            line, theirs = socket.socketpair(socket.AF_UNIX, socket.SOCK_SEQPACKET)
            # Kept only once it runs: a start that fails (no memory, no process left) leaves nothing behind, and the next run tries again.
            with ExitStack() as failed, theirs:
                failed.enter_context(line)
                self._process = isolated([TEMPLATE, self._program], stdin=theirs, stdout=subprocess.DEVNULL)
                failed.pop_all()
            self._line = line
            return line

    def _drop(self, line: socket.socket) -> None:
        """End a template that does not answer, unless somebody else has done so and started another."""
        with self._lock:
            if self._line is line:
                if self._process:
                    self._process.kill()
                    self._process.wait()
                line.close()
                self._line = self._process = None

    def _once(self, line: socket.socket, given: bytes, deadline: float, most: int) -> bytes:
        with ExitStack() as opened:
            source = opened.enter_context(os.fdopen(os.memfd_create("given"), "w+b", buffering=0))
            source.write(given)
            source.seek(0)
            here, there = os.pipe()
            answer, out = opened.enter_context(os.fdopen(here, "rb")), os.fdopen(there, "wb")
            report, theirs = socket.socketpair(socket.AF_UNIX, socket.SOCK_SEQPACKET)
            opened.enter_context(report)
            with out, theirs:
                _ask(line, [source.fileno(), out.fileno(), theirs.fileno()])
            try:
                found = collect(answer.fileno(), deadline, most)
                code = _ended(report, max(0.1, deadline - time.monotonic()))
            except Died:
                self._end(line, report)
                raise
        if code:
            raise Died(why(code))
        return found

    def _end(self, line: socket.socket, report: socket.socket) -> None:
        """Have the child ended and see that it is; a template that does not answer ends with it."""
        report.shutdown(socket.SHUT_WR)
        with suppress(_Lost):
            try:
                _ended(report, _GRACE)
            except Died:
                self._drop(line)


def _ask(line: socket.socket, fds: list[int]) -> None:
    """Raises _Lost where nobody listens."""
    try:
        socket.send_fds(line, [b"?"], fds)
    except OSError:
        raise _Lost from None


def _ended(report: socket.socket, seconds: float) -> int:
    """The child's exit code, as of subprocess. Raises _Lost where the template is gone, Died after so many seconds."""
    report.settimeout(seconds)
    try:
        said = report.recv(4)
    except TimeoutError:
        raise Died("it took too long") from None
    except OSError:
        raise _Lost from None
    if len(said) != 4:
        raise _Lost
    return int(struct.unpack("i", said)[0])
