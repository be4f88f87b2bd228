"""Each of several end users gives its own word on its own part: shown nothing of the others, asked, heard and held by itself."""

import dataclasses
import datetime as dt
import io
import json
from decimal import Decimal
from typing import Any

import pytest
from django.db import DatabaseError, transaction
from django.test import Client
from django.utils import timezone
from pypdf import PdfReader

from certifications.declarations import actions, drafting
from certifications.declarations.data import DeclarationData, EndUserData, ShareData
from certifications.declarations.in_force import Incomplete
from certifications.declarations.models import Declaration, Objection
from certifications.declarations.models_enduser import EndUserAnswer, EndUserLink, EndUserRequest, PrintedStatement
from certifications.declarations.own_texts import own_texts
from certifications.declarations.queries import data_of, frozen_form, version_of
from certifications.declarations.queries_enduser import assurances, end_user_words
from certifications.declarations.rules_enduser import Assurance, Word, together
from certifications.declarations.sittings import Shown, check_sitting
from certifications.declarations.texts import PART_SCHEMA, part_text
from certifications.files.actions import read
from certifications.flow import enduser as flow
from certifications.flow import sign as sign_flow
from certifications.ledger.canonical import sha256_hex
from certifications.ledger.ids import new_ulid
from certifications.ledger.moves import NotAllowed
from certifications.mail.models import Mail
from tests.world import World, client_of, code_of, proof_for

from .end_users import CONTACT, accepted, asked, asked_about, fields, later, level, link, plain, printed, said_no, said_yes, scanned
from .test_kinds import begun, other, several

pytestmark = pytest.mark.django_db
FIRST, SECOND = "宁波江南医院", "杭州西溪医院"
SECOND_OF_TWO = ("end user 2 of 2", "2 个最终用户中的第 2 个")
LU = {"name": "Lu Ke", "email": "lu.ke@xixi-hospital.example"}


@pytest.fixture
def data(world: World) -> DeclarationData:
    """Twenty-four kits: fifteen for the first hospital, nine for the second."""
    return several(world)


@pytest.fixture
def signed(world: World, data: DeclarationData) -> Declaration:
    return world.signed(begun(world, data))


def users(declaration: Declaration) -> list[str]:
    return [own.customer_id for own in own_texts(version_of(declaration))]


def both_asked(world: World, declaration: Declaration) -> tuple[EndUserRequest, EndUserRequest]:
    first, second = users(declaration)
    return asked(world, declaration, end_user=first), asked(world, declaration, end_user=second, **LU)


def shown(path: str) -> str:
    answer = Client().get(path)
    assert answer.status_code == 200
    return plain(answer)


def test_each_link_shows_its_own_part_and_nothing_of_the_other(world: World, signed: Declaration) -> None:
    both_asked(world, signed)
    first, second = shown(link()), shown(link(LU["email"]))
    assert FIRST in first
    assert "15 kit" in first
    assert SECOND in second
    assert "9 kit" in second
    assert "文一路" in second
    for never in (SECOND, "文一路", " 9 kit", "24 kit"):
        assert never not in first, never
    for never in (FIRST, "Jiangnan", "中山东路", "15 kit", "24 kit", "He Jing", "JN-2026-118"):
        assert never not in second, never
    for page in (first, second):
        assert "The declaration is for several end users" in page
        for clause in version_of(signed).clause_set.clauses.all():
            assert clause.text in page


def test_each_statement_prints_its_own_part_and_nothing_of_the_other(world: World, signed: Declaration) -> None:
    papers = [printed(world, signed, end_user=user) for user in users(signed)]
    assert papers[0].code != papers[1].code
    for paper, mine, never in ((papers[0], FIRST, SECOND), (papers[1], SECOND, FIRST)):
        reader = PdfReader(io.BytesIO(read(paper.pdf)))  # type: ignore[arg-type]
        whole = "".join("".join(page.extract_text().split()) for page in reader.pages)
        assert mine in whole
        assert never not in whole
        assert paper.sha256 in whole
        inside = reader.attachments["statement.json"][0].decode()
        assert mine in inside
        assert never not in inside
    assert printed(world, signed, end_user=users(signed)[0]) == papers[0]


