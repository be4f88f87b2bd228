"""Who owns whom decides by the rules of the day: listed owners are confirmed by people, weighed, flagged, and asked at every release."""

import datetime as dt
from decimal import Decimal
from typing import Any

import pytest
from django.db import DatabaseError, connection, transaction

from certifications.catalogue.models_ownership import OwnershipRule
from certifications.catalogue.ownership import data_of, in_force
from certifications.catalogue.rules_ownership import RuleData, applies, rule_problems
from certifications.declarations.models import Declaration
from certifications.flags.models import Case, Flag
from certifications.flags.rules import BY_ID
from certifications.flow import ownership, ownership_acts, policies
from certifications.flow.advance import advance
from certifications.flow.release import problem_with
from certifications.ledger.days import civil_today
from certifications.ledger.moves import NotAllowed
from certifications.parties.actions import Incomplete
from certifications.parties.models import Customer
from certifications.parties.models_owners import Ownership
from certifications.work.models import Job
from tests.catalogue.asked import held as policy_held
from tests.catalogue.asked import policy
from tests.catalogue.changes import agreed, proposed
from tests.flags.decisions import judged
from tests.flow.steps import dated_list, work
from tests.parties.owning import LISTED, found, stated
from tests.world import World, client_of, code_of

pytestmark = pytest.mark.django_db
DAY = dt.timedelta(days=1)


def rule(**changes: Any) -> RuleData:
    """Half, added up, along chains, by whatever list, from today on."""
    values: dict[str, Any] = {
        "name": "Half of the shares",
        "authority": "The manufacturer",
        "threshold": Decimal(50),
        "is_aggregated": True,
        "chain": "cascade",
        "from_date": civil_today(),
        "source": "Our own letter of 2 May",
    }
    return RuleData(**{**values, **changes})


def held(world: World, data: RuleData) -> OwnershipRule:
    """Two people agreed to it."""
    made = agreed(proposed(world.lead, "owners", data.name, data.content()), world.reviewer)
    assert isinstance(made, OwnershipRule)
    return made


@pytest.fixture
def customer(world: World) -> Customer:
    dated_list()
    return world.customer(native_name="甬川检测站", latin_name="Yongchuan Testing", uscc="", lei="")


def reached(declaration: Declaration) -> str:
    status = advance(declaration.pk)
    declaration.refresh_from_db()
    return status


def confirmed(world: World, row: Ownership) -> None:
    """Two people say that the owner is the listed one."""
    work("rescreen")
    case = Case.objects.filter(subject=f"party:{row.owner_id}").first()
    assert case is not None
    judged(case, "confirm", "listed_party", world.reviewer, world.lead)


def open_rules(declaration: Declaration) -> set[str]:
    return set(declaration.flags.filter(state="open", rule__startswith="OWN").values_list("rule", flat=True))


def test_the_portal_is_set_up_with_the_rules_as_they_are_published(db: None) -> None:
    on = {day: sorted(in_force(dt.date.fromisoformat(day)).values_list("authority", flat=True)) for day in (
        "2025-09-28", "2025-09-29", "2025-11-09", "2025-11-10", "2026-11-09", "2026-11-10",
    )}  # fmt: skip
    bis, ofac = "US Bureau of Industry and Security", "US Office of Foreign Assets Control"
    assert on == {
        "2025-09-28": [ofac],
        "2025-09-29": [bis, ofac],
        "2025-11-09": [bis, ofac],
        "2025-11-10": [ofac],
        "2026-11-09": [ofac],
        "2026-11-10": [bis, ofac],
    }


