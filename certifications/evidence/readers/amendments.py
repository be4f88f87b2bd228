"""Reads an award out of a notice that corrects one: only what stands after the correction, never what stood before.

Must not be used for any other kind of notice.
"""

import re
from collections.abc import Iterator
from typing import Final

from .blocks import Document, Line
from .labels import Hit, find, of_cell
from .runs import Run

_AFTER: Final = re.compile(
    r"(?:现?(?:更正|变更|修改|更改|调整|改)(?:后)?(?:的)?(?:内容)?(?:为|如下)|(?:更正|变更|修改|更改)后(?:的)?(?:内容)?)\s*[:,]?\s*"
)
_BEFORE: Final = re.compile(r"(?:更正|变更|修改|更改)前|原(?:公告|中标|成交|内容|结果)|首次公告|(?:更正|变更)日期")
_COLUMN_BEFORE: Final = re.compile(r"(?:更正|变更|修改|更改)前|原(?:公告)?内容")
_COLUMN_AFTER: Final = re.compile(r"(?:更正|变更|修改|更改)后|现内容")


def marked(document: Document) -> bool:
    """Whether the notice sets old against new; one that does not is the corrected notice as a whole."""
    return any(_AFTER.search(run.text) or _COLUMN_BEFORE.search(run.text) for run in document.lines())


def after(document: Document) -> Iterator[Hit]:
    """Labelled values that hold after the correction, in order."""
    open_ = False
    for block in document.blocks:
        if isinstance(block, Line):
            run = block.run
            found = list(_AFTER.finditer(run.text))
            if found:
                yield from find(run.cut(found[-1].end()))
                open_ = run.text[found[-1].end() :].strip(" :,") == ""
            elif _BEFORE.search(run.text):
                open_ = False
            elif open_:
                yield from find(run)
            continue
        column = 0
        for row in block.rows:
            titles = [cell.run.text for cell in row]
            if where := next((i for i, t in enumerate(titles) if _COLUMN_AFTER.search(t) and len(t) < 12), 0):  # noqa: PLR2004
                column = where
            elif column and len(row) > column:
                yield from _of_row(row[column].run, titles[:column])


def _of_row(value: Run, before: list[str]) -> Iterator[Hit]:
    inside = list(find(value))
    if inside:
        yield from inside
        return
    for text in before:
        if named := of_cell(text):
            yield Hit(named[0], named[1], "", value, "", 0, last=True)
            return
