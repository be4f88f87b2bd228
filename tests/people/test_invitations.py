"""People come by invitation alone; a link works once, for fourteen days; nobody stands on two sides."""

import datetime as dt
import re

import pytest
from django.db.models import F
from django.test import Client
from django.urls import reverse
from django.utils import timezone

from certifications.ledger.models import Event
from certifications.ledger.moves import NotAllowed
from certifications.mail.models import Mail
from certifications.people import actions
from certifications.people.models import Invitation, Membership, User
from certifications.people.permissions import ROLES, Permission, permissions_of
from tests.world import World, client_of

pytestmark = pytest.mark.django_db
NEW = "su.wen@qinglan.example"
GOOD = {"name": "Su Wen", "password": "seven-paper-lanterns"}


def invited(world: World, email: str = NEW, roles: tuple[str, ...] = ("filer",)) -> tuple[Invitation, str]:
    """An invitation of Qinglan's administrator, with its link's token."""
    return actions.invite(by=world.distributor_admin, organisation=world.qinglan, email=email, roles=list(roles), language="zh-hans")


def welcome(token: str) -> str:
    """The page behind the link."""
    return reverse("people:welcome", args=[token])


@pytest.mark.parametrize("sent", [False, True])
def test_nobody_signs_up_by_himself(world: World, *, sent: bool) -> None:
    before, client = User.objects.count(), Client()
    address = "/account/signup/"
    typed = {"email": "me@nowhere.example", "password1": GOOD["password"], "password2": GOOD["password"]}
    answer = client.post(address, typed) if sent else client.get(address)
    assert "password1" not in answer.content.decode()
    assert User.objects.count() == before


def test_an_invitation_makes_one_account_with_its_roles_in_its_organisation(world: World) -> None:
    made, token = invited(world)
    assert Client().get(welcome(token)).status_code == 200
    assert Client().get(welcome(token)).status_code == 200
    assert not User.objects.filter(email=NEW).exists()
    assert Client().post(welcome(token), GOOD).url == "/account/login/"
    user = User.objects.get(email=NEW)
    assert (user.organisation, user.roles, user.language) == (world.qinglan, frozenset({"filer"}), "zh-hans")
    made.refresh_from_db()
    assert made.accepted_by == user


def test_a_link_that_was_used_is_over(world: World) -> None:
    _made, token = invited(world)
    Client().post(welcome(token), GOOD)
    answer = Client().post(welcome(token), {**GOOD, "name": "Somebody Else"})
    assert answer.status_code == 410
    with pytest.raises(NotAllowed, match="run out or was used"):
        actions.accept(token=token, name="Somebody Else", password=GOOD["password"])
    assert User.objects.get(email=NEW).name == "Su Wen"


def test_a_link_that_ran_out_was_taken_back_or_never_was_answers_alike(world: World) -> None:
    made, late = invited(world, "late@qinglan.example")
    Invitation.objects.filter(pk=made.pk).update(expires_at=timezone.now())
    made, revoked = invited(world, "back@qinglan.example")
    actions.revoke(by=world.distributor_admin, invitation=made)
    pages = [Client().get(welcome(token)) for token in (late, revoked, "never-was")]
    assert {page.status_code for page in pages} == {410}
    # But for the form key and its own address the three are one page.
    assert len({re.sub(r"[A-Za-z0-9]{64}|/welcome/[^/]+/", "", page.content.decode()) for page in pages}) == 1
    assert all(page.headers["Referrer-Policy"] == "same-origin" for page in pages)


def test_a_link_holds_for_fourteen_days(world: World) -> None:
    made, token = invited(world)
    assert dt.timedelta(days=13, hours=23) < made.expires_at - made.sent_at <= dt.timedelta(days=14)
    Invitation.objects.update(expires_at=F("expires_at") - dt.timedelta(days=14))
    assert actions.open_invitation(token) is None