def test_the_day_of_the_decision_counts(world: World, customer: Customer) -> None:
    declaration = world.signed(world.draft(customer))
    row = stated(world.filer, customer, latin_name=LISTED, valid_from=dt.date(2025, 1, 1))
    reached(declaration)
    confirmed(world, row)
    suspended, back = (ownership.owned_facts(customer.party, "end_user", dt.date(2026, 11, day)) for day in (9, 10))
    assert [one.number for one in suspended.rules if one.is_reached] == []
    assert [one.number for one in back.rules if one.is_reached] == ["OWN-2026-BIS002"]
    assert suspended.listed[0][1] == "60"
    [hit] = BY_ID["OWN5"].fire(back)  # type: ignore[union-attr]
    sentence = BY_ID["OWN5"].explain(hit.inputs)
    assert "10 November 2026" in sentence
    assert "60 %" in sentence
    [minor] = BY_ID["OWNL"].fire(suspended)  # type: ignore[union-attr]
    assert "9 November 2026" in BY_ID["OWNL"].explain(minor.inputs)
    assert BY_ID["OWNL"].fire(back) == []  # type: ignore[union-attr]


def test_a_reached_party_is_flagged_and_two_people_decide(world: World, customer: Customer) -> None:
    mine = held(world, rule())
    declaration = world.signed(world.draft(customer))
    row = stated(world.filer, customer, latin_name=LISTED)
    assert reached(declaration) == "review"
    assert open_rules(declaration) == set(), "nobody has said yet that the owner is the listed one"
    confirmed(world, row)
    declaration.refresh_from_db()
    assert declaration.status == "screening", "what people confirmed sends it round again"
    assert reached(declaration) == "review"
    assert open_rules(declaration) == {"OWN5"}
    flag = Flag.objects.get(declaration=declaration, rule="OWN5", inputs__rule=mine.number)
    assert flag.severity == "critical"
    assert flag.inputs["low"] == "60"
    assert "decision" in problem_with(declaration)
    case = Case.objects.get(declaration=declaration)
    with pytest.raises(NotAllowed):
        judged(case, "clear", "different_entity", world.reviewer, world.lead)
    judged(case, "clear", "licence_held", world.reviewer, world.lead)
    assert reached(declaration) == "ready"
    assert problem_with(declaration) == ""


def test_a_share_below_the_threshold_is_flagged_and_never_passes_by_itself(world: World, customer: Customer) -> None:
    declaration = world.signed(world.draft(customer))
    row = stated(world.filer, customer, latin_name=LISTED, share=Decimal(10))
    reached(declaration)
    confirmed(world, row)
    assert reached(declaration) == "review"
    assert open_rules(declaration) == {"OWNL"}
    judged(Case.objects.get(declaration=declaration), "clear", "share_looked_at", world.reviewer, world.lead)
    assert reached(declaration) == "ready"
    # Another share is another question.
    found(world.reviewer, customer.party, owner_party=row.owner, share=Decimal(15))
    Declaration.objects.filter(pk=declaration.pk).update(status="ready")
    declaration.refresh_from_db()
    assert "Who owns a party" in problem_with(declaration)


def test_a_listed_owner_whose_share_nobody_knows_is_flagged(world: World, customer: Customer) -> None:
    declaration = world.signed(world.draft(customer))
    row = stated(world.filer, customer, latin_name=LISTED, share=None)
    reached(declaration)
    confirmed(world, row)
    assert reached(declaration) == "review"
    flag = Flag.objects.get(declaration=declaration, rule="OWNL")
    assert "share not known" in BY_ID["OWNL"].explain(flag.inputs)


def test_a_rule_that_came_since_the_decision_holds_the_release(world: World, customer: Customer) -> None:
    declaration = world.signed(world.draft(customer))
    row = stated(world.filer, customer, latin_name=LISTED, share=Decimal(20))
    reached(declaration)
    confirmed(world, row)
    reached(declaration)
    judged(Case.objects.get(declaration=declaration), "clear", "share_looked_at", world.reviewer, world.lead)
    assert reached(declaration) == "ready"
    held(world, rule(threshold=Decimal(20)))
    assert "Who owns a party" in problem_with(declaration)
    assert ownership_acts.follow_all() >= 1
    declaration.refresh_from_db()
    assert declaration.status == "screening"
    assert reached(declaration) == "review"
    assert open_rules(declaration) == {"OWN5"}
    ownership_acts.follow_all()
    declaration.refresh_from_db()
    assert declaration.status == "review", "what has its flag is not sent round for ever"


