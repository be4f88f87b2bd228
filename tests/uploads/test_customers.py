"""Customers by the file: made, changed, left alone; mended; committed whole or in part; taken back; and nobody else's."""

import pytest

from certifications.flow.uploads import KINDS, go_on
from certifications.ledger.models import Event
from certifications.ledger.moves import NotAllowed
from certifications.parties.models import Customer, Party
from certifications.parties.queries import data_of
from certifications.screening.models_rescreening import RescreeningChunk
from certifications.uploads import actions
from certifications.uploads.models import Upload, UploadRow
from certifications.work.models import Job
from tests.world import World

from .files import HEAD, HOSPITAL, MATERNITY, csv, customers
from .steps import committed, now, problems, sent, undone, worked

pytestmark = pytest.mark.django_db
CUSTOMERS = KINDS["customers"]


def test_a_file_in_known_words_is_checked_without_a_question(world: World) -> None:
    upload = sent(world.filer, csv(HEAD, HOSPITAL, MATERNITY))
    assert (upload.status, problems(upload)) == ("checked", [])
    assert upload.counts["will_create"] == 2
    assert not Customer.objects.exists()


def test_what_is_committed_is_what_the_form_would_have_made(world: World) -> None:
    upload = committed(sent(world.filer, csv(HEAD, HOSPITAL, MATERNITY)), world.filer)
    assert upload.status == "committed"
    made = {data_of(c).native_name: data_of(c) for c in Customer.objects.filter(organisation=world.qinglan)}
    assert made["宁波江南医院"].uscc == "12330200MA2GX00010"
    assert made["宁波江南医院"].division == "330200"
    assert made["成都岷江妇产医院"].division == "510100"
    assert made["成都岷江妇产医院"].kind == "end_user"
    assert Event.objects.filter(verb="customer.registered").count() == 2


def test_screening_is_queued_as_one_round(world: World) -> None:
    upload = committed(sent(world.filer, csv(HEAD, *customers(5))), world.filer)
    chunk = RescreeningChunk.objects.get()
    assert sorted(chunk.parties) == sorted(Customer.objects.values_list("party_id", flat=True))
    assert Job.objects.filter(kind="rescreen_chunk", state="waiting").count() == 1
    assert chunk.rescreening.cause == "upload"
    assert upload.counts["did_create"] == 5


def test_the_same_file_twice_changes_nothing(world: World) -> None:
    content = csv(HEAD, HOSPITAL, MATERNITY)
    committed(sent(world.filer, content), world.filer)
    before = list(Party.objects.order_by("pk").values_list("pk", "revision"))
    again = committed(sent(world.filer, content), world.filer)
    assert (again.counts["did_skip"], again.counts.get("did_create", 0), again.counts.get("did_update", 0)) == (2, 0, 0)
    assert list(Party.objects.order_by("pk").values_list("pk", "revision")) == before


def test_a_change_is_shown_before_and_a_blank_cell_changes_nothing(world: World) -> None:
    committed(sent(world.filer, csv(HEAD, HOSPITAL)), world.filer)
    moved = (HOSPITAL[0], "", HOSPITAL[2], "宁波市江北区新路 1 号", "", "330205", "")
    upload = sent(world.filer, csv(HEAD, moved))
    row = upload.rows.get()
    assert row.outcome == "update"
    assert [change[0] for change in row.changes] == ["address", "division"]
    committed(upload, world.filer)
    data = data_of(Customer.objects.get())
    assert (data.address, data.line_of_business, data.latin_name) == ("宁波市江北区新路 1 号", HOSPITAL[6], HOSPITAL[1])


def test_every_error_names_row_column_value_and_mend(world: World) -> None:
    bad = ("杭州市临江医院", "", "1233", "杭州市 1 号", "Atlantis", "", "")
    upload = sent(world.filer, csv(("title",), HEAD, HOSPITAL, bad))
    assert (upload.counts["ready"], upload.counts["attention"]) == (1, 1)
    assert {(number, field) for number, field, _text in problems(upload)} == {
        (4, "uscc"), (4, "country"), (4, "line_of_business"),
    }  # fmt: skip
    assert "this has 4" in next(text for _number, field, text in problems(upload) if field == "uscc")
    chinese = upload.problems.get(field="country").texts["zh-hans"]
    assert chinese != upload.problems.get(field="country").texts["en"]


