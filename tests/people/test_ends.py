"""What was given is taken away at once: roles, sessions, a regulator's time; the last of a kind stays."""

import datetime as dt
import time
from typing import Any

import pytest
from django.contrib.sessions.models import Session
from django.core.management import call_command
from django.core.management.base import SystemCheckError
from django.test import Client
from django.urls import reverse
from django.utils import timezone

from certifications.flow import prices as price_flow
from certifications.ledger.models import Event
from certifications.ledger.moves import NotAllowed
from certifications.people import actions, prices
from certifications.people.demo import PASSWORD, make_demo_people
from certifications.people.models import FactorProof, Membership, RegulatorScope, User
from certifications.people.models_prices import PriceSight
from certifications.people.permissions import permissions_of
from certifications.people.queries import users_with
from tests.world import World, client_of, proof_for
from tests.world import code_of as code

pytestmark = pytest.mark.django_db
TODAY = dt.datetime.now(tz=dt.UTC).date()


def membership(user: User, role: str) -> Membership:
    """The person's role."""
    return Membership.objects.get(user=user, role=role)


def signed_in(user: User) -> Client:
    """By password and code, as a person does."""
    client = Client()
    client.post("/account/login/", {"login": user.email, "password": PASSWORD})
    answer = client.post("/account/2fa/authenticate/", {"code": code(user)})
    assert answer.status_code == 302
    return client


def test_ending_a_role_ends_every_session_in_the_same_moment(world: World) -> None:
    first, second, other = client_of(world.filer), client_of(world.filer), client_of(world.signatory)
    assert first.get("/d/").status_code == 200
    address = reverse("people:end", args=[membership(world.filer, "filer").pk])
    assert client_of(world.distributor_admin).post(address).status_code == 302
    assert [c.get("/d/").status_code for c in (first, second, other)] == [302, 302, 200]
    assert permissions_of(User.objects.get(pk=world.filer.pk)) == frozenset()
    assert Event.objects.get(verb="membership.ended").actor_id == world.distributor_admin.pk


@pytest.mark.parametrize(("who", "role", "by"), [("signatory", "signatory", "distributor_admin"), ("lead", "lead", "lead")])
def test_the_last_signatory_and_the_last_lead_stay(world: World, who: str, role: str, by: str) -> None:
    with pytest.raises(NotAllowed) as refused:
        actions.end_membership(membership=membership(world.people[who], role), by=world.people[by])
    assert refused.value.code == "last"
    Membership.objects.create(
        user=world.people["filer" if role == "signatory" else "reviewer"],
        organisation=membership(world.people[who], role).organisation,
        role=role,
    )
    actions.end_membership(membership=membership(world.people[who], role), by=User.objects.get(pk=world.people[by].pk))


def test_an_administrator_ends_no_role_elsewhere(world: World) -> None:
    theirs = membership(world.stranger, "filer")
    address = reverse("people:end", args=[theirs.pk])
    assert client_of(world.distributor_admin).post(address).status_code == 404
    with pytest.raises(NotAllowed):
        actions.end_membership(membership=theirs, by=world.distributor_admin)


def test_a_regulators_scope_that_is_over_shows_nothing_any_more(world: World) -> None:
    client = client_of(world.regulator)
    assert "Goods Control Act" in client.get("/r/").content.decode()
    RegulatorScope.objects.update(expires_on=TODAY)
    page = client.get("/r/")
    assert page.status_code in {200, 404}
    assert "Goods Control Act" not in page.content.decode()
    from certifications.attestations.queries import visible_to

    assert visible_to(User.objects.get(pk=world.regulator.pk)).count() == 0


def test_a_role_with_a_last_day_is_over_on_that_day(world: World) -> None:
    held = Membership.objects.filter(user=world.regulator)
    held.update(expires_on=TODAY + dt.timedelta(days=1))
    assert client_of(world.regulator).get("/r/").status_code == 200
    held.update(expires_on=TODAY)
    assert client_of(world.regulator).get("/r/").status_code == 404
    assert permissions_of(User.objects.get(pk=world.regulator.pk)) == frozenset()


