"""Signed messages of ids alone: what arrives, what is tried again, what ends it, and where nothing is ever sent."""

import datetime as dt
import hashlib
import hmac
import http.server
import json
import socket
import threading
import time
from collections.abc import Iterator
from contextlib import suppress
from typing import Any

import pytest
from django.core.cache import cache
from django.utils import timezone

from certifications import tasks
from certifications.ledger.moves import NotAllowed
from certifications.machines import delivery as sending
from certifications.machines.actions import enable_webhook, remove_webhook, tell
from certifications.machines.models import Delivery, Webhook
from certifications.machines.rules import pause_after, url_problem
from certifications.mail.models import Mail
from certifications.people.limits import place
from certifications.work.models import Job
from tests.orders.shop import Shop
from tests.world import World

from .programs import webhook_of

pytestmark = pytest.mark.django_db


class Listener:
    """A machine of the manufacturer's own network, which answers as it is told."""

    def __init__(self) -> None:
        self.status, self.got = 204, []  # type: ignore[var-annotated]
        outer = self

        class Handler(http.server.BaseHTTPRequestHandler):
            def do_POST(self) -> None:
                body = self.rfile.read(int(self.headers["Content-Length"]))
                outer.got.append((self.path, dict(self.headers), body))
                self.send_response(outer.status)
                if outer.status == 302:
                    self.send_header("Location", "http://169.254.169.254/")
                self.end_headers()

            def log_message(self, *_: Any) -> None:
                pass

        self.server = http.server.HTTPServer(("127.0.0.1", 0), Handler)
        threading.Thread(target=self.server.serve_forever, daemon=True).start()
        self.url = f"http://erp.test:{self.server.server_port}/hook?x=1"


@pytest.fixture
def listener(settings: Any, monkeypatch: pytest.MonkeyPatch) -> Iterator[Listener]:
    """Reached because the installation names its host."""
    settings.WEBHOOK_PRIVATE_HOSTS = ["erp.test"]
    real = socket.getaddrinfo
    monkeypatch.setattr(socket, "getaddrinfo", lambda host, *a, **k: real("127.0.0.1" if host == "erp.test" else host, *a, **k))
    made = Listener()
    yield made
    made.server.shutdown()
    made.server.server_close()


def work() -> None:
    """What a worker does with the messages that are due."""
    Job.objects.filter(kind="webhook", state="waiting").update(due_at=timezone.now())
    for job in Job.objects.filter(kind="webhook", state="waiting").order_by("pk"):
        tasks.webhook(job.pk)


def test_a_change_is_told_by_ids_alone_and_signed_with_its_time(shop: Shop, listener: Listener) -> None:
    _hook, secret = webhook_of(shop.world.lead, listener.url)
    line = shop.order("5").line
    work()
    path, headers, body = listener.got[0]
    said = json.loads(body)
    assert path == "/hook?x=1"
    assert (said["type"], said["data"]) == ("order_line.released", {"order_line": line.pk})
    assert set(said) == {"id", "type", "at", "data"}
    wanted = hmac.new(secret.encode(), headers["Portal-Timestamp"].encode() + b"." + body, hashlib.sha256).hexdigest()
    assert headers["Portal-Signature"] == f"v1={wanted}"
    assert abs(int(headers["Portal-Timestamp"]) - timezone.now().timestamp()) < 60
    assert Delivery.objects.get().state == "arrived"
    work()
    assert len(listener.got) == 1


def test_distributor_and_manufacturer_are_told_and_another_distributor_is_not(shop: Shop) -> None:
    mine = [webhook_of(who)[0].pk for who in (shop.world.lead, shop.world.distributor_admin)]
    shop.world.stranger.memberships.create(organisation=shop.world.stranger.organisation, role="distributor_admin")
    webhook_of(type(shop.world.stranger).objects.get(pk=shop.world.stranger.pk))
    line = shop.order("5").line
    shop.act(line, "ship", "1")
    shop.act(line, "release")
    for hook in mine:
        told = Delivery.objects.filter(webhook=hook).order_by("pk").values_list("type", flat=True)
        assert list(told) == ["order_line.released", "order_line.released", "order_line.shipped"]
    assert Delivery.objects.exclude(webhook__in=mine).count() == 0


