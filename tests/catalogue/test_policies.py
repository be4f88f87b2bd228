"""What policies ask is asked wherever a declaration is released: refused, two people, a person, the end user's own word."""

import datetime as dt
from typing import Any

import pytest
from django.core.exceptions import PermissionDenied
from django.db import DatabaseError, connection, transaction

from certifications.catalogue.models_policies import Policy
from certifications.catalogue.rules_clauses import ScopeData
from certifications.catalogue.rules_policies import Subject, concerns, policy_problems
from certifications.declarations.models import Declaration
from certifications.flags.models import Case, Decision
from certifications.flow import catalogue, policies
from certifications.flow.advance import advance
from certifications.flow.facts import least_level, policy_subject
from certifications.flow.release import problem_with
from certifications.ledger.days import civil_today
from certifications.ledger.moves import NotAllowed, StaleState
from certifications.mail.models import Mail
from certifications.work.models import Job
from tests.declarations.end_users import asked, link, said_yes
from tests.flags.decisions import judged
from tests.flow.steps import dated_list, work
from tests.world import World, code_of

from .asked import ended, held, policy
from .changes import WHY, proposed

pytestmark = pytest.mark.django_db
DAY = dt.timedelta(days=1)


@pytest.fixture
def listed(world: World) -> World:
    dated_list()
    return world


def reached(declaration: Declaration) -> str:
    status = advance(declaration.pk)
    declaration.refresh_from_db()
    return status


def looked(world: World, case: Case) -> Decision:
    """Somebody looked as the policy asks, and a second person where it takes one."""
    return judged(case, "clear", "policy_met", world.reviewer, world.lead)


def rules(declaration: Declaration) -> dict[str, str]:
    return dict(declaration.flags.filter(rule__startswith="POL").values_list("rule", "state"))


def told(template: str) -> set[str]:
    """Ids of whoever was mailed."""
    return set(Mail.objects.filter(template=template).values_list("to_user_id", flat=True))


def test_without_a_policy_nothing_is_asked(listed: World) -> None:
    declaration = listed.signed()
    assert reached(declaration) == "ready"
    assert problem_with(declaration) == ""


def test_a_refusing_policy_cannot_be_decided_away_and_ends_by_two_people(listed: World) -> None:
    one = held(listed, policy("refuse"))
    declaration = listed.signed()
    assert reached(declaration) == "review"
    case = Case.objects.get(declaration=declaration)
    with pytest.raises(NotAllowed) as refused:
        looked(listed, case)
    assert refused.value.code == "outcome"
    assert one.number in problem_with(declaration)
    ended(listed, one)
    assert reached(declaration) == "ready"
    assert rules(declaration) == {"POLR": "cleared"}
    assert problem_with(declaration) == ""


def test_a_refusing_policy_that_no_longer_applied_and_does_again_has_a_flag_again(listed: World) -> None:
    held(listed, policy("refuse", scope=ScopeData(("kits",), ("CN",), ("650000",))))
    declaration = listed.signed()
    assert reached(declaration) == "ready"
    for _ in range(2):
        site = declaration.customer.party.sites.create(address="乌鲁木齐市光明路1号", country="CN", division="650100")
        assert policies.follow(policies.FIRST, "moved") == 1
        assert reached(declaration) == "review", "what refuses is seen on the declaration, not at its release only"
        site.delete()
        assert policies.follow(policies.FIRST, "moved") == 1
        assert reached(declaration) == "ready"
    assert list(declaration.flags.filter(rule="POLR").values_list("state", flat=True)) == ["cleared", "cleared"]


@pytest.mark.parametrize(("country", "division"), [("CN", "650100"), ("CN", ""), ("DE", "")])
def test_a_policy_is_about_the_places_of_an_end_users_sites_wherever_it_is_registered(listed: World, country: str, division: str) -> None:
    one = held(listed, policy("refuse", classes=(), scope=ScopeData((), (country,), ("650000",) if division else ())))
    declaration = listed.draft(listed.customer(native_name="Harbour Trading", latin_name="Harbour Trading", uscc="", lei=""))
    party, version = declaration.customer.party, declaration.versions.get()
    party.country, party.division, version.place_country, version.place_division = "HK", "", "HK", ""
    party.sites.all().delete()
    assert not concerns(one, (), policy_subject(["kits"], version))
    party.sites.create(address="Road 1", country=country, division=division)
    assert concerns(one, (), policy_subject(["kits"], version))


def test_a_division_that_a_name_speaks_of_is_a_place_in_china(listed: World) -> None:
    one = held(listed, policy("refuse", classes=(), scope=ScopeData((), ("CN",), ("650000",))))
    version = listed.draft().versions.get()
    party = version.declaration.customer.party
    party.country, party.division, version.place_country, version.place_division = "HK", "", "HK", ""
    party.sites.all().delete()
    assert not concerns(one, (), policy_subject(["kits"], version))
    party.names.create(text="新疆大学", script="Hans", kind="alias")
    assert concerns(one, (), policy_subject(["kits"], version))


