"""The questionnaire on pages: written question by question, read before it is agreed to, answered on one page without a script."""

from typing import Any

import pytest
from django.urls import reverse
from django.utils import translation

from certifications.catalogue import questions
from certifications.catalogue.models_questions import QuestionnaireAnswer
from certifications.catalogue.models_versions import CatalogueProposal
from certifications.catalogue.rules_questions import QuestionData, QuestionnaireData
from certifications.pages.compliance import proposing
from certifications.parties.models import Customer
from tests.world import World, client_of, code_of

from .questionnaires import LICENCE, OWN, UNTIL, WHOM, answered, open_questions, put_in_force

pytestmark = pytest.mark.django_db
DRAFT = "/c/catalogue/questions/draft/"


def field(question: Any) -> str:
    return questions.field_of(question.fingerprint)


def shown(client: Any, address: str = DRAFT) -> str:
    return str(client.get(address).context["shown"])


def typed(**changes: Any) -> dict[str, Any]:
    return {
        "text": "Is it so?",
        "text_zh": "是否如此？",
        "kind": "yes_no",
        "required": "on",
        "choices": "",
        "follows": "",
        "follows_value": "",
        **changes,
    }


def test_a_lead_writes_a_version_and_another_person_reads_every_word_before_agreeing(world: World) -> None:
    lead, reviewer = client_of(world.lead), client_of(world.reviewer)
    new = f"{DRAFT}new/"
    assert lead.post(new, typed(shown=shown(lead, new))).status_code == 302
    choice = typed(text="Which?", text_zh="哪一种？", kind="choice", choices="Hospital | 医院\nNone｜无", follows="1", follows_value="yes")
    assert lead.post(new, choice | {"shown": shown(lead, new)}).status_code == 302
    assert lead.post(DRAFT, {"holds": "1", "holds_signing": "on", "shown": shown(lead)}).status_code == 302
    sent = {"shown": shown(lead), "explanation": "As counsel asked for in November.", "code": code_of(world.lead)}
    assert lead.post(DRAFT, sent).status_code == 302
    proposal = CatalogueProposal.objects.get(kind="questions")
    page = reviewer.get(reverse("compliance:catalogue-proposal", args=[proposal.pk])).content.decode()
    for words in ("Is it so?", "Which?", "Hospital; None", "when question 1 is answered", "Nothing is signed for a customer while"):
        assert words in page, words
    assert reviewer.post(reverse("compliance:catalogue-agree", args=[proposal.pk]), {"code": code_of(world.reviewer)}).status_code == 302
    page = reviewer.get("/c/catalogue/questions/").content.decode()
    assert "Incomplete answers hold the signature" in page
    assert "Which?" in page


def test_a_question_is_read_in_chinese_with_chinese_marks(world: World) -> None:
    proposal = CatalogueProposal(kind="questions", content=QuestionnaireData((LICENCE,)).content())
    with translation.override("zh-hans"):
        assert "：医院；无" in str(proposing.said_by(proposal))


def test_a_draft_that_changed_meanwhile_is_neither_overwritten_nor_proposed(world: World) -> None:
    lead = client_of(world.lead)
    old = shown(lead)
    assert lead.post(f"{DRAFT}new/", typed(shown=old)).status_code == 302
    answer = lead.post(f"{DRAFT}new/", typed(text="Another?", text_zh="另一个？", shown=old))
    assert answer.status_code == 422
    assert "Another?" in answer.content.decode()
    assert lead.post(DRAFT, {"shown": old, "explanation": "As counsel asked for.", "code": code_of(world.lead)}).status_code == 422
    assert not CatalogueProposal.objects.exists()
    assert len(questions.draft().questions) == 1


def test_questions_are_moved_and_removed_but_not_away_from_what_they_follow(world: World) -> None:
    put_in_force(world, OWN, WHOM, LICENCE, UNTIL)
    lead = client_of(world.lead)
    lead.post(f"{DRAFT}1/move/", {"step": "remove", "shown": shown(lead)})
    assert len(questions.draft().questions) == 4
    lead.post(f"{DRAFT}4/move/", {"step": "remove", "shown": shown(lead)})
    lead.post(f"{DRAFT}3/move/", {"step": "up", "shown": shown(lead)})
    assert [one.text for one in questions.draft().questions] == [OWN.text, LICENCE.text, WHOM.text]
    for wrong in ("0", "9", "x", "²"):
        assert lead.get(f"{DRAFT}{wrong}/").status_code == 404
    assert lead.post(f"{DRAFT}1/move/", {"step": "sideways", "shown": shown(lead)}).status_code == 404
    assert client_of(world.reviewer).get(DRAFT).status_code == 404


def answer_page(customer: Customer) -> str:
    return reverse("distributors:questions", args=[customer.pk])