def test_agreeing_to_a_rule_asks_the_workers(world: World, customer: Customer) -> None:
    from certifications.flow import catalogue

    data = rule()
    proposal = proposed(world.lead, "owners", data.name, data.content())
    with pytest.raises(NotAllowed):
        catalogue.agree(proposal=proposal, by=world.lead, code=code_of(world.lead))
    assert not OwnershipRule.objects.filter(name=data.name).exists()
    catalogue.agree(proposal=proposal, by=world.reviewer, code=code_of(world.reviewer))
    assert Job.objects.filter(kind="ownership", version=proposal.pk).count() == 1
    work("ownership")


def test_owners_not_known_are_a_flag_where_a_policy_asks(world: World, customer: Customer) -> None:
    declaration = world.signed(world.draft(customer))
    assert reached(declaration) == "ready"
    one = policy_held(world, policy("owners", classes=(), title="Owners of everybody"))
    declaration.refresh_from_db()
    assert declaration.status == "screening"
    assert reached(declaration) == "review"
    assert open_rules(declaration) == {"OWNU"}
    assert one.number in BY_ID["OWNU"].explain(Flag.objects.get(rule="OWNU").inputs)
    assert policies.follow(policies.FIRST, "again") == 0
    # Known up to persons: nothing is open any more; the flag is decided by people.
    stated(world.filer, customer, latin_name="Li Wen", kind="person", share=Decimal(100))
    work("rescreen")
    declaration.refresh_from_db()
    facts = ownership.owned_facts(customer.party, "end_user", civil_today())
    assert not facts.is_open
    assert reached(declaration) == "review"
    judged(Case.objects.get(declaration=declaration), "clear", "owners_shown", world.reviewer, world.lead)
    assert reached(declaration) == "ready"
    assert problem_with(declaration) == ""


def test_without_such_a_policy_nobody_is_asked(world: World, customer: Customer) -> None:
    declaration = world.signed(world.draft(customer))
    stated(world.filer, customer, share=Decimal(10))
    work("rescreen")
    assert reached(declaration) == "ready"


def test_an_owner_that_is_listed_no_longer_reaches_nobody(world: World, customer: Customer) -> None:
    declaration = world.signed(world.draft(customer))
    row = stated(world.filer, customer, latin_name=LISTED)
    reached(declaration)
    confirmed(world, row)
    today = civil_today()
    assert ownership.listings([row.owner_id])  # type: ignore[list-item]
    Flag.objects.filter(rule="LIST", party=row.owner).update(state="open", closed_at=None)
    assert ownership.listings([row.owner_id]) == {}  # type: ignore[list-item]
    assert ownership.owned_facts(customer.party, "end_user", today).listed == ()


def test_a_dry_run_names_whom_it_would_reach(world: World, customer: Customer) -> None:
    declaration = world.signed(world.draft(customer))
    row = stated(world.filer, customer, latin_name=LISTED, share=Decimal(30))
    reached(declaration)
    confirmed(world, row)
    run = ownership.dry_run(rule(threshold=Decimal(30)), civil_today())
    assert [party.pk for party, _reach in run.reached] == [customer.party_id]
    run = ownership.dry_run(rule(threshold=Decimal(40)), civil_today())
    assert [party.pk for party, _reach in run.open] == [customer.party_id], "the other 70 percent nobody knows"
    run = ownership.dry_run(rule(lists=("us_csl",)), civil_today())
    assert run.reached == []
    assert Flag.objects.filter(rule="OWN5").count() == 0


def test_a_rule_is_about_lists_and_words_of_programmes() -> None:
    assert applies((), (), list_code="un", programme="x")
    assert not applies(("us_csl",), (), list_code="un", programme="x")
    assert applies((), ("entity list",), list_code="us_csl", programme="Entity List (EL) - Bureau of Industry and Security")
    assert not applies((), ("entity list",), list_code="us_csl", programme="Unverified List")
    assert applies((), ("entity list",), list_code="us_csl", programme=""), "not known: it may be meant"


