"""Somebody leaves and a successor is chosen for each kind of open work: seen before, moved in one act, told by mail."""

import pytest
from django.db import DatabaseError, connection, transaction
from django.urls import reverse

from certifications.flow.leaving import end_role, open_work
from certifications.flow.sign import return_declaration
from certifications.ledger.models import Event
from certifications.ledger.moves import NotAllowed, move
from certifications.mail.models import Mail
from certifications.people.models import Membership, User
from certifications.people.models_leave import Substitution, Succession
from tests.flags.decisions import police_case
from tests.world import World, client_of

from .powers import delegated, proposed
from .test_absences import away, second_signatory

pytestmark = pytest.mark.django_db


def membership(user: User, role: str) -> Membership:
    return Membership.objects.get(user=user, role=role, ended_at=None)


def told(template: str) -> set[str]:
    return set(Mail.objects.filter(template=template).values_list("to_email", flat=True))


def test_the_page_shows_what_moves_and_the_chosen_person_gets_it(world: World) -> None:
    case = police_case(world)
    type(case).objects.filter(pk=case.pk).update(owner=world.reviewer)
    address = reverse("people:end", args=[membership(world.reviewer, "reviewer").pk])
    lead = client_of(world.lead)
    before = lead.get(address).content.decode()
    assert "Open cases, and questions that wait for an answer: 1" in before
    assert "Lena Brandt" in before
    lead.post(address, {"decide_cases": world.second_reviewer.pk})
    case.refresh_from_db()
    assert case.owner == world.second_reviewer
    assert told("work_taken_over") == {world.second_reviewer.email}
    assert Succession.objects.get().moved == 1
    assert Event.objects.get(verb="succession.named").data["successor"] == world.second_reviewer.pk


def test_mail_about_what_a_filer_left_reaches_the_chosen_one_alone(world: World) -> None:
    filed = world.signed()
    for to in ("screening", "ready"):
        move(obj=filed, to=to, by=None)
    for who in ("distributor_admin", "signatory"):
        Membership.objects.create(user=world.people[who], organisation=world.qinglan, role="filer")
    assert [(one.permission.value, one.count) for one in open_work(membership(world.filer, "filer"))] == [("edit_declarations", 1)]
    end_role(membership=membership(world.filer, "filer"), by=world.distributor_admin, successors={"edit_declarations": world.signatory.pk})
    return_declaration(declaration=filed, by=world.reviewer, fields=["goods"], text="Say how many tests a month.")
    assert told("declaration_returned") == {world.signatory.email}


def test_a_successor_who_cannot_go_on_is_refused_and_nothing_ends(world: World) -> None:
    case = police_case(world)
    type(case).objects.filter(pk=case.pk).update(owner=world.reviewer)
    for who in ("auditor", "filer"):
        with pytest.raises(NotAllowed) as refusal:
            end_role(membership=membership(world.reviewer, "reviewer"), by=world.lead, successors={"decide_cases": world.people[who].pk})
        assert refusal.value.code == "successor"
    assert membership(world.reviewer, "reviewer").ended_at is None
    case.refresh_from_db()
    assert case.owner == world.reviewer


def test_powers_and_absences_end_with_the_role(world: World) -> None:
    second_signatory(world)
    held, open_ = delegated(world), proposed(world)
    away(world, "signatory", "other_signatory", "signatory")
    role = membership(world.signatory, "signatory")
    page = client_of(world.distributor_admin).get(reverse("people:end", args=[role.pk])).content.decode()
    assert held.number in page
    end_role(membership=role, by=world.distributor_admin)
    held.refresh_from_db()
    open_.refresh_from_db()
    assert held.ended_from is not None
    assert open_.state == "voided"
    assert Substitution.objects.get().ended_by == world.distributor_admin


def test_all_of_it_or_nothing(world: World, monkeypatch: pytest.MonkeyPatch) -> None:
    from certifications.flow import leaving

    case = police_case(world)
    type(case).objects.filter(pk=case.pk).update(owner=world.reviewer)

    def fails(**_: object) -> None:
        raise ZeroDivisionError

    monkeypatch.setattr(leaving, "send_later", fails)
    with pytest.raises(ZeroDivisionError):
        end_role(membership=membership(world.reviewer, "reviewer"), by=world.lead, successors={"decide_cases": world.second_reviewer.pk})
    case.refresh_from_db()
    assert (case.owner, membership(world.reviewer, "reviewer").ended_at) == (world.reviewer, None)


def test_a_succession_never_changes(world: World) -> None:
    with pytest.raises(DatabaseError), transaction.atomic(), connection.cursor() as cursor:
        cursor.execute("UPDATE certifications_succession SET moved = 0")
