"""What the guards refuse counts only when two different people say so; PostgreSQL refuses every other way."""

import datetime as dt

import pytest
from django.db import DatabaseError, connection, transaction
from django.utils import timezone

from certifications.flow import lists as flow
from certifications.ledger.models import Event
from certifications.ledger.moves import NotAllowed, StaleState
from certifications.mail.models import Mail
from certifications.people.factors import FactorRefused
from certifications.people.models import FactorProof
from certifications.screening import exceptions
from certifications.screening.actions import screen_party
from certifications.screening.imports import import_list, put_in_force
from certifications.screening.models import ListEntry, ListException, ListSource, ListVersion
from certifications.screening.queries import described, lists_in_force, lost_entries, newest_good
from certifications.screening.seed import make_sources
from certifications.work.models import Job
from tests.world import World, code_of, proof_for

from .published import MAKERS, as_ftm, eu_xml, ftm, ftm_row, private_csv, uk_xml
from .samples import as_json, party, rows

WORDS = {"reason": "publisher_announced", "explanation": "The Council delisted them on the day before."}


@pytest.fixture
def eu(world: World) -> ListSource:
    """The EU list with 40 entries, in force."""
    make_sources()
    source = ListSource.objects.get(pk="eu")
    import_list(source=source, content=eu_xml(40), by=None)
    put_in_force(source=source, by=None)
    source.refresh_from_db()
    return source


def shrunk(source: ListSource) -> ListVersion:
    """A version refused because half of the list is gone."""
    version = import_list(source=source, content=eu_xml(20), by=None)
    assert (version.state, version.why, version.entry_count) == ("refused", "shrunk", 20)
    return version


def proposed(version: ListVersion, world: World) -> ListException:
    """Proposed by the lead, with a proof kept directly."""
    digest = exceptions.exception_digest(version=version, **WORDS)
    return exceptions.propose_exception(version=version, **WORDS, by=world.lead, proof=proof_for(world.lead, digest, "list"))


def refused(statement: str, parameters: list[object]) -> str:
    """Run a statement that must fail; what PostgreSQL said."""
    with pytest.raises(DatabaseError) as caught, transaction.atomic(), connection.cursor() as cursor:
        cursor.execute(statement, parameters)
    return str(caught.value)


@pytest.mark.parametrize("code", [code for code in MAKERS if code != "private_csv"])
def test_every_published_list_may_shrink_by_a_tenth_and_no_more(world: World, code: str) -> None:
    make_sources()
    source = next(source for source in ListSource.objects.all() if code in source.takes)
    assert import_list(source=source, content=MAKERS[code](40), by=None).state == "accepted"
    assert import_list(source=source, content=MAKERS[code](36), by=None).state == "accepted"
    worse = import_list(source=source, content=MAKERS[code](30), by=None)
    assert (worse.state, worse.why, worse.entries.count()) == ("refused", "shrunk", 30)
    assert newest_good(source).entry_count == 36  # type: ignore[union-attr]


