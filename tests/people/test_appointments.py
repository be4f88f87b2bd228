"""A signatory is appointed by two people, neither of whom is the person or brought the other in; PostgreSQL asks the same."""

import pytest
from django.db import DatabaseError, connection, transaction
from django.test import Client
from django.utils import timezone

from certifications.ledger.moves import NotAllowed, StaleState
from certifications.mail.models import Mail
from certifications.people import actions, appointing
from certifications.people.models import Invitation, Membership, User
from certifications.people.models_appointments import Appointment
from tests.people.appointments import NEW, agreed, proposed, words
from tests.world import World, client_of, code_of, proof_for

pytestmark = pytest.mark.django_db
GOOD = {"name": "Su Wen", "password": "seven-paper-lanterns"}


def another_administrator(world: World, created_by: str = "") -> User:
    """A second administrator of the distributor; `created_by` is whose invitation it came by."""
    made = User.objects.create_user("gu.ping@qinglan.example", GOOD["password"], name="Gu Ping")
    Membership.objects.create(user=made, organisation=world.qinglan, role="distributor_admin", created_by_id=created_by)
    return made


def test_nobody_is_invited_as_signatory_by_one_person(world: World) -> None:
    with pytest.raises(NotAllowed, match="two people") as refused:
        actions.invite(by=world.distributor_admin, organisation=world.qinglan, email=NEW, roles=["signatory"], language="en")
    assert refused.value.code == "roles"
    proposed(world)
    assert not Invitation.objects.exists()
    assert not Mail.objects.filter(template="invitation").exists()


def test_an_administrator_appoints_neither_itself_nor_by_a_second_address_of_its_own(world: World) -> None:
    admin = world.distributor_admin
    with pytest.raises(NotAllowed) as own:
        proposed(world, email=admin.email.upper())
    assert own.value.code == "email"
    held = proposed(world)
    with pytest.raises(NotAllowed) as same:
        agreed(held, admin)
    assert same.value.code == "same_person"
    # A second address of its own, invited as administrator, is no second person.
    second = another_administrator(world, created_by=admin.pk)
    with pytest.raises(NotAllowed) as brought:
        agreed(held, second)
    assert brought.value.code == "not_independent"
    assert not Invitation.objects.exists()


def test_who_is_to_sign_does_not_agree_to_it(world: World) -> None:
    second = another_administrator(world)
    held = proposed(world, email=second.email)
    with pytest.raises(NotAllowed) as own:
        agreed(held, second)
    assert own.value.code == "own"
    with pytest.raises(DatabaseError, match="nobody appoints themselves"), transaction.atomic(), connection.cursor() as cursor:
        cursor.execute(
            "UPDATE certifications_appointment SET state = 'effective', agreed_by_id = %s, agreed_at = now(), agreed_proof_id = 'p'",
            [second.pk],
        )


@pytest.mark.parametrize("who", ["filer", "signatory", "stranger", "auditor", "operator", "regulator"])
def test_who_looks_after_nobody_there_does_not_agree(world: World, who: str) -> None:
    held = proposed(world)
    with pytest.raises(NotAllowed):
        agreed(held, world.people[who])


@pytest.mark.parametrize("office", ["compliance", "administrator"])
def test_another_person_agrees_and_the_invitation_makes_the_signatory(world: World, office: str) -> None:
    second = world.reviewer if office == "compliance" else another_administrator(world)
    _made, token = agreed(proposed(world), second)
    assert Client().post(f"/welcome/{token}/", GOOD).status_code == 302
    user = User.objects.get(email=NEW)
    assert user.roles == {"signatory"}
    assert Membership.objects.get(user=user).created_by_id == world.distributor_admin.pk
    # Once: whose role ended is appointed anew.
    Membership.objects.filter(user=user).update(ended_at="2026-01-01T00:00:00Z", ended_by_id="x")
    for statement in (
        "UPDATE certifications_membership SET ended_at = NULL, ended_by_id = '' WHERE user_id = %s",
        """INSERT INTO certifications_membership (id, user_id, organisation_id, role, created_by_id, ended_by_id)
        SELECT 'X', user_id, organisation_id, role, created_by_id, '' FROM certifications_membership WHERE user_id = %s""",
    ):
        with pytest.raises(DatabaseError, match=r"two people appoint|never changes"), transaction.atomic(), connection.cursor() as cursor:
            cursor.execute(statement, [user.pk])


