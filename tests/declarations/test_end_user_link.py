"""The end user's own word by a one-time link: shown exactly, answered once, and nothing said by a link that is over."""

import datetime as dt
import json
from typing import Any

import pytest
from django.test import Client
from django.utils import timezone

from certifications.declarations import actions, drafting
from certifications.declarations.models import Declaration
from certifications.declarations.models_enduser import EndUserAnswer, EndUserLink, EndUserRequest
from certifications.declarations.queries import frozen_form, version_of
from certifications.declarations.rules_enduser import Assurance, Word, assurance_of
from certifications.flow import enduser as flow
from certifications.flow import release as release_flow
from certifications.ledger.models import Event
from certifications.ledger.moves import NotAllowed
from certifications.mail.models import Mail
from certifications.screening.actions import screen_party
from tests.architecture.test_database_guards import refused
from tests.world import World, client_of, proof_for

from .end_users import CONTACT, asked, fields, later, level, link, plain, said_no, said_yes

pytestmark = pytest.mark.django_db
DAY = dt.timedelta(days=1)


@pytest.fixture
def signed(world: World) -> Declaration:
    """Signed by the distributor; the end user was not asked yet."""
    return world.signed()


def test_only_the_hash_of_a_random_token_is_kept(world: World, signed: Declaration) -> None:
    asked(world, signed)
    token = link().strip("/").rpartition("/")[2]
    assert len(token) == 43
    kept = EndUserLink.objects.get()
    assert token not in json.dumps([str(getattr(kept, f.attname)) for f in EndUserLink._meta.concrete_fields])
    assert token not in json.dumps(list(Event.objects.values_list("data", flat=True)))
    asked(world, signed)
    assert link().strip("/").rpartition("/")[2] != token


def test_the_page_shows_the_declaration_and_neither_price_nor_screening(world: World, signed: Declaration) -> None:
    asked(world, signed)
    answer = Client().get(link())
    page = plain(answer)
    version = version_of(signed)
    for wanted in ("宁波江南医院", version.end_use, version.place_address, "CI-2440-100", "24", signed.number, "Undertakings"):
        assert wanted in page
    for clause in version.clause_set.clauses.all():
        assert clause.text in page
        assert clause.text_zh in page
    assert version.frozen.sha256.replace(" ", "") in answer.content.decode().replace("</span><span>", "")
    for never in ("price", "screen", "score", "Entity List", "Sign in"):
        assert never.lower() not in page.lower(), never


def test_what_leaves_no_trace_elsewhere(world: World, signed: Declaration) -> None:
    asked(world, signed)
    for path in (link(), "/confirm/guessed/"):
        answer = Client().get(path)
        assert answer["Referrer-Policy"] == "no-referrer"
        assert "noindex" in answer["X-Robots-Tag"]
        assert answer["Cache-Control"] == "no-store"
        assert not answer.cookies
        assert "http" not in answer.content.decode().replace("http-equiv", "").replace("httponly", "")


def test_opening_the_link_changes_nothing_however_often(world: World, signed: Declaration) -> None:
    asked(world, signed)
    before = Event.objects.count()
    for _ in range(5):
        assert Client().get(link()).status_code == 200
        assert Client().head(link()).status_code == 200
    assert Event.objects.count() == before
    assert EndUserRequest.objects.get().status == "open"


def test_a_yes_is_kept_with_who_when_what_and_which_address(world: World, signed: Declaration) -> None:
    held = asked(world, signed)
    assert level(signed) == Assurance()
    answer = said_yes(link())
    assert answer.status_code == 200
    assert "You confirmed" in plain(answer)
    made = EndUserAnswer.objects.get()
    assert (made.kind, made.name, made.role, made.email) == ("confirmed", "Shen Yiran", "Head of Genetics", CONTACT.email)
    assert made.sha256 == version_of(signed).frozen.sha256
    assert made.link == held.links.get()
    assert level(signed).level == "link"
    events = Event.objects.filter(object_id=held.pk).order_by("sequence")
    assert [e.verb for e in events] == ["enduserrequest.asked", "enduserrequest.confirmed"]
    assert "Shen" not in json.dumps([e.data for e in events])
    assert {m.template for m in Mail.objects.exclude(template="end_user_asked")} == {"end_user_confirmed", "end_user_copy"}
    assert "宁波" not in "".join(m.subject + m.body for m in Mail.objects.all())