def test_an_agreement_moves_nothing_by_itself_and_the_workers_walk_in_batches(listed: World, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(policies, "BATCH", 1)
    both = [listed.signed(), listed.signed(listed.draft())]
    assert [reached(declaration) for declaration in both] == ["ready", "ready"]
    data = policy("confirm")
    proposal = proposed(listed.lead, "policy", data.title, data.content())
    catalogue.agree(proposal=proposal, by=listed.reviewer, code=code_of(listed.reviewer))
    assert set(Declaration.objects.values_list("status", flat=True)) == {"ready"}
    assert Job.objects.filter(kind="policies").count() == 1
    work("policies")
    assert Job.objects.filter(kind="policies").count() == 3, "the first, and one behind each full batch"
    assert set(Declaration.objects.values_list("status", flat=True)) == {"screening"}


def test_two_people_and_no_one_person_decide_where_a_policy_asks_for_two(listed: World) -> None:
    held(listed, policy("two_people"))
    declaration = listed.signed()
    assert reached(declaration) == "review"
    case = Case.objects.get(declaration=declaration)
    assert "asks for a decision" in problem_with(declaration)
    decision = looked(listed, case)
    assert decision.agreed_by_id not in {None, decision.proposed_by_id}
    assert reached(declaration) == "ready"
    assert problem_with(declaration) == ""


def test_one_person_is_enough_where_a_policy_asks_for_a_person_but_somebody_must(listed: World) -> None:
    held(listed, policy("confirm"))
    declaration = listed.signed()
    assert reached(declaration) == "review", "the flag is not grave, and it holds all the same"
    case = Case.objects.get(declaration=declaration)
    looked(listed, case)
    assert reached(declaration) == "ready"
    assert problem_with(declaration) == ""


def test_a_policy_that_began_after_the_decision_holds_the_release_until_it_is_answered(listed: World) -> None:
    declaration = listed.signed()
    assert reached(declaration) == "ready"
    # As if the round had not come yet: the release asks for itself.
    one = held(listed, policy("two_people"))
    Declaration.objects.filter(pk=declaration.pk).update(status="ready")
    assert problem_with(declaration) == f"{one.number} asks for a decision that nobody has made yet."


def test_when_a_policy_comes_what_waits_goes_round_again(listed: World) -> None:
    declaration = listed.signed()
    assert reached(declaration) == "ready"
    held(listed, policy("confirm"))
    declaration.refresh_from_db()
    assert declaration.status == "screening"
    assert reached(declaration) == "review"


def test_a_policy_that_begins_by_the_calendar_is_followed_once(listed: World, monkeypatch: pytest.MonkeyPatch) -> None:
    held(listed, policy("confirm", from_date=civil_today() + DAY))
    declaration = listed.signed()
    assert reached(declaration) == "ready"
    assert policies.follow(policies.FIRST, "one") == 0
    later = civil_today() + 30 * DAY
    for room in ("flow.policies", "flow.release", "flow.advance"):
        monkeypatch.setattr(f"certifications.{room}.civil_today", lambda: later)
    assert policies.follow(policies.FIRST, "two") == 1, "however long nobody looked"
    assert reached(declaration) == "review"
    assert policies.follow(policies.FIRST, "three") == 0


def test_a_decision_under_a_policy_is_about_one_version(listed: World) -> None:
    one = held(listed, policy("confirm"))
    declaration = listed.signed()
    reached(declaration)
    looked(listed, Case.objects.get(declaration=declaration))
    reached(declaration)
    Declaration.objects.filter(pk=declaration.pk).update(version_number=2)
    declaration.refresh_from_db()
    version = declaration.versions.get()
    version.number = 2
    facts = [policies.PolicyFacts(one.number, one.title, "confirm")]
    assert one.number in policies.problem_with(declaration, version, facts, "paper")


@pytest.mark.parametrize(("level", "enough"), [("link", True), ("paper", False)])
def test_the_end_users_own_word_is_required_where_a_policy_asks_for_it(listed: World, level: str, *, enough: bool) -> None:
    held(listed, policy("assurance", level=level))
    declaration = listed.draft()
    assert least_level(declaration, declaration.versions.get()) == level
    listed.signed(declaration)
    assert reached(declaration) == "ready", "it is no flag: the end user, not a reviewer, answers it"
    assert "end user's" in problem_with(declaration)
    assert told("ready_to_release") == set(), "nobody could release it"
    assert told("end_user_needed") == {listed.filer.pk, listed.signatory.pk}
    asked(listed, declaration)
    assert said_yes(link()).status_code in {200, 302}
    assert (problem_with(declaration) == "") is enough
    assert told("ready_to_release") == ({listed.reviewer.pk, listed.second_reviewer.pk, listed.lead.pk} if enough else set())


def test_whoever_may_release_is_told_at_once_where_no_word_is_asked_for_and_once(listed: World) -> None:
    declaration = listed.signed()
    assert reached(declaration) == "ready"
    assert told("end_user_needed") == set()
    assert Mail.objects.filter(template="ready_to_release").count() == len(told("ready_to_release")) == 3


def test_the_strictest_of_two_policies_counts(listed: World) -> None:
    held(listed, policy("assurance", level="paper", title="Paper for hospitals"))
    held(listed, policy("assurance", level="link", title="Link for everybody's kits", classes=()))
    declaration = listed.draft()
    assert least_level(declaration, declaration.versions.get()) == "paper"


def test_only_the_lead_proposes_and_another_person_agrees(listed: World) -> None:
    data = policy("confirm")
    words: dict[str, Any] = {"kind": "policy", "subject": data.title, "content": data.content(), "explanation": WHY}
    with pytest.raises(PermissionDenied):
        catalogue.propose(by=listed.reviewer, **words)
    proposal = catalogue.propose(by=listed.lead, code=code_of(listed.lead), **words)
    assert not Policy.objects.exists()
    with pytest.raises(NotAllowed) as same:
        catalogue.agree(proposal=proposal, by=listed.lead, code=code_of(listed.lead))
    assert same.value.code == "same_person"
    declaration = listed.signed()
    assert reached(declaration) == "ready"
    catalogue.agree(proposal=proposal, by=listed.reviewer, code=code_of(listed.reviewer))
    work("policies")
    declaration.refresh_from_db()
    assert declaration.status == "screening"


def test_a_policy_is_replaced_on_a_day_and_ended_once(listed: World) -> None:
    one = held(listed, policy("confirm"))
    other = held(listed, policy("two_people", from_date=civil_today() + DAY, replaces=one.number))
    one.refresh_from_db()
    assert (one.until, other.until) == (civil_today() + DAY, None)
    with pytest.raises(StaleState):
        proposed(listed.lead, "policy_end", one.number, {"until": (civil_today() + 2 * DAY).isoformat()})


@pytest.mark.parametrize(
    ("changes", "field"),
    [
        ({"title": "A"}, "title"),
        ({"effect": "ask"}, "effect"),
        ({"effect": "assurance", "level": ""}, "level"),
        ({"level": "paper"}, "level"),
        ({"classes": ("nobody",)}, "classes"),
        ({"classes": (), "scope": ScopeData()}, "lines"),
        ({"from_date": civil_today() - DAY}, "from_date"),
        ({"until": civil_today()}, "until"),
        ({"scope": ScopeData(("none",))}, "lines"),
    ],
)
def test_what_cannot_be_is_said_at_its_field(changes: dict[str, Any], field: str) -> None:
    data = policy(**{"effect": "confirm", **changes})
    assert [problem.field for problem in policy_problems(data, today=civil_today(), known_lines=["kits"])] == [field]


def test_a_policy_is_about_what_it_names() -> None:
    hospital = Subject(("kits", "consumables"), ("CN",), ("330200", "650100"), ("hospital",))
    assert concerns(ScopeData(("kits",)), (), hospital)
    assert concerns(ScopeData((), ("CN",), ("650000",)), ("hospital", "police"), hospital), "every place that is known counts"
    assert not concerns(ScopeData((), ("CN",), ("540000",)), (), hospital)
    assert not concerns(ScopeData(), ("police",), hospital)
    nobody = Subject(("kits",), ("CN",), (), ())
    assert concerns(ScopeData(("kits",)), ("unknown",), nobody)
    assert not concerns(ScopeData(("kits",)), ("unknown",), hospital)


def test_a_dry_run_names_the_open_declarations_and_writes_nothing(listed: World) -> None:
    draft = listed.draft()
    other = listed.draft(listed.customer(native_name="明州纺织品有限公司", latin_name="Mingzhou Textile Co., Ltd.", uscc="", lei=""))
    run = policies.dry_run(policy("refuse"))
    assert ([d.pk for d in run.affected], run.looked_at, run.is_whole) == ([draft.pk], 2, True)
    assert {d.pk for d in policies.dry_run(policy("refuse", classes=())).affected} == {draft.pk, other.pk}
    assert not Policy.objects.exists()


def test_postgresql_asks_for_two_people_and_keeps_every_word(listed: World) -> None:
    one = held(listed, policy("confirm"))
    for statement in (
        "UPDATE certifications_policy SET until = from_date",
        "UPDATE certifications_policy SET effect = 'refuse'",
        "DELETE FROM certifications_policy",
        (
            "INSERT INTO certifications_policy (id, number, title, lines, countries, divisions, classes, effect, level, from_date, proposal_id)"
            " SELECT 'X', 'X', title, lines, countries, divisions, classes, effect, level, from_date, 'none' FROM certifications_policy"
        ),
    ):
        with pytest.raises(DatabaseError), transaction.atomic(), connection.cursor() as cursor:
            cursor.execute(statement)
    one.refresh_from_db()
    assert (one.effect, one.until) == ("confirm", None)
