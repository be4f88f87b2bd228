"""Looks at rows through their kind and writes down what it found: outcomes on the rows, problems beside them, in every language."""

import hashlib
from collections import defaultdict
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass, field, replace
from typing import Any, TypeVar

from django.db import connection
from django.db.models import Count, Q, QuerySet
from django.utils.translation import gettext as _
from django.utils.translation import override

from certifications.people.models import User

from .bulk import copy_in, update_rows
from .kinds import CREATE, SKIP, Desk, Kind, Known, Line, Problem, Seen, Thing
from .models import Upload, UploadKey, UploadProblem, UploadRow
from .rules import LANGUAGES, Columns, columns_from_json, read_line, texts_of

State = UploadRow.State
TWICE, SAME_ROW, REPEATED = "twice", "same_row", "repeated"
SUMMED = "sum:"  # before the code of a problem that the whole file has
BY_READER = "left"  # among the figures of a row that nobody but the reader of the file left out, and why
OF_READER = Q(state=State.LEFT_OUT, facts__has_key=BY_READER)
REPEAT = "#"  # between a key and the place of a row among those that say exactly the same
# Rows that are still to be decided; what is done or left out is not looked at again.
OPEN = (State.WAITING, State.READY, State.ATTENTION)
BATCH = 2_000
Answer = TypeVar("Answer")
PROBLEM = ("row", "upload", "number", "field", "code", "texts", "fixes", "blocks", "accept")


@dataclass
class Found:
    """A problem in every language."""

    number: int
    problem: Problem
    texts: dict[str, str] = field(default_factory=dict)
    labels: list[dict[str, str]] = field(default_factory=list)
    accept: dict[str, str] = field(default_factory=dict)

    def add(self, language: str, problem: Problem) -> None:
        """The same problem as it is said in one language."""
        self.texts[language] = str(problem.message)
        for label, fix in zip(self.labels, problem.fixes, strict=False):
            label[language] = str(fix.label)
        if problem.accept:
            self.accept[language] = str(problem.accept)

    def row_of(self, row: UploadRow) -> UploadProblem:
        """As it is kept."""
        fixes = [
            {"value": fix.value, "field": fix.field or self.problem.field, "labels": label}
            for fix, label in zip(self.problem.fixes, self.labels, strict=True)
        ]
        return UploadProblem(
            row=row,
            upload_id=row.upload_id,
            number=row.number,
            field=self.problem.field[:60],
            code=self.problem.code[:80],
            texts=self.texts,
            fixes=fixes,
            blocks=self.problem.blocks,
            accept=self.accept,
        )


def in_every_language(say: Callable[[], Answer]) -> dict[str, Answer]:
    """What `say` says in the language that is active, by language."""
    texts = {}
    for language in LANGUAGES:
        with override(language):
            texts[language] = say()
    return texts


def found(number: int, problem: Problem) -> Found:
    """A problem, not said in any language yet."""
    return Found(number, problem, labels=[{} for _fix in problem.fixes])


def lines_of(rows: Sequence[UploadRow], kind: Kind, columns: Columns) -> list[Line]:
    """The rows as the kind sees them, in the language that is active."""
    fields = kind.fields()
    assumed = set(columns.constants) - set(columns.columns.values())
    return [
        read_line(
            row.number,
            texts_of(row.cells, row.mended, row.filled, columns),
            fields,
            from_above=row.filled,
            assumed=assumed - set(row.mended),
            sent=texts_of(row.cells, {}, row.filled, columns) if row.mended else None,
        )
        for row in rows
    ]


def group_of(row: UploadRow, kind: Kind) -> str:
    """What tells the things of a file apart: the key where several rows are one, else the row."""
    return row.key if kind.groups else str(row.number)


def things_of(rows: Sequence[UploadRow], lines: Sequence[Line], kind: Kind, upload: Upload) -> list[Thing]:
    """The rows by their keys, each key with what an earlier upload made of it."""
    things: dict[str, Thing] = {}
    for row, line in zip(rows, lines, strict=True):
        things.setdefault(group_of(row, kind), Thing(row.key, [])).lines.append(line)
    if kind.at_once:
        return list(things.values())
    found = UploadKey.objects.filter(
        organisation=upload.organisation_id, kind=upload.kind, key__in={thing.key for thing in things.values()}
    )
    known = {held.key: Known(held.object_id, held.digest, held.upload_id) for held in found}
    for thing in things.values():
        thing.known = known.get(thing.key)
    return list(things.values())


