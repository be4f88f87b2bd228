"""The text that was shown is frozen and signed with a factor given for exactly that text, or nothing is signed."""

import hashlib
import json
import time

import pytest
import rfc8785
from allauth.mfa.recovery_codes.internal.auth import RecoveryCodes
from allauth.mfa.totp.internal.auth import format_hotp_value, hotp_value
from django.core.exceptions import PermissionDenied
from django.test import Client

from certifications.declarations import actions
from certifications.declarations.models import Declaration, FrozenText, Signature
from certifications.declarations.queries import version_of
from certifications.flow.sign import sign_declaration
from certifications.ledger.models import Event
from certifications.ledger.moves import NotAllowed
from certifications.people.demo import PASSWORD, totp_secret
from certifications.people.models import FactorProof
from certifications.work.models import Job
from tests.world import World, client_of, proof_for
from tests.world import code_of as code

from .forms import CLAUSES, send, shown_digest, sign, sign_address, typed

pytestmark = pytest.mark.django_db


@pytest.fixture
def draft(world: World) -> Declaration:
    """A complete draft for Ningbo Jiangnan Hospital."""
    return world.draft()


@pytest.fixture
def signatory(world: World) -> Client:
    """Tang Mei's browser."""
    return client_of(world.signatory)


def unsigned(declaration: Declaration) -> bool:
    """Nothing at all of a signature is there."""
    declaration.refresh_from_db()
    left = FrozenText.objects.exists() or Signature.objects.exists() or Job.objects.filter(object_id=declaration.pk).exists()
    return declaration.status == "draft" and not left


def test_what_is_frozen_is_canonical_json_and_its_sha_256_is_the_one_shown(world: World, draft: Declaration, signatory: Client) -> None:
    shown = signatory.get(sign_address(draft))
    assert sign(world, signatory, draft).status_code == 302
    frozen = FrozenText.objects.get()
    said = json.loads(frozen.canonical)
    assert rfc8785.dumps(said).decode() == frozen.canonical
    assert hashlib.sha256(frozen.canonical.encode()).hexdigest() == frozen.sha256 == shown.context["digest"]
    assert shown.context["canonical"] == frozen.canonical
    assert said["end_user"]["native"] == "宁波江南医院"
    assert said["goods"][0]["quantity"] == "24"
    assert [c["number"] for c in said["clauses"]["items"]] == [1, 2, 3, 4, 5, 6]


def test_a_signature_says_who_in_which_role_with_which_factor_over_which_text(world: World, draft: Declaration, signatory: Client) -> None:
    sign(world, signatory, draft, role_title="Legal representative")
    signature, proof = Signature.objects.get(), FactorProof.objects.get(purpose="sign")
    assert (signature.signed_by_id, signature.signed_name, signature.signed_role) == (
        world.signatory.pk,
        "Tang Mei",
        "Legal representative",
    )
    assert (signature.factor, signature.proof_id) == ("totp", proof.pk)
    assert signature.sha256 == proof.digest == FrozenText.objects.get().sha256
    assert (proof.purpose, proof.user) == ("sign", world.signatory)
    event = Event.objects.get(verb="declaration.signed")
    assert event.data["clauses"] == [1, 2, 3, 4, 5, 6]
    assert event.data["sha256"] == signature.sha256
    assert set(Job.objects.values_list("kind", flat=True)) == {"advance", "receipt"}


def test_a_text_that_changed_after_it_was_shown_is_not_signed_and_the_code_is_not_spent(
    world: World, draft: Declaration, signatory: Client
) -> None:
    digest = signatory.get(sign_address(draft)).context["digest"]
    send(client_of(world.filer), draft, "end_use", typed(world, draft.customer, place_address="宁波市另一处 1 号"))
    answer = sign(world, signatory, draft, sha256=digest)
    assert answer.status_code == 422
    assert "The text changed after it was shown to you." in answer.content.decode()
    assert unsigned(draft)
    assert not FactorProof.objects.filter(purpose="sign").exists()


@pytest.mark.parametrize("sha256", ["", "0" * 64, "not a digest"])
def test_a_sha_256_that_was_never_shown_signs_nothing(world: World, draft: Declaration, signatory: Client, sha256: str) -> None:
    assert sign(world, signatory, draft, sha256=sha256).status_code == 422
    assert unsigned(draft)


@pytest.mark.parametrize("left_out", CLAUSES)
def test_each_undertaking_must_be_ticked_and_the_one_that_is_not_is_named(
    world: World, draft: Declaration, signatory: Client, left_out: str
) -> None:
    answer = sign(world, signatory, draft, clause=[n for n in CLAUSES if n != left_out])
    assert f"Undertaking {left_out} is not ticked." in answer.content.decode()
    assert unsigned(draft)


def test_nothing_typed_is_lost_when_the_signature_is_refused(world: World, draft: Declaration, signatory: Client) -> None:
    answer = sign(world, signatory, draft, code="000000", clause=["1", "4"], role_title="Deputy General Manager")
    page = answer.content.decode()
    assert answer.status_code == 422
    assert 'value="Deputy General Manager"' in page
    assert [f'value="{n}" checked' in page for n in CLAUSES] == [True, False, False, True, False, False]


def test_the_role_of_the_signer_is_asked_for(world: World, draft: Declaration, signatory: Client) -> None:
    answer = sign(world, signatory, draft, role_title=" ")
    assert "Enter the role in which you sign" in answer.content.decode()
    assert unsigned(draft)


