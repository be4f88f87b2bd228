"""The register on pages: two times, filters, record and renew word for word, corrections, papers, two people, CSV that runs nothing."""

import datetime as dt
import re
from typing import Any

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.test import Client
from django.utils import timezone

from certifications.mail.models import Mail
from certifications.parties import register
from certifications.parties.models import PartyName
from certifications.parties.models_register import Authorisation, AuthorisationChange, RiskSet
from certifications.people.models import FactorProof
from tests.parties.rights import DAY, TODAY, changed, entered, party, proposed
from tests.world import World, client_of, code_of

pytestmark = pytest.mark.django_db
INDEX, NEW = "/c/register/", "/c/register/new/"


@pytest.fixture
def held(world: World) -> Authorisation:
    """The right of Qinglan."""
    return world.qinglan.party.authorisations.get()


def text(client: Client, address: str, status: int = 200) -> str:
    """The page without tags and with single blanks."""
    answer = client.get(address)
    assert answer.status_code == status
    return plain(answer)


def plain(answer: Any) -> str:
    return " ".join(re.sub(r"<[^>]+>", " ", answer.content.decode()).split())


def given(world: World, **more: Any) -> dict[str, Any]:
    """The form of an authorisation for Yuhua's party, in Anhui from today."""
    stranger = world.stranger.organisation
    assert stranger is not None
    return {
        "party": stranger.party.pk, "lines": ["analysers"], "divisions": "安徽省", "valid_from": TODAY.isoformat(),
        "valid_until": (TODAY + 300 * DAY).isoformat(), "conditions": "To hospitals alone.", **more,
    }  # fmt: skip


def test_the_list_shows_who_may_sell_what_where_and_finds_by_line_and_place(world: World, held: Authorisation) -> None:
    client = client_of(world.reviewer)
    assert held.number in text(client, INDEX)
    assert held.number in text(client, f"{INDEX}?line=kits&division=宁波&standing=authorised&q=Qinglan")
    assert held.number not in text(client, f"{INDEX}?line=kits&division=650100")
    assert held.number not in text(client, f"{INDEX}?q=nobody")
    assert "Nothing on the register fits" in text(client, f"{INDEX}?q=nobody")
    assert held.number in text(client, f"{INDEX}?standing=not_yet&on={(TODAY - 300 * DAY).isoformat()}")


@pytest.mark.parametrize("sort", register.SORTS)
def test_every_order_holds_every_row(world: World, held: Authorisation, sort: str) -> None:
    assert held.number in text(client_of(world.auditor), f"{INDEX}?sort={sort}")


def test_a_day_and_a_moment_that_cannot_be_read_are_named_and_today_is_shown(world: World, held: Authorisation) -> None:
    client = client_of(world.reviewer)
    assert held.number in text(client, f"{INDEX}?on=2026-13-99", 422)
    tomorrow = (timezone.now() + dt.timedelta(days=1)).strftime("%Y-%m-%dT%H:%M")
    assert "Nobody knows yet what will be known then" in text(client, f"{INDEX}?known={tomorrow}", 422)
    assert client.get(f"{INDEX}?page=99999999999").status_code == 200


def test_as_known_before_it_was_entered_there_is_no_row(world: World) -> None:
    seller = party()
    made = entered(seller)
    early = (timezone.now() - dt.timedelta(days=2)).strftime("%Y-%m-%dT%H:%M")
    client = client_of(world.reviewer)
    assert made.number in text(client, INDEX)
    assert made.number not in text(client, f"{INDEX}?known={early}")
    assert "It was not on record at that moment." in text(client, f"/c/register/{made.number}/?known={early}")


def test_csv_holds_both_times_and_nothing_that_a_spreadsheet_runs(world: World) -> None:
    seller = party("=HYPERLINK(1)公司")
    made = entered(seller, conditions="@SUM(A1)")
    client = client_of(world.auditor)
    for address in ("/c/register/csv/", "/c/register/history/csv/"):
        body = client.get(f"{address}?q={made.number}").content.decode()
        assert "'=HYPERLINK(1)公司" in body
        assert "'@SUM(A1)" in body
        assert made.number in body
    assert TODAY.isoformat() in client.get("/c/register/csv/").content.decode()


def test_recording_is_checked_word_for_word_and_takes_a_fresh_factor(world: World) -> None:
    client = client_of(world.lead)
    before = Authorisation.objects.count()
    checked = client.post(NEW, given(world, step="check"))
    assert checked.status_code == 200
    assert "Anhui" in plain(checked)
    assert "To hospitals alone." in plain(checked)
    assert Authorisation.objects.count() == before
    wrong = client.post(NEW, given(world, step="record", code="000000", divisions="340000"))
    assert wrong.status_code == 422
    assert Authorisation.objects.count() == before
    done = client.post(NEW, given(world, step="record", code=code_of(world.lead), divisions="340000"), follow=True)
    assert "Recorded. It is known from this moment on." in plain(done)
    made = Authorisation.objects.latest("made_at")
    row = made.terms.get()
    assert (row.lines, row.countries, row.divisions, row.recorded_by) == (["analysers"], ["CN"], ["340000"], world.lead)
    assert FactorProof.objects.get(pk=row.proof_id).purpose == "register"
    told = Mail.objects.filter(template="authorisation_recorded")
    assert {mail.to_email for mail in told} == {world.stranger.email}
    assert made.number in told[0].subject