def test_a_part_is_made_of_the_text_alone_and_of_a_single_end_user_the_whole_text_is_its_own(world: World, signed: Declaration) -> None:
    version = version_of(signed)
    whole = json.loads(version.frozen.canonical)
    for number, own in enumerate(own_texts(version)):
        part = json.loads(own.canonical)
        assert part == json.loads(json.dumps(part_text(whole, number)))
        assert (part["schema"], part["number"], part["version"]) == (PART_SCHEMA, signed.number, 1)
        assert not {"other_end_users", "shares", "value", "relationship", "contact", "contract", "documents", "on_the_way"} & part.keys()
    alone = version_of(world.signed())
    assert [(own.canonical, own.sha256) for own in own_texts(alone)] == [(alone.frozen.canonical, alone.frozen.sha256)]


def test_the_level_is_the_least_of_all_and_each_keeps_its_own(world: World, signed: Declaration) -> None:
    first, second = users(signed)
    both_asked(world, signed)
    said_yes(link())
    assert (level(signed).level, [one.level for one in level(signed).each]) == ("distributor", ["link", "distributor"])
    accepted(world, scanned(world, signed, end_user=second))
    assert (level(signed).level, [one.level for one in level(signed).each]) == ("link", ["link", "paper"])
    accepted(world, scanned(world, signed, content=b"%PDF-1.7 the first one", end_user=first))
    assert level(signed).level == "paper"
    assert assurances([signed])[signed.pk] == level(signed), "a list reads what the page reads"
    drafts = [begun(world, several(world))]
    assert assurances(drafts)[drafts[0].pk].level == "distributor"


def test_the_least_of_none_is_the_distributor_alone_and_one_against_is_against_all() -> None:
    assert together([]) == Assurance()
    link_level = Assurance("link", Word("confirmed", "link", None))  # type: ignore[arg-type]
    assert together([link_level]) is link_level
    for order in ([Assurance(against="questioned"), Assurance(against="declined")], [Assurance(against="declined"), link_level]):
        assert (together(order).level, together(order).against) == ("distributor", "declined")


def test_nobody_is_asked_who_is_no_end_user_of_the_declaration(world: World, signed: Declaration) -> None:
    stranger = other(world, "绍兴会稽医院")
    foreign = world.customer("stranger")
    for user in ("", stranger.pk, foreign.pk, "nobody"):
        for act in (lambda who=user: asked(world, signed, end_user=who), lambda who=user: printed(world, signed, end_user=who)):
            with pytest.raises(NotAllowed) as refusal:
                act()
            assert refusal.value.code == "end_user"
    alone = world.signed()
    with pytest.raises(NotAllowed):
        asked(world, alone, end_user=stranger.pk)
    assert not EndUserRequest.objects.exists()


def test_one_link_never_answers_for_another(world: World, signed: Declaration) -> None:
    one, two = both_asked(world, signed)
    client = Client()
    form = fields(client, link(), kind="confirmed", name="Shen Yiran", role="Head of Genetics", ticked="1")
    answer = client.post(link(), {**form, "sha256": two.sha256})
    assert answer.status_code == 422
    assert "not the one that was shown" in plain(answer)
    assert client.post(link(), {**form, "end_user": two.customer_id}).status_code == 200
    assert [one.level for one in level(signed).each] == ["link", "distributor"]
    two.refresh_from_db()
    assert (EndUserAnswer.objects.get().request, two.status) == (one, "open")


def test_two_end_users_with_the_very_same_part_speak_each_for_itself(world: World) -> None:
    """One hospital that is two customers: two shares that read alike are two words, or forty-eight kits would rest on one of twenty-four."""
    twin = world.customer()
    share = EndUserData(twin.pk, (ShareData(world.kit.pk, Decimal(12)),), "宁波市中山东路 412 号 3 号楼 5 层", "CN", "330200")
    draft = begun(world, dataclasses.replace(world.data(world.customer()), kind="several", end_users=(share,)))
    owns = own_texts(version_of(draft))
    assert owns[0].sha256 == owns[1].sha256, "what this is about"
    asked(world, draft, end_user=owns[0].customer_id)
    said_yes(link())
    assert [one.level for one in level(draft).each] == ["link", "distributor"]
    accepted(world, scanned(world, draft, end_user=owns[1].customer_id))
    assert [one.level for one in level(draft).each] == ["link", "paper"]
    assert PrintedStatement.objects.count() == 1


