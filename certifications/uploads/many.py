"""What a person says of every row with the same problem, in one statement each: a hundred thousand rows are no reason for a page to wait.

Must not check rights or statuses; actions.py did, and holds the upload.
"""

from django.db import connection

from .models import Upload, UploadRow

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
