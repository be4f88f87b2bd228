"""The end user's own word on paper: printed with a code, signed by hand, filed by one person and checked by another."""

import datetime as dt
import io
from typing import Any

import pytest
from django.core.exceptions import PermissionDenied
from django.core.files.uploadedfile import SimpleUploadedFile
from django.db import DatabaseError, connection, transaction
from pypdf import PdfReader

from certifications.declarations import papers
from certifications.declarations.in_force import Incomplete
from certifications.declarations.models import Declaration
from certifications.declarations.models_enduser import PrintedStatement, StatementScan
from certifications.declarations.papers import CheckData
from certifications.declarations.queries import version_of
from certifications.declarations.rules_enduser import normal_statement_code
from certifications.files.actions import read
from certifications.files.models import Blob
from certifications.flow import sign as sign_flow
from certifications.flow import statements as flow
from certifications.ledger.ids import new_ulid
from certifications.ledger.models import Event
from certifications.ledger.moves import NotAllowed, StaleState
from certifications.mail.models import Mail
from certifications.people.models import Membership
from tests.world import World, client_of, code_of, proof_for

from . import end_users
from .end_users import plain, printed, scanned

pytestmark = pytest.mark.django_db
PDF = b"%PDF-1.7 signed and sealed"
PNG = b"\x89PNG\r\n\x1a\n page "


@pytest.fixture
def signed(world: World) -> Declaration:
    return world.signed()


def address(declaration: Declaration, what: str = "", side: str = "d") -> str:
    return f"/{side}/declarations/{declaration.number}/end-user/{what}"


def filed(world: World, statement: PrintedStatement, *files: tuple[str, bytes], **changes: Any) -> Any:
    """Send the scan through the page."""
    form = {
        "statement": statement.pk, "form_key": new_ulid(), "signed_name": "Shen Yiran", "signed_role": "Head of Genetics",
        "signed_on": dt.datetime.now(tz=dt.UTC).date().isoformat(),
        "files": [SimpleUploadedFile(name, content) for name, content in files or [("scan.pdf", PDF)]], **changes,
    }  # fmt: skip
    return client_of(world.filer).post(address(statement.declaration, "scan/"), form)


def checked(world: World, scan: StatementScan, who: str = "signatory", **form: Any) -> Any:
    """Send the second person's verdict through the page of its side."""
    person = world.people[who]
    side = "c" if who in {"reviewer", "lead", "second_reviewer"} else "d"
    path = address(scan.statement.declaration, f"scan/{scan.pk}/check/", side)
    return client_of(person).post(path, {"code": code_of(person), **form})


def accepting(scan: StatementScan) -> dict[str, str]:
    return {"statement_code": scan.statement.code, "all_pages": "1", "signed": "1"}


def level(declaration: Declaration) -> str:
    return end_users.level(declaration).level


def test_the_statement_holds_the_text_and_its_code_stands_on_every_page(world: World, signed: Declaration) -> None:
    made = printed(world, signed)
    reader = PdfReader(io.BytesIO(read(made.pdf)))  # type: ignore[arg-type]
    pages = ["".join(page.extract_text().split()) for page in reader.pages]
    assert made.pages == len(pages)
    for page in pages:
        assert made.code in page
        assert made.sha256[:8] in page
    whole = "".join(pages)
    version = version_of(signed)
    for wanted in (signed.number, "宁波江南医院", version.place_address, "CI-2440-100", made.sha256):
        assert "".join(wanted.split()) in whole
    for clause in version.clause_set.clauses.all():
        assert "".join(clause.text.split()) in whole
    assert "statement.json" in reader.attachments


def test_the_same_text_is_printed_once_and_another_text_has_another_code(world: World) -> None:
    draft = world.draft()
    first = printed(world, draft)
    assert printed(world, draft, by="signatory") == first
    from certifications.declarations import drafting

    drafting.edit(declaration=draft, by=world.filer, data=world.data(draft.customer, end_use="Tissue typing, about 200 samples a month."))
    assert printed(world, draft).code != first.code