def key_rows(rows: Sequence[UploadRow], lines: Sequence[Line], kind: Kind) -> None:
    """Set the keys of rows whose kind makes one object of each, without saving. A row that repeats another keeps its place among them."""
    for row, line in zip(rows, lines, strict=True):
        key = kind.key(line, "")[:64]
        if key != row.key.partition(REPEAT)[0]:
            row.key = key


def lay_out(upload: Upload, kind: Kind) -> set[int]:
    """Go down the whole file once: what blank cells mean by the row above, and which rows belong together. Ids of changed rows."""
    columns = columns_from_json(upload.columns)
    above: dict[str, str] = {}
    key, changed, fields = "", [], kind.fields()
    # A total is above nothing: what stands below it goes on with the row before.
    rows = upload.rows.exclude(OF_READER)
    for row in rows.order_by("number").iterator(chunk_size=BATCH):
        own = texts_of(row.cells, row.mended, {}, columns)
        filled = {code: above[code] for code in columns.above if not own.get(code) and above.get(code)} if kind.continues(own) else {}
        above |= {code: own[code] for code in columns.above if own.get(code)}
        sent = texts_of(row.cells, {}, filled, columns) if row.mended else None
        line = read_line(row.number, own | filled, fields, from_above=filled, sent=sent)
        key = kind.key(line, key)[:64]
        if (row.filled, row.key) != (filled, key):
            row.filled, row.key = filled, key
            changed.append(row)
    update_rows(changed, ["filled", "key"])
    return {row.pk for row in changed}


def examine(things: Sequence[Thing], *, desk: Desk, again: Any) -> list[tuple[Seen, list[Found]]]:
    """Each thing with what would become of it and what is wrong. `again(thing)` reads a thing anew, for another language."""
    first, *others = LANGUAGES
    answers: list[tuple[Seen, list[Found]]] = []
    with override(first):
        for thing in things:
            one = desk.look(thing)
            problems = [found(number, problem) for number, some in sorted(one.problems.items()) for problem in some]
            for item in problems:
                item.add(first, item.problem)
            answers.append((one, problems))
    for language in others:
        with override(language):
            for thing, (_one, problems) in zip(things, answers, strict=True):
                said = [item.problem for item in problems]
                if not all(problem.speaks_all for problem in said):
                    looked = desk.look(again(thing)).problems
                    said = [problem for _number, some in sorted(looked.items()) for problem in some]
                for item, problem in zip(problems, said, strict=False):
                    item.add(language, problem)
    return answers


def inspect(upload: Upload, kind: Kind, rows: Sequence[UploadRow], *, by: User) -> None:
    """Look at the rows, all rows of each of their keys, and keep what was found in place of what was found before."""
    by_number = {row.number: row for row in rows}
    columns = columns_from_json(upload.columns)
    with override(LANGUAGES[0]):
        lines = lines_of(rows, kind, columns)
        if not kind.groups:
            key_rows(rows, lines, kind)
        things = things_of(rows, lines, kind, upload)
        desk = kind.desk(by=by, things=things)
        desk.beside(upload)

    def again(thing: Thing) -> Thing:
        return Thing(thing.key, lines_of([by_number[line.number] for line in thing.lines], kind, columns), thing.known)

    kept: list[UploadProblem] = []
    for thing, (seen, problems) in zip(things, examine(things, desk=desk, again=again), strict=True):
        blocked = False
        for item in problems:
            row = by_number[item.number]
            if item.problem.accept and item.problem.code in row.accepted:
                continue
            kept.append(item.row_of(row))
            blocked = blocked or item.problem.blocks
        for line in thing.lines:
            row = by_number[line.number]
            row.state = State.ATTENTION if blocked else State.READY
            row.key = seen.key[:64] or row.key
            row.outcome, row.title, row.object_id = seen.outcome, seen.title[:300], seen.object_id
            row.digest, row.changes, row.facts = seen.digest, [list(change) for change in seen.changes], seen.facts
    numbers = [row.number for row in rows]
    UploadProblem.objects.filter(upload=upload, number__in=numbers).delete()
    update_rows(rows, ["state", "outcome", "title", "object_id", "digest", "changes", "key", "facts"])
    add_problems(kept)


