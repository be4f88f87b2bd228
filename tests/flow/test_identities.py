"""Two parties of two distributors that may be one: found by number and by name, answered by people, linked by two, and never merged or told."""

from typing import Any

import pytest
from django.db import DatabaseError, connection, transaction

from certifications.declarations.models import Declaration
from certifications.flags import actions as flags
from certifications.flags.models import Case, Flag
from certifications.flags.queries import concerns_about
from certifications.flags.rules import Fired
from certifications.flags.rules.base import Severity
from certifications.flow import customers, identities
from certifications.flow.advance import advance, raise_on_party
from certifications.flow.facts import owner_facts
from certifications.flow.identities import look_at
from certifications.flow.ownership import owned_by_listed, owned_facts
from certifications.flow.release import problem_with
from certifications.ledger.days import civil_today
from certifications.ledger.ids import new_ulid
from certifications.ledger.moves import NotAllowed, StaleState
from certifications.mail.models import Mail
from certifications.parties import identities as room
from certifications.parties.aliases import all_screened, all_screened_names, compared_names
from certifications.parties.linked import linked, one_entity
from certifications.parties.models import Customer
from certifications.parties.models_identities import IdentityAnswer, IdentityCandidate
from certifications.parties.models_owners import Ownership
from certifications.parties.owners import over_each, owned_by, owners_of
from certifications.parties.queries import data_of
from certifications.screening.actions import screen_many
from certifications.screening.engine import screened
from certifications.screening.queries import party_state
from certifications.work.models import Job
from tests.flags.decisions import judged
from tests.flow.steps import dated_list, work
from tests.parties.owning import LISTED, stated
from tests.world import World, client_of, code_of, proof_for

pytestmark = pytest.mark.django_db
CODE = "91330200MA2AB3CD47"
WORDS: dict[str, Any] = {"reason": "papers", "explanation": "Both show the licence of 2 May with one number."}


@pytest.fixture
def both(world: World) -> tuple[Customer, Customer]:
    """The same testing station at two distributors, under names that differ a little: an equal one would bind without anybody's answer."""
    mine = world.customer(native_name="甬川检测站", latin_name="Yongchuan Testing Station", uscc="", lei="")
    theirs = world.customer("stranger", native_name="甬川检验测试站", latin_name="Yongchuan Testing Stations", uscc="", lei="")
    return mine, theirs


def keys(both: tuple[Customer, Customer]) -> tuple[str, str]:
    return room.pair(both[0].party_id, both[1].party_id)


def said(world: World, both: tuple[Customer, Customer], answer: str, by: str = "reviewer", **changes: Any) -> IdentityAnswer:
    """An answer by the room's own action."""
    left, right = keys(both)
    words = {**WORDS, "answer": answer, **changes}
    digest = room.answer_digest(left=left, right=right, keys=room.keys_of([left, right]), **words)
    person = world.people[by]
    return room.answer_pair(left=left, right=right, by=person, proof=proof_for(person, digest, "identity"), **words)


def agreed(world: World, row: IdentityAnswer, by: str = "lead") -> set[str]:
    return room.agree(row=row, by=world.people[by], proof=proof_for(world.people[by], row.digest, "identity"))


def test_the_same_name_at_two_distributors_is_a_pair(world: World) -> None:
    mine = world.customer(native_name="甬川检测站", latin_name="Yongchuan Testing Station", uscc="", lei="")
    theirs = world.customer("stranger", native_name="甬川检测站", latin_name="Yongchuan Test Centre", uscc="", lei="")
    assert look_at([mine.party_id]) == 1
    row = IdentityCandidate.objects.get()
    assert (row.left_id, row.right_id) == keys((mine, theirs))
    assert (row.why, row.score) == ("name", 1)
    assert look_at([theirs.party_id]) == 0, "found again, and kept once"


def test_a_likeness_is_explained_by_rows_that_add_up(world: World) -> None:
    world.customer(native_name="", latin_name="Yongchuan Medical Testing Station", uscc="", lei="")
    other = world.customer("stranger", native_name="", latin_name="Yongchuan Medical Testing", uscc="", lei="")
    look_at([other.party_id])
    row = IdentityCandidate.objects.get()
    assert row.score < 1
    assert abs(sum(piece["points"] for piece in row.explanation) - float(row.score)) < 0.001