def test_an_address_of_one_end_user_is_no_address_of_another(world: World, signed: Declaration) -> None:
    first, second = users(signed)
    held = asked(world, signed, end_user=first)
    with pytest.raises(Incomplete, match="Another end user of this declaration"):
        asked(world, signed, end_user=second, email=CONTACT.email.upper())
    flow.revoke(request=held, by=world.filer)
    assert asked(world, signed, end_user=second).status == "open", "it was typed at the wrong one"


@pytest.mark.parametrize("became", ["declined", "questioned", "confirmed", "lapsed", "outdated"])
def test_whoever_read_the_part_of_one_end_user_never_speaks_for_another(
    world: World, data: DeclarationData, monkeypatch: pytest.MonkeyPatch, became: str
) -> None:
    """Lu Ke of the second hospital was asked, whatever came of it: at that address nobody is asked for the first one."""
    draft = begun(world, data)
    first, second = users(draft)
    asked(world, draft, end_user=second, **LU)
    if became in ("lapsed", "outdated"):
        if became == "lapsed":
            later(monkeypatch, 16)
        else:
            drafting.edit(declaration=draft, by=world.filer, data=dataclasses.replace(data, end_use=f"{data.end_use} At night too."))
        flow.remind()
    else:
        {"declined": said_no, "questioned": asked_about, "confirmed": said_yes}[became](link(LU["email"]))
    assert EndUserRequest.objects.get().status == became
    with pytest.raises(Incomplete, match="Another end user of this declaration"):
        asked(world, draft, end_user=first, **LU)
    assert asked(world, draft, end_user=first).status == "open"


def test_who_was_asked_for_a_record_that_was_exchanged_is_asked_again_for_the_right_one(world: World) -> None:
    data = world.data(world.customer())
    draft = begun(world, data)
    asked(world, draft)
    said_yes(link())
    drafting.edit(declaration=draft, by=world.filer, data=dataclasses.replace(data, customer_id=other(world, FIRST).pk))
    assert asked(world, draft).status == "open"


def test_a_question_that_an_earlier_release_asked_counts_for_a_single_end_user_and_for_nobody_of_several(
    world: World, data: DeclarationData
) -> None:
    """While both releases run, the earlier one writes rows that do not say who is asked."""
    draft = begun(world, dataclasses.replace(data, kind="single", end_users=()))
    own = own_texts(version_of(draft))[0]
    row = {
        "version_number": 1, "contact_name": "Shen Yiran", "email": CONTACT.email, "language": "en", "asked_by": world.filer,
        "expires_at": timezone.now() + dt.timedelta(days=14),
    }  # fmt: skip
    held = EndUserRequest.objects.create(declaration=draft, canonical=own.canonical, sha256=own.sha256, form_key=new_ulid(), **row)
    EndUserLink.objects.create(request=held, token_hash=sha256_hex(b"earlier"))
    assert said_no("/confirm/earlier/").status_code == 200
    assert level(draft).against == assurances([draft])[draft.pk].against == "declined"
    assert end_user_words(draft).each[0].asked[0].request == held, "and is shown"
    again = asked(world, draft)
    assert (again.customer_id, EndUserRequest.objects.count()) == (own.customer_id, 2)
    two = begun(world, data)
    part = own_texts(version_of(two))[0]
    with pytest.raises(DatabaseError, match="only an end user"), transaction.atomic():
        EndUserRequest.objects.create(declaration=two, canonical=part.canonical, sha256=part.sha256, form_key=new_ulid(), **row)


@pytest.mark.parametrize("field", ["end_use", "unknown_facts"])
def test_what_all_would_read_names_none_of_them(world: World, data: DeclarationData, field: str) -> None:
    told = {field: f"Matching for transplants at {SECOND} and elsewhere, about 900 samples a month."}
    draft = begun(world, dataclasses.replace(data, **told))
    first, second = users(draft)
    for act in (asked, printed):
        with pytest.raises(NotAllowed, match=SECOND) as refusal:
            act(world, draft, end_user=first)
        assert refusal.value.code == "named"
    assert asked(world, draft, end_user=second, **LU).status == "open", "its own name tells it nothing"


