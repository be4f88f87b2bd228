"""A broker that is gone, frozen or back: pages do not wait for it, and what must happen lies in rows meanwhile."""

import json
import os
import socket
import subprocess
import sys
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from portal import sending
from portal.celery import app

ROOT = Path(__file__).parents[2]


@pytest.fixture
def frozen(tmp_path: Path) -> Iterator[str]:
    """A socket that takes every connection and never says a word."""
    place = tmp_path / "frozen.sock"
    with socket.socket(socket.AF_UNIX) as server:
        server.bind(str(place))
        server.listen(50)
        yield f"redis+socket://{place}?virtual_host=0"


@pytest.fixture
def broker(monkeypatch: pytest.MonkeyPatch) -> Iterator[Any]:
    """Send to another broker, with the breaker closed before and after."""

    def use(url: str) -> None:
        monkeypatch.setattr(app.conf, "broker_write_url", url)

    monkeypatch.setattr(sending, "_quiet_until", 0.0)
    sending.pools.reset()
    yield use
    sending.pools.reset()


def seconds_to_fail() -> float:
    began = time.monotonic()
    with pytest.raises(Exception):  # noqa: B017, PT011 - whatever the transport says
        sending.send_job("advance", "01JD0000000000000000000000")
    return time.monotonic() - began


def test_a_frozen_broker_costs_a_page_seconds_once_and_then_nothing(frozen: str, broker: Any) -> None:
    broker(frozen)
    assert seconds_to_fail() < 6
    assert all(seconds_to_fail() < 0.05 for _ in range(5)), "for half a minute nobody asks it again"


def test_a_broker_that_is_gone_fails_at_once(tmp_path: Path, broker: Any) -> None:
    broker(f"redis+socket://{tmp_path}/nobody.sock?virtual_host=0")
    assert seconds_to_fail() < 2


def test_once_the_broker_is_back_messages_leave_again(tmp_path: Path, broker: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    broker(f"redis+socket://{tmp_path}/nobody.sock?virtual_host=0")
    seconds_to_fail()
    monkeypatch.undo()
    sending._quiet_until = 0.0
    sending.send_job("advance", "01JD0000000000000000000000")


@pytest.mark.parametrize(("beat", "wants"), [("1", {"socket_timeout": 2, "socket_connect_timeout": 1}), ("", {})])
def test_the_beat_has_time_outs_and_a_worker_has_none(beat: str, wants: dict[str, int]) -> None:
    asks = "from django.conf import settings as s; import json; print(json.dumps(s.CELERY_BROKER_TRANSPORT_OPTIONS))"
    done = subprocess.run(
        [sys.executable, "-c", asks], cwd=ROOT, env={**os.environ, "PORTAL_BEAT": beat}, capture_output=True, text=True, check=True
    )
    found = {key: value for key, value in json.loads(done.stdout).items() if key.startswith("socket")}
    assert found == wants


def test_what_a_clock_asks_for_runs_out_before_it_asks_again() -> None:
    for name, entry in app.conf.beat_schedule.items():
        assert entry["options"]["expires"] <= entry["schedule"], name
