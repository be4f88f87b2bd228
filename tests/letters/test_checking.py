"""Anybody checks a letter: it is shown as what it is, follows the distributor's right, and is matched with what was awarded."""

import datetime as dt
import json
import subprocess
from typing import Any

import pytest

from certifications.files.models import Blob
from certifications.flow import letters as flow
from certifications.flow import rescreening
from certifications.flow.evidence import match_line
from certifications.ledger.days import civil_today
from certifications.letters import queries
from certifications.letters.actions import expire_due
from certifications.letters.models import Letter
from certifications.mail.models import Mail
from tests.attestations.conftest import become
from tests.attestations.test_public_verification import ask, drop, verdict, words
from tests.authority import Authority
from tests.flags.cases import line
from tests.parties.owning import LISTED, found
from tests.parties.rights import changed
from tests.world import World, client_of, make_world
from verifier import STATEMENTS, verify_pdf

from .asked import decided, sealed
from .test_asking import refused

pytestmark = pytest.mark.django_db
PROJECT = "NBHS-2026-0044"


@pytest.fixture
def held(roles: None, db: None, settings: Any, authority: Authority) -> tuple[World, Letter, bytes]:
    """The cast, a letter in force, and its sealed bytes."""
    settings.TRUST_DIR = authority.trust_folder
    become("portal_app")
    world = make_world()
    return world, *sealed(world, authority)


Held = tuple[World, Letter, bytes]


def test_by_file_and_by_number_it_is_a_letter_and_never_an_attestation(held: Held) -> None:
    _world, letter, pdf = held
    for answer in (drop(pdf), ask(letter.number.lower(), letter.code)):
        shown = words(answer)
        assert verdict(answer) == "note"
        assert "A genuine tender letter that holds, and no attestation" in shown
        assert "It is no end-use attestation" in shown
        assert "This document is genuine and in force" not in shown
        assert "This attestation is in force" not in shown
    assert ask(letter.number, "0000-0000").status_code == 422


def test_the_offline_verifier_says_what_it_is_and_takes_it_for_nothing_else(held: Held, authority: Authority) -> None:
    _world, letter, pdf = held
    assert verify_pdf(pdf, authority.trust).code == "no_statement"
    assert verify_pdf(pdf, authority.trust, "receipt.json").code == "no_statement"
    told = verify_pdf(pdf, authority.trust, tuple(STATEMENTS))
    assert (told.accepted, told.kind) == (True, "letter")
    assert told.payload is not None
    assert (told.payload["number"], told.payload["schema"]) == (letter.number, "tender-letter/1")
    changed_byte = pdf[:2000] + bytes([pdf[2000] ^ 1]) + pdf[2001:]
    assert not verify_pdf(changed_byte, authority.trust, tuple(STATEMENTS)).accepted


def test_it_follows_the_right_that_it_rests_on_and_comes_back_with_it(held: Held) -> None:
    world, letter, pdf = held
    right = letter.organisation.party.authorisations.get()
    changed(world, right, "suspended")
    assert queries.standing_of(letter) == "suspended"
    assert verdict(drop(pdf)) == "stop"
    assert "it is suspended" in words(ask(letter.number, letter.code))
    changed(world, right, "authorised")
    assert queries.standing_of(letter) == "valid"
    changed(world, right, "revoked")
    assert "it was revoked" in words(drop(pdf))


def test_a_finding_on_whom_it_names_suspends_it_and_compliance_reads_why(held: Held) -> None:
    world, letter, pdf = held
    row = found(world.reviewer, letter.parties.get(role="buyer").party, latin_name=LISTED)
    assert row.owner is not None
    rescreening.rescreen(row.owner.pk)
    assert queries.standing_of(letter) == "suspended"
    assert verdict(drop(pdf)) == "stop"
    assert "it is suspended" in words(ask(letter.number, letter.code))
    page = client_of(world.reviewer).get(f"/c/letters/{letter.number}/").content.decode()
    assert "decide whether it is revoked" in page
    assert "a finding is open" in page
    own = client_of(world.filer).get(f"/d/letters/{letter.number}/").content.decode()
    assert "being looked at again" in own
    assert "finding" not in own


def test_postgresql_knows_the_ways_of_a_letter(held: Held) -> None:
    world, letter, _pdf = held
    move = "UPDATE certifications_letter SET status = %s WHERE id = %s"
    for status in ("withdrawn", "waiting", "screening"):
        assert "go" in refused(move, [status, letter.pk])
    made = decided(letter, world.reviewer, "revoke", second=world.lead)
    assert made.state == "effective"
    for status in ("expired", "withdrawn", "valid"):
        assert refused(move, [status, letter.pk])


def test_two_people_revoke_it_and_everybody_reads_why(held: Held) -> None:
    world, letter, pdf = held
    made = decided(letter, world.reviewer, "revoke")
    assert (made.state, letter.status) == ("proposed", "valid")
    assert verdict(drop(pdf)) == "note"
    from certifications.letters import actions
    from tests.world import proof_for

    actions.agree(decision=made, by=world.lead, proof=proof_for(world.lead, made.digest, "letter"))
    answer = drop(pdf)
    assert verdict(answer) == "stop"
    assert "The tender was called off." in words(answer)


