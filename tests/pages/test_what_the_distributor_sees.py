"""One word for where a declaration stands, the words that were meant for the distributor, and who acts next."""

import datetime as dt
import re
from typing import Any

import pytest
from django.utils import timezone

from certifications.attestations import models, queries
from certifications.attestations.models import Attestation, StatusChange
from certifications.declarations.models import Declaration, Objection
from certifications.flags.actions import ask
from certifications.flow import sign as flow
from certifications.ledger.days import civil_today
from certifications.mail.models import Mail
from tests.attestations.conftest import Issued, become, issue
from tests.declarations.forms import fill_in, typed
from tests.flags.decisions import decide, police_case
from tests.world import World, client_of, make_world

pytestmark = pytest.mark.django_db
CHINESE = {"HTTP_ACCEPT_LANGUAGE": "zh-hans"}


def text_of(answer: Any) -> str:
    """The page without its tags."""
    return re.sub(r"\s+", " ", re.sub(r"<[^>]+>", " ", answer.content.decode()))


def attested(issued: Issued, **fields: Any) -> Declaration:
    """Its declaration, attested; `fields` are what became of the attestation."""
    declaration = issued.attestation.declaration
    Declaration.objects.filter(pk=declaration.pk).update(status="attested")
    if fields:
        issued.say(**fields)
    return declaration


def changed(issued: Issued, to: str, words: str) -> Declaration:
    """As two people made it."""
    world = issued.world
    StatusChange.objects.create(
        attestation=issued.attestation, to=to, reason="new_evidence", explanation="Seen by compliance alone.", public_reason=words,
        state="effective", proposed_by=world.reviewer, proposed_proof_id="1" * 26, agreed_by=world.lead, agreed_proof_id="2" * 26,
        agreed_at=timezone.now(), digest="0" * 64,
    )  # fmt: skip
    return attested(issued, status=to)


@pytest.mark.parametrize(("status", "word"), [("suspended", "Suspended"), ("revoked", "Revoked")])
def test_what_is_suspended_or_revoked_is_called_so_everywhere(issued: Issued, status: str, word: str) -> None:
    declaration = changed(issued, status, "New evidence is being looked at.")
    filer = client_of(issued.world.filer)
    for address in ("/d/", "/d/declarations/", f"/d/declarations/?status={status}", f"/d/declarations/{declaration.number}/"):
        answer = filer.get(address)
        assert f"</svg>{word}</span>" in answer.content.decode(), address
        assert "</svg>Attested</span>" not in answer.content.decode(), address
    assert word in filer.get("/d/declarations/export/").content.decode()
    assert declaration.number not in text_of(filer.get("/d/declarations/?status=attested"))


@pytest.mark.parametrize("status", ["suspended", "revoked"])
def test_the_public_sentence_the_day_and_what_to_do_stand_on_the_declaration(issued: Issued, status: str) -> None:
    declaration = changed(issued, status, "New evidence is being looked at.")
    shown = text_of(client_of(issued.world.filer).get(f"/d/declarations/{declaration.number}/"))
    assert "New evidence is being looked at." in shown
    assert "Deliver nothing under it" in shown
    assert "Seen by compliance alone" not in shown


def test_a_return_tells_its_reason_and_the_reviewers_words_and_nothing_else(world: World) -> None:
    case = police_case(world)
    words = {"outcome": "return", "reason": "wrong_party", "explanation": "The seal is that of a bureau and no clinic."}
    refused = decide(case, world.reviewer, **words)
    assert refused.status_code == 422
    assert "The seal is that of a bureau" in refused.content.decode()
    decide(case, world.reviewer, **words, message="Name the department that will use the kits.")
    shown = text_of(client_of(world.filer).get(f"/d/declarations/{case.declaration.number}/"))  # type: ignore[union-attr]
    assert "A party or place is stated wrongly" in shown
    assert "Name the department that will use the kits." in shown
    assert "no clinic" not in shown


