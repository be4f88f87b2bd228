"""Owners: stated with a source, added up, screened at once, ended with a reason; what a distributor takes back does not lift a finding."""

import datetime as dt
from decimal import Decimal

import pytest
from django.core.exceptions import PermissionDenied
from django.db import DatabaseError, IntegrityError, connection, transaction

from certifications.declarations.models import Declaration
from certifications.flags.models import Case, Flag
from certifications.flow import owners as flow
from certifications.flow import rescreening
from certifications.flow.advance import advance
from certifications.flow.release import problem_with
from certifications.ledger.days import civil_today
from certifications.ledger.ids import new_ulid
from certifications.ledger.moves import NotAllowed, StaleState
from certifications.mail.models import Mail
from certifications.parties import owners
from certifications.parties.actions import Incomplete
from certifications.parties.models import Customer, Party
from certifications.parties.models_owners import Ownership
from certifications.people.models import User
from certifications.screening.queries import party_state
from certifications.work.models import Job
from tests.flags.decisions import judged
from tests.flow.steps import dated_list, work
from tests.parties.owning import LISTED, found, owner, stated, unknown
from tests.world import World, client_of

pytestmark = pytest.mark.django_db
DAY = dt.timedelta(days=1)


@pytest.fixture
def customer(world: World) -> Customer:
    dated_list()
    made = world.customer(native_name="甬川检测站", latin_name="Yongchuan Testing", uscc="", lei="")
    rescreening.rescreen(made.party_id)
    return made


def test_an_owner_is_a_party_that_is_screened_at_once(world: World, customer: Customer) -> None:
    row = stated(world.filer, customer)
    assert row.owner is not None
    assert row.owner.kind == "owner"
    assert Job.objects.filter(kind="rescreen", object_id=row.owner.pk).count() == 1
    assert party_state(row.owner).state == "waiting"
    work("rescreen")
    assert party_state(row.owner).state == "clear"
    assert row.owner.pk in rescreening.population()


def test_the_same_form_twice_is_one_statement(world: World, customer: Customer) -> None:
    key = new_ulid()
    for _ in range(2):
        flow.state_for_customer(customer=customer, of=customer.party, by=world.filer, data=owner(), form_key=key)
    assert Ownership.objects.count() == 1


def test_the_same_form_twice_in_one_instant_is_one_statement(world: World, customer: Customer, monkeypatch: pytest.MonkeyPatch) -> None:
    key, look = new_ulid(), owners._earlier
    looks: list[object] = []

    def late(form_key: str, by: User) -> Ownership | None:
        # The other one is written after this one looked, before it has the lock.
        looks.append(form_key)
        if len(looks) == 1:
            flow.state_for_customer(customer=customer, of=customer.party, by=by, data=owner(), form_key=form_key)
            return None
        return look(form_key, by)

    monkeypatch.setattr(owners, "_earlier", late)
    flow.state_for_customer(customer=customer, of=customer.party, by=world.filer, data=owner(), form_key=key)
    assert Ownership.objects.count() == 1


def test_the_sum_tells_no_distributor_that_what_it_ended_counts_on(world: World, customer: Customer) -> None:
    row = stated(world.filer, customer, latin_name=LISTED, share=Decimal(100))
    work("rescreen")
    flow.end_for_customer(ownership=row, by=world.filer, reason="Entered by mistake")
    row.refresh_from_db()
    assert row.held
    again = stated(world.filer, customer, latin_name="Baihe Holding Ltd", share=Decimal(100))
    assert again.share == 100


def test_more_than_the_whole_is_named_with_the_day_and_the_sum(world: World, customer: Customer) -> None:
    stated(world.filer, customer)
    with pytest.raises(Incomplete) as refused:
        stated(world.filer, customer, latin_name="Second Holding", share=Decimal("40.01"))
    [problem] = refused.value.problems
    assert problem.field == "share"
    assert "100.01" in problem.message
    stated(world.filer, customer, latin_name="Second Holding", share=Decimal(40))
    # What compliance found is its own account, and contradicts the distributor's where it does.
    found(world.reviewer, customer.party, share=Decimal(100))
    assert Ownership.objects.filter(party=customer.party).count() == 3