def test_a_host_of_the_installation_s_own_network_is_the_manufacturer_s_alone(shop: Shop, listener: Listener) -> None:
    with pytest.raises(NotAllowed):
        webhook_of(shop.world.distributor_admin, listener.url)
    hook, _secret = webhook_of(shop.world.distributor_admin, "https://erp.test/hook")
    shop.order("5")
    work()
    assert Delivery.objects.get(webhook=hook).last_answer == "private"
    assert listener.got == []


def test_what_does_not_arrive_is_tried_again_later_and_later(shop: Shop, listener: Listener) -> None:
    hook, _secret = webhook_of(shop.world.lead, listener.url)
    shop.order("5")
    listener.status = 503
    work()
    job = Job.objects.get(kind="webhook")
    assert (job.state, job.failures) == ("waiting", 0)
    assert dt.timedelta(seconds=5) < job.due_at - timezone.now() <= dt.timedelta(seconds=15)
    for _ in range(8):
        work()
    job.refresh_from_db()
    assert job.state == "waiting"
    assert job.due_at - timezone.now() > dt.timedelta(minutes=30)
    hook.refresh_from_db()
    assert hook.failing_since is not None
    listener.status = 200
    work()
    hook.refresh_from_db()
    assert hook.failing_since is None
    assert Delivery.objects.get().state == "arrived"
    assert [pause_after(n).total_seconds() for n in (1, 2, 3, 99)] == [15, 30, 60, 6 * 3600]


def test_what_did_not_change_is_not_told_again(shop: Shop, listener: Listener) -> None:
    webhook_of(shop.world.lead, listener.url)
    for quantity in ("5", "99"):
        for _ in range(2):
            shop.order(quantity, order_number=f"SO-{quantity}")
    assert sorted(Delivery.objects.values_list("type", flat=True)) == ["order_line.held", "order_line.released"]


def test_a_large_order_and_many_addresses_are_two_statements(shop: Shop, django_assert_num_queries: Any) -> None:
    for _ in range(5):
        webhook_of(shop.world.distributor_admin)
    messages = [("order_line.held", {"order_line": str(n)}) for n in range(100)]
    with django_assert_num_queries(3):
        tell(organisation_id=shop.world.qinglan.pk, messages=messages)
    assert (Delivery.objects.count(), Job.objects.filter(kind="webhook").count()) == (500, 500)


def test_an_address_at_which_nothing_arrives_is_left_alone_by_other_messages_for_a_while(shop: Shop, listener: Listener) -> None:
    webhook_of(shop.world.lead, listener.url)
    listener.status = 503
    for _ in range(3):
        shop.order("1")
    work()
    assert len(listener.got) == 1
    listener.status = 200
    work()
    assert len(listener.got) == 4
    assert set(Delivery.objects.values_list("state", flat=True)) == {"arrived"}


def test_an_organisation_whose_messages_hang_holds_up_its_own_alone(shop: Shop, listener: Listener) -> None:
    webhook_of(shop.world.lead, listener.url)
    shop.order("1")
    with place(f"webhooks:{shop.world.qinglan.pk}", 1, 60), place("webhooks", 2, 60):
        work()
    assert len(listener.got) == 1


def test_an_address_at_which_nothing_arrives_rests_the_longer(shop: Shop) -> None:
    hook, _secret = webhook_of(shop.world.lead)
    hour = dt.timedelta(hours=1)
    for failing, rest in ((None, hour / 60), (hour / 60, hour / 60), (5 * hour, hour / 2), (60 * hour, hour)):
        hook.failing_since = timezone.now() - failing if failing else None
        assert abs(sending.rest(hook) - rest) < dt.timedelta(seconds=1)


def test_an_address_that_is_tried_again_waits_for_nothing_that_failed_before(
    shop: Shop, listener: Listener, django_capture_on_commit_callbacks: Any
) -> None:
    hook, _secret = webhook_of(shop.world.lead, listener.url)
    Webhook.objects.filter(pk=hook.pk).update(disabled_at=timezone.now(), failing_since=timezone.now() - dt.timedelta(days=3))
    cache.set(f"webhook-down:{hook.pk}", "01M00000000000000000000000", 3600)
    with django_capture_on_commit_callbacks(execute=True):
        enable_webhook(webhook=hook, by=shop.world.lead)
    shop.order("1")
    work()
    assert len(listener.got) == 1


