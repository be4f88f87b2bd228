"""Labels and values that a page sets side by side without a table: blocks of two parts each, and lists of terms, made the tables they look like.

Must not know what any word means.
"""

import re
from collections.abc import Iterator
from typing import Final

from lxml import etree

_PARTS: Final = frozenset({"span", "em", "b", "strong", "label", "i", "div", "p", "dt", "dd"})
_ROWS: Final = frozenset({"div", "li"})
_DEEPER: Final = frozenset({"table", "div", "p", "ul", "ol", "dl", "br"})
# The label goes on in the second part, or has its colon there: words that were cut apart by their looks alone.
_LABELLED: Final = re.compile(r"[^:：]{0,10}[:：](?!\d)")
MOST_OF_A_LABEL: Final = 12
FEWEST: Final = 3


def make_tables(root: etree._Element) -> None:
    """Change the tree: wherever three blocks at least stand under one another that hold a short label and a value, they become rows."""
    for parent in [node for node in root.iter("div", "section", "ul", "dl", "article", "body") if len(node) >= FEWEST]:
        if parent.tag == "dl":
            _terms(parent)
            continue
        for rows in list(_runs(parent)):
            _replace(rows)


def _runs(parent: etree._Element) -> Iterator[list[etree._Element]]:
    run: list[etree._Element] = []
    for child in parent:
        if _is_pair(child):
            run.append(child)
            if not (child.tail or "").strip():
                continue
        if len(run) >= FEWEST:
            yield run
        run = []
    if len(run) >= FEWEST:
        yield run


def _is_pair(node: etree._Element) -> bool:
    """Two parts and nothing beside them, of which the first is short, says something and has no colon."""
    if node.tag not in _ROWS or len(node) != 2 or (node.text or "").strip() or any((part.tail or "").strip() for part in node):  # noqa: PLR2004
        return False
    return all(_is_plain(part) for part in node) and _is_label(node[0]) and not _LABELLED.match(_words(node[1]))


def _is_plain(part: etree._Element) -> bool:
    return part.tag in _PARTS and not any(inner.tag in _DEEPER for inner in part.iterdescendants())


def _is_label(part: etree._Element) -> bool:
    text = _words(part)
    return 1 < len(text) <= MOST_OF_A_LABEL and not re.search(r"[:：。，]|^[一二三四五六七八九十\d]+[、.．]?$", text)


def _words(part: etree._Element) -> str:
    return re.sub(r"\s", "", "".join(str(words) for words in part.itertext()))


def _terms(parent: etree._Element) -> None:
    parts = list(parent)
    pairs = list(zip(parts[::2], parts[1::2], strict=False))
    alike = len(parts) % 2 == 0 and all(a.tag == "dt" and b.tag == "dd" and _is_label(a) and _is_plain(b) for a, b in pairs)
    if alike and len(pairs) >= FEWEST:
        table = etree.SubElement(parent, "table")
        for pair in pairs:
            _row(table, pair)


def _replace(rows: list[etree._Element]) -> None:
    table = etree.Element("table")
    rows[0].addprevious(table)
    for node in rows:
        tail, node.tail = node.tail, None
        _row(table, tuple(node))
        if (above := node.getparent()) is not None:
            above.remove(node)
        table.tail = (table.tail or "") + (tail or "")


def _row(table: etree._Element, parts: tuple[etree._Element, ...]) -> None:
    row = etree.SubElement(table, "tr")
    for part in parts:
        part.tail = None
        etree.SubElement(row, "td").append(part)