@pytest.mark.parametrize(
    ("changes", "field"),
    [
        ({"name": "x"}, "name"),
        ({"authority": " "}, "authority"),
        ({"threshold": Decimal(0)}, "threshold"),
        ({"threshold": Decimal(101)}, "threshold"),
        ({"chain": "sideways"}, "chain"),
        ({"programmes": ("x" * 81,)}, "programmes"),
        ({"source": ""}, "source"),
        ({"until": civil_today()}, "until"),
    ],
)
def test_a_rule_that_says_nothing_is_refused_at_its_field(changes: dict[str, Any], field: str) -> None:
    assert [problem.field for problem in rule_problems(rule(**changes))] == [field]
    assert rule_problems(rule(from_date=dt.date(2014, 8, 13))) == [], "the law may be entered as it was"


def test_a_rule_ends_by_two_people_and_another_takes_its_place(world: World) -> None:
    one = held(world, rule())
    later = rule(from_date=civil_today() + 10 * DAY, replaces=one.number, threshold=Decimal(25))
    two = held(world, later)
    one.refresh_from_db()
    assert one.until == two.from_date
    agreed(proposed(world.lead, "owners_end", two.number, {"until": (civil_today() + 20 * DAY).isoformat()}), world.reviewer)
    two.refresh_from_db()
    assert two.until == civil_today() + 20 * DAY
    with pytest.raises(Incomplete):
        proposed(world.lead, "owners", "x", rule(name="x").content())
    assert data_of(two).threshold == 25


@pytest.mark.parametrize(
    "statement",
    [
        "UPDATE certifications_ownershiprule SET threshold = 90",
        "UPDATE certifications_ownershiprule SET until = '2027-01-01'",
        "DELETE FROM certifications_ownershiprule",
        (
            "INSERT INTO certifications_ownershiprule SELECT 'X', 'OWN-X', name, authority, lists, programmes, threshold, is_aggregated, chain,"
            " from_date, until, source, source_link, recorded_at, proposal_id FROM certifications_ownershiprule LIMIT 1"
        ),
    ],
)
def test_postgresql_takes_no_rule_from_one_person(world: World, statement: str) -> None:
    with pytest.raises(DatabaseError), transaction.atomic(), connection.cursor() as cursor:
        cursor.execute(statement)


def test_the_pages_propose_try_and_show(world: World, customer: Customer) -> None:
    lead = client_of(world.lead)
    listed = lead.get("/c/catalogue/ownership/").content.decode()
    assert listed.count("BIS affiliates rule") == 2
    number = OwnershipRule.objects.get(number="OWN-2025-BIS001").number
    assert "10 November 2025" in lead.get(f"/c/catalogue/ownership/{number}/").content.decode()
    typed = {
        "name": "Half of the shares", "authority": "Us", "threshold": "50", "is_aggregated": "on", "chain": "cascade", "programmes": "Entity List",
        "from_date": civil_today().isoformat(), "source": "Our own letter", "explanation": "Counsel asked for it on 2 May.",
    }  # fmt: skip
    tried = lead.post("/c/catalogue/ownership/new/", {**typed, "try": "1"})
    assert tried.status_code == 200
    assert "Nobody" in tried.content.decode()
    wrong = lead.post("/c/catalogue/ownership/new/", {**typed, "threshold": "500", "propose": "1"})
    assert wrong.status_code == 422
    assert "Our own letter" in wrong.content.decode()
    done = lead.post("/c/catalogue/ownership/new/", {**typed, "propose": "1", "code": code_of(world.lead)})
    assert done.status_code == 302
    assert client_of(world.filer).get("/c/catalogue/ownership/").status_code == 404


def test_a_listing_confirmed_on_a_declaration_is_weighed_for_whom_that_party_owns(world: World, customer: Customer) -> None:
    listed = world.customer(native_name="", latin_name=LISTED, uscc="", lei="")
    its_own, declaration = world.signed(world.draft(listed)), world.signed(world.draft(customer))
    assert reached(its_own) == "review"
    found(world.reviewer, customer.party, owner_party=listed.party)
    assert reached(declaration) == "review"
    judged(Case.objects.get(declaration=its_own), "confirm", "listed_party", world.reviewer, world.lead)
    declaration.refresh_from_db()
    assert declaration.status == "screening", "it goes round at once, not within the hour"
    assert reached(declaration) == "review"
    assert open_rules(declaration) == {"OWN5"}