def test_a_refusal_is_told_in_neutral_words(world: World) -> None:
    declaration = world.signed()
    Declaration.objects.filter(pk=declaration.pk).update(status="refused")
    shown = text_of(client_of(world.filer).get(f"/d/declarations/{declaration.number}/"))
    assert "does not show that anybody did anything unlawful" in shown


def test_a_draft_awaits_its_signature_and_the_signatory_is_led_to_it(world: World) -> None:
    declaration = world.draft()
    for who, step in (("signatory", "You sign"), ("filer", "The signatory signs")):
        shown = text_of(client_of(world.people[who]).get("/d/"))
        assert "Awaiting signature" in shown
        assert step in shown
    assert f"/d/declarations/{declaration.number}/sign/" in client_of(world.signatory).get("/d/").content.decode()


def test_an_open_question_shows_as_the_word_and_as_the_next_step(world: World) -> None:
    case = police_case(world)
    ask(
        case=case,
        by=world.reviewer,
        organisation=world.qinglan,
        text="Which department uses the kits?",
        due_on=civil_today() + dt.timedelta(5),
    )
    shown = text_of(client_of(world.filer).get("/d/declarations/?status=question"))
    assert "Question open" in shown
    assert "You answer by" in shown
    assert case.declaration.number not in text_of(client_of(world.filer).get("/d/declarations/?status=review"))  # type: ignore[union-attr]


@pytest.mark.parametrize("status", ["valid", "superseded", "expired", "suspended", "revoked"])
def test_lists_and_the_function_judge_an_attestation_alike(issued: Issued, status: str, monkeypatch: pytest.MonkeyPatch) -> None:
    if status in {"suspended", "revoked"}:
        changed(issued, status, "New evidence is being looked at.")
    else:
        issued.say(status=status)
    one = issued.attestation
    for day in (one.valid_from, one.valid_until):
        for days in (-1, 0, 1):
            today = day + dt.timedelta(days)
            for module in (models, queries):
                monkeypatch.setattr(module, "civil_today", lambda today=today: today)
            assert queries.judged(Attestation.objects.all()).get().word == one.standing.word  # type: ignore[attr-defined]


def test_what_begins_tomorrow_is_in_force_nowhere(roles: None, authority: Any, settings: Any) -> None:
    become("portal_app")
    issued = issue(make_world(), authority, valid_from=civil_today() + dt.timedelta(1))
    attested(issued)
    number, world = issued.attestation.number, issued.world
    for who, address in (("filer", "/d/"), ("filer", "/d/attestations/"), ("reviewer", "/c/attestations/"), ("regulator", "/r/")):
        shown = client_of(world.people[who]).get(address).content.decode()
        assert "Not in force yet</span>" in shown, address
        assert "</svg>In force</span>" not in shown, address
    assert number in text_of(client_of(world.regulator).get("/r/?status=not_yet"))
    assert number not in text_of(client_of(world.regulator).get("/r/?status=valid"))


def test_a_declaration_made_early_in_the_east_is_not_one_for_tomorrow(world: World, monkeypatch: pytest.MonkeyPatch) -> None:
    early = dt.datetime(2026, 11, 27, 1, 0, tzinfo=dt.timezone(dt.timedelta(hours=8)))
    monkeypatch.setattr(timezone, "now", lambda: early)
    filer = client_of(world.filer)
    begun = filer.post("/d/declarations/new/", typed(world, world.customer()))
    offered = filer.get(begun.url).context["form"]["valid_from"].value()
    assert offered == civil_today() == dt.date(2026, 11, 26)


def test_a_day_is_written_for_the_browser_in_every_language(world: World) -> None:
    address = f"/d/declarations/{world.draft().number}/edit/goods/"
    shown = client_of(world.filer).get(address, **CHINESE).content.decode()  # type: ignore[arg-type]
    days = re.findall(r'type="date"[^>]*value="([^"]*)"|value="([^"]*)"[^>]*type="date"', shown)
    assert len(days) == 2
    assert all(re.fullmatch(r"\d{4}-\d\d-\d\d", a or b) for a, b in days)


