"""Somebody leaves: what that person had in hand goes back at once, and the last of a kind cannot go by accident."""

import datetime as dt

import pytest
from django.urls import reverse

from certifications.flow.leaving import end_role
from certifications.flow.sign import answer_objection, object_to, return_declaration
from certifications.ledger.models import Event
from certifications.ledger.moves import NotAllowed, move
from certifications.mail.models import Mail
from certifications.people import actions
from certifications.people.models import Membership, User
from tests.flags.decisions import police_case
from tests.world import World, client_of

pytestmark = pytest.mark.django_db
TODAY = dt.datetime.now(tz=dt.UTC).date()


def membership(user: User, role: str) -> Membership:
    return Membership.objects.get(user=user, role=role, ended_at=None)


def colleague(world: World, who: str, role: str, **fields: object) -> Membership:
    """The person gets one more role at the same distributor."""
    return Membership.objects.create(user=world.people[who], organisation=world.qinglan, role=role, **fields)


def told(template: str) -> set[str]:
    return set(Mail.objects.filter(template=template).values_list("to_email", flat=True))


def test_open_cases_of_a_reviewer_who_leaves_go_back_to_the_queue(world: World) -> None:
    case = police_case(world)
    type(case).objects.filter(pk=case.pk).update(owner=world.reviewer)
    address = reverse("people:end", args=[membership(world.reviewer, "reviewer").pk])
    page = client_of(world.lead).post(address, follow=True).content.decode()
    case.refresh_from_db()
    assert case.owner is None
    assert "1 open case went back to the queue." in page
    event = Event.objects.filter(verb="case.assigned").latest("pk")
    assert (event.actor_id, event.data["to"]) == (world.lead.pk, "")


def test_who_may_still_decide_keeps_the_cases(world: World) -> None:
    case = police_case(world)
    type(case).objects.filter(pk=case.pk).update(owner=world.reviewer)
    Membership.objects.create(user=world.reviewer, organisation=world.reviewer.organisation, role="lead")
    assert end_role(membership=membership(world.reviewer, "reviewer"), by=world.lead) == 0
    case.refresh_from_db()
    assert case.owner == world.reviewer


def test_nothing_is_handed_back_where_the_role_stays(world: World) -> None:
    case = police_case(world)
    type(case).objects.filter(pk=case.pk).update(owner=world.lead)
    with pytest.raises(NotAllowed):
        end_role(membership=membership(world.lead, "lead"), by=world.lead)
    case.refresh_from_db()
    assert case.owner == world.lead


def test_what_a_filer_who_left_had_filed_is_told_to_those_who_file_now(world: World) -> None:
    kept, left = world.signed(), world.signed()
    for declaration in (kept, left):
        for to in ("screening", "ready"):
            move(obj=declaration, to=to, by=None)
    return_declaration(declaration=kept, by=world.reviewer, fields=["goods"], text="Say how many tests a month.")
    assert told("declaration_returned") == {world.filer.email}
    Mail.objects.all().delete()
    colleague(world, "distributor_admin", "filer")
    end_role(membership=membership(world.filer, "filer"), by=world.distributor_admin)
    return_declaration(declaration=left, by=world.reviewer, fields=["goods"], text="Say how many tests a month.")
    assert told("declaration_returned") == {world.distributor_admin.email}


def test_the_answer_to_a_signatory_who_left_reaches_those_who_go_on(world: World) -> None:
    asked = object_to(declaration=world.draft(), by=world.signatory, clauses={4}, text="We cannot promise this for the spare parts.")
    colleague(world, "distributor_admin", "signatory")
    end_role(membership=membership(world.signatory, "signatory"), by=world.distributor_admin)
    answer_objection(objection=asked, by=world.reviewer, text="Spare parts are not meant by it.")
    assert world.signatory.email not in told("objection_answered")
    assert {world.filer.email, world.distributor_admin.email} <= told("objection_answered")


def test_a_colleague_whose_time_is_over_is_no_other_signatory(world: World) -> None:
    colleague(world, "filer", "signatory", expires_on=TODAY)
    with pytest.raises(NotAllowed) as refusal:
        actions.end_membership(membership=membership(world.signatory, "signatory"), by=world.distributor_admin)
    assert refusal.value.code == "last"
    Membership.objects.filter(user=world.filer, role="signatory").update(expires_on=TODAY + dt.timedelta(days=1))
    actions.end_membership(membership=membership(world.signatory, "signatory"), by=world.distributor_admin)


def test_the_last_administrator_stays(world: World) -> None:
    with pytest.raises(NotAllowed) as refusal:
        actions.end_membership(membership=membership(world.distributor_admin, "distributor_admin"), by=world.distributor_admin)
    assert refusal.value.code == "last"