def test_the_whole_way_of_a_paper(world: World, signed: Declaration) -> None:
    filer = client_of(world.filer)
    assert filer.post(address(signed, "print/")).status_code == 302
    statement = PrintedStatement.objects.get()
    flow.make(statement.pk)
    got = filer.get(address(signed, "statement.pdf"))
    assert got.content.startswith(b"%PDF-")
    assert "attachment" in got["Content-Disposition"]
    statement.refresh_from_db()
    assert filed(world, statement).status_code == 302
    scan = StatementScan.objects.get()
    assert [m.to_email for m in Mail.objects.filter(template="statement_to_check")] == [world.signatory.email]
    assert "Compare the signed statement" in plain(client_of(world.signatory).get("/d/"))
    assert client_of(world.signatory).get(address(signed, f"scan/{scan.pk}/1/")).content == PDF
    assert level(signed) == "distributor"
    assert checked(world, scan, **accepting(scan)).status_code == 302
    scan.refresh_from_db()
    assert (scan.status, scan.checked_by, scan.checked_side) == ("accepted", world.signatory, "distributor")
    assert level(signed) == "paper"
    verbs = list(
        Event.objects.filter(object_id__in=[statement.pk, scan.pk]).exclude(verb__startswith="read.").values_list("verb", flat=True)
    )
    assert sorted(verbs) == ["printedstatement.made", "printedstatement.written", "statementscan.accepted", "statementscan.filed"]
    assert Mail.objects.filter(template="statement_accepted", to_email=world.filer.email).exists()
    page = plain(client_of(world.auditor).get(address(signed, side="c")))
    assert "End user's signed paper, checked" in page
    assert "Tang Mei" in page


def test_nobody_checks_what_they_filed(world: World, signed: Declaration) -> None:
    scan = scanned(world, signed, by="signatory")
    answer = checked(world, scan, **accepting(scan))
    assert answer.status_code == 422
    assert "another person must agree" in plain(answer)
    assert checked(world, scan, "reviewer", **accepting(scan)).status_code == 302
    scan.refresh_from_db()
    assert scan.checked_side == "manufacturer"


def test_nobody_checks_what_somebody_filed_whom_they_invited(world: World, signed: Declaration) -> None:
    scan = scanned(world, signed)
    Membership.objects.filter(user=world.filer).update(ended_at=dt.datetime.now(tz=dt.UTC), ended_by_id="x")
    Membership.objects.create(user=world.filer, organisation=world.qinglan, role="filer", created_by_id=world.signatory.pk)
    with pytest.raises(NotAllowed) as refused:
        papers.check_checked(scan=scan, by=world.signatory, data=CheckData(code=scan.statement.code, all_pages=True, signed=True))
    assert refused.value.code == "not_independent"


def test_where_the_distributor_has_nobody_else_compliance_is_asked(world: World, signed: Declaration) -> None:
    scanned(world, signed, by="signatory")
    assert {m.to_email for m in Mail.objects.filter(template="statement_to_check")} >= {world.reviewer.email, world.lead.email}


def test_a_filer_does_not_check_and_a_reviewer_does_not_file(world: World, signed: Declaration) -> None:
    scan = scanned(world, signed, by="signatory")
    assert client_of(world.filer).post(address(signed, f"scan/{scan.pk}/check/"), accepting(scan)).status_code == 404
    with pytest.raises(PermissionDenied):
        flow.print_statement(declaration=signed, by=world.reviewer)


