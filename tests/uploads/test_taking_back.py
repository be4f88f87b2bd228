"""Nothing is half written and nothing is taken back by halves: what was looked at is what is committed, and all of it goes again."""

from dataclasses import replace

import pytest
from django.utils import timezone

from certifications import tasks
from certifications.flow.customers import edit_customer
from certifications.flow.uploads import KINDS, go_on
from certifications.ledger.moves import NotAllowed
from certifications.parties.models import Customer, Party
from certifications.parties.queries import data_of
from certifications.screening.models_rescreening import RescreeningChunk
from certifications.uploads import actions, steps
from certifications.uploads.models import UploadKey
from certifications.work.models import Job
from tests.world import World

from .files import HEAD, HOSPITAL, MATERNITY, SALES, csv, customers
from .steps import committed, now, problems, sent, undone
from .test_declarations import drafts, goods, row

pytestmark = pytest.mark.django_db
CUSTOMERS = KINDS["customers"]
MOVED = (*HOSPITAL[:3], "宁波市江北区新路 1 号", *HOSPITAL[4:])
BY_NAME = (*HOSPITAL[:2], "", *HOSPITAL[3:])


def test_a_row_that_stands_twice_is_written_once_and_taken_back(world: World) -> None:
    committed(sent(world.filer, csv(HEAD, HOSPITAL)), world.filer)
    upload = committed(sent(world.filer, csv(HEAD, MOVED, MOVED)), world.filer)
    assert (upload.counts["did_update"], Customer.objects.get().party.revision) == (1, 2)
    assert undone(upload, world.filer).status == "undone"
    assert data_of(Customer.objects.get()).address == HOSPITAL[3]


def test_one_customer_by_its_number_and_by_its_name_is_one_customer(world: World) -> None:
    committed(sent(world.filer, csv(HEAD, HOSPITAL)), world.filer)
    upload = sent(world.filer, csv(HEAD, MOVED, (*BY_NAME[:3], "宁波市别处", *BY_NAME[4:])))
    assert [(number, text) for number, _field, text in problems(upload)] == [
        (3, "Row 2 is about the same one and says otherwise. Correct one of the two, or leave one out.")
    ]
    actions.leave_out(upload=upload, kind=CUSTOMERS, by=world.filer, number=2)
    assert (problems(now(upload)), now(upload).counts["ready"]) == ([], 1)


def test_two_commits_of_one_upload_on_one_customer_are_taken_back_together(world: World) -> None:
    committed(sent(world.filer, csv(HEAD, HOSPITAL)), world.filer)
    upload = sent(world.filer, csv(HEAD, MOVED, (*BY_NAME[:4], "Atlantis", "330205", BY_NAME[6])))
    upload = committed(upload, world.filer, "ready")
    actions.mend(upload=upload, kind=CUSTOMERS, by=world.filer, number=3, field="country", value="CN")
    upload = committed(now(upload), world.filer, "ready")
    assert (data_of(Customer.objects.get()).division, upload.counts["did_update"]) == ("330205", 2)
    assert undone(upload, world.filer).status == "undone"
    data = data_of(Customer.objects.get())
    assert (data.address, data.division) == (HOSPITAL[3], "330200")


def test_a_file_sent_before_still_changes_nothing_after_a_later_one_was_taken_back(world: World) -> None:
    world.customer()
    first = csv(SALES, row())
    committed(sent(world.filer, first, kind="declarations"), world.filer)
    undone(committed(sent(world.filer, csv(SALES, row(quantity="30")), kind="declarations"), world.filer), world.filer)
    again = committed(sent(world.filer, first, kind="declarations"), world.filer)
    assert (again.counts["did_skip"], [*map(goods, drafts(world))], UploadKey.objects.count()) == (1, [{"CI-2440-100": 24}], 1)


def test_a_look_at_a_party_that_was_taken_back_is_over(world: World) -> None:
    """Put back by one upload it waits to be screened; gone with another it must not wait for ever."""
    first = committed(sent(world.filer, csv((*HEAD, "别名"), (*HOSPITAL, HOSPITAL[0]))), world.filer)
    second = committed(sent(world.filer, csv(HEAD, MOVED)), world.filer)
    with pytest.raises(NotAllowed, match="changed after this upload"):
        actions.undo(upload=first, kind=CUSTOMERS, by=world.filer)
    undone(second, world.filer)
    job = Job.objects.get(kind="rescreen", state="waiting")
    undone(first, world.filer)
    tasks.rescreen(job.pk)
    assert (Job.objects.get(pk=job.pk).state, Party.objects.filter(pk=job.object_id).exists()) == ("done", False)


