"""The only writes to lists and their versions: imports, and lists of our own.

Entries go to the database while the file is read, inside a savepoint: a file that turns out to be cut leaves nothing.
"""

import datetime as dt
from collections.abc import Iterator
from dataclasses import dataclass
from itertools import islice

import structlog
from django.conf import settings
from django.db import transaction
from django.db.models.functions import Now
from django.utils.translation import gettext as _

from certifications.ledger.actions import record
from certifications.ledger.canonical import sha256_hex
from certifications.ledger.ids import new_ulid
from certifications.ledger.moves import NotAllowed
from certifications.people.models import User

from .importers import FORMATS, Content, Format, ListUnreadable, Notes, RawEntry, ShapeChanged, entries_of, recognise
from .models import ListEntry, ListSource, ListVersion
from .queries import YENTE, newest_good
from .rules import codes_in, shrink_problem
from .yente import Dataset

log = structlog.get_logger(__name__)
START, BATCH = 16_384, 1000
LONGEST_REFUSAL = 600


@dataclass(frozen=True)
class Outcome:
    """What came of reading a file: the entries are kept under the version's id where `count` is not 0."""

    count: int
    notes: Notes
    problem: str = ""
    why: str = ""


@transaction.atomic
def import_list(*, source: ListSource, content: Content, by: User | None) -> ListVersion:
    """Import one file: the same bytes again only confirm the version; a file that is refused changes nothing in force.

    A refused file is a row with its reason, so that somebody sees it. One that shrank or changed its shape keeps its entries
    aside for two people to look at; one that is damaged keeps nothing.
    """
    source = ListSource.objects.select_for_update().get(pk=source.pk)
    digest = sha256_hex(content)  # type: ignore[arg-type]
    last = newest_good(source)
    if last is not None and last.sha256 == digest:
        ListVersion.objects.filter(pk=last.pk).update(confirmed_at=Now())
        record(verb="list.unchanged", obj=last, by=by, data={"sha256": digest})
        last.refresh_from_db()
        return last
    newest = source.versions.order_by("-imported_at").first()
    if newest is not None and newest.sha256 == digest and newest.why in {ListVersion.Why.SHRUNK, ListVersion.Why.SHAPE}:
        # A nightly job brings what waits for two people again and again: it is held once.
        record(verb="list.refused", obj=newest, by=by, data={"source": source.code, "sha256": digest, "again": True})
        return newest
    key = new_ulid()
    found, wrong = _format_of(source, content)
    outcome = Outcome(0, Notes(), wrong, ListVersion.Why.DAMAGED) if wrong else _read(key, content, found)
    outcome = _judged(outcome, last)
    version = ListVersion(
        pk=key,
        source=source,
        sha256=digest,
        entry_count=outcome.count,
        state=ListVersion.State.REFUSED if outcome.problem else ListVersion.State.ACCEPTED,
        refusal=outcome.problem[:LONGEST_REFUSAL],
        why=outcome.why,
        format=found.code,
        dated_on=outcome.notes.dated,
        ignored_count=outcome.notes.ignored,
        merged_count=outcome.notes.merged,
        imported_by_id=by.pk if by else "",
    )
    version.save(force_insert=True)
    version.refresh_from_db()
    if outcome.problem:
        log.warning("list refused", source=source.code, version=version.pk, entries=outcome.count, why=outcome.why)
    record(
        verb="list.refused" if outcome.problem else "list.imported",
        obj=version,
        by=by,
        data={"source": source.code, "sha256": digest, "entries": outcome.count, "format": found.code},
    )
    return version


def _format_of(source: ListSource, content: Content) -> tuple[Format, str]:
    """(the format to read the file in, why not). A file of another list is refused by the name of that list."""
    start = bytes(content[:START])
    found = recognise(start)
    if found is None:
        # Let the list's own reader say what is wrong; it knows best what it misses.
        kind = {b"<": "xml", b"{": "ftm"}.get(start.lstrip(b"\xef\xbb\xbf \r\n\t")[:1], "csv")
        fitting = [code for code in source.takes if code.endswith(kind)] or list(source.takes)
        return FORMATS[fitting[0]], ""
    if found.code not in source.takes:
        taken = FORMATS[source.takes[0]].words
        return found, _("This is %(w)s; here belongs %(t)s. Nothing was read.") % {"w": found.words, "t": taken}
    return found, ""


def _read(key: str, content: Content, found: Format) -> Outcome:
    """Read strictly; where the shape changed, read once more and keep aside what can be read."""
    notes = Notes()
    try:
        with transaction.atomic():
            return Outcome(_insert(key, entries_of(content, notes, found)), notes)
    except ShapeChanged as changed:
        shape = str(changed)
    except ListUnreadable as error:
        return Outcome(0, Notes(), str(error), ListVersion.Why.DAMAGED)
    notes = Notes(lenient=True)
    try:
        with transaction.atomic():
            count = _insert(key, entries_of(content, notes, found))
    except ListUnreadable as error:
        return Outcome(0, Notes(), f"{shape} {error}", ListVersion.Why.DAMAGED)
    return Outcome(count, notes, " ".join(dict.fromkeys(notes.changes)) or shape, ListVersion.Why.SHAPE)


