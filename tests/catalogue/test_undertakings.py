"""Undertakings by line and place: which apply, what changed, and that nobody signs a text that is no longer in force."""

import datetime as dt
from dataclasses import replace
from typing import Any

import pytest
from django.db import DatabaseError, connection, transaction

from certifications.catalogue import clauses
from certifications.catalogue.models import Clause, ClauseSet, Product
from certifications.catalogue.models_versions import CatalogueProposal, ClauseDraft
from certifications.catalogue.rules_clauses import ScopeData, applies, difference, set_problems
from certifications.declarations import actions, drafting
from certifications.declarations.data import LineData
from certifications.declarations.in_force import Incomplete
from certifications.declarations.models import Declaration
from certifications.declarations.queries import data_of, frozen_form, version_of
from certifications.declarations.sittings import SetRefused, Shown, check_sitting
from certifications.flow import catalogue as flow
from certifications.flow.sign import problems_of
from certifications.ledger.days import civil_today
from certifications.ledger.moves import NotAllowed
from tests.world import World, code_of

from .changes import WHY, agreed, proposed
from .undertakings import DAY, agreed_version, on_day, texts, version

pytestmark = pytest.mark.django_db
NEW = {"text": "The goods stay at the named place of use.", "text_zh": "货物留在所列使用地点。"}


def held(declaration: Declaration) -> int:
    return version_of(declaration).clause_set.version


def refusal(world: World, declaration: Declaration) -> NotAllowed:
    with pytest.raises(NotAllowed) as refused:
        world.signed(declaration)
    assert Declaration.objects.get(pk=declaration.pk).status == "draft"
    return refused.value


def test_a_version_needs_two_people_and_counts_from_its_day(world: World, monkeypatch: pytest.MonkeyPatch) -> None:
    data = version(texts(n4=NEW))
    proposal = proposed(world.lead, "clauses", "CN-kits", data.content())
    assert ClauseSet.objects.count() == 1
    agreed(proposal, world.reviewer)
    assert held(world.draft()) == 5
    on_day(monkeypatch, 1)
    assert held(world.draft(world.customer(native_name="明州检测站", latin_name="Mingzhou", uscc="", lei=""))) == 6


