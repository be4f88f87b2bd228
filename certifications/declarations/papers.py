"""The only writes to printed statements and their scans: printed once for an end user's text, filed by one person, checked by another."""

import datetime as dt
from collections.abc import Sequence
from dataclasses import dataclass

from django.db import IntegrityError, transaction
from django.db.models.functions import Now
from django.utils import timezone
from django.utils.translation import gettext as _

from certifications.files.models import Blob
from certifications.ledger.actions import record
from certifications.ledger.canonical import canonical, sha256_hex
from certifications.ledger.days import civil_today
from certifications.ledger.ids import new_number
from certifications.ledger.moves import NotAllowed, StaleState, move
from certifications.people.models import FactorProof, User
from certifications.people.queries import check_second
from certifications.people.second import check_proof

from .confirming import lock_askable
from .in_force import Incomplete
from .models import Declaration
from .models_enduser import PrintedStatement, ScanFile, StatementScan
from .own_texts import own_texts
from .queries import version_of
from .queries_enduser import of_speakers, still_says
from .rules import Problem
from .rules_enduser import MAX_SCAN_FILES, REFUSALS, normal_statement_code, speakers

Status = StatementScan.Status


@dataclass(frozen=True)
class SignedData:
    """Who signed the paper, in which function, on which day, as it stands there."""

    name: str
    role: str
    on: dt.date


@dataclass(frozen=True)
class CheckData:
    """What the second person found. `code` is typed off the pages of the scan; `refusal` a key of REFUSALS where it is refused."""

    code: str = ""
    all_pages: bool = False
    signed: bool = False
    refusal: str = ""
    text: str = ""


@transaction.atomic
def print_statement(*, declaration: Declaration, by: User, end_user: str = "") -> PrintedStatement:
    """The statement of an end user's text as it is now; printing it again gives the same one. Raises as lock_askable."""
    locked, own = lock_askable(declaration, by, end_user)
    who = of_speakers(speakers(own, own_texts(version_of(locked))))
    earlier = PrintedStatement.objects.filter(who, declaration=locked, sha256=own.sha256).first()
    if earlier is not None:
        return earlier
    made = None
    while made is None:
        try:
            with transaction.atomic():
                made = PrintedStatement.objects.create(
                    code=new_number("EUS", timezone.now().year),
                    declaration=locked,
                    customer_id=own.customer_id,
                    version_number=locked.version_number,
                    canonical=own.canonical,
                    sha256=own.sha256,
                    made_by=by,
                )
        except IntegrityError:
            continue  # the code is taken; the declaration is locked, so it is nothing else
    record(verb="printedstatement.made", obj=made, by=by, data={"declaration": locked.pk, "sha256": own.sha256})
    return made


@transaction.atomic
def keep_pdf(*, statement: PrintedStatement, blob: Blob, pages: int) -> None:
    """Keep what the worker wrote; repeating it changes nothing."""
    if PrintedStatement.objects.filter(pk=statement.pk, pdf__isnull=True).update(pdf=blob, pages=pages):
        record(verb="printedstatement.written", obj=statement, by=None, data={"pdf": blob.sha256, "pages": pages})


def scan_digest(*, statement: PrintedStatement, signed: SignedData, files: Sequence[str]) -> str:
    """What the second person gives a factor for: this statement, these files, this signature."""
    words = {"statement": statement.code, "text": statement.sha256, "files": list(files)}
    return sha256_hex(canonical({**words, "name": signed.name.strip(), "role": signed.role.strip(), "on": signed.on}))


def check_file_scan(*, statement: PrintedStatement, by: User, signed: SignedData, hashes: Sequence[str]) -> None:
    """Raise NotAllowed or Incomplete when such a scan cannot be filed. `hashes` are the files' SHA-256 in their order."""
    if by.organisation is None or statement.declaration.organisation_id != by.organisation.pk:
        raise NotAllowed(_("This declaration belongs to another distributor."), "own_organisation")
    if not still_says(statement.declaration, statement.customer_id, statement.sha256):
        raise StaleState(_("The declaration changed since the statement was printed, or is decided. Print it again."))
    problems = []
    if len(signed.name.strip()) < 2:  # noqa: PLR2004
        problems.append(Problem("signed_name", _("Enter the name that stands under the signature.")))
    if len(signed.role.strip()) < 2:  # noqa: PLR2004
        problems.append(Problem("signed_role", _("Enter the function that stands under the signature.")))
    if signed.on > civil_today() or signed.on < timezone.localtime(statement.made_at, dt.UTC).date() - dt.timedelta(days=1):
        problems.append(Problem("signed_on", _("The paper was printed on a later day, or this day is still to come. Read it again.")))
    if not 0 < len(hashes) <= MAX_SCAN_FILES:
        problems.append(Problem("files", _("Choose the scan: one PDF, or a picture of each page, eight at most.")))
    if statement.pdf is not None and statement.pdf.sha256 in hashes:
        problems.append(
            Problem("files", _("This is the statement as it was printed, without a signature. Choose the scan of the signed paper."))
        )
    if len(set(hashes)) < len(hashes):
        problems.append(Problem("files", _("The same picture is there twice; choose each page once.")))
    elsewhere = ScanFile.objects.filter(blob__sha256__in=hashes, scan__statement__declaration__organisation=by.organisation)
    other = elsewhere.exclude(scan__statement=statement).select_related("scan__statement__declaration").first()
    if other is not None:
        told = {"code": other.scan.statement.code, "number": other.scan.statement.declaration.number}
        problems.append(Problem("files", _("This file was filed for statement %(code)s of declaration %(number)s already.") % told))
    if problems:
        raise Incomplete(problems)


