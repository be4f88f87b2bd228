"""While somebody is away a substitute gets the mail and finds the cases; no right and no rule of two people changes."""

import datetime as dt

import pytest
from django.db import DatabaseError, connection, transaction

from certifications.flags.queries import tab
from certifications.flow import leave as flow
from certifications.flow.sign import answer_objection, object_to
from certifications.ledger.days import civil_today
from certifications.ledger.moves import NotAllowed
from certifications.mail.models import Mail
from certifications.people.models import Membership, User
from certifications.people.models_leave import Substitution
from certifications.people.permissions import Permission
from certifications.people.queries import in_place_of, recipients
from tests.flags.decisions import police_case
from tests.world import World, client_of

pytestmark = pytest.mark.django_db
DAY = dt.timedelta(days=1)


def away(world: World, who: str, instead: str, role: str, *, since: int = 0, days: int = 5, by: str = "") -> Substitution:
    person = world.people[who]
    return flow.name_substitute(
        person=person,
        substitute=world.people[instead],
        role=role,
        starts_on=civil_today() + since * DAY,
        ends_on=civil_today() + (since + days) * DAY,
        by=world.people[by or who],
    )


def second_signatory(world: World) -> User:
    user = User.objects.create_user("zhao.min@qinglan.example", "x", name="Zhao Min", is_demo=True)
    Membership.objects.create(user=user, organisation=world.qinglan, role="signatory")
    world.people["other_signatory"] = User.objects.get(pk=user.pk)
    return world.people["other_signatory"]


def told(template: str) -> list[str]:
    return sorted(Mail.objects.filter(template=template).values_list("to_email", flat=True))


def test_mail_goes_to_the_substitute_once_and_only_while_it_lasts(world: World) -> None:
    before = {user.pk for user in recipients(Permission.DECIDE_CASES)}
    held = away(world, "reviewer", "second_reviewer", "reviewer")
    during = [user.pk for user in recipients(Permission.DECIDE_CASES)]
    assert set(during) == before - {world.reviewer.pk}
    assert len(during) == len(set(during))
    assert told("substitute_named") == [world.second_reviewer.email]
    flow.end_substitution(held=held, by=world.reviewer)
    assert {user.pk for user in recipients(Permission.DECIDE_CASES)} == before


def test_an_absence_to_come_changes_nothing_yet(world: World) -> None:
    away(world, "reviewer", "second_reviewer", "reviewer", since=3)
    assert world.reviewer in recipients(Permission.DECIDE_CASES)


def test_what_one_asked_is_answered_to_the_substitute(world: World) -> None:
    other = second_signatory(world)
    asked = object_to(declaration=world.draft(), by=world.signatory, clauses={4}, text="We cannot promise this for the spare parts.")
    away(world, "signatory", "other_signatory", "signatory")
    answer_objection(objection=asked, by=world.reviewer, text="Spare parts are not meant by it.")
    assert told("objection_answered") == [other.email]


def test_the_cases_of_who_is_away_lie_with_the_substitutes_own(world: World) -> None:
    case = police_case(world)
    type(case).objects.filter(pk=case.pk).update(owner=world.reviewer)
    assert case not in tab(world.second_reviewer, "mine")
    held = away(world, "reviewer", "second_reviewer", "reviewer")
    assert case in tab(world.second_reviewer, "mine")
    assert case.number in client_of(world.second_reviewer).get("/c/?tab=mine").content.decode()
    flow.end_substitution(held=held, by=world.second_reviewer)
    assert case not in tab(world.second_reviewer, "mine")


def test_a_substitute_is_nobody_but_itself_where_two_people_must_act(world: World) -> None:
    from certifications.people.queries import check_second

    away(world, "second_reviewer", "reviewer", "reviewer")
    with pytest.raises(NotAllowed) as refusal:
        check_second(proposer=world.reviewer, by=world.reviewer, right=None)
    assert refusal.value.code == "same_person"
    check_second(proposer=world.second_reviewer, by=world.reviewer, right=None)


