"""Holds OCDS packages against the published schema (data/ocds-1.1.5), release by release; what is wrong never stops the reading.

Must not fetch anything: the registry knows the vendored files alone.
"""

import json
import time
from functools import cache
from pathlib import Path
from typing import Any, Final

from jsonschema import Draft4Validator
from jsonschema.exceptions import ValidationError
from referencing import Registry, Resource
from referencing.jsonschema import DRAFT4

from .packages import MAX_FAULTS, MAX_FAULTS_OF_ONE, Fault, cut

SCHEMAS: Final = Path(__file__).with_name("data") / "ocds-1.1.5"
# Of the child's twenty seconds of processor; a release takes about one millisecond.
SECONDS: Final = 8.0
_CODES: Final = {
    "required": "required", "type": "type", "enum": "enum", "pattern": "format", "format": "format", "minItems": "empty",
    "minLength": "empty", "minProperties": "empty",
}  # fmt: skip


@cache
def schema(name: str) -> dict[str, Any]:
    """A vendored schema: "release", "release-package" or "record-package"."""
    found: dict[str, Any] = json.loads((SCHEMAS / f"{name}-schema.json").read_text(encoding="utf-8"))
    return found


@cache
def validator(name: str) -> Draft4Validator:
    """For one of the schemas; references lead to the vendored files and nowhere else."""
    known = [(schema(n)["id"], Resource.from_contents(schema(n), default_specification=DRAFT4)) for n in ("release", "release-package")]
    return Draft4Validator(schema(name), registry=Registry().with_resources(known))


class Faults:
    """Collects what is wrong: all of it counted, the first kept, of one release only so many."""

    def __init__(self) -> None:
        self.kept: list[Fault] = []
        self.count = 0
        self._of_one: dict[int, int] = {}

    def add(self, release: int, ocid: str, path: str, code: str, name: Any = "") -> None:
        """One fault of a release (its number from 0, -1 for the package)."""
        self.count += 1
        so_far = self._of_one[release] = self._of_one.get(release, 0) + 1
        if so_far <= MAX_FAULTS_OF_ONE and len(self.kept) < MAX_FAULTS:
            self.kept.append(Fault(release, ocid, path[:300], code, cut(name, 100)))


def check_package(data: dict[str, Any], kind: str, faults: Faults) -> None:
    """What is wrong with the package around its releases or records. `kind`: "release-package" or "record-package"."""
    inside = "releases" if kind == "release-package" else "records"
    around = {name: value for name, value in data.items() if name != inside} | {inside: []}
    shallow = {**schema(kind), "properties": {n: p for n, p in schema(kind)["properties"].items() if n != inside}}
    for error in Draft4Validator(shallow).iter_errors(around):
        _add(faults, -1, "", "", error)


def check_releases(releases: list[tuple[int, str, dict[str, Any]]], faults: Faults, *, seconds: float = SECONDS) -> None:
    """What is wrong with each release: (its number, its path, itself). Says from where on nothing was checked when time runs out."""
    ends = time.process_time() + seconds
    checker = validator("release")
    for number, path, release in releases:
        ocid = cut(release.get("ocid"), 100)
        if time.process_time() > ends:
            faults.add(number, ocid, path, "not_checked")
            return
        for error in checker.iter_errors(release):
            _add(faults, number, ocid, path, error)


def _add(faults: Faults, number: int, ocid: str, path: str, error: ValidationError) -> None:
    code = _CODES.get(str(error.validator), "other")
    wanted = error.validator_value
    name: Any = str(error.validator)
    if code == "required":
        name = error.message.split("'")[1] if "'" in error.message else ""
    elif code == "type":
        name = wanted if isinstance(wanted, str) else ", ".join(map(str, wanted))
    elif code == "enum":
        name = error.instance
    elif code == "format":
        name = wanted
    faults.add(number, ocid, path_of(path, error.absolute_path), code, name)


def path_of(start: str, steps: Any) -> str:
    """A JSON path as people write it: releases[3].awards[0].id; "$" for the whole."""
    path = start
    for step in steps:
        path += f"[{step}]" if isinstance(step, int) else f".{step}" if path else str(step)
    return path or "$"
