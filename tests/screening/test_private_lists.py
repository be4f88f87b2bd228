"""Lists of our own: read in two languages and any encoding, each faulty row named; good until a day; downloaded as they are."""

import datetime as dt

import pytest

from certifications.flow import lists as flow
from certifications.ledger.models import Event
from certifications.ledger.moves import NotAllowed
from certifications.people.models import User
from certifications.screening.importers import ListUnreadable, ShapeChanged, recognise
from certifications.screening.importers.private import COLUMNS, as_row
from certifications.screening.imports import import_list, make_private_list, review
from certifications.screening.models import ListSource
from certifications.screening.queries import lists_in_force, rows_of
from certifications.screening.rules import is_fresh
from tests.world import World

from .published import USCC, private_csv, read

TODAY = dt.date(2026, 11, 12)
CHINESE = f"编号,单位名称,别名,类型,国家,统一社会信用代码,依据,备注,生效日期\n1,广州核桃贸易有限公司,核桃贸易；核桃,企业,CN,{USCC},商务部公告,先问,2026年11月12日\n"


def refusal(content: bytes) -> str:
    """The sentence with which a private list is refused."""
    with pytest.raises(ListUnreadable) as problem:
        read("private_csv", content)
    return str(problem.value)


@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "gb18030", "utf-16"])
@pytest.mark.parametrize("delimiter", [",", ";", "\t"])
def test_headings_in_chinese_are_read_in_every_encoding_and_delimiter(encoding: str, delimiter: str) -> None:
    text = CHINESE + CHINESE.partition("\n")[2].replace("1,", "2,").replace("核桃", "石榴") * 1
    entries, _notes = read("private_csv", text.replace(",", delimiter).encode(encoding))
    assert entries[0].names == ("广州核桃贸易有限公司", "核桃贸易", "核桃")
    assert (entries[0].schema, entries[0].codes, entries[0].citation) == ("Organization", (USCC,), "商务部公告")
    assert entries[1].name == "广州石榴贸易有限公司"


@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "gb18030"])
def test_a_list_with_chinese_headings_is_recognised(encoding: str) -> None:
    found = recognise(CHINESE.encode(encoding))
    assert found is not None
    assert found.code == "private_csv"


def test_one_column_is_enough_and_rows_without_id_keep_theirs_in_another_order() -> None:
    one = {e.name: e.entry_id for e in read("private_csv", b"name\nWalnut\nPomegranate\n")[0]}
    two = {e.name: e.entry_id for e in read("private_csv", b"name\nPomegranate\nWalnut\n")[0]}
    assert one == two
    assert len(one) == 2


def test_every_faulty_row_is_named_with_its_line() -> None:
    said = refusal(
        b"id,name,kind,effective date\n1,Walnut,organization,2026-11-12\n2,,person,\n3,Plum,planet,\n4,Fig,ship,soon\n1,Pear,,\n5,Lime,,,more,cells\n"
    )
    for words in (
        "line 3 has no name",
        "line 4: the kind planet",
        "line 5: soon is no date",
        "line 6 has the id of line 2",
        "line 7 has more cells",
    ):
        assert words in said


def test_many_faulty_rows_are_counted() -> None:
    assert "and 12 more" in refusal(b"id,name\n" + b"".join(b"%d,\n" % n for n in range(20)))


def test_an_unknown_column_is_a_changed_shape_and_two_of_one_kind_are_refused() -> None:
    with pytest.raises(ShapeChanged, match="Colour"):
        read("private_csv", b"name,Colour\nWalnut,red\n")
    assert len(read("private_csv", b"name,Colour\nWalnut,red\n", lenient=True)[0]) == 1
    assert "mean the same" in refusal("name,名称\nWalnut,核桃\n".encode())
    assert 'no column "name"' in refusal(b"title,kind\nWalnut,person\n")


@pytest.mark.parametrize(
    ("content", "words"),
    [(b"", "empty"), (b"name\n", "no entries"), (b'name\n"Walnut\n', "breaks off"), (b"name\n" + b"x\n" * 100_001, "more than")],
)
def test_what_is_no_list_is_said(content: bytes, words: str) -> None:
    assert words in refusal(content)


def test_what_is_downloaded_can_be_uploaded_and_is_the_same() -> None:
    entries, _notes = read("private_csv", private_csv(5))
    lines = [",".join(COLUMNS), *(",".join(f'"{cell}"' for cell in as_row(entry)) for entry in entries)]
    again = read("private_csv", "\n".join(lines).encode())[0]
    assert [(e.entry_id, e.names, e.codes, e.citation, e.policy) for e in again] == [
        (e.entry_id, e.names, e.codes, e.citation, e.policy) for e in entries
    ]


def test_a_cell_that_a_download_marked_is_read_as_it_was_meant() -> None:
    assert read("private_csv", b"name\n'=Walnut & Co\n")[0][0].name == "=Walnut & Co"


@pytest.mark.parametrize(("day", "fresh"), [(1, True), (0, False), (-1, False)])
def test_a_reviewed_list_is_good_until_the_day_of_its_review(day: int, fresh: bool) -> None:
    now = dt.datetime(2026, 11, 12, 12, tzinfo=dt.UTC)
    review_on = TODAY + dt.timedelta(days=day)
    assert is_fresh(kind="reviewed", confirmed_at=now - dt.timedelta(days=900), fresh_hours=48, now=now, review_on=review_on) is fresh
    assert is_fresh(kind="reviewed", confirmed_at=now, fresh_hours=48, now=now, review_on=None) is False


def made(lead: User, **more: object) -> ListSource:
    """A list of our own, reviewed in a month."""
    values = {
        "code": "own_letter",
        "title": "Letter",
        "basis": "15 CFR 744.21(b)",
        "fresh_hours": None,
        "review_on": TODAY + dt.timedelta(30),
    }
    return make_private_list(**{**values, **more}, by=lead, today=TODAY)  # type: ignore[arg-type]


def test_a_lead_makes_a_list_that_counts_once_it_is_in_force(world: World) -> None:
    source = made(world.lead)
    assert (source.in_force, source.is_private, source.kind) == (False, True, "reviewed")
    assert made(world.lead).pk == source.pk
    assert Event.objects.filter(verb="list.made", object_id=source.pk).count() == 1
    assert import_list(source=source, content=private_csv(3), by=world.lead).state == "accepted"
    flow.put_in_force(source=source, by=world.lead)
    held = next(entry for entry in lists_in_force() if entry.source.pk == source.pk)
    assert held.version is not None
    assert [row[0] for row in rows_of(source)] == ["L-0", "L-1", "L-2"]


def test_a_list_needs_a_basis_and_exactly_one_way_to_grow_old(world: World) -> None:
    for wrong in ({"fresh_hours": 24}, {"review_on": None}, {"review_on": TODAY}):
        with pytest.raises(NotAllowed):
            made(world.lead, **wrong)


def test_a_review_moves_the_day_and_is_an_event(world: World) -> None:
    source = made(world.lead)
    review(source=source, review_on=TODAY + dt.timedelta(90), by=world.lead, today=TODAY)
    source.refresh_from_db()
    assert source.review_on == TODAY + dt.timedelta(90)
    assert Event.objects.filter(verb="list.reviewed", object_id=source.pk).exists()
    for day in (TODAY, TODAY + dt.timedelta(400)):
        with pytest.raises(NotAllowed):
            review(source=source, review_on=day, by=world.lead, today=TODAY)
