"""A distributor asks for a letter in one form; everybody named is screened; nothing but people's decision issues it."""

import datetime as dt

import pytest
from django.db import DatabaseError, connection, transaction
from django.utils import timezone

from certifications.attestations.sealed import NotSealable
from certifications.flags.models import Flag
from certifications.flow import letters as flow
from certifications.flow.letter_policies import asked_of
from certifications.ledger.days import civil_today
from certifications.ledger.moves import NotAllowed
from certifications.letters import queries
from certifications.letters.models import Letter, LetterDecision
from certifications.mail.models import Mail
from certifications.parties.actions import Incomplete
from certifications.screening.models import ScreeningRun
from certifications.work.models import Job
from tests.catalogue.asked import held as policy_held
from tests.catalogue.asked import policy
from tests.flow.steps import work
from tests.parties.rights import changed
from tests.world import World, client_of, code_of, proof_for

from .asked import REASONS, asked, data, decided, released, waiting

pytestmark = pytest.mark.django_db
LISTED = "新疆维吾尔自治区公安厅"


def refused(statement: str, parameters: list[object]) -> str:
    with pytest.raises(DatabaseError) as caught, transaction.atomic(), connection.cursor() as cursor:
        cursor.execute(statement, parameters)
    return str(caught.value)


def test_everybody_named_is_screened_before_anybody_may_release(world: World) -> None:
    letter = waiting(world, others=("宁波采购代理有限公司",))
    assert letter.status == "waiting"
    named = set(letter.parties.values_list("party", flat=True))
    assert len(named) == 2
    assert set(ScreeningRun.objects.filter(party__in=named, state="done").values_list("party", flat=True)) == named
    assert Mail.objects.filter(template="letter_to_release").exists()
    assert flow.problems_with(letter) == []


def test_ones_own_customer_of_the_same_name_counts_for_the_buyer_and_nobody_elses_does(world: World) -> None:
    own, _theirs = world.customer(), world.customer(by="stranger")
    letter = waiting(world, buyer_native="宁波江南医院")
    assert list(letter.parties.filter(role="customer").values_list("party", flat=True)) == [own.party_id]


def test_a_listed_buyer_waits_with_a_case_and_cannot_be_released(world: World) -> None:
    letter = waiting(world, buyer_native=LISTED, division="330200")
    assert Flag.objects.filter(rule="LIST", party__in=letter.parties.values("party"), state="open").exists()
    assert any("screened" in problem for problem in flow.problems_with(letter))
    with pytest.raises(NotAllowed):
        flow.decide(letter=letter, by=world.reviewer, outcome="release", code=code_of(world.reviewer))
    assert letter.decisions.count() == 0


def test_who_is_named_beside_the_buyer_stops_it_as_well(world: World) -> None:
    assert flow.problems_with(waiting(world, others=(LISTED,)))


def test_the_right_of_the_day_is_asked(world: World) -> None:
    letter = waiting(world, division="110100")
    assert any("authorisation" in problem for problem in flow.problems_with(letter))


def test_a_policy_that_refuses_stops_it_and_one_for_two_people_asks_for_two(world: World) -> None:
    letter = waiting(world)
    assert not asked_of(letter).needs_second
    policy_held(world, policy("two_people", title="Two look at Ningbo"))
    assert asked_of(letter).needs_second
    made = decided(letter, world.reviewer)
    assert (made.state, letter.status) == ("proposed", "waiting")
    policy_held(world, policy("refuse", title="None for Ningbo"))
    assert any("refuses" in problem for problem in flow.problems_with(letter))


def test_a_restricted_name_takes_two_people(world: World) -> None:
    letter = waiting(world, others=("绍兴市公安局",))
    assert asked_of(letter).needs_second


def test_one_person_releases_with_a_factor_bound_to_the_whole_letter(world: World) -> None:
    letter = waiting(world)
    made = flow.decide(letter=letter, by=world.reviewer, outcome="release", code=code_of(world.reviewer))
    letter.refresh_from_db()
    assert (made.state, letter.status) == ("effective", "issuing")
    assert work("letter")
    assert made.text.canonical.startswith("{")
    assert Job.objects.filter(kind="seal_letter", object_id=letter.pk, state="waiting").exists()


