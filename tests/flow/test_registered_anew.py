"""Who changes its name, or is registered anew, sheds nothing: former names are compared, and what was confirmed of a number or a name stays."""

import pytest
from django.db import DatabaseError, connection, transaction

from certifications.declarations.queries import version_of
from certifications.flags import actions as flags
from certifications.flags.models import Flag
from certifications.flags.queries import concerns_about, holding
from certifications.flags.rules import Fired
from certifications.flags.rules.base import Severity
from certifications.flow import customers
from certifications.flow.advance import advance
from certifications.flow.facts import declaration_facts
from certifications.flow.release import problem_with
from certifications.ledger.days import civil_today
from certifications.ledger.ids import new_ulid
from certifications.ledger.moves import NotAllowed
from certifications.parties import identities as room
from certifications.parties.aliases import all_screened, all_screened_names
from certifications.parties.alike import alike, beside, borne_on, earlier_alike
from certifications.parties.identities import needs_second
from certifications.parties.linked import linked
from certifications.parties.models import Customer, Party
from certifications.parties.models_former import FormerKey
from certifications.parties.queries import data_of
from certifications.parties.rules import CustomerData
from certifications.resolution.engine import Asked, look
from certifications.screening.actions import screen_many
from certifications.screening.engine import screened
from certifications.screening.queries import party_state
from tests.flags.decisions import judged
from tests.flow.steps import dated_list, work
from tests.flow.test_identities import CODE, agreed, said
from tests.parties.owning import LISTED
from tests.world import World, client_of

pytestmark = pytest.mark.django_db


def renamed(world: World, customer: Customer, by: str = "filer", **changes: str) -> None:
    """The distributor's own change, by the real action."""
    data = CustomerData(**{**data_of(Customer.objects.get(pk=customer.pk)).__dict__, **changes})
    customers.edit_customer(customer=customer, by=world.people[by], data=data)
    customer.party.refresh_from_db()


def concern(world: World, customer: Customer) -> Flag:
    """Two people confirm a grave concern about the customer in a case on evidence."""
    subject = flags.Subject(key=f"party:{customer.party_id}", name="甬川检测站")
    flag = flags.raise_flag(fired=Fired("S04", 1, Severity.HIGH, {}), subject=subject, facts_key="notice", party=customer.party)
    judged(flag.case, "confirm", "no_declaration", world.reviewer, world.second_reviewer)
    return flag


def test_a_party_that_renamed_itself_away_from_a_hit_is_found_by_its_former_name(world: World) -> None:
    dated_list()
    customer = world.customer(native_name="", latin_name=LISTED, uscc="", lei="")
    screen_many([customer.party_id])
    assert party_state(customer.party).state == "hit"
    renamed(world, customer, latin_name="Yongchuan Garden Supplies")
    work("rescreen")
    state = party_state(customer.party)
    assert state.state == "hit"
    assert state.findings[0].party_name == LISTED
    for who, address in (("filer", f"/d/customers/{customer.pk}/"), ("reviewer", f"/c/parties/{customer.party_id}/")):
        page = client_of(world.people[who]).get(address).content.decode()
        assert "Former name" in page
        assert LISTED in page


def test_a_former_number_is_compared_and_found_too(world: World) -> None:
    customer = world.customer(native_name="甬川检测站", latin_name="", uscc=CODE, lei="")
    renamed(world, customer, uscc="")
    assert CODE in screened([customer.party_id])[customer.party_id].codes
    assert [row.party_id for row in look([Asked("buyer", "无人知晓的名称", CODE)])[0]] == [customer.party_id]


def test_a_former_name_in_evidence_means_the_party(world: World) -> None:
    customer = world.customer(native_name="甬川检测站", latin_name="", uscc="", lei="")
    renamed(world, customer, native_name="江北园艺用品店")
    found = look([Asked("buyer", "甬川检测站")])[0]
    assert found[0].party_id == customer.party_id
    assert found[0].is_exact


def test_a_former_name_of_a_restricted_class_reads_as_before(world: World) -> None:
    customer = world.customer(native_name="绍兴市公安局", latin_name="", division="330600", uscc="", lei="")
    renamed(world, customer, native_name="绍兴园艺用品店")
    declaration = world.signed(world.draft(customer, place_division="330600"))
    classes = declaration_facts(declaration, version_of(declaration), civil_today()).buyer.classes
    assert "police" in classes


