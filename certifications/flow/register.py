"""What people do to the register, each act under a fresh factor, and what follows from it: mail, and declarations looked at again."""

import datetime as dt
from dataclasses import dataclass
from typing import Any

from django.db import transaction
from django.db.models import Exists, OuterRef, Q, QuerySet

from certifications.declarations.models import Declaration
from certifications.files import actions as files
from certifications.ledger.days import civil_today
from certifications.mail.actions import send_later, tell_all
from certifications.parties import authorising, changes, register
from certifications.parties.models import Party
from certifications.parties.models_register import (
    Authorisation,
    AuthorisationChange,
    AuthorisationDocument,
    AuthorisationReminder,
    AuthorisationTerms,
    TrainingRecord,
)
from certifications.parties.rules_register import TermsData
from certifications.people.factors import prove
from certifications.people.models import Organisation, User
from certifications.people.permissions import Permission, check
from certifications.people.queries import check_second, recipients

from . import resolution
from .advance import WAITING, send_round_again

DAYS_BEFORE = (60, 30, 7, 0)
PAPER, TRAINING = ":paper", ":training"
# A portal that stood still for a week still says that something ended.
LATE = dt.timedelta(days=7)


def record(
    *,
    party: Party,
    by: User,
    data: TermsData,
    renews: Authorisation | None = None,
    code: str = "",
    assertion: str = "",
    session: Any = None,
) -> Authorisation:
    """Enter an authorisation that the manufacturer gave. Raises Incomplete, NotAllowed, FactorRefused; nothing is half written."""
    check(by, Permission.EDIT_REGISTER)
    if renews is not None:
        authorising.check_renews(renews, None)
    authorising.check(party=party, parent=None, data=data)
    digest = authorising.digest_of(data=data, about=party.pk)
    proof = prove(by, digest=digest, purpose="register", code=code, assertion=assertion, session=session)
    with transaction.atomic():
        made = authorising.record_authorisation(party=party, by=by, data=data, renews=renews, proof=proof)
        resolution.look_later(party, because=f"right-{made.pk}")
        tell_holder(made, "authorisation_recorded")
    return made


def correct(
    *, authorisation: Authorisation, by: User, data: TermsData, reason: str, code: str = "", assertion: str = "", session: Any = None
) -> AuthorisationTerms:
    """Record other terms in place of those that count. The old ones stay, and what was known then is still answered by them."""
    check(by, Permission.EDIT_REGISTER)
    authorising.check_correction(authorisation=authorisation, data=data, reason=reason)
    digest = authorising.digest_of(data=data, about=authorisation.pk, reason=reason)
    proof = prove(by, digest=digest, purpose="register", code=code, assertion=assertion, session=session)
    with transaction.atomic():
        made = authorising.correct(authorisation=authorisation, by=by, data=data, reason=reason, proof=proof)
        tell_holder(authorisation, "authorisation_recorded")
        look_again(authorisation)
    return made


def propose_change(
    *, authorisation: Authorisation, by: User, code: str = "", assertion: str = "", session: Any = None, **words: Any
) -> AuthorisationChange:
    """Propose suspension, revocation or lifting from a day; the factor is bound to exactly these words."""
    check(by, Permission.CHANGE_AUTHORISATIONS)
    changes.check_change(authorisation=authorisation, **words)
    digest = changes.change_digest(authorisation=authorisation, **words)
    proof = prove(by, digest=digest, purpose="register", code=code, assertion=assertion, session=session)
    with transaction.atomic():
        change = changes.propose_change(authorisation=authorisation, by=by, proof=proof, **words)
        tell_all(
            recipients(Permission.CHANGE_AUTHORISATIONS),
            but=by,
            template="second_person_for_authorisation",
            context={"number": authorisation.number},
        )
    return change


def agree_change(*, change: AuthorisationChange, by: User, code: str = "", assertion: str = "", session: Any = None) -> Authorisation:
    """Another person agrees. The holder is told, and what it is about to ship is looked at again."""
    check(by, Permission.CHANGE_AUTHORISATIONS)
    check_second(proposer=change.proposed_by, by=by, right=Permission.CHANGE_AUTHORISATIONS)
    proof = prove(by, digest=change.digest, purpose="register", code=code, assertion=assertion, session=session)
    with transaction.atomic():
        authorisation = changes.agree_change(change=change, by=by, proof=proof)
        tell_holder(authorisation, "authorisation_changed")
        look_again(authorisation)
    return authorisation


def void_change(*, change: AuthorisationChange, by: User) -> None:
    """Take a proposal back, or refuse it."""
    check(by, Permission.CHANGE_AUTHORISATIONS)
    changes.void_change(change=change, by=by)


def add_document(
    *,
    authorisation: Authorisation,
    by: User,
    content: bytes,
    name: str,
    kind: str,
    title: str,
    dated_on: dt.date,
    good_until: dt.date | None = None,
) -> AuthorisationDocument:
    """Keep a contract or letter whole. Raises NotAllowed: `file` for what is neither PDF, JPEG nor PNG, `good_until`."""
    check(by, Permission.EDIT_REGISTER)
    with transaction.atomic():
        blob = files.store_paper(content, name=name, by_id=by.pk)
        return authorising.add_document(
            authorisation=authorisation, by=by, blob=blob, kind=kind, title=title, dated_on=dated_on, good_until=good_until
        )


def add_training(
    *, authorisation: Authorisation, by: User, topic: str, held_on: dt.date, good_until: dt.date, people: int
) -> TrainingRecord:
    """Record a training of the holder's people."""
    check(by, Permission.EDIT_REGISTER)
    return authorising.add_training(authorisation=authorisation, by=by, topic=topic, held_on=held_on, good_until=good_until, people=people)


