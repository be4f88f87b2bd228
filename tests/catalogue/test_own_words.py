"""A policy that asks for the end user's own word, asked of several end users and of a stock: of every one of them, and of nobody."""

import dataclasses
from decimal import Decimal

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from certifications.declarations.data import EndUserData, ShareData
from certifications.declarations.models import Declaration
from certifications.declarations.papers import CheckData
from certifications.declarations.queries_enduser import assurances
from certifications.flow import policies, statements
from certifications.flow.advance import advance
from certifications.flow.facts import least_level
from certifications.flow.release import problem_with, release
from certifications.ledger.moves import NotAllowed
from certifications.mail.models import Mail
from tests.declarations.end_users import CONTACT, accepted, asked, link, plain, said_no, said_yes, scanned
from tests.declarations.test_kinds import begun, other, several, stock
from tests.declarations.test_own_words import FIRST, LU, SECOND, both_asked, users
from tests.flow.steps import dated_list
from tests.world import World, client_of, code_of

from .asked import ended, held, policy

pytestmark = pytest.mark.django_db


@pytest.fixture
def listed(world: World) -> World:
    dated_list()
    return world


def ready(declaration: Declaration) -> Declaration:
    assert advance(declaration.pk) == "ready"
    declaration.refresh_from_db()
    return declaration


def told(template: str) -> int:
    return Mail.objects.filter(template=template).count()


@pytest.mark.parametrize("level", ["link", "paper"])
def test_a_policy_is_satisfied_when_every_end_user_gave_its_word_and_names_who_has_not(listed: World, level: str) -> None:
    held(listed, policy("assurance", level=level))
    declaration = ready(listed.signed(begun(listed, several(listed))))
    first, second = users(declaration)
    both_asked(listed, declaration)
    problem = problem_with(declaration)
    assert FIRST in problem
    assert SECOND in problem
    if level == "link":
        said_yes(link())
    else:
        accepted(listed, scanned(listed, declaration, end_user=first))
    problem = problem_with(declaration)
    assert FIRST not in problem
    assert SECOND in problem
    assert told("ready_to_release") == 0
    needed = told("end_user_needed")
    said_yes(link(LU["email"]))
    assert (problem_with(declaration) == "") is (level == "link"), "a link is no paper, whoever gave one"
    if level == "paper":
        scan = scanned(listed, declaration, content=b"%PDF-1.7 the other", end_user=second)
        found = CheckData(scan.statement.code, all_pages=True, signed=True)
        statements.check_scan(scan=scan, by=listed.signatory, data=found, code=code_of(listed.signatory))
    assert problem_with(declaration) == ""
    assert told("ready_to_release") == 3, "once, when the last of them was heard"
    assert told("end_user_needed") == needed, "each answer tells the distributor by itself"


def test_one_no_keeps_it_from_its_release_whether_or_not_a_policy_asks(listed: World) -> None:
    declaration = ready(listed.signed(begun(listed, several(listed))))
    both_asked(listed, declaration)
    said_yes(link())
    said_no(link(LU["email"]))
    problem = problem_with(declaration)
    assert "did not confirm its part" in problem
    assert SECOND in problem
    assert FIRST not in problem
    with pytest.raises(NotAllowed):
        release(declarations=[declaration], by=listed.reviewer, digest="x")
    asked(listed, declaration, end_user=users(declaration)[1], **LU)
    said_yes(link(LU["email"]))
    assert problem_with(declaration) == ""


def test_who_releases_is_told_once_and_never_while_somebody_is_against(listed: World) -> None:
    declaration = ready(listed.signed(begun(listed, several(listed))))
    both_asked(listed, declaration)
    once = told("ready_to_release")
    assert once == 3, "without a policy it waits for nobody's word"
    said_no(link(LU["email"]))
    said_yes(link())
    assert told("ready_to_release") == once, "one is against it"
    asked(listed, declaration, end_user=users(declaration)[1], **LU)
    said_yes(link(LU["email"]))
    assert told("ready_to_release") == 2 * once, "this word made the difference"
    accepted(listed, scanned(listed, declaration, end_user=users(declaration)[0]))
    assert told("ready_to_release") == 2 * once


def test_a_yes_without_a_policy_tells_nobody_twice(listed: World) -> None:
    declaration = ready(listed.signed(begun(listed, several(listed))))
    both_asked(listed, declaration)
    said_yes(link())
    said_yes(link(LU["email"]))
    assert told("ready_to_release") == 3


