"""A person releases what is ready, each row shown; what changed between the page and the POST is refused."""

import datetime as dt

import pytest
from django.core.exceptions import PermissionDenied
from django.db.models import F

from certifications.attestations.actions import prepare
from certifications.attestations.models import Attestation
from certifications.declarations.models import Declaration
from certifications.flags.actions import Subject, raise_flag
from certifications.flags.rules import Severity
from certifications.flags.rules.base import Fired
from certifications.flow import release as flow
from certifications.flow.advance import advance
from certifications.ledger.models import Event
from certifications.ledger.moves import NotAllowed, StaleState
from certifications.people.models import FactorProof
from certifications.screening.models import ListSource, ListVersion
from certifications.work.models import Job
from tests.flags.decisions import judged
from tests.parties.rights import changed
from tests.world import World, client_of, code_of, proof_for

from .steps import dated_list

pytestmark = pytest.mark.django_db
PAGE = "/c/release/"


@pytest.fixture
def ready(world: World) -> Declaration:
    """Screened against both lists, nothing found."""
    dated_list()
    declaration = world.signed()
    assert advance(declaration.pk) == "ready"
    declaration.refresh_from_db()
    return declaration


def send(world: World, *declarations: Declaration, by: str = "reviewer", **changes: object) -> object:
    """The second step of the page."""
    person = world.people[by]
    sent: dict[str, object] = {"step": "release", "number": [d.number for d in declarations], "digest": flow.release_digest(declarations)}
    sent |= changes
    if "code" not in sent:
        sent["code"] = code_of(person)
    return client_of(person).post(PAGE, sent)


def refused(world: World, declaration: Declaration, words: str) -> None:
    """The page says why; nothing was issued and no code is spent."""
    answer = send(world, declaration)
    assert answer.status_code == 422  # type: ignore[attr-defined]
    assert words in answer.content.decode()  # type: ignore[attr-defined]
    assert not Attestation.objects.exists()
    assert not FactorProof.objects.filter(purpose="release").exists()


def test_a_person_releases_and_the_workers_get_one_attestation_to_write(world: World, ready: Declaration) -> None:
    client = client_of(world.reviewer)
    chosen = client.post(PAGE, {"step": "choose", "number": [ready.number]})
    assert chosen.context["digest"] == flow.release_digest([ready])
    assert send(world, ready).status_code == 302  # type: ignore[attr-defined]
    ready.refresh_from_db()
    made = Attestation.objects.get()
    assert (ready.status, made.status, made.released_by) == ("issuing", "pending", world.reviewer)
    assert FactorProof.objects.get(purpose="release").pk == made.released_proof_id
    assert Job.objects.get(kind="render").object_id == made.pk


def test_looking_and_choosing_release_nothing(world: World, ready: Declaration) -> None:
    client = client_of(world.reviewer)
    client.get(PAGE)
    client.post(PAGE, {"step": "choose", "number": [ready.number]})
    client.post(PAGE, {"number": [ready.number], "code": "123456"})
    assert not Attestation.objects.exists()


def test_a_list_that_went_stale_between_the_page_and_the_post_stops_it(world: World, ready: Declaration) -> None:
    assert client_of(world.reviewer).get(PAGE).context["releasable"] == 1
    ListVersion.objects.update(confirmed_at=F("confirmed_at") - dt.timedelta(hours=49))
    refused(world, ready, "not screened against every list in force")


def test_a_list_that_changed_stops_it_until_everybody_was_screened_again(world: World, ready: Declaration) -> None:
    dated_list(41)
    refused(world, ready, "not screened against every list in force")


def test_a_list_that_vanished_stops_it(world: World, ready: Declaration) -> None:
    ListSource.objects.update(in_force=False)
    refused(world, ready, "not screened against every list in force")


def test_a_flag_that_was_opened_meanwhile_stops_it(world: World, ready: Declaration) -> None:
    party = ready.customer.party
    fired = Fired("LIST", 1, Severity.HIGH, {"party": "x", "finding": "F"})
    raise_flag(fired=fired, subject=Subject(f"party:{party.pk}", "x"), facts_key="F", party=party)
    refused(world, ready, "A flag of high severity is open on a party.")