def answering(authorisation: Authorisation) -> Organisation | None:
    """The organisation whose people hear about a right: the holder's own, or that of the nearest right above which has one."""
    held: Authorisation | None = authorisation
    while held is not None:
        if held.party.organisation is not None:
            return held.party.organisation
        held = held.parent
    return None


def tell_holder(authorisation: Authorisation, template: str, **context: Any) -> None:
    """Mail the holder's people; the mail names the number and nothing else."""
    organisation = answering(authorisation)
    if organisation is not None:
        tell_all(
            recipients(Permission.SEE_OWN_DECLARATIONS, organisation),
            template=template,
            context={"number": authorisation.number, **context},
        )


def look_again(authorisation: Authorisation) -> None:
    """The holder's standing changed: its declarations that wait go round again, so that none rests on what it was."""
    waiting = Declaration.objects.filter(organisation__party=authorisation.party, status__in=WAITING)
    last = changes.last_change(authorisation)
    terms = authorisation.terms.order_by("-recorded_at").first()
    for declaration in waiting:
        send_round_again(declaration, f"register-{(last or terms or authorisation).pk}")


@dataclass(frozen=True)
class Ending:
    """Something that ends: a right (`what` is empty), a part of it (the code of a risk set), a paper or a training (`title`)."""

    entry: register.Entry
    what: str
    day: dt.date
    title: str = ""

    @property
    def kind(self) -> str:
        """right, part, paper or training."""
        return {"": "right", PAPER: "paper", TRAINING: "training"}.get(self.what, "part")


def remind() -> int:
    """Tell holders and leads of what ends: 60, 30 and 7 days before and on the day, once each. Returns how many."""
    today = civil_today()
    told = 0
    for one in ending():
        left = max((one.day - today).days, 0)
        days = min(mark for mark in DAYS_BEFORE if mark >= left)
        told += _remind(one, days)
    return told


def ending() -> list[Ending]:
    """Rights, parts, papers and trainings that end within 60 days, or ended in the last week, and that nothing follows; by day."""
    today = civil_today()
    rows = [Ending(*row) for row in _rights_ending(today)]
    return sorted((*rows, *_behind_ending(today)), key=lambda one: (one.day, one.entry.authorisation.number))


def _named(rows: QuerySet[AuthorisationTerms]) -> QuerySet[AuthorisationTerms]:
    """With the names of the holders, which every reader of these rows shows."""
    return rows.select_related("authorisation__party").prefetch_related("authorisation__party__names")


def _behind_ending(today: dt.date) -> list[Ending]:
    """Papers and trainings of rights that still hold or are to come, where no later one of the same kind or topic follows."""
    window = (today - LATE, today + dt.timedelta(days=DAYS_BEFORE[0]))
    papers = AuthorisationDocument.objects.filter(good_until__range=window)
    # A paper that ends no later says nothing of who goes on.
    later = AuthorisationDocument.objects.filter(
        Q(good_until__isnull=True) | Q(good_until__gt=OuterRef("good_until")),
        authorisation=OuterRef("authorisation"),
        kind=OuterRef("kind"),
        dated_on__gt=OuterRef("dated_on"),
    )
    trainings = TrainingRecord.objects.filter(good_until__range=window)
    again = TrainingRecord.objects.filter(
        authorisation=OuterRef("authorisation"), topic__iexact=OuterRef("topic"), good_until__gt=OuterRef("good_until")
    )
    found = [(row.authorisation_id, PAPER, row.good_until, row.title) for row in papers.filter(~Exists(later))]
    found += [(row.authorisation_id, TRAINING, row.good_until, row.topic) for row in trainings.filter(~Exists(again))]
    book = register.as_of(today)
    entries = book.judged(_named(book.known().filter(authorisation__in={pk for pk, *_rest in found})))
    live = {entry.terms.authorisation_id: entry for entry in entries if entry.standing not in {"ended", "revoked"}}
    return [Ending(live[pk], what, day, title) for pk, what, day, title in found if pk in live and day is not None]


def _rights_ending(today: dt.date) -> list[tuple[register.Entry, str, dt.date]]:
    """(right, empty or the code of a risk set, the day) of rights that end soon and were not renewed."""
    held = register.as_of(today)
    window = (today - LATE, today + dt.timedelta(days=DAYS_BEFORE[0]))
    rows = _named(held.known().filter(authorisation__renewals__isnull=True))
    ending = [(entry, "", entry.terms.valid_until) for entry in held.judged(rows.filter(valid_until__range=window))]
    for entry in held.judged(rows.filter(valid_until__gt=today).exclude(risk_ends=[])):
        days = ((end["code"], dt.date.fromisoformat(end["until"])) for end in entry.terms.risk_ends)
        ending += [(entry, code, day) for code, day in days if window[0] <= day <= window[1]]
    return [row for row in ending if row[0].standing != "revoked"]


@transaction.atomic
def _remind(one: Ending, days: int) -> int:
    authorisation = one.entry.authorisation
    _row, first = AuthorisationReminder.objects.get_or_create(authorisation=authorisation, what=one.what, ends_on=one.day, days=days)
    if not first:
        return 0
    tell_holder(authorisation, "authorisation_ends", day=one.day, kind=one.kind)
    for user in recipients(Permission.EDIT_REGISTER):
        send_later(
            to_user=user,
            template="authorisation_ends",
            context={"number": authorisation.number, "day": one.day, "kind": one.kind, "for_lead": True},
        )
    return 1
