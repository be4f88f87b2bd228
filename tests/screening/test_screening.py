"""Parties are compared with the listed rows through the database; whatever did not run never reads as clear."""

import datetime as dt
from typing import Any

import pytest
from django.db import Error, transaction
from django.db.models import F
from django.utils import timezone

from certifications.ledger.models import Event
from certifications.screening.actions import import_list, put_in_force, screen_many, screen_party
from certifications.screening.models import Finding, ListSource, ListVersion, ScreeningRun
from certifications.screening.queries import latest_runs, party_state
from certifications.screening.seed import make_sources, seed

from .samples import LISTED_CODE, as_json, party, row, rows

pytestmark = pytest.mark.django_db


@pytest.fixture
def listed() -> ListVersion:
    """The 26 rows of the seed case in force."""
    return seed()


@pytest.fixture
def csl() -> ListSource:
    """A dated list in force, one of its entries with a registration number."""
    source = make_sources()
    coded = row(90, name="Windrush Instruments Trading", alt_names=[], ids=[{"type": "USCC", "number": LISTED_CODE}])
    import_list(source=source, content=as_json([*rows(40), coded]), by=None)
    put_in_force(source=source, by=None)
    return ListSource.objects.get(pk=source.pk)


@pytest.mark.parametrize(
    ("name", "entry"),
    [
        ("新疆维吾尔自治区公安厅", "Xinjiang Uyghur Autonomous Region (XUAR) People's Government Public Security Bureau"),
        ("新疆維吾爾自治區公安廳", "Xinjiang Uyghur Autonomous Region (XUAR) People's Government Public Security Bureau"),
        ("喀什地区公安局", "Kashgar Prefecture Public Security Bureau"),
        ("Kashi Prefecture Public Security Bureau", "Kashgar Prefecture Public Security Bureau"),
        ("Kashi Diqu Gong'anju", "Kashgar Prefecture Public Security Bureau"),
        ("和田地区公安局", "Hetian Prefecture Public Security Bureau"),
        ("Hotan Prefecture PSB", "Hetian Prefecture Public Security Bureau"),
        ("Hetian Diqu Gonganju", "Hetian Prefecture Public Security Bureau"),
        ("阿克苏地区公安局", "Aksu District Public Security Bureau"),
        ("Akesu Diqu Gonganju", "Aksu District Public Security Bureau"),
        ("乌鲁木齐市公安局", "Urumqi Municipal Public Security Bureau"),
        ("Wulumuqi Shi Gong'anju", "Urumqi Municipal Public Security Bureau"),
        ("伊犁哈萨克自治州公安局", "Yili Kazakh Autonomous Prefecture Public Security Bureau"),
    ],
)
def test_every_form_of_a_listed_bureau_is_held(listed: ListVersion, name: str, entry: str) -> None:
    bureau = party(name)
    run = screen_party(bureau)
    best = run.findings.order_by("-score").first()
    assert run.state == "done"
    assert best is not None
    assert (best.entry_name, best.band) == (entry, "hold")
    assert best.list_version_id == listed.pk
    assert party_state(bureau).state == "hit"


@pytest.mark.parametrize(
    "name", ["公安县人民医院", "Gong'an County People's Hospital", "宁波江南医院", "乌鲁木齐市第一人民医院", "喀什大学"]
)
def test_hospitals_and_universities_stay_clear(listed: ListVersion, name: str) -> None:
    body = party(name)
    assert screen_party(body).findings.count() == 0
    assert party_state(body).state == "clear"
    assert listed.entry_count == 26


def test_any_one_of_a_partys_names_is_enough(listed: ListVersion) -> None:
    bureau = party("Western Sample Centre", "西部样本中心", "和田地区公安局")
    finding = screen_party(bureau).findings.get(entry_name="Hetian Prefecture Public Security Bureau")
    assert finding.party_name == "和田地区公安局"
    assert finding.list_version_id == listed.pk


