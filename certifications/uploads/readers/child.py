"""The child process of sandbox.py: takes its own rights away, reads one table from standard input, writes lines of JSON, ends.

Run as `python -I child.py` with an empty environment. Must not be imported by the portal.
"""

import sys
from pathlib import Path


def main() -> int:
    """Standard input is one line of JSON and the bytes behind it; the answer one line about the table, then one a row."""
    sys.path.insert(0, str(Path(__file__).resolve().parents[3]))
    from certifications.files.cage import NO_MEMORY, limit  # noqa: PLC0415 - found only now; it loads nothing itself

    limit()
    import gc  # noqa: PLC0415 - nothing more is loaded before the limits hold
    import json  # noqa: PLC0415

    # Millions of cells and no cycle among them: the collector would look at each again and again, and the process ends soon.
    gc.disable()

    from certifications.uploads.readers.reader import read_table  # noqa: PLC0415
    from certifications.uploads.readers.types import Unreadable  # noqa: PLC0415

    source, out = sys.stdin.buffer, sys.stdout.buffer
    try:
        asked = json.loads(source.readline())
        try:
            reading, rows = read_table(
                source.read(), asked["form"], vocabulary=asked["vocabulary"], sheet=asked["sheet"], header_row=asked["header_row"]
            )
        except Unreadable as problem:
            out.write(json.dumps({"unreadable": problem.code, "params": problem.params}).encode("ascii"))
        else:
            out.write(json.dumps(reading.as_json()).encode("ascii"))
            write = json.JSONEncoder(ensure_ascii=False, separators=(",", ":")).encode
            for at in range(0, len(rows), 1000):
                out.write(b"".join(b"\n" + write(row).encode() for row in rows[at : at + 1000]))
        out.flush()
    except MemoryError:
        return NO_MEMORY
    return 0


if __name__ == "__main__":
    sys.exit(main())
