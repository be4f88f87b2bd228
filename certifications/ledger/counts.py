"""Several counts in one statement: a page that shows five of them asks once. Knows no table."""

from typing import Any

from django.core.exceptions import EmptyResultSet
from django.db import connection
from django.db.models import QuerySet


def counted(*rows: QuerySet[Any]) -> list[int]:
    """How many rows each of the querysets has, in their order."""
    parts: list[str] = []
    parameters: list[Any] = []
    for some in rows:
        try:
            sql, given = some.order_by().values("pk").query.sql_with_params()
        except EmptyResultSet:
            parts.append("0")
        else:
            parts.append(f"(SELECT COUNT(*) FROM ({sql}) AS held)")
            parameters += given
    with connection.cursor() as cursor:
        cursor.execute("SELECT " + ", ".join(parts), parameters)
        return list(cursor.fetchone())