def add_problems(problems: Iterable[UploadProblem]) -> None:
    """Keep what was found."""
    copy_in(
        UploadProblem,
        PROBLEM,
        ((p.row_id, p.upload_id, p.number, p.field, p.code, p.texts, p.fixes, p.blocks, p.accept) for p in problems),
    )


def _keep(upload: Upload, items: Iterable[Found]) -> None:
    """Add problems to rows that were looked at already; what blocks turns its row back."""
    listed = list(items)
    rows = {row.number: row for row in upload.rows.filter(number__in=[item.number for item in listed], state__in=OPEN)}
    kept = [
        item.row_of(rows[item.number])
        for item in listed
        if item.number in rows and not (item.problem.accept and item.problem.code in rows[item.number].accepted)
    ]
    add_problems(kept)
    stopped = [problem.row_id for problem in kept if problem.blocks]
    UploadRow.objects.filter(pk__in=stopped).update(state=State.ATTENTION)


def find_twice(upload: Upload, kind: Kind, keys: Iterable[str] | None = None, *, by: User) -> None:
    """The same object in several rows: the first counts; one that says the same is skipped, one that says otherwise is asked about.

    The same by its key, or by what it turned out to be: one customer by its number in one row and by its name in another.
    """
    if kind.groups:
        return
    if kind.repeats:
        _find_repeated(upload, kind, by=by)
        return
    rows = upload.rows.filter(state__in=OPEN)
    near = Q() if keys is None else Q(key__in=list(keys)) | Q(object_id__in=_objects(rows.filter(key__in=list(keys))))
    items: list[Found] = []
    later: set[int] = set()
    for name in ("key", "object_id"):
        named = rows.filter(near).exclude(**{name: ""})
        several = named.order_by().values(name).annotate(n=Count("pk")).filter(n__gt=1).values_list(name, flat=True)
        alike: dict[str, list[UploadRow]] = defaultdict(list)
        for row in named.filter(**{f"{name}__in": list(several)}).order_by("number"):
            alike[getattr(row, name)].append(row)
        for first, *others in alike.values():
            items += [_twice(row, first) for row in others if row.pk not in later]
            later |= {row.pk for row in others}
    skipped = [item.number for item in items if item.problem.code == SAME_ROW]
    upload.rows.filter(number__in=skipped).update(outcome=SKIP)
    _keep(upload, items)


_REPEATED = """
SELECT id, base, place, first FROM (
    SELECT id, key, state, split_part(key, '#', 1) AS base, row_number() OVER w AS place, first_value(number) OVER w AS first
    FROM certifications_uploadrow WHERE upload_id = %s AND key <> '' AND state <> 'left_out'
    WINDOW w AS (PARTITION BY split_part(key, '#', 1) ORDER BY (state = 'done') DESC, number)
) AS placed
WHERE state IN ('ready', 'attention', 'waiting') AND key <> base || CASE WHEN place > 1 THEN '#' || place ELSE '' END
"""


def _find_repeated(upload: Upload, kind: Kind, *, by: User) -> None:
    """Rows that say exactly the same as one above: each is one of its own by its place among them, if a person says that all are meant."""
    with connection.cursor() as cursor:
        cursor.execute(_REPEATED, [upload.pk])
        placed = {pk: (base, place) for pk, base, place, _first in cursor.fetchall()}
    if placed:
        rows = list(upload.rows.filter(pk__in=list(placed)).order_by("number"))
        for row in rows:
            base, place = placed[row.pk]
            row.key = f"{base}{REPEAT}{place}" if place > 1 else base
        for at in range(0, len(rows), BATCH):
            inspect(upload, kind, rows[at : at + BATCH], by=by)
    firsts = dict(upload.rows.exclude(state=State.LEFT_OUT).filter(key__in=_bases(upload)).values_list("key", "number"))
    repeated = upload.rows.filter(state__in=OPEN, key__contains=REPEAT, outcome=CREATE).exclude(problems__code=REPEATED)
    items = [_repeated(row, firsts.get(row.key.partition(REPEAT)[0], 0)) for row in repeated.only("number", "key").order_by("number")]
    _keep(upload, items)


def _bases(upload: Upload) -> list[str]:
    keys = upload.rows.filter(state__in=OPEN, key__contains=REPEAT).values_list("key", flat=True)
    return list({key.partition(REPEAT)[0] for key in keys})


