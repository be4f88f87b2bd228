"""Resellers below a distributor: nominated, accepted hop by hop, approved by compliance, and never wider than what is above."""

import re
from dataclasses import replace
from typing import Any

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.db import DatabaseError, connection, transaction

from certifications.flow import resellers as flow
from certifications.flow.register import ending, record
from certifications.flow.resolution import find_seller
from certifications.ledger.ids import new_ulid
from certifications.ledger.moves import NotAllowed
from certifications.mail.models import Mail
from certifications.parties import register
from certifications.parties.authorising import correct, data_of, record_authorisation
from certifications.parties.models import Customer
from certifications.parties.models_register import Authorisation, RiskSet
from certifications.parties.models_resellers import Acceptance, Nomination
from certifications.parties.rules_register import TermsData
from certifications.screening.actions import screen_party
from tests.pages.test_register_pages import plain, text
from tests.parties.rights import DAY, TODAY, changed, entered, party
from tests.world import World, client_of, code_of

pytestmark = pytest.mark.django_db
HUAIHE = "蚌埠淮禾仪器有限公司"


@pytest.fixture
def reseller(world: World) -> Customer:
    """A reseller among Qinglan's customers, screened."""
    made = world.customer(
        native_name=HUAIHE, latin_name="Bengbu Huaihe Instruments", kind="reseller", division="340300", address="蚌埠市东海大道 1 号"
    )
    screen_party(made.party)
    return made


@pytest.fixture
def top(world: World) -> Authorisation:
    return world.qinglan.party.authorisations.get()


def form(reseller: Customer, parent: Authorisation, **more: Any) -> dict[str, Any]:
    return {
        "form_key": new_ulid(), "party": reseller.party_id, "parent": parent.pk, "lines": ["kits"], "divisions": "340300",
        "valid_from": TODAY.isoformat(), "valid_until": (TODAY + 100 * DAY).isoformat(), "conditions": "By order alone.", **more,
    }  # fmt: skip


def nominated(world: World, reseller: Customer, parent: Authorisation, **more: Any) -> Nomination:
    answer = client_of(world.filer).post("/d/rights/nominate/", form(reseller, parent, **more))
    assert answer.status_code == 302, plain(answer)
    return Nomination.objects.latest("nominated_at")


def address(held: Nomination, what: str = "") -> str:
    return f"/d/rights/nominations/{held.number}/{what}"


def accepted(world: World, held: Nomination) -> None:
    """The distributor by factor, everybody below it on paper."""
    client_of(world.signatory).post(address(held, "accept/"), {"code": code_of(world.signatory)})
    while Nomination.objects.get(pk=held.pk).status == "open":
        paper = {"signed_name": "陈一，总经理", "signed_on": TODAY.isoformat(), "file": SimpleUploadedFile("a.pdf", b"%PDF-1.7 signed")}
        answer = client_of(world.filer).post(address(held, "paper/"), paper)
        assert answer.status_code == 302, plain(answer)


def approved(world: World, held: Nomination) -> Authorisation:
    answer = client_of(world.reviewer).post(f"/c/register/nominations/{held.number}/approve/", {"code": code_of(world.reviewer)})
    assert answer.status_code == 302, plain(answer)
    made = Nomination.objects.get(pk=held.pk).authorisation
    assert made is not None
    return made


