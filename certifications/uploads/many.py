"""What a person says of every row with the same problem, in one statement each: a hundred thousand rows are no reason for a page to wait.

Must not check rights or statuses; actions.py did, and holds the upload.
"""

from django.db import connection

from .models import Upload, UploadRow
from .rules import Columns, texts_of

OPEN = (UploadRow.State.WAITING.value, UploadRow.State.READY.value, UploadRow.State.ATTENTION.value)
_OF_PROBLEM = "p.upload_id = %s AND p.field = %s AND p.code = %s AND r.id = p.row_id AND r.state = ANY(%s)"


def _run(statement: str, parameters: list[object]) -> int:
    with connection.cursor() as cursor:
        cursor.execute(statement, parameters)
        return cursor.rowcount


def accept_all(upload: Upload, field: str, code: str) -> int:
    """Note on every row with the problem that it is right as it is. Returns how many."""
    statement = f"""
        UPDATE certifications_uploadrow r SET accepted = r.accepted || to_jsonb(%s::text)
        FROM certifications_uploadproblem p
        WHERE {_OF_PROBLEM} AND p.accept <> '{{}}' AND NOT r.accepted @> to_jsonb(%s::text)
    """  # noqa: S608 - a constant
    return _run(statement, [code, upload.pk, field, code, list(OPEN), code])


def _saying(upload: Upload, columns: Columns, field: str, old: str) -> tuple[str, list[object]]:
    """Open rows with a problem in the field that say `old` there, as `texts_of` has it: a condition on r, and its parameters."""
    place = next((place for place, code in columns.columns.items() if code == field), None)
    blank = [""] * (place or 0)
    # A cell may be written in several ways and say the same: with a mark before it, or without the unit that its heading gives.
    ways = {mark + text for mark in ("", "'") for text in (old, old[:-1])}
    if place is not None:
        cells = [text for text in ways if texts_of([*blank, text], {}, {}, columns).get(field, "") == old]
    else:
        cells = [old]
    cell, constant = ("r.cells ->> %s::int", place) if place is not None else ("%s::text", columns.constants.get(field, ""))
    says = f"""
        r.upload_id = %s AND r.state = ANY(%s)
        AND EXISTS (SELECT 1 FROM certifications_uploadproblem p WHERE p.upload_id = r.upload_id AND p.field = %s AND p.row_id = r.id)
        AND CASE WHEN r.mended ? %s THEN r.mended ->> %s = %s
            WHEN COALESCE({cell}, '') <> '' THEN {cell} = ANY(%s)
            ELSE COALESCE(r.filled ->> %s, '') = %s END
    """
    return says, [upload.pk, list(OPEN), field, field, field, old, constant, constant, cells, field, old]


def saying(upload: Upload, columns: Columns, field: str, old: str, most: int) -> list[int]:
    """At most so many ids of open rows with a problem in the field that say `old` there."""
    says, parameters = _saying(upload, columns, field, old)
    with connection.cursor() as cursor:
        cursor.execute(f"SELECT r.id FROM certifications_uploadrow r WHERE {says} LIMIT %s", [*parameters, most])  # noqa: S608 - a constant
        return [pk for (pk,) in cursor.fetchall()]


def mend_all(upload: Upload, columns: Columns, field: str, old: str, *, number: int, value: str) -> int:
    """Put a value into the cell of the row, and of every row that `saying` finds. Returns how many."""
    says, parameters = _saying(upload, columns, field, old)
    statement = f"""
        UPDATE certifications_uploadrow r SET mended = r.mended || jsonb_build_object(%s::text, %s::text)
        WHERE (r.upload_id = %s AND r.number = %s AND r.state = ANY(%s)) OR ({says})
    """  # noqa: S608 - a constant
    return _run(statement, [field, value, upload.pk, number, list(OPEN), *parameters])


def take_all(upload: Upload, field: str, code: str) -> int:
    """Put the only proposal of each row with the problem into its cell. Returns how many."""
    statement = f"""
        UPDATE certifications_uploadrow r
        SET mended = r.mended || jsonb_build_object(p.fixes -> 0 ->> 'field', p.fixes -> 0 ->> 'value')
        FROM certifications_uploadproblem p
        WHERE {_OF_PROBLEM} AND jsonb_array_length(p.fixes) = 1
    """  # noqa: S608 - a constant
    return _run(statement, [upload.pk, field, code, list(OPEN)])


def leave_all(upload: Upload, field: str, code: str) -> int:
    """Leave every row with the problem out. Returns how many."""
    statement = f"""
        UPDATE certifications_uploadrow r SET state = 'left_out'
        FROM certifications_uploadproblem p WHERE {_OF_PROBLEM}
    """  # noqa: S608 - a constant
    changed = _run(statement, [upload.pk, field, code, list(OPEN)])
    gone = """
        DELETE FROM certifications_uploadproblem p USING certifications_uploadrow r
        WHERE r.id = p.row_id AND p.upload_id = %s AND r.state = 'left_out'
    """
    _run(gone, [upload.pk])
    return changed
