"""The only writes to tips. What whoever sent one does leaves no event at that moment: the record says so on a later day."""

import datetime as dt

from django.conf import settings
from django.db import IntegrityError, transaction
from django.db.models import Max, Q, Sum
from django.utils.translation import gettext as _

from certifications.files.cleaning import Cleaned
from certifications.ledger.actions import record
from certifications.ledger.days import civil_today
from certifications.ledger.ids import new_number
from certifications.ledger.moves import NotAllowed, StaleState, move
from certifications.people.models import User

from .models import Tip, TipFile, TipMessage
from .rules import MOST_FILES, MOST_KEPT, MOST_MESSAGES, TipData, receipt_hash, what_problem

Status = Tip.Status
LEAST_REASON = 10
# Long enough to see that it was none after all, and open it again.
SPAM_STAYS = dt.timedelta(days=7)


@transaction.atomic
def receive(*, data: TipData, files: list[Cleaned], code: str) -> Tip:
    """Keep a tip. The same receipt code is the same tip. Raises NotAllowed (what, files).

    No event here: an event has its moment, and the moment is not kept (`note_new` says on a later day that a tip came).
    """
    if problem := what_problem(data.what):
        raise NotAllowed(problem, "what")
    if len(files) > MOST_FILES:
        raise NotAllowed(_("At most %(n)d files can come with a tip.") % {"n": MOST_FILES}, "files")
    kept = receipt_hash(code)
    held = Tip.objects.filter(receipt_hash=kept).first()
    if held is not None:
        return held
    if files and (TipFile.objects.aggregate(n=Sum("size"))["n"] or 0) + sum(len(file.content) for file in files) > MOST_KEPT:
        raise NotAllowed(_("No more files can be kept at present. Send the tip without them, and say what they show."), "files")
    today = civil_today()
    words = {name: getattr(data, name).strip() for name in Tip.WORDS}
    try:
        with transaction.atomic():
            tip = Tip.objects.create(number=new_number("TIP", today.year), receipt_hash=kept, received_on=today, **words)
    except IntegrityError:
        # The form was sent twice in the same instant; the other one was first.
        return Tip.objects.get(receipt_hash=kept)
    for position, file in enumerate(files):
        TipFile.objects.create(tip=tip, position=position, media_type=file.media_type, size=len(file.content), content=file.content)
    return tip


def _locked(tip: Tip, *statuses: str) -> Tip:
    held = Tip.objects.select_for_update().get(pk=tip.pk)
    if held.status not in statuses:
        raise StaleState(_("The tip was closed meanwhile; load it again."))
    return held


def _write(tip: Tip, text: str, reader: User | None) -> TipMessage:
    last = tip.messages.aggregate(n=Max("position"))["n"]
    position = 0 if last is None else last + 1
    if position >= MOST_MESSAGES:
        raise NotAllowed(_("There are %(n)d messages already. Send a new tip, or close this one.") % {"n": MOST_MESSAGES}, "text")
    today = civil_today()
    return TipMessage.objects.create(
        tip=tip, position=position, reader=reader, text=text.strip(), written_on=today, noted=reader is not None
    )


@transaction.atomic
def answer(*, tip: Tip, text: str) -> TipMessage:
    """Whoever sent the tip says something more. Raises NotAllowed (text), StaleState. No event here, as in `receive`."""
    if not text.strip():
        raise NotAllowed(_("Write your answer."), "text")
    held = _locked(tip, Status.WAITING, Status.OPEN)
    last = held.messages.order_by("-position").first()
    if last is not None and last.reader_id is None and last.text == text.strip():
        return last  # sent twice
    return _write(held, text, None)


@transaction.atomic
def ask(*, tip: Tip, by: User, text: str) -> TipMessage:
    """A reader asks, or says something, to whoever sent it. Raises NotAllowed (text), StaleState."""
    if not text.strip():
        raise NotAllowed(_("Write your question."), "text")
    held = _locked(tip, Status.WAITING, Status.OPEN)
    made = _write(held, text, by)
    record(verb="tip.asked", obj=held, by=by, data={"message": made.position})
    take_up(tip=held, by=by)
    return made


