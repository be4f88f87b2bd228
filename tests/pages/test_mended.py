"""What odd input and unlucky timing did once: each was found by breaking the portal, and stays mended."""

import datetime as dt
from typing import Any

import pytest
from django.test import Client
from django.urls import reverse

from certifications.declarations.models import Declaration
from certifications.flags.models import Case
from certifications.flow import rescreening
from certifications.flow.advance import advance
from certifications.flow.resolution import find_seller
from certifications.parties.authorising import record_authorisation
from certifications.parties.rules_register import TermsData
from certifications.people import actions as people
from certifications.people.models import User
from tests.declarations.forms import fill_in, sign
from tests.declarations.forms import typed as declared
from tests.flow.steps import work
from tests.pages.test_bad_input import CUSTOMER
from tests.screening.samples import party
from tests.world import World, client_of
from tests.world import code_of as code

pytestmark = pytest.mark.django_db


def quiet(user: User) -> Client:
    client = client_of(user)
    client.raise_request_exception = False
    return client


def test_full_width_digits_of_an_input_method_are_no_500(world: World) -> None:
    d = world.draft()
    c = quiet(world.signatory)
    assert sign(world, c, d, code="１２３４５６").status_code == 422


def test_full_width_digits_are_the_code(world: World) -> None:
    d = world.draft()
    c = quiet(world.signatory)
    full = "".join(chr(ord(x) + 0xFEE0) for x in code(world.signatory))
    assert sign(world, c, d, code=full).status_code == 302


def test_superscript_clause_is_no_500(world: World) -> None:
    d = world.draft()
    c = quiet(world.signatory)
    assert sign(world, c, d, clause=["²"]).status_code == 422


def test_a_full_width_division_code_is_the_same_code_and_escapes_no_rule(world: World) -> None:
    fill_in(client_of(world.filer), declared(world, world.customer(), place_division="６５０１００"))
    assert Declaration.objects.get().versions.get().place_division == "650100"


def test_unknown_division_of_place_is_named(world: World) -> None:
    ans = fill_in(client_of(world.filer), declared(world, world.customer(), place_division="990000"))
    assert "place_division" in ans.context["form"].errors


def test_an_authorisation_for_chongqing_does_not_cover_tibet(world: World) -> None:
    today = dt.date.today()
    seller = party("重庆嘉陵科学仪器有限公司")
    record_authorisation(party=seller, by=None, data=TermsData(("kits",), ("CN",), ("500000",), today, today + dt.timedelta(9)))

    def kind(division: str) -> str:
        return find_seller(name="重庆嘉陵科学仪器有限公司", line="kits", division=division, valid_on=today).kind

    assert [kind("500101"), kind("540102"), kind("510100")] == ["authorised", "elsewhere", "elsewhere"]


def test_far_year_is_no_500(world: World) -> None:
    ans = fill_in(quiet(world.filer), declared(world, world.customer(), valid_from="9998-01-01", valid_until="9999-12-31"))
    assert "valid_from" in ans.context["form"].errors


def test_alias_over_300_is_no_500(world: World) -> None:
    assert quiet(world.filer).post("/d/customers/new/", CUSTOMER | {"other_names": "长" * 301}).status_code == 422


def test_tab_inside_a_name_keeps_words_apart(world: World) -> None:
    assert "Ningbo Jiangnan Hospital" in [n.text for n in world.customer(latin_name="Ningbo\tJiangnan\nHospital").party.names.all()]


def test_dashes_in_a_code_are_not_kept(world: World) -> None:
    c = world.customer(uscc="12330200-MA2GX0001-0")
    assert c.party.identifiers.get().value == "12330200MA2GX00010"


def test_rescreen_repeated_does_not_strand(world: World) -> None:
    d = world.signed()
    advance(d.pk)
    p = d.customer.party_id
    rescreening.rescreen(p)
    work("advance")
    rescreening.rescreen(p)
    work("advance")
    d.refresh_from_db()
    assert d.status == "ready"


def test_return_of_a_ready_declaration_is_a_sentence_of_ours(world: World) -> None:
    from tests.flags.decisions import decide

    cust = world.customer(native_name="乌鲁木齐市天山口腔医院", latin_name="Urumqi Tianshan Dental", division="650100")
    d = world.signed(world.draft(cust, place_division="650100"))
    advance(d.pk)
    d.refresh_from_db()
    assert d.status == "ready"
    ans = decide(
        Case.objects.get(), world.reviewer, outcome="return", reason="incomplete", explanation="The department is missing in the form."
    )
    assert "cannot go from" not in ans.content.decode()
    from certifications.people.models import FactorProof

    assert ans.status_code == 302 or not FactorProof.objects.filter(purpose="decide").exists()


def test_unscreened_once_per_party(world: World) -> None:
    d = world.signed()
    from certifications.flow.advance import NotYet
    from certifications.screening.models import ListSource

    ListSource.objects.update(in_force=False)
    with pytest.raises(NotYet):
        advance(d.pk)
    ListSource.objects.filter(code="us_entity_list").update(in_force=True)
    d.organisation.party.names.all().delete()
    type(d.organisation.party).objects.filter(pk=d.organisation.party.pk).update(revision=2)
    for _ in range(2):
        with pytest.raises(NotYet):
            advance(d.pk)
    assert d.flags.filter(rule="UNSC", party=d.organisation.party).count() == 1