@pytest.mark.parametrize(
    ("changes", "field"),
    [
        ({"latin_name": ""}, "native_name"),
        ({"latin_name": "123"}, "latin_name"),
        ({"kind": ""}, "kind"),
        ({"country": ""}, "country"),
        ({"share": Decimal(0)}, "share"),
        ({"share": Decimal("100.5")}, "share"),
        ({"is_direct": False}, "through"),
        ({"through": "Somebody Ltd"}, "through"),
        ({"uscc": "123"}, "uscc"),
        ({"lei": "123"}, "lei"),
        ({"source": ""}, "source"),
        ({"source_text": " "}, "source_text"),
        ({"source_link": "javascript:alert(1)"}, "source_link"),
        ({"as_of": civil_today() + 2 * DAY}, "as_of"),
        ({"valid_until": civil_today() - 900 * DAY}, "valid_until"),
    ],
)
def test_what_is_wrong_is_said_at_its_field(world: World, customer: Customer, changes: dict[str, object], field: str) -> None:
    with pytest.raises(Incomplete) as refused:
        stated(world.filer, customer, **changes)
    assert field in [problem.field for problem in refused.value.problems]
    assert not Ownership.objects.exists()


def test_not_known_is_a_statement_of_its_own(world: World, customer: Customer) -> None:
    flow.state_for_customer(customer=customer, of=customer.party, by=world.filer, data=unknown(), form_key=new_ulid())
    row = Ownership.objects.get()
    assert (row.owner, row.share, row.kind) == (None, None, "")
    text = client_of(world.filer).get(f"/d/customers/{customer.pk}/").content.decode()
    assert text.count("Owners not known") >= 1


def test_an_owners_finding_holds_the_declaration_and_goes_to_compliance(world: World, customer: Customer) -> None:
    declaration = world.signed(world.draft(customer))
    assert advance(declaration.pk) == "ready"
    row = stated(world.filer, customer, latin_name=LISTED)
    declaration.refresh_from_db()
    assert declaration.status == "screening", "it goes round again at once"
    assert advance(declaration.pk) == "review"
    declaration.refresh_from_db()
    flag = Flag.objects.get(rule="LIST", state="open")
    assert flag.party == row.owner
    assert flag.case.declaration is None, "a case of the owner's own"
    assert Mail.objects.filter(template="case_opened", to_user_id=world.reviewer.pk).exists()
    assert "finding is open" in problem_with(declaration)
    page = client_of(world.filer).get(f"/d/customers/{customer.pk}/").content.decode()
    assert "Waiting for compliance" in page
    assert flag.case.number not in page
    assert "Waiting for screening" in client_of(world.filer).get("/d/customers/").content.decode()


def test_an_owner_that_was_not_screened_blocks(world: World, customer: Customer) -> None:
    declaration = world.signed(world.draft(customer))
    assert advance(declaration.pk) == "ready"
    row = found(world.reviewer, customer.party)
    Declaration.objects.filter(pk=declaration.pk).update(status="ready")
    declaration.refresh_from_db()
    assert "not screened" in problem_with(declaration)
    assert row.owner is not None
    rescreening.rescreen(row.owner.pk)
    assert problem_with(declaration) == ""


def test_an_owner_of_an_owner_counts_too(world: World, customer: Customer) -> None:
    middle = stated(world.filer, customer).owner
    assert middle is not None
    top = stated(world.filer, customer, of=middle, latin_name=LISTED).owner
    assert top is not None
    today = civil_today()
    assert set(owners.owners_of([customer.party_id], today)) == {middle.pk, top.pk}
    assert set(owners.owned_by([top.pk], today)) == {middle.pk, customer.party_id}
    declaration = world.signed(world.draft(customer))
    assert advance(declaration.pk) == "review"


def test_a_circle_of_owners_ends(world: World, customer: Customer) -> None:
    middle = stated(world.filer, customer).owner
    assert middle is not None
    found(world.reviewer, middle, owner_party=customer.party)
    today = civil_today()
    assert owners.owners_of([customer.party_id], today) == [middle.pk]
    assert owners.owned_by([customer.party_id], today) == [middle.pk]


def test_what_a_distributor_takes_back_counts_on_until_compliance_looked(world: World, customer: Customer) -> None:
    row = stated(world.filer, customer, latin_name=LISTED)
    work("rescreen")
    flow.end_for_customer(ownership=row, by=world.filer, reason="Entered by mistake")
    row.refresh_from_db()
    assert row.held
    assert owners.owners_of([customer.party_id], civil_today()) == [row.owner_id]
    page = client_of(world.filer).get(f"/d/customers/{customer.pk}/").content.decode()
    assert "Entered by mistake" in page
    assert "counts on" not in page, "the distributor reads the same either way"
    with pytest.raises(PermissionDenied):
        flow.let_go(ownership=row, by=world.filer, reason="Entered by mistake")
    flow.let_go(ownership=row, by=world.reviewer, reason="The register shows another owner")
    row.refresh_from_db()
    assert (row.held, row.let_go_by) == (True, world.reviewer), "one person lets go of nothing"
    with pytest.raises(NotAllowed) as refused:
        flow.let_go(ownership=row, by=world.reviewer, reason="The register shows another owner")
    assert refused.value.code == "same_person"
    assert owners.owners_of([customer.party_id], civil_today()) == [row.owner_id]
    flow.let_go(ownership=row, by=world.lead, reason="The register shows another owner")
    assert owners.owners_of([customer.party_id], civil_today()) == []