def test_names_of_sites_that_were_written_otherwise_are_kept(world: World) -> None:
    from certifications.parties import card
    from certifications.parties.rules_card import SiteData

    customer = world.customer(uscc="", lei="")
    place = SiteData(native_name="", latin_name=LISTED, address="1 Garden Road", country="CN", division="330200", activity="")
    site = card.add_site(customer=customer, by=world.filer, data=place)
    card.change_site(customer=customer, by=world.filer, site=site, data=SiteData(**{**place.__dict__, "latin_name": "Garden Annex"}))
    assert LISTED in screened([customer.party_id])[customer.party_id].names


def test_a_name_that_came_back_is_shown_once(world: World) -> None:
    from certifications.parties.former import former_of

    customer = world.customer(native_name="甬川检测站", latin_name="", uscc="", lei="")
    renamed(world, customer, native_name="江北园艺用品店")
    renamed(world, customer, native_name="甬川检测站")
    assert [row.text for row in former_of(customer.party)] == ["江北园艺用品店"]


@pytest.mark.parametrize("by", ["filer", "stranger"])
@pytest.mark.parametrize("changes", [{"uscc": CODE, "native_name": "江北园艺用品店"}, {"native_name": "甬川 检测站"}])
def test_a_customer_registered_anew_sheds_no_concern(world: World, by: str, changes: dict[str, str]) -> None:
    first = world.customer(native_name="甬川检测站", latin_name="", uscc=CODE, lei="")
    flag = concern(world, first)
    anew = world.customer(by, **{"latin_name": "", "uscc": "", "lei": "", **changes})
    assert concerns_about(anew.party_id) == (flag.case.number,)
    screen_many([anew.party_id, first.party_id])
    signer = {"filer": "signatory", "stranger": "stranger"}[by]
    if by == "filer":
        declaration = world.signed(world.draft(anew), by=signer)
        assert advance(declaration.pk) == "review"
        assert declaration.flags.get(rule="HELD").inputs["cases"] == flag.case.number
        assert "concern" in problem_with(declaration) or "flag" in problem_with(declaration)
    page = client_of(world.reviewer).get(f"/c/parties/{anew.party_id}/").content.decode()
    assert "Same number or same name" in page
    assert flag.case.number in page
    own = client_of(world.people[by]).get(f"/d/customers/{anew.pk}/").content.decode()
    assert flag.case.number not in own
    assert "Same number" not in own


def test_a_hit_confirmed_in_a_declaration_counts_for_who_is_registered_anew_under_the_number(world: World) -> None:
    first = world.customer(native_name="甬川检测站", latin_name="", uscc=CODE, lei="")
    subject = flags.Subject(key="declaration:x", name="甬川检测站", declaration=world.signed(world.draft(first)))
    flag = flags.raise_flag(fired=Fired("LIST", 1, Severity.HIGH, {"finding": "f"}), subject=subject, facts_key="f", party=first.party)
    judged(flag.case, "confirm", "listed_party", world.reviewer, world.second_reviewer)
    anew = world.customer("stranger", native_name="江北园艺用品店", latin_name="", uscc=CODE, lei="")
    assert concerns_about(anew.party_id) == (flag.case.number,)


def test_who_is_registered_anew_is_screened_by_the_earlier_names_and_never_the_other_way_round(world: World) -> None:
    first = world.customer(native_name="甬川检测站", latin_name=LISTED, uscc=CODE, lei="")
    anew = world.customer("stranger", native_name="江北园艺用品店", latin_name="", uscc=CODE, lei="")
    held = screened([first.party_id, anew.party_id])
    assert LISTED in held[anew.party_id].names
    assert "江北园艺用品店" not in held[first.party_id].names
    assert earlier_alike() == {anew.party_id: {first.party_id}}


def test_an_equal_name_under_two_credit_codes_is_two_firms(world: World) -> None:
    one = world.customer(native_name="甬川检测站", latin_name="", uscc=CODE, lei="")
    other = world.customer("stranger", native_name="甬川检测站", latin_name="", uscc="91330103311245785N", lei="")
    assert alike([one.party_id, other.party_id]) == {}


