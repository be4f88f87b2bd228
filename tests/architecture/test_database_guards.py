"""PostgreSQL itself refuses what nobody may do, asked as the application's own role with plain SQL."""

import pytest
from django.db import DatabaseError, connection, transaction

from certifications.attestations.models import Attestation, StatusChange
from certifications.declarations.queries import version_of
from certifications.flags.models import Decision
from tests.world import World, proof_for

IMMUTABLE = (
    "event", "frozentext", "signature", "receipt", "screeningrun", "finding", "evidenceline", "evidencecapture", "attestationpayload", "seal",
    "blob", "lookup", "factorproof", "listentry", "securityevent", "listdelta", "deltareach",
    "authorisation", "authorisationterms", "authorisationdocument", "trainingrecord", "authorisationreminder",
    "enduserlink", "enduseranswer", "scanfile", "productversion", "withdrawal", "returnnote",
    "letterparty", "lettertext", "letterseal", "letterreminder", "delegationreminder", "succession", "emergencylook",
    "coveredsite", "paperreminder", "cardchange", "formerkey", "questionnaire", "questionnairequestion", "questionnaireanswer",
    "stockcount", "stockconfirmation", "salesreport", "nothingsold", "reportreminder", "reportdue", "nameuse", "bulklimit",
)  # fmt: skip


def refused(statement: str, parameters: list[object] | None = None) -> str:
    """Run a statement that must fail; what PostgreSQL said."""
    with pytest.raises(DatabaseError) as caught, transaction.atomic(), connection.cursor() as cursor:
        cursor.execute(statement, parameters or [])
    return str(caught.value)


def test_the_application_owns_nothing_and_bypasses_nothing(db: None) -> None:
    with connection.cursor() as cursor:
        cursor.execute("SELECT rolsuper, rolbypassrls, rolcreatedb, rolcreaterole FROM pg_roles WHERE rolname = current_user")
        assert cursor.fetchone() == (False, False, False, False)
        cursor.execute("SELECT count(*) FROM pg_class c JOIN pg_roles r ON r.oid = c.relowner WHERE r.rolname = current_user")
        assert cursor.fetchone() == (0,)


@pytest.mark.parametrize("table", IMMUTABLE)
def test_rows_of_the_record_can_be_neither_changed_nor_removed_nor_emptied(db: None, table: str) -> None:
    column = {"event": "verb", "blob": "name"}.get(table)
    with connection.cursor() as cursor:
        cursor.execute("SELECT column_name FROM information_schema.columns WHERE table_name = %s LIMIT 1", [f"certifications_{table}"])
        column = column or cursor.fetchone()[0]
    assert "permission denied" in refused(f'UPDATE certifications_{table} SET "{column}" = "{column}"')
    assert "permission denied" in refused(f"DELETE FROM certifications_{table}")
    assert "permission denied" in refused(f"TRUNCATE certifications_{table} CASCADE")


@pytest.mark.parametrize("table", IMMUTABLE)
def test_a_trigger_stands_behind_the_grant(db: None, table: str) -> None:
    with connection.cursor() as cursor:
        cursor.execute("SELECT tgname FROM pg_trigger WHERE tgrelid = %s::regclass", [f"certifications_{table}"])
        names = {row[0] for row in cursor.fetchall()}
    assert {"portal_refuse_row", "portal_refuse_truncate"} <= names


def test_only_the_signer_can_write_a_seal(db: None) -> None:
    assert "permission denied" in refused("INSERT INTO certifications_seal DEFAULT VALUES")
    assert "permission denied" in refused("INSERT INTO certifications_receipt DEFAULT VALUES")


def test_the_application_cannot_switch_a_trigger_off(db: None) -> None:
    assert "must be owner" in refused("ALTER TABLE certifications_event DISABLE TRIGGER ALL")
    assert "permission denied" in refused("SET session_replication_role = replica")


def test_a_signed_version_never_changes(world: World) -> None:
    declaration = world.signed()
    version = version_of(declaration)
    said = refused("UPDATE certifications_declarationversion SET end_use = 'other' WHERE id = %s", [version.pk])
    assert "a signed version never changes" in said
    assert "a signed version never changes" in refused("DELETE FROM certifications_declarationline WHERE version_id = %s", [version.pk])


def make_attestation(world: World) -> Attestation:
    """A released attestation without a seal."""
    from certifications.attestations.actions import prepare

    declaration = world.signed()
    return prepare(declaration=declaration, version=version_of(declaration), by=world.reviewer, proof=proof_for(world.reviewer, "0" * 64))