def test_one_reviewer_takes_no_listed_owner_away(world: World, customer: Customer) -> None:
    declaration = world.signed(world.draft(customer))
    row = found(world.reviewer, customer.party, latin_name=LISTED)
    assert advance(declaration.pk) == "review"
    judged(Case.objects.get(subject=f"party:{row.owner_id}"), "confirm", "listed_party", world.reviewer, world.lead)
    flow.end(ownership=row, by=world.reviewer, reason="I looked again")
    row.refresh_from_db()
    assert row.held
    assert advance(declaration.pk) == "review"
    declaration.refresh_from_db()
    assert "Who owns a party" in problem_with(declaration)
    assert Mail.objects.filter(template="owner_to_let_go", to_user_id=world.lead.pk).exists()
    assert not Mail.objects.filter(template="owner_to_let_go", to_user_id=world.reviewer.pk).exists()
    page = f"/c/parties/{customer.party_id}/"
    assert "another person must agree" in client_of(world.reviewer).get(page).content.decode()
    asked = {"ownership": row.pk, "reason": "I looked again"}
    client_of(world.reviewer).post(f"{page}owners/end/", asked)
    row.refresh_from_db()
    assert row.held
    client_of(world.lead).post(f"{page}owners/end/", asked)
    row.refresh_from_db()
    assert (row.held, row.let_go_agreed_by) == (False, world.lead)


@pytest.mark.parametrize(
    "statement",
    [
        "UPDATE certifications_ownership SET held = false",
        "UPDATE certifications_ownership SET held = false, let_go_agreed_by_id = let_go_by_id",
        "UPDATE certifications_ownership SET let_go_by_id = NULL",
        "UPDATE certifications_ownership SET let_go_by_id = ended_by_id",
    ],
)
def test_postgresql_lets_go_of_nothing_that_two_people_did_not(world: World, customer: Customer, statement: str) -> None:
    row = stated(world.filer, customer, latin_name=LISTED)
    work("rescreen")
    flow.end_for_customer(ownership=row, by=world.filer, reason="Entered by mistake")
    flow.let_go(ownership=row, by=world.reviewer, reason="The register shows another owner")
    with pytest.raises(DatabaseError), transaction.atomic(), connection.cursor() as cursor:
        cursor.execute(statement)


def test_postgresql_holds_the_end_of_a_statement_on_a_listed_owner(world: World, customer: Customer) -> None:
    middle = stated(world.filer, customer)
    assert middle.owner is not None
    top = stated(world.filer, customer, of=middle.owner, latin_name=LISTED)
    assert advance(world.signed(world.draft(customer)).pk) == "review"
    for row in (middle, top):
        with pytest.raises(DatabaseError, match="is held"), transaction.atomic(), connection.cursor() as cursor:
            cursor.execute(
                "UPDATE certifications_ownership SET ended_at = now(), ended_by_id = %s, ended_reason = 'gone' WHERE id = %s",
                [world.reviewer.pk, row.pk],
            )


def test_a_clear_owner_that_is_ended_is_gone(world: World, customer: Customer) -> None:
    row = stated(world.filer, customer)
    work("rescreen")
    flow.end_for_customer(ownership=row, by=world.filer, reason="Sold its share")
    row.refresh_from_db()
    assert not row.held
    with pytest.raises(StaleState):
        flow.end_for_customer(ownership=row, by=world.filer, reason="Sold its share")
    with pytest.raises(NotAllowed) as refused:
        flow.end(ownership=stated(world.filer, customer), by=world.reviewer, reason="no")
    assert refused.value.code == "reason"


def test_an_interval_that_is_over_or_to_come_does_not_count(world: World, customer: Customer) -> None:
    today = civil_today()
    stated(world.filer, customer, valid_until=today)
    stated(world.filer, customer, valid_from=today + DAY)
    assert owners.owners_of([customer.party_id], today) == []
    assert len(owners.owners_of([customer.party_id], today - DAY)) == 1
    assert len(owners.owners_of([customer.party_id], today + DAY)) == 1