def test_one_no_holds_signature_and_names_whose_it_is(world: World, data: DeclarationData) -> None:
    draft = begun(world, data)
    both_asked(world, draft)
    said_yes(link())
    said_no(link(LU["email"]))
    digest = frozen_form(version_of(draft))[1]
    words: dict[str, Any] = {"sha256": digest, "accepted": {1, 2, 3, 4, 5, 6}, "role_title": "General Manager"}
    proof = proof_for(world.signatory, digest, "sign")
    with pytest.raises(NotAllowed, match=SECOND) as refusal:
        actions.sign(declaration=draft, by=world.signatory, **words, proof=proof)
    assert refusal.value.code == "end_user"
    assert FIRST not in str(refusal.value)
    with pytest.raises(NotAllowed) as held:
        check_sitting(by=world.signatory, shown=[Shown(draft.number, digest)], accepted={}, role_title="General Manager")
    assert any(SECOND in problem for _number, problem in held.value.problems)  # type: ignore[attr-defined]
    asked(world, draft, end_user=users(draft)[1], **LU)
    said_yes(link(LU["email"]))
    actions.sign(declaration=draft, by=world.signatory, **words, proof=proof)
    assert level(draft).level == "link"


def test_a_sitting_signs_what_every_end_user_agreed_to_and_the_words_hold(world: World, data: DeclarationData) -> None:
    draft = begun(world, data)
    both_asked(world, draft)
    said_yes(link())
    said_yes(link(LU["email"]))
    digest = frozen_form(version_of(draft))[1]
    sign_flow.sign_sitting(
        by=world.signatory,
        shown=[Shown(draft.number, digest)],
        accepted={version_of(draft).clause_set_id: {1, 2, 3, 4, 5, 6}},
        role_title="General Manager",
        code=code_of(world.signatory),
    )
    draft.refresh_from_db()
    assert (draft.status, level(draft).level) == ("signed", "link")


def test_a_question_is_of_one_end_user_and_its_answer_comes_back_to_that_one_alone(world: World, signed: Declaration) -> None:
    first, second = users(signed)
    both_asked(world, signed)
    asked_about(link(LU["email"]))
    assert level(signed).against == "questioned"
    for who, path in (("filer", f"/d/declarations/{signed.number}/"), ("reviewer", f"/c/declarations/{signed.number}/")):
        assert f"cannot agree to undertaking 4: {SECOND}" in plain(client_of(world.people[who]).get(path))
    sign_flow.answer_objection(objection=Objection.objects.get(), by=world.reviewer, text="Visits are announced a month ahead.")
    asked(world, signed, end_user=second, **LU)
    assert "announced a month ahead" in shown(link(LU["email"]))
    assert "announced a month ahead" not in shown(link())
    # The same person is never asked for another end user, whatever is taken back: it answered for the one, and read its part.
    flow.revoke(request=EndUserRequest.objects.get(customer=second, status="open"), by=world.filer)
    with pytest.raises(Incomplete, match="Another end user of this declaration"):
        asked(world, signed, end_user=first, **LU)


def test_asking_one_anew_and_taking_it_back_leaves_the_other(world: World, signed: Declaration) -> None:
    first = users(signed)[0]
    _one, two = both_asked(world, signed)
    path = link(LU["email"])
    held = asked(world, signed, end_user=first)
    flow.revoke(request=held, by=world.filer)
    two.refresh_from_db()
    assert two.status == "open"
    assert Client().get(path).status_code == 200
    assert sorted(EndUserRequest.objects.filter(customer=first).values_list("status", flat=True)) == ["revoked", "revoked"]


