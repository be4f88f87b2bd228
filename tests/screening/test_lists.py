"""Lists come in whole or not at all; the last good version stays; age and kind decide whether it may be relied on."""

import datetime as dt
from io import StringIO
from pathlib import Path

import pytest
from django.core.checks import run_checks
from django.core.management import CommandError, call_command
from django.db.models import F
from django.test import override_settings

from certifications.files.models import Blob
from certifications.flow import demo
from certifications.flow import lists as flow
from certifications.flow.rescreening import follow
from certifications.ledger.models import Event
from certifications.ledger.moves import NotAllowed
from certifications.parties.models import Party
from certifications.parties.models_owners import Ownership
from certifications.people.models import User
from certifications.screening.actions import import_list, put_in_force
from certifications.screening.models import ListEntry, ListSource, ListVersion, ScreeningRun
from certifications.screening.queries import lists_in_force, newest_good
from certifications.screening.seed import make_sources, seed
from certifications.work.models import Job

from .published import MAKERS
from .samples import as_csv, as_json, rows

pytestmark = pytest.mark.django_db


@pytest.fixture
def csl() -> ListSource:
    """The Consolidated Screening List with 40 entries, in force."""
    source = make_sources()
    import_list(source=source, content=as_json(rows(40)), by=None)
    put_in_force(source=source, by=None)
    source.refresh_from_db()
    return source


def in_force(source: ListSource) -> ListVersion:
    """The version that counts."""
    found = next(entry.version for entry in lists_in_force() if entry.source == source)
    assert found is not None
    return found


def test_an_import_keeps_every_entry_its_digest_and_an_event(csl: ListSource) -> None:
    version = in_force(csl)
    assert (version.entry_count, version.entries.count()) == (40, 40)
    assert Event.objects.filter(verb="list.imported", object_id=version.pk, data__sha256=version.sha256).exists()


def test_the_same_bytes_again_only_confirm_the_version(csl: ListSource) -> None:
    before = in_force(csl)
    ListVersion.objects.filter(pk=before.pk).update(confirmed_at=F("confirmed_at") - dt.timedelta(hours=47))
    again = import_list(source=csl, content=as_json(rows(40)), by=None)
    assert again.pk == before.pk
    assert again.confirmed_at >= before.confirmed_at
    assert csl.versions.count() == 1


@pytest.mark.parametrize(
    ("content", "aside"),
    [
        (as_json(rows(40))[:3000], 0),
        (as_csv(rows(40))[:3000], 0),
        (as_json(rows(35)), 35),
        (as_json([]), 0),
        (as_csv(rows(40)).replace(b"alt_names", b"aka"), 40),
        (b"<html>maintenance</html>\n", 0),
    ],
    ids=["JSON cut", "CSV cut", "shrunk", "empty", "column renamed", "wrong kind"],
)
def test_a_bad_file_is_refused_with_a_reason_and_the_last_good_version_stays(csl: ListSource, content: bytes, aside: int) -> None:
    """What shrank or changed its shape is kept aside, for two people to look at; what is damaged is not."""
    good = in_force(csl)
    refused = import_list(source=csl, content=content, by=None)
    assert (refused.state, refused.entries.count()) == ("refused", aside)
    assert refused.refusal
    assert in_force(csl) == good
    assert good.entries.count() == 40
    assert Event.objects.filter(verb="list.refused", object_id=refused.pk).exists()


def test_a_list_may_shrink_by_a_tenth_and_no_more(csl: ListSource) -> None:
    assert import_list(source=csl, content=as_json(rows(36)), by=None).state == "accepted"
    assert import_list(source=csl, content=as_json(rows(32)), by=None).state == "refused"


def test_a_refused_file_does_not_make_a_list_fresh(csl: ListSource) -> None:
    ListVersion.objects.update(confirmed_at=F("confirmed_at") - dt.timedelta(hours=49))
    import_list(source=csl, content=as_json(rows(2)), by=None)
    assert [entry.is_fresh for entry in lists_in_force()] == [False]


def test_an_import_that_breaks_in_the_middle_leaves_nothing(csl: ListSource, monkeypatch: pytest.MonkeyPatch) -> None:
    def full(*_: object, **__: object) -> None:
        raise OSError("disk full")

    monkeypatch.setattr(ListEntry.objects, "bulk_create", full)
    with pytest.raises(OSError, match="disk full"):
        import_list(source=csl, content=as_json(rows(41)), by=None)
    assert csl.versions.count() == 1


def test_a_list_grows_stale_after_its_hours(csl: ListSource) -> None:
    ListVersion.objects.update(confirmed_at=F("confirmed_at") - dt.timedelta(hours=47, minutes=55))
    assert [entry.is_fresh for entry in lists_in_force()] == [True]
    ListVersion.objects.update(confirmed_at=F("confirmed_at") - dt.timedelta(minutes=10))
    assert [entry.is_fresh for entry in lists_in_force()] == [False]


def test_a_list_without_a_good_version_cannot_be_put_in_force() -> None:
    with pytest.raises(NotAllowed):
        put_in_force(source=make_sources(), by=None)
    assert lists_in_force() == []


