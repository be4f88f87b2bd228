"""The child process of sandbox.py: takes its own rights away, reads one document from standard input, writes JSON, ends.

Run as `python -I child.py` with an empty environment. Must not be imported by the portal.
"""

import sys
from pathlib import Path


def main() -> int:
    """Read standard input as one line of JSON and the bytes behind it; write the proposal. Ends with NO_MEMORY when out of memory."""
    sys.path.insert(0, str(Path(__file__).resolve().parents[3]))
    from certifications.files.cage import NO_MEMORY, limit  # noqa: PLC0415 - found only now; it loads nothing itself

    limit()
    import json  # noqa: PLC0415 - nothing more is loaded before the limits hold

    from certifications.evidence.readers import Package, Unreadable  # noqa: PLC0415
    from certifications.evidence.readers.everything import read_any  # noqa: PLC0415

    source = sys.stdin.buffer
    try:
        header = json.loads(source.readline())
        try:
            found = read_any(source.read(), header["media_type"], header["title"], header["marks"])
            answer = {"package" if isinstance(found, Package) else "proposal": found.as_json(), "text": found.text}
        except Unreadable as problem:
            answer = {"unreadable": problem.code, "params": problem.params}
        sys.stdout.buffer.write(json.dumps(answer).encode("ascii"))
        sys.stdout.buffer.flush()
    except MemoryError:
        return NO_MEMORY
    return 0


if __name__ == "__main__":
    sys.exit(main())