def test_only_two_people_part_what_has_one_number_and_then_it_is_free(world: World) -> None:
    first = world.customer(native_name="甬川检测站", latin_name="", uscc=CODE, lei="")
    concern(world, first)
    anew = world.customer("stranger", native_name="江北园艺用品店", latin_name="", uscc=CODE, lei="")
    left, right = room.pair(first.party_id, anew.party_id)
    with pytest.raises(DatabaseError, match="two people part"), transaction.atomic():
        room.IdentityAnswer.objects.create(
            left_id=left, right_id=right, answer="different", needs_second=False, state="effective",
            reason="papers", explanation="alone", proposed_by=world.reviewer, proposed_proof_id="1", digest="0" * 64,
        )  # fmt: skip
    row = said(world, (first, anew), "different", reason="other_number")
    assert row.state == "proposed"
    assert concerns_about(anew.party_id)
    assert agreed(world, row) == {first.party_id, anew.party_id}
    assert concerns_about(anew.party_id) == ()
    assert "甬川检测站" not in screened([anew.party_id])[anew.party_id].names


def test_postgresql_keeps_what_a_party_was_called(world: World) -> None:
    customer = world.customer(native_name="甬川检测站", latin_name="", uscc=CODE, lei="")
    with connection.cursor() as cursor:
        for table, column in (("partyname", "text"), ("identifier", "value")):
            cursor.execute(f"UPDATE certifications_{table} SET {column} = 'X' WHERE party_id = %s", [customer.party_id])
        cursor.execute("SET CONSTRAINTS ALL IMMEDIATE")
    assert set(FormerKey.objects.values_list("kind", "text")) == {("name", "甬川检测站"), ("uscc", CODE)}
    with pytest.raises(DatabaseError), transaction.atomic(), connection.cursor() as cursor:
        cursor.execute("DELETE FROM certifications_formerkey")


def test_the_same_form_of_a_removed_customer_leaves_its_findings_behind_for_the_next(world: World) -> None:
    dated_list()
    first = world.customer(native_name="", latin_name=LISTED, uscc=CODE, lei="")
    screen_many([first.party_id])
    from certifications.parties.actions import remove_customer

    remove_customer(customer=first, by=world.filer)
    anew = customers.register_customer(
        by=world.filer,
        data=CustomerData("江北园艺用品店", "", "CN", "1 Garden Road", "Gardens", division="330200", uscc=CODE),
        form_key=new_ulid(),
    )
    work("rescreen")
    assert party_state(anew.party).state == "hit"


@pytest.mark.parametrize("later_is_flagged", [True, False])
def test_an_open_flag_holds_who_came_later_and_never_who_was_there_before(world: World, later_is_flagged: bool) -> None:  # noqa: FBT001
    first = world.customer(native_name="甬川检测站", latin_name="", uscc=CODE, lei="")
    anew = world.customer("stranger", native_name="江北园艺用品店", latin_name="", uscc=CODE, lei="")
    flagged, other = (anew, first) if later_is_flagged else (first, anew)
    subject = flags.Subject(key=f"party:{flagged.party_id}", name="甬川检测站")
    flags.raise_flag(fired=Fired("S04", 1, Severity.HIGH, {}), subject=subject, facts_key="notice", party=flagged.party)
    assert (flagged.party_id in borne_on([other.party_id])) is not later_is_flagged
    if later_is_flagged:
        # Another distributor cannot hold what stands here by registering and declaring a row of its own.
        screen_many([first.party_id, anew.party_id])
        declaration = world.signed(world.draft(first))
        assert advance(declaration.pk) == "ready"
        assert problem_with(declaration) == ""


def linked_by_two(world: World, one: Customer, other: Customer) -> None:
    agreed(world, said(world, (one, other), "same"))


@pytest.fixture
def chain(world: World) -> tuple[Customer, Customer]:
    """One with a concern that two people said is one entity with a second; and a third, registered anew under the second's number."""
    first = world.customer(native_name="甬川检测站", latin_name="", uscc=CODE, lei="")
    other = world.customer("stranger", native_name="稽山仪器中心", latin_name=LISTED, uscc="", lei="")
    linked_by_two(world, first, other)
    anew = world.customer(native_name="江北园艺用品店", latin_name="", uscc=CODE, lei="")
    return other, anew