def test_the_whole_way_of_a_reseller(world: World, reseller: Customer, top: Authorisation) -> None:
    held = nominated(world, reseller, top)
    assert [mail.to_email for mail in Mail.objects.filter(template="terms_to_accept")] == [world.signatory.email]
    page = text(client_of(world.signatory), address(held))
    assert "Sales to end users named in a cleared declaration alone." in page
    assert "I accept the inherited terms" in page
    # The reseller's paper cannot come before the distributor's own word.
    early = client_of(world.filer).post(
        address(held, "paper/"), {"signed_name": "x", "signed_on": TODAY.isoformat(), "file": SimpleUploadedFile("a.pdf", b"%PDF-1.7")}
    )
    assert "has accounts here and accepts for itself" in plain(early)
    assert client_of(world.filer).post(address(held, "accept/"), {"code": code_of(world.filer)}).status_code == 404
    accepted(world, held)
    assert Acceptance.objects.filter(nomination=held).count() == 2
    assert {m.to_email for m in Mail.objects.filter(template="nomination_to_approve")} >= {world.reviewer.email, world.lead.email}
    assert find_seller(name=HUAIHE, valid_on=TODAY).kind == "never"
    made = approved(world, held)
    assert find_seller(name=HUAIHE, line="kits", division="340300", valid_on=TODAY).kind == "authorised"
    assert find_seller(name=HUAIHE, line="kits", division="330200", valid_on=TODAY).kind == "elsewhere"
    assert made.parent == top
    assert HUAIHE not in "".join(m.subject + m.body for m in Mail.objects.all())
    tree = text(client_of(world.filer), "/d/rights/")
    assert "Bengbu Huaihe Instruments" in tree
    assert made.number in text(client_of(world.auditor), f"/c/register/{top.number}/")
    got = client_of(world.auditor).get(f"/c/register/nominations/{held.number}/papers/1/")
    assert got.content == b"%PDF-1.7 signed"


def test_a_second_tier_is_accepted_by_every_holder_above(world: World, reseller: Customer, top: Authorisation) -> None:
    first = nominated(world, reseller, top)
    accepted(world, first)
    middle = approved(world, first)
    second = world.customer(
        native_name="淮南八公山试剂有限公司", latin_name="Bagongshan Reagents", kind="reseller", division="340400", address="淮南市 2 号"
    )
    screen_party(second.party)
    wide = client_of(world.filer).post("/d/rights/nominate/", form(second, middle, divisions="340400"))
    assert wide.status_code == 422
    assert "does not reach 340400" in plain(wide)
    held = nominated(world, second, middle)
    assert len(held.inherited) == 2
    accepted(world, held)
    assert [(one.hop, bool(one.proof_id)) for one in held.acceptances.all()] == [(0, True), (1, False), (2, False)]
    below = approved(world, held)
    entry = register.today().one(below)
    assert entry is not None
    assert [row.authorisation for row in entry.above] == [middle, top]


@pytest.mark.parametrize(
    ("more", "says"),
    [
        ({"lines": ["kits", "analysers"], "divisions": "650000"}, "does not reach 650000"),
        ({"valid_until": (TODAY + 3000 * DAY).isoformat()}, "five years at most"),
        ({"valid_until": (TODAY + 400 * DAY).isoformat()}, "The right above ends on"),
        ({"divisions": ""}, "Choose at least one country"),
    ],
)
def test_nothing_wider_or_longer_is_nominated(
    world: World, reseller: Customer, top: Authorisation, more: dict[str, Any], says: str
) -> None:
    answer = client_of(world.filer).post("/d/rights/nominate/", form(reseller, top, **more))
    assert answer.status_code == 422
    assert says in plain(answer)
    assert not Nomination.objects.exists()


def test_the_same_form_twice_is_one_nomination(world: World, reseller: Customer, top: Authorisation) -> None:
    key = new_ulid()
    for _ in range(2):
        nominated(world, reseller, top, form_key=key)
    assert Nomination.objects.count() == 1


def test_a_rival_can_nominate_below_no_right_of_mine_and_sees_nothing(world: World, reseller: Customer, top: Authorisation) -> None:
    held = nominated(world, reseller, top)
    rival = client_of(world.stranger)
    assert rival.get(address(held)).status_code == 404
    assert rival.post(address(held, "accept/"), {"code": code_of(world.stranger)}).status_code == 404
    assert rival.post("/d/rights/nominate/", form(reseller, top)).status_code == 422
    with pytest.raises(NotAllowed, match="of your own"):
        flow.nominate(parent=top, party=reseller.party, by=world.stranger, data=data_of(top.terms.get()), form_key=new_ulid())