def test_a_second_invitation_takes_the_first_back(world: World) -> None:
    _first, old = invited(world)
    _second, new = invited(world)
    assert actions.open_invitation(old) is None
    assert actions.open_invitation(new) is not None


def test_the_token_is_kept_nowhere_but_in_the_mail_to_the_one_who_is_invited(world: World) -> None:
    sent = {"organisation": world.qinglan.pk, "email": NEW, "roles": ["filer"], "language": "zh-hans"}
    assert client_of(world.distributor_admin).post("/people/invite/", sent).status_code == 302
    mail, made = Mail.objects.get(), Invitation.objects.get()
    assert (mail.to_email, mail.language) == (NEW, "zh-hans")
    token = mail.body.split("/welcome/")[1].split("/")[0]
    assert actions.open_invitation(token) == made
    assert token not in str(list(Invitation.objects.values()))
    assert token not in str(list(Event.objects.values_list("data", flat=True)))


@pytest.mark.parametrize("password", ["short", "123456789012345", "password12345"])
def test_a_weak_password_is_refused_and_the_link_still_works(world: World, password: str) -> None:
    _made, token = invited(world)
    answer = Client().post(welcome(token), {"name": "Su Wen", "password": password})
    assert answer.status_code == 422
    assert 'value="Su Wen"' in answer.content.decode()
    assert actions.open_invitation(token) is not None


def test_an_administrator_invites_to_its_own_organisation_alone(world: World) -> None:
    theirs = world.stranger.organisation
    assert theirs is not None
    with pytest.raises(NotAllowed) as refused:
        actions.invite(by=world.distributor_admin, organisation=theirs, email=NEW, roles=["filer"], language="en")
    assert refused.value.code == "organisation"


@pytest.mark.parametrize("roles", [[], ["reviewer"], ["filer", "lead"], ["regulator"], ["superuser"]])
def test_only_roles_of_its_own_side_are_given(world: World, roles: list[str]) -> None:
    with pytest.raises(NotAllowed) as refused:
        invited(world, roles=tuple(roles))
    assert refused.value.code == "roles"
    sent = {"organisation": world.qinglan.pk, "email": NEW, "roles": roles, "language": "en"}
    assert client_of(world.distributor_admin).post("/people/invite/", sent).status_code == 422
    assert not Invitation.objects.exists()


@pytest.mark.parametrize("who", ["reviewer", "stranger", "regulator"])
def test_who_acts_for_one_organisation_is_not_taken_into_another(world: World, who: str) -> None:
    person = world.people[who]
    _made, token = invited(world, person.email)
    answer = Client().post(welcome(token), GOOD)
    assert answer.status_code == 422
    assert "already acts for another organisation" in answer.content.decode()
    assert not Membership.objects.filter(user=person, organisation=world.qinglan).exists()


def test_a_role_of_another_side_gives_no_right_even_where_a_row_says_so(world: World) -> None:
    """Whatever wrote the row: rights are those of the roles of the organisation's own side."""
    Membership.objects.create(user=world.filer, organisation=world.qinglan, role="lead")
    person = User.objects.get(pk=world.filer.pk)
    assert "lead" in person.roles
    assert permissions_of(person) == ROLES["filer"].rights
    assert client_of(person).get("/c/").status_code == 404


def test_every_role_stands_on_one_of_three_sides() -> None:
    assert {role.side for role in ROLES.values()} == {"manufacturer", "distributor", "regulator"}
    sides: dict[Permission, set[str]] = {}
    for role in ROLES.values():
        for right in role.rights:
            sides.setdefault(right, set()).add(role.side)
    assert all(len(found) == 1 for found in sides.values()), sides


def test_the_eleventh_try_at_a_link_within_an_hour_waits(world: World) -> None:
    codes = [Client().post(welcome(f"guess-{n}"), GOOD).status_code for n in range(11)]
    assert codes == [410] * 10 + [429]