def test_who_lost_the_right_is_mailed_no_more(world: World) -> None:
    from certifications.people.permissions import Permission

    assert world.second_reviewer in users_with(Permission.RELEASE)
    Membership.objects.filter(user=world.second_reviewer).update(expires_on=TODAY)
    assert world.second_reviewer not in users_with(Permission.RELEASE)


def test_an_account_that_is_switched_off_is_signed_out_at_the_next_step(world: World) -> None:
    client = client_of(world.reviewer)
    assert client.get("/c/").status_code == 200
    User.objects.filter(pk=world.reviewer.pk).update(is_active=False)
    assert client.get("/c/").status_code == 302


@pytest.mark.parametrize(
    ("who", "seconds", "stays"),
    [("reviewer", 29 * 60, True), ("reviewer", 31 * 60, False), ("filer", 119 * 60, True), ("filer", 121 * 60, False)],
)
def test_a_session_that_nobody_uses_ends(world: World, who: str, seconds: int, *, stays: bool) -> None:
    client, page = client_of(world.people[who]), "/c/" if who == "reviewer" else "/d/"
    client.get(page)
    session = client.session
    session["seen"] = int(time.time()) - seconds
    session.save()
    assert (client.get(page).status_code == 200) is stays


def test_a_session_ends_after_twelve_hours_however_busy(world: World) -> None:
    client = client_of(world.filer)
    client.get("/d/")
    session = client.session
    session["started"] = int(time.time()) - 12 * 3600 - 1
    session.save()
    assert client.get("/d/").status_code == 302


def test_sessions_are_listed_and_the_others_revoked(world: World) -> None:
    here, there = signed_in(world.reviewer), client_of(world.reviewer)
    there.get("/c/")
    page = here.get("/account/sessions/")
    assert page.status_code == 200
    assert page.content.decode().count("127.0.0.1") >= 2
    here.post("/account/sessions/")
    assert [c.get("/c/").status_code for c in (here, there)] == [200, 302]


def test_losing_the_cache_signs_nobody_out(world: World) -> None:
    from django.core.cache import cache

    client = client_of(world.filer)
    cache.clear()
    assert client.get("/d/").status_code == 200
    assert Session.objects.exists()


def test_demonstration_accounts_are_not_made_outside_demonstration_mode(db: None, settings: object) -> None:
    settings.PORTAL_DEMO = False  # type: ignore[attr-defined]
    with pytest.raises(RuntimeError, match="demonstration mode only"):
        make_demo_people()
    assert not User.objects.exists()


def test_a_demonstration_account_opens_nothing_outside_demonstration_mode(world: World, settings: object) -> None:
    settings.PORTAL_DEMO = False  # type: ignore[attr-defined]
    client = Client()
    client.post("/account/login/", {"login": world.filer.email, "password": PASSWORD})
    assert "_auth_user_id" not in client.session
    assert client.get("/mailbox/").status_code == client.get("/demo/codes/").status_code == 404


def test_the_static_list_of_the_demonstration_fails_the_deploy_check(world: World, settings: object) -> None:
    settings.PORTAL_DEMO = False  # type: ignore[attr-defined]
    with pytest.raises(SystemCheckError, match=r"certifications\.E101"):
        call_command("check", "--deploy", "--fail-level", "ERROR", "--tag", "security")