def test_terms_that_changed_since_they_were_accepted_are_accepted_anew(world: World, reseller: Customer, top: Authorisation) -> None:
    held = nominated(world, reseller, top)
    accepted(world, held)
    correct(authorisation=top, by=world.lead, data=data_of(top.terms.get()), reason="Conditions were mistyped", proof=None)
    answer = client_of(world.reviewer).post(f"/c/register/nominations/{held.number}/approve/", {"code": code_of(world.reviewer)})
    assert answer.status_code == 422
    assert "must be nominated anew" in plain(answer)


def test_a_reseller_that_was_not_screened_is_not_approved(world: World, top: Authorisation) -> None:
    unscreened = world.customer(native_name="合肥庐州仪器有限公司", latin_name="Luzhou Instruments", kind="reseller", division="340100")
    held = nominated(world, unscreened, top)
    accepted(world, held)
    assert "not screened against every list in force" in text(client_of(world.reviewer), f"/c/register/nominations/{held.number}/")
    with pytest.raises(NotAllowed, match="not screened"):
        flow.approve(nomination=Nomination.objects.get(pk=held.pk), by=world.reviewer, code=code_of(world.reviewer))


def test_a_refusal_says_why_to_the_distributor(world: World, reseller: Customer, top: Authorisation) -> None:
    held = nominated(world, reseller, top)
    client = client_of(world.reviewer)
    where = f"/c/register/nominations/{held.number}/refuse/"
    assert "Say in a sentence why" in plain(client.post(where, {"reason": "no"}))
    client.post(where, {"reason": "The shop licence ran out in May."})
    assert "The shop licence ran out in May." in text(client_of(world.filer), address(held))
    assert {m.to_email for m in Mail.objects.filter(template="nomination_refused")} == {world.filer.email, world.signatory.email}
    gone = client_of(world.signatory).post(address(held, "accept/"), {"code": code_of(world.signatory)})
    assert "does not wait for an acceptance" in plain(gone)


def test_a_nomination_is_withdrawn_by_whoever_made_it(world: World, reseller: Customer, top: Authorisation) -> None:
    held = nominated(world, reseller, top)
    client_of(world.filer).post(address(held, "withdraw/"), {"reason": "The reseller closed down."})
    held.refresh_from_db()
    assert (held.status, held.decided_by) == ("withdrawn", world.filer)


def sql(statement: str, *values: object) -> str:
    with pytest.raises(DatabaseError) as caught, transaction.atomic(), connection.cursor() as cursor:
        cursor.execute(statement, values)
    return str(caught.value)


def test_postgresql_keeps_the_words_the_order_and_the_acceptances(world: World, reseller: Customer, top: Authorisation) -> None:
    held = nominated(world, reseller, top)
    table = "certifications_nomination"
    assert "never changes" in sql(f"UPDATE {table} SET valid_until = valid_until + 100")
    assert "every hop accepts" in sql(
        f"UPDATE {table} SET status = 'approved', authorisation_id = parent_id, decided_at = now(), decided_by_id = nominated_by_id"
    )
    with pytest.raises(DatabaseError, match="hop by hop"), transaction.atomic():
        Acceptance.objects.create(nomination=held, hop=1, party=held.party, accepted_by=world.filer, proof_id="P", digest=held.digest)
    accepted(world, held)
    assert "permission denied" in sql("UPDATE certifications_acceptance SET signed_name = 'x'")


def test_nominations_are_searched_narrowed_sorted_and_saved_as_they_stand(world: World, reseller: Customer, top: Authorisation) -> None:
    first = nominated(world, reseller, top)
    client_of(world.filer).post(address(first, "withdraw/"), {"reason": "Another reseller takes the place."})
    second = nominated(world, reseller, top)
    client = client_of(world.reviewer)

    def numbers(query: str) -> list[str]:
        body = client.get(f"/c/register/nominations/{query}").content.decode()
        return re.findall(r'href="/c/register/nominations/([^/"]+)/"', body.partition("<tbody>")[2])

    first.refresh_from_db()
    assert first.status == "withdrawn"
    assert numbers("") == [second.number, first.number]  # what waits stands first
    assert numbers("?sort=nominated") == [first.number, second.number]
    assert numbers("?state=withdrawn") == [first.number]
    assert numbers("?q=Huaihe&state=open") == numbers(f"?q={second.number}") == [second.number]
    assert numbers("?q=nobody") == []
    file = client.get("/c/register/nominations/csv/?q=淮禾&sort=nominated").content.decode("utf-8-sig").splitlines()
    assert [row.split(",")[0] for row in file[1:]] == [first.number, second.number]


