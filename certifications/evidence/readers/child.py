"""The child process of sandbox.py: takes its own rights away, reads one notice from standard input, writes JSON, ends.

Run as `python -I child.py` with an empty environment. Must not be imported by the portal.
"""

import resource
import sys

GIB = 1 << 30
LIMITS = (
    (resource.RLIMIT_CORE, 0),
    (resource.RLIMIT_AS, GIB),
    (resource.RLIMIT_CPU, 20),
    (resource.RLIMIT_FSIZE, 1 << 20),
    (resource.RLIMIT_NOFILE, 64),
)


def limit() -> None:
    """Set every limit of this process, soft and hard; they cannot be raised again without privilege."""
    for kind, wanted in LIMITS:
        hard = resource.getrlimit(kind)[1]
        value = wanted if hard == resource.RLIM_INFINITY else min(wanted, hard)
        resource.setrlimit(kind, (value, value))


def main() -> int:
    """Read standard input as one line of JSON and the bytes behind it; write the proposal. 3 means out of memory."""
    limit()
    import json  # noqa: PLC0415 - nothing is loaded before the limits hold
    from pathlib import Path  # noqa: PLC0415

    sys.path.insert(0, str(Path(__file__).resolve().parents[3]))
    from certifications.evidence.readers import Unreadable, read_notice  # noqa: PLC0415

    source = sys.stdin.buffer
    try:
        header = json.loads(source.readline())
        try:
            proposal = read_notice(source.read(), header["media_type"], header["title"])
            answer = {"proposal": proposal.as_json(), "text": proposal.text}
        except Unreadable as problem:
            answer = {"unreadable": problem.code, "params": problem.params}
        sys.stdout.buffer.write(json.dumps(answer).encode("ascii"))
        sys.stdout.buffer.flush()
    except MemoryError:
        return 3
    return 0


if __name__ == "__main__":
    sys.exit(main())