def test_who_is_removed_comes_back_by_no_invitation_that_is_still_open(world: World) -> None:
    admin = world.distributor_admin
    other = User.objects.create_user("gu.ping@qinglan.example", "seven-paper-lanterns", name="Gu Ping")
    Membership.objects.create(user=other, organisation=world.qinglan, role="distributor_admin", created_by_id=world.lead.pk)
    words = {"organisation": world.qinglan, "roles": ["filer"], "language": "en"}
    # One for a second address of his own, one that a colleague had sent to him, and one that is no business of his.
    sent, token = actions.invite(by=admin, email="he.rong@home.example", **words)
    back, own = actions.invite(by=other, email=admin.email, **words)
    another, stays = actions.invite(by=other, email="su.wen@qinglan.example", **words)
    actions.end_membership(membership=membership(admin, "distributor_admin"), by=other)
    for invitation, link in ((sent, token), (back, own)):
        invitation.refresh_from_db()
        assert invitation.revoked_by == other
        with pytest.raises(NotAllowed):
            actions.accept(token=link, name="He Rong", password="seven-paper-lanterns")
    another.refresh_from_db()
    assert another.revoked_at is None
    assert actions.accept(token=stays, name="Su Wen", password="seven-paper-lanterns").roles == frozenset({"filer"})
    assert Event.objects.filter(verb="invitation.revoked").count() == 2


def test_an_invitation_of_somebody_who_may_not_invite_any_more_opens_nothing(world: World) -> None:
    """However the right went: a role can run out by its day as well."""
    _sent, token = actions.invite(
        by=world.distributor_admin, organisation=world.qinglan, email="su.wen@qinglan.example", roles=["filer"], language="en"
    )
    Membership.objects.filter(user=world.distributor_admin).update(expires_on=TODAY)
    with pytest.raises(NotAllowed) as refused:
        actions.accept(token=token, name="Su Wen", password="seven-paper-lanterns")
    assert refused.value.code == "expired"
    assert not User.objects.filter(email="su.wen@qinglan.example").exists()


def test_an_invitation_that_is_taken_back_as_it_is_accepted_gives_nothing(world: World, monkeypatch: pytest.MonkeyPatch) -> None:
    sent, token = actions.invite(
        by=world.distributor_admin, organisation=world.qinglan, email="su.wen@qinglan.example", roles=["filer"], language="en"
    )
    found = actions.open_invitation(token)
    actions.revoke(by=world.distributor_admin, invitation=sent)
    # What the link opened was read in the moment before.
    monkeypatch.setattr(actions, "open_invitation", lambda _token: found)
    with pytest.raises(NotAllowed):
        actions.accept(token=token, name="Su Wen", password="seven-paper-lanterns")
    assert not User.objects.filter(email="su.wen@qinglan.example").exists()


def test_the_word_of_a_proposer_who_was_removed_counts_no_more(world: World) -> None:
    """One person would be left who decides alone."""
    said: dict[str, Any] = {"roles": ["auditor"], "explanation": "The auditor compares prices with the contracts."}
    held = prices.propose(by=world.reviewer, proof=proof_for(world.reviewer, prices.prices_digest(**said)), **said)
    Membership.objects.filter(user=world.reviewer).update(ended_at=timezone.now(), ended_by_id=world.lead.pk)
    with pytest.raises(NotAllowed) as refused:
        prices.agree(held=held, by=world.lead, proof=proof_for(world.lead, held.digest))
    assert refused.value.code == "proposer"
    held.refresh_from_db()
    assert held.state == held.State.PROPOSED


def test_a_second_person_spends_no_factor_on_a_proposal_that_counts_no_more(world: World) -> None:
    said: dict[str, Any] = {"roles": ["auditor"], "explanation": "The auditor compares prices with the contracts."}
    held = prices.propose(by=world.reviewer, proof=proof_for(world.reviewer, prices.prices_digest(**said)), **said)
    Membership.objects.filter(user=world.reviewer).update(ended_at=timezone.now(), ended_by_id=world.lead.pk)
    held.refresh_from_db()
    before = FactorProof.objects.count()
    with pytest.raises(NotAllowed) as refused:
        price_flow.agree(held=PriceSight.objects.get(pk=held.pk), by=world.lead, code=code(world.lead))
    assert refused.value.code == "proposer"
    assert FactorProof.objects.count() == before
