"""Who came in, who was refused, which limit was reached, whose rights changed, what was taken: each is a row with ids alone."""

import threading
from typing import Any

import pytest
from allauth.mfa.models import Authenticator
from allauth.mfa.totp.internal.auth import TOTP
from django.core.cache import cache
from django.db import connection, connections
from django.test import Client
from django.urls import reverse

from certifications.ledger.models import Event
from certifications.ledger.queries import history, reads
from certifications.people import factors, limits
from certifications.people.actions import end_membership
from certifications.people.demo import PASSWORD
from certifications.people.factors import FactorRefused, prove
from certifications.people.models import FactorProof, SecurityEvent, User
from tests.flags.cases import captured
from tests.world import World, client_of
from tests.world import code_of as code

pytestmark = pytest.mark.django_db
DIGEST = "0" * 64


def codes(user: User | None = None) -> list[str]:
    rows = SecurityEvent.objects.order_by("at", "pk")
    return list((rows.filter(user_id=user.pk) if user else rows).values_list("code", flat=True))


def test_coming_in_and_leaving_are_kept_with_the_factor(world: World) -> None:
    client = Client()
    client.post("/account/login/", {"login": world.reviewer.email, "password": PASSWORD + "!"})
    client.post("/account/login/", {"login": world.reviewer.email, "password": PASSWORD})
    client.post("/account/2fa/authenticate/", {"code": "000000"})
    client.post("/account/2fa/authenticate/", {"code": code(world.reviewer)})
    client.post("/account/logout/")
    assert codes(world.reviewer) == ["login.failed", "factor.failed", "factor.used", "login", "logout"]


def test_a_guess_at_an_address_of_nobody_keeps_nothing_of_it(world: World) -> None:
    Client().post("/account/login/", {"login": "marker@nowhere.example", "password": "MARKER"})
    row = SecurityEvent.objects.get(code="login.failed")
    assert (row.user_id, row.data) == ("", {})


def test_a_factor_added_and_one_removed_are_kept(world: World) -> None:
    from allauth.mfa import signals

    app = Authenticator.objects.get(user=world.filer)
    for signal in (signals.authenticator_added, signals.authenticator_removed):
        signal.send(sender=Authenticator, request=None, user=world.filer, authenticator=app)
    assert codes(world.filer) == ["factor.added", "factor.removed"]
    assert SecurityEvent.objects.latest("at").data == {"kind": "totp"}


def test_a_refusal_on_a_guarded_page_is_kept_and_an_address_of_nothing_is_not(world: World) -> None:
    client = client_of(world.filer)
    assert client.get("/c/queue-that-is-not/").status_code == 404
    assert client.get(reverse("compliance:evidence")).status_code == 404
    assert Client().get(reverse("compliance:evidence")).status_code == 302
    (row,) = SecurityEvent.objects.filter(code="refused")
    assert (row.user_id, row.data) == (world.filer.pk, {"route": "compliance:evidence", "status": 404})


def test_a_change_of_rights_is_kept_in_the_same_transaction(world: World) -> None:
    membership = world.filer.memberships.get()
    end_membership(membership=membership, by=world.distributor_admin)
    row = SecurityEvent.objects.get(code="rights.changed")
    assert (row.user_id, row.data) == (world.distributor_admin.pk, {"verb": "membership.ended", "object": membership.pk})


def test_a_limit_reached_is_kept_once(world: World) -> None:
    for _ in range(23):
        Client().post("/verify/", {"by": "number", "number": "EUC-2026-000000", "code": "0000-0001"})
    assert [row.data for row in SecurityEvent.objects.filter(code="limit.reached")] == [{"rule": "verify"}]