def test_one_message_of_an_organisation_at_a_time_leaves_the_house(shop: Shop, listener: Listener) -> None:
    webhook_of(shop.world.lead, listener.url)
    shop.order("1")
    with place(f"webhooks:{shop.world.lead.organisation.pk}", 1, 60):
        work()
    with place("webhooks", 2, 60), place("webhooks", 2, 60):
        work()
    assert listener.got == []
    assert Delivery.objects.get().tries == 0
    work()
    assert len(listener.got) == 1


def dripping(said: bytes, pause: float) -> int:
    """Port of a machine that says something byte by byte."""
    server = socket.create_server(("127.0.0.1", 0))

    def run() -> None:
        with server, suppress(OSError):
            channel, _address = server.accept()
            with channel:
                while not channel.recv(65536).endswith(b"}"):
                    pass
                for n in range(len(said)):
                    channel.sendall(said[n : n + 1])
                    time.sleep(pause)

    threading.Thread(target=run, daemon=True).start()
    return int(server.getsockname()[1])


@pytest.mark.parametrize(
    ("drip", "answer"),
    [
        ((b"HTTP/1.1 204 No Content\r\n", 0.01), "204"), ((b"HTTP/1.1 200 " + b"x" * 900, 0.01), "timeout"),
        ((b"SSH-2.0-x\r\n", 0), "BadStatusLine"), ((b"HTTP/1.1 2000 OK\r\n", 0), "BadStatusLine"), ((b"", 0), "BadStatusLine"),
    ],
)  # fmt: skip
def test_an_answer_that_drips_or_is_none_takes_no_worker_for_long(
    shop: Shop, listener: Listener, monkeypatch: pytest.MonkeyPatch, drip: tuple[bytes, float], answer: str
) -> None:
    monkeypatch.setattr(sending, "SECONDS", 1)
    webhook_of(shop.world.lead, f"http://erp.test:{dripping(*drip)}/")
    shop.order("1")
    began = time.monotonic()
    work()
    assert time.monotonic() - began < 5
    assert Delivery.objects.get().last_answer == answer


def test_the_second_address_is_tried_where_the_first_leads_nowhere(monkeypatch: pytest.MonkeyPatch) -> None:
    rows = [(socket.AF_INET6, 1, 6, "", ("2606:2800:21f::1", 443)), (socket.AF_INET, 1, 6, "", ("93.184.215.14", 443))]
    monkeypatch.setattr(socket, "getaddrinfo", lambda *_, **__: rows)
    connected = []

    def connect(address: Any, **_: Any) -> Any:
        connected.append(address[0])
        raise OSError("unreachable")

    monkeypatch.setattr(socket, "create_connection", connect)
    with pytest.raises(OSError, match="unreachable"):
        sending.post("https://two-families.example/", b"{}", {})
    assert connected == ["2606:2800:21f::1", "93.184.215.14"]


@pytest.mark.parametrize("status", [302, 400, 410])
def test_a_redirect_and_a_refusal_did_not_arrive(shop: Shop, listener: Listener, status: int) -> None:
    webhook_of(shop.world.lead, listener.url)
    shop.order("5")
    listener.status = status
    work()
    assert (Delivery.objects.get().state, Delivery.objects.get().last_answer) == ("waiting", str(status))
    assert len(listener.got) == 1


def test_after_three_days_of_nothing_the_address_is_disabled_and_its_people_told(shop: Shop, listener: Listener) -> None:
    hook, _secret = webhook_of(shop.world.lead, listener.url)
    shop.order("5")
    listener.status = 500
    Webhook.objects.filter(pk=hook.pk).update(failing_since=timezone.now() - dt.timedelta(days=3, minutes=1))
    work()
    hook.refresh_from_db()
    assert hook.disabled_at is not None
    assert Delivery.objects.get().state == "given_up"
    assert Job.objects.get(kind="webhook").state == "done"
    mail = Mail.objects.get(template="webhook_disabled")
    assert mail.to_email == shop.world.lead.email
    assert listener.url not in mail.body
    shop.order("1")
    assert Delivery.objects.count() == 1
    enable_webhook(webhook=hook, by=shop.world.lead)
    shop.order("1")
    assert Delivery.objects.count() == 2


