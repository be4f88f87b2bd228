"""Every page of every audience, in both themes and two widths: no axe violation, no console message, no sideways scroll."""

from typing import Any

import pytest

from certifications.declarations.models import Declaration
from certifications.flags.models import Case
from certifications.parties.models import Customer
from certifications.parties.models_aliases import PartyAlias
from certifications.people.models import User
from certifications.programme.models import OldCertificate, ProgrammeStart, StockCount
from certifications.screening.imports import import_list
from certifications.screening.models import ListSource
from tests.axe import assert_accessible
from tests.browser import Watched
from tests.declarations.end_users import asked, link, scanned
from tests.flags.cases import captured, case_on_evidence
from tests.letters.asked import asked as letter_asked
from tests.parties.further_names import proposed_alias
from tests.parties.rights import nominated, proposed
from tests.screening.published import eu_xml

from .ordering import ordered
from .running import Running
from .test_crashes import cast, released, signed, status, until

pytestmark = [pytest.mark.browser, pytest.mark.xdist_group("running")]
LOOKS = [("light", 1280), ("dark", 390)]


def session_of(email: str) -> dict[str, str]:
    """A cookie for a signed-in browser."""
    from django.contrib.sessions.backends.db import SessionStore

    user = User.objects.get(email__startswith=email)
    session = SessionStore()
    session["_auth_user_id"], session["_auth_user_hash"] = user.pk, user.get_session_auth_hash()
    session["_auth_user_backend"] = "allauth.account.auth_backends.AuthenticationBackend"
    session.save()
    return {"name": "session", "value": str(session.session_key)}


@pytest.fixture(scope="module")
def things(request: pytest.FixtureRequest) -> dict[str, Any]:
    """Filled by the first test of the module: one object of each kind."""
    return {}


def awaiting_alias(customer: Customer) -> None:
    """A further name of it that awaits a second person."""
    if not PartyAlias.objects.filter(party=customer.party).exists():
        proposed_alias(customer.party, User.objects.get(email__startswith="daniel"), "Crosswind Reagents")


