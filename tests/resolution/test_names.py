"""Names of notices against the register: bound where sure, asked where alike, answered by people, and what rests on it worked out again."""

from typing import Any

import pytest
from django.core.exceptions import PermissionDenied
from django.db import DatabaseError, connection, transaction

from certifications.evidence.models import EvidenceLine
from certifications.flags.models import Case, Flag
from certifications.flow import aliases as flow_aliases
from certifications.flow import resolution
from certifications.flow.evidence import match_line
from certifications.ledger.ids import new_ulid
from certifications.ledger.models import Event
from certifications.ledger.moves import NotAllowed, StaleState
from certifications.parties.former import keep
from certifications.parties.identities import keys_of
from certifications.parties.models import Party
from certifications.resolution.actions import Named, note
from certifications.resolution.models import NameAnswer, NameCandidate, NameUse, ReportedName
from certifications.work.actions import enqueue
from certifications.work.models import Job
from tests.flags.cases import captured, line
from tests.flow.steps import work
from tests.world import World, client_of, code_of

pytestmark = pytest.mark.django_db
QINGLAN, CODE = "深圳市青岚科学仪器有限公司", "91440300MA5QLK7018"
LIKE = "深圳青岚科学仪器股份有限公司"
WORDS: dict[str, Any] = {"reason": "registry", "explanation": "The register of Shenzhen lists it under this name."}


def matched(world: World, **changes: Any) -> EvidenceLine:
    made = line(world, **{"buyer": "宁波江南医院", **changes})
    match_line(made.pk)
    return made


def named(role: str = "seller") -> ReportedName:
    return ReportedName.objects.get(role=role)


def seller(world: World) -> Party:
    return Party.objects.get(organisation=world.qinglan)


def answered(world: World, answer: str, party: Party | None = None, *, by: str = "reviewer", role: str = "seller") -> NameAnswer:
    made = resolution.answer(reported=named(role), by=world.people[by], party_id=(party or seller(world)).pk, answer=answer, **WORDS)
    work("match", "names")
    return made


def open_rules(made: EvidenceLine) -> set[str]:
    return set(Flag.objects.filter(line=made, state="open").values_list("rule", flat=True))


def test_the_very_name_is_bound_however_it_is_written(world: World) -> None:
    made = matched(world, seller="深圳市青嵐科學儀器有限公司（")
    assert (named().state, [c.party for c in named().candidates.filter(is_bound=True)]) == ("bound", [seller(world)])
    assert "S01" not in open_rules(made)
    assert Event.objects.filter(verb="reportedname.resolved").count() == 2, "seller and buyer"


def test_the_same_number_binds_a_name_that_does_not_conflict_and_asks_about_one_that_does(world: World) -> None:
    matched(world, seller="深圳青岚科学仪器股份有限公司", seller_uscc=CODE)
    assert named().state == "bound"
    matched(world, seller="喀什天山商贸有限公司", seller_uscc=CODE)
    assert ReportedName.objects.get(name="喀什天山商贸有限公司").state == "ask"


def test_a_name_that_is_only_alike_is_asked_and_says_so_at_medium(world: World) -> None:
    made = matched(world, seller=LIKE)
    assert named().state == "ask"
    [flag] = Flag.objects.filter(line=made)
    assert (flag.rule, flag.severity) == ("L01", "medium")
    assert QINGLAN in client_of(world.lead).get(f"/c/?case={flag.case.number}").content.decode()


def test_names_that_wait_are_looked_at_together_and_once(world: World, monkeypatch: pytest.MonkeyPatch) -> None:
    first, second = (line(world, buyer="宁波江南医院", seller=name) for name in (QINGLAN, LIKE))
    for one in (first, second):
        enqueue("match", one.pk)
    looked: list[set[str]] = []
    look_at = resolution.names.look_at
    monkeypatch.setattr(resolution.names, "look_at", lambda ids: looked.append(set(ids)) or look_at(ids))
    work("match")
    assert [len(ids) for ids in looked] == [3], "two sellers and one buyer"
    assert not open_rules(first) & {"S01", "L01"}
    assert "L01" in open_rules(second)
    match_line(second.pk, "again")
    assert len(looked) == 2, "asked again for a reason, it looks again"