def test_what_becomes_ready_while_one_is_against_is_told_when_that_one_agrees(listed: World) -> None:
    signed = listed.signed(begun(listed, several(listed)))
    both_asked(listed, signed)
    said_no(link(LU["email"]))
    declaration = ready(signed)
    assert told("ready_to_release") == 0
    asked(listed, declaration, end_user=users(declaration)[1], **LU)
    said_yes(link(LU["email"]))
    assert told("ready_to_release") == 3


def test_the_distributors_first_page_asks_for_the_word_of_all(listed: World) -> None:
    held(listed, policy("assurance", level="link"))
    declaration = ready(listed.signed(begun(listed, several(listed))))
    both_asked(listed, declaration)
    filer = client_of(listed.filer)
    said_yes(link())
    assert f"Ask the end users of {declaration.number} for their word" in plain(filer.get("/d/"))
    said_yes(link(LU["email"]))
    assert "for their word" not in plain(filer.get("/d/"))


def test_a_list_asks_in_three_statements_however_many_declarations_of_several_were_heard(listed: World) -> None:
    made = [listed.signed(begun(listed, several(listed))) for _ in range(2)]
    for one in made:
        asked(listed, one, end_user=users(one)[0])
        said_yes(link())
    rows = list(Declaration.objects.filter(pk__in=[one.pk for one in made]))
    with CaptureQueriesContext(connection) as queries:
        found = assurances(rows)
    assert [one.level for one in found[made[1].pk].each] == ["link", "distributor"]
    assert len(queries) == 3


def test_a_policy_that_asks_for_a_word_holds_stock_and_says_what_to_do(listed: World) -> None:
    declaration = ready(listed.signed(begun(listed, stock(listed))))
    assert problem_with(declaration) == "", "without a policy the stockist's own undertaking is what there is"
    one = held(listed, policy("assurance", level="link", classes=()))
    declaration.refresh_from_db()
    assert least_level(declaration, declaration.versions.get()) == "link"
    problem = problem_with(declaration)
    assert "of a stock nobody is the end user yet" in problem
    assert "in a declaration of their own" in problem
    with pytest.raises(NotAllowed):
        asked(listed, declaration)
    filer = client_of(listed.filer)
    assert "is for stock and cannot be released" in plain(filer.get("/d/"))
    for who, path in (("filer", "/d/declarations/{}/"), ("filer", "/d/declarations/{}/end-user/"), ("reviewer", "/c/declarations/{}/")):
        page = plain(client_of(listed.people[who]).get(path.format(declaration.number)))
        assert "this declaration cannot be released" in page, path
        assert "Name the end users in a declaration of their own" in page
    # However good a word somebody claims to have: there is nobody who could have given it.
    facts = [policies.PolicyFacts(one.number, one.title, "assurance", "link")]
    assert "of a stock" in policies.problem_with(declaration, declaration.versions.get(), facts, "paper")
    ended(listed, one)
    assert problem_with(declaration) == ""


def test_a_stock_that_becomes_ready_under_such_a_policy_is_told_to_its_distributor_and_to_nobody_who_releases(listed: World) -> None:
    held(listed, policy("assurance", level="paper", classes=()))
    ready(listed.signed(begun(listed, stock(listed))))
    assert told("ready_to_release") == 0
    mails = Mail.objects.filter(template="end_user_needed")
    assert {mail.to_user_id for mail in mails} == {listed.filer.pk, listed.signatory.pk}
    told_in = {"en": "is for stock and cannot be released", "zh-hans": "为备货声明，不能放行"}
    assert all(told_in[mail.language] in mail.subject for mail in mails)


def test_a_policy_about_hospitals_is_not_about_a_stock_whose_end_users_are_not_known(listed: World) -> None:
    """As every policy that is narrowed to kinds of end users (ADR 18)."""
    held(listed, policy("assurance", level="link"))
    declaration = ready(listed.signed(begun(listed, stock(listed))))
    assert problem_with(declaration) == ""


def test_three_end_users_wait_for_the_third(listed: World) -> None:
    held(listed, policy("assurance", level="link"))
    data = several(listed)
    third = other(listed, "绍兴会稽医院")
    more = EndUserData(third.pk, (ShareData(listed.kit.pk, Decimal(3)),), "绍兴市延安路 5 号", "CN", "330600")
    declaration = ready(listed.signed(begun(listed, dataclasses.replace(data, end_users=(*data.end_users, more)))))
    emails = [CONTACT.email, LU["email"], "hu.yan@kuaiji-hospital.example"]
    for user, email in zip(users(declaration), emails, strict=True):
        asked(listed, declaration, end_user=user, email=email)
    for email in emails[:2]:
        said_yes(link(email))
    assert problem_with(declaration).endswith("still awaited: 绍兴会稽医院.")
    said_yes(link(emails[2]))
    assert problem_with(declaration) == ""
