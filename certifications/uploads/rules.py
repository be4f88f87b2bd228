"""Which column is which field, and what a row says by it. Pure: takes values, returns values."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, override

from .kinds import Field, Line, Problem, Said, Unfit
from .readers import key_of, keys_of
from .values import plain_text

LEFT_OUT = "-"  # a column that a person said is not wanted
# Columns that our own files add: never data, never asked about.
OURS = frozenset(map(key_of, ("error", "errors", "错误", "问题", "problem")))
LANGUAGES = ("en", "zh-hans")
TEN_THOUSAND = "万"


@dataclass(frozen=True)
class Columns:
    """Column (from 0) to field, or LEFT_OUT; values for all rows; fields in which a blank cell means "as above".

    `scaled`: fields of money whose heading says that the figures are in units of ten thousand.
    """

    columns: dict[int, str] = field(default_factory=dict)
    constants: dict[str, str] = field(default_factory=dict)
    above: frozenset[str] = frozenset()
    scaled: frozenset[str] = frozenset()

    def as_json(self) -> dict[str, Any]:
        """Plain values for the database."""
        return {
            "columns": {str(k): v for k, v in sorted(self.columns.items())},
            "constants": self.constants,
            "above": sorted(self.above),
            "scaled": sorted(self.scaled),
        }


def columns_from_json(row: Mapping[str, Any]) -> Columns:
    """What `as_json` made; nothing of an empty row."""
    return Columns(
        {int(k): v for k, v in row.get("columns", {}).items()},
        dict(row.get("constants", {})),
        frozenset(row.get("above", ())),
        frozenset(row.get("scaled", ())),
    )


def scaled_fields(header: Sequence[str], columns: Mapping[int, str], fields: Iterable[Field]) -> frozenset[str]:
    """Fields of money over whose column stands 万元: 12.5 below it is 125,000."""
    money = {f.code for f in fields if f.money}
    return frozenset(code for place, code in columns.items() if code in money and place < len(header) and TEN_THOUSAND in header[place])


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


def propose(
    header: Sequence[str],
    fields: Sequence[Field],
    remembered: Mapping[str, Any],
    used: Iterable[int],
    *,
    ignored: Iterable[str] = (),
) -> Proposal:
    """Columns to fields: what was remembered for this heading first, then what it is known as. No field is given twice.

    `used` are the columns that hold anything; one that holds nothing and that nobody knows is not asked about, nor is an
    `ignored` heading.
    """
    unwanted = OURS | set(map(key_of, ignored))
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
        if keys and keys[0] in unwanted and keys[0] not in held:
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
    scaled = scaled_fields(header, columns, fields)
    return Proposal(Columns(columns, constants, above & mapped, scaled), tuple(sorted(set(unknown) & set(used))), missing)


def fills(columns: Columns, reading: Mapping[str, Any]) -> bool:
    """Whether a blank cell of the table can mean "as above": a column that may has a blank below one that is filled."""
    gaps = reading.get("gaps")
    return bool(columns.above) if gaps is None else any(columns.columns.get(place) in columns.above for place in gaps)


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
    width = len(cells)
    for place, code in mapping.columns.items():
        if code != LEFT_OUT:
            text = cells[place] if place < width else ""
            texts[code] = plain_text(text) if text[:1] == "'" else text
    for code in mapping.scaled:
        if texts.get(code, "")[-1:].isdigit():
            texts[code] += TEN_THOUSAND
    for code, text in filled.items():
        texts[code] = texts.get(code) or text
    texts.update(mended)
    return texts


def read_line(
    number: int,
    texts: Mapping[str, str],
    fields: Sequence[Field],
    *,
    from_above: Iterable[str] = (),
    assumed: Iterable[str] = (),
    sent: Mapping[str, str] | None = None,
) -> Line:
    """The row with every cell read; a cell that cannot be is a problem and leaves no value. `sent`: its texts before they were mended."""
    kept = dict(texts)
    line = Line(number, kept, from_above=frozenset(from_above), assumed=frozenset(assumed), sent=kept if sent is None else dict(sent))
    values = line.values
    for f in fields:
        text = texts.get(f.code)
        if not text or not (text := text.strip()):
            continue
        if f.max_length and len(text) > f.max_length:
            line.problems.append(_too_long(f, text))
            continue
        try:
            value = f.known(text)
        except Unfit as unfit:
            line.problems.append(Problem(f.code, unfit.code, unfit.message, unfit.fixes))
            continue
        # One wide character may be read as several plain ones.
        if f.max_length and isinstance(value, str) and len(value) > f.max_length:
            line.problems.append(_too_long(f, value))
            continue
        values[f.code] = value
    return line


def _too_long(field_: Field, text: str) -> Problem:
    said = gettext_lazy("At most %(n)d characters fit here; this has %(m)d. Shorten it.")
    return Problem(field_.code, "too_long", Said(said, {"n": field_.max_length, "m": len(text)}))