def test_a_name_that_a_later_line_shows_to_mean_somebody_else_is_asked_of_its_other_lines(
    world: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    first = matched(world, buyer="宁波江南医院")
    second = line(world, buyer="宁波江南医院", seller=LIKE)
    again = Job.objects.filter(kind="match", version__startswith=resolution.AGAIN)
    look_at = resolution.names.look_at
    buyers = {row.pk for row in ReportedName.objects.filter(role="buyer")}
    monkeypatch.setattr(resolution.names, "look_at", lambda ids: look_at(ids) | buyers)
    match_line(second.pk)
    assert [job.object_id for job in again] == [first.pk], "of the other line, and not of the one at hand"


def test_a_line_confirmed_after_the_look_is_looked_at_anew(world: World) -> None:
    matched(world, seller=QINGLAN)
    before = named().looked_at
    matched(world, seller=QINGLAN)
    assert before is not None
    assert named().looked_at > before


def test_nobody_on_the_register_is_a_finding(world: World) -> None:
    made = matched(world, seller="喀什天山商贸有限公司")
    assert named().state == "nobody"
    assert open_rules(made) == {"S01"}


def test_another_number_is_another_firm_until_a_person_says_otherwise(world: World) -> None:
    made = matched(world, seller=QINGLAN, seller_uscc="91440300MA5QLK7026")
    assert (named().state, open_rules(made)) == ("ask", {"S01"})


def test_the_same_is_worked_out_again_and_the_open_question_goes(world: World) -> None:
    made = matched(world, seller=LIKE)
    case = Case.objects.get()
    answered(world, "same")
    assert named().state == "bound"
    assert open_rules(made) == {"S04"}, "what the register says of the party now: nothing declared"
    assert Flag.objects.get(rule="L01").state == "closed"
    assert Flag.objects.get(rule="S04").party == seller(world)
    case.refresh_from_db()
    assert case.status == "open"


def test_not_the_same_is_nobody_on_the_register(world: World) -> None:
    made = matched(world, seller=LIKE)
    answered(world, "different")
    assert (named().state, open_rules(made)) == ("nobody", {"S01"})


def test_cannot_say_counts_as_nobody_for_the_rules(world: World) -> None:
    made = matched(world, seller=LIKE)
    answered(world, "unsure")
    assert (named().state, open_rules(made)) == ("unsure", {"S01"})


def test_an_answer_alone_closes_nothing_grave(world: World) -> None:
    made = matched(world, seller=QINGLAN, seller_uscc="91440300MA5QLK7026")
    answered(world, "same")
    assert named().state == "bound"
    assert "S01" in open_rules(made), "two people close it"
    page = client_of(world.lead).get(f"/c/?case={Case.objects.get().number}").content.decode()
    assert "the rules would not raise S01 today" in page


def test_an_answer_that_is_taken_back_is_a_question_again_and_the_flag_is_raised_anew(world: World) -> None:
    made = matched(world, seller=LIKE)
    held = answered(world, "same")
    with pytest.raises(NotAllowed):
        resolution.withdraw(answer=held, by=world.lead, reason="no")
    resolution.withdraw(answer=held, by=world.lead, reason="The extract was of another firm.")
    work("match", "names")
    assert named().state == "ask"
    assert {"L01", "S04"} == open_rules(made), "what is grave stays for two people"
    assert sorted(Flag.objects.filter(rule="L01").values_list("state", flat=True)) == ["closed", "open"]
    with pytest.raises(StaleState):
        resolution.withdraw(answer=held, by=world.lead, reason="The extract was of another firm.")


def test_a_repeat_of_the_work_changes_nothing(world: World) -> None:
    made = matched(world, seller=LIKE)
    answered(world, "different")
    before = list(Flag.objects.order_by("pk").values_list("rule", "state"))
    job = Job.objects.filter(kind="match", version__startswith="name-").latest("pk")
    match_line(made.pk, job.version)
    match_line(made.pk)
    assert list(Flag.objects.order_by("pk").values_list("rule", "state")) == before


def test_an_answer_holds_until_a_key_field_of_the_party_changes(world: World) -> None:
    made = matched(world, seller=LIKE)
    answered(world, "same")
    party = seller(world)
    party.names.create(text="Another Trading Name", script="Latn", kind="alias", position=9)
    Party.objects.filter(pk=party.pk).update(revision=party.revision + 1)
    party.refresh_from_db()
    resolution.look_later(party)
    work("names", "match")
    assert named().state == "ask"
    assert "L01" in open_rules(made)
    page = client_of(world.lead).get(f"/c/evidence/names/{named().pk}/").content.decode()
    assert "changed since" in page
    assert "Another Trading Name" in page


def test_a_job_of_one_party_looks_at_the_names_that_it_bore_before_too(world: World) -> None:
    matched(world, seller="蚌埠云岫旧名仪器有限公司")
    assert named().state == "nobody"
    party = seller(world)
    keep(party, {("name", "蚌埠云岫旧名仪器有限公司")})
    Party.objects.filter(pk=party.pk).update(revision=party.revision + 1)
    party.refresh_from_db()
    resolution.look_later(party)
    work("names")
    assert named().state == "bound"
    assert resolution.look("01J0000000000000000000GONE", "1") == 0, "a registration that was taken back meanwhile"


def test_an_alias_by_two_people_binds_the_name_by_itself(world: World) -> None:
    made = matched(world, seller=LIKE)
    party = seller(world)
    alias = flow_aliases.propose(
        party=party, by=world.reviewer, text=LIKE, reason="evidence", explanation="So the notice writes it.", code=code_of(world.reviewer)
    )
    work("names", "match")
    assert named().state == "ask", "one person adds no name"
    flow_aliases.agree(alias=alias, by=world.lead, code=code_of(world.lead))
    work("names", "match")
    assert named().state == "bound"
    assert "L01" not in open_rules(made)


def test_a_buyer_that_two_distributors_registered_is_one_question_and_both_may_be_it(world: World) -> None:
    mine, theirs = world.customer(uscc="", lei=""), world.customer("stranger", uscc="", lei="")
    matched(world, seller=QINGLAN)
    assert named("buyer").state == "ask"
    answered(world, "same", mine.party, role="buyer")
    answered(world, "same", theirs.party, role="buyer")
    assert set(named("buyer").candidates.filter(is_bound=True).values_list("party_id", flat=True)) == {mine.party_id, theirs.party_id}


def test_whoever_was_registered_since_the_morning_is_known(world: World) -> None:
    matched(world, seller=QINGLAN, buyer="舟山普陀检验所")
    assert named("buyer").state == "nobody"
    world.customer(native_name="舟山普陀检验所", latin_name="", uscc="", lei="")
    work("names")
    later = world.customer(native_name="舟山定海检验所", latin_name="", uscc="", lei="")
    matched(world, seller=QINGLAN, buyer="舟山定海检验所")
    assert [c.party for c in ReportedName.objects.get(name="舟山定海检验所").candidates.filter(is_bound=True)] == [later.party]


def test_nothing_that_nobody_confirmed_is_resolved(world: World) -> None:
    captured(world)
    work("read", "match", "names")
    resolution.look_nightly()
    work("names")
    assert not ReportedName.objects.exists()
    with pytest.raises(DatabaseError, match="a person confirmed"), transaction.atomic():
        note("evidence_line", [Named(new_ulid(), "seller", QINGLAN)])


def test_many_places_share_one_name_and_are_worked_out_together(world: World) -> None:
    first, second = matched(world, seller=LIKE), matched(world, seller=LIKE, project_no="X-2")
    assert named().uses.count() == 2
    answered(world, "different")
    assert open_rules(first) == open_rules(second) == {"S01"}


def test_at_night_lines_from_before_are_noted_too(world: World) -> None:
    line(world, buyer="宁波江南医院")
    assert not NameUse.objects.exists()
    resolution.look_nightly()
    work("names")
    assert set(ReportedName.objects.values_list("role", "state")) == {("buyer", "nobody"), ("seller", "nobody")}


LONG = "GB-COH " + "1234567890" * 6


def test_a_long_number_is_noted_once_looked_at_and_answered(world: World) -> None:
    """Packages give numbers of up to 60 characters; some characters are several when they are folded."""
    longer = line(world, buyer="宁波江南医院", seller_identifier=LONG)
    match_line(longer.pk)
    match_line(line(world, buyer="宁波江南医院", seller_identifier=LONG, project_no="X-2").pk)
    other = line(world, buyer="㈱" * 290, buyer_identifier="ß" * 40, seller_identifier=f"{LONG[:-1]}X"[:80], project_no="X-3")
    match_line(other.pk)
    assert open_rules(longer) == {"S01"}
    sellers = ReportedName.objects.filter(role="seller").order_by("pk")
    assert [row.uses.count() for row in sellers] == [2, 1], "two numbers that begin alike are two"
    assert all(len(row.code) <= 40 for row in sellers)
    resolution.answer(reported=sellers[0], by=world.reviewer, party_id=_asked_of(world, sellers[0]).pk, answer="unsure", **WORDS)
    resolution.look_nightly()
    work("names")
    sellers[0].refresh_from_db()
    assert ReportedName.objects.get(pk=sellers[0].pk).state == "unsure", "the answer is found again by the shortened number"


def _asked_of(world: World, row: ReportedName) -> Party:
    NameCandidate.objects.create(reported=row, party=seller(world), score=0, number="missing", is_exact=False)
    return seller(world)


def test_at_night_one_bad_name_keeps_no_other_from_being_looked_at(world: World, monkeypatch: pytest.MonkeyPatch) -> None:
    bad, good = (line(world, buyer="宁波江南医院", seller=name) for name in ("喀什天山商贸有限公司", QINGLAN))
    note_, look_at = resolution.names.note, resolution.names.look_at

    def notes(kind: str, named: Any) -> set[str]:
        rows = list(named)
        if any(one.object_id == bad.pk for one in rows):
            raise KeyError(bad.pk)
        return note_(kind, rows)

    monkeypatch.setattr(resolution.names, "note", notes)
    resolution.look_nightly()
    work("names")
    assert set(NameUse.objects.values_list("object_id", flat=True)) == {good.pk}
    ReportedName.objects.update(looked_at=None)
    broken = ReportedName.objects.get(role="buyer").pk

    def looks(ids: Any) -> set[str]:
        if broken in ids:
            raise KeyError(broken)
        return look_at(ids)

    monkeypatch.setattr(resolution.names, "look_at", looks)
    resolution.look("all", "2")
    assert set(ReportedName.objects.filter(looked_at__isnull=False).values_list("role", flat=True)) == {"seller"}

    # What fails of every name is no fault of a name: the job fails, and stands on the page of health.
    def never(_ids: Any) -> set[str]:
        raise KeyError("everybody")

    monkeypatch.setattr(resolution.names, "look_at", never)
    with pytest.raises(KeyError, match="everybody"):
        resolution.look("all", "3")


@pytest.mark.parametrize("changes", [{"answer": "perhaps"}, {"reason": "because"}, {"explanation": "so"}])
def test_what_cannot_be_is_said_at_the_field(world: World, changes: dict[str, str]) -> None:
    matched(world, seller=LIKE)
    words = {"answer": "same", **WORDS, **changes}
    with pytest.raises(NotAllowed) as refused:
        resolution.answer(reported=named(), by=world.reviewer, party_id=seller(world).pk, **words)
    assert refused.value.code == next(iter(changes))


def test_who_may_not_answer_cannot_and_a_party_that_changed_is_read_again(world: World) -> None:
    matched(world, seller=LIKE)
    asked = {"reported": named(), "party_id": seller(world).pk, "answer": "same", **WORDS}
    for who in ("auditor", "filer"):
        with pytest.raises(PermissionDenied):
            resolution.answer(by=world.people[who], **asked)
    with pytest.raises(StaleState):
        resolution.answer(by=world.reviewer, seen=["Another name"], **asked)
    keys = keys_of([seller(world).pk])[seller(world).pk]
    resolution.answer(by=world.reviewer, seen=[text for some in keys.values() for text in some], **asked)


@pytest.mark.parametrize(
    ("statement", "why"),
    [
        ("UPDATE certifications_nameanswer SET answer = 'different'", "never changes"),
        ("DELETE FROM certifications_nameanswer", "never changed or removed"),
        ("UPDATE certifications_reportedname SET name = 'x'", "never changes"),
        ("UPDATE certifications_namecandidate SET is_sure = true", "sure is a number"),
        ("UPDATE certifications_namecandidate SET is_bound = true WHERE NOT is_bound", "bound by a person"),
    ],
)
def test_postgresql_keeps_what_was_answered_and_binds_nothing_by_itself(world: World, statement: str, why: str) -> None:
    world.customer("stranger", native_name="深圳青岚仪器科学有限公司", latin_name="", uscc="", lei="")
    matched(world, seller=LIKE)
    answered(world, "same")
    other = world.customer(native_name="宁波江南医院二部", latin_name="", uscc="", lei="")
    NameCandidate.objects.get_or_create(reported=named(), party=other.party, defaults={"score": 0, "number": "missing", "is_exact": False})
    with pytest.raises(DatabaseError, match=why), transaction.atomic(), connection.cursor() as cursor:
        cursor.execute(statement)