@pytest.mark.parametrize(
    ("sent", "says"),
    [
        ({"kind": "confirmed", "name": "S", "role": "Head", "ticked": "1"}, "Enter your full name"),
        ({"kind": "confirmed", "name": "Shen Yiran", "ticked": "1"}, "Enter your function"),
        ({"kind": "confirmed", "name": "Shen Yiran", "role": "Head"}, "Tick the box"),
        ({"kind": "declined", "name": "Shen Yiran", "reason": "no"}, "Say in a sentence why"),
        ({"kind": "questioned", "name": "Shen Yiran"}, "at least one undertaking"),
        ({"kind": "questioned", "name": "Shen Yiran", "question_4": "no"}, "Say in a sentence why"),
        ({"kind": "questioned", "name": "Shen Yiran", "question_77": "There is no such undertaking."}, "at least one undertaking"),
        ({"kind": "else", "name": "Shen Yiran"}, "Choose one of the three"),
    ],
)
def test_half_an_answer_is_none_and_says_what_is_missing(world: World, signed: Declaration, sent: dict[str, str], says: str) -> None:
    asked(world, signed)
    client = Client()
    answer = client.post(link(), fields(client, link(), **sent))
    assert answer.status_code == 422
    assert says in plain(answer)
    assert not EndUserAnswer.objects.exists()
    assert said_yes(link()).status_code == 200


def test_what_was_shown_is_what_is_answered(world: World, signed: Declaration) -> None:
    asked(world, signed)
    client = Client()
    answer = client.post(link(), fields(client, link(), kind="confirmed", name="Shen Yiran", role="Head", ticked="1", sha256="0" * 64))
    assert answer.status_code == 422
    assert "not the one that was shown" in plain(answer)
    assert not EndUserAnswer.objects.exists()


def test_the_same_form_twice_is_one_answer_and_another_form_is_refused(world: World, signed: Declaration) -> None:
    asked(world, signed)
    client = Client()
    first = fields(client, link(), kind="confirmed", name="Shen Yiran", role="Head of Genetics", ticked="1")
    second_tab = fields(client, link(), kind="declined", name="Shen Yiran", reason="We changed our mind since.")
    assert [client.post(link(), first).status_code for _ in range(2)] == [200, 200]
    late = client.post(link(), second_tab)
    assert late.status_code == 410
    assert "This link was used" in plain(late)
    assert EndUserAnswer.objects.get().kind == "confirmed"
    assert Mail.objects.filter(template="end_user_copy").count() == 1


def over(page: str, declaration: Declaration) -> None:
    """A closed link says nothing of the declaration."""
    for secret in (declaration.number, "宁波江南医院", "Qinglan", "IdentiPrime", "Ningbo"):
        assert secret not in page
    assert "ask the distributor" in page


def test_a_link_that_was_used_says_so_and_nothing_else(world: World, signed: Declaration) -> None:
    asked(world, signed)
    said_yes(link())
    answer = Client().get(link())
    assert answer.status_code == 410
    assert "takes one answer" in plain(answer)
    over(plain(answer), signed)


def test_a_link_that_was_taken_back_says_so_and_nothing_else(world: World, signed: Declaration) -> None:
    held = asked(world, signed)
    answer = client_of(world.filer).post(f"/d/declarations/{signed.number}/end-user/revoke/", {"request": held.pk})
    assert answer.status_code == 302
    closed = Client().get(link())
    assert closed.status_code == 410
    assert "was taken back" in plain(closed)
    over(plain(closed), signed)
    with pytest.raises(NotAllowed):
        flow.revoke(request=held, by=world.filer)


def test_a_link_works_for_fourteen_days_and_says_when_it_has_run_out(
    world: World, signed: Declaration, monkeypatch: pytest.MonkeyPatch
) -> None:
    held = asked(world, signed)
    path = link()
    assert (held.expires_at - held.asked_at) // DAY == 14
    later(monkeypatch, 13.9)
    assert Client().get(path).status_code == 200
    later(monkeypatch, 15.1)
    closed = Client().get(path)
    assert closed.status_code == 410
    assert "has run out" in plain(closed)
    over(plain(closed), signed)
    assert Client().post(path, {"kind": "confirmed", "sha256": held.sha256}).status_code == 410


def test_a_draft_that_changed_voids_the_link(world: World) -> None:
    draft = world.draft()
    asked(world, draft)
    data = world.data(draft.customer, end_use="Tissue typing in the transplant ward, about 200 samples a month.")
    drafting.edit(declaration=draft, by=world.filer, data=data)
    closed = Client().get(link())
    assert closed.status_code == 410
    assert "was changed or decided" in plain(closed)
    over(plain(closed), draft)
    assert flow.remind() == 1
    assert EndUserRequest.objects.get().status == "outdated"
    assert Mail.objects.filter(template="end_user_over", to_email=world.filer.email).exists()


def test_a_customer_that_changed_voids_the_link_of_a_draft(world: World) -> None:
    draft = world.draft()
    asked(world, draft)
    draft.customer.party.names.filter(script="Hani").update(text="宁波江北医院")
    assert Client().get(link()).status_code == 410


def test_a_word_on_a_draft_holds_for_exactly_the_text_that_is_signed(world: World) -> None:
    draft = world.draft()
    asked(world, draft)
    said_yes(link())
    world.signed(draft)
    assert level(draft).level == "link"


def test_an_unknown_link_is_a_page_of_the_same_look(world: World) -> None:
    answer = Client().get("/confirm/AAAAAAAAAAAAAAAA/")
    assert answer.status_code == 404
    assert "This link is not known" in plain(answer)


