"""A client of an existing yente server, which then answers for the public lists instead of our own index.

Speaks to the one address of the settings, follows nowhere, believes no answer that it has not checked, and raises YenteError for
everything else: whoever screens keeps a failed run. Knows HTTP and shapes; must not know runs or parties' models.
"""

import datetime as dt
import json
import math
import time
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from itertools import islice
from typing import Any

import requests
from django.conf import settings
from django.utils.dateparse import parse_datetime

from certifications.ledger.canonical import canonical, sha256_hex

BATCH = 50  # questions in one request; yente takes 100 by default
LARGEST = 20 * 1024 * 1024


class YenteError(Exception):
    """One sentence: what the server did that cannot be rested on. Never holds a name that was asked for."""


@dataclass(frozen=True)
class Dataset:
    """What the server's catalogue says of the dataset that is asked."""

    name: str
    title: str
    version: str
    updated_at: dt.datetime
    entities: int

    @property
    def digest(self) -> str:
        """Stands for the version where other lists have the SHA-256 of their file."""
        return sha256_hex(canonical(["yente", self.name, self.version]))


@dataclass(frozen=True)
class Result:
    """One entity that the server found alike. `score` 0 to 1."""

    entity: str
    caption: str
    schema: str
    score: float
    names: tuple[str, ...]
    identifiers: tuple[str, ...]
    datasets: tuple[str, ...]
    features: dict[str, float] = field(default_factory=dict)


def catalogue() -> Dataset:
    """The dataset as the server holds it now."""
    said = _ask("GET", "/catalog")
    rows = said.get("datasets")
    for row in rows if isinstance(rows, list) else ():
        if isinstance(row, dict) and row.get("name") == settings.YENTE_DATASET:
            version = row.get("index_version") or row.get("version")
            updated = row.get("updated_at") or row.get("last_export")
            when = parse_datetime(updated) if isinstance(updated, str) else None
            count = row.get("entity_count", 0)
            if not isinstance(version, str) or not version or when is None or not isinstance(count, int) or count < 0:
                raise YenteError("yente's catalogue gives the dataset no version or no date.")
            aware = when if when.tzinfo else when.replace(tzinfo=dt.UTC)
            return Dataset(settings.YENTE_DATASET, str(row.get("title") or row["name"])[:150], version[:100], aware, count)
    raise YenteError("yente's catalogue does not hold the dataset that is asked for.")


def ask(questions: Mapping[str, tuple[Sequence[str], Sequence[str]]], *, least: float, most: int) -> dict[str, list[Result]]:
    """Entities alike for each question, (names, identifiers) by key. An answer to every question, or YenteError."""
    found: dict[str, list[Result]] = {}
    waiting: Iterator[tuple[str, tuple[Sequence[str], Sequence[str]]]] = iter(questions.items())
    while batch := list(islice(waiting, BATCH)):
        queries = {}
        for key, (names, identifiers) in batch:
            properties: dict[str, list[str]] = {"name": list(names)}
            if identifiers:
                properties["registrationNumber"] = list(identifiers)
            queries[key] = {"schema": "LegalEntity", "properties": properties}
        limits = {"limit": str(most), "threshold": str(least), "cutoff": str(least)}
        said = _ask("POST", f"/match/{settings.YENTE_DATASET}", body={"queries": queries}, params=limits)
        answers = said.get("responses")
        if not isinstance(answers, dict) or set(answers) != set(queries):
            raise YenteError("yente left questions without an answer.")
        for key, answer in answers.items():
            found[key] = _results(answer, least)
    return found


def _results(answer: Any, least: float) -> list[Result]:
    if not isinstance(answer, dict) or answer.get("status") != 200 or not isinstance(answer.get("results"), list):
        raise YenteError("yente could not answer one of the questions.")
    made = [_result(row) for row in answer["results"]]
    return [result for result in made if result.score >= least]


def _result(row: Any) -> Result:
    if not isinstance(row, dict):
        raise YenteError("yente's answer does not have the shape of a match.")
    entity, caption, score, properties = row.get("id"), row.get("caption"), row.get("score"), row.get("properties", {})
    good = isinstance(entity, str) and 0 < len(entity) <= 120 and isinstance(caption, str) and isinstance(properties, dict)
    number = isinstance(score, int | float) and not isinstance(score, bool) and math.isfinite(score) and 0 <= score <= 1
    if not good or not number:
        raise YenteError("yente's answer does not have the shape of a match.")
    told = row.get("explanations") if isinstance(row.get("explanations"), dict) else row.get("features")
    features = {}
    for name, value in (told if isinstance(told, dict) else {}).items():
        points = value.get("score") if isinstance(value, dict) else value
        if isinstance(points, int | float) and math.isfinite(points):
            features[str(name)[:60]] = round(float(points), 4)
    names = [*_texts(properties, "name"), *_texts(properties, "alias"), *_texts(properties, "weakAlias")]
    numbers = [text for name in ("registrationNumber", "leiCode", "uscCode", "taxNumber", "idNumber") for text in _texts(properties, name)]
    return Result(
        entity=str(entity),
        caption=str(caption)[:600],
        schema=str(row.get("schema", ""))[:20],
        score=float(score),  # type: ignore[arg-type] - checked above
        names=tuple(dict.fromkeys(names)),
        identifiers=tuple(dict.fromkeys(numbers)),
        datasets=tuple(str(name) for name in row.get("datasets", ()) if isinstance(name, str)),
        features=features,
    )


def _texts(properties: Mapping[str, Any], name: str) -> list[str]:
    values = properties.get(name, [])
    return [value for value in values if isinstance(value, str)] if isinstance(values, list) else []


def _ask(method: str, path: str, *, body: Any = None, params: Mapping[str, str] | None = None) -> dict[str, Any]:
    """A JSON object, within the time and size of the settings; everything else is an error."""
    ends = time.monotonic() + settings.YENTE_TIMEOUT
    address = settings.YENTE_URL.rstrip("/") + path
    try:
        with requests.request(
            method, address, json=body, params=params, timeout=settings.YENTE_TIMEOUT, stream=True, allow_redirects=False
        ) as answer:
            if answer.status_code != 200:
                raise YenteError(f"yente answered {answer.status_code}.")
            held = bytearray()
            for part in answer.iter_content(65_536):
                held += part
                # The time-out of requests starts again with every byte; this one does not.
                if time.monotonic() > ends:
                    raise YenteError("yente took too long.")
                if len(held) > LARGEST:
                    raise YenteError("yente's answer is too large.")
    except requests.Timeout as error:
        raise YenteError("yente took too long.") from error
    except requests.RequestException as error:
        raise YenteError(f"yente cannot be reached: {type(error).__name__}.") from error
    try:
        said = json.loads(held)
    except ValueError as error:
        raise YenteError("yente's answer is no JSON.") from error
    if not isinstance(said, dict):
        raise YenteError("yente's answer has another shape.")
    return said