def test_more_names_than_are_kept_are_said_at_their_cell(world: World) -> None:
    names = [f"江南{n}" for n in "一二三四五六七八九十"]
    head = (*HEAD, "Other names")
    upload = sent(world.filer, csv(head, (*HOSPITAL, "；".join([*names, "江南医院"]))))
    assert problems(upload)[0][:2] == (2, "other_names")
    assert "There are 11 other names" in problems(upload)[0][2]
    actions.mend(upload=upload, kind=CUSTOMERS, by=world.filer, number=2, field="other_names", value="；".join(names))
    committed(now(upload), world.filer)
    assert list(data_of(Customer.objects.get()).other_names) == names


def test_a_cell_is_mended_in_place(world: World) -> None:
    upload = sent(world.filer, csv(HEAD, (*HOSPITAL[:4], "Atlantis", *HOSPITAL[5:])))
    actions.mend(upload=upload, kind=CUSTOMERS, by=world.filer, number=2, field="country", value="China")
    upload = now(upload)
    assert (problems(upload), upload.counts["ready"], upload.counts["attention"]) == ([], 1, 0)
    committed(upload, world.filer)
    assert data_of(Customer.objects.get()).country == "CN"


def test_the_same_mistake_is_mended_in_every_row_at_once(world: World) -> None:
    rows = [(*row[:4], "Atlantis", *row[5:]) for row in customers(5)] + [(*customers(1, start=9)[0][:4], "Utopia", "330200", "Hospital")]
    upload = sent(world.filer, csv(HEAD, *rows))
    assert actions.mend(upload=upload, kind=CUSTOMERS, by=world.filer, number=2, field="country", value="CN", everywhere=True) == 5
    upload = now(upload)
    assert (upload.counts["ready"], upload.counts["attention"]) == (5, 1)


def test_a_missing_division_is_proposed_from_the_address_and_taken_for_all_at_once(world: World) -> None:
    rows = [(*row[:5], "", row[6]) for row in customers(3)]
    upload = sent(world.filer, csv(HEAD, *rows))
    problem = upload.problems.first()
    assert problem is not None
    assert [fix["value"] for fix in problem.fixes] == ["330200"]
    taken = actions.take_proposals(upload=upload, kind=CUSTOMERS, by=world.filer, field="division", code=problem.code)
    assert (taken, now(upload).counts["ready"]) == (3, 3)


def test_all_or_nothing_waits_for_every_row_and_ready_rows_only_leaves_the_rest(world: World) -> None:
    upload = sent(world.filer, csv(HEAD, HOSPITAL, (*MATERNITY[:4], "Atlantis", *MATERNITY[5:])))
    with pytest.raises(NotAllowed) as refused:
        actions.commit(upload=upload, kind=CUSTOMERS, by=world.filer, mode="all")
    assert refused.value.code == "not_ready"
    upload = committed(upload, world.filer, "ready")
    assert (upload.status, upload.counts["did_create"], upload.counts["attention"]) == ("committed", 1, 1)
    actions.mend(upload=upload, kind=CUSTOMERS, by=world.filer, number=3, field="country", value="CN")
    upload = committed(now(upload), world.filer, "ready")
    assert (upload.counts["did_create"], Customer.objects.count()) == (2, 2)


def test_what_goes_wrong_between_check_and_commit_leaves_nothing(world: World) -> None:
    """All or nothing: the second of three cannot be written any more, the first was already."""
    rows = customers(3)
    upload = sent(world.filer, csv(HEAD, *rows))
    upload.rows.filter(number=3).update(mended={"country": "Atlantis"})  # as if the world had changed under it
    from certifications.uploads import steps

    steps.WRITE_THINGS, kept = 1, steps.WRITE_THINGS
    try:
        upload = committed(upload, world.filer, "all")
    finally:
        steps.WRITE_THINGS = kept
    assert upload.status == "checked"
    assert not Customer.objects.exists()
    assert (upload.counts["ready"], upload.counts["attention"]) == (2, 1)
    assert Event.objects.filter(verb="customer.removed").count() == 1