def test_the_same_number_goes_before_names(world: World) -> None:
    world.customer(native_name="甬川检测站", latin_name="", uscc=CODE, lei="")
    other = world.customer("stranger", native_name="江北检验所", latin_name="", uscc=CODE, lei="")
    look_at([other.party_id])
    row = IdentityCandidate.objects.get()
    assert (row.why, row.left_text) == ("number", CODE)


def test_one_distributors_own_customers_are_its_own_business(world: World) -> None:
    world.customer(native_name="甬川检测站", latin_name="", uscc="", lei="")
    alike = world.customer(native_name="甬川检验测试站", latin_name="", uscc="", lei="")
    assert look_at([alike.party_id]) == 0
    again = world.customer(native_name="甬川检测站", latin_name="", uscc="", lei="")
    look_at([again.party_id])
    assert IdentityCandidate.objects.filter(right_id=again.party_id, score=1).count() == 1, "one name twice is compliance's as well"


def test_a_registration_asks_the_workers_and_everybody_is_looked_at_at_night(world: World, both: tuple[Customer, Customer]) -> None:
    data = data_of(both[0])
    made = customers.register_customer(by=world.filer, data=data, form_key=new_ulid())
    assert Job.objects.filter(kind="identities", object_id=made.party_id).count() == 1
    work("identities")
    assert IdentityCandidate.objects.filter(
        left__in=[made.party_id, both[1].party_id], right__in=[made.party_id, both[1].party_id]
    ).exists()
    identities.look_nightly()
    identities.look_nightly()
    assert Job.objects.filter(kind="identities", object_id="all").count() == 1
    work("identities")
    assert IdentityCandidate.objects.filter(left_id=keys(both)[0], right_id=keys(both)[1]).exists()


def test_a_link_takes_two_people_and_both_are_screened_by_all_names(world: World, both: tuple[Customer, Customer]) -> None:
    mine, theirs = both
    row = said(world, both, "same")
    assert row.state == "proposed"
    assert linked() == {}
    with pytest.raises(NotAllowed):
        agreed(world, row, by="reviewer")
    touched = agreed(world, row)
    assert touched == {mine.party_id, theirs.party_id}
    assert one_entity([mine.party_id]) == touched
    wanted = {"甬川检测站", "甬川检验测试站", "Yongchuan Testing Station", "Yongchuan Testing Stations"}
    assert set(compared_names([mine.party_id])[mine.party_id]) == wanted
    assert set(dict(all_screened_names(all_screened()))[theirs.party_id]) == wanted
    for customer in both:
        before = customer.party.revision
        customer.party.refresh_from_db()
        assert customer.party.revision == before + 1, "it counts as unscreened until it was screened by these names too"


def test_a_listed_name_of_one_is_found_on_the_other_and_gone_when_they_are_parted(world: World) -> None:
    dated_list()
    mine = world.customer(native_name="甬川检测站", latin_name="", uscc="", lei="")
    theirs = world.customer("stranger", native_name="甬川检验测试站", latin_name=LISTED, uscc=CODE, lei="")
    agreed(world, said(world, (mine, theirs), "same"))
    assert CODE in screened([mine.party_id])[mine.party_id].codes
    screen_many([mine.party_id])
    mine.party.refresh_from_db()
    assert party_state(mine.party).state == "hit"
    page = client_of(world.filer).get(f"/d/customers/{mine.pk}/").content.decode()
    assert "Xinjiang" not in page
    with pytest.raises(DatabaseError), transaction.atomic():
        IdentityAnswer.objects.create(
            left_id=keys((mine, theirs))[0], right_id=keys((mine, theirs))[1], answer="different", needs_second=False, state="effective",
            reason="papers", explanation="alone", proposed_by=world.reviewer, proposed_proof_id="1", digest="0" * 64,
        )  # fmt: skip
    parted = said(world, (mine, theirs), "different", reason="other_number")
    assert parted.state == "proposed", "its end takes two people as well"
    agreed(world, parted)
    screen_many([mine.party_id])
    mine.party.refresh_from_db()
    assert party_state(mine.party).state == "clear"


def test_what_waits_goes_round_and_is_screened_at_once(world: World, both: tuple[Customer, Customer]) -> None:
    declaration = world.signed(world.draft(both[0]))
    Declaration.objects.filter(pk=declaration.pk).update(status="review")
    row = said(world, both, "same")
    identities.agree(row=row, by=world.lead, code=code_of(world.lead))
    declaration.refresh_from_db()
    assert declaration.status == "screening"
    assert set(Job.objects.filter(kind="rescreen").values_list("object_id", flat=True)) >= {one.party_id for one in both}


