"""A signatory's power is a record of three people; its limits are named, and it is printed on what is signed."""

import datetime as dt
from decimal import Decimal

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.db import DatabaseError, connection, transaction

from certifications.attestations.compose import _signatory
from certifications.declarations.models import Signature
from certifications.declarations.queries import version_of
from certifications.flow import delegations as flow
from certifications.flow.receipts import receipt_payload
from certifications.ledger.days import civil_today
from certifications.ledger.models import Event
from certifications.ledger.moves import NotAllowed
from certifications.mail.models import Mail
from certifications.people import delegating
from certifications.people.models import SecurityEvent
from certifications.people.models_delegations import Delegation
from tests.world import World, client_of, code_of, proof_for

from .powers import FEW, PAPER, accepted, delegated, proposed, words

pytestmark = pytest.mark.django_db
DAY = dt.timedelta(days=1)


def typed(world: World, **changes: object) -> dict[str, object]:
    """The form as an administrator sends it."""
    data = words(world)
    return {
        "delegate": data.delegate_id, "delegator_name": data.delegator_name, "delegator_role": data.delegator_role,
        "kinds": list(data.kinds), "most": "", "valid_from": data.valid_from.isoformat(), "valid_until": data.valid_until.isoformat(),
        "signed_on": data.signed_on.isoformat(), "reason": data.reason, "explanation": "", "code": code_of(world.distributor_admin),
        "file": SimpleUploadedFile("power.pdf", PAPER), **changes,
    }  # fmt: skip


def told(template: str) -> set[str]:
    return set(Mail.objects.filter(template=template).values_list("to_email", flat=True))


def test_three_people_make_a_power_on_the_pages(world: World) -> None:
    answer = client_of(world.distributor_admin).post("/people/delegations/new/", typed(world))
    assert answer.status_code == 302, answer.context["form"].errors
    held = Delegation.objects.get()
    assert told("delegation_to_accept") == {world.signatory.email}
    page = f"/people/delegations/{held.number}/"
    signatory = client_of(world.signatory)
    assert "Accept the power" in signatory.get(page).content.decode()
    assert signatory.post(f"{page}accept/", {"code": code_of(world.signatory)}).status_code == 302
    assert world.reviewer.email in told("delegation_to_approve")
    assert client_of(world.reviewer).post(f"{page}agree/", {"code": code_of(world.reviewer)}).status_code == 302
    held.refresh_from_db()
    assert (held.state, held.proposed_by, held.agreed_by) == ("effective", world.distributor_admin, world.reviewer)
    assert "In force" in signatory.get(page).content.decode()
    assert [e.verb for e in Event.objects.filter(object_id=held.pk).order_by("sequence")] == [
        "delegation.proposed",
        "delegation.accepted",
        "delegation.agreed",
    ]


def test_a_wrong_code_loses_nothing_that_was_typed_and_not_the_paper(world: World) -> None:
    client = client_of(world.distributor_admin)
    refused = client.post("/people/delegations/new/", typed(world, code="000000"))
    assert refused.status_code == 422
    assert "Zhou Hua" in refused.content.decode()
    kept = refused.context["form"].data["paper"]
    again = typed(world, paper=kept)
    del again["file"]
    assert client.post("/people/delegations/new/", again).status_code == 302
    assert Delegation.objects.get().paper_id == kept


def test_a_paper_of_somebody_else_is_not_taken_for_ones_own(world: World) -> None:
    from certifications.files.actions import store

    foreign = store(b"%PDF-1.7 of another distributor", name="x.pdf", media_type="application/pdf", by_id=world.stranger.pk)
    again = typed(world, paper=foreign.pk)
    del again["file"]
    assert client_of(world.distributor_admin).post("/people/delegations/new/", again).status_code == 422
    assert not Delegation.objects.exists()


def test_a_table_of_one_s_own_is_not_taken_for_a_paper(world: World) -> None:
    from certifications.files.actions import store

    table = store(b"name,number", name="x.csv", media_type="text/csv", by_id=world.distributor_admin.pk)
    again = typed(world, paper=table.pk)
    del again["file"]
    assert client_of(world.distributor_admin).post("/people/delegations/new/", again).status_code == 422
    assert not Delegation.objects.exists()


def test_an_export_of_powers_is_kept(world: World) -> None:
    assert client_of(world.reviewer).get("/people/delegations/export/").status_code == 200
    assert SecurityEvent.objects.filter(code="export", user_id=world.reviewer.pk, data={"rule": "delegations"}).exists()