def test_no_other_distributor_sees_or_touches_it(world: World, customer: Customer) -> None:
    theirs = world.customer("stranger")
    row = stated(world.filer, customer, latin_name="Baihe Holding Ltd")
    hidden = found(world.reviewer, customer.party, latin_name="Quietly Found Ltd", share=Decimal(10))
    own = client_of(world.filer)
    text = own.get(f"/d/customers/{customer.pk}/").content.decode()
    assert "Baihe Holding" in text
    assert "Quietly Found" not in text
    assert "Quietly Found" not in own.get("/d/customers/owners/export/").content.decode()
    stranger = client_of(world.stranger)
    assert stranger.get(f"/d/customers/{customer.pk}/owners/new/").status_code == 404
    answer = stranger.post(f"/d/customers/{theirs.pk}/owners/end/", {"ownership": row.pk, "reason": "Not mine at all"})
    assert answer.status_code == 404
    assert own.post(f"/d/customers/{customer.pk}/owners/end/", {"ownership": hidden.pk, "reason": "Not mine at all"}).status_code == 404
    with pytest.raises(NotAllowed):
        stated(world.filer, customer, of=theirs.party)
    compliance = client_of(world.auditor).get(f"/c/parties/{customer.party_id}/").content.decode()
    assert "Baihe Holding" in compliance
    assert "Quietly Found" in compliance
    assert "Baihe Holding" in client_of(world.auditor).get("/c/parties/owners/csv/").content.decode()


TYPED = {
    "latin_name": "Baihe Holding Ltd", "kind": "company", "country": "VG", "share": "60", "source": "registry",
    "source_text": "Company register, entry 4711", "as_of": "2026-01-02", "valid_from": "2026-01-02",
}  # fmt: skip


def test_the_pages_keep_what_was_typed_and_end_with_a_reason(world: World, customer: Customer) -> None:
    client, address = client_of(world.filer), f"/d/customers/{customer.pk}/owners/"
    typed = {**TYPED, "of": customer.party_id, "form_key": new_ulid()}
    refused = client.post(address + "new/", {**typed, "share": "160"})
    assert refused.status_code == 422
    assert "Company register, entry 4711" in refused.content.decode()
    assert client.post(address + "new/", typed).status_code == 302
    row = Ownership.objects.get()
    assert row.organisation == world.qinglan
    text = client.get(f"/d/customers/{customer.pk}/").content.decode()
    assert "British Virgin Islands" in text
    assert client.post(address + "end/", {"ownership": row.pk, "reason": "Sold its share"}).status_code == 302
    assert "Sold its share" in client.get(f"/d/customers/{customer.pk}/").content.decode()
    compliance = client_of(world.reviewer)
    address = f"/c/parties/{customer.party_id}/owners/"
    wrong = compliance.post(address + "new/", {**typed, "form_key": new_ulid(), "owner": "NOBODY"})
    assert wrong.status_code == 422
    known = {**TYPED, "latin_name": "", "country": "", "of": customer.party_id, "form_key": new_ulid(), "owner": row.owner_id}
    assert compliance.post(address + "new/", known).status_code == 302
    again = Ownership.objects.get(organisation=None)
    assert again.owner == row.owner
    assert compliance.post(address + "end/", {"ownership": again.pk, "reason": "The register was wrong"}).status_code == 302


@pytest.mark.parametrize(
    "statement",
    [
        "UPDATE certifications_ownership SET share = 1",
        "UPDATE certifications_ownership SET ended_at = NULL, ended_by_id = NULL, ended_reason = ''",
        "UPDATE certifications_ownership SET held = true",
        "DELETE FROM certifications_ownership",
        "TRUNCATE certifications_ownership",
    ],
)
def test_postgresql_keeps_what_was_stated(world: World, customer: Customer, statement: str) -> None:
    row = stated(world.filer, customer)
    work("rescreen")
    flow.end_for_customer(ownership=row, by=world.filer, reason="Sold its share")
    with pytest.raises(DatabaseError), transaction.atomic(), connection.cursor() as cursor:
        cursor.execute(statement)


def test_postgresql_knows_a_share(world: World, customer: Customer) -> None:
    party = Party.objects.create(kind="owner", country="CN")
    for wrong in ({"share": Decimal(101)}, {"share": Decimal(-1)}, {"owner": customer.party}, {"kind": ""}, {"valid_until": civil_today()}):
        values = {"owner": party, "kind": "company", "share": Decimal(5), "valid_until": None, **wrong}
        with pytest.raises(IntegrityError), transaction.atomic():
            Ownership.objects.create(
                party=customer.party, source="registry", source_text="x", as_of=civil_today(), valid_from=civil_today(),
                recorded_by=world.filer, form_key=new_ulid(), **values,
            )  # fmt: skip


def test_a_case_on_an_owner_that_is_cleared_lets_the_declaration_on(world: World, customer: Customer) -> None:
    stated(world.filer, customer, latin_name=LISTED)
    declaration = world.signed(world.draft(customer))
    assert advance(declaration.pk) == "review"
    judged(Case.objects.get(), "clear", "different_entity", world.reviewer, world.lead)
    assert advance(declaration.pk) == "ready"
    declaration.refresh_from_db()
    assert problem_with(declaration) == ""