def test_what_ends_and_the_first_days_are_saved(world: World, top: Authorisation) -> None:
    client = client_of(world.auditor)
    days = client.get("/c/programme/csv/").content.decode("utf-8-sig").splitlines()
    assert len(days) > 1
    assert any(row.startswith(world.qinglan.name) for row in days[1:])
    ending = client.get("/c/register/ending/csv/").content.decode("utf-8-sig").splitlines()
    assert ending[0].startswith("Holder,Latin name,What ends")
    assert client_of(world.filer).get("/c/register/ending/csv/").status_code == 404
    assert top.number


def test_a_right_below_another_is_never_renewed_into_one_straight_from_the_manufacturer(
    world: World, reseller: Customer, top: Authorisation
) -> None:
    until = TODAY + 30 * DAY
    held = nominated(world, reseller, top, valid_until=until.isoformat())
    accepted(world, held)
    made = approved(world, held)
    lead, form_of = client_of(world.lead), f"/c/register/new/?renews={made.number}"
    ending = text(lead, "/c/register/ending/")
    assert made.number in ending
    assert f"?renews={made.number}" not in lead.get("/c/register/ending/").content.decode()
    assert "The distributor above nominates it again" in ending
    typed = {"lines": ["kits"], "divisions": "340300", "valid_from": until.isoformat(), "valid_until": (until + 90 * DAY).isoformat()}
    for step in ("check", "record"):
        answer = lead.post(form_of, {**typed, "conditions": "", "step": step, "code": code_of(world.lead)}, follow=True)
        assert "the distributor above nominates the reseller again" in plain(answer)
    assert "the distributor above nominates the reseller again" in plain(lead.get(form_of, follow=True))
    data = TermsData(("kits",), ("CN",), ("340300",), until, until + 90 * DAY)
    with pytest.raises(NotAllowed, match="below another right"):
        record(party=reseller.party, by=world.lead, data=data, renews=made, code=code_of(world.lead))
    with pytest.raises(NotAllowed, match="below another right"):
        record_authorisation(party=reseller.party, by=world.lead, data=data, renews=made)
    with pytest.raises(NotAllowed, match="comes from the manufacturer"):
        record_authorisation(party=reseller.party, by=world.lead, data=data, parent=top, renews=top)
    assert Authorisation.objects.filter(party=reseller.party).count() == 1


def test_next_year_s_resellers_are_nominated_before_its_first_day_and_what_they_held_is_followed(
    world: World, reseller: Customer, top: Authorisation
) -> None:
    """Else a renewal of the distributor's right leaves every reseller below it without one on that very day."""
    entry = register.today().one(top)
    assert entry is not None
    first = entry.terms.valid_until
    days = {"valid_from": (first - 50 * DAY).isoformat(), "valid_until": first.isoformat()}
    held = nominated(world, reseller, top, **days)
    accepted(world, held)
    old = approved(world, held)
    assert old.renews is None
    data = replace(data_of(entry.terms), valid_from=first, valid_until=first + 300 * DAY, risk_until={})
    after = record_authorisation(party=top.party, by=None, data=data, renews=top)
    assert after.number in client_of(world.filer).get("/d/rights/nominate/").content.decode()
    days = {"valid_from": first.isoformat(), "valid_until": (first + 200 * DAY).isoformat()}
    early = form(reseller, after, **{**days, "valid_from": (first - DAY).isoformat(), "lines": ["kits"]})
    assert "The right above begins on" in plain(client_of(world.filer).post("/d/rights/nominate/", early))
    again = nominated(world, reseller, after, **days)
    accepted(world, again)
    made = approved(world, again)
    assert (made.parent, made.renews) == (after, old)
    book = register.as_of(first)
    assert [one.standing for one in (book.one(old), book.one(made)) if one] == ["ended", "authorised"]
    assert find_seller(name=HUAIHE, line="kits", division="340300", valid_on=first).kind == "authorised"