@pytest.mark.parametrize("who", ["filer", "distributor_admin", "stranger", "reviewer", "lead", "auditor", "operator", "regulator"])
def test_nobody_but_a_signatory_of_this_distributor_signs_even_by_a_post_of_his_own(world: World, draft: Declaration, who: str) -> None:
    fields = {"sha256": shown_digest(draft), "clause": CLAUSES, "role_title": "General Manager", "code": code(world.people[who])}
    assert client_of(world.people[who]).post(sign_address(draft), fields).status_code == 404
    assert unsigned(draft)
    with pytest.raises((PermissionDenied, NotAllowed)):
        sign_declaration(
            declaration=draft,
            by=world.people[who],
            sha256=fields["sha256"],
            accepted={1, 2, 3, 4, 5, 6},
            role_title="GM",
            code=fields["code"],
        )
    assert unsigned(draft)


def test_nobody_at_all_is_led_to_sign_in(draft: Declaration) -> None:
    answer = Client().post(sign_address(draft), {"sha256": shown_digest(draft)})
    assert answer.status_code == 302
    assert answer.url.startswith("/account/login/")


def step_code(email: str, ago: int) -> str:
    """The code of an earlier half minute."""
    return format_hotp_value(hotp_value(totp_secret(email), int(time.time()) // 30 - ago))


def test_a_code_of_half_a_minute_ago_is_refused(world: World, draft: Declaration, signatory: Client) -> None:
    code(world.signatory)
    answer = sign(world, signatory, draft, code=step_code(world.signatory.email, 1))
    assert "wrong or has run out" in answer.content.decode()
    assert unsigned(draft)


def test_a_code_of_another_persons_app_is_refused(world: World, draft: Declaration, signatory: Client) -> None:
    assert sign(world, signatory, draft, code=code(world.filer)).status_code == 422
    assert unsigned(draft)


def test_a_code_that_was_used_once_is_used_whatever_it_was_used_for(world: World, draft: Declaration, signatory: Client) -> None:
    digits, second = code(world.signatory), world.draft(draft.customer)
    assert sign(world, signatory, draft, code=digits).status_code == 302
    answer = sign(world, signatory, second, code=digits)
    assert "This code was used already." in answer.content.decode()
    second.refresh_from_db()
    assert second.status == "draft"
    assert Signature.objects.count() == 1


def test_the_password_is_no_second_factor(world: World, draft: Declaration, signatory: Client) -> None:
    for typed_in in (PASSWORD, "", "      "):
        answer = sign(world, signatory, draft, code=typed_in, password=PASSWORD)
        assert "Enter the six digits" in answer.content.decode()
    assert unsigned(draft)


def test_a_recovery_code_opens_the_account_and_signs_nothing(world: World, draft: Declaration, signatory: Client) -> None:
    codes = RecoveryCodes.activate(world.signatory).get_unused_codes()
    answer = sign(world, signatory, draft, code=codes[0])
    assert answer.status_code == 422
    assert unsigned(draft)
    assert not FactorProof.objects.filter(purpose="sign").exists()
    assert codes[0] in RecoveryCodes.activate(world.signatory).get_unused_codes()


@pytest.mark.parametrize("assertion", ["{}", "null", "no json", '{"id": "x", "response": {}}'])
def test_an_answer_that_no_passkey_gave_is_refused(world: World, draft: Declaration, signatory: Client, assertion: str) -> None:
    signatory.get(sign_address(draft))
    answer = sign(world, signatory, draft, code="", assertion=assertion)
    assert "does not fit this text" in answer.content.decode()
    assert unsigned(draft)


def test_after_five_wrong_codes_the_right_one_waits_too(world: World, draft: Declaration, signatory: Client) -> None:
    for _try in range(5):
        sign(world, signatory, draft, code="000000")
    answer = sign(world, signatory, draft)
    assert "Too many wrong codes." in answer.content.decode()
    assert unsigned(draft)


def test_a_proof_for_another_text_or_of_another_person_signs_nothing(world: World, draft: Declaration) -> None:
    digest = shown_digest(draft)
    wrong = (proof_for(world.signatory, "0" * 64, "sign"), proof_for(world.filer, digest, "sign"))
    for proof in wrong:
        with pytest.raises(NotAllowed, match="another text"):
            actions.sign(declaration=draft, by=world.signatory, sha256=digest, accepted={1, 2, 3, 4, 5, 6}, role_title="GM", proof=proof)
    assert unsigned(draft)


def test_the_form_sent_twice_signs_once(world: World, draft: Declaration, signatory: Client) -> None:
    fields = {"sha256": shown_digest(draft), "clause": CLAUSES, "role_title": "General Manager", "code": code(world.signatory)}
    answers = [signatory.post(sign_address(draft), fields) for _twice in range(2)]
    assert [a.status_code for a in answers] == [302, 302]
    page = signatory.get(answers[1].url).content.decode()
    assert "There is nothing to sign" in page
    assert (
        Signature.objects.count()
        == FactorProof.objects.filter(purpose="sign").count()
        == Event.objects.filter(verb="declaration.signed").count()
        == 1
    )


def test_what_became_incomplete_since_it_was_drafted_is_not_signed(world: World, draft: Declaration, signatory: Client) -> None:
    version = version_of(draft)
    type(version).objects.filter(pk=version.pk).update(end_use="research")
    answer = sign(world, signatory, draft)
    assert "Say what the goods will be used for" in answer.content.decode()
    assert unsigned(draft)