def test_postgresql_gives_no_role_and_no_invitation_without_an_appointment(world: World) -> None:
    somebody = User.objects.create_user("nobody@qinglan.example", GOOD["password"], name="Nobody")
    with pytest.raises(DatabaseError, match="two people appoint"), transaction.atomic():
        Membership.objects.create(user=somebody, organisation=world.qinglan, role="signatory")
    filer = Membership.objects.create(user=somebody, organisation=world.qinglan, role="filer")
    with pytest.raises(DatabaseError, match="never changes"), transaction.atomic():
        Membership.objects.filter(pk=filer.pk).update(role="signatory")
    made, _token = actions.invite(by=world.distributor_admin, organisation=world.qinglan, email=NEW, roles=["filer"], language="en")
    with pytest.raises(DatabaseError, match="two people appoint"), transaction.atomic():
        Invitation.objects.filter(pk=made.pk).update(roles=["signatory"])
    held = proposed(world)
    with pytest.raises(DatabaseError, match="two people appoint"), transaction.atomic():
        Invitation.objects.filter(pk=made.pk).update(roles=["signatory"], appointment=held)
    with pytest.raises(DatabaseError, match="begins as proposed"), transaction.atomic():
        Appointment.objects.create(
            **words(world.qinglan, email="x@y.example"), reason="a", state="effective", proposed_by=world.distributor_admin,
            proposed_proof_id="1", agreed_by=world.reviewer, agreed_at="2026-01-01T00:00:00Z", agreed_proof_id="2", digest="0" * 64,
        )  # fmt: skip
    agreed(held, world.reviewer)
    with pytest.raises(DatabaseError, match="decided"), transaction.atomic():
        Appointment.objects.filter(pk=held.pk).update(email="x@y.example")


@pytest.mark.parametrize(
    ("changes", "field"),
    [({"explanation": "short"}, "explanation"), ({"email": "no address"}, "email"), ({"roles": ["signatory", "lead"]}, "roles")],
)
def test_what_cannot_be_is_said_at_the_field(world: World, changes: dict[str, object], field: str) -> None:
    with pytest.raises(NotAllowed) as refused:
        proposed(world, **changes)
    assert refused.value.code == field


def test_one_proposal_at_a_time_and_one_decision(world: World) -> None:
    held = proposed(world)
    with pytest.raises(StaleState):
        proposed(world)
    appointing.void(held=held, by=world.reviewer)
    with pytest.raises(StaleState):
        agreed(held, world.reviewer)
    proposed(world)


def test_the_factor_of_other_words_does_not_do(world: World) -> None:
    held = proposed(world)
    with pytest.raises(NotAllowed) as refused:
        appointing.agree(held=held, by=world.reviewer, proof=proof_for(world.reviewer, "0" * 64))
    assert refused.value.code == "digest"