def test_a_finding_keeps_what_explains_it(listed: ListVersion) -> None:
    finding = screen_party(party("喀什地区公安局")).findings.order_by("-score")[0]
    told = finding.explanation
    assert told["pieces"]
    assert abs(sum(r["points"] for r in told["rows"]) - float(finding.score)) < 0.001
    assert told["list"]["sha256"] == listed.sha256
    assert told["entry"]["citation"] == "84 FR 54002; 85 FR 44159"
    assert told["engine"]


def test_a_registration_number_on_a_list_is_a_hit_whatever_the_name(csl: ListSource) -> None:
    firm = party("杭州临江贸易有限公司", uscc=LISTED_CODE)
    finding = screen_party(firm).findings.get()
    assert (finding.entry_name, finding.band, finding.score) == ("Windrush Instruments Trading", "hold", 1)
    assert finding.explanation["pieces"][0]["kind"] == "identifier"
    assert finding.list_code == csl.code


def test_another_registration_number_turns_a_hold_into_a_look_and_never_into_clear(csl: ListSource) -> None:
    without = screen_party(party("Windrush Instruments Trading")).findings.get()
    other = screen_party(party("Windrush Instruments Trading", uscc="91440300708461136T")).findings.get()
    assert (without.band, other.band) == ("hold", "review")
    assert abs(sum(r["points"] for r in other.explanation["rows"]) - float(other.score)) < 0.001
    assert csl.in_force


def test_nothing_is_clear_before_it_was_screened(listed: ListVersion) -> None:
    assert party_state(party("宁波江南医院")).state == "waiting"
    assert listed.state == "accepted"


def test_without_any_list_nothing_is_clear() -> None:
    hospital = party("宁波江南医院")
    assert screen_party(hospital).state == "failed"
    assert party_state(hospital).state == "stale"


def test_a_list_that_was_never_imported_blocks_everybody(listed: ListVersion) -> None:
    hospital = party("宁波江南医院")
    screen_party(hospital)
    make_sources()
    ListSource.objects.filter(code="us_csl").update(in_force=True)
    assert party_state(hospital).state == "stale"
    assert screen_party(hospital).state == "failed"
    assert listed.state == "accepted"


def test_an_engine_that_fails_leaves_a_failed_run_that_never_reads_as_clear(listed: ListVersion, settings: Any) -> None:
    hospital = party("宁波江南医院")
    # No folder: a file stands in its place.
    settings.INDEX_DIR.write_text("")
    run = screen_party(hospital)
    assert (run.state, bool(run.error)) == ("failed", True)
    assert party_state(hospital).state == "failed"
    assert Event.objects.filter(verb="party.screening_failed", object_id=hospital.pk).exists()
    assert screen_party(hospital).pk == run.pk
    assert ScreeningRun.objects.count() == 1
    assert listed.state == "accepted"


def test_a_failed_run_is_made_good_by_the_next(listed: ListVersion, settings: Any) -> None:
    hospital = party("宁波江南医院")
    settings.INDEX_DIR.write_text("")
    assert screen_party(hospital).state == "failed"
    settings.INDEX_DIR.unlink()
    assert screen_party(hospital).state == "done"
    assert party_state(hospital).state == "clear"
    assert listed.state == "accepted"


def test_a_party_without_a_name_fails_alone_among_many(listed: ListVersion) -> None:
    nameless, bureau = party(), party("喀什地区公安局")
    states = [run.state for run in screen_many([nameless.pk, bureau.pk])]
    assert states == ["failed", "done"]
    assert (party_state(nameless).state, party_state(bureau).state) == ("failed", "hit")
    assert listed.state == "accepted"


def test_events_of_many_runs_count_without_gaps_per_party(listed: ListVersion) -> None:
    pair = [party("喀什地区公安局"), party("宁波江南医院")]
    for _again in range(3):
        screen_many([held.pk for held in pair], since=timezone.now())
    for held in pair:
        events = Event.objects.filter(object_id=held.pk, verb="party.screened").order_by("sequence")
        assert list(events.values_list("sequence", flat=True)) == [1, 2, 3]
        assert [event.data["run"] for event in events] == list(
            ScreeningRun.objects.filter(party=held).order_by("ran_at").values_list("pk", flat=True)
        )
    assert listed.state == "accepted"


