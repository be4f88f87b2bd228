"""The child process of sandbox.py: takes its own rights away, reads one file from standard input, writes it anew, ends.

Run as `python -I child.py` with an empty environment. Must not be imported by the portal.
"""

import sys
from collections.abc import Callable
from pathlib import Path


def main() -> int:
    """Write "ok" and the file, or the code of what is wrong with it. Ends with NO_MEMORY when out of memory."""
    sys.path.insert(0, str(Path(__file__).resolve().parents[3]))
    from certifications.files.cage import NO_MEMORY, limit  # noqa: PLC0415 - found only now; it loads nothing itself

    limit()
    source, out = sys.stdin.buffer, sys.stdout.buffer
    try:
        content = source.read()
        if content.startswith(b"%PDF-"):
            from certifications.files.cleaning.papers import Refused, rewritten  # noqa: PLC0415 - nothing more before the limits hold

            made = _tried(rewritten, content, Refused)
        else:
            from certifications.files.cleaning.pictures import Refused, repainted  # noqa: PLC0415 - as above

            made = _tried(repainted, content, Refused)
        out.write(made)
        out.flush()
    except MemoryError:
        return NO_MEMORY
    return 0


def _tried(work: Callable[[bytes], bytes], content: bytes, refused: type[Exception]) -> bytes:
    try:
        return b"ok\n" + work(content)
    except refused as problem:
        return str(problem).encode() + b"\n"
    except MemoryError:
        raise
    except Exception:  # noqa: BLE001 - a hostile file may make a library raise anything; it is unreadable, whatever it was
        return b"unreadable\n"


if __name__ == "__main__":
    sys.exit(main())
