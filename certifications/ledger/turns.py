"""Locks by a name of one's own: who does the same thing waits for its turn."""

from collections.abc import Iterable

from django.db import connection


def take_turns(what: str, *, shared: bool = False) -> None:
    """Wait for everybody else who does the same `what`; mine until the transaction ends. `shared`: only for those who do it alone."""
    lock = "pg_advisory_xact_lock_shared" if shared else "pg_advisory_xact_lock"
    with connection.cursor() as cursor:
        cursor.execute(f"SELECT {lock}(hashtextextended(%s, 0))", [what])


def take_turns_of_each(whats: Iterable[str]) -> None:
    """`take_turns` of many in one statement, in one order for everybody: of two who want the same, neither waits for the other in a circle."""
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT pg_advisory_xact_lock(key) FROM ("
            "SELECT DISTINCT hashtextextended(what, 0) AS key FROM unnest(%s::text[]) AS what ORDER BY key) AS ordered",
            [list(whats)],
        )