def test_what_changes_for_one_in_a_draft_leaves_the_word_of_the_others(world: World, data: DeclarationData) -> None:
    third = other(world, "绍兴会稽医院")
    more = EndUserData(third.pk, (ShareData(world.kit.pk, Decimal(3)),), "绍兴市延安路 5 号", "CN", "330600")
    draft = begun(world, dataclasses.replace(data, end_users=(*data.end_users, more)))
    first, second, last = users(draft)
    both = {first: {}, second: LU, last: {"name": "Hu Yan", "email": "hu.yan@kuaiji-hospital.example"}}
    for user, contact in both.items():
        asked(world, draft, end_user=user, **contact)
        said_yes(link(contact.get("email", CONTACT.email)))
    assert level(draft).level == "link"
    moved = dataclasses.replace(more, place_address="绍兴市延安路 7 号")
    now = dataclasses.replace(data_of(version_of(draft)), end_users=(*data.end_users, moved))
    drafting.edit(declaration=draft, by=world.filer, data=now)
    assert [one.level for one in level(draft).each] == ["link", "link", "distributor"]
    drafting.edit(declaration=draft, by=world.filer, data=dataclasses.replace(now, end_use="Tissue typing, about 200 samples a month."))
    assert [one.level for one in level(draft).each] == ["distributor"] * 3, "what is told to all alike asks all anew"


def test_a_copy_and_an_amendment_carry_nobodys_word(world: World, signed: Declaration) -> None:
    both_asked(world, signed)
    said_yes(link())
    before, client, path = {own.sha256 for own in own_texts(version_of(signed))}, Client(), link(LU["email"])
    for how in ("copy", "renew", "amend"):
        made = drafting.draft(by=world.filer, data=data_of(version_of(signed)), form_key=new_ulid(), follows=signed, how=how)
        assert level(made).level == "distributor"
        assert [one.asked for one in end_user_words(made).each] == [[], []]
        now = own_texts(version_of(made))
        assert not before & {own.sha256 for own in now}
        given = fields(client, path, kind="confirmed", name="Lu Ke", role="Head of Genetics", ticked="1")
        assert client.post(path, {**given, "sha256": now[1].sha256}).status_code == 422, "the old link is about the old text"
        assert level(made) == Assurance(each=(Assurance(), Assurance()))


def test_whoever_is_left_out_of_a_draft_has_no_say_and_its_link_says_why(world: World, data: DeclarationData) -> None:
    draft = begun(world, data)
    second = users(draft)[1]
    asked(world, draft, end_user=second, **LU)
    path, scan = link(LU["email"]), scanned(world, draft, end_user=second)
    single = dataclasses.replace(data, kind="single", end_users=())
    drafting.edit(declaration=draft, by=world.filer, data=single)
    assert Client().get(path).status_code == 410
    assert level(draft) == Assurance()
    page = plain(client_of(world.filer).get(f"/d/declarations/{draft.number}/end-user/?end_user={second}"))
    assert "Not named by the text as it is now" in page
    assert "the least of all" not in page, "there is one end user"
    assert scan.statement.code in page, "what waits can still be refused"
    assert flow.remind() == 1
    assert EndUserRequest.objects.get().status == "outdated"


def test_reminders_and_the_end_of_a_link_are_each_ones_own(world: World, signed: Declaration, monkeypatch: pytest.MonkeyPatch) -> None:
    both_asked(world, signed)
    said_yes(link())
    later(monkeypatch, 4.1)
    assert flow.remind() == 1
    assert set(Mail.objects.filter(template="end_user_reminded").values_list("to_email", flat=True)) == {LU["email"]}
    later(monkeypatch, 16)
    assert flow.remind() == 1
    over = Mail.objects.get(template="end_user_over")
    assert any(words in over.body for words in SECOND_OF_TWO)
    assert f"?end_user={users(signed)[1]}" in over.body
    assert SECOND not in over.subject + over.body, "a mail names no customer"
    assert sorted(EndUserRequest.objects.values_list("status", flat=True)) == ["confirmed", "lapsed"]


def test_the_answer_of_one_says_in_the_mail_which_and_who_it_is_stands_on_the_page(world: World, signed: Declaration) -> None:
    both_asked(world, signed)
    said_no(link(LU["email"]))
    for template in ("end_user_answered", "end_user_against"):
        assert any(words in Mail.objects.filter(template=template)[0].body for words in SECOND_OF_TWO)
    copy = Mail.objects.get(template="end_user_copy")
    assert not any(words in copy.body for words in SECOND_OF_TWO)
    assert "your part of declaration" in copy.subject
    page = plain(client_of(world.filer).get(f"/d/declarations/{signed.number}/end-user/"))
    assert "We never ordered these kits." in page, "opens at whoever is against it"
