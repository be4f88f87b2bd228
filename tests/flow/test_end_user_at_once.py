"""Two tabs, a double click, a distributor and an end user in the same moment: one answer, and whoever came second is told so."""

from collections.abc import Callable
from typing import Any

from certifications.declarations import confirming, drafting, papers
from certifications.declarations.models import Declaration
from certifications.declarations.models_enduser import EndUserAnswer, EndUserRequest, StatementScan
from certifications.declarations.papers import CheckData
from certifications.declarations.rules_enduser import AnswerData
from certifications.flow import enduser as flow
from certifications.flow import release as release_flow
from certifications.flow.advance import advance
from certifications.ledger.ids import new_ulid
from certifications.ledger.models import Event
from certifications.mail.models import Mail
from tests.catalogue.asked import held, policy
from tests.declarations.end_users import asked, level, link, scanned
from tests.declarations.test_kinds import begun, several
from tests.declarations.test_own_words import LU, both_asked, users
from tests.world import World, proof_for

from .test_at_once import at_once, committed, failed

__all__ = ["committed"]
YES = AnswerData("confirmed", "Shen Yiran", role="Head of Genetics", ticked=True)
NO = AnswerData("declined", "Shen Yiran", reason="We never ordered these kits.")


def token() -> str:
    return link().strip("/").rpartition("/")[2]


def answering(held: EndUserRequest, data: AnswerData, key: str = "") -> Callable[[], Any]:
    secret, form_key = token(), key or new_ulid()
    return lambda: flow.answer(token=secret, sha256=held.sha256, data=data, form_key=form_key)


def test_two_tabs_that_say_different_things_are_one_answer(committed: World) -> None:
    held = asked(committed, committed.signed())
    answers = at_once(answering(held, YES), answering(held, NO))
    assert failed(answers) == ["LinkClosed"]
    kept = EndUserAnswer.objects.get()
    held.refresh_from_db()
    assert held.status == kept.kind
    assert Event.objects.filter(object_id=held.pk, verb__in=["enduserrequest.confirmed", "enduserrequest.declined"]).count() == 1


def test_a_double_click_is_one_answer_and_one_copy(committed: World) -> None:
    held, key = asked(committed, committed.signed()), new_ulid()
    answers = at_once(*[answering(held, YES, key) for _ in range(4)])
    assert failed(answers) == []
    assert len({answer.pk for answer in answers}) == EndUserAnswer.objects.count() == 1
    assert Mail.objects.filter(template="end_user_copy").count() == 1


def test_taken_back_and_answered_at_once_is_one_of_the_two(committed: World) -> None:
    held = asked(committed, committed.signed())
    answers = at_once(answering(held, YES), lambda: flow.revoke(request=held, by=committed.filer))
    assert len(failed(answers)) == 1
    held.refresh_from_db()
    assert (held.status == "confirmed") == EndUserAnswer.objects.exists()


def test_a_draft_that_is_edited_while_it_is_confirmed_never_rests_on_a_word_about_another_text(committed: World) -> None:
    draft = committed.draft()
    held = asked(committed, draft)
    other = committed.data(draft.customer, end_use="Tissue typing in the transplant ward, about 200 samples a month.")
    mine = Declaration.objects.get(pk=draft.pk)
    at_once(answering(held, YES), lambda: drafting.edit(declaration=mine, by=committed.filer, data=other))
    draft.refresh_from_db()
    assert level(draft).level == "distributor"


def test_a_no_and_a_release_at_once_never_both_take_effect(committed: World) -> None:
    declaration = committed.signed()
    advance(declaration.pk)
    declaration.refresh_from_db()
    assert declaration.status == "ready"
    held = asked(committed, declaration)
    proof = proof_for(committed.reviewer, release_flow.release_digest([declaration]), "release")
    answers = at_once(
        answering(held, NO), lambda: release_flow.release_with(declarations=[declaration], by=committed.reviewer, proof=proof)
    )
    assert len(failed(answers)) == 1
    declaration.refresh_from_db()
    assert (declaration.status == "issuing") != EndUserAnswer.objects.exists()


def test_two_questions_at_once_leave_one_open(committed: World) -> None:
    declaration = committed.signed()
    at_once(*[lambda: asked(committed, Declaration.objects.get(pk=declaration.pk)) for _ in range(3)])
    assert EndUserRequest.objects.filter(status="open").count() == 1


def test_two_reminders_at_once_are_one(committed: World) -> None:
    held = asked(committed, committed.signed())
    made = at_once(*[lambda: confirming.remind(request=held, day=4) for _ in range(3)])
    assert sum(bool(secret) for secret in made) == 1


def test_two_end_users_who_answer_at_once_are_both_heard_and_the_release_is_told_once(committed: World) -> None:
    held(committed, policy("assurance", level="link"))
    declaration = committed.signed(begun(committed, several(committed)))
    assert advance(declaration.pk) == "ready"
    one, two = both_asked(committed, declaration)
    theirs = link(LU["email"]).strip("/").rpartition("/")[2]
    answers = at_once(answering(one, YES), lambda: flow.answer(token=theirs, sha256=two.sha256, data=YES, form_key=new_ulid()))
    assert failed(answers) == []
    assert [each.level for each in level(declaration).each] == ["link", "link"]
    declaration.refresh_from_db()
    assert release_flow.problem_with(declaration) == ""
    assert Mail.objects.filter(template="ready_to_release").count() == 3, "by whoever came second, and by it alone"


def test_asked_for_both_at_once_each_has_one_open_question(committed: World) -> None:
    declaration = committed.signed(begun(committed, several(committed)))
    first, second = users(declaration)
    mine = Declaration.objects.get(pk=declaration.pk)
    acts = [lambda: asked(committed, mine, end_user=first), lambda: asked(committed, mine, end_user=second, **LU)]
    assert failed(at_once(*acts, *acts)) == []
    found = EndUserRequest.objects.filter(status="open").values_list("customer", flat=True)
    assert sorted(found) == sorted([first, second])


def test_two_who_check_a_scan_at_once_make_one_verdict(committed: World) -> None:
    scan = scanned(committed, committed.signed())
    good, bad = CheckData(scan.statement.code, all_pages=True, signed=True), CheckData(refusal="unreadable", text="The seal is cut off.")

    def check(who: str, data: CheckData) -> Callable[[], Any]:
        person = committed.people[who]
        proof = proof_for(person, scan.digest, "statement")
        return lambda: papers.check_scan(scan=scan, by=person, data=data, proof=proof)

    answers = at_once(check("signatory", good), check("reviewer", bad))
    assert failed(answers) == ["StaleState"]
    assert StatementScan.objects.get().status in {"accepted", "refused"}
