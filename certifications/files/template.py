"""The process that readers are forked from: it has loaded what they need, waits, and makes one caged child for each file.

Run as `python -I template.py PROGRAM`, with a socket as standard input, by forked.py. PROGRAM is a file of ours with `main() -> int`,
which reads standard input and writes standard output, and may have `warm()`. Must never read a byte of anybody's file itself: whoever
is forked later could see it. Must not be imported by the portal.
"""

import ctypes
import gc
import importlib.util
import os
import resource
import selectors
import signal
import socket
import struct
import sys
from contextlib import suppress
from pathlib import Path
from types import ModuleType
from typing import Final, NoReturn

sys.path.insert(0, str(Path(__file__).resolve().parents[2]))

from certifications.files.cage import NO_MEMORY, limit

_PDEATHSIG, _DUMPABLE, _NO_NEW_PRIVS = 1, 4, 38  # prctl(2)
_NEWUSER, _NEWNET = 0x10000000, 0x40000000  # unshare(2)
_CAPABILITIES_3: Final = 0x20080522  # capset(2)
_NOBODY: Final = 65534
_LIBC: Final = ctypes.CDLL(None, use_errno=True)
_FDS: Final = 3
_MOST_FDS: Final = 4096

Children = dict[int, tuple[int, socket.socket]]  # by pidfd: the child's pid, and where its end is reported


def load(program: Path) -> ModuleType:
    """The program with all that it imports, warmed up."""
    spec = importlib.util.spec_from_file_location("program", program)
    if spec is None or spec.loader is None:
        raise ImportError(str(program))
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    if hasattr(module, "warm"):
        module.warm()
    return module


def cut_off() -> None:
    """Leave the network, where the kernel lets us; nobody else of the same user may look into this process or trace it."""
    if _LIBC.unshare(_NEWNET):
        _LIBC.unshare(_NEWUSER | _NEWNET)
    _LIBC.prctl(_DUMPABLE, 0, 0, 0, 0)
    most = resource.getrlimit(resource.RLIMIT_NOFILE)[1]
    most = _MOST_FDS if most == resource.RLIM_INFINITY else min(most, _MOST_FDS)
    resource.setrlimit(resource.RLIMIT_NOFILE, (most, most))


def serve(program: ModuleType) -> None:
    """Fork a child for every request until the other end is closed; then end every child that is left."""
    asked = socket.socket(fileno=os.dup(0))
    null = os.open(os.devnull, os.O_RDWR)
    os.dup2(null, 0)
    os.close(null)
    children: Children = {}
    with selectors.DefaultSelector() as ready:
        ready.register(asked, selectors.EVENT_READ)
        while True:
            key = ready.select()[0][0]  # one at a time: what it does may settle the others
            if key.fileobj is asked:
                if not _take(asked, program, children, ready):
                    break
            elif key.data is None:
                _reap(key.fd, children, ready)
            else:  # whoever asked waits no longer: its end of the report is shut
                ready.unregister(key.fileobj)
                _end(key.data)
    for pid, _report in children.values():
        _end(pid)


def _take(asked: socket.socket, program: ModuleType, children: Children, ready: selectors.BaseSelector) -> bool:
    """One request: what to read, where to write, where to report. False when nobody will ask any more."""
    message, fds, _flags, _address = socket.recv_fds(asked, 1, _FDS)
    if not message:
        return False
    if len(fds) != _FDS:
        for fd in fds:
            os.close(fd)
        return True
    source, out, report = fds
    own = os.getpid()
    try:
        pid = os.fork()
    except OSError:  # no memory or no room for another process: whoever asked sees its report closed, and says so
        for fd in fds:
            os.close(fd)
        return True
    if not pid:
        _child(program, source, out, own)
    os.close(source)
    os.close(out)
    line = socket.socket(fileno=report)
    pidfd = os.pidfd_open(pid)
    children[pidfd] = (pid, line)
    ready.register(pidfd, selectors.EVENT_READ, None)
    ready.register(line, selectors.EVENT_READ, pid)
    return True


def _reap(pidfd: int, children: Children, ready: selectors.BaseSelector) -> None:
    """Report how a child ended, and forget it."""
    pid, line = children.pop(pidfd)
    ready.unregister(pidfd)
    with suppress(KeyError):
        ready.unregister(line)
    # What it may have forked ends with it, while its number is still its own.
    with suppress(ProcessLookupError, PermissionError):
        os.killpg(pid, signal.SIGKILL)
    _pid, status = os.waitpid(pid, 0)
    os.close(pidfd)
    with suppress(OSError):  # nobody waits for it any more
        line.send(struct.pack("i", os.waitstatus_to_exitcode(status)))
    line.close()


def _end(pid: int) -> None:
    """End a child that is not yet reaped, and whatever it may have forked: it leads a group of its own as soon as it runs."""
    for end in (os.killpg, os.kill):
        with suppress(ProcessLookupError):
            end(pid, signal.SIGKILL)


def _child(program: ModuleType, source: int, out: int, parent: int) -> NoReturn:
    """In the new process: nothing open but its own file and its answer, no rights, then the program. Never returns."""
    code = 1
    try:
        os.setsid()
        null = os.open(os.devnull, os.O_WRONLY)
        os.dup2(source, 0)
        os.dup2(out, 1)
        os.dup2(null, 2)
        os.closerange(3, _MOST_FDS)
        _give_up(parent)
        sys.stdin, sys.stdout = open(0, closefd=False), open(1, "w", closefd=False)
        code = program.main()
        sys.stdout.flush()
    except MemoryError:
        code = NO_MEMORY
    except SystemExit as wish:
        code = wish.code if isinstance(wish.code, int) else 1
    except BaseException:  # whatever a hostile file raised; the exit code says that it failed
        code = 1
    finally:
        os._exit(code)


def _give_up(parent: int) -> None:
    """The limits of cage.py; no privilege, and none to be had by starting a program; nobody's files; an end with the template's.

    Raises OSError where one of them cannot be had: nothing is read then.
    """
    limit()
    if os.geteuid() == 0:
        os.setgroups([])
        os.setresgid(_NOBODY, _NOBODY, _NOBODY)
        os.setresuid(_NOBODY, _NOBODY, _NOBODY)
    resource.setrlimit(resource.RLIMIT_NPROC, (0, 0))  # no process and no thread of its own
    header = struct.pack("Ii", _CAPABILITIES_3, 0)
    done = (
        _LIBC.capset(header, bytes(24)),
        _LIBC.prctl(_NO_NEW_PRIVS, 1, 0, 0, 0),
        _LIBC.prctl(_DUMPABLE, 0, 0, 0, 0),
        _LIBC.prctl(_PDEATHSIG, signal.SIGKILL, 0, 0, 0),  # behind the change of user, which forgets it
    )
    if any(done) or os.getppid() != parent:
        raise OSError("no cage")


def main() -> None:
    """Load the program that is named, and serve."""
    program = load(Path(sys.argv[1]))
    cut_off()
    gc.collect()
    gc.freeze()  # what is loaded stays shared with the children instead of being copied by their collector
    serve(program)


if __name__ == "__main__":
    main()
