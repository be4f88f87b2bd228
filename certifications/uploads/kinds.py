"""What a kind of upload is: its fields, and what the room above does with a row. The machine knows no customer and no declaration.

A kind is handed in by `flow`; everything here is values and an interface. Texts are in the language that is active when they are made.
"""

from abc import ABC, abstractmethod
from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass, field
from functools import lru_cache
from typing import Any

from django.utils.translation import gettext_lazy as _

from certifications.people.models import Organisation, User
from certifications.people.permissions import Permission

CREATE, UPDATE, SKIP = "create", "update", "skip"
REMEMBERED = 4_096  # texts of one field
# Headings of groups whose rows each say something of their own; the kinds add theirs.
SENTENCES: dict[str, Any] = {
    "twice": _("Several rows are about the same one"),
    "same_row": _("Rows that say the same as another: they count once"),
    "kept": _("What could not be taken back"),
}


@dataclass(frozen=True)
class Said:
    """A sentence with values in it, not said in any language yet: `text` is lazy. Said once, it serves every language of the portal."""

    text: Any
    values: Any

    def __str__(self) -> str:
        said: str = str(self.text) % self.values
        return said


@dataclass(frozen=True)
class Fix:
    """A value that would mend a cell, offered as a button. `field` is the cell to change where it is another one."""

    label: Any
    value: str
    field: str = ""


@dataclass(frozen=True)
class Problem:
    """What is wrong with which field of a row, and what would mend it.

    `code` groups problems that are mended alike. One that does not block is only shown. `accept` is the label of the button
    by which a person says that the row is right as it is; empty where it cannot be. Texts that are no strings yet (Said, gettext_lazy)
    are put into every language at once; a problem of plain strings costs a second look in the other language.
    """

    field: str
    code: str
    message: Any
    fixes: tuple[Fix, ...] = ()
    blocks: bool = True
    accept: Any = ""

    @property
    def speaks_all(self) -> bool:
        """Whether it can be said in another language without looking at the row again."""
        texts = (self.message, self.accept, *(fix.label for fix in self.fixes if fix.label != fix.value))
        return not any(text and isinstance(text, str) for text in texts)


class Unfit(Exception):
    """A cell cannot be read as what its field holds."""

    def __init__(self, code: str, message: Any, fixes: Iterable[Fix] = ()) -> None:
        super().__init__(message)
        self.code, self.message, self.fixes = code, message, tuple(fixes)


@dataclass(frozen=True)
class Field:
    """One field of a row. `read` turns the text of a cell into a value, and is not asked about an empty one."""

    code: str
    label: Any
    aliases: tuple[str, ...]
    read: Callable[[str], Any] = str
    needed: bool = False  # without a column or one value for all rows nothing can be checked
    max_length: int = 0
    choices: Callable[[], list[tuple[str, Any]]] | None = None  # also what may be chosen for all rows at once
    default: str = ""  # what is proposed for all rows where the file has no column
    above: bool = False  # a blank cell may mean "as above"
    hint: Any = ""
    money: bool = False  # a heading may say that its figures are in units of ten thousand
    # `read`, which says the same of the same text again and again: a column holds few different ones.
    known: Callable[[str], Any] = field(init=False, compare=False, repr=False)

    def __post_init__(self) -> None:
        object.__setattr__(self, "known", self.read if self.read is str else lru_cache(maxsize=REMEMBERED)(self.read))


@dataclass
class Line:
    """One row of the file as the kind sees it: texts by field, and what could be read of them.

    `from_above` are fields whose cell is blank and means "as above"; `assumed` are those that the file does not have and that
    a person gave for all rows: enough for something new, not to change what is there. `sent` are the texts before anybody mended one.
    """

    number: int
    texts: dict[str, str]
    values: dict[str, Any] = field(default_factory=dict)
    problems: list[Problem] = field(default_factory=list)
    from_above: frozenset[str] = frozenset()
    assumed: frozenset[str] = frozenset()
    sent: dict[str, str] = field(default_factory=dict)


@dataclass
class Thing:
    """What becomes one object: one row, or several with the same key. `known` is what an earlier upload made of this key."""

    key: str
    lines: list[Line]
    known: "Known | None" = None


@dataclass(frozen=True)
class Known:
    """A key that was committed before: the object, the digest of what was said then, and the upload that said it."""

    object_id: str
    digest: str
    upload_id: str


@dataclass(frozen=True)
class Seen:
    """What would become of a thing. `problems` are by row; `changes` are (field, before, after) of an update."""

    outcome: str = CREATE
    title: str = ""
    object_id: str = ""
    digest: str = ""
    changes: tuple[tuple[str, str, str], ...] = ()
    problems: dict[int, list[Problem]] = field(default_factory=dict)
    # Figures that `Kind.across` adds up over the whole file by the database, by name.
    facts: dict[str, str] = field(default_factory=dict)
    # What tells it from others in the file by what it was found to mean, where `Kind.key` knows only how it was written; of kinds
    # that make one object of each row.
    key: str = ""


