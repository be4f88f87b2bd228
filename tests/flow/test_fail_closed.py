"""Whatever could not be screened waits, is flagged, and is tried again; nothing that was not screened becomes ready."""

import datetime as dt

import pytest
from django.db.models import F

from certifications.declarations.models import Declaration
from certifications.flags.models import Case, Flag
from certifications.flow.advance import NotYet, advance
from certifications.ledger.models import Event
from certifications.mail.models import Mail
from certifications.screening.models import ListSource, ListVersion, ScreeningRun
from certifications.screening.seed import make_sources
from certifications.work.models import Job
from tests.world import World

from .steps import dated_list, work

pytestmark = pytest.mark.django_db


@pytest.fixture
def declaration(world: World) -> Declaration:
    """Signed, for a hospital that no list knows; the workers have not begun."""
    from certifications.flow.advance import enqueue_advance

    made = world.signed()
    enqueue_advance(made, "signed-1")
    return made


def status(declaration: Declaration) -> str:
    """Where it stands now."""
    declaration.refresh_from_db()
    return declaration.status


def waits_flagged(declaration: Declaration, parties: int = 2) -> None:
    """It stays in screening, with one flag for each party that is not screened, and its job waits to be tried again."""
    with pytest.raises(NotYet):
        advance(declaration.pk)
    assert status(declaration) == "screening"
    flags = declaration.flags.filter(state="open")
    assert [(f.rule, f.severity) for f in flags] == [("UNSC", "high")] * parties
    work("advance")
    job = Job.objects.get(kind="advance", object_id=declaration.pk)
    assert (job.state, job.failures, job.lease_until) == ("waiting", 0, None)
    assert job.due_at > job.created_at
    assert status(declaration) == "screening"


def try_again() -> None:
    """The pause is over."""
    Job.objects.filter(state="waiting").update(due_at=F("created_at"))
    work("advance")


def test_an_ordinary_declaration_becomes_ready_and_waits_for_a_person(declaration: Declaration) -> None:
    work()
    assert status(declaration) == "ready"
    assert not declaration.flags.exists()
    assert not declaration.attestations.exists()
    assert ScreeningRun.objects.filter(state="done").count() == 2


def test_an_engine_that_breaks_holds_it_and_is_tried_again(declaration: Declaration, monkeypatch: pytest.MonkeyPatch) -> None:
    def breaks(*_: object, **__: object) -> None:
        raise MemoryError

    with monkeypatch.context() as broken:
        broken.setattr("certifications.screening.engine.match_many", breaks)
        waits_flagged(declaration)
    try_again()
    assert status(declaration) == "ready"
    assert set(declaration.flags.values_list("rule", "state")) == {("UNSC", "cleared")}


def test_a_list_past_its_hours_holds_it_until_it_is_confirmed(declaration: Declaration) -> None:
    dated_list()
    ListVersion.objects.update(confirmed_at=F("confirmed_at") - dt.timedelta(hours=49))
    waits_flagged(declaration)
    reasons = declaration.flags.first().inputs["reasons"]  # type: ignore[union-attr]
    assert reasons == ["The list US Consolidated Screening List is older than it may be."]
    dated_list()
    try_again()
    assert status(declaration) == "ready"


def test_a_list_in_force_that_was_never_imported_holds_it(declaration: Declaration) -> None:
    make_sources()
    ListSource.objects.filter(code="us_csl").update(in_force=True)
    waits_flagged(declaration)


def test_without_any_list_in_force_nothing_is_ready(declaration: Declaration) -> None:
    ListSource.objects.update(in_force=False)
    waits_flagged(declaration)


def test_the_flag_clears_itself_when_screening_is_done_and_no_person_is_written_down_for_it(declaration: Declaration) -> None:
    ListSource.objects.update(in_force=False)
    waits_flagged(declaration)
    case = Case.objects.get()
    assert case.status == "open"
    ListSource.objects.filter(code="us_entity_list").update(in_force=True)
    try_again()
    case.refresh_from_db()
    assert (case.status, case.outcome) == ("closed", "screened")
    assert not case.decisions.exists()
    assert set(Event.objects.filter(verb="flag.screened_since").values_list("actor_id", flat=True)) == {""}


def test_the_same_wait_tried_three_times_is_one_flag_for_each_party(declaration: Declaration) -> None:
    ListSource.objects.update(in_force=False)
    waits_flagged(declaration)
    try_again()
    try_again()
    assert list(declaration.flags.values_list("count", flat=True)) == [4, 4]
    assert ScreeningRun.objects.count() == 2


def test_one_screened_party_does_not_make_up_for_the_other(declaration: Declaration) -> None:
    declaration.organisation.party.names.all().delete()
    waits_flagged(declaration, parties=1)
    assert Flag.objects.get(state="open").party == declaration.organisation.party


def test_advance_repeated_at_every_point_changes_nothing_more(declaration: Declaration) -> None:
    work()
    before = (Event.objects.count(), Mail.objects.count(), ScreeningRun.objects.count())
    for _again in range(3):
        assert advance(declaration.pk) == "ready"
    assert (Event.objects.count(), Mail.objects.count(), ScreeningRun.objects.count()) == before


def test_a_listed_end_user_goes_to_review_and_nobody_is_told_that_it_is_ready(world: World) -> None:
    customer = world.customer(native_name="喀什地区公安局", latin_name="Kashgar Prefecture Public Security Bureau", division="653100")
    declaration = world.signed(world.draft(customer, place_division="653100"))
    assert advance(declaration.pk) == "review"
    flags = dict(declaration.flags.exclude(rule="LIST").values_list("rule", "severity"))
    assert flags["B01"] == flags["B03"] == "critical"
    assert flags["B02"] == "high"
    assert declaration.flags.filter(rule="LIST", severity="critical").exists()
    assert not Mail.objects.filter(template="ready_to_release").exists()


def test_a_low_flag_is_looked_at_and_blocks_nothing(world: World) -> None:
    """A hospital in a controlled region: the region alone is no objection."""
    customer = world.customer(native_name="乌鲁木齐市天山口腔医院", latin_name="Urumqi Tianshan Dental", division="650100")
    declaration = world.signed(world.draft(customer, place_division="650100"))
    advance(declaration.pk)
    flags = dict(declaration.flags.values_list("rule", "severity"))
    assert flags["B02"] == "low"
    assert flags["S02"] == "medium"
    assert status(declaration) == "ready"


def test_a_grave_flag_on_the_distributor_blocks_its_other_declarations(world: World) -> None:
    """An open flag of severity high or above blocks every declaration in which its subject takes part."""
    ready = world.signed()
    advance(ready.pk)
    assert status(ready) == "ready"
    from certifications.flow.evidence import match_line
    from certifications.flow.release import problem_with
    from tests.flags.cases import line

    confirmed = line(world, seller="深圳市青岚科学仪器有限公司", buyer="宁波江南医院", happened_on=dt.date(2022, 5, 1))
    match_line(confirmed.pk)
    assert "S03" in set(confirmed.flags.values_list("rule", flat=True))
    assert "high severity" in problem_with(ready)
    assert Job.objects.filter(kind="advance", object_id=ready.pk).exists()