@pytest.mark.parametrize("kind", ["customers", "declarations"])
def test_a_right_that_ends_in_the_middle_of_a_commit_leaves_nothing(world: World, kind: str, monkeypatch: pytest.MonkeyPatch) -> None:
    """New ones and changed ones, by whoever has no right any more to see or to write either."""
    monkeypatch.setattr(steps, "WRITE_THINGS", 1)
    if kind == "customers":
        committed(sent(world.filer, csv(HEAD, HOSPITAL)), world.filer)
        content = csv(HEAD, MOVED, MATERNITY, *customers(2))
    else:
        world.customer()
        committed(sent(world.filer, csv(SALES, row()), kind=kind), world.filer)
        content = csv(SALES, row(quantity="30"), row("Q-2"), row("Q-3"), row("Q-4"))
    upload = sent(world.filer, content, kind=kind)
    actions.commit(upload=upload, kind=KINDS[kind], by=world.filer, mode="ready")
    monkeypatch.setattr(steps, "BUDGET_SECONDS", -1.0)
    go_on(upload.pk)
    go_on(upload.pk)
    assert now(upload).done == 2
    world.filer.memberships.update(ended_at=timezone.now(), ended_by_id="x")
    for _step in range(5):
        go_on(upload.pk)
    assert (now(upload).status, now(upload).counts["ready"]) == ("checked", 4)
    if kind == "customers":
        assert data_of(Customer.objects.get()).address == HOSPITAL[3]
    else:
        assert [*map(goods, drafts(world))] == [{"CI-2440-100": 24}]


@pytest.mark.parametrize("mode", ["all", "ready"])
def test_what_would_be_other_than_was_shown_is_shown_again_first(world: World, mode: str) -> None:
    committed(sent(world.filer, csv(HEAD, HOSPITAL)), world.filer)
    upload = sent(world.filer, csv(HEAD, MOVED, MATERNITY))
    customer = Customer.objects.get()
    edit_customer(customer=customer, by=world.filer, data=replace(data_of(customer), address="宁波市海曙区 7 号"))
    upload = committed(upload, world.filer, mode)
    assert data_of(Customer.objects.get(pk=customer.pk)).address == "宁波市海曙区 7 号"
    assert (upload.status, Customer.objects.count()) == (("checked", 1) if mode == "all" else ("committed", 2))
    assert [(n, text) for n, _f, text in problems(upload)] == [(2, "What this row would do has changed since you looked at it.")]
    actions.accept(upload=upload, kind=CUSTOMERS, by=world.filer, field="", code="moved")
    assert now(upload).rows.get(number=2).changes == [["address", "宁波市海曙区 7 号", MOVED[3]]]
    committed(now(upload), world.filer, mode)
    assert data_of(Customer.objects.get(pk=customer.pk)).address == MOVED[3]


def test_a_changed_customer_is_not_put_back_while_a_declaration_of_it_is_decided(world: World) -> None:
    """Else an upload would be taken back by halves: the form refuses the same."""
    committed(sent(world.filer, csv(HEAD, HOSPITAL)), world.filer)
    upload = committed(sent(world.filer, csv(HEAD, MOVED, MATERNITY)), world.filer)
    declaration = world.signed(world.draft(Customer.objects.get(party__names__text=HOSPITAL[0])))
    with pytest.raises(NotAllowed, match=f"Row 2: {declaration.number} names this customer and is being decided"):
        actions.undo(upload=upload, kind=CUSTOMERS, by=world.filer)
    assert (now(upload).status, Customer.objects.count()) == ("committed", 2)


def test_what_cannot_be_taken_back_stays_says_why_and_is_screened(world: World, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(steps, "WRITE_THINGS", 1)
    monkeypatch.setattr(steps, "BUDGET_SECONDS", -1.0)
    upload = sent(world.filer, csv(HEAD, *customers(3)), work=False)
    for _step in range(4):
        go_on(upload.pk)
    actions.commit(upload=now(upload), kind=CUSTOMERS, by=world.filer, mode="all")
    go_on(upload.pk)
    customer = Customer.objects.get()
    declaration = world.draft(customer)
    actions.cancel(upload=now(upload), kind=CUSTOMERS, by=world.filer)
    for _step in range(4):
        go_on(upload.pk)
    assert (now(upload).status, Customer.objects.get()) == ("committed", customer)
    assert problems(now(upload)) == [(2, "", f"{declaration.number} names this customer.")]
    assert RescreeningChunk.objects.get().parties == [customer.party_id]
