"""Several end users' own words on the pages, on scans, and in PostgreSQL; and what the pages say of a stock."""

import pytest
from django.db import IntegrityError, transaction

from certifications.declarations import actions, confirming, drafting
from certifications.declarations.in_force import Incomplete
from certifications.declarations.models import Declaration
from certifications.declarations.models_enduser import EndUserRequest, PrintedStatement
from certifications.declarations.papers import CheckData
from certifications.declarations.rules_enduser import Assurance
from certifications.flow import enduser as flow
from certifications.flow import statements
from certifications.ledger.ids import new_ulid
from certifications.ledger.moves import NotAllowed, StaleState, move
from certifications.mail.models import Mail
from tests.architecture.test_database_guards import refused
from tests.world import World, client_of, code_of

from .end_users import CONTACT, asked, level, plain, printed, scanned
from .test_kinds import begun, other, several, stock
from .test_own_words import LU, SECOND, both_asked, users

pytestmark = pytest.mark.django_db


@pytest.fixture
def signed(world: World) -> Declaration:
    """Twenty-four kits: fifteen for the first hospital, nine for the second."""
    return world.signed(begun(world, several(world)))


def test_scans_are_checked_each_against_its_own_statement(world: World, signed: Declaration) -> None:
    first, second = users(signed)
    one = scanned(world, signed, end_user=first)
    two = scanned(world, signed, content=b"%PDF-1.7 the other", end_user=second)
    path = f"/d/declarations/{signed.number}/end-user/"
    signatory = client_of(world.signatory)
    answer = signatory.post(
        f"{path}scan/{two.pk}/check/",
        {"statement_code": one.statement.code, "all_pages": "1", "signed": "1", "code": code_of(world.signatory)},
    )
    assert answer.status_code == 422
    assert f"{one.statement.code} is the statement of declaration {signed.number}" in plain(answer)
    assert answer.context["waiting"] == two, "the page stays at the scan that was looked at"
    done = signatory.post(
        f"{path}scan/{two.pk}/check/",
        {"statement_code": two.statement.code, "all_pages": "1", "signed": "1", "code": code_of(world.signatory)},
    )
    assert done["Location"] == f"{path}?end_user={second}"
    assert [one.level for one in level(signed).each] == ["distributor", "paper"]
    # A file that was filed for the one is none of the other.
    with pytest.raises(Incomplete, match="was filed for statement"):
        scanned(world, signed, content=b"%PDF-1.7 the other", end_user=first)


def test_a_scan_that_waits_names_whose_it_is_and_leads_there(world: World, signed: Declaration) -> None:
    second = users(signed)[1]
    scan = scanned(world, signed, end_user=second)
    page = client_of(world.signatory).get("/d/")
    assert f"/d/declarations/{signed.number}/end-user/?end_user={second}" in page.content.decode()
    assert f"Compare the signed statement {scan.statement.code} {SECOND}" in plain(page)
    assert f"/c/declarations/{signed.number}/end-user/?end_user={second}" in client_of(world.reviewer).get("/c/desk/").content.decode()
    data = CheckData(refusal="unreadable", text="The second page is too dark to be read.")
    statements.check_scan(scan=scan, by=world.signatory, data=data, code=code_of(world.signatory))
    for template in ("statement_to_check", "statement_refused"):
        assert f"end-user/?end_user={second}" in Mail.objects.filter(template=template)[0].body


def test_without_its_code_no_statement_of_two_end_users_is_given(world: World, signed: Declaration) -> None:
    first, second = users(signed)
    path = f"/d/declarations/{signed.number}/end-user/statement.pdf"
    printed(world, signed, end_user=first)
    assert client_of(world.filer).get(path).status_code == 200
    paper = printed(world, signed, end_user=second)
    assert client_of(world.filer).get(path).status_code == 404
    assert client_of(world.filer).get(f"{path}?code={paper.code}").status_code == 200


def test_a_draft_that_became_one_for_stock_says_so_first(world: World) -> None:
    draft = begun(world, world.data(world.customer()))
    asked(world, draft)
    drafting.edit(declaration=draft, by=world.filer, data=stock(world))
    page = plain(client_of(world.filer).get(f"/d/declarations/{draft.number}/"))
    assert "Of a stock nobody is the end user yet" in page
    assert "the least of all its end users" not in page


def test_pages_show_a_row_an_end_user_and_its_acts(world: World, signed: Declaration) -> None:
    first, second = users(signed)
    filer, base = client_of(world.filer), f"/d/declarations/{signed.number}/"
    form = {"form_key": new_ulid(), "contact_name": "Lu Ke", "email": LU["email"], "language": "en", "end_user": second}
    answer = filer.post(f"{base}end-user/ask/", form)
    assert answer["Location"] == f"{base}end-user/?end_user={second}"
    assert EndUserRequest.objects.get().customer_id == second
    assert filer.post(f"{base}end-user/print/", {"end_user": first}).status_code == 302
    assert PrintedStatement.objects.get().customer_id == first
    for who, path in (("filer", base), ("filer", f"{base}end-user/"), ("reviewer", f"/c/declarations/{signed.number}/"), ("auditor", f"/c/declarations/{signed.number}/end-user/")):  # fmt: skip
        page = plain(client_of(world.people[who]).get(path))
        for told in (SECOND, "15 ×", "9 ×", "the answer is awaited until"):
            assert told in page, (path, told)
    wrong = filer.post(f"{base}end-user/ask/", {**form, "form_key": new_ulid(), "email": "x", "end_user": first})
    assert wrong.status_code == 422
    assert wrong.context["word"].customer.pk == first
    held = EndUserRequest.objects.get()
    assert filer.post(f"{base}end-user/revoke/", {"request": held.pk})["Location"] == f"{base}end-user/?end_user={second}"
    written = client_of(world.filer).get(f"{base}end-user/statement.pdf?code=EUS-2026-NOBODY")
    assert written.status_code == 404


