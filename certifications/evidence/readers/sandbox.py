"""Runs the reader in a child process that may do nothing else (files/forked.py). Must not run a reader in this process."""

import json
from collections.abc import Sequence
from pathlib import Path
from typing import Any, Final

from certifications.files.children import WALL_SECONDS, Died
from certifications.files.forked import Template

from .packages import Package, package_from_json
from .sniffing import LIMIT_MB, MAX_BYTES
from .types import UNREADABLE, Proposal, Unreadable, proposal_from_json

MAX_OUTPUT: Final = 32 * 1024 * 1024
CHILD: Final = Template(Path(__file__).with_name("child.py"))


def read_in_child(
    content: bytes, media_type: str = "", title: str = "", *, marks: Sequence[str] = (), wall_seconds: float = WALL_SECONDS
) -> Proposal | Package:
    """As read_any, in a child process. Raises Unreadable; "reader_died" with the reason for every death of the child."""
    if len(content) > MAX_BYTES:
        raise Unreadable("too_large", limit=str(LIMIT_MB))
    header = json.dumps({"media_type": media_type, "title": title, "marks": list(marks)}).encode()
    answer = run_child(CHILD, header + b"\n" + content, wall_seconds)
    try:
        row: Any = json.loads(answer)
        if isinstance(row, dict) and row.get("unreadable") in UNREADABLE:
            raise Unreadable(row["unreadable"], **{str(k): str(v)[:60] for k, v in dict(row["params"]).items()})
        if isinstance(row, dict) and "package" in row:
            return package_from_json(row["package"], row["text"])
        return proposal_from_json(row["proposal"], row["text"])
    except (ValueError, KeyError, TypeError, AttributeError, RecursionError):
        raise Unreadable("reader_died", reason="its answer was damaged") from None


def run_child(child: Template, given: bytes, wall_seconds: float) -> bytes:
    """As files.forked.Template.run. Raises Unreadable "reader_died"."""
    try:
        return child.run(given, wall_seconds=wall_seconds, most=MAX_OUTPUT)
    except Died as death:
        raise Unreadable("reader_died", reason=str(death)) from None