@transaction.atomic
def file_scan(*, statement: PrintedStatement, by: User, signed: SignedData, blobs: Sequence[Blob], form_key: str) -> StatementScan:
    """File the scan of a signed statement for a second person to check. The same form twice is one. Raises as check_file_scan."""
    Declaration.objects.select_for_update().get(pk=statement.declaration_id)
    held = PrintedStatement.objects.select_related("declaration", "pdf").get(pk=statement.pk)
    earlier = StatementScan.objects.filter(form_key=form_key, statement=held).first()
    if earlier is not None:
        return earlier
    hashes = [blob.sha256 for blob in blobs]
    check_file_scan(statement=held, by=by, signed=signed, hashes=hashes)
    if held.scans.filter(status__in=[Status.FILED, Status.ACCEPTED]).exists():
        raise StaleState(_("A scan of this statement waits for its check already, or was accepted."))
    made = StatementScan.objects.create(
        statement=held,
        digest=scan_digest(statement=held, signed=signed, files=hashes),
        signed_name=signed.name.strip(),
        signed_role=signed.role.strip(),
        signed_on=signed.on,
        filed_by=by,
        form_key=form_key,
    )
    ScanFile.objects.bulk_create(ScanFile(scan=made, position=number, blob=blob) for number, blob in enumerate(blobs, start=1))
    record(verb="statementscan.filed", obj=made, by=by, data={"statement": held.pk, "digest": made.digest, "files": hashes})
    return made


def _other_statement(typed: str, scan: StatementScan, by: User) -> str:
    """The sentence for a code that is not the scan's own; names the declaration where the reader may see it."""
    found = PrintedStatement.objects.select_related("declaration").filter(code=typed).first()
    told = {"typed": typed, "code": scan.statement.code}
    mine = by.organisation is not None and (
        by.organisation.kind == "manufacturer" or (found is not None and found.declaration.organisation_id == by.organisation.pk)
    )
    if found is not None and mine:
        told |= {"number": found.declaration.number, "version": str(found.version_number)}
        return (
            _(
                "%(typed)s is the statement of declaration %(number)s, version %(version)s, and not %(code)s. Refuse the scan as pages of another statement."
            )
            % told
        )
    return _("The statement printed for this declaration is %(code)s. If every page of the scan bears another code, refuse it.") % told


def check_checked(*, scan: StatementScan, by: User, data: CheckData) -> None:
    """Raise NotAllowed or Incomplete when this person cannot decide so about the scan. Asked before a factor is spent.

    Codes: own_organisation, stale_state, same_person, not_independent; problems name statement_code, all_pages, signed, refusal, text.
    """
    side = by.organisation
    if side is None or (side.kind != "manufacturer" and side.pk != scan.statement.declaration.organisation_id):
        raise NotAllowed(_("This declaration belongs to another distributor."), "own_organisation")
    if scan.status != Status.FILED:
        raise StaleState(_("The scan was checked by somebody else meanwhile; load it again."))
    check_second(proposer=scan.filed_by, by=by, right=None)
    paper = scan.statement
    if not still_says(paper.declaration, paper.customer_id, paper.sha256) and not data.refusal:
        raise StaleState(_("The declaration changed since the statement was printed, or is decided. The scan can only be refused."))
    problems = []
    if data.refusal:
        if data.refusal not in REFUSALS:
            problems.append(Problem("refusal", _("Choose why the scan is refused.")))
        if len(data.text.strip()) < 10:  # noqa: PLR2004
            problems.append(Problem("text", _("Say in a sentence what is wrong and how to mend it; whoever filed it reads this.")))
    else:
        typed = normal_statement_code(data.code)
        if not typed:
            problems.append(
                Problem("statement_code", _("Type the code that stands at the foot of the scanned pages, such as EUS-2026-7K3M9Q."))
            )
        elif typed != scan.statement.code:
            problems.append(Problem("statement_code", _other_statement(typed, scan, by)))
        if not data.all_pages:
            problems.append(Problem("all_pages", _("Accept only what is whole: every page, each with this code.")))
        if not data.signed:
            problems.append(Problem("signed", _("Accept only what bears the signature and the seal.")))
    if problems:
        raise Incomplete(problems)


@transaction.atomic
def check_scan(*, scan: StatementScan, by: User, data: CheckData, proof: FactorProof) -> StatementScan:
    """Accept or refuse a scan as the second person. Raises as check_checked, and NotAllowed (`digest`)."""
    Declaration.objects.select_for_update().get(pk=scan.statement.declaration_id)
    held = StatementScan.objects.select_related("statement__declaration", "filed_by").get(pk=scan.pk)
    check_checked(scan=held, by=by, data=data)
    check_proof(proof=proof, by=by, digest=held.digest, changed=_("The second factor was given for another scan. Look at it again."))
    assert by.organisation is not None
    also = {
        "checked_at": Now(),
        "checked_by": by,
        "checked_side": by.organisation.kind,
        "checked_proof_id": proof.pk,
        "refusal": data.refusal,
        "refusal_text": data.text.strip() if data.refusal else "",
    }
    told = {"statement": held.statement_id, "digest": held.digest, "proof": proof.pk, "refusal": data.refusal}
    move(obj=held, to=Status.REFUSED if data.refusal else Status.ACCEPTED, by=by, data=told, also=also)
    held.refresh_from_db()
    return held
