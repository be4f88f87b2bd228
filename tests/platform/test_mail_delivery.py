"""Mail leaves by a task of its own: a dead mail server costs seconds, nothing is locked while mail travels, no link stays."""

import datetime as dt
import socket
import socketserver
import threading
import time
from collections.abc import Iterator
from typing import Any
from urllib.parse import urlsplit

import pytest
from django.db import connection
from django.utils import timezone

from certifications import tasks
from certifications.mail import actions as mail
from certifications.mail.models import Mail

LINK = "https://portal.example.org/welcome/one-time-token/"


class Server(socketserver.ThreadingTCPServer):
    """A mail server that remembers, or refuses recipients whose address says so."""

    allow_reuse_address = daemon_threads = True

    def __init__(self) -> None:
        super().__init__(("127.0.0.1", 0), Talk)
        self.got: list[str] = []
        self.during: Any = lambda: None


class Talk(socketserver.StreamRequestHandler):
    server: Server

    def say(self, text: str) -> None:
        self.wfile.write(f"{text}\r\n".encode())

    def handle(self) -> None:
        self.say("220 here")
        while line := self.rfile.readline().decode().strip():
            verb = line[:4].upper()
            if verb == "DATA":
                self.say("354 go on")
                text = b""
                while not text.endswith(b"\r\n.\r\n"):
                    text += self.rfile.readline()
                self.server.got.append(text.decode())
                self.server.during()
                self.say("250 kept")
            elif verb == "RCPT" and "refused" in line:
                self.say("550 nobody of that name")
            elif verb == "QUIT":
                self.say("221 bye")
                return
            else:
                self.say("250 ok")


@pytest.fixture
def server(settings: Any) -> Iterator[Server]:
    made = Server()
    threading.Thread(target=made.serve_forever, daemon=True).start()
    settings.EMAIL_URL = urlsplit(f"smtp://127.0.0.1:{made.server_address[1]}")
    yield made
    made.shutdown()
    made.server_close()


def waiting(to: str = "a@b.example") -> Mail:
    return mail.keep(to_email=to, subject="An invitation", body=LINK, language="en", template="invitation")


@pytest.mark.django_db
def test_a_mail_leaves_once_and_its_link_goes_with_it(server: Server, settings: Any) -> None:
    settings.PORTAL_DEMO = False
    row = waiting()
    assert mail.deliver_due() == 1
    assert mail.deliver_due() == 0
    assert len(server.got) == 1
    assert LINK in server.got[0]
    row.refresh_from_db()
    assert (row.state, row.body) == ("sent", "")


@pytest.mark.django_db
def test_the_demonstrations_mailbox_keeps_the_text(settings: Any) -> None:
    settings.EMAIL_URL = None
    row = waiting()
    assert mail.deliver_due() == 1
    row.refresh_from_db()
    assert (row.state, row.body) == ("sent", LINK)


@pytest.mark.django_db
def test_one_refused_address_stops_nobody_else_and_after_the_last_try_its_link_is_gone(server: Server, settings: Any) -> None:
    settings.PORTAL_DEMO = False
    refused = waiting("refused@b.example")
    other = waiting()
    assert mail.deliver_due() == 1
    refused.refresh_from_db()
    other.refresh_from_db()
    assert (refused.state, refused.last_error, other.state) == ("waiting", "SMTPRecipientsRefused", "sent")
    assert refused.due_at > timezone.now() + dt.timedelta(seconds=20)
    for _ in range(mail.MAX_ATTEMPTS):
        Mail.objects.filter(pk=refused.pk).update(due_at=timezone.now() - dt.timedelta(seconds=1))
        mail.deliver_due()
    refused.refresh_from_db()
    assert (refused.state, refused.body) == ("failed", "")


@pytest.mark.django_db
def test_two_hundred_mails_to_a_server_that_hangs_cost_one_time_out(settings: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(mail, "SMTP_SECONDS", 0.5)
    with socket.socket() as mute:
        mute.bind(("127.0.0.1", 0))
        mute.listen(200)
        settings.EMAIL_URL = urlsplit(f"smtp://127.0.0.1:{mute.getsockname()[1]}")
        for _ in range(200):
            waiting()
        began = time.monotonic()
        assert [mail.deliver_due() for _ in range(5)] == [0] * 5
        assert time.monotonic() - began < 3
    assert Mail.objects.filter(state="waiting").count() == 200


@pytest.mark.django_db
def test_the_tick_never_waits_for_the_mail_server(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(mail, "_deliver", lambda *_: pytest.fail("the tick delivers mail"))
    waiting()
    tasks.tick()


@pytest.mark.django_db
def test_no_transaction_is_open_while_a_mail_travels(server: Server, monkeypatch: pytest.MonkeyPatch) -> None:
    seen = []
    original = mail._post

    def post(*arguments: Any) -> None:
        # Below the test's own transaction there is none: the row is claimed and free of locks.
        seen.append(list(connection.savepoint_ids))
        original(*arguments)

    monkeypatch.setattr(mail, "_post", post)
    waiting()
    assert mail.deliver_due() == 1
    assert seen == [[]]


@pytest.mark.django_db
def test_the_mail_of_a_process_that_was_killed_goes_to_the_next(server: Server) -> None:
    row = waiting()
    assert mail._claim(row.pk) is not None
    assert mail.deliver_due() == 0, "its lease holds"
    Mail.objects.filter(pk=row.pk).update(due_at=timezone.now() - dt.timedelta(seconds=1))
    assert mail.deliver_due() == 1
