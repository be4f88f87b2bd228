"""What neither a person nor plain SQL can do to the register, and what a person is told who tries."""

import datetime as dt
from dataclasses import replace

import pytest
from django.db import DatabaseError, IntegrityError, connection, transaction

from certifications.ledger.moves import NotAllowed, StaleState
from certifications.parties import changes, register
from certifications.parties.actions import Incomplete
from certifications.parties.authorising import correct, data_of
from certifications.parties.models import Party
from certifications.parties.models_register import Authorisation, AuthorisationChange, AuthorisationTerms, RegisterCell
from tests.world import World, proof_for

from .rights import DAY, TODAY, changed, entered, now, party, proposed, terms

pytestmark = pytest.mark.django_db


@pytest.fixture
def seller(world: World) -> Party:
    assert world
    return party()


def refused(statement: str, *parameters: object) -> str:
    """Run a statement that PostgreSQL must refuse; what it said."""
    with pytest.raises(DatabaseError) as caught, transaction.atomic(), connection.cursor() as cursor:
        cursor.execute(statement, parameters)
    return str(caught.value)


def problems(**more: object) -> dict[str, str]:
    """What keeps a second right of the same holder from being entered, by field."""
    with pytest.raises(Incomplete) as caught:
        entered(**more)  # type: ignore[arg-type]
    return {problem.field: problem.message for problem in caught.value.problems}


def test_an_overlap_names_the_row_and_how_to_mend_it(seller: Party) -> None:
    held = entered(seller, divisions=("330000",))
    row = held.terms.get()
    says = problems(holder=seller, since=0, until=200, divisions=("330200",))["valid_from"]
    assert says == (
        f"{held.number} already covers kits there from {row.valid_from:%-d %B %Y} until {row.valid_until:%-d %B %Y}. "
        f"Begin on {row.valid_until:%-d %B %Y}, or correct {held.number} to end earlier."
    )
    assert f"End on {row.valid_from:%-d %B %Y}" in problems(holder=seller, since=150, until=0, divisions=("330000",))["valid_until"]


@pytest.mark.parametrize(
    "more",
    [
        {"since": -100, "until": 200},  # from the day on which the other ends
        {"divisions": ("340000",)},
        {"lines": ("analysers",)},
        {"countries": ("KZ",)},
    ],
    ids=["afterwards", "elsewhere", "other-line", "other-country"],
)
def test_what_does_not_meet_is_no_overlap(seller: Party, more: dict[str, object]) -> None:
    entered(seller, divisions=("330000",))
    entered(seller, **more)
    assert seller.authorisations.count() == 2


def test_two_distributors_may_each_have_the_same_reseller(world: World, seller: Party) -> None:
    first, second = entered(party("一号经销有限公司")), entered(party("二号经销有限公司"))
    entered(seller, parent=first)
    entered(seller, parent=second)
    assert "already covers" in problems(holder=seller, parent=first)["valid_from"]


def test_plain_sql_meets_the_constraint_too(seller: Party) -> None:
    entered(seller, divisions=("330000",))
    other = Authorisation.objects.create(number="AUT-X", party=seller)
    with pytest.raises(IntegrityError, match="register_no_overlap"), transaction.atomic():
        AuthorisationTerms.objects.create(
            authorisation=other, lines=["kits"], countries=["CN"], divisions=["330203"], valid_from=TODAY, valid_until=TODAY + DAY
        )


def test_a_correction_makes_room_and_keeps_what_was(world: World, seller: Party) -> None:
    held = entered(seller)
    before = now()
    shorter = replace(data_of(held.terms.get()), valid_until=TODAY)
    correct(authorisation=held, by=world.lead, data=shorter, reason="The contract ended early", proof=None)
    entered(seller, since=0, until=50)
    assert [e.valid_until for e in register.as_of(TODAY - DAY, before).of([seller.pk])] == [TODAY + 100 * DAY]
    assert register.today().one(held).standing == "ended"  # type: ignore[union-attr]