WRONG = (
    ("signatory", "filer", "signatory", "signatory", "substitute"),
    ("signatory", "stranger", "signatory", "signatory", "substitute"),
    ("reviewer", "reviewer", "reviewer", "reviewer", "substitute"),
    ("reviewer", "second_reviewer", "lead", "reviewer", "role"),
    ("reviewer", "second_reviewer", "reviewer", "second_reviewer", "person"),
    ("lead", "reviewer", "lead", "lead", "substitute"),
)


@pytest.mark.parametrize("wrong", WRONG)
def test_only_who_holds_the_role_stands_in_and_only_for_ones_own(world: World, wrong: tuple[str, ...]) -> None:
    who, instead, role, by, code = wrong
    with pytest.raises(NotAllowed) as refusal:
        away(world, who, instead, role, by=by)
    assert refusal.value.code == code
    assert not Substitution.objects.exists()


def test_a_lead_who_has_every_right_of_a_reviewer_may_stand_in(world: World) -> None:
    assert away(world, "reviewer", "lead", "reviewer").substitute == world.lead


def test_days_that_make_no_sense_are_named(world: World) -> None:
    for since, days, code in ((-1, 5, "starts_on"), (0, 0, "ends_on"), (0, 400, "ends_on")):
        with pytest.raises(NotAllowed) as refusal:
            away(world, "reviewer", "second_reviewer", "reviewer", since=since, days=days)
        assert refusal.value.code == code


def test_work_never_travels_on_to_a_third_person(world: World) -> None:
    away(world, "reviewer", "second_reviewer", "reviewer")
    for who, instead in (("second_reviewer", "lead"), ("second_reviewer", "reviewer"), ("reviewer", "lead")):
        with pytest.raises(NotAllowed):
            away(world, who, instead, "reviewer")


def test_a_substitute_who_loses_the_role_reaches_nobody(world: World) -> None:
    away(world, "reviewer", "second_reviewer", "reviewer")
    Membership.objects.filter(user=world.second_reviewer).update(expires_on=civil_today())
    assert in_place_of(world.reviewer, Permission.DECIDE_CASES) == [world.reviewer]


def test_an_absence_is_named_and_ended_on_the_page_also_by_the_administrator(world: World) -> None:
    second_signatory(world)
    admin = client_of(world.distributor_admin)
    role = Membership.objects.get(user=world.signatory, role="signatory")
    sent = {
        "role": role.pk,
        "substitute": world.other_signatory.pk,
        "starts_on": civil_today().isoformat(),
        "ends_on": (civil_today() + DAY).isoformat(),
    }
    assert admin.post("/people/leave/new/", {**sent, "ends_on": civil_today().isoformat()}).status_code == 422
    assert admin.post("/people/leave/new/", sent).status_code == 302
    assert told("absence_recorded") == [world.signatory.email]
    held = Substitution.objects.get()
    page = client_of(world.signatory).get("/people/leave/").content.decode()
    assert "Zhao Min" in page
    assert client_of(world.stranger).post(f"/people/leave/{held.pk}/end/").status_code == 404
    assert "Zhao Min" not in client_of(world.stranger).get("/people/leave/").content.decode()
    assert client_of(world.signatory).post(f"/people/leave/{held.pk}/end/").status_code == 302
    held.refresh_from_db()
    assert held.ended_by == world.signatory


def test_postgresql_keeps_an_absence_as_it_was_named(world: World) -> None:
    held = away(world, "reviewer", "second_reviewer", "reviewer")
    for change in ("substitute_id = person_id", "ends_on = ends_on + 1"):
        with pytest.raises(DatabaseError), transaction.atomic(), connection.cursor() as cursor:
            cursor.execute(f"UPDATE certifications_substitution SET {change} WHERE id = %s", [held.pk])