@pytest.mark.parametrize(
    ("field", "changes"),
    [
        ("delegator_name", {"delegator_name": " "}),
        ("kinds", {"kinds": ()}),
        ("most", {"most": Decimal(0)}),
        ("explanation", {"reason": "other"}),
        ("signed_on", {"signed_on": civil_today() + 2 * DAY, "valid_from": civil_today() + 2 * DAY}),
        ("valid_until", {"valid_until": civil_today() - DAY, "valid_from": civil_today()}),
        ("valid_from", {"valid_from": civil_today() - 9 * DAY}),
        ("lines", {"lines": ("rockets",)}),
        ("delegate", {"delegate_id": "nobody"}),
    ],
)
def test_what_is_wrong_is_named_by_its_field(world: World, field: str, changes: dict[str, object]) -> None:
    from certifications.files.actions import store

    paper = store(PAPER, name="power.pdf", media_type="application/pdf", by_id=world.distributor_admin.pk)
    with pytest.raises(NotAllowed) as refusal:
        flow.ready_to_propose(by=world.distributor_admin, data=words(world, **changes), paper=paper)
    assert refusal.value.code == field


def test_who_was_never_given_a_power_signs_by_office_as_before(world: World) -> None:
    proposed(world)
    declaration = world.signed()
    assert Signature.objects.get().under == {}
    assert "under" not in receipt_payload(version_of(declaration), by_test_authority=True)["signed"]


def test_what_is_signed_under_a_power_says_so_wherever_it_is_printed(world: World) -> None:
    held = delegated(world)
    declaration = world.signed()
    signature = Signature.objects.get()
    assert signature.under["number"] == held.number
    said = receipt_payload(version_of(declaration), by_test_authority=True)["signed"]["under"]
    assert (said["by"], said["dated"], said["paper"]) == ("Zhou Hua", held.signed_on.isoformat(), held.paper.sha256)
    printed = _signatory(signature)
    assert (printed["name"], printed["number"], printed["by_role"]) == ("Tang Mei", held.number, "Legal representative")
    for who, page in (("signatory", "/d/declarations/"), ("reviewer", "/c/declarations/")):
        assert f"under delegation {held.number}" in client_of(world.people[who]).get(f"{page}{declaration.number}/").content.decode()


def test_what_is_kept_beside_a_signature_outlives_the_end_of_the_power(world: World) -> None:
    held = delegated(world)
    world.signed()
    before = Signature.objects.get().under
    delegating.end(held=held, by=world.distributor_admin, ended_from=civil_today(), reason="She moved to another firm.")
    assert Signature.objects.get().under == before


@pytest.mark.parametrize(
    ("changes", "named"),
    [
        ({"lines": ("consumables",)}, "does not cover the product line kits"),
        ({"most": FEW}, "ends at 10 units of one product in one declaration; this one has 24"),
        ({"kinds": ("terms",)}, "does not cover this act: Sign declarations"),
        ({"valid_from": civil_today() + 5 * DAY}, "begins on"),
    ],
)
def test_a_limit_that_is_passed_is_named_and_nothing_is_signed(world: World, changes: dict[str, object], named: str) -> None:
    delegated(world, **changes)
    draft = world.draft()
    assert named in client_of(world.signatory).get(f"/d/declarations/{draft.number}/sign/").content.decode()
    with pytest.raises(NotAllowed) as refusal:
        world.signed(draft)
    assert refusal.value.code == "power"
    assert named in str(refusal.value)
    assert not Signature.objects.exists()


def test_a_second_power_covers_what_the_first_does_not(world: World) -> None:
    delegated(world, lines=("consumables",))
    wide = delegated(world, lines=("kits",), most=Decimal(24))
    world.signed()
    assert Signature.objects.get().under["number"] == wide.number


def test_a_power_that_ended_leaves_none_behind(world: World) -> None:
    held = delegated(world)
    delegating.end(held=held, by=world.distributor_admin, ended_from=civil_today(), reason="She moved to another firm.")
    with pytest.raises(NotAllowed, match="was ended from"):
        world.signed()


