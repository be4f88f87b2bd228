"""The processes of a measurement: CPU seconds of everything under the one that started the servers, and PostgreSQL told what it holds."""

import os
from collections import Counter
from pathlib import Path

import psycopg

_TICK = os.sysconf("SC_CLK_TCK")
_USER, _SYSTEM, _CHILDREN = 11, 12, 4  # places in /proc/PID/stat behind the name


def _tree(root: int) -> Counter[str]:
    """CPU seconds by name of program, of the process and all below it, the ended ones included."""
    parents, names, spent = {}, {}, {}
    for folder in Path("/proc").iterdir():
        if not folder.name.isdigit():
            continue
        try:
            head, _bracket, rest = (folder / "stat").read_text().rpartition(")")
        except OSError:
            continue  # it ended meanwhile; its parent has its seconds
        fields = rest.split()
        pid = int(folder.name)
        parents[pid], names[pid] = int(fields[1]), head.partition("(")[2]
        spent[pid] = sum(map(int, fields[_USER : _USER + _CHILDREN])) / _TICK
    found: Counter[str] = Counter()
    waiting = [root]
    below: dict[int, list[int]] = {}
    for pid, parent in parents.items():
        below.setdefault(parent, []).append(pid)
    while waiting:
        pid = waiting.pop()
        name = names.get(pid, "")
        found["postgres" if "postgres" in name else "valkey" if "valkey" in name else "python"] += spent.get(pid, 0.0)
        waiting += below.get(pid, [])
    return found


class Spent:
    """CPU seconds from now on."""

    def __init__(self) -> None:
        self._began = _tree(os.getppid())

    def since(self) -> Counter[str]:
        """By program: "python", "postgres", "valkey"."""
        now = _tree(os.getppid())
        now.subtract(self._began)
        return now


def analysed() -> None:
    """What autovacuum does within a minute, at once. Only the owner may: the portal's own account would be refused with a warning."""
    with psycopg.connect(os.environ["DATABASE_OWNER_URL"], autocommit=True) as owner:
        owner.execute("ANALYZE")