@pytest.mark.parametrize("code", [code for code in MAKERS if code != "private_csv"])
def test_a_cut_file_keeps_nothing_and_says_that_it_is_damaged(world: World, code: str) -> None:
    make_sources()
    source = next(source for source in ListSource.objects.all() if code in source.takes)
    whole = MAKERS[code](1500)
    version = import_list(source=source, content=whole[: len(whole) // 10 * 9].rstrip(b"\r\n"), by=None)
    assert (version.state, version.why, version.entry_count) == ("refused", "damaged", 0)
    assert not ListEntry.objects.filter(version_id=version.pk).exists()


def test_a_file_of_another_list_is_refused_by_the_name_of_that_list(eu: ListSource) -> None:
    version = import_list(source=eu, content=uk_xml(40), by=None)
    assert (version.why, version.entry_count) == ("damaged", 0)
    assert "This is the UK Sanctions List; here belongs the EU consolidated list" in version.refusal


def test_a_version_says_what_it_is(eu: ListSource) -> None:
    version = newest_good(eu)
    assert version is not None
    assert described(version) == "This is the EU consolidated list of 12 November 2026 with 40 entries."


def test_what_waits_for_two_people_is_held_once_however_often_it_comes(eu: ListSource) -> None:
    first = shrunk(eu)
    assert import_list(source=eu, content=eu_xml(20), by=None).pk == first.pk
    assert ListEntry.objects.filter(version=first).count() == 20
    assert Event.objects.filter(verb="list.refused", object_id=first.pk).count() == 2


def test_a_refused_version_counts_for_nothing_until_a_second_person_agrees(eu: ListSource, world: World) -> None:
    version, good = shrunk(eu), newest_good(eu)
    held = proposed(version, world)
    assert [entry.version for entry in lists_in_force() if entry.source == eu] == [good]
    changed = exceptions.agree_exception(exception=held, by=world.reviewer, proof=proof_for(world.reviewer, held.digest, "list"))
    assert (changed.state, changed.excepted_at is not None, changed.refusal != "") == ("accepted", True, True)
    assert [entry.version for entry in lists_in_force() if entry.source == eu] == [version]
    for verb in ("list.exception_proposed", "list.exception_agreed", "list.accepted"):
        assert Event.objects.filter(verb=verb).exists(), verb


def test_accepting_does_not_make_an_old_file_fresh(eu: ListSource, world: World) -> None:
    version = shrunk(eu)
    ListVersion.objects.update(confirmed_at=timezone.now() - dt.timedelta(hours=49))
    held = proposed(version, world)
    exceptions.agree_exception(exception=held, by=world.reviewer, proof=proof_for(world.reviewer, held.digest, "list"))
    assert [entry.is_fresh for entry in lists_in_force() if entry.source == eu] == [False]


def test_the_same_person_never_agrees(eu: ListSource, world: World) -> None:
    held = proposed(shrunk(eu), world)
    with pytest.raises(NotAllowed) as problem:
        exceptions.agree_exception(exception=held, by=world.lead, proof=proof_for(world.lead, held.digest, "list"))
    assert problem.value.code == "same_person"
    with pytest.raises(NotAllowed):
        flow.agree_exception(exception=held, by=world.lead, code=code_of(world.lead))


def test_postgresql_refuses_one_person_as_both_and_acceptance_by_none(eu: ListSource, world: World) -> None:
    version = shrunk(eu)
    held = proposed(version, world)
    both = (
        "UPDATE certifications_listexception SET state = 'effective', agreed_by_id = proposed_by_id, agreed_at = now(),"
        " agreed_proof_id = 'A' WHERE id = %s"
    )
    assert "list_exception_two_people" in refused(both, [held.pk])
    assert "list_exception_effective_is_agreed" in refused(
        "UPDATE certifications_listexception SET state = 'effective' WHERE id = %s", [held.pk]
    )
    assert "never change" in refused("UPDATE certifications_listexception SET explanation = 'other' WHERE id = %s", [held.pk])
    assert "never changed or removed" in refused("DELETE FROM certifications_listexception WHERE id = %s", [held.pk])
    alone = "UPDATE certifications_listversion SET state = 'accepted', excepted_at = now() WHERE id = %s"
    assert "two people accept a refused list" in refused(alone, [version.pk])
    assert "never changes" in refused("UPDATE certifications_listversion SET entry_count = 1 WHERE id = %s", [version.pk])
    back = "UPDATE certifications_listversion SET state = 'refused', refusal = 'x' WHERE id = %s"
    assert "never changes" in refused(back, [newest_good(eu).pk])  # type: ignore[union-attr]
    born = (
        "INSERT INTO certifications_listversion (id, source_id, sha256, entry_count, state, refusal, why, excepted_at, imported_by_id, format,"
        " ignored_count, merged_count) VALUES ('X', 'eu', 'x', 1, 'accepted', 'x', 'shrunk', now(), '', '', 0, 0)"
    )
    assert "two people alone" in refused(born, [])


def test_a_damaged_file_is_accepted_by_nobody(eu: ListSource, world: World) -> None:
    version = import_list(source=eu, content=eu_xml(40)[:3000], by=None)
    with pytest.raises(NotAllowed, match="damaged"):
        exceptions.check_proposal(version=version, **WORDS)


def test_words_are_needed_and_one_proposal_at_a_time(eu: ListSource, world: World) -> None:
    version = shrunk(eu)
    for wrong in ({"reason": "because"}, {"explanation": "short"}):
        with pytest.raises(NotAllowed):
            exceptions.check_proposal(version=version, **{**WORDS, **wrong})
    proposed(version, world)
    with pytest.raises(StaleState):
        exceptions.check_proposal(version=version, **WORDS)


def test_a_good_version_that_came_after_leaves_nothing_to_accept(eu: ListSource, world: World) -> None:
    version = shrunk(eu)
    held = proposed(version, world)
    assert import_list(source=eu, content=eu_xml(41), by=None).state == "accepted"
    with pytest.raises(NotAllowed, match="after this one"):
        exceptions.agree_exception(exception=held, by=world.reviewer, proof=proof_for(world.reviewer, held.digest, "list"))
    version.refresh_from_db()
    assert version.state == "refused"


def test_a_factor_for_other_words_or_of_another_person_is_refused(eu: ListSource, world: World) -> None:
    version = shrunk(eu)
    with pytest.raises(NotAllowed):
        exceptions.propose_exception(version=version, **WORDS, by=world.lead, proof=proof_for(world.lead, "0" * 64, "list"))
    held = proposed(version, world)
    for proof in (proof_for(world.reviewer, "0" * 64, "list"), proof_for(world.second_reviewer, held.digest, "list")):
        with pytest.raises(NotAllowed):
            exceptions.agree_exception(exception=held, by=world.reviewer, proof=proof)


def test_each_act_asks_for_a_fresh_factor_of_its_own(eu: ListSource, world: World) -> None:
    version = shrunk(eu)
    with pytest.raises(FactorRefused):
        flow.propose_exception(version=version, **WORDS, by=world.lead, code="000000")
    held = flow.propose_exception(version=version, **WORDS, by=world.lead, code=code_of(world.lead))
    assert Mail.objects.filter(template="list_exception", to_user_id=world.reviewer.pk).exists()
    assert not Mail.objects.filter(template="list_exception", to_user_id=world.lead.pk).exists()
    with pytest.raises(FactorRefused):
        flow.agree_exception(exception=held, by=world.reviewer)
    flow.agree_exception(exception=held, by=world.reviewer, code=code_of(world.reviewer))
    assert FactorProof.objects.filter(purpose="list", digest=held.digest).count() == 2
    assert ListVersion.objects.get(pk=version.pk).state == "accepted"


def test_accepting_has_everybody_screened_again(eu: ListSource, world: World) -> None:
    world.signed()
    held = proposed(shrunk(eu), world)
    Job.objects.filter(kind="delta").delete()
    flow.agree_exception(exception=held, by=world.second_reviewer, code=code_of(world.second_reviewer))
    assert Job.objects.filter(kind="delta").exists()


def test_a_proposal_taken_back_leaves_its_record_and_the_way_open(eu: ListSource, world: World) -> None:
    version = shrunk(eu)
    held = proposed(version, world)
    exceptions.void_exception(exception=held, by=world.reviewer)
    with pytest.raises(StaleState):
        exceptions.agree_exception(exception=held, by=world.reviewer, proof=proof_for(world.reviewer, held.digest, "list"))
    proposed(version, world)
    assert version.exceptions.count() == 2


def test_a_renamed_column_can_be_accepted_and_shows_what_is_lost(eu: ListSource, world: World) -> None:
    renamed = eu_xml(20).replace(b"<remark>", b"<comment>").replace(b"</remark>", b"</comment>")
    version = import_list(source=eu, content=renamed, by=None)
    assert version.why == "shape"
    assert "comment" in version.refusal
    assert "shrank from 40 to 20" in version.refusal
    count, gone = lost_entries(version, 5)
    assert (count, len(gone)) == (20, 5)


def test_numbers_of_every_list_are_compared_before_any_name(world: World) -> None:
    make_sources()
    source = ListSource.objects.get(pk="opensanctions")
    import_list(source=source, content=ftm(3), by=None)
    put_in_force(source=source, by=None)
    body = party("Entirely Different Name", uscc="1027700100001")
    found = screen_party(body).findings.get(list_code="opensanctions")
    assert (found.entry_id, found.score) == ("NK-1", 1)


def test_a_number_that_a_list_writes_in_groups_is_compared_whole(world: World) -> None:
    make_sources()
    source = ListSource.objects.get(pk="opensanctions")
    import_list(source=source, content=as_ftm([ftm_row(1, properties={"registrationNumber": ["1027 7001 0077 7"]})]), by=None)
    put_in_force(source=source, by=None)
    assert screen_party(party("Entirely Different Name", uscc="1027700100777")).findings.filter(list_code="opensanctions").exists()


def test_numbers_kept_before_this_release_are_still_compared(world: World) -> None:
    source = ListSource.objects.create(code="own_x", title="X", kind="dated", formats="private_csv", in_force=False)
    import_list(source=source, content=private_csv(2), by=None)
    put_in_force(source=source, by=None)
    ListEntry.objects.create(
        version=source.versions.get(),
        entry_id="old",
        schema="Company",
        name="Old",
        names=["Old"],
        identifiers=["91330103311245785N"],
        codes=[],
    )
    body = party("Entirely Different Name", uscc="91330103311245785N")
    assert screen_party(body).findings.filter(list_code="own_x", entry_id="old").exists()


def test_sources_exist_with_publisher_and_address_and_are_not_in_force(world: World) -> None:
    make_sources()
    for code in ("un", "eu", "uk", "uk_ofsi", "opensanctions"):
        source = ListSource.objects.get(pk=code)
        assert source.publisher
        assert source.url.startswith("https://")
        assert (source.in_force, source.fresh_hours, source.kind) == (False, 48, "dated")


def test_the_us_list_that_lost_its_aliases_can_be_accepted_too(world: World) -> None:
    source = make_sources()
    import_list(source=source, content=as_json(rows(40)), by=None)
    without = [{key: value for key, value in row.items() if key != "alt_names"} for row in rows(40)]
    version = import_list(source=source, content=as_json(without), by=None)
    assert (version.state, version.why, version.entry_count) == ("refused", "shape", 40)
