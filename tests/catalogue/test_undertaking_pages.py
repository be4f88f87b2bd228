"""The pages of undertakings: drafted, seen clause by clause, proposed, agreed to; and a distributor's way to the new text."""

import pytest
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.urls import reverse

from certifications.catalogue import clauses
from certifications.catalogue.models_versions import CatalogueProposal, ClauseDraft
from certifications.declarations.queries import frozen_form, version_of
from certifications.ledger.days import civil_today
from tests.world import World, client_of, code_of

from .changes import WHY, proposed
from .undertakings import DAY, agreed_version, on_day, texts, version

pytestmark = pytest.mark.django_db
NEW = {"text": "The goods stay at the named place of use.", "text_zh": "货物留在所列使用地点。"}


def page(client: Client, name: str, *args: str, **query: str) -> str:
    answer = client.get(reverse(name, args=args), query)
    assert answer.status_code == 200
    return answer.content.decode()


def typed(rows: list[dict[str, str]], days: int = 1) -> dict[str, str]:
    fields = {f"{name}_{n}": text for n, row in enumerate(rows, start=1) for name, text in row.items()}
    return {"from_date": (civil_today() + days * DAY).isoformat(), "old_until": "", **fields}


def shown_in(text: str) -> str:
    """What a page says that it showed."""
    return text.partition('name="sha256" value="')[2].partition('"')[0]


def test_a_draft_that_changed_since_it_was_shown_is_not_proposed(world: World) -> None:
    lead, check = client_of(world.lead), reverse("compliance:clauses-check", args=["CN-kits"])
    draft = clauses.keep_draft(code="CN-kits", data=version(texts(n4=NEW)), by=world.lead, seen="")
    shown = shown_in(page(lead, "compliance:clauses-check", "CN-kits"))
    clauses.keep_draft(code="CN-kits", data=version(texts(n5=NEW)), by=world.lead, seen=clauses.mark_of(draft))
    for digest in (shown, ""):
        answer = lead.post(check, {"explanation": WHY, "sha256": digest, "code": code_of(world.lead)})
        assert answer.status_code == 422
        assert "nothing was proposed" in answer.content.decode()
    assert not CatalogueProposal.objects.exists()
    sent = {"explanation": WHY, "sha256": shown_in(answer.content.decode()), "code": code_of(world.lead)}
    assert lead.post(check, sent).status_code == 302
    assert CatalogueProposal.objects.get().content["clauses"][4]["text"] == NEW["text"]


def seen_in(text: str) -> str:
    """Which draft a page began from."""
    return text.partition('name="seen" value="')[2].partition('"')[0]


def test_of_two_who_write_at_once_neither_loses_a_word(world: World) -> None:
    lead, draft = client_of(world.lead), reverse("compliance:clauses-draft", args=["CN-kits"])
    seen = seen_in(page(lead, "compliance:clauses-draft", "CN-kits"))
    assert seen == ""
    more = texts(n4=NEW) + [{"title": "A seventh", "title_zh": "七", "text": "Added.", "text_zh": "新增。"}]
    clauses.keep_draft(code="CN-kits", data=version(texts(n5=NEW)[:3]), by=world.reviewer, seen="")
    for mark in (seen, "none such"):
        answer = lead.post(draft, typed(more) | {"seen": mark})
        text = answer.content.decode()
        assert answer.status_code == 422
        assert "Somebody else saved this draft" in text
        assert world.reviewer.name in text
        assert "A seventh" in text, "what was typed stands, more undertakings than the other kept too"
        assert len(ClauseDraft.objects.get().content["clauses"]) == 3
    wrong = lead.post(draft, typed(more) | {"seen": seen, "from_date": ""})
    assert seen_in(wrong.content.decode()) == seen, "another mistake does not show the other's draft"
    assert lead.post(draft, typed(more) | {"seen": seen_in(text)}).status_code == 302
    assert ClauseDraft.objects.get().content["clauses"][6]["title"] == "A seventh"
    assert lead.post(draft, typed(more)).status_code == 422, "a form that says nothing of what it began from"


def test_an_auditor_sees_what_is_proposed_without_the_buttons(world: World) -> None:
    proposal = proposed(world.lead, "clauses", "CN-kits", version(texts(n4=NEW)).content())
    auditor, agree = client_of(world.auditor), reverse("compliance:catalogue-agree", args=[proposal.pk])
    assert reverse("compliance:catalogue-proposal", args=[proposal.pk]) in page(auditor, "compliance:catalogue-proposals")
    assert agree in page(client_of(world.reviewer), "compliance:catalogue-proposal", proposal.pk)
    assert agree not in page(auditor, "compliance:catalogue-proposal", proposal.pk)


def test_more_versions_ask_no_more_of_the_database(world: World) -> None:
    client = client_of(world.lead)

    def asked() -> int:
        with CaptureQueriesContext(connection) as queries:
            page(client, "compliance:clause-set", "CN-kits", version="5")
        return len(queries)

    asked()
    before = asked()
    for day in (1, 2, 3):
        agreed_version(world, version(texts(n4={"text": f"Text {day}."}), days=day))
    assert asked() == before