def test_of_two_corrections_of_the_same_terms_one_is_too_late(world: World, seller: Party) -> None:
    held = entered(seller)
    first = held.terms.get()
    data = replace(data_of(first), conditions="By order alone")
    correct(authorisation=held, by=world.lead, data=data, reason="As the contract says", proof=None)
    with pytest.raises(IntegrityError, match="supersedes_id"), transaction.atomic():
        AuthorisationTerms.objects.create(
            authorisation=held,
            supersedes=first,
            reason="Again",
            lines=["kits"],
            countries=["CN"],
            valid_from=TODAY,
            valid_until=TODAY + DAY,
        )
    with pytest.raises(IntegrityError, match="first_terms_once"), transaction.atomic():
        AuthorisationTerms.objects.create(
            authorisation=held, lines=["analysers"], countries=["CN"], valid_from=TODAY, valid_until=TODAY + DAY
        )


@pytest.mark.parametrize(
    ("more", "field", "says"),
    [
        ({"since": -9, "until": 9}, "valid_until", "ends before it begins"),
        ({"divisions": ("999999",)}, "divisions", "No division of China has the code 999999"),
        ({"divisions": ("３３００００",)}, "divisions", "No division of China has the code"),
        ({"countries": ("China",)}, "countries", "China is no country's code"),
        ({"countries": ()}, "countries", "Choose at least one country"),
        ({"lines": ()}, "lines", "at least one product line"),
        ({"until": 4000}, "valid_until", "five years at most"),
    ],
)
def test_bad_terms_are_named_by_field_and_nothing_is_written(seller: Party, more: dict[str, object], field: str, says: str) -> None:
    assert says in problems(holder=seller, **more)[field]
    assert not seller.authorisations.exists()


def test_a_right_below_is_never_wider_and_never_longer(seller: Party) -> None:
    top = entered(party("一号经销有限公司"), divisions=("330000",))
    found = problems(holder=seller, parent=top, since=200, until=200, lines=("kits", "analysers"), divisions=("340000",))
    assert set(found) == {"lines", "divisions", "valid_from", "valid_until"}
    assert "analysers" in found["lines"]
    assert "340000" in found["divisions"]


def test_a_right_below_ends_with_the_one_above_and_shrinks_with_it(world: World, seller: Party) -> None:
    top = entered(party("一号经销有限公司"), divisions=("330000", "340000"))
    below = entered(seller, parent=top, divisions=("330000", "340000"))
    third = entered(party("三号经销有限公司"), parent=below, divisions=("340100",))
    data = replace(data_of(top.terms.get()), divisions=("330000",), valid_until=TODAY + 10 * DAY)
    correct(authorisation=top, by=world.lead, data=data, reason="As the contract says", proof=None)
    entry = register.today().one(below)
    assert entry is not None
    assert (entry.covers("kits", "CN", "330200"), entry.covers("kits", "CN", "340100")) == (True, False)
    assert register.as_of(TODAY + 10 * DAY).one(below).standing == "stopped"  # type: ignore[union-attr]
    changed(world, top, "suspended")
    entry = register.today().one(third)
    assert entry is not None
    assert (entry.standing, entry.stopped_by.authorisation) == ("stopped", top)  # type: ignore[union-attr]
    changed(world, top, "authorised")
    assert register.today().one(third).standing == "authorised"  # type: ignore[union-attr]


def test_nobody_is_below_itself_and_there_are_three_tiers_below_a_distributor(seller: Party) -> None:
    held = entered(seller)
    with pytest.raises(NotAllowed, match="below itself"):
        entered(seller, parent=held)
    for name in ("甲", "乙", "丙"):
        held = entered(party(f"{name}号经销有限公司"), parent=held)
    with pytest.raises(NotAllowed, match="three tiers"):
        entered(party("丁号经销有限公司"), parent=held)


def test_a_change_takes_two_people_and_its_words_stay(world: World, seller: Party) -> None:
    held = entered(seller)
    change = proposed(world, held, "suspended")
    assert register.today().one(held).standing == "authorised"  # type: ignore[union-attr]
    with pytest.raises(NotAllowed, match="another person must agree"):
        changes.agree_change(change=change, by=world.reviewer, proof=proof_for(world.reviewer, change.digest))
    table = "certifications_authorisationchange"
    said = refused(f"UPDATE {table} SET state = 'effective', agreed_by_id = proposed_by_id, agreed_at = now(), agreed_proof_id = 'A'")
    assert "authorisation_change_two_people" in said
    assert "never change" in refused(f"UPDATE {table} SET holds_from = holds_from - 9")
    with pytest.raises(StaleState, match="proposed already"):
        proposed(world, held, "revoked")
    changes.void_change(change=change, by=world.reviewer)
    assert "never changes" in refused(f"UPDATE {table} SET state = 'proposed', voided_at = NULL, voided_by_id = NULL")
    refused(f"DELETE FROM {table}")