def test_an_undertaking_that_changed_between_reading_and_signing_is_named_with_the_way_out(
    world: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    declaration = world.draft()
    _text, read = frozen_form(version_of(declaration))
    agreed_version(world, version(texts(n4=NEW, n5={"title": "Visits"})))
    on_day(monkeypatch, 1)
    said = refusal(world, declaration)
    assert said.code == "clauses_changed"
    assert "Undertakings 4, 5 changed: version 6 holds since" in str(said)
    assert "take the new text" in str(said)
    actions.take_clauses(declaration=declaration, by=world.filer)
    assert held(declaration) == 6
    assert frozen_form(version_of(declaration))[1] != read, "what was read before is not what is signed"
    assert world.signed(declaration).status == "signed"


def test_in_a_sitting_each_text_whose_undertakings_changed_is_named_and_nothing_is_signed(
    world: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    drafts = [world.draft(), world.draft(world.customer(native_name="明州检测站", latin_name="Mingzhou", uscc="", lei=""))]
    shown = [Shown(d.number, frozen_form(version_of(d))[1]) for d in drafts]
    agreed_version(world, version(texts(n4=NEW)))
    on_day(monkeypatch, 1)
    actions.take_clauses(declaration=drafts[1], by=world.filer)
    shown[1] = Shown(drafts[1].number, frozen_form(version_of(drafts[1]))[1])
    accepted = {version_of(d).clause_set_id: {1, 2, 3, 4, 5, 6} for d in drafts}
    with pytest.raises(SetRefused) as refused:
        check_sitting(by=world.signatory, shown=shown, accepted=accepted, role_title="General Manager")
    assert [number for number, _text in refused.value.problems] == [drafts[0].number]
    assert "Undertaking 4 changed" in refused.value.problems[0][1]


def test_a_transition_lets_a_draft_be_signed_as_it_was_begun_and_ends(world: World, monkeypatch: pytest.MonkeyPatch) -> None:
    first, second = world.draft(), world.draft(world.customer(native_name="明州检测站", latin_name="Mingzhou", uscc="", lei=""))
    agreed_version(world, version(texts(n4=NEW), until=10))
    on_day(monkeypatch, 9)
    drafting.edit(declaration=first, by=world.filer, data=replace(data_of(version_of(first)), unknown_facts="The year of the audit."))
    assert held(first) == 5, "an edit within the transition changes no undertaking"
    assert world.signed(first).status == "signed"
    on_day(monkeypatch, 10)
    assert refusal(world, second).code == "clauses_changed"


def test_of_two_versions_the_stricter_transition_counts(world: World, monkeypatch: pytest.MonkeyPatch) -> None:
    declaration = world.draft()
    agreed_version(world, version(texts(n4=NEW), days=1))
    agreed_version(world, version(texts(n5={"title": "Visits"}), days=2, until=30))
    on_day(monkeypatch, 3)
    assert refusal(world, declaration).code == "clauses_changed"


def test_what_was_signed_keeps_its_undertakings_and_a_new_version_of_it_takes_those_in_force(
    world: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    declaration = world.signed()
    before = frozen_form(version_of(declaration))
    agreed_version(world, version(texts(n4=NEW)))
    on_day(monkeypatch, 1)
    assert frozen_form(version_of(declaration)) == before
    Declaration.objects.filter(pk=declaration.pk).update(status="returned")
    declaration.refresh_from_db()
    actions.reopen(declaration=declaration, by=world.filer)
    declaration.refresh_from_db()
    assert held(declaration) == 6


def test_an_edit_after_the_transition_takes_the_undertakings_in_force(world: World, monkeypatch: pytest.MonkeyPatch) -> None:
    declaration = world.draft()
    agreed_version(world, version(texts(n4=NEW)))
    on_day(monkeypatch, 1)
    drafting.edit(declaration=declaration, by=world.filer, data=data_of(version_of(declaration)))
    assert held(declaration) == 6


def test_the_most_precise_set_counts_and_goods_of_two_sets_are_two_declarations(world: World, monkeypatch: pytest.MonkeyPatch) -> None:
    agreed_version(world, version(texts(n4=NEW), lines=("analysers",)), code="analysers")
    agreed_version(world, version(texts(n4=NEW), countries=("CN",), divisions=("650000",)), code="north-west")
    on_day(monkeypatch, 1)
    instrument = Product.objects.get(catalogue_number="CI-3600-A")
    customer = world.customer()

    def code(**changes: Any) -> str:
        return version_of(world.draft(customer, **changes)).clause_set.code

    goods = (LineData(instrument.pk, 1),)  # type: ignore[arg-type]
    assert code() == "CN-kits"
    assert code(lines=goods) == "analysers"
    assert code(place_division="650100") == "north-west"
    assert code(lines=goods, place_division="650100") == "north-west"
    # It may be left unfinished, and nobody can sign it.
    both = world.draft(customer, lines=(LineData(world.kit.pk, 1), *goods))  # type: ignore[arg-type]
    assert [problem.field for problem in problems_of(both)] == ["lines"]
    with pytest.raises(Incomplete):
        world.signed(both)


def test_where_no_undertakings_are_in_force_nothing_is_declared(world: World, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("certifications.declarations.in_force.civil_today", lambda: dt.date(2025, 1, 1))
    with pytest.raises(Incomplete) as refused:
        drafting.clauses_for(world.data(world.customer()))
    assert "No undertakings are in force" in str(refused.value)


@pytest.mark.parametrize(
    ("changes", "field"),
    [
        ({"from_date": civil_today()}, "from_date"),
        ({"old_until": civil_today() + DAY}, "old_until"),
        ({"old_until": civil_today() + 400 * DAY}, "old_until"),
        ({"clauses": ()}, "clauses"),
        ({"clauses": ({"title": "A", "title_zh": "", "text": "B", "text_zh": "C"},)}, "clauses"),
        ({"scope": ScopeData(lines=("none",))}, "lines"),
        ({"scope": ScopeData(countries=("CN",), divisions=("999999",))}, "divisions"),
        ({"scope": ScopeData(divisions=("650000",))}, "countries"),
    ],
)
def test_what_cannot_be_is_said_at_its_field(changes: dict[str, Any], field: str) -> None:
    row = {"title": "A", "title_zh": "甲", "text": "B", "text_zh": "乙"}
    data = replace(version([row]), **changes)
    problems = set_problems(data, today=civil_today(), after=None, known_lines=["kits"])
    assert [problem.field for problem in problems] == [field]


def test_a_second_set_about_the_same_goods_and_places_is_refused(world: World) -> None:
    with pytest.raises(NotAllowed) as refused:
        proposed(world.lead, "clauses", "other", version(texts(n4=NEW)).content())
    assert "CN-kits is about the same goods" in str(refused.value)
    with pytest.raises(NotAllowed, match="Nothing differs"):
        proposed(world.lead, "clauses", "CN-kits", version(texts()).content())


def test_a_scope_is_about_what_it_names(world: World) -> None:
    north_west = ScopeData(("kits",), ("CN", "KZ"), ("650000",))
    assert applies(north_west, "kits", "CN", ["650100"])
    assert applies(north_west, "kits", "KZ", [])
    assert not applies(north_west, "kits", "CN", ["330200"])
    assert not applies(north_west, "kits", "CN", []), "a place that is not known is in no division"
    assert not applies(north_west, "analysers", "CN", ["650100"])
    assert applies(ScopeData(), "anything", "DE", [])


def test_the_difference_follows_an_undertaking_that_moved() -> None:
    def row(title: str, text: str = "x") -> dict[str, str]:
        return {"title": title, "title_zh": title, "text": text, "text_zh": text}

    rows = difference([row("a"), row("b"), row("c")], [row("new"), row("a"), row("c", "y")])
    assert [(r.how, r.old_number, r.new_number) for r in rows] == [("new", None, 1), ("same", 1, 2), ("gone", 2, None), ("changed", 3, 3)]


def test_a_draft_is_kept_and_gone_once_it_is_agreed_to(world: World) -> None:
    data = version(texts(n4=NEW))
    flow.keep_clauses(code="CN-kits", by=world.lead, data=data, seen="")
    assert flow.problems_of_clauses("CN-kits", data) == []
    assert flow.problems_of_clauses("CN-kits", version(texts(n4={"text": "\U0001f9ec"}))) != [], "no font draws it"
    agreed_version(world, data)
    assert not ClauseDraft.objects.exists()
    assert clauses.texts(clauses.last_of("CN-kits")) == list(data.clauses)


def test_postgresql_keeps_every_undertaking_and_asks_for_two_people(world: World) -> None:
    world.draft()
    for statement in (
        "UPDATE certifications_clause SET text = 'x'",
        "DELETE FROM certifications_clause",
        "UPDATE certifications_clauseset SET from_date = from_date - 1",
        (
            "INSERT INTO certifications_clauseset (id, code, version, from_date, lines, countries, divisions)"
            " VALUES ('X', 'CN-kits', 9, '2026-02-01', '{}', '{}', '{}')"
        ),
        (
            "INSERT INTO certifications_clauseset (id, code, version, from_date, lines, countries, divisions)"
            " VALUES ('X', 'a-new-code', 1, '2026-02-01', '{}', '{}', '{}')"
        ),
        (
            "INSERT INTO certifications_clause (clause_set_id, number, title, title_zh, text, text_zh)"
            " SELECT id, 9, 'x', 'x', 'x', 'x' FROM certifications_clauseset"
        ),
    ):
        with pytest.raises(DatabaseError), transaction.atomic(), connection.cursor() as cursor:
            cursor.execute(statement)
    assert Clause.objects.count() == 6


@pytest.mark.parametrize(
    "wrong",
    [
        {"lines": ["analysers"]}, {"lines": []}, {"countries": ["CN"]}, {"countries": ["KZ", "CN"]}, {"divisions": ["540000"]}, {"divisions": []},
        {"code": "other"}, {"from_date": civil_today()}, {"old_until": None}, {},
    ],
)  # fmt: skip
def test_postgresql_takes_one_version_of_an_agreement_as_it_was_agreed_to(world: World, wrong: dict[str, Any]) -> None:
    scope = {"lines": ("kits",), "countries": ("CN", "KZ"), "divisions": ("650000",)}
    made = agreed_version(world, version(texts(n4=NEW), until=9, **scope), code="north-west")
    words: dict[str, Any] = {
        "code": made.code, "version": 9, "from_date": made.from_date, "old_until": made.old_until, "proposal": made.proposal,
        **{name: list(value) for name, value in scope.items()}, **wrong,
    }  # fmt: skip
    with pytest.raises(DatabaseError, match="two people agree" if wrong else "proposal_id"), transaction.atomic():
        ClauseSet.objects.create(**words)


def test_postgresql_adds_nothing_to_a_version_that_was_agreed_to(world: World) -> None:
    made = agreed_version(world, version(texts(n4=NEW)))
    for number in (7, 0):
        with pytest.raises(DatabaseError, match="two people agree to each"), transaction.atomic():
            Clause.objects.create(clause_set=made, number=number, **texts()[0])


@pytest.mark.parametrize("kept", [0, 5])
def test_postgresql_keeps_no_part_of_a_version(world: World, kept: int) -> None:
    proposal = proposed(world.lead, "clauses", "CN-kits", version(texts(n4=NEW)).content())
    CatalogueProposal.objects.filter(pk=proposal.pk).update(
        state="effective", agreed_by=world.reviewer, agreed_at=proposal.proposed_at, agreed_proof_id="A" * 26
    )
    rows = texts(n4=NEW)[:kept]
    with pytest.raises(DatabaseError, match="holds all its undertakings"), transaction.atomic():
        made = ClauseSet.objects.create(code="CN-kits", version=6, from_date=civil_today() + DAY, proposal=proposal)
        Clause.objects.bulk_create(Clause(clause_set=made, number=n, **words) for n, words in enumerate(rows, start=1))
        connection.check_constraints()


def test_postgresql_keeps_no_empty_set_from_the_setting_up(db: None) -> None:
    with pytest.raises(DatabaseError, match="holds all its undertakings"), transaction.atomic():
        ClauseSet.objects.create(code="empty", version=1, from_date=civil_today())
        connection.check_constraints()


def test_the_guard_before_two_people_guarded_is_gone() -> None:
    with connection.cursor() as cursor:
        cursor.execute("SELECT count(*) FROM pg_trigger WHERE tgname = 'portal_keep_clause'")
        assert cursor.fetchone() == (0,)


def test_a_set_meets_the_version_of_another_that_is_in_force_until_its_next(world: World) -> None:
    agreed_version(world, version(texts(n4=NEW), lines=("analysers",)), code="first")
    agreed_version(world, version(texts(n4=NEW), days=30, lines=("consumables",)), code="first")
    with pytest.raises(NotAllowed, match="first is about the same goods"):
        proposed(world.lead, "clauses", "second", version(texts(n4=NEW), days=5, lines=("analysers",)).content())
    proposed(world.lead, "clauses", "second", version(texts(n4=NEW), days=30, lines=("analysers",)).content())


def test_of_two_sets_that_meet_only_the_first_takes_effect(world: World) -> None:
    first, second = (proposed(world.lead, "clauses", code, version(texts(n4=NEW), lines=("analysers",)).content()) for code in "AB")
    agreed(first, world.reviewer)
    with pytest.raises(NotAllowed, match="A is about the same goods"):
        clauses.take_version(second, world.reviewer)


def test_a_tie_is_refused_and_never_settled_by_chance() -> None:
    one, other = ClauseSet(code="A", lines=["kits"]), ClauseSet(code="B", lines=["kits"])
    with pytest.raises(NotAllowed, match="must settle which"):
        clauses.set_among([one, other], lines=["kits"], country="CN", division="")


def test_what_cannot_be_printed_is_neither_proposed_nor_agreed_to(world: World) -> None:
    content = version(texts(n4={"text": "\U0001f9ec"})).content()
    with pytest.raises(NotAllowed, match="Undertaking 4"):
        flow.propose(kind="clauses", subject="CN-kits", content=content, explanation=WHY, by=world.lead, code=code_of(world.lead))
    proposal = proposed(world.lead, "clauses", "CN-kits", content)
    with pytest.raises(NotAllowed, match="Undertaking 4"):
        flow.agree(proposal=proposal, by=world.reviewer, code=code_of(world.reviewer))


def test_a_draft_written_since_it_was_proposed_stays(world: World) -> None:
    proposal = proposed(world.lead, "clauses", "CN-kits", version(texts(n4=NEW)).content())
    since = version(texts(n5=NEW), days=9)
    flow.keep_clauses(code="CN-kits", by=world.lead, data=since, seen="")
    agreed(proposal, world.reviewer)
    assert ClauseDraft.objects.get().content == since.content()