def test_a_link_of_two_people_is_not_shed_by_registering_anew(world: World, chain: tuple[Customer, Customer]) -> None:
    other, anew = chain
    flag = concern(world, other)
    assert concerns_about(anew.party_id) == (flag.case.number,)
    assert other.party_id in borne_on([anew.party_id])
    assert LISTED in screened([anew.party_id])[anew.party_id].names
    assert other.party_id in all_screened()[anew.party_id]
    assert LISTED in dict(all_screened_names(all_screened()))[anew.party_id]


def revision_of(customer: Customer) -> int:
    return Party.objects.get(pk=customer.party_id).revision


@pytest.mark.parametrize("how", ["edit", "alias", "site", "link", "unsure"])
def test_whoever_is_screened_by_a_name_is_screened_again_however_it_came(world: World, how: str) -> None:
    from certifications.flow import aliases, cards, identities
    from certifications.parties.rules_card import SiteData
    from tests.world import code_of

    first = world.customer(native_name="甬川检测站", latin_name="", uscc=CODE, lei="")
    anew = world.customer("stranger", native_name="江北园艺用品店", latin_name="", uscc=CODE, lei="")
    twin = world.customer("stranger", native_name="稽山仪器中心", latin_name="", uscc="", lei="")
    linked_by_two(world, anew, twin)
    if how == "unsure":
        agreed(world, said(world, (first, anew), "different", reason="other_number"))
    work("rescreen", "identities")
    before = [revision_of(one) for one in (first, anew, twin)]
    if how == "edit":
        renamed(world, first, latin_name=LISTED)
    elif how == "alias":
        words = {"text": LISTED, "reason": "registry", "explanation": "The register of 2 May names it so."}
        held = aliases.propose(party=first.party, by=world.reviewer, code=code_of(world.reviewer), **words)
        aliases.agree(alias=held, by=world.lead, code=code_of(world.lead))
    elif how == "site":
        place = SiteData(native_name="", latin_name=LISTED, address="1 Garden Road", country="CN", division="330200", activity="")
        cards.add_site(customer=first, by=world.filer, data=place)
    elif how == "link":
        named = world.customer(native_name="海曙花木商行", latin_name=LISTED, uscc="", lei="")
        identities.agree(row=said(world, (first, named), "same"), by=world.lead, code=code_of(world.lead))
    else:
        left, right = room.pair(first.party_id, anew.party_id)
        words = {"answer": "unsure", "reason": "not_enough", "explanation": "The licence that was shown is not the one."}
        identities.answer(left=left, right=right, by=world.reviewer, code=code_of(world.reviewer), **words)
    # No request of one distributor touches what another registered.
    assert how == "link" or [revision_of(anew), revision_of(twin)] == before[1:]
    work("identities")
    assert revision_of(anew) > before[1]
    assert revision_of(twin) > before[2], "and whoever is one entity with it"
    assert party_state(Party.objects.get(pk=anew.party_id)).state == "waiting"
    work("rescreen")
    assert party_state(Party.objects.get(pk=anew.party_id)).state != "waiting"


def test_what_one_person_said_before_parts_nobody_and_two_may_say_it_again(world: World) -> None:
    first = world.customer(native_name="甬川检测站", latin_name="", uscc=CODE, lei="")
    anew = world.customer("stranger", native_name="江北园艺用品店", latin_name="", uscc="", lei="")
    left, right = room.pair(first.party_id, anew.party_id)
    # On record from before that took two people: on what the two are called, and numbered, now.
    keys_now = room.keys_of([left, right])
    keys_now[anew.party_id]["numbers"] = [CODE]
    room.IdentityAnswer.objects.create(
        left_id=left, right_id=right, answer="different", needs_second=False, state="effective", keys=keys_now,
        reason="papers", explanation="one person alone", proposed_by=world.reviewer, proposed_proof_id="1", digest="0" * 64,
    )  # fmt: skip
    renamed(world, anew, by="stranger", uscc=CODE)
    assert room.keys_of([left, right]) == keys_now
    assert alike([left]) == {left: {right}}
    agreed(world, said(world, (first, anew), "different", reason="other_number"))
    assert alike([left]) == {}
    with pytest.raises(NotAllowed, match="answered so already"):
        said(world, (first, anew), "different", reason="other_number")