def test_a_version_is_drafted_shown_proposed_and_agreed_to(world: World) -> None:
    lead, reviewer = client_of(world.lead), client_of(world.reviewer)
    draft, check = reverse("compliance:clauses-draft", args=["CN-kits"]), reverse("compliance:clauses-check", args=["CN-kits"])
    assert "Declared purpose only" in lead.get(draft).content.decode()
    assert lead.post(draft, {**typed(texts(n4=NEW)), "from_date": ""}).status_code == 422
    emptied = {"seen": ""} | typed(texts(n4=NEW)) | {f"{name}_2": "" for name in ("title", "title_zh", "text", "text_zh")}
    assert lead.post(draft, emptied).headers["Location"] == check
    text = page(lead, "compliance:clauses-check", "CN-kits")
    assert "<mark>" in text
    assert "gone" in text
    assert "was number 4" in text
    assert "CN-kits" in page(reviewer, "compliance:clauses")
    sent = {"explanation": WHY, "sha256": shown_in(text)}
    assert lead.post(check, sent).status_code == 422, "without a factor"
    assert lead.post(check, {**sent, "code": code_of(world.lead)}).status_code == 302
    proposal = CatalogueProposal.objects.get()
    assert "<mark>" in page(reviewer, "compliance:catalogue-proposal", proposal.pk)
    agree = reverse("compliance:catalogue-agree", args=[proposal.pk])
    assert reviewer.post(agree, {"code": code_of(world.reviewer)}).status_code == 302
    last = clauses.last_of("CN-kits")
    assert last is not None
    assert (last.version, len(clauses.texts(last))) == (6, 5)
    assert "to come" in page(reviewer, "compliance:clause-set", "CN-kits")
    assert "in force" in page(reviewer, "compliance:clause-set", "CN-kits", version="5")
    assert not ClauseDraft.objects.exists()


def test_what_is_missing_is_listed_and_cannot_be_proposed(world: World) -> None:
    lead = client_of(world.lead)
    lead.post(reverse("compliance:clauses-draft", args=["CN-kits"]), typed(texts(n4={"text_zh": ""}), days=0) | {"seen": ""})
    text = page(lead, "compliance:clauses-check", "CN-kits")
    assert "Begin tomorrow or later" in text
    assert "Undertaking 4 lacks its title or text" in text
    assert text.index("Begin tomorrow or later") < text.index("Where it applies"), "before anything else"
    assert "Propose the version" not in text
    sent = {"explanation": WHY, "code": code_of(world.lead)}
    assert lead.post(reverse("compliance:clauses-check", args=["CN-kits"]), sent).status_code == 422
    assert not CatalogueProposal.objects.exists()


def test_a_new_set_begins_with_its_code(world: World) -> None:
    lead = client_of(world.lead)
    assert lead.post(reverse("compliance:clauses"), {"code": "a b"}).status_code == 422
    assert lead.post(reverse("compliance:clauses"), {"code": "analysers"}).status_code == 302
    assert client_of(world.reviewer).get(reverse("compliance:clauses-draft", args=["analysers"])).status_code == 404
    assert lead.get(reverse("compliance:clause-set", args=["analysers"])).status_code == 404
    draft = reverse("compliance:clauses-draft", args=["analysers"])
    assert lead.get(draft).status_code == 404, "an address that somebody mistyped begins no set"
    assert lead.post(draft, typed(texts(n4=NEW)) | {"seen": ""}).status_code == 404
    assert not ClauseDraft.objects.exists()
    assert lead.get(draft, {"new": "1"}).status_code == 200
    assert lead.post(f"{draft}?new=1", typed(texts(n4=NEW)) | {"seen": ""}).status_code == 302
    assert lead.get(draft).status_code == 200, "it has begun"


def test_the_signatory_is_told_and_takes_the_new_text_before_signing(world: World, monkeypatch: pytest.MonkeyPatch) -> None:
    declaration, signatory = world.draft(), client_of(world.signatory)
    _text, read = frozen_form(version_of(declaration))
    agreed_version(world, version(texts(n4=NEW)))
    on_day(monkeypatch, 1)
    sign = reverse("distributors:declaration-sign", args=[declaration.number])
    sent = {"sha256": read, "clause": [str(n) for n in range(1, 7)], "role_title": "General Manager", "code": code_of(world.signatory)}
    answer = signatory.post(sign, sent)
    assert answer.status_code == 422
    assert "Undertaking 4 changed" in answer.content.decode()
    way_out = reverse("distributors:declaration-clauses", args=[declaration.number])
    assert way_out in answer.content.decode()
    assert way_out in page(client_of(world.filer), "distributors:declaration", declaration.number)
    assert "<mark>" in page(signatory, "distributors:declaration-clauses", declaration.number)
    assert version_of(declaration).clause_set.version == 5, "looking takes nothing"
    assert signatory.post(way_out).status_code == 302
    assert way_out not in page(signatory, "distributors:declaration-sign", declaration.number)
    _text, now = frozen_form(version_of(declaration))
    # The code of a refused act was never spent.
    assert signatory.post(sign, {**sent, "sha256": now}).status_code == 302
    declaration.refresh_from_db()
    assert declaration.status == "signed"
    assert client_of(world.stranger).post(way_out).status_code == 404


def test_within_the_transition_the_draft_says_that_newer_undertakings_are_in_force(world: World, monkeypatch: pytest.MonkeyPatch) -> None:
    declaration = world.draft()
    agreed_version(world, version(texts(n4=NEW), until=9))
    on_day(monkeypatch, 1)
    text = page(client_of(world.signatory), "distributors:declaration-sign", declaration.number)
    assert "may still be signed with those that it carries" in text