def test_a_scan_of_another_statement_s_pages_is_refused_by_name(world: World, signed: Declaration) -> None:
    other = printed(world, world.draft())
    scan = scanned(world, signed)
    answer = checked(world, scan, statement_code=other.code.lower().replace("-", " "), all_pages="1", signed="1")
    assert answer.status_code == 422
    page = plain(answer)
    assert f"{other.code} is the statement of declaration {other.declaration.number}" in page
    assert StatementScan.objects.get().status == "filed"
    reason = {"verdict": "refuse", "refusal": "other_statement", "text": f"These are the pages of {other.code}; scan the right ones."}
    assert checked(world, scan, **reason).status_code == 302
    scan.refresh_from_db()
    assert (scan.status, scan.refusal) == ("refused", "other_statement")
    assert level(signed) == "distributor"
    page = plain(client_of(world.filer).get(address(signed)))
    assert "The pages are those of another statement" in page
    assert "scan the right ones" in page
    assert scanned(world, signed, content=b"%PDF-1.7 the right one").status == "filed"


def test_a_rival_s_statement_is_not_named(world: World, signed: Declaration) -> None:
    foreign = printed(world, world.draft(by="stranger"), by="stranger")
    scan = scanned(world, signed)
    page = plain(checked(world, scan, statement_code=foreign.code, all_pages="1", signed="1"))
    assert foreign.declaration.number not in page
    assert f"The statement printed for this declaration is {scan.statement.code}" in page


@pytest.mark.parametrize(
    ("lacking", "says"),
    [("statement_code", "Type the code"), ("all_pages", "Accept only what is whole"), ("signed", "bears the signature and the seal")],
)
def test_half_a_check_is_none(world: World, signed: Declaration, lacking: str, says: str) -> None:
    scan = scanned(world, signed)
    answer = checked(world, scan, **{k: v for k, v in accepting(scan).items() if k != lacking})
    assert answer.status_code == 422
    assert says in plain(answer)
    assert level(signed) == "distributor"


def test_a_refusal_says_why(world: World, signed: Declaration) -> None:
    scan = scanned(world, signed)
    assert "Choose why" in plain(checked(world, scan, verdict="refuse", text="Something is wrong with it."))
    assert "Say in a sentence" in plain(checked(world, scan, verdict="refuse", refusal="unreadable", text="no"))


def test_a_check_takes_a_fresh_factor(world: World, signed: Declaration) -> None:
    scan = scanned(world, signed)
    path = address(signed, f"scan/{scan.pk}/check/")
    answer = client_of(world.signatory).post(path, {**accepting(scan), "code": "000000"})
    assert answer.status_code == 422
    with pytest.raises(NotAllowed, match="given for another scan"):
        papers.check_scan(
            scan=scan,
            by=world.signatory,
            data=CheckData(scan.statement.code, all_pages=True, signed=True),
            proof=proof_for(world.signatory, "0" * 64, "statement"),
        )
    assert level(signed) == "distributor"


@pytest.mark.parametrize(
    ("files", "changes", "says"),
    [
        ([("scan.exe", b"MZ whatever")], {}, "scan.exe is neither PDF, JPEG nor PNG"),
        ([("a.png", PNG + b"1"), ("b.png", PNG + b"1")], {}, "The same picture is there twice"),
        ([(f"{n}.png", PNG + bytes([n])) for n in range(9)], {}, "eight at most"),
        ([], {"signed_on": "2020-01-01"}, "was printed on a later day"),
        ([], {"signed_on": "2090-01-01"}, "is still to come"),
        ([], {"signed_name": "S"}, "Enter the name"),
    ],
)
def test_what_cannot_be_the_signed_paper_is_refused_and_nothing_kept(
    world: World, signed: Declaration, files: list[tuple[str, bytes]], changes: dict[str, str], says: str
) -> None:
    statement = printed(world, signed)
    before = Blob.objects.count()
    answer = filed(world, statement, *files, **changes)
    assert answer.status_code == 422
    assert says in plain(answer)
    assert Blob.objects.count() == before
    assert not StatementScan.objects.exists()


def test_the_unsigned_print_and_a_file_of_another_statement_are_refused_by_name(world: World, signed: Declaration) -> None:
    statement = printed(world, signed)
    answer = filed(world, statement, ("print.pdf", read(statement.pdf)))  # type: ignore[arg-type]
    assert "without a signature" in plain(answer)
    other = scanned(world, world.draft())
    answer = filed(world, statement, ("scan.pdf", PDF))
    assert f"filed for statement {other.statement.code} of declaration {other.statement.declaration.number} already" in plain(answer)