def test_an_attestation_comes_into_force_by_its_seal_alone(world: World) -> None:
    attestation = make_attestation(world)
    said = refused("UPDATE certifications_attestation SET status = 'valid' WHERE id = %s", [attestation.pk])
    assert "by its seal alone" in said


def test_what_an_attestation_says_never_changes(world: World) -> None:
    attestation = make_attestation(world)
    said = refused("UPDATE certifications_attestation SET valid_until = valid_until + 365 WHERE id = %s", [attestation.pk])
    assert "never changes" in said


def test_one_person_cannot_be_both_even_by_plain_sql(world: World) -> None:
    attestation = make_attestation(world)
    change = StatusChange.objects.create(
        attestation=attestation,
        to="suspended",
        reason="new_evidence",
        explanation="x" * 20,
        public_reason="y" * 20,
        proposed_by=world.reviewer,
        proposed_proof_id="P" * 26,
        digest="0" * 64,
    )
    said = refused(
        "UPDATE certifications_statuschange SET state = 'effective', agreed_by_id = proposed_by_id, agreed_at = now(),"
        " agreed_proof_id = 'A' WHERE id = %s",
        [change.pk],
    )
    assert "status_change_two_people" in said
    said = refused("UPDATE certifications_statuschange SET public_reason = 'z' WHERE id = %s", [change.pk])
    assert "never change" in said


def test_the_words_of_a_decision_never_change(world: World) -> None:
    from tests.flags.cases import case_on_evidence

    case = case_on_evidence(world)
    decision = Decision.objects.create(
        case=case,
        outcome="confirm",
        reason="unregistered_seller",
        explanation="x" * 20,
        state="proposed",
        needs_second=True,
        proposed_by=world.reviewer,
        proposed_proof_id="P" * 26,
        digest="0" * 64,
        form_key="K" * 26,
    )
    assert "never change" in refused("UPDATE certifications_decision SET outcome = 'clear' WHERE id = %s", [decision.pk])
    said = refused(
        "UPDATE certifications_decision SET state = 'effective', agreed_by_id = proposed_by_id, agreed_at = now(),"
        " agreed_proof_id = 'A' WHERE id = %s",
        [decision.pk],
    )
    assert "decision_two_people" in said
    said = refused("UPDATE certifications_decision SET state = 'effective' WHERE id = %s", [decision.pk])
    assert "decision_effective_is_agreed" in said


KEPT = {
    "evidencedocument": "sha256 = 'x'", "question": "text = 'x'", "listversion": "sha256 = 'x'",
    "membership": "role = 'lead'", "regulatorscope": "legal_basis = 'x'", "clause": "text = 'x'", "clauseset": "version = 99",
}  # fmt: skip


def something_of_everything(world: World) -> None:
    """A row in each of the tables above."""
    import datetime as dt

    from certifications.flow import decide
    from tests.flags.cases import case_on_evidence

    world.signed()
    decide.ask(
        case=case_on_evidence(world), by=world.reviewer, organisation=world.qinglan, text="Who is this firm?", due_on=dt.date.today()
    )


@pytest.mark.parametrize("table", KEPT)
def test_what_was_recorded_is_kept(world: World, table: str) -> None:
    something_of_everything(world)
    assert "never change" in refused(f"UPDATE certifications_{table} SET {KEPT[table]}")
    refused(f"DELETE FROM certifications_{table}")
    assert "permission denied" in refused(f"TRUNCATE certifications_{table} CASCADE")


@pytest.mark.parametrize("table", ["membership", "question"])
def test_an_end_and_an_answer_are_given_once(world: World, table: str) -> None:
    something_of_everything(world)
    first, again = {
        "membership": ("ended_at = now(), ended_by_id = 'x'", "ended_at = NULL, ended_by_id = ''"),
        "question": ("answer = 'a', answered_at = now(), answered_by_id = asked_by_id", "answer = 'b'"),
    }[table]
    with connection.cursor() as cursor:
        cursor.execute(f"UPDATE certifications_{table} SET {first}")
    assert "never changes" in refused(f"UPDATE certifications_{table} SET {again}")


def test_nobody_acts_for_two_organisations(world: World) -> None:
    import datetime as dt

    from certifications.people.models import Membership, Organisation

    other = Organisation.objects.filter(kind="regulator").first()
    with pytest.raises(DatabaseError, match="two organisations"), transaction.atomic():
        Membership.objects.create(user=world.filer, organisation=other, role="regulator", expires_on=dt.date(2099, 1, 1))