def test_refusing_tells_the_distributor_why_and_nothing_else(world: World) -> None:
    letter = waiting(world)
    flow.decide(letter=letter, by=world.reviewer, outcome="refuse", code=code_of(world.reviewer), **REASONS)
    letter.refresh_from_db()
    assert letter.status == "refused"
    assert Mail.objects.filter(template="letter_refused", to_user_id=world.filer.pk).exists()
    page = client_of(world.filer).get(f"/d/letters/{letter.number}/").content.decode()
    assert REASONS["public_reason"] in page


def test_a_hit_and_a_wait_look_the_same_to_the_distributor(world: World) -> None:
    clear, listed = waiting(world), waiting(world, buyer_native=LISTED)
    pages = [client_of(world.filer).get(f"/d/letters/{one.number}/").content.decode() for one in (clear, listed)]
    for page in pages:
        assert "Waiting for a decision" in page
        assert "finding" not in page
        assert "flag" not in page.replace("lang", "").replace("icons.svg#flag", "")


def test_the_same_form_twice_is_one_letter_and_every_problem_is_named(world: World) -> None:
    first = flow.ask(by=world.filer, data=data(world), form_key="0" * 26)
    assert flow.ask(by=world.filer, data=data(world), form_key="0" * 26).pk == first.pk
    with pytest.raises(Incomplete) as caught:
        asked(world, buyer_native="", project_no=" - ", goods=(), division="", valid_until=civil_today())
    assert {p.field for p in caught.value.problems} == {"buyer_native", "project_no", "goods", "division", "valid_until"}


def test_postgresql_lets_nobody_issue_change_or_remove_a_letter_by_hand(world: World) -> None:
    letter = waiting(world)
    assert "people decide" in refused("UPDATE certifications_letter SET status = 'issuing' WHERE id = %s", [letter.pk])
    assert "seal" in refused("UPDATE certifications_letter SET status = 'valid' WHERE id = %s", [letter.pk])
    assert "never changes" in refused("UPDATE certifications_letter SET project_no = 'X' WHERE id = %s", [letter.pk])
    assert refused("DELETE FROM certifications_letter WHERE id = %s", [letter.pk])
    made = decided(letter, world.reviewer)
    assert "never change" in refused("UPDATE certifications_letterdecision SET outcome = 'refuse' WHERE id = %s", [made.pk])
    assert "permission denied" in refused("INSERT INTO certifications_letterseal (letter_id) VALUES (%s)", [letter.pk])


def test_postgresql_takes_no_decision_of_two_in_one_piece(world: World) -> None:
    letter = waiting(world)
    words = {"outcome": "release", "reason": "letter", "explanation": "", "digest": "0" * 64}
    people = {"proposed_by": world.reviewer, "agreed_by": world.lead, "agreed_at": timezone.now()}
    with pytest.raises(DatabaseError, match="begins as proposed"), transaction.atomic():
        LetterDecision.objects.create(
            letter=letter, state="effective", needs_second=True, proposed_proof_id="P" * 26, agreed_proof_id="A" * 26, **words, **people
        )


def test_one_person_is_never_both(world: World) -> None:
    letter = waiting(world, others=("绍兴市公安局",))
    made = decided(letter, world.reviewer)
    with pytest.raises(NotAllowed) as caught:
        flow.agree(decision=made, by=world.reviewer, code=code_of(world.reviewer))
    assert caught.value.code == "same_person"
    assert "two_people" in refused(
        "UPDATE certifications_letterdecision SET state = 'effective', agreed_by_id = proposed_by_id, agreed_at = now(),"
        " agreed_proof_id = 'X' WHERE id = %s",
        [made.pk],
    )