def test_a_no_stops_signature_and_release_until_the_end_user_says_otherwise(world: World) -> None:
    draft = world.draft()
    asked(world, draft)
    assert "You did not confirm" in plain(said_no(link()))
    _text, digest = frozen_form(version_of(draft))
    proof = proof_for(world.signatory, digest, "sign")
    words: dict[str, Any] = {"sha256": digest, "accepted": {1, 2, 3, 4, 5, 6}, "role_title": "General Manager", "proof": proof}
    with pytest.raises(NotAllowed, match="did not agree") as refused:
        actions.sign(declaration=draft, by=world.signatory, **words)
    assert refused.value.code == "end_user"
    assert {m.to_email for m in Mail.objects.filter(template="end_user_against")} >= {world.reviewer.email, world.lead.email}
    asked(world, draft)
    said_yes(link())
    actions.sign(declaration=draft, by=world.signatory, **words)


def test_a_no_on_a_ready_declaration_keeps_it_from_its_release(world: World, signed: Declaration) -> None:
    for party in (signed.customer.party, signed.organisation.party):
        screen_party(party)
    assert release_flow.problem_with(signed) == ""
    asked(world, signed)
    assert release_flow.problem_with(signed) == "", "that it is awaited enforces nothing yet"
    said_no(link())
    assert "did not confirm" in release_flow.problem_with(signed)


def test_the_level_is_the_best_since_the_end_user_last_said_something_else() -> None:
    at = [timezone.now() + n * DAY for n in range(5)]
    link_yes, paper_yes = Word("confirmed", "link", at[0]), Word("confirmed", "paper", at[1], "distributor")
    assert assurance_of([]) == Assurance()
    assert assurance_of([link_yes, paper_yes]).level == "paper"
    assert assurance_of([paper_yes, link_yes]).level == "paper"
    no = Word("declined", "link", at[2])
    assert assurance_of([link_yes, paper_yes, no]) == Assurance(against="declined")
    assert assurance_of([link_yes, paper_yes, no, Word("confirmed", "link", at[3])]).level == "link"


@pytest.mark.parametrize(
    ("accept", "query", "wanted"),
    [
        ("zh-CN,zh;q=0.9", "", "确认"),
        ("en-GB", "", "Confirm your end use"),
        ("zh-CN", "?lang=en", "Confirm your end use"),
        ("en", "?lang=zh-hans", "确认"),
        ("fr", "?lang=xx", "Confirm your end use"),
    ],
)
def test_the_page_speaks_the_reader_s_language(world: World, signed: Declaration, accept: str, query: str, wanted: str) -> None:
    asked(world, signed)
    answer = Client(headers={"accept-language": accept}).get(link() + query)
    assert wanted in plain(answer)


def test_past_the_limit_answers_are_refused_and_the_address_is_no_part_of_the_answer(world: World, signed: Declaration) -> None:
    asked(world, signed)
    path = link()
    answers = [Client().post(path, {"kind": "else"}) for _ in range(11)]
    assert [a.status_code for a in answers[:10]] == [422] * 10
    assert answers[-1].status_code == 429
    assert answers[-1]["Referrer-Policy"] == "no-referrer"
    # Another address has an allowance of its own, and the same link none left.
    other = Client(headers={"x-forwarded-for": "198.51.100.7"}, REMOTE_ADDR="198.51.100.7")
    assert other.post(path, {"kind": "else"}).status_code == 429


def test_postgresql_refuses_what_nobody_may_do_to_a_question_or_its_answer(world: World, signed: Declaration) -> None:
    held = asked(world, signed)
    said = refused("UPDATE certifications_enduserrequest SET status = 'confirmed', closed_at = now() WHERE id = %s", [held.pk])
    assert "the end user alone answers for itself" in said
    assert "never changes" in refused("UPDATE certifications_enduserrequest SET email = 'x@y.example' WHERE id = %s", [held.pk])
    said_yes(link())
    said = refused("UPDATE certifications_enduserrequest SET closed_at = now() WHERE id = %s", [held.pk])
    assert "never changes" in said
    # An answer to a question that is closed, or about another text, whoever writes it.
    for status, sha256 in (("closed", held.sha256), ("open", "0" * 64)):
        other = asked(world, world.draft()) if status == "open" else held
        said = refused(
            "INSERT INTO certifications_enduseranswer (request_id, kind, sha256, name, role, reason, email, link_id, form_key)"
            " SELECT %s, 'confirmed', %s, 'X Y', 'Head', '', email, (SELECT id FROM certifications_enduserlink WHERE request_id = %s), 'K'"
            " FROM certifications_enduserrequest WHERE id = %s",
            [other.pk, sha256, other.pk, other.pk],
        )
        assert "answers an open question" in said or "duplicate key" in said


def test_no_log_line_holds_a_token(world: World, signed: Declaration, capfd: pytest.CaptureFixture[str]) -> None:
    asked(world, signed)
    path = link()
    said_yes(path)
    Client().get(path)
    Client().post(path, {"kind": "else"})
    said = "".join(capfd.readouterr())
    assert "enduser:confirm" in said
    assert path.strip("/").rpartition("/")[2] not in said