@dataclass(frozen=True)
class Written:
    """What was written: the object, what it was before (for an update), and a stamp that tells whether it is still so."""

    object_id: str
    before: Any = None
    stamp: str = ""
    # What was answered, where the kind `asks`: {"answer": a word, ...}, plain values.
    answer: dict[str, Any] | None = None


@dataclass(frozen=True)
class Made:
    """An object that an upload wrote, as it is remembered for taking it back."""

    object_id: str
    outcome: str
    before: Any
    stamp: str


class Desk(ABC):
    """The kind at work on some things: looked up once what they need, then asked about each."""

    @abstractmethod
    def look(self, thing: Thing) -> Seen:
        """What would become of it, by the rules of the single form. Reads; writes nothing."""

    def beside(self, upload: Any) -> None:
        """Told once, before it looks: the upload that the things are of, whose other rows it may ask about."""
        del upload

    @abstractmethod
    def write(self, thing: Thing, seen: Seen, form_key: str) -> Written:
        """Do it, by the action of the single form. The same `form_key` twice is one object. Raises NotAllowed."""

    def write_many(self, pairs: Sequence[tuple[Thing, Seen]], upload: Any) -> list[Written]:
        """Do it for all of them in one go; asked only where the kind says `at_once`. Raises NotAllowed: then nothing was done."""
        raise NotImplementedError


class Kind(ABC):
    """One kind of rows."""

    code: str
    label: Any
    one: Any  # the sheet's name in a workbook of ours
    right: Permission
    groups = False  # several rows may be one object
    # Written and taken back many at a time, by keys that the kind keeps itself: for files of a hundred thousand rows.
    at_once = False
    # No row's answer hangs on another row of the file but by `find_twice` and `find_across`: several workers may check it together.
    side_by_side = False
    # Two rows that say exactly the same may both be meant: the second is asked about, and then is one of its own.
    repeats = False
    # Commits of kinds that share this word wait for one another; empty: the kind's own code.
    line_up = ""
    max_rows = 50_000
    # Things that one transaction writes or takes back; 0: as many as the machine likes. Few where others wait for what it locks.
    in_one_go = 0
    # Its rows ask something: what each was answered is kept beside it, shown, and given back as a file.
    asks = False
    # Also read as a document of events (readers/epcis.py), whose columns are always the same.
    events = False
    ignored: tuple[str, ...] = ()  # headings that say nothing of a row
    sentences: dict[str, Any] = {}  # as SENTENCES, by code of a problem

    @abstractmethod
    def fields(self) -> tuple[Field, ...]:
        """The fields in the order of the form."""

    @abstractmethod
    def key(self, line: Line, above: str) -> str:
        """What tells this row's object from others in the file; `above` is the key of the row above. At most 64 characters."""

    @abstractmethod
    def desk(self, *, by: User, things: Sequence[Thing]) -> Desk:
        """The kind at work on these things, for this person's organisation alone."""

    @abstractmethod
    def bound(self, *, organisation: Organisation, made: Sequence[Made]) -> dict[str, str]:
        """Object id to the reason for which it cannot be taken back; only those for which there is one."""

    @abstractmethod
    def take_back(self, *, organisation: Organisation, by: User, made: Made) -> None:
        """Take back what was written, or put back what was there before. Raises NotAllowed when something depends on it.

        Not by the rights of `by`, which may have ended since it was asked for: nothing would be taken back then.
        """

    def take_back_many(self, *, organisation: Organisation, by: User, made: Sequence[Made]) -> None:
        """`take_back` for all of them in one go; asked only where the kind says `at_once`."""
        raise NotImplementedError

    def continues(self, own: dict[str, str]) -> bool:
        """Whether a row goes on with the one above, so that blank cells mean what stands there. `own`: its texts by field."""
        del own
        return True

    def summed(self, *, upload: Any) -> Iterator[tuple[int, Problem]]:
        """Problems that show only when the figures of all rows are added up: the row and the problem, in no language yet."""
        del upload
        return iter(())

    def remarks(self, upload: Any) -> Iterator[Problem]:
        """What is to be said of the file as a whole when its rows have been looked at; nothing of it blocks."""
        del upload
        return iter(())

    def across(
        self, *, by: User, lines: Iterable[Line], focus: frozenset[int] | None = None
    ) -> Iterator[tuple[int, Callable[[], Problem]]]:
        """Problems that show only when all new rows are seen together: the row, and what says the problem in the active language.

        `focus` are the only rows of interest, where a person has just mended some.
        """
        del by, lines, focus
        return iter(())

    def said(self, answer: dict[str, Any]) -> list[Any]:
        """What was answered to a row of a kind that `asks`, in sentences."""
        del answer
        return []

    def answers(self, upload: Any) -> tuple[list[str], Iterator[list[Any]]]:
        """Headings and rows of the file of answers of a kind that `asks`, in the order of the file that was sent."""
        del upload
        return [], iter(())

    def finished(self, *, organisation: Organisation, once: str, object_ids: Sequence[str]) -> None:
        """Something was written as a whole; set in motion what follows. `once` names it."""
        del organisation, once, object_ids

    def gone(self, *, organisation: Organisation, upload_id: str) -> None:
        """What could be taken back of an upload is taken back; set in motion what follows."""
        del organisation, upload_id
