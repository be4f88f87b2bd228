"""Between release and seal: what was signed is what is sealed, and whatever changed meanwhile takes the release back."""

import datetime as dt
from collections.abc import Callable
from types import SimpleNamespace
from typing import Any

import pytest
from django.utils import timezone

from certifications.attestations.models import Attestation, AttestationPayload
from certifications.attestations.sealed import NotSealable, Sealed
from certifications.declarations.models import Declaration
from certifications.declarations.queries import version_of
from certifications.files.actions import store
from certifications.flow import advance, release, rescreening
from certifications.flow.release import check_sealable, problem_with, release_digest, release_with
from certifications.ledger.canonical import canonical, sha256_hex
from certifications.ledger.moves import NotAllowed
from certifications.parties import actions as parties
from certifications.screening.models import ListEntry, ListVersion
from tests.flow.steps import dated_list
from tests.parties.rights import changed
from tests.world import World, proof_for

pytestmark = pytest.mark.django_db


def ready(world: World, **changes: object) -> Declaration:
    """Signed, screened, clear."""
    declaration = world.signed(world.draft(**changes))
    assert advance.advance(declaration.pk) == "ready"
    declaration.refresh_from_db()
    return declaration


def released(world: World) -> Attestation:
    declaration = ready(world)
    proof = proof_for(world.reviewer, release_digest([declaration]), "release")
    made = release_with(declarations=[declaration], by=world.reviewer, proof=proof)[0]
    release.render(made.pk)
    return Attestation.objects.get(pk=made.pk)


def never(pdf: bytes) -> Sealed:
    raise AssertionError("it was sealed")


def sealer(act: Callable[[bytes], Sealed]) -> Any:
    """In place of the signer's keys: what it is asked to seal, and that it is asked at all, is what these tests are about."""

    class Stub:
        by_test_authority = True

        def __call__(self, pdf: bytes) -> Sealed:
            return act(pdf)

    return Stub()


def test_what_was_released_and_rendered_can_be_sealed(world: World) -> None:
    check_sealable(released(world), by_test_authority=True)


def test_the_document_names_the_customer_as_signed_whatever_it_is_called_now(world: World) -> None:
    declaration = ready(world)
    proof = proof_for(world.reviewer, release_digest([declaration]), "release")
    made = release_with(declarations=[declaration], by=world.reviewer, proof=proof)[0]
    # Past every guard, as a process that was taken over would.
    declaration.customer.party.names.filter(text__startswith="宁波").update(text="库尔勒市公安局")
    release.render(made.pk)
    text = AttestationPayload.objects.get(attestation=made).canonical
    assert "宁波江南医院" in text
    assert "库尔勒市公安局" not in text


def test_a_party_that_is_not_what_was_signed_keeps_a_declaration_from_release(world: World) -> None:
    declaration = ready(world)
    declaration.customer.party.names.filter(text__startswith="宁波").update(text="宁波江北医院")
    assert "signed" in problem_with(declaration)
    proof = proof_for(world.reviewer, release_digest([declaration]), "release")
    with pytest.raises(NotAllowed) as refused:
        release_with(declarations=[declaration], by=world.reviewer, proof=proof)
    assert refused.value.code == "problem"


def test_a_payload_written_by_another_hand_is_not_sealed(world: World) -> None:
    declaration = ready(world)
    proof = proof_for(world.reviewer, release_digest([declaration]), "release")
    made = release_with(declarations=[declaration], by=world.reviewer, proof=proof)[0]
    forged = canonical({"end_user": "somebody else"})
    blob = store(b"%PDF-1.7 forged", name="x.pdf", media_type="application/pdf")
    AttestationPayload.objects.create(attestation=made, canonical=forged.decode(), sha256=sha256_hex(forged), unsealed=blob)
    with pytest.raises(NotSealable, match="payload"):
        release.seal(made.pk, sealer(never))


def test_a_pdf_that_is_not_the_payloads_is_not_sealed(world: World) -> None:
    from certifications.attestations.compose import compose

    declaration = ready(world)
    proof = proof_for(world.reviewer, release_digest([declaration]), "release")
    made = release_with(declarations=[declaration], by=world.reviewer, proof=proof)[0]
    made.refresh_from_db()
    text = canonical(compose(made, by_test_authority=True))
    blob = store(b"%PDF-1.7 other words", name="x.pdf", media_type="application/pdf")
    AttestationPayload.objects.create(attestation=made, canonical=text.decode(), sha256=sha256_hex(text), unsealed=blob)
    with pytest.raises(NotSealable, match="PDF"):
        release.seal(made.pk, sealer(never))