def test_a_concern_about_one_binds_the_other(world: World, both: tuple[Customer, Customer]) -> None:
    mine, theirs = both
    subject = flags.Subject(key=f"party:{theirs.party_id}", name="甬川检测站")
    flag = flags.raise_flag(fired=Fired("S04", 1, Severity.HIGH, {}), subject=subject, facts_key="notice", party=theirs.party)
    judged(flag.case, "confirm", "no_declaration", world.reviewer, world.second_reviewer)
    flag.refresh_from_db()
    assert flag.state == "confirmed"
    assert concerns_about(theirs.party_id) == (flag.case.number,)
    assert concerns_about(mine.party_id) == (), "two parties until two people say they are one"
    agreed(world, said(world, both, "same"))
    assert concerns_about(mine.party_id) == (flag.case.number,)
    screen_many([mine.party_id, theirs.party_id])
    declaration = world.signed(world.draft(mine))
    assert advance(declaration.pk) == "review"
    assert declaration.flags.get(rule="HELD").inputs["cases"] == flag.case.number
    agreed(world, said(world, both, "different", reason="other_number"))
    assert concerns_about(mine.party_id) == ()


def confirmed(world: World, row: Ownership) -> None:
    """The owner is screened, and two people say that it is the listed one."""
    work("rescreen")
    assert row.owner is not None
    raise_on_party(owner_facts(row.owner))
    judged(Case.objects.get(subject=f"party:{row.owner_id}"), "confirm", "listed_party", world.reviewer, world.lead)


def test_the_owners_of_one_are_owners_of_the_other(world: World, both: tuple[Customer, Customer]) -> None:
    """One distributor stated a listed owner; the other's row of the same entity has none of its own."""
    mine, theirs = both
    row = stated(world.stranger, theirs, latin_name=LISTED)
    declaration = world.signed(world.draft(mine))
    assert advance(declaration.pk) == "ready"
    confirmed(world, row)
    assert problem_with(declaration) == ""
    identities.agree(row=said(world, both, "same"), by=world.lead, code=code_of(world.lead))
    today = civil_today()
    assert owners_of([mine.party_id], today) == [row.owner_id]
    assert owned_by([str(row.owner_id)], today) == sorted([mine.party_id, theirs.party_id])
    assert over_each([mine.party_id], today) == {mine.party_id: {row.owner_id}}
    declaration.refresh_from_db()
    assert declaration.status == "screening"
    work("rescreen")
    assert advance(declaration.pk) == "review"
    declaration.refresh_from_db()
    assert Flag.objects.filter(declaration=declaration, rule="OWN5", state="open").exists()
    assert "decision" in problem_with(declaration)


def test_a_listing_of_one_owner_is_a_listing_of_whoever_is_one_with_it(world: World, both: tuple[Customer, Customer]) -> None:
    """Each distributor stated the owner as a row of its own, and people confirmed one of the two."""
    mine, theirs = both
    other, row = stated(world.filer, mine, latin_name=LISTED), stated(world.stranger, theirs, latin_name=LISTED)
    confirmed(world, row)
    left, right = sorted([str(row.owner_id), str(other.owner_id)])
    today = civil_today()
    assert owned_facts(mine.party, "end_user", today).listed == ()
    pair = (Customer(party_id=left), Customer(party_id=right))
    agreed(world, said(world, pair, "same"))
    facts = owned_facts(mine.party, "end_user", today)
    assert [share for _name, share, _entry in facts.listed] == ["60"]
    assert mine.party_id in owned_by_listed(today)


def test_three_are_one_by_two_links(world: World, both: tuple[Customer, Customer]) -> None:
    third = world.customer("stranger", native_name="甬川检测站二部", latin_name="", uscc="", lei="")
    agreed(world, said(world, both, "same"))
    agreed(world, said(world, (both[0], third), "same"))
    assert one_entity([third.party_id]) == {both[0].party_id, both[1].party_id, third.party_id}