def test_many_parties_are_given_what_each_alone_is_given(listed: ListVersion) -> None:
    names = ["喀什地区公安局", "宁波江南医院", "Hotan Prefecture PSB", "和田地区公安局"]
    alone = [[(f.entry_id, f.score, f.band) for f in screen_party(party(name)).findings.order_by("entry_id")] for name in names]
    runs = screen_many([party(name).pk for name in names])
    assert [[(f.entry_id, f.score, f.band) for f in run.findings.order_by("entry_id")] for run in runs] == alone
    assert listed.state == "accepted"


def test_the_same_party_lists_and_engine_are_not_compared_twice(listed: ListVersion) -> None:
    hospital = party("宁波江南医院")
    assert screen_party(hospital).pk == screen_party(hospital).pk
    assert ScreeningRun.objects.filter(party=hospital).count() == 1
    assert listed.state == "accepted"


def test_a_party_that_changed_is_unscreened_until_it_is_screened_again(listed: ListVersion) -> None:
    body = party("宁波江南医院")
    screen_party(body)
    body.names.update(text="喀什地区公安局")
    body.revision += 1
    body.save()
    assert party_state(body).state == "waiting"
    screen_party(body)
    assert party_state(body).state == "hit"
    assert listed.state == "accepted"


def test_a_new_list_version_makes_everybody_wait(csl: ListSource) -> None:
    body = party("Harbour Lighting Works")
    screen_party(body)
    assert party_state(body).state == "clear"
    import_list(source=csl, content=as_json([*rows(41), row(91, name="Harbour Lighting Works")]), by=None)
    assert party_state(body).state == "waiting"
    screen_party(body)
    assert party_state(body).state == "hit"


def test_a_list_past_its_hours_makes_a_clear_party_stale_and_a_confirmation_clears_it_again(csl: ListSource) -> None:
    body = party("宁波江南医院")
    screen_party(body)
    ListVersion.objects.update(confirmed_at=F("confirmed_at") - dt.timedelta(hours=49))
    assert party_state(body).state == "stale"
    coded = row(90, name="Windrush Instruments Trading", alt_names=[], ids=[{"type": "USCC", "number": LISTED_CODE}])
    import_list(source=csl, content=as_json([*rows(40), coded]), by=None)
    assert party_state(body).state == "clear"


def test_a_decision_outlives_a_rerun_until_a_key_field_changes(csl: ListSource) -> None:
    body = party("Windrush Instruments Trading")
    decided = frozenset(f.fingerprint for f in screen_party(body).findings.all())
    assert party_state(body, decided).state == "clear"
    coded = row(90, name="Windrush Instruments Trading", alt_names=[], ids=[{"type": "USCC", "number": LISTED_CODE}])
    import_list(source=csl, content=as_json([*rows(42), coded]), by=None)
    screen_party(body)
    assert party_state(body, decided).state == "clear"
    import_list(source=csl, content=as_json([*rows(42), {**coded, "alt_names": ["Windrush Trading Company"]}]), by=None)
    screen_party(body)
    assert party_state(body, decided).state == "hit"


def test_runs_and_findings_are_never_changed_or_removed(listed: ListVersion) -> None:
    bureau = party("喀什地区公安局")
    screen_party(bureau)
    for rows_ in (ScreeningRun.objects.all(), Finding.objects.all()):
        with pytest.raises(Error), transaction.atomic():
            rows_.update(party=bureau)
        with pytest.raises(Error), transaction.atomic():
            rows_._raw_delete(rows_.db)
    assert latest_runs([bureau.pk]).get(bureau.pk) is not None
    assert listed.state == "accepted"
