"""A row that is on record already and comes again: what it says otherwise than it did then, beside what tells it from others. Reads; knows no file."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from django.db.models import QuerySet
from django.utils.translation import gettext_lazy as _

from certifications.custody.models import Movement
from certifications.uploads.kinds import SKIP, Line, Problem, Said, Seen, Thing

# What a movement keeps of a row and no key holds (`MovedKind.same`), by the column that it is kept in. No description is kept.
KEPT = {
    "buyer_type": "buyer_type",
    "end_user_uscc": "end_user_uscc",
    "address": "address",
    "province": "province",
    "city": "city",
    "currency": "currency",
    "note": "note",
}


@dataclass(frozen=True)
class OnRecord:
    """The line that a row became, of which upload (its number), and by field what it said beside its key."""

    line: str
    upload: str
    said: dict[str, str]


def on_record(rows: QuerySet[Movement], things: Sequence[Thing]) -> dict[str, OnRecord]:
    """By key: those of the things that are on record."""
    found = rows.filter(key__in=[thing.key for thing in things], part=0).values_list("key", "line", "upload__number", *KEPT.values())
    return {key: OnRecord(line, upload, dict(zip(KEPT, said, strict=True))) for key, line, upload, *said in found}


def seen_again(line: Line, held: OnRecord) -> Seen:
    """Nothing becomes of the row; where it corrects what was said then, it waits until a person knows that."""
    unread = [problem for problem in line.problems if problem.field in KEPT and problem.field in line.texts]
    problems = [*unread, *_otherwise(line, held)]
    return Seen(SKIP, object_id=held.line, problems={line.number: problems} if problems else {})


def _otherwise(line: Line, held: OnRecord) -> Iterator[Problem]:
    bad = {problem.field for problem in line.problems}
    for field, was in held.said.items():
        # A file without the column says nothing of it.
        if field not in line.texts or field in bad or line.values.get(field, "") == was:
            continue
        accept = _("What is on record stays")
        if was:
            said = _(
                "This row is on record by upload %(upload)s, and says “%(was)s” there. Take that upload back first to correct it, or leave this row out."
            )
            yield Problem(field, "recorded_otherwise", Said(said, {"upload": held.upload, "was": was[:100]}), accept=accept)
        else:
            blank = _(
                "This row is on record by upload %(upload)s, and says nothing there. Take that upload back first to correct it, or leave this row out."
            )
            yield Problem(field, "recorded_otherwise", Said(blank, {"upload": held.upload}), accept=accept)
