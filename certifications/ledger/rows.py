"""Rows that a statement written by hand gave as JSON, as the ORM would have read them."""

from typing import Any, TypeVar

from django.db import models

Row = TypeVar("Row", bound=models.Model)


def from_row(model: type[Row], row: dict[str, Any]) -> Row:
    """A model of a row as `row_to_json` gives it; columns that the row lacks are deferred."""
    # In the order of the model's fields, which is what from_db goes by.
    fields = [field for field in model._meta.concrete_fields if field.attname in row]
    return model.from_db("default", [field.attname for field in fields], [field.to_python(row[field.attname]) for field in fields])


def listed(found: list[Any] | None) -> list[Any]:
    """What `json_agg` gave: nothing found is null."""
    return found or []
