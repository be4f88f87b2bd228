"""What the end user's own word is worth stands on the document, in both languages; documents from before say nothing of it."""

import io
import json
from typing import Any

import pytest
from pypdf import PdfReader

from certifications.attestations import actions
from certifications.attestations.compose import assurance_text, compose
from certifications.attestations.models import Attestation
from certifications.attestations.render import render_attestation
from certifications.declarations import papers
from certifications.declarations.models import Declaration
from certifications.declarations.papers import CheckData
from certifications.declarations.queries import version_of
from certifications.declarations.rules_enduser import Assurance
from certifications.ledger.canonical import canonical
from certifications.pages.public.views import _rows
from certifications.screening.actions import screen_party
from tests.declarations.end_users import accepted, asked, link, said_yes, scanned
from tests.declarations.test_kinds import begun, several
from tests.declarations.test_own_words import users
from tests.world import World, proof_for

from .samples import payload

pytestmark = pytest.mark.django_db


def released(world: World, declaration: Declaration) -> Attestation:
    for party in (declaration.customer.party, declaration.organisation.party):
        assert screen_party(party).state == "done"
    proof = proof_for(world.reviewer, "0" * 64, "release")
    return actions.prepare(declaration=declaration, version=version_of(declaration), by=world.reviewer, proof=proof)


def said(attestation: Attestation) -> tuple[dict[str, str], list[str]]:
    """The assurance and what was not checked, in English."""
    text: dict[str, Any] = compose(attestation, by_test_authority=True)
    return text["assurance"], [item["en"] for item in text["not_checked"]]


def test_without_the_end_user_s_word_it_says_so_twice(world: World) -> None:
    assurance, unchecked = said(released(world, world.signed()))
    assert (assurance["level"], assurance["en"]) == ("distributor", "The distributor's statement alone")
    assert any(line.startswith("The end user's own word") for line in unchecked)


def test_a_link_is_named_with_its_day_and_with_what_it_does_not_show(world: World) -> None:
    declaration = world.signed()
    asked(world, declaration)
    said_yes(link())
    assurance, unchecked = said(released(world, declaration))
    assert assurance["level"] == "link"
    assert "through a one-time link to a named contact on" in assurance["en"]
    assert "一次性链接" in assurance["zh"]
    assert any(line.startswith("Who opened the link") for line in unchecked)
    assert not any(line.startswith("The end user's own word") for line in unchecked)


@pytest.mark.parametrize(("who", "side"), [("signatory", "distributor"), ("reviewer", "issuer")])
def test_a_paper_is_named_with_whose_second_person_compared_it(world: World, who: str, side: str) -> None:
    declaration = world.signed()
    scan = scanned(world, declaration)
    person = world.people[who]
    data = CheckData(scan.statement.code, all_pages=True, signed=True)
    papers.check_scan(scan=scan, by=person, data=data, proof=proof_for(person, scan.digest))
    assurance, unchecked = said(released(world, declaration))
    assert assurance["level"] == "paper"
    assert f"checked by a second person of the {side} on" in assurance["en"]
    assert any("genuine" in line for line in unchecked)


def test_a_word_about_an_earlier_text_is_not_printed(world: World) -> None:
    draft = world.draft()
    asked(world, draft)
    said_yes(link())
    from certifications.declarations.drafting import edit

    edit(declaration=draft, by=world.filer, data=world.data(draft.customer, end_use="Tissue typing, about 200 samples a month."))
    assurance, _unchecked = said(released(world, world.signed(draft)))
    assert assurance["level"] == "distributor"


def test_the_signer_composes_the_same_again(world: World) -> None:
    declaration = world.signed()
    asked(world, declaration)
    said_yes(link())
    attestation = released(world, declaration)
    actions.write_unsealed(attestation=attestation, by_test_authority=True)
    assert actions.check_payload(attestation=attestation, by_test_authority=True) == ""


def test_of_several_the_least_is_printed_and_each_by_itself(world: World) -> None:
    declaration = world.signed(begun(world, several(world)))
    screen_party(version_of(declaration).parties.get(role="end_user").customer.party)
    asked(world, declaration, end_user=users(declaration)[0])
    said_yes(link())
    text: dict[str, Any] = compose(released(world, declaration), by_test_authority=True)
    told = text["assurance"]
    assert (told["level"], [one["level"] for one in told["each"]]) == ("distributor", ["link", "distributor"])
    assert told["en"] == "The distributor's statement alone for 1 of 2 end users"
    assert "一次性链接" in told["each"][0]["zh"]
    unchecked = [item["en"] for item in text["not_checked"]]
    assert any(line.startswith("The own word of the end users for whom the distributor alone speaks") for line in unchecked)
    assert any(line.startswith("Who opened the link") for line in unchecked)


def test_of_several_who_were_all_heard_each_level_stands_on_the_page(world: World) -> None:
    declaration = world.signed(begun(world, several(world)))
    screen_party(version_of(declaration).parties.get(role="end_user").customer.party)
    first, second = users(declaration)
    asked(world, declaration, end_user=first)
    said_yes(link())
    accepted(world, scanned(world, declaration, end_user=second))
    attestation = released(world, declaration)
    text: dict[str, Any] = compose(attestation, by_test_authority=True)
    assert (text["assurance"]["level"], [one["level"] for one in text["assurance"]["each"]]) == ("link", ["link", "paper"])
    assert text["assurance"]["en"].startswith("Each of 2 end users gave its own word")
    pdf = render_attestation(json.loads(canonical(text)))
    page = "".join("".join(one.extract_text().split()) for one in PdfReader(io.BytesIO(pdf)).pages)
    for wanted in ("Enduser1.Confirmedbytheenduserthroughaone-timelink", "Enduser2.Signedandsealedbytheenduseronpaper"):
        assert wanted in page
    labels = [label for label, *_rest in _rows(json.loads(canonical(text)))]
    assert labels[labels.index("Assurance level") :][:3] == ["Assurance level", "End user 1", "End user 2"]
    actions.write_unsealed(attestation=attestation, by_test_authority=True)
    assert actions.check_payload(attestation=attestation, by_test_authority=True) == "", "the signer composes the same again"


def test_a_word_of_one_after_the_release_is_not_printed(world: World) -> None:
    declaration = world.signed(begun(world, several(world)))
    screen_party(version_of(declaration).parties.get(role="end_user").customer.party)
    attestation = released(world, declaration)
    asked(world, declaration, end_user=users(declaration)[0])
    said_yes(link())
    assurance, _unchecked = said(attestation)
    assert assurance == assurance_text(Assurance()), "where nobody was heard it reads as documents of before"


def test_a_document_from_before_there_were_levels_is_drawn_and_shown_without_one() -> None:
    old = {key: value for key, value in payload().items() if key != "assurance"}
    assert render_attestation(old) != render_attestation(payload())
    assert "Assurance level" in [label for label, *_rest in _rows(payload())]
    assert "Assurance level" not in [label for label, *_rest in _rows(old)]