def test_a_rival_that_shares_a_customer_name_sees_nothing_of_the_rows(world: World, signed: Declaration) -> None:
    both_asked(world, signed)
    rival = client_of(world.stranger)
    for user in users(signed):
        assert rival.get(f"/d/declarations/{signed.number}/end-user/?end_user={user}").status_code == 404
        assert rival.post(f"/d/declarations/{signed.number}/end-user/print/", {"end_user": user}).status_code == 404


def test_a_form_of_one_end_user_sent_again_for_another_is_refused(world: World, signed: Declaration) -> None:
    first, second = users(signed)
    key, contact = new_ulid(), confirming.ContactData("Shen Yiran", CONTACT.email, "en")
    flow.ask(declaration=signed, by=world.filer, contact=contact, form_key=key, end_user=first)
    with pytest.raises(StaleState):
        flow.ask(declaration=signed, by=world.filer, contact=contact, form_key=key, end_user=second)


def test_postgresql_takes_no_question_to_whom_the_declaration_does_not_name(world: World, signed: Declaration) -> None:
    one = asked(world, signed, end_user=users(signed)[0])
    paper = printed(world, signed, end_user=users(signed)[0])
    stranger = other(world, "绍兴会稽医院")
    for row, table, fresh in ((one, "enduserrequest", {"form_key": "K"}), (paper, "printedstatement", {"code": "EUS-2026-AAAAAA"})):
        columns = [field.column for field in row._meta.concrete_fields if field.column not in {"id", "customer_id", *fresh}]
        said = refused(
            f"INSERT INTO certifications_{table} (id, customer_id, {', '.join([*fresh, *columns])})"
            f" SELECT '01J', %s, {', '.join(['%s'] * len(fresh) + columns)} FROM certifications_{table} WHERE id = %s",
            [stranger.pk, *fresh.values(), row.pk],
        )
        assert "only an end user of a declaration" in said
        assert "never changes" in refused(f"UPDATE certifications_{table} SET customer_id = %s WHERE id = %s", [stranger.pk, row.pk])


def test_postgresql_takes_no_part_of_a_version_that_is_not_in_play(world: World, signed: Declaration) -> None:
    paper = printed(world, signed, end_user=users(signed)[0])
    for to in ("screening", "review"):
        move(obj=signed, to=to, by=None)
    actions.send_back(declaration=signed, by=world.reviewer)
    actions.reopen(declaration=signed, by=world.filer)
    columns = [field.column for field in paper._meta.concrete_fields if field.column not in {"id", "code", "sha256"}]
    said = refused(
        f"INSERT INTO certifications_printedstatement (id, code, sha256, {', '.join(columns)})"
        f" SELECT '01J', 'EUS-2026-AAAAAA', 'x', {', '.join(columns)} FROM certifications_printedstatement WHERE id = %s",
        [paper.pk],
    )
    assert "only an end user of a declaration" in said


def test_postgresql_keeps_one_open_question_for_each_end_user(world: World, signed: Declaration) -> None:
    both_asked(world, signed)
    held = EndUserRequest.objects.filter(status="open").first()
    assert held is not None
    with pytest.raises(IntegrityError, match="end_user_request_one_open"), transaction.atomic():
        EndUserRequest.objects.create(**{
            field.attname: getattr(held, field.attname) for field in held._meta.concrete_fields if field.attname not in {"id", "form_key"}
        }, form_key=new_ulid())  # fmt: skip


def test_of_a_stock_nobody_can_be_asked_and_the_pages_say_so(world: World) -> None:
    declaration = begun(world, stock(world))
    for act in (asked, printed):
        with pytest.raises(NotAllowed, match="nobody is the end user yet") as refusal:
            act(world, declaration)
        assert refusal.value.code == "kind"
    own = declaration.customer_id
    assert "only an end user" in refused(
        "INSERT INTO certifications_printedstatement (id, code, declaration_id, customer_id, version_number, canonical, sha256, made_by_id)"
        " VALUES ('01J', 'EUS-2026-AAAAAA', %s, %s, 1, '{}', 'x', %s)",
        [declaration.pk, own, world.filer.pk],
    )
    assert level(declaration) == Assurance()
    for who, path in (
        ("filer", "/d/declarations/{}/"),
        ("filer", "/d/declarations/{}/end-user/"),
        ("reviewer", "/c/declarations/{}/end-user/"),
    ):
        page = plain(client_of(world.people[who]).get(path.format(declaration.number)))
        assert "nobody can be asked" in page, path