def _repeated(row: UploadRow, first: int) -> Found:
    item = found(row.number, Problem("", REPEATED, "", accept="x"))
    item.texts = in_every_language(
        lambda: _("This row says exactly the same as row %(n)d. Leave one out, or say that both happened.") % {"n": first}
    )
    item.accept = in_every_language(lambda: _("Both happened"))
    return item


def _objects(rows: QuerySet[UploadRow]) -> list[str]:
    return list(rows.exclude(object_id="").values_list("object_id", flat=True).distinct())


def _twice(row: UploadRow, first: UploadRow) -> Found:
    same = bool(row.digest) and row.digest == first.digest
    item = found(row.number, Problem("", SAME_ROW if same else TWICE, "", blocks=not same))
    item.texts = in_every_language(
        lambda: (
            (
                _("The same as row %(n)d; it counts once.")
                if same
                else _("Row %(n)d is about the same one and says otherwise. Correct one of the two, or leave one out.")
            )
            % {"n": first.number}
        )
    )
    return item


def find_across(upload: Upload, kind: Kind, *, by: User, focus: frozenset[int] | None = None) -> None:
    """What shows only when all new rows are seen together."""
    _find_summed(upload, kind)
    if type(kind).across is Kind.across:
        return
    wanted = upload.rows.filter(outcome=CREATE, state__in=OPEN).order_by("number")
    lines = lines_of(list(wanted), kind, columns_from_json(upload.columns))
    items: list[Found] = []
    for number, say in kind.across(by=by, lines=lines, focus=focus):
        item: Found | None = None
        for language in LANGUAGES:
            with override(language):
                problem = say()
                item = item or found(number, problem)
                item.add(language, problem)
        if item is not None:
            items.append(item)
    _keep(upload, items)


def _find_summed(upload: Upload, kind: Kind) -> None:
    """What the figures of all rows together say: new ones are added, and what another row has mended meanwhile goes."""
    found_now = {(number, problem.code): problem for number, problem in kind.summed(upload=upload)}
    held = UploadProblem.objects.filter(upload=upload, code__startswith=SUMMED)
    had = {(problem.number, problem.code.removeprefix(SUMMED)): problem for problem in held}
    over = [problem for key, problem in had.items() if key not in found_now]
    if over:
        held.filter(pk__in=[problem.pk for problem in over]).delete()
        freed = upload.rows.filter(number__in=[problem.number for problem in over], state=State.ATTENTION)
        freed.exclude(problems__blocks=True).update(state=State.READY)
    items = []
    for (number, code), problem in found_now.items():
        if (number, code) not in had:
            item = found(number, replace(problem, code=SUMMED + problem.code))
            for language in LANGUAGES:
                with override(language):
                    item.add(language, problem)
            items.append(item)
    _keep(upload, items)


def remarks_of(upload: Upload, kind: Kind) -> list[dict[str, Any]]:
    """What is to be said of the file as a whole, in every language."""
    said = []
    for problem in kind.remarks(upload):
        item = found(0, problem)
        for language in LANGUAGES:
            with override(language):
                item.add(language, problem)
        said.append({"code": problem.code, "texts": item.texts})
    return said


def count(upload: Upload, kind: Kind) -> dict[str, int]:
    """Rows by state; objects by what would be, and was, done with them; rows by what they were answered."""
    rows = upload.rows.exclude(OF_READER).order_by()
    counts = dict.fromkeys(State.values, 0) | dict(rows.values_list("state").annotate(n=Count("pk")))
    counts["rows"] = sum(counts.values())
    would = rows.filter(state=State.READY).values_list("outcome").annotate(n=Count("key", distinct=True))
    counts |= {f"will_{outcome}": n for outcome, n in would if outcome}
    did = rows.filter(state=State.DONE).values_list("outcome").annotate(n=Count("key", distinct=True))
    counts |= {f"did_{outcome}": n for outcome, n in did if outcome}
    if kind.asks:
        said = rows.filter(state=State.DONE, answer__isnull=False).values_list("answer__answer").annotate(n=Count("pk"))
        counts |= {f"said_{answer}": n for answer, n in said}
    return counts


def form_key(upload: Upload, key: str) -> str:
    """The key of the form that a row is: the same commit twice is one object, another commit another."""
    digest = hashlib.sha256(f"{upload.pk}:{upload.commits}:{key}".encode()).hexdigest()
    return digest[:26].upper()
