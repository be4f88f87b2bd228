"""Locks by a name of one's own: who does the same thing waits for its turn."""

from django.db import connection


def take_turns(what: str, *, shared: bool = False) -> None:
    """Wait for everybody else who does the same `what`; mine until the transaction ends. `shared`: only for those who do it alone."""
    lock = "pg_advisory_xact_lock_shared" if shared else "pg_advisory_xact_lock"
    with connection.cursor() as cursor:
        cursor.execute(f"SELECT {lock}(hashtextextended(%s, 0))", [what])