def test_a_killed_worker_loses_nothing_and_doubles_nothing(world: World, monkeypatch: pytest.MonkeyPatch) -> None:
    from certifications.flow import uploads as flow
    from certifications.uploads import steps

    monkeypatch.setattr(steps, "WRITE_THINGS", 2)
    upload = sent(world.filer, csv(HEAD, *customers(7)))
    actions.commit(upload=upload, kind=CUSTOMERS, by=world.filer, mode="all")
    dies = iter([True, False, True, False, False, False, False, False])

    def fault(_name: str) -> None:
        if next(dies, False):
            raise KeyboardInterrupt

    for _attempt in range(3):
        try:
            steps.go_on(upload.pk, flow.KINDS, fault)
        except KeyboardInterrupt:
            assert 0 < now(upload).done <= 7
    upload = now(upload)
    assert (upload.status, upload.done, upload.counts["did_create"]) == ("committed", 7, 7)
    assert Customer.objects.count() == 7


def test_an_upload_is_taken_back_while_nothing_rests_on_it(world: World) -> None:
    committed(sent(world.filer, csv(HEAD, HOSPITAL)), world.filer)
    moved = (*HOSPITAL[:3], "宁波市江北区新路 1 号", *HOSPITAL[4:])
    upload = committed(sent(world.filer, csv(HEAD, moved, MATERNITY)), world.filer)
    assert Customer.objects.count() == 2
    upload = undone(upload, world.filer)
    assert (upload.status, Customer.objects.count()) == ("undone", 1)
    assert data_of(Customer.objects.get()).address == HOSPITAL[3]
    assert Party.objects.filter(kind="end_user").count() == 1
    again = committed(sent(world.filer, csv(HEAD, moved, MATERNITY)), world.filer)
    assert (again.counts["did_create"], again.counts["did_update"]) == (1, 1)


def test_a_customer_that_a_declaration_names_is_not_taken_back_and_the_page_says_why(world: World) -> None:
    upload = committed(sent(world.filer, csv(HEAD, HOSPITAL, MATERNITY)), world.filer)
    customer = Customer.objects.get(party__names__text=MATERNITY[0])
    declaration = world.draft(customer)
    with pytest.raises(NotAllowed) as refused:
        actions.undo(upload=upload, kind=CUSTOMERS, by=world.filer)
    assert (refused.value.code, str(refused.value)) == ("bound", f"Row 3: {declaration.number} names this customer.")
    assert Customer.objects.count() == 2


def test_a_customer_changed_since_is_not_taken_back(world: World) -> None:
    from dataclasses import replace

    from certifications.flow.customers import edit_customer

    upload = committed(sent(world.filer, csv(HEAD, HOSPITAL)), world.filer)
    customer = Customer.objects.get()
    edit_customer(customer=customer, by=world.filer, data=replace(data_of(customer), note="x"))
    with pytest.raises(NotAllowed, match="changed after this upload"):
        actions.undo(upload=upload, kind=CUSTOMERS, by=world.filer)


def test_a_row_like_a_customer_or_a_row_above_is_asked_about_once(world: World) -> None:
    world.customer()
    like = ("宁波市江南醫院", "", "", "宁波市 2 号", "CN", "330200", "Hospital")
    upload = sent(world.filer, csv(HEAD, like, *customers(1)))
    assert [(number, field) for number, field, _text in problems(upload)] == [(2, "native_name")]
    problem = upload.problems.get()
    assert "宁波江南医院" in problem.texts["en"]
    assert problem.fixes[0]["value"] == Customer.objects.get().pk
    assert actions.accept(upload=upload, kind=CUSTOMERS, by=world.filer, field="native_name", code="alike") == 1
    assert (now(upload).counts["ready"], problems(now(upload))) == (2, [])