def test_one_name_is_parted_by_two_people_too(world: World) -> None:
    one = world.customer(native_name="甬川检测站", latin_name="", uscc=CODE, lei="")
    other = world.customer("stranger", native_name="甬川检测站", latin_name="", uscc="", lei="")
    left, right = room.pair(one.party_id, other.party_id)
    words = {"answer": "different", "needs_second": False, "state": "effective", "reason": "papers", "explanation": "alone"}
    with pytest.raises(DatabaseError, match="two people part"), transaction.atomic():
        room.IdentityAnswer.objects.create(
            left_id=left, right_id=right, proposed_by=world.reviewer, proposed_proof_id="1", digest="0" * 64, **words
        )
    renamed(world, other, by="stranger", uscc="91330103311245785N")
    room.IdentityAnswer.objects.create(
        left_id=left, right_id=right, proposed_by=world.reviewer, proposed_proof_id="1", digest="0" * 64, **words
    )


def test_what_a_laboratory_was_called_is_compared_and_makes_nobody_alike(world: World) -> None:
    from certifications.flow import cards
    from certifications.parties.rules_card import LaboratoryData

    both = [
        world.customer(by, native_name=name, latin_name="", uscc="", lei="")
        for by, name in (("filer", "甬川检测站"), ("stranger", "稽山仪器中心"))
    ]
    for customer, by in zip(both, ("filer", "stranger"), strict=True):
        site = customer.party.sites.get()
        cards.put_laboratory(customer=customer, site=site, by=world.people[by], data=LaboratoryData("PCR Laboratory", "", ""))
        held = site.laboratories.get()
        cards.put_laboratory(
            customer=customer, site=site, by=world.people[by], data=LaboratoryData("Gene Laboratory", "", ""), laboratory=held
        )
    assert set(FormerKey.objects.values_list("kind", "text")) == {("place", "PCR Laboratory")}
    assert "PCR Laboratory" in screened([both[0].party_id])[both[0].party_id].names
    assert alike() == {}
    assert "Former name of a site" in client_of(world.filer).get(f"/d/customers/{both[0].pk}/").content.decode()


def test_the_same_distributor_keeps_no_clean_row_ready(world: World) -> None:
    ready = world.customer(native_name="江北园艺用品店", latin_name="", uscc=CODE, lei="")
    later = world.customer(native_name="甬川检测站", latin_name=LISTED, uscc=CODE, lei="")
    assert earlier_alike()[ready.party_id] == {later.party_id}
    assert LISTED in screened([ready.party_id])[ready.party_id].names
    before = revision_of(ready)
    renamed(world, later, native_name="甬川检测所")
    work("identities")
    assert revision_of(ready) == before + 1


def test_a_number_of_another_sort_is_no_sign_of_one_party(world: World) -> None:
    one = world.customer(native_name="甬川检测站", latin_name="", uscc="", lei="")
    other = world.customer("stranger", native_name="稽山仪器中心", latin_name="", uscc="", lei="")
    for customer in (one, other):
        customer.party.identifiers.create(scheme="other", value="12345678")
    assert alike() == {}
    assert needs_second(*room.pair(one.party_id, other.party_id), "different") is False


def test_a_hit_confirmed_in_a_later_rows_declaration_holds_orders_and_letters_of_the_earlier(world: World) -> None:
    first = world.customer(native_name="甬川检测站", latin_name="", uscc=CODE, lei="")
    anew = world.customer("stranger", native_name="江北园艺用品店", latin_name="", uscc=CODE, lei="")
    subject = flags.Subject(
        key="declaration:x", name="甬川检测站", declaration=world.signed(world.draft(anew, by="stranger"), by="stranger")
    )
    flag = flags.raise_flag(fired=Fired("LIST", 1, Severity.HIGH, {"finding": "f"}), subject=subject, facts_key="f", party=anew.party)
    judged(flag.case, "confirm", "listed_party", world.reviewer, world.second_reviewer)
    assert concerns_about(first.party_id) == (flag.case.number,)
    shared, together = alike([first.party_id]), linked()
    others = beside([first.party_id], shared, together)
    assert others == {anew.party_id}
    assert holding(declaration_ids=(), party_ids=(), confirmed_of=others, others=others) == {anew.party_id}
    assert holding(declaration_ids=(), party_ids=(), confirmed_of=[anew.party_id]) == set(), "its own is found of it anew"
