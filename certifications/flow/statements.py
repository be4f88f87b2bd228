"""The end user's own word on paper: the statement is printed here, its scan filed by one person and checked by another."""

import json
from collections.abc import Sequence
from typing import Any

from django.db import transaction
from django.utils.translation import gettext as _

from certifications.attestations.render import render_statement
from certifications.declarations import papers
from certifications.declarations.actions import power_over
from certifications.declarations.in_force import Incomplete
from certifications.declarations.models import Declaration
from certifications.declarations.models_enduser import PrintedStatement, StatementScan
from certifications.declarations.own_texts import own_texts
from certifications.declarations.papers import CheckData, SignedData
from certifications.declarations.queries import version_of
from certifications.declarations.queries_enduser import page_of
from certifications.declarations.rules import Problem
from certifications.files import actions as files
from certifications.files.rules import media_type_of
from certifications.ledger.canonical import canonical, sha256_hex
from certifications.ledger.moves import NotAllowed
from certifications.mail.actions import tell_all
from certifications.people.factors import prove
from certifications.people.models import User
from certifications.people.permissions import Permission, check
from certifications.people.powers import powers_of
from certifications.people.queries import in_place_of, independent, recipients, users_with
from certifications.work.actions import enqueue

from .advance import tell_if_ready
from .texts import unprintable


def print_statement(*, declaration: Declaration, by: User, end_user: str = "") -> PrintedStatement:
    """The statement to be signed by hand; of several end users that of the customer `end_user`. A worker writes its PDF.

    Raises Incomplete, NotAllowed, StaleState.
    """
    check(by, Permission.ASK_END_USER)
    # What is printed, and no more: what stands in another's part never keeps this one from its paper.
    texts = own_texts(version_of(declaration))
    for own in texts if len(texts) == 1 else [own for own in texts if own.customer_id == end_user]:
        for problem in unprintable({"text": json.loads(own.canonical)}).values():
            raise NotAllowed(problem, "glyph")
    with transaction.atomic():
        made = papers.print_statement(declaration=declaration, by=by, end_user=end_user)
        enqueue("statement", made.pk)
    return made


def make(statement_id: str) -> None:
    """Worker: write the PDF of a statement. Idempotent."""
    statement = PrintedStatement.objects.select_related("declaration__organisation").get(pk=statement_id)
    if statement.pdf_id is not None:
        return
    payload = {
        "schema": "end-user-statement/1",
        "code": statement.code,
        "sha256": statement.sha256,
        "made_at": statement.made_at,
        "distributor": statement.declaration.organisation.name,
        "text": json.loads(statement.canonical),
    }
    pdf, pages = render_statement(json.loads(canonical(payload)))
    with transaction.atomic():
        blob = files.store(pdf, name=f"{statement.code}.pdf", media_type="application/pdf")
        papers.keep_pdf(statement=statement, blob=blob, pages=pages)


def file_scan(
    *, statement: PrintedStatement, by: User, signed: SignedData, contents: Sequence[tuple[str, bytes]], form_key: str
) -> StatementScan:
    """File the scan of a signed statement: (name, bytes) of each file. Raises Incomplete, NotAllowed; then nothing is kept."""
    check(by, Permission.ASK_END_USER)
    kinds = [media_type_of(content) for _name, content in contents]
    for (name, _content), kind in zip(contents, kinds, strict=True):
        if not kind:
            told = {"name": files.safe_name(name)}
            raise Incomplete([Problem("files", _("%(name)s is neither PDF, JPEG nor PNG. Save or scan it as PDF.") % told)])
    papers.check_file_scan(statement=statement, by=by, signed=signed, hashes=[sha256_hex(content) for _name, content in contents])
    with transaction.atomic():
        blobs = [
            files.store(content, name=name, media_type=kind, by_id=by.pk) for (name, content), kind in zip(contents, kinds, strict=True)
        ]
        made = papers.file_scan(statement=statement, by=by, signed=signed, blobs=blobs, form_key=form_key)
        _ask_second(made)
    return made


def right_to_check(user: User) -> Permission:
    """What a person needs to check a scan: a distributor's people check their own, the manufacturer's any."""
    is_maker = user.organisation is not None and user.organisation.kind == "manufacturer"
    return Permission.CHECK_ANY_STATEMENTS if is_maker else Permission.CHECK_OWN_STATEMENTS


def _ask_second(scan: StatementScan) -> None:
    """Tell the distributor's others who may check it; where there is none, compliance."""
    declaration = scan.statement.declaration
    own = users_with(Permission.CHECK_OWN_STATEMENTS, declaration.organisation)
    context = _context(scan)
    able = [user for user in own if independent(scan.filed_by, user)]
    tell_all(able, template="statement_to_check", context={**context, "side": "d"})
    if not able:
        tell_all(recipients(Permission.CHECK_ANY_STATEMENTS), template="statement_to_check", context={**context, "side": "c"})


def _context(scan: StatementScan) -> dict[str, str]:
    statement = scan.statement
    return {"number": statement.declaration.number, "code": statement.code, "at_page": page_of(statement)}


def _check_power(scan: StatementScan, by: User, *, lock: bool = False) -> None:
    """A distributor's person checks within its delegation. Raises NotAllowed (power)."""
    power_over(version_of(scan.statement.declaration), powers_of(by, lock=lock), "statements")


def check_scan(
    *, scan: StatementScan, by: User, data: CheckData, code: str = "", assertion: str = "", session: Any = None
) -> StatementScan:
    """Accept or refuse a scan as the second person, with a fresh factor. Raises Incomplete, NotAllowed, FactorRefused."""
    check(by, right_to_check(by))
    papers.check_checked(scan=scan, by=by, data=data)
    _check_power(scan, by)
    proof = prove(by, digest=scan.digest, purpose="statement", code=code, assertion=assertion, session=session)
    with transaction.atomic():
        _check_power(scan, by, lock=True)
        done = papers.check_scan(scan=scan, by=by, data=data, proof=proof)
        template = "statement_refused" if data.refusal else "statement_accepted"
        declaration = scan.statement.declaration
        tell_all(in_place_of(scan.filed_by, Permission.ASK_END_USER, declaration.organisation), template=template, context=_context(scan))
        if not data.refusal and done.checked_at is not None:
            tell_if_ready(declaration, done.checked_at)
    return done