def addresses(shared: Running, things: dict[str, Any]) -> list[tuple[str, str]]:
    """(who, address) of each page."""
    world = cast()
    if not things:
        declaration = signed(world)
        until(lambda: status(declaration) == "ready")
        released(world, declaration)
        until(lambda: status(declaration) == "attested")
        things["attested"] = declaration
        things["draft"] = world.draft()
        scanned(world, things["draft"])
        asked(world, things["draft"])
        # A sale of its own: one that another test reported already would be counted once, and flagged there.
        things["case"] = case_on_evidence(world, project_no="XJKL-2026-77")
        things["letter"] = letter_asked(world)
        right = world.qinglan.party.authorisations.first()
        assert right is not None
        things["right"], things["nomination"] = right, nominated(world, right)
        proposed(world, right, "suspended")
        things["document"] = captured(world)
        things["ordered"] = ordered(world, declaration)
        european = ListSource.objects.get(pk="eu")
        import_list(source=european, content=eu_xml(40), by=None)
        things["refused"] = import_list(source=european, content=eu_xml(20), by=None)
    attested: Declaration = things["attested"]
    draft: Declaration = things["draft"]
    case: Case = things["case"]
    right, nomination, made = things["right"], things["nomination"], things["ordered"]
    attestation = attested.attestations.get()
    row, kept = (
        StockCount.objects.filter(organisation=attested.organisation)[0],
        OldCertificate.objects.filter(organisation=attested.organisation)[0],
    )
    start = ProgrammeStart.objects.filter(organisation=attested.organisation)[0]
    customer = Customer.objects.filter(organisation=attested.organisation).first()
    assert customer is not None
    awaiting_alias(customer)
    return [
        ("", "/"), ("", "/verify/"), ("", f"/verify/{attestation.number}/?code={attestation.code}"), ("", "/account/login/"),
        ("", "/demo/codes/"), ("", "/mailbox/"), ("", "/nothing-here/"),
        ("lin.yue", "/d/"), ("lin.yue", "/d/customers/"), ("lin.yue", "/d/customers/new/"), ("lin.yue", f"/d/customers/{customer.pk}/"),
        ("lin.yue", "/d/declarations/"), ("lin.yue", "/d/declarations/?q=nothing"), ("lin.yue", "/d/declarations/new/"),
        ("lin.yue", f"/d/declarations/{attested.number}/"), ("lin.yue", f"/d/declarations/{draft.number}/check/"),
        *(("lin.yue", f"/d/declarations/{draft.number}/edit/{group}/") for group in ("parties", "goods", "end_use", "route", "documents")),
        ("lin.yue", f"/d/declarations/{draft.number}/withdraw/"), ("lin.yue", f"/d/declarations/{attested.number}/amend/"),
        ("lin.yue", f"/d/declarations/{attested.number}/renew/"), ("daniel", f"/c/declarations/{attested.number}/return/"), ("lin.yue", "/d/attestations/"),
        ("", link()), ("", "/confirm/guessed/"), ("lin.yue", f"/d/declarations/{attested.number}/end-user/"),
        ("tang.mei", f"/d/declarations/{draft.number}/end-user/"), ("daniel", f"/c/declarations/{draft.number}/end-user/"),
        ("tang.mei", f"/d/declarations/{draft.number}/sign/"), ("tang.mei", "/d/declarations/sign/?all=1"),
        ("tang.mei", f"/d/declarations/sign/?n={draft.number}"), ("he.rong", "/people/"), ("he.rong", "/people/invite/"),
        ("daniel", "/c/"), ("daniel", f"/c/?case={case.number}"), ("daniel", "/c/?tab=closed&q=nothing"),
        ("daniel", f"/c/cases/{case.number}/ask/"), ("daniel", "/c/evidence/"), ("daniel", "/c/evidence/new/"),
        ("daniel", f"/c/evidence/{things['document'].number}/"), ("daniel", f"/c/evidence/{case.document.number}/"),  # type: ignore[union-attr]
        ("daniel", "/c/release/"), ("daniel", "/c/attestations/"), ("daniel", f"/c/attestations/{attestation.number}/"),
        ("ursina", "/r/"), ("ursina", f"/r/{attestation.number}/"), ("ursina", "/r/lookups/"),
        ("mara", "/o/"), ("ingrid", "/o/lists/"), ("ingrid", "/o/lists/new/"), ("ingrid", "/o/lists/eu/"),
        ("daniel", "/c/parties/"), ("daniel", "/c/parties/?q=nothing"), ("ingrid", f"/c/parties/{customer.party_id}/"),
        ("daniel", "/c/register/"), ("daniel", "/c/register/?q=nothing"), ("ingrid", "/c/register/?known=2090-01-01T00:00"),
        ("ingrid", "/c/register/new/"), ("ingrid", f"/c/register/new/?renews={right.number}"), ("daniel", "/c/register/history/"),
        ("ingrid", f"/c/register/{right.number}/correct/"), ("lena", f"/c/register/{right.number}/"), ("ingrid", f"/c/register/{right.number}/"),
        ("daniel", "/c/register/nominations/"), ("daniel", f"/c/register/nominations/{nomination.number}/"),
        ("lin.yue", "/d/rights/"), ("lin.yue", f"/d/rights/{right.number}/"), ("lin.yue", "/d/rights/nominate/"),
        ("tang.mei", f"/d/rights/nominations/{nomination.number}/"),
        ("ingrid", "/o/lists/eu/import/"), ("ingrid", f"/o/lists/eu/versions/{things['refused'].pk}/"),
        ("lin.yue", "/orders/"), ("lin.yue", "/orders/?q=nothing"), ("lin.yue", "/orders/check/"), ("lin.yue", "/d/uploads/new/?kind=orders"),
        ("lin.yue", f"/orders/{made.released.pk}/"), ("nils", f"/orders/{made.held.pk}/"), ("nils", "/orders/"), ("nils", "/orders/check/"),
        ("daniel", f"/orders/{made.held.pk}/"), ("daniel", f"/c/declarations/{attested.number}/"), ("he.rong", "/programs/"),
        ("he.rong", "/programs/new/"), ("he.rong", "/programs/webhooks/new/"), ("he.rong", f"/programs/webhooks/{made.hook.pk}/"),
        ("he.rong", f"/programs/{made.client.pk}/revoke/"), ("ingrid", "/programs/"),
        ("lin.yue", "/d/stock/"), ("tang.mei", "/d/stock/"), ("lin.yue", "/d/certificates/"), ("lin.yue", "/d/certificates/new/"),
        ("lin.yue", f"/d/stock/{row.pk}/"), ("lin.yue", f"/d/certificates/{kept.pk}/"), ("ingrid", "/c/programme/"), ("ingrid", "/c/programme/propose/"),
        ("daniel", f"/c/programme/starts/{start.pk}/"), ("daniel", f"/c/programme/distributors/{attested.organisation_id}/"),
        ("lin.yue", "/d/letters/"), ("lin.yue", "/d/letters/?q=nothing"), ("lin.yue", "/d/letters/new/"),
        ("lin.yue", f"/d/letters/{things['letter'].number}/"), ("daniel", "/c/letters/"), ("daniel", f"/c/letters/{things['letter'].number}/"),
        ("daniel", "/c/units/"), ("daniel", "/c/units/?q=nothing"), ("ingrid", "/c/uploads/"), ("nils", "/c/uploads/new/"),
    ]  # fmt: skip


@pytest.mark.parametrize(("theme", "width"), LOOKS)
def test_every_page_is_accessible_clean_and_fits(shared: Running, watched: Watched, things: dict[str, Any], theme: str, width: int) -> None:
    watched.expected_status |= {404, 422}
    wrong = []
    for who, address in addresses(shared, things):
        page = watched.open(address, theme=theme, width=width, cookies=[session_of(who)] if who else [])
        try:
            assert page.locator("h1").count() == 1, "one heading"
            assert_accessible(page)
            assert not page.evaluate("document.documentElement.scrollWidth > innerWidth"), "scrolls sideways"
        except AssertionError as error:
            wrong.append(f"{who} {address}: {str(error)[:700]}")
        page.context.close()
    assert not wrong, "\n".join(wrong)


def test_the_story_s_pages_work_without_javascript(shared: Running, watched: Watched, things: dict[str, Any]) -> None:
    watched.expected_status |= {404, 422}
    for who, address in addresses(shared, things):
        page = watched.open(address, script=False, cookies=[session_of(who)] if who else [])
        assert page.locator("h1").count() == 1, address
        hidden = page.locator("main form").all()
        for form in hidden:
            assert form.get_attribute("method") in {"post", "get", "dialog", None}
        page.context.close()