def test_in_a_sitting_the_declaration_beyond_the_power_is_named_and_nothing_is_signed(world: World) -> None:
    from certifications.declarations.data import LineData
    from certifications.declarations.queries import frozen_form
    from certifications.declarations.sittings import SetRefused, Shown, check_sitting

    delegated(world, most=Decimal(24))
    customer = world.customer()
    small, large = world.draft(customer), world.draft(customer, lines=(LineData(world.kit.pk, Decimal(25)),))
    shown = [Shown(d.number, frozen_form(version_of(d))[1]) for d in (small, large)]
    with pytest.raises(SetRefused) as refusal:
        check_sitting(by=world.signatory, shown=shown, accepted={}, role_title="General Manager")
    assert [number for number, _problem in refusal.value.problems] == [large.number]
    assert "this one has 25" in client_of(world.signatory).get("/d/declarations/sign/").content.decode()


def test_comparing_a_scan_and_accepting_terms_ask_for_the_power_too(world: World) -> None:
    from certifications.declarations.papers import CheckData
    from certifications.flow.resellers import accept as accept_terms
    from certifications.flow.statements import check_scan
    from certifications.ledger.ids import new_ulid
    from certifications.parties import nominating
    from certifications.parties.rules_register import TermsData
    from tests.declarations.end_users import scanned

    delegated(world, kinds=("declarations",))
    scan = scanned(world, world.draft())
    with pytest.raises(NotAllowed) as refusal:
        check_scan(scan=scan, by=world.signatory, data=CheckData(scan.statement.code, all_pages=True, signed=True))
    assert refusal.value.code == "power"
    right = world.qinglan.party.authorisations.first()
    assert right is not None
    below = world.customer(native_name="蚌埠淮禾仪器有限公司", latin_name="Huaihe Instruments", kind="reseller", division="340300")
    data = TermsData(("kits",), ("CN",), ("340000",), civil_today(), civil_today() + 100 * DAY)
    nomination = nominating.nominate(parent=right, party=below.party, by=world.filer, data=data, form_key=new_ulid())
    with pytest.raises(NotAllowed) as refusal:
        accept_terms(nomination=nomination, by=world.signatory)
    assert refusal.value.code == "power"


def test_nobody_gives_accepts_or_approves_a_power_for_oneself(world: World) -> None:
    from certifications.people.models import Membership, User

    Membership.objects.create(user=world.distributor_admin, organisation=world.qinglan, role="signatory")
    with pytest.raises(NotAllowed) as refusal:
        proposed(world, delegate_id=world.distributor_admin.pk)
    assert refusal.value.code == "delegate"
    held = proposed(world)
    with pytest.raises(NotAllowed):
        delegating.accept(held=held, by=world.distributor_admin, proof=proof_for(world.distributor_admin, held.digest))
    with pytest.raises(NotAllowed):
        delegating.agree(held=held, by=world.reviewer, proof=proof_for(world.reviewer, held.digest))
    held = accepted(world)
    brought_in = {"role": "lead", "created_by_id": world.distributor_admin.pk}
    Membership.objects.create(user=world.reviewer, organisation=world.reviewer.organisation, **brought_in)
    with pytest.raises(NotAllowed) as refusal:
        delegating.agree(held=held, by=User.objects.get(pk=world.reviewer.pk), proof=proof_for(world.reviewer, held.digest))
    assert refusal.value.code == "not_independent"


def test_a_factor_given_for_other_words_does_not_count(world: World) -> None:
    held = accepted(world)
    with pytest.raises(NotAllowed) as refusal:
        delegating.agree(held=held, by=world.reviewer, proof=proof_for(world.reviewer, "0" * 64))
    assert refusal.value.code == "digest"


def refused(statement: str, *parameters: object) -> str:
    with pytest.raises(DatabaseError) as caught, transaction.atomic(), connection.cursor() as cursor:
        cursor.execute(statement, parameters)
    return str(caught.value)


def test_postgresql_keeps_a_power_as_it_was_recorded(world: World) -> None:
    held = proposed(world)
    row = "UPDATE certifications_delegation SET"
    assert "never changes" in refused(f"{row} most = 99")
    assert "never changes" in refused(f"{row} valid_until = valid_until + 1")
    assert "delegation_accepted_first" in refused(
        f"{row} state = 'effective', agreed_by_id = %s, agreed_at = now(), agreed_proof_id = 'A'", world.reviewer.pk
    )
    held = delegating.accept(held=held, by=world.signatory, proof=proof_for(world.signatory, held.digest))
    for who in (world.signatory, world.distributor_admin):
        said = refused(f"{row} state = 'effective', agreed_by_id = %s, agreed_at = now(), agreed_proof_id = 'A'", who.pk)
        assert "delegation_three_people" in said or "delegation_two_people" in said
    delegating.agree(held=held, by=world.reviewer, proof=proof_for(world.reviewer, held.digest))
    assert "never changes" in refused(f"{row} state = 'voided', voided_at = now(), voided_by_id = %s", world.reviewer.pk)
    delegating.end(held=held, by=world.reviewer, ended_from=civil_today() + DAY, reason="The firm asked for it.")
    assert "only moves nearer" in refused(f"{row} ended_from = ended_from + 9")