@pytest.mark.parametrize("wrong", ["nobody", "another person", "another purpose", "another set"])
def test_a_release_that_nobody_gave_for_this_is_not_sealed(world: World, wrong: str) -> None:
    from certifications.attestations import actions

    declaration = ready(world)
    digest = release_digest([declaration])
    proof = {
        "nobody": SimpleNamespace(pk="01J00000000000000000000000"),
        "another person": proof_for(world.second_reviewer, digest, "release"),
        "another purpose": proof_for(world.reviewer, digest, "decide"),
        "another set": proof_for(world.reviewer, "0" * 64, "release"),
    }[wrong]
    made = actions.prepare(declaration=declaration, version=version_of(declaration), by=world.reviewer, proof=proof)  # type: ignore[arg-type]
    Declaration.objects.filter(pk=declaration.pk).update(status="issuing")
    actions.write_unsealed(attestation=made, by_test_authority=True)
    with pytest.raises(NotSealable, match="release"):
        release.seal(made.pk, sealer(never))


def list_the_hospital(world: World) -> None:
    """The customer appears on a list in force."""
    from tests.screening.samples import row

    dated_list(40, row(99999, name="宁波江南医院"))


def test_a_party_listed_while_it_waits_for_its_seal_takes_the_release_back(world: World) -> None:
    attestation = released(world)
    list_the_hospital(world)
    rescreening.rescreen(attestation.declaration.customer.party_id)
    attestation.refresh_from_db()
    assert attestation.status == "void"
    declaration = Declaration.objects.get(pk=attestation.declaration_id)
    assert advance.advance(declaration.pk) == "review"
    assert declaration.flags.filter(rule="LIST", state="open").exists()
    release.seal(attestation.pk, sealer(never))


def test_the_signer_itself_takes_back_what_changed_since_the_release(world: World) -> None:
    attestation = released(world)
    changed(world, world.qinglan.party.authorisations.get(), "suspended")
    release.seal(attestation.pk, sealer(never))
    attestation.refresh_from_db()
    assert (attestation.status, attestation.declaration.status) == ("void", "screening")


def test_what_changes_while_the_timestamp_is_fetched_is_seen_before_anything_is_in_force(world: World) -> None:
    attestation = released(world)

    def meanwhile(pdf: bytes) -> Sealed:
        list_the_hospital(world)
        return Sealed(pdf=pdf, timestamped_at=timezone.now(), certificate_sha256="0" * 64, by_test_authority=True)

    release.seal(attestation.pk, sealer(meanwhile))
    attestation.refresh_from_db()
    assert attestation.status == "void"


def test_a_release_that_was_taken_back_can_be_given_again_under_a_new_number(world: World) -> None:
    attestation = released(world)
    release.take_back(attestation, "test")
    declaration = Declaration.objects.get(pk=attestation.declaration_id)
    assert declaration.status == "screening"
    assert advance.advance(declaration.pk) == "ready"
    declaration.refresh_from_db()
    proof = proof_for(world.lead, release_digest([declaration]), "release")
    again = release_with(declarations=[declaration], by=world.lead, proof=proof)[0]
    assert again.number != attestation.number
    release.render(again.pk)
    check_sealable(Attestation.objects.get(pk=again.pk), by_test_authority=True)


def test_an_old_list_stops_a_release_between_the_page_and_the_click(world: World) -> None:
    source = dated_list()
    declaration = ready(world)
    proof = proof_for(world.reviewer, release_digest([declaration]), "release")
    ListVersion.objects.filter(source=source).update(confirmed_at=timezone.now() - dt.timedelta(days=9))
    with pytest.raises(NotAllowed) as refused:
        release_with(declarations=[declaration], by=world.reviewer, proof=proof)
    assert refused.value.code == "problem"
    assert ListEntry.objects.exists()


def test_a_customer_is_not_changed_while_a_signed_declaration_of_it_is_decided(world: World) -> None:
    from certifications.flow.customers import edit_customer
    from certifications.flow.demo import CUSTOMERS

    declaration = ready(world)
    with pytest.raises(NotAllowed) as refused:
        edit_customer(customer=declaration.customer, by=world.filer, data=CUSTOMERS[1])
    assert refused.value.code == "in_flight"
    assert declaration.number in str(refused.value)


def test_a_changed_customer_is_screened_again_at_once(world: World) -> None:
    from certifications.flow.customers import edit_customer
    from certifications.flow.demo import CUSTOMERS
    from certifications.screening.queries import party_state
    from tests.flow.steps import work

    customer = world.customer()
    work()
    edit_customer(customer=customer, by=world.filer, data=CUSTOMERS[1])
    customer.party.refresh_from_db()
    assert party_state(customer.party).state != "clear"
    work()
    assert party_state(customer.party).state == "clear"


@pytest.mark.parametrize("field", ["native_name", "address", "other_names"])
def test_a_character_that_no_font_draws_is_refused_where_it_is_typed(world: World, field: str) -> None:
    from dataclasses import replace

    from certifications.flow.customers import register_customer
    from certifications.flow.demo import CUSTOMERS

    value: Any = ("宁波\U0001f600医院",) if field == "other_names" else "宁波\U0001f600医院"
    with pytest.raises(parties.Incomplete) as refused:
        register_customer(by=world.filer, data=replace(CUSTOMERS[0], **{field: value}), form_key="01J00000000000000000000001")
    assert [p.field for p in refused.value.problems] == [field]
    assert "1F600" in str(refused.value)