def test_sixty_searches_a_minute_and_looking_is_free(world: World, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(limits.time, "time", lambda: 1_000_000_020.0)
    client, address = client_of(world.filer), reverse("distributors:customers")
    assert [client.get(address, {"q": "a"}).status_code for _ in range(61)] == [200] * 60 + [429]
    assert client.get(address).status_code == 200
    assert client_of(world.stranger).get(address, {"q": "a"}).status_code == 200
    assert client_of(world.filer).get(reverse("distributors:declarations"), {"q": "a"}).status_code == 429, "one count for all searches"


def test_ten_exports_an_hour_each_kept(world: World, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(limits.time, "time", lambda: 1_000_000_020.0)
    client = client_of(world.filer)
    addresses = [reverse("distributors:customers-export"), reverse("distributors:declarations-export")]
    assert [client.get(addresses[n % 2]).status_code for n in range(11)] == [200] * 10 + [429]
    kept = SecurityEvent.objects.filter(code="export", user_id=world.filer.pk)
    assert {row.data["rule"] for row in kept} == {"customers", "declarations"}
    assert kept.count() == 10
    assert Event.objects.filter(verb="read.export", object_id=world.qinglan.pk, actor_id=world.filer.pk).count() == 10


def test_opening_evidence_and_taking_its_bytes_are_events_beside_its_story(world: World) -> None:
    document = captured(world)
    story = [event.verb for event in history(document)]
    client = client_of(world.auditor)
    assert client.get(reverse("compliance:evidence-detail", args=[document.number])).status_code == 200
    for name in ("text", "source"):
        assert client.get(reverse(f"compliance:evidence-{name}", args=[document.number])).status_code == 200
    assert [(e.verb, e.actor_id) for e in reads(document)] == [
        (f"read.{what}", world.auditor.pk) for what in ("evidence", "text", "source")
    ]
    assert [event.verb for event in history(document)] == story


# -- the factor ----------------------------------------------------------------------------------------------------


def test_five_wrong_codes_and_the_sixth_is_not_even_looked_at(world: World, monkeypatch: pytest.MonkeyPatch) -> None:
    for _ in range(5):
        with pytest.raises(FactorRefused, match="wrong or has run out"):
            prove(world.reviewer, digest=DIGEST, purpose="test", code="000000")
    monkeypatch.setattr(factors, "_check_code", lambda *_: pytest.fail("a sixth guess was answered"))
    with pytest.raises(FactorRefused, match="Too many"):
        prove(world.reviewer, digest=DIGEST, purpose="test", code="000000")
    assert codes(world.reviewer) == ["factor.failed"] * 5 + ["limit.reached"]


def test_right_codes_are_no_guesses(world: World, monkeypatch: pytest.MonkeyPatch) -> None:
    steps = iter(range(20))
    monkeypatch.setattr(factors, "_check_code", lambda *_: (str(next(steps)), "totp", {}))
    for _ in range(8):
        prove(world.reviewer, digest=DIGEST, purpose="test", code="123456")
    assert FactorProof.objects.filter(user=world.reviewer, purpose="test").count() == 8


def test_forty_guesses_at_once_get_five_answers(world: World, monkeypatch: pytest.MonkeyPatch) -> None:
    """Each thread waits for all others before its code is judged, so that none has failed when the next is let in."""
    answered, together = [], threading.Barrier(5)

    def judged(*_: Any) -> Any:
        answered.append(1)
        together.wait(10)
        raise FactorRefused("wrong", "wrong")

    monkeypatch.setattr(factors, "_check_code", judged)
    monkeypatch.setattr(factors, "note", lambda *_, **__: None)
    refused: list[str] = []

    def guess() -> None:
        try:
            prove(world.reviewer, digest=DIGEST, purpose="test", code="000000")
        except FactorRefused as error:
            refused.append(error.code)
        except threading.BrokenBarrierError:
            refused.append("more than five")
        finally:
            connections.close_all()

    threads = [threading.Thread(target=guess) for _ in range(40)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert len(answered) == 5
    assert sorted(refused) == ["factor_limited"] * 35 + ["factor_wrong"] * 5


def test_a_count_that_runs_out_between_two_steps_begins_anew(monkeypatch: pytest.MonkeyPatch) -> None:
    original, gone = cache.incr, [True]

    def incr(key: str) -> int:
        if gone:
            gone.pop()
            cache.delete(key)
        return int(original(key))

    monkeypatch.setattr(limits, "cache", type("Cache", (), {"add": cache.add, "incr": staticmethod(incr)}))
    assert limits.count("runs-out", 60) == 1
    assert limits.count("runs-out", 60) == 2


def test_a_code_that_opened_the_door_signs_nothing(world: World) -> None:
    client, digits = Client(), code(world.reviewer)
    client.post("/account/login/", {"login": world.reviewer.email, "password": PASSWORD})
    assert client.post("/account/2fa/authenticate/", {"code": digits}).status_code == 302
    with pytest.raises(FactorRefused, match="used already"):
        prove(world.reviewer, digest=DIGEST, purpose="test", code=digits)


def test_a_code_that_signed_opens_no_door(world: World) -> None:
    client, digits = Client(), code(world.reviewer)
    prove(world.reviewer, digest=DIGEST, purpose="test", code=digits)
    assert not TOTP(Authenticator.objects.get(user=world.reviewer)).validate_code(digits)
    client.post("/account/login/", {"login": world.reviewer.email, "password": PASSWORD})
    assert client.post("/account/2fa/authenticate/", {"code": digits}).status_code == 200
    assert "_auth_user_id" not in client.session


def test_the_application_may_not_take_a_security_event_back(world: World) -> None:
    with connection.cursor() as cursor:
        cursor.execute("SELECT has_table_privilege('portal_app', 'certifications_securityevent', 'DELETE, UPDATE')")
        assert cursor.fetchone()[0] is False