def test_pictures_of_pages_are_kept_in_their_order(world: World, signed: Declaration) -> None:
    statement = printed(world, signed)
    assert filed(world, statement, ("2.png", PNG + b"two"), ("1.png", PNG + b"one")).status_code == 302
    assert [f.blob.name for f in StatementScan.objects.get().files.all()] == ["2.png", "1.png"]


def test_the_same_form_twice_is_one_scan_and_a_second_one_waits(world: World, signed: Declaration) -> None:
    statement, key = printed(world, signed), new_ulid()
    assert [filed(world, statement, form_key=key).status_code for _ in range(2)] == [302, 302]
    assert StatementScan.objects.count() == 1
    answer = filed(world, statement, ("other.pdf", b"%PDF-1.7 other"))
    assert "waits for its check already" in plain(answer)


def test_a_declaration_that_changed_or_was_decided_takes_no_paper(world: World, signed: Declaration) -> None:
    scan = scanned(world, signed)
    sign_flow.withdraw_declaration(declaration=signed, by=world.filer, reason="order")
    with pytest.raises(StaleState):
        papers.check_checked(
            scan=scan.__class__.objects.get(pk=scan.pk), by=world.signatory, data=CheckData(scan.statement.code, True, True)
        )
    with pytest.raises(StaleState):
        scanned(world, signed)
    # What waits can still be refused, so that nothing hangs for ever.
    refused = checked(world, scan, verdict="refuse", refusal="unreadable", text="The declaration was withdrawn meanwhile.")
    assert refused.status_code == 302


def test_a_rival_reaches_neither_statement_nor_scan(world: World, signed: Declaration) -> None:
    scan = scanned(world, signed)
    rival = client_of(world.stranger)
    for what in ("statement.pdf", f"scan/{scan.pk}/1/", ""):
        assert rival.get(address(signed, what)).status_code == 404
    own = world.draft(by="stranger")
    assert rival.get(address(own, f"scan/{scan.pk}/1/")).status_code == 404
    assert client_of(world.filer).get(address(signed, f"scan/{scan.pk}/9/")).status_code == 404


def test_postgresql_refuses_one_person_as_both_and_a_verdict_without_a_check(world: World, signed: Declaration) -> None:
    scan = scanned(world, signed)
    for statement in (
        "UPDATE certifications_statementscan SET status = 'accepted' WHERE id = %s",
        "UPDATE certifications_statementscan SET status = 'accepted', checked_at = now(), checked_by_id = filed_by_id, "
        + "checked_side = 'distributor', checked_proof_id = 'P' WHERE id = %s",
        "UPDATE certifications_statementscan SET signed_name = 'Somebody else' WHERE id = %s",
        "DELETE FROM certifications_statementscan WHERE id = %s",
    ):
        with pytest.raises(DatabaseError), transaction.atomic(), connection.cursor() as cursor:
            cursor.execute(statement, [scan.pk])


@pytest.mark.parametrize(
    ("typed", "meant"),
    [("eus 2026 7k3m9q", "EUS-2026-7K3M9Q"), ("EUS-2O26-7K3M9Q", "EUS-2026-7K3M9Q"), ("EUS-2026-OIL123", "EUS-2026-011123"), ("EUC-2026-7K3M9Q", ""), ("", "")],
)  # fmt: skip
def test_a_code_is_read_off_paper_with_its_usual_slips(typed: str, meant: str) -> None:
    assert normal_statement_code(typed) == meant


def test_problems_are_named_by_their_field(world: World, signed: Declaration) -> None:
    scan = scanned(world, signed)
    with pytest.raises(Incomplete) as refused:
        papers.check_checked(scan=scan, by=world.signatory, data=CheckData())
    assert [p.field for p in refused.value.problems] == ["statement_code", "all_pages", "signed"]