def test_no_form_has_a_day_that_is_not_the_kits_own() -> None:
    from certifications.pages.compliance import forms as compliance
    from certifications.pages.distributors import forms_declare as distributors
    from portal.forms import DayField

    named = [form for module in (compliance, distributors) for form in vars(module).values() if hasattr(form, "base_fields")]
    days = [field for form in named for field in form.base_fields.values() if type(field).__name__ in {"DateField", "DayField"}]
    assert len(days) >= 4
    assert all(isinstance(field, DayField) for field in days)


@pytest.mark.parametrize(
    ("typed_place", "kept"), [("宁波", "330200"), ("Ningbo", "330200"), ("宁波市 330200", "330200"), ("330200", "330200")]
)
def test_a_division_may_be_given_by_name(world: World, typed_place: str, kept: str) -> None:
    fill_in(client_of(world.filer), typed(world, world.customer(), place_division=typed_place))
    assert Declaration.objects.get().versions.get().place_division == kept


def test_a_name_that_several_divisions_have_is_asked_back(world: World) -> None:
    answer = fill_in(client_of(world.filer), typed(world, world.customer(), place_division="Kashgar"))
    assert answer.status_code == 422
    assert "653100" in answer.content.decode()
    assert "653101" in answer.content.decode()


def test_who_cannot_agree_to_a_clause_asks_and_is_answered(world: World) -> None:
    declaration = world.draft()
    signatory = client_of(world.signatory)
    where = f"/d/declarations/{declaration.number}/objection/"
    assert where + "?clause=4" in signatory.get(f"/d/declarations/{declaration.number}/sign/").content.decode()
    signatory.post(where, {"clauses": ["4"], "text": "The hospital moves to a new building in March."})
    objection = Objection.objects.get()
    assert set(Mail.objects.filter(template="objection_made").values_list("to_user_id", flat=True)) == {
        world.reviewer.pk, world.second_reviewer.pk, world.lead.pk,
    }  # fmt: skip
    assert "moves to a new building" in text_of(client_of(world.reviewer).get(f"/c/declarations/{declaration.number}/"))
    flow.answer_objection(objection=objection, by=world.reviewer, text="A move within the city is fine; tell us the address.")
    assert "A move within the city is fine" in text_of(signatory.get(f"/d/declarations/{declaration.number}/"))
    declaration.refresh_from_db()
    assert declaration.status == "draft"


def test_a_signature_that_lacks_a_tick_is_sent_to_the_clause(world: World) -> None:
    declaration = world.draft()
    answer = client_of(world.signatory).post(f"/d/declarations/{declaration.number}/sign/", {"clause": ["1", "2", "4", "5"], "sha256": ""})
    shown = answer.content.decode()
    assert answer.status_code == 422
    assert "<title>Error:" in shown
    assert "Undertakings 3, 6 are not ticked." in shown
    assert 'href="#clause-3"' in shown
    assert shown.count("data-takes-focus") == 1


def test_a_proposed_suspension_waits_in_the_queue_for_the_second_person(issued: Issued) -> None:
    world = issued.world
    become("portal_app")
    StatusChange.objects.create(
        attestation=issued.attestation, to="suspended", reason="new_evidence", explanation="A notice names other goods.",
        public_reason="New evidence is being looked at.", proposed_by=world.reviewer, proposed_proof_id="1" * 26, digest="0" * 64,
    )  # fmt: skip
    number = issued.attestation.number
    link = f'href="/c/attestations/{number}/"'
    assert link in client_of(world.lead).get("/c/?tab=second").content.decode()
    assert client_of(world.lead).get("/c/").context["counts"]["second"] == 1
    assert client_of(world.reviewer).get("/c/").context["counts"]["second"] == 0
    assert number in text_of(client_of(world.lead).get("/c/attestations/?state=proposed"))