def test_a_removed_address_is_told_nothing_more(shop: Shop, listener: Listener) -> None:
    hook, _secret = webhook_of(shop.world.lead, listener.url)
    shop.order("5")
    remove_webhook(webhook=hook, by=shop.world.lead)
    work()
    shop.order("1")
    assert listener.got == []
    assert Delivery.objects.count() == 1
    for act in (remove_webhook, enable_webhook):
        with pytest.raises(NotAllowed):
            act(webhook=hook, by=shop.world.distributor_admin)


def test_the_secret_is_kept_encrypted_and_never_shown_again(shop: Shop) -> None:
    hook, secret = webhook_of(shop.world.distributor_admin)
    assert secret not in str(Webhook.objects.filter(pk=hook.pk).values()[0])
    from tests.world import client_of

    for address in ("/programs/", f"/programs/webhooks/{hook.pk}/"):
        assert secret not in client_of(shop.world.distributor_admin).get(address).content.decode()


@pytest.mark.parametrize(
    "url",
    [
        "http://example.com/", "https://user:pw@example.com/", "https://example.com/#x", "ftp://example.com/", "https://example.com:22/",
        "https://", "nonsense", "https://exa mple.com/", "https://例え.example/", "https://example.com:99999/", "file:///etc/passwd",
    ],
)  # fmt: skip
def test_an_address_that_is_no_public_https_address_is_refused_as_written(world: World, url: str) -> None:
    assert url_problem(url, frozenset())
    with pytest.raises(NotAllowed) as refusal:
        webhook_of(world.distributor_admin, url)
    assert refusal.value.code == "url"


@pytest.mark.parametrize(
    "address",
    [
        "127.0.0.1", "10.0.0.8", "172.16.0.1", "192.168.1.1", "169.254.169.254", "0.0.0.1", "100.64.0.1", "224.0.0.1", "255.255.255.255",
        "192.0.2.1", "198.18.0.1", "::1", "::", "fe80::1", "fc00::1", "fd12::1", "::ffff:127.0.0.1", "::ffff:10.0.0.1", "64:ff9b::7f00:1",
        "2002:7f00:1::", "ff02::1", "2001:db8::1",
    ],
)  # fmt: skip
def test_nothing_is_sent_to_a_private_address_whatever_name_leads_there(
    world: World, address: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    assert not sending.is_public(address)
    kind = socket.AF_INET6 if ":" in address else socket.AF_INET
    rows = [(socket.AF_INET, 1, 6, "", ("93.184.215.14", 443)), (kind, 1, 6, "", (address, 443))]
    monkeypatch.setattr(socket, "getaddrinfo", lambda *_, **__: rows)
    monkeypatch.setattr(socket, "create_connection", lambda *_, **__: pytest.fail("connected"))
    with pytest.raises(sending.Refused, match="private"):
        sending.post("https://looks-public.example/", b"{}", {})


def test_the_address_that_was_checked_is_the_one_that_is_connected_to(monkeypatch: pytest.MonkeyPatch) -> None:
    answers = [[(socket.AF_INET, 1, 6, "", ("93.184.215.14", 443))], [(socket.AF_INET, 1, 6, "", ("127.0.0.1", 443))]]
    asked, connected = [], []
    monkeypatch.setattr(socket, "getaddrinfo", lambda *a, **_: asked.append(a) or answers[min(len(asked) - 1, 1)])

    def connect(address: Any, **_: Any) -> Any:
        connected.append(address)
        raise ConnectionRefusedError

    monkeypatch.setattr(socket, "create_connection", connect)
    with pytest.raises(ConnectionRefusedError):
        sending.post("https://rebinds.example/", b"{}", {})
    assert connected == [("93.184.215.14", 443)]
    assert len(asked) == 1


def test_a_private_address_that_only_turns_private_later_is_not_reached_either(shop: Shop, monkeypatch: pytest.MonkeyPatch) -> None:
    webhook_of(shop.world.distributor_admin)
    monkeypatch.setattr(socket, "getaddrinfo", lambda *_, **__: [(socket.AF_INET, 1, 6, "", ("10.0.0.8", 443))])
    shop.order("5")
    work()
    assert Delivery.objects.get().last_answer == "private"
