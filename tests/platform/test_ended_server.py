"""A server that ended and is not collected yet keeps its lock: the next start waits for it, and for nothing else."""

import os
import threading
import time
from pathlib import Path

from portal.local.embedded import wait_for_ended


def test_a_server_that_is_not_collected_yet_is_waited_for_and_a_running_one_is_not(tmp_path: Path) -> None:
    lock = tmp_path / "postmaster.pid"
    pid = os.fork()
    if not pid:
        os._exit(0)
    # Ended, and left uncollected: before that the child is a running process, for which nobody waits.
    os.waitid(os.P_PID, pid, os.WEXITED | os.WNOWAIT)
    lock.write_text(f"{pid}\n/somewhere\n")
    began = time.monotonic()
    collector = threading.Timer(0.6, lambda: os.waitpid(pid, 0))
    collector.start()
    wait_for_ended(lock)
    waited = time.monotonic() - began
    collector.join()
    assert 0.3 < waited < 15
    for text in (f"{os.getpid()}\n", f"{pid}\n", "no number", ""):
        lock.write_text(text)
        began = time.monotonic()
        wait_for_ended(lock)
        assert time.monotonic() - began < 0.3
    wait_for_ended(tmp_path / "none")
