"""What follows from tips: who reads them, by two people; a mail that says only that one waits; evidence without a trace of who told."""

from typing import Any

from django.db import transaction

from certifications.evidence.models import EvidenceDocument
from certifications.ledger.actions import record
from certifications.mail.actions import send_later, tell_all
from certifications.people import tip_readers
from certifications.people.factors import prove
from certifications.people.models import User
from certifications.people.models_tips import TipReader
from certifications.people.permissions import Permission, check
from certifications.people.queries import check_second, recipients
from certifications.tips import actions as tips
from certifications.tips.models import Tip

from . import evidence


def propose(*, by: User, reader: str, explanation: str, code: str = "", assertion: str = "", session: Any = None) -> TipReader:
    """Propose who reads tips. Raises NotAllowed, FactorRefused."""
    check(by, Permission.NAME_TIP_READERS)
    tip_readers.check_proposal(by=by, reader=reader, explanation=explanation)
    digest = tip_readers.reader_digest(reader=reader, explanation=explanation)
    proof = prove(by, digest=digest, purpose="tips", code=code, assertion=assertion, session=session)
    with transaction.atomic():
        made = tip_readers.propose(by=by, reader=reader, explanation=explanation, proof=proof)
        for user in recipients(Permission.NAME_TIP_READERS):
            if user.pk not in {by.pk, reader}:
                send_later(to_user=user, template="second_person_for_tips", context={})
    return made


def agree(*, held: TipReader, by: User, code: str = "", assertion: str = "", session: Any = None) -> TipReader:
    """Another person agrees. Raises NotAllowed, FactorRefused."""
    check(by, Permission.NAME_TIP_READERS)
    check_second(proposer=held.proposed_by, by=by, right=Permission.NAME_TIP_READERS)
    tip_readers.check_agreement(held=held, by=by)
    proof = prove(by, digest=held.digest, purpose="tips", code=code, assertion=assertion, session=session)
    return tip_readers.agree(held=held, by=by, proof=proof)


def void(*, held: TipReader, by: User) -> None:
    """Take a naming back, or refuse it."""
    check(by, Permission.NAME_TIP_READERS)
    tip_readers.void(held=held, by=by)


def capture(*, tip: Tip, by: User, text: str, source_url: str, title: str, form_key: str) -> EvidenceDocument:
    """Keep what the reader wrote down from a tip as evidence: source unattested. Nothing else of the tip goes along.

    Raises evidence.readers.Unreadable for a text that can be no evidence.
    """
    check(by, Permission.READ_TIPS)
    with transaction.atomic():
        document = evidence.capture(
            by=by, content=text.encode(), name="tip.txt", origin="tip", source_url=source_url, title=title, form_key=form_key
        )
        record(verb="tip.captured", obj=tip, by=by, data={"document": document.pk})
        tips.take_up(tip=tip, by=by)
    return document


def tell_readers() -> int:
    """Worker: on the day after tips or answers came, one mail to each reader; it names none. Returns how many came."""
    with transaction.atomic():
        noted = tips.note_new()
        if noted:
            tell_all(recipients(Permission.READ_TIPS), template="tip_waits", context={})
    return noted


def erase_old() -> int:
    """Worker: erase tips that were closed long enough ago."""
    return tips.erase_old()