def test_two_people_go_through_the_pages_and_compliance_is_told(world: World) -> None:
    admin, reviewer = client_of(world.distributor_admin), client_of(world.reviewer)
    sent = {**words(world.qinglan), "organisation": world.qinglan.pk}
    lost = admin.post("/people/invite/", {**sent, "code": "000000"})
    assert lost.status_code == 422
    assert sent["explanation"] in lost.content.decode()
    assert admin.post("/people/invite/", {**sent, "code": code_of(world.distributor_admin)}).status_code == 302
    told = set(Mail.objects.filter(template="second_person_for_signatory").values_list("to_user_id", flat=True))
    assert told == {world.reviewer.pk, world.second_reviewer.pk, world.lead.pk}
    held = Appointment.objects.get()
    address = f"/people/appointments/{held.pk}/"
    assert NEW in admin.get("/people/appointments/").content.decode()
    assert f"{address}agree/" not in admin.get("/people/appointments/").content.decode()
    assert f"{address}agree/" in reviewer.get("/people/appointments/").content.decode()
    assert admin.post(f"{address}agree/", {"code": code_of(world.distributor_admin)}).status_code == 422
    assert reviewer.post(f"{address}agree/", {"code": code_of(world.reviewer)}).status_code == 302
    mail = Mail.objects.get(template="invitation")
    assert (mail.to_email, mail.language) == (NEW, "zh-hans")
    token = mail.body.split("/welcome/")[1].split("/")[0]
    assert token not in str(list(Invitation.objects.values()))
    assert set(Mail.objects.filter(template="signatory_appointed").values_list("to_user_id", flat=True)) == {
        world.second_reviewer.pk,
        world.lead.pk,
    }
    assert "invited until" in admin.get("/people/appointments/").content.decode()
    stranger = client_of(world.stranger)
    assert stranger.get("/people/appointments/").status_code == 404


def test_what_nobody_could_agree_to_is_not_proposed_and_any_administrator_clears_the_table(world: World) -> None:
    # The only administrator brought everybody in who could agree.
    for user in (world.reviewer, world.second_reviewer, world.lead):
        Membership.objects.create(
            user=user,
            organisation=world.qinglan.__class__.objects.get(kind="manufacturer"),
            role="auditor",
            created_by_id=world.distributor_admin.pk,
        )
    with pytest.raises(NotAllowed, match="Nobody could agree") as refused:
        proposed(world)
    assert refused.value.code == "organisation"
    second = another_administrator(world)
    held = proposed(world)
    third = User.objects.create_user("lin.an@qinglan.example", GOOD["password"], name="Lin An")
    Membership.objects.create(user=third, organisation=world.qinglan, role="distributor_admin", created_by_id=world.distributor_admin.pk)
    assert [user.pk for user in appointing.seconds(held)] == [second.pk]
    with pytest.raises(NotAllowed):
        appointing.void(held=held, by=world.stranger)
    appointing.void(held=held, by=third)
    assert proposed(world).state == "proposed"


def test_a_factor_is_not_spent_where_the_proposer_has_left(world: World) -> None:
    from certifications.flow import appointments as flow
    from certifications.people.models import FactorProof

    another_administrator(world)
    held = proposed(world)
    Membership.objects.filter(user=world.distributor_admin).update(ended_at="2026-01-01T00:00:00Z", ended_by_id="x")
    spent = FactorProof.objects.count()
    with pytest.raises(NotAllowed, match="may not do so any more") as refused:
        flow.agree(held=Appointment.objects.get(pk=held.pk), by=world.reviewer, send=lambda *_made: None, code=code_of(world.reviewer))
    assert refused.value.code == "proposer"
    assert FactorProof.objects.count() == spent


def test_an_invitation_that_cannot_be_mailed_was_not_agreed_to(world: World) -> None:
    from certifications.flow import appointments as flow

    def broken(*_made: object) -> None:
        raise RuntimeError("no mail")

    held = proposed(world)
    with pytest.raises(RuntimeError):
        flow.agree(held=held, by=world.reviewer, send=broken, code=code_of(world.reviewer))
    held.refresh_from_db()
    assert held.state == "proposed"
    assert not Invitation.objects.exists()


def test_a_distributor_reads_the_office_and_no_name_of_the_manufacturers_people(world: World) -> None:
    agreed(proposed(world), world.reviewer)
    proposed(world, world.lead, email="other@qinglan.example")
    page = client_of(world.distributor_admin).get("/people/appointments/").content.decode()
    assert world.distributor_admin.name in page
    assert page.count("The manufacturer&#x27;s compliance") == 2
    assert world.reviewer.name not in page
    assert world.lead.name not in page
    assert world.reviewer.name in client_of(world.lead).get("/people/appointments/").content.decode()


