"""What a new list, the calendar or the distributor sets in motion: round again, a case, expiry, withdrawal."""

import datetime as dt

import pytest

from certifications.declarations.models import Declaration, DeclarationVersion
from certifications.flags.models import Case, Flag
from certifications.flow import lists as flow
from certifications.flow import rescreening
from certifications.flow.advance import advance
from certifications.flow.sign import withdraw_declaration
from certifications.ledger.days import civil_today
from certifications.ledger.models import Event
from certifications.ledger.moves import NotAllowed, move
from certifications.screening.models import ListVersion
from certifications.work.models import Job
from tests.screening.samples import as_json, row, rows
from tests.world import World

from .steps import LISTS, dated_list, work

pytestmark = pytest.mark.django_db
HIT = row(91, name="Ningbo Jiangnan Hospital", alt_names=["宁波江南医院"])


def ready(world: World) -> Declaration:
    """Screened against both lists, nothing found."""
    declaration = world.signed()
    assert advance(declaration.pk) == "ready"
    declaration.refresh_from_db()
    return declaration


def status(declaration: Declaration) -> str:
    """Where it stands now."""
    declaration.refresh_from_db()
    return declaration.status


def test_a_new_list_sends_what_is_ready_round_again_and_what_is_clear_comes_back(world: World) -> None:
    dated_list()
    declaration = ready(world)
    dated_list(41)
    work(*LISTS)
    assert status(declaration) == "screening"
    work("advance")
    assert status(declaration) == "ready"
    assert Event.objects.filter(object_id=declaration.pk, verb="declaration.ready").count() == 2


def test_a_new_list_that_names_the_end_user_stops_what_was_ready(world: World) -> None:
    dated_list()
    declaration = ready(world)
    dated_list(40, HIT)
    work()
    assert status(declaration) == "review"
    flag = declaration.flags.get()
    assert (flag.rule, flag.severity, flag.inputs["entry_name"]) == ("LIST", "critical", "Ningbo Jiangnan Hospital")


def test_a_list_that_shrank_is_refused_and_sets_nothing_in_motion(world: World) -> None:
    source = dated_list()
    declaration = ready(world)
    before = Job.objects.count()
    refused = flow.import_file(source=source, content=as_json(rows(35)), by=None)
    assert refused.state == "refused"
    assert "shrank from 40 to 35" in refused.refusal
    assert Job.objects.count() == before
    work()
    assert status(declaration) == "ready"
    assert ListVersion.objects.filter(source=source, state="accepted").count() == 1


def test_a_list_put_in_force_counts_for_everybody_at_once(world: World) -> None:
    declaration = ready(world)
    source = dated_list(40, HIT)
    flow.put_in_force(source=source, by=world.lead)
    rescreening.rescreen_all()
    work()
    assert status(declaration) == "review"


@pytest.mark.parametrize("how", ["draft", "signed", "screening", "review", "ready"])
def test_a_distributor_takes_back_whatever_was_not_issued(world: World, how: str) -> None:
    name = "绍兴市公安局" if how == "review" else "宁波江南医院"
    declaration = world.draft(world.customer(native_name=name, latin_name=""))
    if how != "draft":
        world.signed(declaration)
    if how == "screening":
        move(obj=Declaration.objects.get(), to="screening", by=None)
    elif how in {"review", "ready"}:
        assert advance(declaration.pk) == how
    declaration.refresh_from_db()
    withdraw_declaration(declaration=declaration, by=world.filer, reason="order")
    work()
    assert status(declaration) == "withdrawn"
    assert not Case.objects.exclude(status="closed").exists()
    assert not Flag.objects.filter(state="open").exists()


@pytest.mark.parametrize("to", ["issuing", "attested"])
def test_what_is_being_issued_is_not_taken_back(world: World, to: str) -> None:
    declaration = ready(world)
    for step in ("issuing", "attested")[: 1 + (to == "attested")]:
        move(obj=declaration, to=step, by=None)
    with pytest.raises(NotAllowed):
        withdraw_declaration(declaration=declaration, by=world.filer, reason="order")
    assert status(declaration) == to


def test_a_ready_declaration_whose_last_day_is_over_expires_and_no_other(world: World, monkeypatch: pytest.MonkeyPatch) -> None:
    """The version is frozen, so the calendar is moved and not the date."""
    short = world.draft(valid_until=civil_today() + dt.timedelta(days=30))
    world.signed(short)
    advance(short.pk)
    long = ready(world)
    assert flow.expire_ready() == 0
    over = civil_today() + dt.timedelta(days=30)
    monkeypatch.setattr(flow, "civil_today", lambda: over)
    assert flow.expire_ready() == 1
    assert flow.expire_ready() == 0
    monkeypatch.undo()
    assert (status(short), status(long)) == ("expired", "ready")
    assert DeclarationVersion.objects.count() == 2