def test_a_change_is_not_born_in_effect(world: World, seller: Party) -> None:
    held = entered(seller)
    with pytest.raises(DatabaseError, match="begins as proposed"), transaction.atomic():
        AuthorisationChange.objects.create(
            authorisation=held, to="revoked", holds_from=TODAY, reason="x", explanation="x", public_reason="x", state="effective",
            proposed_by=world.reviewer, proposed_proof_id="P", agreed_by=world.lead, agreed_at=now(), agreed_proof_id="A", digest="0" * 64,
        )  # fmt: skip


def test_the_time_of_agreement_is_the_databases_own(world: World, seller: Party) -> None:
    held = entered(seller)
    change, before = proposed(world, held, "suspended", TODAY - 50 * DAY), now()
    AuthorisationChange.objects.filter(pk=change.pk).update(
        state="effective", agreed_by=world.lead, agreed_at=before - 40 * DAY, agreed_proof_id="A"
    )
    change.refresh_from_db()
    assert change.agreed_at is not None
    assert change.agreed_at > before


def test_what_is_revoked_stays_so_and_its_room_is_free_from_that_day(world: World, seller: Party) -> None:
    held = entered(seller)
    change = changed(world, held, "suspended")
    assert change.state == "effective"
    changed(world, held, "revoked", TODAY)
    assert register.today().one(held).standing == "revoked"  # type: ignore[union-attr]
    with pytest.raises(NotAllowed, match="as it stands"):
        proposed(world, held, "authorised")
    with pytest.raises(NotAllowed, match="not corrected"):
        correct(authorisation=held, by=world.lead, data=terms(), reason="As the contract says", proof=None)
    said = refused(
        "INSERT INTO certifications_authorisationterms (id, authorisation_id, supersedes_id, lines, countries, divisions, valid_from, valid_until,"
        " conditions, risk_ends, reason, proof_id) SELECT 'X', authorisation_id, id, lines, countries, divisions, valid_from, valid_until, '', '[]',"
        " 'x', '' FROM certifications_authorisationterms WHERE authorisation_id = %s",
        held.pk,
    )
    assert "not corrected" in said
    assert "already covers" in problems(holder=seller, since=1, until=50)["valid_from"]
    entered(seller, since=0, until=50)


def test_a_suspension_may_be_lifted_from_an_earlier_day_and_what_was_known_stays(world: World, seller: Party) -> None:
    held = entered(seller)
    changed(world, held, "suspended", TODAY - 20 * DAY)
    between = now()
    changed(world, held, "authorised", TODAY - 20 * DAY)
    day = TODAY - 10 * DAY
    assert register.as_of(day, between).one(held).standing == "suspended"  # type: ignore[union-attr]
    assert register.as_of(day).one(held).standing == "authorised"  # type: ignore[union-attr]


def test_nobody_but_the_register_writes_what_overlaps_are_judged_by(seller: Party) -> None:
    entered(seller)
    assert RegisterCell.objects.count() > 0
    for statement in ("UPDATE certifications_registercell SET known = 'empty'", "DELETE FROM certifications_registercell"):
        assert "permission denied" in refused(statement)
    assert "permission denied" in refused("INSERT INTO certifications_registercell DEFAULT VALUES")


def test_terms_are_recorded_after_those_that_they_supersede(world: World, seller: Party) -> None:
    held = entered(seller)
    first = held.terms.get()
    with pytest.raises(IntegrityError, match="recorded after"), transaction.atomic():
        AuthorisationTerms.objects.create(
            authorisation=held, supersedes=first, reason="Back-dated", lines=["kits"], countries=["CN"], valid_from=TODAY,
            valid_until=TODAY + DAY, recorded_at=first.recorded_at - dt.timedelta(days=9),
        )  # fmt: skip