@pytest.mark.parametrize(
    ("more", "says"),
    [
        ({"lines": []}, "Choose at least one product line."),
        ({"divisions": "Atlantis"}, "No division has this name."),
        ({"divisions": "330000\n999999"}, "No division of China has the code 999999"),
        ({"divisions": "", "countries": []}, "Choose at least one country"),
        ({"valid_until": TODAY.isoformat()}, "ends before it begins"),
        ({"party": ""}, "This field is required."),
    ],
)
def test_what_is_wrong_is_named_and_nothing_typed_is_lost(world: World, more: dict[str, Any], says: str) -> None:
    before, proofs = Authorisation.objects.count(), FactorProof.objects.count()
    answer = client_of(world.lead).post(NEW, given(world, step="record", code="123456", **more))
    assert answer.status_code == 422
    assert says in plain(answer)
    assert "To hospitals alone." in plain(answer)
    assert Authorisation.objects.count() == before
    assert FactorProof.objects.count() == proofs


def test_an_overlap_is_named_with_its_row_before_a_factor_is_asked_for(world: World, held: Authorisation) -> None:
    answer = client_of(world.lead).post(NEW, given(world, party=held.party_id, lines=["kits"], divisions="宁波", step="check"))
    assert answer.status_code == 422
    assert f"{held.number} already covers" in plain(answer)
    assert f"or correct {held.number} to end earlier" in plain(answer)


def test_a_renewal_is_proposed_from_the_old_one_and_shows_what_changed(world: World, held: Authorisation) -> None:
    client, old = client_of(world.lead), held.terms.get()
    page = client.get(f"{NEW}?renews={held.number}").content.decode()
    assert f'value="{old.valid_until.isoformat()}"' in page
    assert "440000" in page
    form = {
        "lines": ["kits", "analysers"], "divisions": "330000\n440000\n510000\n340000", "valid_from": old.valid_until.isoformat(),
        "valid_until": (old.valid_until + 300 * DAY).isoformat(), "conditions": old.conditions, "step": "check",
    }  # fmt: skip
    checked = client.post(f"{NEW}?renews={held.number}", form)
    labels = re.findall(r"<dt>([^<]+)\s<span class=\"pill is-note\">changed", checked.content.decode())
    assert [label.strip() for label in labels] == ["Product lines", "First day", "First day after it"]
    client.post(f"{NEW}?renews={held.number}", {**form, "step": "record", "code": code_of(world.lead)})
    made = Authorisation.objects.get(renews=held)
    assert made.party == held.party
    assert made.number in text(client, f"/c/register/{held.number}/")


def test_a_correction_keeps_the_old_terms_readable(world: World, held: Authorisation) -> None:
    client, old = client_of(world.lead), held.terms.get()
    form = {
        "lines": ["kits"], "divisions": "330000", "valid_from": old.valid_from.isoformat(), "valid_until": old.valid_until.isoformat(),
        "conditions": "By order alone.", "reason": "The contract names Zhejiang alone", "step": "record", "code": code_of(world.lead),
    }  # fmt: skip
    assert client.post(f"/c/register/{held.number}/correct/", {**form, "reason": "typo"}).status_code == 422
    assert client.post(f"/c/register/{held.number}/correct/", form).status_code == 302
    page = text(client_of(world.auditor), f"/c/register/{held.number}/")
    assert "The contract names Zhejiang alone" in page
    assert "Sales to end users named in a cleared declaration alone." in page
    assert "By order alone." in page
    assert "The contract names Zhejiang alone" in text(client_of(world.auditor), "/c/register/history/")


def test_a_risk_set_ends_earlier_for_its_places_and_the_old_answer_outlives_its_edit(world: World) -> None:
    RiskSet.objects.create(
        code="WEST", title="Xinjiang and Tibet", title_zh="新疆和西藏", countries=["CN"], divisions=["650000", "540000"], most_days=90
    )
    client = client_of(world.lead)
    form = given(world, divisions="650000\n330000", step="record", code=code_of(world.lead))
    assert client.post(NEW, form).status_code == 302
    made = Authorisation.objects.latest("made_at")
    RiskSet.objects.update(divisions=["330000"])
    later = register.as_of(TODAY + 100 * DAY).one(made)
    assert later is not None
    assert later.ended_for("analysers", "CN", "650100", TODAY + 100 * DAY) == TODAY + 90 * DAY
    assert later.ended_for("analysers", "CN", "330200", TODAY + 100 * DAY) is None
    assert "Xinjiang and Tibet" in text(client, f"/c/register/{made.number}/")