def test_postgresql_refuses_a_signature_past_the_power(world: World, monkeypatch: pytest.MonkeyPatch) -> None:
    from certifications.declarations import actions

    monkeypatch.setattr(actions, "power_over", lambda *_a, **_k: None)
    delegated(world)
    with pytest.raises(DatabaseError, match="signs within one"), transaction.atomic():
        world.signed()
    other = proposed(world)
    monkeypatch.setattr(actions, "power_over", lambda *_a, **_k: other)
    with pytest.raises(DatabaseError, match="no such delegation is in force"), transaction.atomic():
        world.signed()


@pytest.mark.parametrize("limits", [{"lines": ("instruments",)}, {"most": Decimal(1)}])
def test_postgresql_refuses_a_signature_past_the_lines_or_the_limit_of_the_power(
    world: World, monkeypatch: pytest.MonkeyPatch, limits: dict[str, object]
) -> None:
    from certifications.declarations import actions

    held = delegated(world, **limits)
    monkeypatch.setattr(actions, "power_over", lambda *_a, **_k: held)
    with pytest.raises(DatabaseError, match="no such delegation is in force"), transaction.atomic():
        world.signed()


def test_an_end_may_move_nearer_and_never_reaches_back(world: World) -> None:
    held = delegated(world)
    later, sooner = civil_today() + 30 * DAY, civil_today() + DAY
    with pytest.raises(NotAllowed) as refusal:
        delegating.end(held=held, by=world.reviewer, ended_from=civil_today() - DAY, reason="The firm asked for it.")
    assert refusal.value.code == "ended_from"
    held = delegating.end(held=held, by=world.reviewer, ended_from=later, reason="The firm asked for it.")
    held = delegating.end(held=held, by=world.reviewer, ended_from=sooner, reason="The firm asked for it.")
    with pytest.raises(NotAllowed):
        delegating.end(held=held, by=world.reviewer, ended_from=later, reason="The firm asked for it.")


def test_who_is_told_that_a_power_ends_and_only_once(world: World) -> None:
    delegated(world, valid_until=civil_today() + 20 * DAY)
    assert (flow.remind(), flow.remind()) == (1, 0)
    assert told("delegation_ends") == {world.signatory.email, world.distributor_admin.email}


def test_the_list_shows_filters_and_exports_ones_own_alone(world: World) -> None:
    held = delegated(world)
    admin, stranger = client_of(world.distributor_admin), client_of(world.stranger)
    assert held.number in admin.get("/people/delegations/?standing=in_force").content.decode()
    assert held.number not in admin.get("/people/delegations/?standing=waiting").content.decode()
    assert held.number in admin.get("/people/delegations/export/").content.decode()
    for address in ("", "export/"):
        assert held.number not in stranger.get(f"/people/delegations/{address}").content.decode()
    for address in ("", "paper/"):
        assert stranger.get(f"/people/delegations/{held.number}/{address}").status_code == 404
    assert admin.get(f"/people/delegations/{held.number}/paper/").content == PAPER
    assert held.number in client_of(world.auditor).get("/people/delegations/").content.decode()


def test_a_power_is_declined_by_the_person_and_ended_by_the_administrator(world: World) -> None:
    held = proposed(world)
    assert client_of(world.stranger).post(f"/people/delegations/{held.number}/void/").status_code == 404
    client_of(world.signatory).post(f"/people/delegations/{held.number}/void/")
    held.refresh_from_db()
    assert held.state == "voided"
    kept = delegated(world)
    page = f"/people/delegations/{kept.number}/end/"
    admin = client_of(world.distributor_admin)
    short = admin.post(page, {"ended_from": civil_today().isoformat(), "reason": "no"})
    assert short.status_code == 422
    assert "Say in a sentence why it ends" in short.content.decode()
    assert admin.post(page, {"ended_from": civil_today().isoformat(), "reason": "She moved to another firm."}).status_code == 302
    assert told("delegation_ended") == {world.signatory.email}
