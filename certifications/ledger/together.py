"""The rows of several querysets in one statement: a page that shows ten kinds of things asks once. Knows no table.

Each waits for the one before where a page asks them one by one, and a distributor's page is opened more often than any other.
"""

import json
from collections.abc import Iterable, Sequence
from decimal import Decimal
from typing import Any

from django.core.exceptions import EmptyResultSet
from django.db import DEFAULT_DB_ALIAS, connection
from django.db.models import Model, QuerySet
from django.db.models.query import get_related_populators


def counted(*rows: QuerySet[Any]) -> list[int]:
    """How many rows each of the querysets has, in their order."""
    found: list[int] = read_together(counts=rows)[0]
    return found


def read_together(*asked: QuerySet[Any], counts: Sequence[QuerySet[Any]] = ()) -> list[Any]:
    """The instances of each of `asked` as a list, with what `select_related` names; where there are `counts`, a last list of them.

    Not for `prefetch_related` nor `values`: `hand_over` puts rows where a prefetch would.
    """
    parts: list[str] = []
    given: list[Any] = []
    compilers = []
    for some in asked:
        compiler = some.query.get_compiler(DEFAULT_DB_ALIAS)
        compilers.append(compiler)
        try:
            sql, parameters = compiler.as_sql(with_col_aliases=True)
        except EmptyResultSet:
            parts.append("NULL")
            continue
        columns = ", ".join(f"c{n}" for n in range(len(compiler.select)))
        # An aggregate over an ordered subquery keeps its order (PostgreSQL, 9.21).
        parts.append(f"(SELECT json_agg(row_to_json(held))::text FROM ({sql}) AS held ({columns}))")
        given += parameters
    for some in counts:
        try:
            sql, parameters = some.order_by().values("pk").query.sql_with_params()
        except EmptyResultSet:
            parts.append("0")
            continue
        parts.append(f"(SELECT count(*) FROM ({sql}) AS held)")
        given += parameters
    with connection.cursor() as cursor:
        cursor.execute("SELECT " + ", ".join(parts), given)
        found = cursor.fetchone()
    read = [_built(compiler, rows) for compiler, rows in zip(compilers, found, strict=False)]
    return [*read, list(found[len(asked) :])] if counts else read


def _built(compiler: Any, rows: Any) -> list[Any]:
    """The instances that Django would have made of the rows (django.db.models.query.ModelIterable)."""
    if rows is None:
        return []
    select, klass = compiler.select, compiler.klass_info
    fields = [expression.output_field for expression, _sql, _alias in select]
    first, last = klass["select_fields"][0], klass["select_fields"][-1] + 1
    names = [expression.target.attname for expression, _sql, _alias in select[first:last]]
    related = get_related_populators(klass, select, DEFAULT_DB_ALIAS)  # type: ignore[call-arg]  # the stubs are of a later Django
    made = []
    # As text, so that a quantity never becomes a float on its way.
    for row in json.loads(rows, parse_float=Decimal):
        values = [field.to_python(value) for field, value in zip(fields, row.values(), strict=True)]
        one = klass["model"].from_db(DEFAULT_DB_ALIAS, names, values[first:last])
        for populator in related:
            populator.populate(values, one)
        for name, place in compiler.annotation_col_map.items():
            setattr(one, name, values[place])
        made.append(one)
    return made


def hand_over(one: Model, name: str, rows: Iterable[Model]) -> None:
    """Let `one.name.all()` be these rows, as after a prefetch."""
    held = getattr(one, name).get_queryset()
    held._result_cache = list(rows)
    held._prefetch_done = True
    one.__dict__.setdefault("_prefetched_objects_cache", {})[name] = held