def test_papers_are_kept_whole_and_only_papers(world: World, held: Authorisation) -> None:
    client, address = client_of(world.lead), f"/c/register/{held.number}/papers/"
    form = {"paper-kind": "contract", "paper-title": "Contract 4711", "paper-dated_on": TODAY.isoformat()}
    bad = client.post(address, {**form, "paper-file": SimpleUploadedFile("c.pdf", b"MZ\x00")})
    assert bad.status_code == 422
    assert "c.pdf is neither PDF, JPEG nor PNG" in plain(bad)
    assert client.post(address, {**form, "paper-file": SimpleUploadedFile("c.pdf", b"%PDF-1.7 x")}).status_code == 302
    assert client.post(address, {**form, "paper-file": SimpleUploadedFile("c.pdf", b"%PDF-1.7 x")}).status_code == 302
    found = held.documents.get()
    got = client_of(world.auditor).get(f"{address}{found.pk}/")
    assert (got.content, got.headers["Content-Type"]) == (b"%PDF-1.7 x", "application/pdf")
    assert "attachment" in got.headers["Content-Disposition"]
    assert client_of(world.reviewer).post(address, form).status_code == 404


def test_trainings_are_counted_and_show_when_they_are_over(world: World, held: Authorisation) -> None:
    client, address = client_of(world.lead), f"/c/register/{held.number}/trainings/"
    form = {"training-topic": "End-use checks", "training-held_on": (TODAY - 99 * DAY).isoformat(), "training-people": "4"}
    assert "ends before it was held" in plain(client.post(address, {**form, "training-good_until": (TODAY - 100 * DAY).isoformat()}))
    client.post(address, {**form, "training-good_until": TODAY.isoformat()})
    assert "End-use checks over" in text(client, f"/c/register/{held.number}/")


def test_suspension_takes_two_people_and_reaches_the_distributor_in_its_words(world: World, held: Authorisation) -> None:
    first, second = client_of(world.reviewer), client_of(world.second_reviewer)
    address = f"/c/register/{held.number}/"
    form = {
        "to": "suspended", "holds_from": TODAY.isoformat(), "reason": "report_overdue", "explanation": "The report of October is missing.",
        "public_reason": "Your report of October has not come in.",
    }  # fmt: skip
    short = first.post(f"{address}change/", {**form, "explanation": "short", "code": "1"})
    assert "at least 20 characters" in plain(short)
    assert first.post(f"{address}change/", {**form, "code": code_of(world.reviewer)}).status_code == 302
    change = AuthorisationChange.objects.get()
    assert "you proposed this change" in text(first, address).lower()
    own = first.post(f"{address}agree/", {"change": change.pk, "code": code_of(world.reviewer)})
    assert "another person must agree" in plain(own)
    assert second.post(f"{address}agree/", {"change": change.pk, "code": code_of(world.second_reviewer)}).status_code == 302
    assert "Suspended" in text(second, address)
    home = text(client_of(world.signatory), "/d/")
    assert "Authorisation suspended" in home
    assert "Your report of October has not come in." in home
    mails = Mail.objects.filter(template="authorisation_changed")
    assert {mail.to_email for mail in mails} == {world.people[who].email for who in ("filer", "signatory", "distributor_admin")}
    assert "report of October" not in "".join(mail.body + mail.subject for mail in mails)


def test_a_proposal_is_taken_back_or_refused(world: World, held: Authorisation) -> None:
    change = proposed(world, held, "revoked")
    client_of(world.lead).post(f"/c/register/{held.number}/void/", {"change": change.pk})
    change.refresh_from_db()
    assert (change.state, change.voided_by) == ("voided", world.lead)


def test_a_change_sends_what_waits_round_again(world: World, held: Authorisation) -> None:
    from certifications.flow.advance import advance
    from tests.flow.steps import dated_list

    assert dated_list
    declaration = world.signed()
    advance(declaration.pk)
    declaration.refresh_from_db()
    assert declaration.status == "ready"
    changed(world, held, "suspended")
    from certifications.flow.register import look_again

    look_again(held)
    declaration.refresh_from_db()
    assert declaration.status == "screening"
    advance(declaration.pk)
    assert declaration.flags.get(rule="S03").inputs["standing"] == "suspended"


def test_a_distributor_sees_its_own_and_nothing_of_a_rivals(world: World, held: Authorisation) -> None:
    own, rival = client_of(world.filer), client_of(world.stranger)
    assert held.number in text(own, "/d/rights/")
    assert "Sales to end users named" in text(own, f"/d/rights/{held.number}/")
    assert held.number not in text(rival, "/d/rights/")
    assert rival.get(f"/d/rights/{held.number}/").status_code == 404
    assert own.get(INDEX).status_code == 404
    assert client_of(world.regulator).get(f"/d/rights/{held.number}/").status_code == 404


def test_names_of_both_scripts_follow_the_page(world: World, held: Authorisation) -> None:
    client = client_of(world.reviewer)
    client.cookies["language"] = "zh-hans"
    page = client.get(INDEX, headers={"accept-language": "zh-hans"}).content.decode()
    assert "登记册" in page
    assert PartyName.objects.get(party=held.party, position=0).text in page