def _judged(outcome: Outcome, last: ListVersion | None) -> Outcome:
    """The outcome with the guard against a list that shrank."""
    if outcome.why == ListVersion.Why.DAMAGED:
        return outcome
    shrunk = shrink_problem(before=last.entry_count if last else 0, after=outcome.count)
    if not shrunk:
        return outcome
    why = outcome.why or (ListVersion.Why.SHRUNK if outcome.count else ListVersion.Why.DAMAGED)
    return Outcome(outcome.count, outcome.notes, " ".join(filter(None, (outcome.problem, shrunk))), why)


def _insert(key: str, entries: Iterator[RawEntry]) -> int:
    """Keep the entries under the version's id, which is written after them in the same transaction; how many."""
    count = 0
    while batch := [_entry(key, found) for found in islice(entries, BATCH)]:
        ListEntry.objects.bulk_create(batch)
        count += len(batch)
    return count


def _entry(key: str, entry: RawEntry) -> ListEntry:
    return ListEntry(
        version_id=key,
        entry_id=entry.entry_id,
        schema=entry.schema,
        name=entry.name,
        names=list(dict.fromkeys(entry.names)),
        programme=entry.programme,
        citation=entry.citation,
        requirement=entry.requirement,
        policy=entry.policy,
        identifiers=list(entry.identifiers),
        addresses=list(entry.addresses),
        codes=list(entry.codes) or sorted(codes_in(entry.identifiers)),
    )


@transaction.atomic
def put_in_force(*, source: ListSource, by: User | None) -> None:
    """From now on every party must be screened against this list. Raises NotAllowed while it holds no good version.

    There is no way back here: a list that is taken away weakens every screening, and one person does not do that.
    """
    held = ListSource.objects.select_for_update().get(pk=source.pk)
    if held.in_force:
        return
    if newest_good(held) is None:
        raise NotAllowed(_("This list has no accepted version yet. Import it first."), "no_version")
    ListSource.objects.filter(pk=held.pk).update(in_force=True)
    record(verb="list.in_force", obj=held, by=by, data={"source": held.code})


@transaction.atomic
def make_private_list(
    *, code: str, title: str, basis: str, fresh_hours: int | None, review_on: dt.date | None, by: User, today: dt.date
) -> ListSource:
    """A list of our own, not in force yet: good for some hours, or until the day of its review. The same code again is the same list."""
    if (fresh_hours is None) == (review_on is None):
        raise NotAllowed(_("Give either hours or the day of the next review."), "fresh_hours")
    if review_on is not None and review_on <= today:
        raise NotAllowed(_("Choose a day after today."), "review_on")
    source, made = ListSource.objects.get_or_create(
        code=code,
        defaults={
            "title": title,
            "basis": basis,
            "is_private": True,
            "formats": "private_csv",
            "kind": ListSource.Kind.DATED if review_on is None else ListSource.Kind.REVIEWED,
            "fresh_hours": fresh_hours or 48,
            "review_on": review_on,
            "in_force": False,
        },
    )
    if made:
        record(verb="list.made", obj=source, by=by, data={"source": code, "review_on": review_on.isoformat() if review_on else ""})
    return source


@transaction.atomic
def review(*, source: ListSource, review_on: dt.date, by: User, today: dt.date) -> None:
    """A person looked through a reviewed list; it is good until another day. Raises NotAllowed."""
    held = ListSource.objects.select_for_update().get(pk=source.pk)
    if held.kind != ListSource.Kind.REVIEWED:
        raise NotAllowed(_("This list has an age in hours and no day of review."), "kind")
    if not today < review_on <= today + dt.timedelta(days=366):
        raise NotAllowed(_("Choose a day after today, within a year."), "review_on")
    ListSource.objects.filter(pk=held.pk).update(review_on=review_on)
    record(verb="list.reviewed", obj=held, by=by, data={"source": held.code, "from": str(held.review_on), "to": review_on.isoformat()})


@transaction.atomic
def note_dataset(dataset: Dataset) -> ListVersion:
    """The version of the dataset that a yente server holds, as a list in force. As old as the server's data, not as our question."""
    source, made = ListSource.objects.get_or_create(
        code=YENTE,
        defaults={"title": f"yente: {dataset.title}"[:200], "kind": ListSource.Kind.DATED, "in_force": True, "url": settings.YENTE_URL},
    )
    source = ListSource.objects.select_for_update().get(pk=source.pk)
    last = newest_good(source)
    if last is not None and last.sha256 == dataset.digest:
        ListVersion.objects.filter(pk=last.pk).update(confirmed_at=dataset.updated_at)
        last.refresh_from_db()
        return last
    if made:
        record(verb="list.made", obj=source, by=None, data={"source": source.code})
    version = ListVersion.objects.create(
        source=source,
        sha256=dataset.digest,
        entry_count=dataset.entities,
        state=ListVersion.State.ACCEPTED,
        confirmed_at=dataset.updated_at,
        dated_on=dataset.updated_at.date(),
    )
    version.refresh_from_db()
    counts = {"source": source.code, "sha256": dataset.digest, "entries": dataset.entities, "version": dataset.version}
    record(verb="list.imported", obj=version, by=None, data=counts)
    return version