def take_up(*, tip: Tip, by: User) -> None:
    """Somebody works on it now."""
    if tip.status == Status.WAITING:
        move(obj=tip, to=Status.OPEN, by=by)


@transaction.atomic
def close(*, tip: Tip, by: User, outcome: str, reason: str, words: str = "") -> None:
    """Close it with a reason; `words` is what whoever sent it reads. Raises NotAllowed (outcome, reason), StaleState."""
    if outcome not in Tip.Outcome.values:
        raise NotAllowed(_("Choose what became of it."), "outcome")
    if len(reason.strip()) < LEAST_REASON:
        raise NotAllowed(_("Say in a sentence why it is closed."), "reason")
    held = _locked(tip, Status.WAITING, Status.OPEN)
    if words.strip():
        _write(held, words, by)
    also = {"outcome": outcome, "reason": reason.strip()[:300], "closed_on": civil_today()}
    move(obj=held, to=Status.CLOSED, by=by, data={"outcome": outcome}, also=also)


@transaction.atomic
def close_as_spam(*, numbers: list[str], by: User) -> int:
    """Close many that are no tips at once; those that somebody works on or closed meanwhile are left. Returns how many."""
    found = list(Tip.objects.select_for_update().filter(number__in=numbers, status=Status.WAITING).order_by("pk"))
    also = {"outcome": Tip.Outcome.SPAM, "reason": "", "closed_on": civil_today()}
    for tip in found:
        move(obj=tip, to=Status.CLOSED, by=by, data={"outcome": Tip.Outcome.SPAM, "together": len(found)}, also=also)
    return len(found)


@transaction.atomic
def reopen(*, tip: Tip, by: User) -> None:
    """It was closed too early. Raises StaleState when it is not closed any more, or was erased."""
    held = _locked(tip, Status.CLOSED)
    move(obj=held, to=Status.OPEN, by=by, also={"outcome": "", "reason": "", "closed_on": None})


@transaction.atomic
def note_new(today: dt.date | None = None) -> int:
    """Say in the record which tips and answers came before today. Returns how many; nothing is said of one twice."""
    day = today or civil_today()
    noted = 0
    for tip in Tip.objects.select_for_update().filter(noted=False, received_on__lt=day).order_by("number"):
        record(verb="tip.received", obj=tip, data={"on": tip.received_on.isoformat(), "files": tip.files.count()})
        noted += Tip.objects.filter(pk=tip.pk, noted=False).update(noted=True)
    for message in (
        TipMessage.objects.select_for_update().filter(noted=False, written_on__lt=day).select_related("tip").order_by("tip__number")
    ):
        record(verb="tip.answered", obj=message.tip, data={"on": message.written_on.isoformat()})
        noted += TipMessage.objects.filter(pk=message.pk, noted=False).update(noted=True)
    return noted


def erase_old(today: dt.date | None = None) -> int:
    """Erase what was closed long enough ago (PORTAL_TIP_DAYS; a week where it was spam): words, files, messages. Returns how many tips."""
    day = today or civil_today()
    over = Q(closed_on__lte=day - dt.timedelta(days=settings.TIP_DAYS)) | Q(outcome=Tip.Outcome.SPAM, closed_on__lte=day - SPAM_STAYS)
    old = Tip.objects.filter(over, status=Status.CLOSED).values_list("pk", flat=True)
    return sum(_erase(pk) for pk in list(old))


@transaction.atomic
def _erase(pk: str) -> bool:
    held = Tip.objects.select_for_update().get(pk=pk)
    if held.status != Status.CLOSED:
        return False
    gone = {"files": held.files.count(), "messages": held.messages.count()}
    move(obj=held, to=Status.ERASED, by=None, data=gone, also={**dict.fromkeys(Tip.WORDS, ""), "reason": ""})
    # PostgreSQL lets rows of an erased tip go, and of no other.
    held.files.all().delete()
    held.messages.all().delete()
    return True
