"""Which column is which field, and what a row says by it. Pure: takes values, returns values."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from django.utils.translation import gettext as _
from django.utils.translation import override

from .kinds import Field, Line, Problem, Unfit
from .readers import key_of, keys_of
from .values import plain_text

LEFT_OUT = "-"  # a column that a person said is not wanted
# Columns that our own files add: never data, never asked about.
OURS = frozenset(map(key_of, ("error", "errors", "错误", "问题", "problem")))
LANGUAGES = ("en", "zh-hans")


@dataclass(frozen=True)
class Columns:
    """Column (from 0) to field, or LEFT_OUT; values for all rows; fields in which a blank cell means "as above"."""

    columns: dict[int, str] = field(default_factory=dict)
    constants: dict[str, str] = field(default_factory=dict)
    above: frozenset[str] = frozenset()

    def as_json(self) -> dict[str, Any]:
        """Plain values for the database."""
        return {"columns": {str(k): v for k, v in sorted(self.columns.items())}, "constants": self.constants, "above": sorted(self.above)}


def columns_from_json(row: Mapping[str, Any]) -> Columns:
    """What `as_json` made; nothing of an empty row."""
    return Columns({int(k): v for k, v in row.get("columns", {}).items()}, dict(row.get("constants", {})), frozenset(row.get("above", ())))


def words_of(field_: Field) -> list[str]:
    """Every heading under which the field is known: code, label in each language, aliases."""
    labels = []
    for language in LANGUAGES:
        with override(language):
            labels.append(str(field_.label))
    return [field_.code, *labels, *field_.aliases]


def vocabulary(fields: Iterable[Field], remembered: Iterable[str] = ()) -> frozenset[str]:
    """Keys of all headings that may stand over a table of this kind."""
    return frozenset(key for f in fields for word in words_of(f) if (key := key_of(word))) | frozenset(remembered)


@dataclass(frozen=True)
class Proposal:
    """A mapping with what it rests on: columns that nobody knows, and fields that are needed and have none."""

    mapping: Columns
    unknown: tuple[int, ...]
    missing: tuple[str, ...]

    @property
    def sure(self) -> bool:
        """Whether nobody needs to be asked."""
        return not self.unknown and not self.missing


def propose(header: Sequence[str], fields: Sequence[Field], remembered: Mapping[str, Any], used: Iterable[int]) -> Proposal:
    """Columns to fields: what was remembered for this heading first, then what it is known as. No field is given twice.

    `used` are the columns that hold anything; one that holds nothing and that nobody knows is not asked about.
    """
    known: dict[str, str] = {}
    for f in fields:
        for word in words_of(f):
            known.setdefault(key_of(word), f.code)
    held: dict[str, str] = remembered.get("columns", {})
    codes = {f.code for f in fields}
    columns: dict[int, str] = {}
    unknown = []
    taken: set[str] = set()
    for place, heading in enumerate(header):
        keys = keys_of(heading)
        if keys and keys[0] in OURS:
            columns[place] = LEFT_OUT
            continue
        found = next((held[k] for k in keys if held.get(k) in codes | {LEFT_OUT}), "") or next((known[k] for k in keys if k in known), "")
        if found and found != LEFT_OUT and found in taken:
            found = ""
        if not found:
            unknown.append(place)
            columns[place] = LEFT_OUT
            continue
        columns[place] = found
        taken.add(found)
    mapped = set(columns.values())
    constants = {f.code: remembered.get("constants", {}).get(f.code, f.default) for f in fields if f.choices and f.code not in mapped}
    constants = {code: value for code, value in constants.items() if value}
    above = frozenset(remembered["above"]) if "above" in remembered else frozenset(f.code for f in fields if f.above)
    missing = tuple(f.code for f in fields if f.needed and f.code not in mapped and f.code not in constants)
    return Proposal(Columns(columns, constants, above & mapped), tuple(sorted(set(unknown) & set(used))), missing)


def check_mapping(mapping: Columns, fields: Sequence[Field]) -> list[str]:
    """What is wrong with a mapping that a person made, in sentences; empty when nothing."""
    labels = {f.code: f.label for f in fields}
    used = [code for code in mapping.columns.values() if code != LEFT_OUT]
    twice = sorted({code for code in used if used.count(code) > 1})
    problems = [
        _("Two columns are given to “%(field)s”. Leave one of them out.") % {"field": labels[code]} for code in twice if code in labels
    ]
    for f in fields:
        if f.needed and f.code not in used and not mapping.constants.get(f.code):
            problems.append(_("No column is given to “%(field)s”. Choose the column that holds it.") % {"field": f.label})
    return problems


def texts_of(cells: Sequence[str], mended: Mapping[str, str], filled: Mapping[str, str], mapping: Columns) -> dict[str, str]:
    """What a row says, by field: what was mended, else its cell, else what stands above, else what holds for all rows."""
    texts = {code: text for code, text in mapping.constants.items() if code not in mapping.columns.values()}
    for place, code in mapping.columns.items():
        if code != LEFT_OUT:
            texts[code] = plain_text(cells[place]) if place < len(cells) else ""
    for code, text in filled.items():
        texts[code] = texts.get(code) or text
    texts.update(mended)
    return texts


def read_line(
    number: int, texts: Mapping[str, str], fields: Sequence[Field], *, from_above: Iterable[str] = (), assumed: Iterable[str] = ()
) -> Line:
    """The row with every cell read; a cell that cannot be is a problem and leaves no value."""
    line = Line(number, dict(texts), from_above=frozenset(from_above), assumed=frozenset(assumed))
    for f in fields:
        text = texts.get(f.code, "").strip()
        if not text:
            continue
        if f.max_length and len(text) > f.max_length:
            message = _("At most %(n)d characters fit here; this has %(m)d. Shorten it.") % {"n": f.max_length, "m": len(text)}
            line.problems.append(Problem(f.code, "too_long", message))
            continue
        try:
            line.values[f.code] = f.read(text)
        except Unfit as unfit:
            line.problems.append(Problem(f.code, unfit.code, unfit.message, unfit.fixes))
    return line