def test_its_last_day_ends_it_with_or_without_the_job_and_people_are_told_before(held: Held, monkeypatch: pytest.MonkeyPatch) -> None:
    world, letter, pdf = held
    end = letter.valid_until
    for module in ("certifications.flow.letters", "certifications.letters.queries"):
        monkeypatch.setattr(f"{module}.civil_today", lambda: end - dt.timedelta(days=10))
    assert (flow.remind(), flow.remind()) == (1, 0)
    assert Mail.objects.filter(template="letter_ends", to_user_id=world.filer.pk).count() == 1
    monkeypatch.setattr("certifications.letters.queries.civil_today", lambda: end)
    assert queries.standing_of(letter) == "expired"
    assert "This tender letter is over" in words(drop(pdf))
    assert expire_due(end - dt.timedelta(days=1)) == 0
    assert expire_due(end) == 1


def test_an_award_to_another_is_a_hint_for_compliance_told_once_and_raises_nothing(held: Held) -> None:
    world, letter, _pdf = held
    made = line(
        world, project_no="nbhs 2026 0044", buyer="宁波海曙妇幼保健院", seller="南京雨桦实验器材有限公司", happened_on=civil_today()
    )
    match_line(made.pk)
    match_line(made.pk)
    [award] = queries.awards_of(letter)
    assert (award.winner, award.by) == ("other", "project")
    assert Mail.objects.filter(template="letter_award").count() == 1
    page = client_of(world.reviewer).get(f"/c/letters/{letter.number}/").content.decode()
    assert "Names another supplier" in page
    assert "Who won a tender says nothing against anybody by itself." in page
    own = client_of(world.filer).get(f"/d/letters/{letter.number}/").content.decode()
    assert "南京雨桦" not in own
    assert "supplier" not in own
    assert not made.flags.filter(rule__startswith="LETTER").exists()


def test_a_correction_that_names_another_winner_is_told_and_one_of_the_tender_is_not(held: Held) -> None:
    world, letter, _pdf = held
    words = {"project_no": PROJECT, "buyer": "宁波海曙妇幼保健院", "happened_on": civil_today(), "stage": "amendment"}
    match_line(line(world, **words, seller="", seller_withheld=True).pk)
    assert queries.awards_of(letter) == []
    match_line(line(world, **words, seller="南京雨桦实验器材有限公司").pk)
    assert [award.winner for award in queries.awards_of(letter)] == ["other"]
    assert Mail.objects.filter(template="letter_award").count() == 1


def test_an_award_to_the_holder_is_shown_to_both_and_told_to_nobody(held: Held) -> None:
    world, letter, _pdf = held
    made = line(world, project_no=PROJECT, buyer="宁波海曙妇幼保健院", seller="深圳市青岚科学仪器有限公司", happened_on=civil_today())
    match_line(made.pk)
    assert [award.winner for award in queries.awards_of(letter)] == ["holder"]
    assert "names you as supplier" in client_of(world.filer).get(f"/d/letters/{letter.number}/").content.decode()
    assert not Mail.objects.filter(template="letter_award").exists()


def test_without_a_number_buyer_and_product_decide_and_an_earlier_sale_is_no_award(held: Held) -> None:
    world, letter, _pdf = held
    near = {"project_no": "", "buyer": "宁波海曙妇幼保健院", "seller": "嘉兴远昌贸易有限公司"}
    line(world, **near, happened_on=letter.asked_at.date() - dt.timedelta(days=30))
    line(world, **{**near, "buyer": "宁波江北妇幼保健院"}, happened_on=civil_today())
    assert queries.awards_of(letter) == []
    line(world, **near, happened_on=civil_today())
    assert [(a.by, a.winner) for a in queries.awards_of(letter)] == [("goods", "other")]


def test_only_the_signer_writes_the_seal(held: Held) -> None:
    assert Blob.objects.filter(name__endswith="-unsealed.pdf").exists()
    from django.db import DatabaseError, connection, transaction

    with pytest.raises(DatabaseError, match="permission denied"), transaction.atomic(), connection.cursor() as cursor:
        cursor.execute("INSERT INTO certifications_letterseal DEFAULT VALUES")


@pytest.mark.parametrize("language", ["en", "zh", "both"])
def test_the_letter_reads_in_the_language_that_was_asked_for(world: World, tmp_path: Any, language: str) -> None:
    from certifications.attestations.render import render_letter
    from certifications.letters.compose import compose

    from .asked import released

    letter = released(world, language=language, others=("宁波采购代理有限公司",))
    decision = letter.decisions.get()
    payload = json.loads(decision.text.canonical)
    assert render_letter(payload) == render_letter(payload)
    assert compose(decision, by_test_authority=True)["number"] == letter.number
    file = tmp_path / "letter.pdf"
    file.write_bytes(render_letter(payload))
    text = subprocess.run(["pdftotext", "-layout", str(file), "-"], capture_output=True, check=True, text=True).stdout
    assert ("Tender Authorisation Letter" in text) == (language != "zh")
    assert ("投标授权函" in text) == (language != "en")
    assert "宁波海曙妇幼保健院" in text.replace(" ", "")
    assert PROJECT in text
