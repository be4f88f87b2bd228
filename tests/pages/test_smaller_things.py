"""What a person met on a walk through the portal and could not use: fields, lists, tables, words."""

import re
from typing import Any

import pytest
from django.test import Client

from certifications.attestations.models import StatusChange
from certifications.evidence.models import EvidenceDocument
from certifications.mail.models import Mail
from certifications.pages.compliance.comparison import compared
from tests.attestations.conftest import Issued
from tests.declarations.forms import fill_in, typed
from tests.flags.cases import NOTICE, captured, case_on_evidence
from tests.world import World, client_of

pytestmark = pytest.mark.django_db
CHINESE = {"HTTP_ACCEPT_LANGUAGE": "zh-hans"}


def text_of(answer: Any) -> str:
    """The page without its tags."""
    return re.sub(r"\s+", " ", re.sub(r"<[^>]+>", " ", answer.content.decode()))


@pytest.mark.parametrize(
    ("who", "address", "labels"),
    [
        ("filer", "/d/customers/new/", ["Name in its own script", "Address of the site", "Line of business"]),
        ("filer", "/d/declarations/new/", ["End user", "Relationship"]),
        ("reviewer", "/c/evidence/new/", ["Text of the notice", "Or a file, or several"]),
    ],
)
def test_what_a_rule_asks_for_is_not_called_optional(world: World, who: str, address: str, labels: list[str]) -> None:
    shown = text_of(client_of(world.people[who]).get(address))
    for label in labels:
        assert f"{label} optional" not in shown


def test_a_question_on_evidence_goes_to_nobody_until_somebody_is_chosen(world: World) -> None:
    case = case_on_evidence(world)
    reviewer = client_of(world.reviewer)
    where = f"/c/cases/{case.number}/ask/"
    assert reviewer.get(where).context["form"]["organisation"].field.choices[0][0] == ""
    answer = reviewer.post(where, {"organisation": "", "text": "Who bought the kits?", "due_on": "2099-01-01"})
    assert answer.status_code == 422
    assert not Mail.objects.filter(template="question_asked").exists()


def test_a_seller_without_counterpart_is_no_match_and_empty_rows_are_left_out(world: World) -> None:
    table = compared(case_on_evidence(world))[0]
    assert {feature.result for feature in table.features} == {"none"}
    assert all(feature.left or feature.right for feature in table.features)


def test_a_draft_outside_the_authorisation_is_kept_and_warned_about(world: World) -> None:
    filer = client_of(world.filer)
    place = {"place_division": "650100", "place_address": "乌鲁木齐市新华路 1 号"}
    shown = fill_in(filer, typed(world, world.customer(), **place))
    assert "Your authorisation does not cover this today: identification kits." in text_of(shown)
    inside = fill_in(filer, typed(world, world.customer(native_name="宁波北仑医院", latin_name="")))
    assert "does not cover" not in text_of(inside)


def test_a_very_long_notice_is_shown_as_an_excerpt_with_a_way_to_the_whole(world: World) -> None:
    document = captured(world, NOTICE + "附件内容。" * 6000)
    assert len(EvidenceDocument.objects.get(pk=document.pk).text) > 25_000
    reviewer = client_of(world.reviewer)
    framed = f"/c/evidence/{document.number}/text/"
    short = reviewer.get(framed).content.decode()
    assert 'href="?whole=1"' in short
    whole = reviewer.get(f"{framed}?whole=1").content.decode()
    assert whole.count("附件内容。") == 6000
    assert short.count("附件内容。") < 5000 and "whole=1" not in whole


def test_the_words_behind_the_marks_are_words(world: World) -> None:
    shown = client_of(world.reviewer).get(f"/c/evidence/{captured(world).number}/text/").content.decode()
    titles = re.findall(r'class="span-mark"[^>]* title="([^"]+)"', shown)
    assert titles
    assert not [title for title in titles if re.search(r"\w[._]\w", title)]


def test_only_a_change_that_is_possible_is_offered_and_none_is_chosen(issued: Issued) -> None:
    shown = client_of(issued.world.reviewer).get(f"/c/attestations/{issued.attestation.number}/").context["form"]
    assert [value for value, _words in shown["to"].field.choices] == ["", "suspended", "revoked"]
    assert shown["reason"].field.choices[0][0] == ""
    assert not StatusChange.objects.exists()


def test_chinese_pages_name_the_hospital_in_chinese_first(world: World) -> None:
    world.draft()
    shown = client_of(world.filer).get("/d/declarations/", **CHINESE).content.decode()  # type: ignore[arg-type]
    assert shown.index("宁波江南医院") < shown.index("Ningbo Jiangnan Hospital")
    assert "人类身份鉴定试剂盒" in shown


def test_addresses_of_an_account_are_not_its_owners_to_change(world: World) -> None:
    assert client_of(world.lead).get("/account/email/").status_code == 404


def test_a_page_that_is_not_there_keeps_the_way_around(world: World) -> None:
    assert 'href="/d/declarations/"' in client_of(world.filer).get("/d/declarations/EUD-2026-000000/").content.decode()
    assert "Declarations" not in Client().get("/nothing-here/").content.decode()


def test_who_may_not_decide_is_shown_no_key_for_it(world: World) -> None:
    case = case_on_evidence(world)
    for who, shown in (("reviewer", True), ("auditor", False)):
        page = client_of(world.people[who]).get(f"/c/?case={case.number}").content.decode()
        assert ("<kbd>a</kbd>" in page) is shown
        assert "data-keys-help" in page


@pytest.mark.parametrize(("who", "shown"), [("operator", True), ("lead", False)])
def test_an_operator_reads_how_a_list_is_imported(world: World, who: str, shown: bool) -> None:  # noqa: FBT001
    assert ("manage.py import_list us_csl" in text_of(client_of(world.people[who]).get("/o/lists/us_csl/"))) is shown