def test_the_signer_seals_nothing_that_people_did_not_release(world: World) -> None:
    letter = released(world, others=("绍兴市公安局",))
    text = letter.decisions.get().text
    flow.check_sealable(letter, text, by_test_authority=True)
    other = proof_for(world.lead, "0" * 64, "letter")
    text.decision.agreed_proof_id = other.pk
    with pytest.raises(NotSealable):
        flow.check_sealable(letter, text, by_test_authority=True)


def test_what_changed_before_the_seal_takes_the_release_back(world: World) -> None:
    letter = released(world)
    changed(world, letter.organisation.party.authorisations.get(), "suspended")

    class Never:
        by_test_authority = True

        def __call__(self, pdf: bytes) -> object:
            raise AssertionError("it was sealed")

    flow.seal(letter.pk, Never())
    letter.refresh_from_db()
    assert letter.status == "waiting"
    assert refused("UPDATE certifications_letter SET status = 'issuing' WHERE id = %s", [letter.pk])


def test_withdrawing_ends_a_request_and_no_more(world: World) -> None:
    letter = waiting(world)
    client = client_of(world.filer)
    assert client.get(f"/d/letters/{letter.number}/withdraw/").status_code == 200
    client.post(f"/d/letters/{letter.number}/withdraw/")
    letter.refresh_from_db()
    assert letter.status == "withdrawn"
    assert queries.standing_of(letter) == "withdrawn"


def test_another_distributor_sees_nothing_of_it(world: World) -> None:
    letter = waiting(world)
    client = client_of(world.people["stranger"])
    assert client.get(f"/d/letters/{letter.number}/").status_code == 404
    assert letter.number not in client.get("/d/letters/").content.decode()
    assert letter.number not in client.get("/d/letters/csv/").content.decode()


def test_the_form_keeps_what_was_typed_and_asks(world: World) -> None:
    client = client_of(world.filer)
    sent = {
        "form_key": "1" * 26, "buyer_native": "宁波海曙妇幼保健院", "project_no": "NBHS-2026-0044", "goods": world.kit.pk, "country": "CN",
        "division": "宁波", "valid_until": str(civil_today() + dt.timedelta(days=30)), "language": "zh", "others": "甲方代理\n",
    }  # fmt: skip
    wrong = client.post("/d/letters/new/", {**sent, "valid_until": str(civil_today())})
    assert wrong.status_code == 422
    assert "NBHS-2026-0044" in wrong.content.decode()
    good = client.post("/d/letters/new/", sent)
    letter = Letter.objects.get()
    assert good.headers["Location"] == f"/d/letters/{letter.number}/"
    assert (letter.division, letter.others, letter.language) == ("330200", ["甲方代理"], "zh")


def test_compliance_decides_on_the_page_and_is_told_what_is_missing(world: World) -> None:
    letter, client = waiting(world), client_of(world.reviewer)
    address = f"/c/letters/{letter.number}/"
    page = client.get(address).content.decode()
    assert "&lt;input" not in page
    assert page.count('name="code"') == 2
    wrong = client.post(f"{address}decide/", {"refuse-outcome": "refuse", "refuse-explanation": "", "code": "000000"})
    assert wrong.status_code == 422
    assert letter.decisions.count() == 0
    done = client.post(f"{address}decide/", {"release-outcome": "release", "release-explanation": "", "code": code_of(world.reviewer)})
    assert done.status_code == 302
    letter.refresh_from_db()
    assert letter.status == "issuing"
    assert letter.number in client.get("/c/letters/?state=issuing").content.decode()
    assert letter.project_no in client.get("/c/letters/csv/").content.decode()


def test_the_second_person_agrees_on_the_page(world: World) -> None:
    letter = waiting(world, others=("绍兴市公安局",))
    made = decided(letter, world.reviewer)
    address = f"/c/letters/{letter.number}/"
    assert "another person must agree" in client_of(world.reviewer).get(address).content.decode()
    second = client_of(world.lead)
    assert second.post(f"{address}agree/", {"change": made.pk, "code": "000000"}).status_code == 422
    assert second.post(f"{address}agree/", {"change": made.pk, "code": code_of(world.lead)}).status_code == 302
    letter.refresh_from_db()
    assert letter.status == "issuing"
