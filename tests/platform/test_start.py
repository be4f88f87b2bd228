"""Between `./dev run` and its welcome, and after Ctrl-C: who may do what, what is shown, who is waited for."""

import logging
import os
import shutil
import signal
import subprocess
import sys
import threading
import time
from io import StringIO
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit, urlunsplit

import psycopg
import pytest
from django.db import connection
from django.test import Client
from django.urls import resolve

from certifications.people.demo import PASSWORD, PEOPLE, accounts_text
from certifications.work.queries import last_beat
from portal import health
from portal.local import embedded, prepare, serve
from portal.local.embedded import CannotStart
from portal.local.stack import Stack

ROOT = Path(__file__).parents[2]


@pytest.fixture
def stack(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Stack:
    """A checkout of its own with a manage.py that notes down who it is, and servers that need no start."""
    monkeypatch.setenv("PORTAL_STATE", str(tmp_path / "state"))
    monkeypatch.setenv("PORTAL_KEYS", "/left/over")
    for folder in ("state", "portal/static", "certifications/migrations", "certifications/management/commands"):
        (tmp_path / folder).mkdir(parents=True)
    for file in ("portal/static/a.css", "requirements.txt", "certifications/management/commands/grant_roles.py"):
        (tmp_path / file).touch()
    (tmp_path / "manage.py").write_text(
        "import os, sys\n"
        "given = [os.environ.get(n, '-') for n in ('PORTAL_AS', 'PORTAL_KEYS')]\n"
        "print(*given, *sys.argv[1:3], file=open('asked', 'a'))\n"
        "exec(open('more.py').read() if os.path.exists('more.py') else '')\n"
    )
    made = Stack(tmp_path)
    made.variables = {"DATABASE_URL": "postgresql://none@/none"}
    made.servers = object()  # type: ignore[assignment]
    return made


def asked(stack: Stack) -> list[str]:
    return sorted((stack.root / "asked").read_text().splitlines())


def test_each_part_is_prepared_by_its_own_role_and_the_signer_alone_is_told_where_the_keys_are(stack: Stack) -> None:
    prepare.prepare(stack, threading.Event(), lambda _: None)
    loading = prepare.demonstration(stack, lambda _: None)
    assert loading is not None
    loading.process.wait()
    loading.end()
    assert asked(stack) == [
        "app - collectstatic --noinput",
        "app - compile_matching",
        "app - load_demo --accounts",
        "owner - prepare_database",
        f"signer {stack.state}/keys make_authority",
    ]


def test_what_is_prepared_is_not_prepared_again_until_it_changes(stack: Stack) -> None:
    said: list[str] = []
    prepare.prepare(stack, threading.Event(), said.append)
    (stack.state / "trust").mkdir()
    for name in ("root", "issuing", "stamp-root"):
        (stack.state / "trust" / f"{name}.crl").touch()
    (stack.state / prepare.ACCOUNTS).touch()
    prepare.prepare(stack, threading.Event(), said.append)
    assert prepare.demonstration(stack, said.append) is None
    assert said == ["preparing the database, the name search, the test authority, static files"]
    (stack.root / "certifications" / "migrations" / "0001_new.py").write_text("# new")
    prepare.prepare(stack, threading.Event(), said.append)
    assert said[1:] == ["preparing the database"]
    assert not (stack.state / prepare.ACCOUNTS).exists(), "what the demonstration needs may have come with it"


def test_a_step_that_fails_is_shown_with_what_it_said_and_done_again_the_next_time(stack: Stack) -> None:
    (stack.root / "more.py").write_text("sys.exit('no room left' if 'prepare_database' in sys.argv else 0)")
    for _twice in range(2):
        with pytest.raises(CannotStart, match=r"(?s)manage.py prepare_database failed:.*no room left"):
            prepare.prepare(stack, threading.Event(), lambda _: None)
    assert sum("prepare_database" in line for line in asked(stack)) == 2


def test_a_stop_while_it_prepares_ends_what_it_began(stack: Stack) -> None:
    (stack.root / "more.py").write_text("import time; open('begun', 'w'); time.sleep(60)")
    stopping = threading.Event()
    threading.Timer(0.5, stopping.set).start()
    began = time.monotonic()
    prepare.prepare(stack, stopping, lambda _: None)
    assert time.monotonic() - began < 20
    assert not (stack.state / "migrated").exists()
    left = subprocess.run(["pgrep", "-f", f"{stack.root}"], capture_output=True, text=True, check=False).stdout
    assert left == ""


def test_a_sign_of_life_from_before_the_stop_does_not_count(db: None) -> None:
    name = connection.settings_dict["NAME"]
    url = urlunsplit(urlsplit(os.environ["DATABASE_URL"])._replace(path=f"/{name}"))
    with psycopg.connect(url, autocommit=True) as before:
        before.execute("INSERT INTO certifications_heartbeat (name, at) VALUES ('worker', now())")
    assert last_beat("worker") is not None
    serve.forget_signs_of_life(url)
    assert last_beat("worker") is None


def child_of(name: str, tmp_path: Path, code: str) -> subprocess.Popen[str]:
    """A process that ignores being asked to stop, as Celery does for seconds, with one child that does the work."""
    parent = (
        "import os, signal, subprocess, sys, time\n"
        "signal.signal(signal.SIGTERM, lambda *_: None)\n"
        f"child = subprocess.Popen([sys.executable, '-c', {code!r}])\n"
        f"open({str(tmp_path / 'begun')!r}, 'w')\n"
        "child.wait()\n"
        "end = time.monotonic() + 30\n"
        "while time.monotonic() < end: time.sleep(0.1)\n"
    )
    process = serve.spawn(name, [sys.executable, "-c", parent], dict(os.environ), StringIO())
    end = time.monotonic() + 20
    while not (tmp_path / "begun").exists() and time.monotonic() < end:
        time.sleep(0.02)
    return process


def test_a_worker_is_waited_for_while_it_works_and_no_longer(tmp_path: Path) -> None:
    done = tmp_path / "done"
    worker = child_of("worker", tmp_path, f"import time; time.sleep(1.5); open({str(done)!r}, 'w')")
    began = time.monotonic()
    serve.stop_all({"worker": worker})
    took = time.monotonic() - began
    assert done.exists(), "what it was doing was finished"
    assert worker.poll() == -signal.SIGKILL
    assert took < 10, "and then nobody waited for the good-bye"


def test_the_timestamp_server_stays_until_the_signer_is_done(tmp_path: Path) -> None:
    stamps = serve.spawn("timestamps", [sys.executable, "-c", "import time; time.sleep(60)"], dict(os.environ), StringIO())
    code = f"import os, time; time.sleep(1); os.kill({stamps.pid}, 0); open({str(tmp_path / 'sealed')!r}, 'w')"
    signer = child_of("signer", tmp_path, code)
    serve.stop_all({"timestamps": stamps, "signer": signer})
    assert (tmp_path / "sealed").exists()
    assert stamps.poll() is not None


def test_who_never_ends_is_ended(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(serve, "STOP_SECONDS", 0.5)
    web = child_of("web", tmp_path, "pass")
    serve.stop_all({"web": web})
    assert web.poll() == -signal.SIGKILL


def test_not_ready_yet_is_an_answer_and_no_line_in_the_log(db: None, capfd: pytest.CaptureFixture[str]) -> None:
    health.forget()
    assert Client().get("/readyz").status_code == 503
    assert capfd.readouterr().out == ""


def test_a_page_that_fails_still_has_its_line(db: None, capfd: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch) -> None:
    def broken() -> Any:
        raise RuntimeError

    monkeypatch.setattr(health, "_recent_checks", broken)
    client = Client(raise_request_exception=False)
    assert client.get("/readyz").status_code == 500
    assert '"event": "page_failed"' in capfd.readouterr().out


def test_an_outage_of_any_other_page_stays_an_error(capfd: pytest.CaptureFixture[str]) -> None:
    request = Client().get("/healthz").wsgi_request
    request.resolver_match = resolve("/")
    logging.getLogger("django.request").error("Service Unavailable: %s", "/", extra={"status_code": 503, "request": request})
    assert '"route": "landing"' in capfd.readouterr().out


def test_the_accounts_that_are_printed_are_those_that_exist() -> None:
    text = accounts_text().replace("{url}", "http://localhost:8000")
    assert all(person.email in text for person in PEOPLE)
    assert PASSWORD in text
    assert "http://localhost:8000/demo/codes/" in text


@pytest.mark.skipif(os.geteuid() != 0, reason="only root keeps its data elsewhere")
def test_data_of_a_folder_that_was_removed_does_not_stand_in_the_way(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(embedded, "ELSEWHERE", tmp_path / "elsewhere")
    state = tmp_path / "state"
    for is_known, survives in ((True, True), (False, False)):
        servers = embedded.Servers(state)
        try:
            assert servers.data.parent == tmp_path / "elsewhere"
            servers.password("postgres")
            (servers.pg / "PG_VERSION").touch()
        finally:
            servers.stop()
        if not is_known:
            shutil.rmtree(state)
        again = embedded.Servers(state)
        again.stop()
        assert (again.pg / "PG_VERSION").exists() is survives