def test_what_goes_on_with_a_part_of_a_right_does_not_follow_it(world: World, reseller: Customer, top: Authorisation) -> None:
    until = TODAY + 20 * DAY
    both = entered(reseller.party, parent=top, since=0, until=20, lines=("analysers", "kits"), divisions=("340000",))
    elsewhere = entered(reseller.party, parent=top, since=0, until=20, lines=("kits",), divisions=("330200",))
    wider = entered(reseller.party, parent=top, since=0, until=20, lines=("kits",), divisions=("330100", "330300"))
    for divisions, follows in (("340300", None), ("330200", elsewhere), ("330100", None)):
        held = nominated(world, reseller, top, valid_from=until.isoformat(), divisions=divisions)
        accepted(world, held)
        assert approved(world, held).renews == follows
    assert both.pk in {one.entry.authorisation.pk for one in ending()}, "its other line goes on with nothing"
    assert wider.pk in {one.entry.authorisation.pk for one in ending()}, "its other place goes on with nothing"
    assert elsewhere.pk not in {one.entry.authorisation.pk for one in ending()}


def test_nobody_is_put_below_what_is_suspended_from_its_first_day_on(world: World, reseller: Customer, top: Authorisation) -> None:
    entry = register.today().one(top)
    assert entry is not None
    first = entry.terms.valid_until
    after = record_authorisation(
        party=top.party, by=None, data=replace(data_of(entry.terms), valid_from=first, valid_until=first + 90 * DAY, risk_until={})
    )
    changed(world, after, "suspended", first)
    assert after.number not in client_of(world.filer).get("/d/rights/nominate/").content.decode()
    data = TermsData(("kits",), ("CN",), ("340300",), first, first + 50 * DAY)
    with pytest.raises(NotAllowed, match="not in force"):
        flow.nominate(parent=after, party=reseller.party, by=world.filer, data=data, form_key=new_ulid())


def test_the_page_of_a_place_holds_no_reseller_whose_right_above_does_not_reach_it(
    world: World, reseller: Customer, top: Authorisation
) -> None:
    held = nominated(world, reseller, top)
    accepted(world, held)
    made = approved(world, held)
    asked = "?line=kits&division=340300&standing=authorised"
    client = client_of(world.lead)
    assert made.number in text(client, f"/c/register/{asked}")
    assert made.number in client.get(f"/c/register/csv/{asked}").content.decode()
    entry = register.today().one(top)
    assert entry is not None
    narrow = replace(data_of(entry.terms), divisions=("330000",), risk_until={})
    correct(authorisation=top, by=world.lead, data=narrow, reason="As the contract says", proof=None)
    assert find_seller(name=HUAIHE, line="kits", division="340300", valid_on=TODAY).kind == "elsewhere"
    assert made.number not in text(client, f"/c/register/{asked}")
    assert made.number not in client.get(f"/c/register/csv/{asked}").content.decode()
    assert made.number in text(client, "/c/register/?standing=authorised")


def test_what_a_risk_set_ended_at_a_place_is_said_to_be_over_there(world: World, top: Authorisation) -> None:
    RiskSet.objects.create(code="inland", title="Inland", title_zh="内陆", countries=["CN"], divisions=["340000"], most_days=30)
    made = entered(party(HUAIHE), parent=None, since=60, until=60, divisions=("340000", "330000"))
    client = client_of(world.lead)
    row = next(row for row in client.get("/c/register/csv/?line=kits&division=340300").content.decode().splitlines() if made.number in row)
    assert ",ended," in row
    assert (TODAY - 30 * DAY).isoformat() in row.split(",ended,")[1]
    for word, place, is_listed in (("authorised", "340300", False), ("ended", "340300", True), ("authorised", "330200", True)):
        assert (made.number in text(client, f"/c/register/?line=kits&division={place}&standing={word}")) == is_listed, (word, place)