@pytest.mark.parametrize("change", ["expires_on = NULL", "expires_on = '2031-01-01'"])
def test_postgresql_revives_no_signatory_that_ran_out(world: World, change: str) -> None:
    role = Membership.objects.filter(role="signatory").first()
    assert role is not None
    Membership.objects.filter(pk=role.pk).update(expires_on="2026-01-01")
    with pytest.raises(DatabaseError, match="two people appoint"), transaction.atomic(), connection.cursor() as cursor:
        cursor.execute("UPDATE certifications_user SET is_demo = false WHERE id = %s", [role.user_id])
        cursor.execute(f"UPDATE certifications_membership SET {change} WHERE id = %s", [role.pk])


@pytest.mark.parametrize(
    ("done", "again"),
    [
        ("accepted_at = now(), accepted_by_id = sent_by_id", "accepted_at = NULL, accepted_by_id = NULL"),
        ("revoked_at = now(), revoked_by_id = sent_by_id", "revoked_at = NULL, revoked_by_id = NULL"),
        ("expires_at = now()", "expires_at = now() + interval '1 day'"),
    ],
)
def test_postgresql_opens_no_signatorys_invitation_again(world: World, done: str, again: str) -> None:
    agreed(proposed(world), world.reviewer)
    with connection.cursor() as cursor:
        cursor.execute(f"UPDATE certifications_invitation SET {done}")
    with pytest.raises(DatabaseError, match="two people appoint"), transaction.atomic(), connection.cursor() as cursor:
        cursor.execute(f"UPDATE certifications_invitation SET {again}")


def test_two_administrators_of_one_colleague_s_making_are_no_two_people(world: World) -> None:
    """A distributor's administrator invites two addresses of his own; by the one he proposes, by the other he agrees."""
    first = world.distributor_admin
    made = [another_administrator(world, created_by=first.pk)]
    sister = User.objects.create_user("gu.ping.2@qinglan.example", GOOD["password"], name="Gu Ping")
    Membership.objects.create(user=sister, organisation=world.qinglan, role="distributor_admin", created_by_id=first.pk)
    held = proposed(world, by=made[0])
    with pytest.raises(NotAllowed) as refused:
        agreed(held, sister)
    assert refused.value.code == "office"
    # That the colleague left changes nothing.
    Membership.objects.filter(user=first).update(ended_at=timezone.now(), ended_by_id=sister.pk)
    with pytest.raises(NotAllowed):
        agreed(held, sister)
    agreed(held, world.reviewer)
    assert Invitation.objects.count() == 1


def test_two_administrators_whom_compliance_brought_in_are_two_people(world: World) -> None:
    two = [User.objects.create_user(f"{name}@qinglan.example", GOOD["password"], name=name) for name in ("gu.ping", "gu.an")]
    for person in two:
        Membership.objects.create(user=person, organisation=world.qinglan, role="distributor_admin", created_by_id=world.lead.pk)
    agreed(proposed(world, by=two[0]), two[1])
    assert Invitation.objects.count() == 1


def test_who_proposed_it_and_went_to_another_distributor_is_no_first_person_here(world: World) -> None:
    held, person = proposed(world), world.distributor_admin
    other = world.people["stranger"].organisation
    another_administrator(world)
    Membership.objects.filter(user=person).update(ended_at=timezone.now(), ended_by_id=world.lead.pk)
    Membership.objects.create(user=person, organisation=other, role="distributor_admin", created_by_id=world.lead.pk)
    with pytest.raises(NotAllowed) as refused:
        appointing.check_agreement(held=Appointment.objects.get(pk=held.pk), by=world.reviewer)
    assert refused.value.code == "proposer"