def test_a_filer_answers_what_is_known_and_is_asked_what_follows(world: World) -> None:
    put_in_force(world, holds=True)
    customer, filer = world.customer(), client_of(world.filer)
    page = filer.get(answer_page(customer)).content.decode()
    assert OWN.text in page
    assert WHOM.text not in page
    first = filer.post(answer_page(customer), {"version": "1", field(OWN): "yes"}, follow=True)
    assert WHOM.text in first.content.decode()
    assert "still to be answered" in first.content.decode()
    rest = {"version": "1", field(OWN): "yes", field(WHOM): "Clinics", field(LICENCE): "None"}
    assert filer.post(answer_page(customer), rest).headers["Location"].startswith(reverse("distributors:customer", args=[customer.pk]))
    assert open_questions(customer) == []
    own = filer.get(reverse("distributors:customer", args=[customer.pk])).content.decode()
    assert "Clinics" in own
    assert "Complete" in own
    read = client_of(world.reviewer).get(reverse("compliance:party", args=[customer.party_id])).content.decode()
    assert "Clinics" in read
    assert WHOM.text in read


def test_what_was_typed_stays_where_one_answer_cannot_be_kept(world: World) -> None:
    put_in_force(world)
    customer, filer = world.customer(), client_of(world.filer)
    answered(world, customer, (LICENCE, "Hospital"), (OWN, "yes"))
    answer = filer.post(
        answer_page(customer),
        {"version": "1", field(OWN): "yes", field(WHOM): "Clinics of Ningbo", field(UNTIL): "31.02.2027", field(LICENCE): "Hospital"},
    )
    assert answer.status_code == 422
    assert "Clinics of Ningbo" in answer.content.decode()
    assert "31.02.2027" in answer.content.decode()
    assert QuestionnaireAnswer.objects.count() == 2


def test_what_was_typed_for_a_version_that_is_over_stays_with_its_questions(world: World) -> None:
    put_in_force(world, OWN, LICENCE)
    customer, filer = world.customer(), client_of(world.filer)
    put_in_force(world, LICENCE, OWN)
    answer = filer.post(answer_page(customer), {"version": "1", field(OWN): "yes", field(LICENCE): "None"})
    assert answer.status_code == 422
    form = answer.context["form"]
    assert (form[field(OWN)].value(), form[field(LICENCE)].value(), form["version"].value()) == ("yes", "None", "2")


def test_only_filers_answer_and_only_for_their_own_customers(world: World) -> None:
    put_in_force(world)
    customer = world.customer()
    for who in (world.stranger, world.signatory, world.reviewer, world.regulator):
        assert client_of(who).get(answer_page(customer)).status_code == 404
        assert client_of(who).post(answer_page(customer), {"version": "1", field(OWN): "yes"}).status_code == 404
    assert not QuestionnaireAnswer.objects.exists()


def test_the_sign_page_says_what_is_missing_and_where(world: World) -> None:
    put_in_force(world, OWN, holds=True)
    draft = world.draft()
    page = client_of(world.signatory).get(reverse("distributors:declaration-sign", args=[draft.number])).content.decode()
    assert "must be answered first" in page
    assert reverse("distributors:customer", args=[draft.customer_id]) in page


def test_without_a_questionnaire_nothing_is_asked(world: World) -> None:
    customer = world.customer()
    assert client_of(world.filer).get(answer_page(customer)).status_code == 302
    assert "Questionnaire" not in client_of(world.filer).get(reverse("distributors:customer", args=[customer.pk])).content.decode()
    assert "Nothing is asked yet" in client_of(world.reviewer).get("/c/catalogue/questions/").content.decode()


def test_answers_stand_on_the_timeline_with_what_they_were_before(world: World) -> None:
    put_in_force(world, OWN)
    customer = world.customer()
    answered(world, customer, (OWN, "yes"))
    answered(world, customer, (OWN, "no"))
    page = client_of(world.filer).get(reverse("distributors:timeline", args=[customer.pk]), {"kind": "questions"}).content.decode()
    assert OWN.text in page
    assert "<del>yes</del>" in page


def test_an_answer_on_the_timeline_is_read_by_the_version_that_was_answered(world: World) -> None:
    """A later version asks the same words otherwise: what was answered before is not turned into "no"."""
    choice = QuestionData(OWN.text, "客户是否转售？", "choice", choices=(("Always", "总是"), ("Never", "从不")))
    put_in_force(world, choice)
    customer = world.customer()
    answered(world, customer, (choice, "Always"))
    put_in_force(world, OWN)
    answered(world, customer, (OWN, "yes"))
    address = reverse("distributors:timeline", args=[customer.pk])
    page = client_of(world.filer).get(address, {"kind": "questions"}).content.decode()
    assert "Always" in page
    assert ">no<" not in page
    page = client_of(world.filer).get(address, {"kind": "questions"}, headers={"accept-language": "zh-hans"}).content.decode()
    assert "总是" in page
    assert "客户是否转售？" in page
    assert OWN.text_zh in page


def test_a_draft_that_waits_for_answers_stands_under_what_a_filer_must_do(world: World) -> None:
    put_in_force(world, OWN, holds=True)
    draft = world.draft()
    there = reverse("distributors:questions", args=[draft.customer_id])
    home = reverse("distributors:home")
    assert there in client_of(world.filer).get(home).content.decode()
    assert there not in client_of(world.signatory).get(home).content.decode()
    answered(world, draft.customer, (OWN, "no"))
    assert there not in client_of(world.filer).get(home).content.decode()