def test_static_lists_count_in_a_demonstration_alone() -> None:
    seed()
    assert [entry.is_fresh for entry in lists_in_force()] == [True]
    with override_settings(PORTAL_DEMO=False):
        assert [entry.is_fresh for entry in lists_in_force()] == [False]


def deploy_ids() -> set[str | None]:
    """The ids of what the deploy check says about lists."""
    return {m.id for m in run_checks(include_deployment_checks=True) if m.id in {"certifications.E101", "certifications.E102"}}


def test_the_deploy_check_refuses_a_static_list_in_force() -> None:
    seed()
    with override_settings(PORTAL_DEMO=False):
        assert deploy_ids() == {"certifications.E101"}
        ListSource.objects.filter(kind="static").update(in_force=False)
        assert deploy_ids() == set()


def test_in_production_the_seed_makes_the_dated_list_alone_and_it_blocks_until_imported() -> None:
    with override_settings(PORTAL_DEMO=False):
        call_command("seed_lists", stdout=StringIO())
        assert [(e.source.code, e.version, e.is_fresh) for e in lists_in_force()] == [("us_csl", None, False)]


def test_the_command_imports_a_file_and_refuses_a_cut_one(tmp_path: Path, csl: ListSource) -> None:
    good, cut = tmp_path / "good.csv", tmp_path / "cut.csv"
    good.write_bytes(as_csv(rows(44)))
    cut.write_bytes(as_csv(rows(44))[:4000])
    out = StringIO()
    call_command("import_list", "us_csl", str(good), stdout=out)
    assert "44 entries" in out.getvalue()
    with pytest.raises(CommandError, match="last good version stays"):
        call_command("import_list", "us_csl", str(cut))
    assert in_force(csl).entry_count == 44


@pytest.mark.parametrize("code", MAKERS)
def test_the_command_reads_every_format_without_holding_the_file(tmp_path: Path, csl: ListSource, code: str) -> None:
    ListSource.objects.create(code="own", title="Ours", kind="dated", formats="private_csv", in_force=False)
    source = next(source for source in ListSource.objects.all() if code in source.takes)
    file, out = tmp_path / "list", StringIO()
    file.write_bytes(MAKERS[code](5))
    call_command("import_list", source.pk, str(file), stdout=out)
    assert "with 5 entries." in out.getvalue()
    assert in_force_or_not(source) == 5


def in_force_or_not(source: ListSource) -> int:
    """How many entries the newest good version holds."""
    version = newest_good(source)
    assert version is not None
    return version.entries.count()


def test_the_command_refuses_an_empty_file(tmp_path: Path, csl: ListSource) -> None:
    file = tmp_path / "list"
    file.write_bytes(b"")
    with pytest.raises(CommandError, match="empty"):
        call_command("import_list", "us_csl", str(file))


@pytest.mark.parametrize("arguments", [("no_such_list", "x.csv"), ("us_csl", "/nowhere/x.csv")])
def test_the_command_says_what_it_cannot_find(arguments: tuple[str, str], csl: ListSource) -> None:
    with pytest.raises(CommandError, match=r"There is no list|cannot be read"):
        call_command("import_list", *arguments)
    assert csl.versions.count() == 1


def test_an_upload_is_imported_by_a_worker_once_even_when_sent_twice(csl: ListSource) -> None:
    lead = User.objects.create_user("lead@corvane.example", name="I. Solheim")
    first = flow.upload(source=csl, content=as_json(rows(42)), name="csl.json", by=lead, form_key="0" * 26)
    second = flow.upload(source=csl, content=as_json(rows(42)), name="csl.json", by=lead, form_key="0" * 26)
    assert first.pk == second.pk
    assert Blob.objects.filter(stored_by_id=lead.pk).count() == Job.objects.filter(kind="import_list").count() == 1
    flow.import_uploaded(first.object_id)
    flow.import_uploaded(first.object_id)
    assert in_force(csl).entry_count == 42
    assert in_force(csl).imported_by_id == lead.pk
    assert csl.versions.count() == 2


def test_after_an_import_everybody_who_takes_part_in_something_is_screened_against_it() -> None:
    demo.load()
    csl = make_sources()
    flow.import_file(source=csl, content=as_json(rows(40)), by=None)
    assert not Job.objects.filter(kind="delta").exists()
    put_in_force(source=csl, by=None)
    csl.refresh_from_db()
    flow.import_file(source=csl, content=as_json(rows(41)), by=None)
    taking_part = set(Party.objects.filter(customers__declarations__isnull=False).values_list("pk", flat=True))
    taking_part |= set(Party.objects.filter(organisation__declarations__isnull=False).values_list("pk", flat=True))
    assert len(taking_part) == 3
    # And their owners, and those that were screened before: the reseller whose nomination waits.
    taking_part |= set(Ownership.objects.exclude(owner=None).values_list("owner_id", flat=True))
    taking_part |= set(ScreeningRun.objects.order_by().values_list("party_id", flat=True))
    job = Job.objects.get(kind="delta")
    assert {pk for chunk in follow(job.object_id).chunks.all() for pk in chunk.parties} == taking_part


def test_a_refused_import_sets_nothing_in_motion(csl: ListSource) -> None:
    demo.load()
    flow.import_file(source=csl, content=as_json(rows(40))[:900], by=None)
    assert not Job.objects.filter(kind="delta").exists()