@pytest.mark.parametrize(
    "text",
    [
        "The distributors and users named in the documents were not listed in its system",
        "We have no record of this seller in our system.",
        "No match in our register for this seller.",
        "No such company is registered with us.",
        "我们的系统里没有这家公司，没有登记。",
        "经核实，该公司未注册，不在册。",
    ],
)
def test_not_on_register_in_other_words(text: str) -> None:
    from certifications.flags.outcomes import says_only_not_on_register

    assert says_only_not_on_register(text)


def test_ones_own_address_is_no_password(world: World) -> None:
    _m, token = people.invite(
        by=world.distributor_admin, organisation=world.qinglan, email="su.wen@qinglan.example", roles=["filer"], language="en"
    )
    assert Client().post(f"/welcome/{token}/", {"name": "Su Wen", "password": "su.wen@qinglan"}).status_code == 422


def test_account_mail_is_in_the_readers_language(world: World, settings: Any) -> None:
    from certifications.mail.models import Mail

    settings.EMAIL_BACKEND = "portal.accounts.RowBackend"
    Client(HTTP_ACCEPT_LANGUAGE="en").post("/account/password/reset/", {"email": world.filer.email})
    assert Mail.objects.get(to_email=world.filer.email).language == "zh-hans"


def test_formset_total_is_no_500(world: World) -> None:
    from tests.pages.test_bad_input import NOTICE, captured

    captured(world, text=NOTICE)
    work("read")
    from certifications.evidence.models import EvidenceDocument

    ans = quiet(world.reviewer).post(f"/c/evidence/{EvidenceDocument.objects.get().number}/", {"add_line": "1", "line-TOTAL_FORMS": "abc"})
    assert ans.status_code < 500


def test_late_answer_keeps_the_text(world: World) -> None:
    from tests.flags.decisions import police_case
    from tests.flags.test_questions import asked

    q = asked(world, police_case(world))
    a = reverse("distributors:question", args=[q.pk])
    client_of(world.filer).post(a, {"answer": "First."})
    assert "Second words" in client_of(world.signatory).post(a, {"answer": "Second words"}).content.decode()


def test_an_agreement_that_comes_late_spends_no_code(world: World) -> None:
    from certifications.people.models import FactorProof
    from tests.flags.decisions import agree, police_case, proposed

    d = proposed(world, police_case(world))
    agree(d, world.lead)
    assert agree(d, world.second_reviewer).status_code == 409
    assert FactorProof.objects.filter(purpose="agree", user=world.second_reviewer).count() == 0


def test_undrawable_name_is_said_when_it_is_typed_or_signed(world: World) -> None:
    ans = client_of(world.filer).post("/d/customers/new/", CUSTOMER | {"native_name": "绍兴\U00013080医院"})
    assert ans.status_code == 422


def test_anothers_form_key_is_no_500(world: World) -> None:
    client_of(world.stranger).post("/d/customers/new/", CUSTOMER)
    assert quiet(world.filer).post("/d/customers/new/", CUSTOMER).status_code in {302, 422}


def test_case_of_a_voided_unscreened_proposal_can_be_closed(world: World) -> None:
    from certifications.flags import actions as flags
    from certifications.flow.advance import NotYet
    from certifications.screening.models import ListSource
    from tests.flags.decisions import proposed

    d = world.signed()
    ListSource.objects.update(in_force=False)
    with pytest.raises(NotYet):
        advance(d.pk)
    case = Case.objects.get()
    dec = proposed(world, case, outcome="confirm", reason="cannot_be_screened", explanation="The list has been away for a week now.")
    ListSource.objects.filter(code="us_entity_list").update(in_force=True)
    advance(d.pk)
    dec.refresh_from_db()
    if dec.state == "proposed":
        flags.void(decision=dec, by=world.reviewer, reason="Screening is done by now.")
    case.refresh_from_db()
    assert case.status == "closed"


@pytest.mark.parametrize("name", ["トヨタさくら病院", "Ṭarīq Hospital Ürümqi"])
def test_names_in_scripts_that_the_documents_can_print_are_kept(world: World, name: str) -> None:
    answer = quiet(world.filer).post("/d/customers/new/", CUSTOMER | {"native_name": name, "country": "JP", "division": ""})
    assert answer.status_code == 302


@pytest.mark.parametrize("name", ["서울의원", "โรงพยาบาลกรุงเทพ", "दिल्ली अस्पताल"])
def test_a_script_that_the_documents_cannot_print_yet_is_said_so(world: World, name: str) -> None:
    answer = quiet(world.filer).post("/d/customers/new/", CUSTOMER | {"native_name": name, "country": "KR", "division": ""})
    assert answer.status_code in {302, 422}
    if answer.status_code == 422:
        assert "cannot be printed" in answer.content.decode()