def test_one_person_is_enough_for_what_changes_nothing_and_it_outlives_reruns(world: World, both: tuple[Customer, Customer]) -> None:
    look_at([both[0].party_id])
    row = said(world, both, "different", reason="other_place")
    assert row.state == "effective"
    look_at([both[0].party_id])
    address = "/c/parties/identities/"
    lead = client_of(world.lead)
    pk = IdentityCandidate.objects.get().pk
    assert f"{address}{pk}/" not in lead.get(f"{address}?state=open").content.decode()
    assert f"{address}{pk}/" in lead.get(f"{address}?state=different").content.decode()
    with pytest.raises(NotAllowed) as refused:
        said(world, both, "different", reason="other_place")
    assert refused.value.code == "answer"
    # A key field changes: it is asked again, with the difference.
    both[1].party.names.create(text="Yongchuan Clinic", script="Latn", kind="alias", position=9)
    assert f"{address}{pk}/" in lead.get(f"{address}?state=again").content.decode()
    assert "Yongchuan Clinic" in lead.get(f"{address}{pk}/").content.decode()


@pytest.mark.parametrize(
    ("changes", "field"), [({"answer": "perhaps"}, "answer"), ({"reason": "because"}, "reason"), ({"explanation": "so"}, "explanation")]
)
def test_what_cannot_be_is_said_at_the_field(world: World, both: tuple[Customer, Customer], changes: dict[str, str], field: str) -> None:
    with pytest.raises(NotAllowed) as refused:
        said(world, both, **{"answer": "unsure", **changes})
    assert refused.value.code == field


def test_a_proposal_holds_others_off_and_can_be_taken_back(world: World, both: tuple[Customer, Customer]) -> None:
    row = said(world, both, "same")
    with pytest.raises(StaleState):
        said(world, both, "unsure", by="lead")
    identities.void(row=row, by=world.reviewer)
    assert said(world, both, "unsure", by="lead").state == "effective"


def test_who_changed_since_the_proposal_is_answered_anew(world: World, both: tuple[Customer, Customer]) -> None:
    row = said(world, both, "same")
    both[0].party.names.create(text="Another Name", script="Latn", kind="alias", position=9)
    with pytest.raises(NotAllowed) as refused:
        agreed(world, row)
    assert refused.value.code == "digest"


@pytest.mark.parametrize(
    "statement",
    [
        "UPDATE certifications_identityanswer SET answer = 'unsure'",
        "UPDATE certifications_identityanswer SET state = 'voided'",
        "DELETE FROM certifications_identityanswer",
        "TRUNCATE certifications_identityanswer",
    ],
)
def test_postgresql_keeps_what_was_answered(world: World, both: tuple[Customer, Customer], statement: str) -> None:
    agreed(world, said(world, both, "same"))
    with pytest.raises(DatabaseError), transaction.atomic(), connection.cursor() as cursor:
        cursor.execute(statement)


def test_two_people_go_through_the_pages_and_no_distributor_learns_of_it(world: World, both: tuple[Customer, Customer]) -> None:
    empty = client_of(world.auditor).get("/c/parties/identities/").content.decode()
    assert "No pair here" in empty
    look_at([both[0].party_id])
    row = IdentityCandidate.objects.get()
    address = f"/c/parties/identities/{row.pk}/"
    before = [client_of(world.people[who]).get("/d/customers/").content for who in ("filer", "stranger")]
    first, second = client_of(world.reviewer), client_of(world.lead)
    listing = first.get("/c/parties/identities/").content.decode()
    assert address in listing
    assert "Nanjing Yuhua" in listing
    refused = first.post(address, {**WORDS, "answer": "same", "code": "000000"})
    assert refused.status_code == 422
    assert WORDS["explanation"] in refused.content.decode()
    assert first.post(address, {**WORDS, "answer": "same", "code": code_of(world.reviewer)}).status_code == 302
    assert Mail.objects.filter(template="second_person_for_identity", to_user_id=world.lead.pk).exists()
    assert first.post(address + "agree/", {"code": code_of(world.reviewer)}).status_code == 422
    assert second.post(address + "agree/", {"code": code_of(world.lead)}).status_code == 302
    assert one_entity([both[0].party_id]) == {both[0].party_id, both[1].party_id}
    assert "One entity with" in second.get(f"/c/parties/{both[0].party_id}/").content.decode()
    assert str(row.left_id) in second.get("/c/parties/identities/csv/").content.decode()
    for who, was in zip(("filer", "stranger"), before, strict=True):
        client = client_of(world.people[who])
        assert client.get(address).status_code == 404
        assert client.get("/c/parties/identities/").status_code == 404
        now = client.get("/d/customers/").content
        assert len(now) == len(was), "the list is the same to the letter but for its tokens"