def test_a_confirmed_concern_about_a_party_stops_it_for_ever(world: World, ready: Declaration) -> None:
    party = ready.organisation.party
    fired = Fired("S03", 1, Severity.HIGH, {"seller": "x", "date": "2020-01-01", "standing": "never"})
    flag = raise_flag(fired=fired, subject=Subject(f"party:{party.pk}", "x"), facts_key="F", party=party)
    judged(flag.case, "confirm", "no_authorisation", world.reviewer, world.lead)
    refused(world, ready, "A concern about a party was confirmed.")


def test_a_distributor_whose_authorisation_ended_meanwhile_stops_it(world: World, ready: Declaration) -> None:
    changed(world, world.qinglan.party.authorisations.get(), "suspended")
    refused(world, ready, "no authorisation in force")


def test_rows_other_than_those_shown_are_not_released(world: World, ready: Declaration) -> None:
    other = world.signed(world.draft(ready.customer))
    advance(other.pk)
    answer = send(world, ready, other, digest=flow.release_digest([ready]))
    assert "The rows changed since they were shown." in answer.content.decode()  # type: ignore[attr-defined]
    assert not Attestation.objects.exists()


def test_all_or_none(world: World, ready: Declaration) -> None:
    other = world.signed(world.draft(world.customer(native_name="嘉兴口腔医院", latin_name="Jiaxing Dental", division="330400")))
    advance(other.pk)
    other.refresh_from_db()
    fired = Fired("LIST", 1, Severity.HIGH, {"party": "x", "finding": "F"})
    party = other.customer.party
    raise_flag(fired=fired, subject=Subject(f"party:{party.pk}", "x"), facts_key="F", party=party)
    with pytest.raises(NotAllowed, match=other.number):
        flow.release(declarations=[ready, other], by=world.reviewer, digest=flow.release_digest([ready, other]), code="000000")
    assert not Attestation.objects.exists()


def test_released_twice_it_is_one_attestation(world: World, ready: Declaration) -> None:
    sent = {"code": code_of(world.reviewer)}
    first, second = send(world, ready, **sent), send(world, ready, **sent)
    assert (first.status_code, second.status_code) == (302, 422)  # type: ignore[attr-defined]
    assert Attestation.objects.count() == Job.objects.filter(kind="render").count() == 1
    proof = proof_for(world.lead, flow.release_digest([ready]), "release")
    with pytest.raises(StaleState):
        flow.release_with(declarations=[ready], by=world.lead, proof=proof)
    assert Attestation.objects.count() == 1


def test_preparing_again_gives_the_first_attestation_back(world: World, ready: Declaration) -> None:
    send(world, ready)
    proof = proof_for(world.lead, "0" * 64, "release")
    again = prepare(declaration=ready, version=flow.current_version(ready), by=world.lead, proof=proof)
    assert again == Attestation.objects.get()
    assert again.released_by == world.reviewer


@pytest.mark.parametrize("who", ["auditor", "operator", "filer", "signatory", "regulator"])
def test_nobody_without_the_right_releases_by_a_post_of_his_own(world: World, ready: Declaration, who: str) -> None:
    assert send(world, ready, by=who).status_code == 404  # type: ignore[attr-defined]
    with pytest.raises(PermissionDenied):
        flow.release(declarations=[ready], by=world.people[who], digest=flow.release_digest([ready]), code="1")
    assert not Attestation.objects.exists()


def test_a_wrong_code_and_a_proof_for_other_rows_release_nothing(world: World, ready: Declaration) -> None:
    assert send(world, ready, code="000000").status_code == 422  # type: ignore[attr-defined]
    with pytest.raises(NotAllowed, match="other rows"):
        flow.release_with(declarations=[ready], by=world.reviewer, proof=proof_for(world.reviewer, "0" * 64, "release"))
    assert not Attestation.objects.exists()


def test_nothing_chosen_is_said(world: World, ready: Declaration) -> None:
    answer = send(world, ready, number=[])
    assert "Choose at least one declaration" in answer.content.decode()  # type: ignore[attr-defined]
    assert not Event.objects.filter(verb="declaration.issuing", object_id=ready.pk).exists()