def test_taking_the_customer_that_is_meant_makes_it_a_change(world: World) -> None:
    customer = world.customer()
    like = ("宁波市江南醫院", "", "", "宁波市 2 号", "CN", "330200", "Hospital")
    upload = sent(world.filer, csv(HEAD, like))
    actions.mend(upload=upload, kind=CUSTOMERS, by=world.filer, number=2, field="customer", value=customer.pk)
    row = now(upload).rows.get()
    assert (row.state, row.outcome, row.object_id) == ("ready", "update", customer.pk)


def test_the_same_customer_in_two_rows_counts_once_or_is_asked_about(world: World) -> None:
    other = (*HOSPITAL[:3], "宁波市 9 号", *HOSPITAL[4:])
    upload = sent(world.filer, csv(HEAD, HOSPITAL, HOSPITAL, other))
    assert [row.state for row in upload.rows.order_by("number")] == ["ready", "ready", "attention"]
    assert (upload.counts["will_create"], upload.counts["will_skip"]) == (1, 1)
    actions.leave_out(upload=upload, kind=CUSTOMERS, by=world.filer, number=4)
    upload = committed(now(upload), world.filer, "all")
    assert Customer.objects.count() == 1


def test_a_code_that_a_spreadsheet_rounded_is_told_apart_from_a_wrong_one(world: World) -> None:
    upload = sent(world.filer, csv(HEAD, (*HOSPITAL[:2], "9.14403E+17", *HOSPITAL[3:])))
    assert "rounded" in problems(upload)[0][2]


def test_columns_nobody_knows_are_asked_about_once_and_remembered(world: World) -> None:
    head = (*HEAD[:3], "门牌", *HEAD[4:], "内部编码")
    upload = sent(world.filer, csv(head, (*HOSPITAL, "K-1")))
    assert upload.status == "columns"
    from certifications.uploads.rules import columns_from_json

    columns = columns_from_json(upload.columns)
    chosen = {**columns.columns, 3: "address"}
    actions.map_columns(upload=upload, kind=CUSTOMERS, by=world.filer, columns=type(columns)(chosen, columns.constants, columns.above))
    go_on(upload.pk)
    assert now(upload).counts["will_create"] == 1
    again = sent(world.filer, csv(head, (*MATERNITY, "K-2")))
    assert (again.status, again.counts["will_create"]) == ("checked", 1)


def test_a_distributor_s_words_are_its_own(world: World) -> None:
    test_columns_nobody_knows_are_asked_about_once_and_remembered(world)
    head = (*HEAD[:3], "门牌", *HEAD[4:], "内部编码")
    assert sent(world.stranger, csv(head, (*MATERNITY, "K-2"))).status == "columns"


def test_who_may_not_register_customers_sends_no_file(world: World) -> None:
    from django.core.exceptions import PermissionDenied

    for who in ("signatory", "distributor_admin", "reviewer", "regulator"):
        with pytest.raises(PermissionDenied):
            actions.receive(by=world.people[who], kind=CUSTOMERS, content=csv(HEAD, HOSPITAL), name="a.csv", form_key="0" * 26)
    assert not Upload.objects.exists()


def test_a_right_that_ended_stops_the_commit_and_takes_it_back(world: World) -> None:
    upload = sent(world.filer, csv(HEAD, HOSPITAL))
    actions.commit(upload=upload, kind=CUSTOMERS, by=world.filer, mode="all")
    from django.utils import timezone

    world.filer.memberships.update(ended_at=timezone.now(), ended_by_id="x")
    go_on(upload.pk)
    assert (now(upload).status, Customer.objects.count()) == ("checked", 0)


def test_a_file_of_one_error_a_row_is_counted_and_grouped(world: World) -> None:
    rows = [(*row[:4], "Atlantis", *row[5:]) for row in customers(700)]
    upload = sent(world.filer, csv(HEAD, *rows))
    assert upload.counts["attention"] == 700
    assert actions.mend(upload=upload, kind=CUSTOMERS, by=world.filer, number=2, field="country", value="CN", everywhere=True) == 700
    assert now(upload).status == "checking"  # too many to look at while a person waits
    assert worked(upload).counts["ready"] == 700
    assert UploadRow.objects.exclude(state="ready").count() == 0
