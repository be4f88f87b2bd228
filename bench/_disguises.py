"""The same notice in other clothes: what portals, editors and copying do to a page, without changing what it says.

Each disguise is a pure function of the notice's text; `None` where it does not apply. Used by notices.py and by a test.
"""

import re
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

from bench.notices import Result, judge, labels

HTML_ONLY = "html"
TEXT_ONLY = "text"
SYNONYMS = (
    ("中标供应商名称", "中标人名称"), ("成交供应商名称", "成交人名称"), ("采购人信息", "采购单位信息"), ("中标（成交）金额", "成交（中标）金额"),
    ("规格型号", "型号规格"), ("货物名称", "产品名称"), ("标的名称", "采购标的"), ("单价(元)", "含税单价（元）"), ("单价（元）", "单价（人民币元）"),
    ("项目编号：", "采购项目编号："), ("采购代理机构：", "采购代理机构名称："), ("中标单位", "中标人"), ("成交单位", "成交供应商"),
)  # fmt: skip
WIDE = str.maketrans("0123456789", "０１２３４５６７８９")


def full_width_amounts(text: str, kind: str) -> str:
    """Digits of amounts and quantities as an input method for Chinese writes them."""
    return re.sub(
        r"(?<![A-Za-z\d\-=\"#/.&])\d[\d,.]*(?=\s*(?:元|万元|盒|台|套|只|瓶))", lambda m: m[0].translate(WIDE).replace(",", "，"), text
    )


def other_labels(text: str, kind: str) -> str:
    """Labels replaced by what other portals call the same thing."""
    for old, new in SYNONYMS:
        text = text.replace(old, new)
    return text


def spread(text: str, kind: str) -> str:
    """Spaces, wide spaces and zero-width characters where an editor left them."""
    for label in ("项目编号", "供应商名称", "采购人", "金额", "数量", "品牌"):
        text = re.sub(rf"{label}(?=[：:<])", "\u3000".join(label[: len(label) // 2]) + "\u00a0" + label[len(label) // 2 :] + " ", text)
    return re.sub(r"：", "\u200b： ", text)


def half_width_colons(text: str, kind: str) -> str:
    """Punctuation of the other width."""
    return text.replace("：", ":").replace("（", "(").replace("）", ")")


def div_tables(text: str, kind: str) -> str | None:
    """Header cells as td, everything wrapped in spans and fonts, attributes everywhere."""
    if kind != HTML_ONLY:
        return None
    text = re.sub(r"<th([\s>])", r"<td\1", text).replace("</th>", "</td>")
    return re.sub(r"<td([^>]*)>", r'<td\1 class="x" style="border:1px solid"><font face="宋体"><span>', text).replace(
        "</td>", "</span></font></td>"
    )


def nested(text: str, kind: str) -> str | None:
    """The whole content inside two layout tables, as old portals have it."""
    if kind != HTML_ONLY or "<body" not in text:
        return None
    opened = re.sub(r"(<body[^>]*>)", r"\1<table><tr><td width='10'></td><td><table><tr><td>", text, count=1)
    return opened.replace("</body>", "</td></tr></table></td></tr></table></body>")


def broken_tags(text: str, kind: str) -> str | None:
    """Without closing tags of cells, rows and paragraphs, in capitals."""
    if kind != HTML_ONLY:
        return None
    text = re.sub(r"</(?:td|tr|p|th|li)>", "", text)
    return re.sub(r"<(/?)(table|tr|td|p)\b", lambda m: f"<{m[1]}{m[2].upper()}", text)


def as_copied(text: str, kind: str) -> str | None:
    """What a browser puts on the clipboard: rows with tabs, paragraphs as lines."""
    if kind != HTML_ONLY:
        return None
    body = re.sub(r"(?is)<(head|script|style)\b.*?</\1>", "", text)
    body = re.sub(r"\s*\n\s*", "", body)
    body = re.sub(r"(?i)</t[dh]>\s*<t[dh][^>]*>", "\t", body)
    body = re.sub(r"(?i)<br\s*/?>|</(?:p|tr|div|h\d|li|table)>", "\n", body)
    body = re.sub(r"<[^>]+>", "", body)
    for entity, char in (("&nbsp;", " "), ("&amp;", "&"), ("&lt;", "<"), ("&gt;", ">"), ("&quot;", '"'), ("&#x27;", "'")):
        body = body.replace(entity, char)
    return re.sub(r"\n{2,}", "\n", body).strip() + "\n"


def wrapped(text: str, kind: str) -> str | None:
    """Text broken at the right margin of a PDF page, 72 columns wide."""
    if kind != TEXT_ONLY or "\t" in text or "|" in text:
        return None
    lines = []
    for line in text.split("\n"):
        width, current = 0, ""
        for char in line:
            width += 2 if ord(char) > 0x2E80 else 1
            if width > 72:
                lines.append(current)
                width, current = 2 if ord(char) > 0x2E80 else 1, ""
            current += char
        lines.append(current)
    return "\n".join(lines)


def windows(text: str, kind: str) -> str:
    """Line ends of Windows, trailing spaces, empty lines between all."""
    return text.replace("\n", " \r\n") if kind == HTML_ONLY else text.replace("\n", " \r\n\r\n")


DISGUISES: tuple[Callable[[str, str], str | None], ...] = (
    full_width_amounts, other_labels, spread, half_width_colons, div_tables, nested, broken_tags, as_copied, wrapped, windows,
)  # fmt: skip


def disguised(folder: Path) -> Iterator[tuple[str, dict[str, Any], bytes]]:
    """(disguise, label, bytes) of every notice of the folder in every disguise that changes it."""
    from certifications.evidence.readers import sniff

    for label in labels(folder):
        content = (folder / label["file"]).read_bytes()
        found = sniff(content)
        text = content.decode(found.encoding)
        kind = HTML_ONLY if found.media_type == "text/html" else TEXT_ONLY
        for disguise in DISGUISES:
            changed = disguise(text, kind)
            if changed is not None and changed != text:
                yield disguise.__name__, label, changed.encode(found.encoding, "ignore")


def measure_disguised(folder: Path) -> Iterator[tuple[str, Result]]:
    """(disguise, counts) over the folder."""
    from certifications.evidence.readers import read_notice

    results: dict[str, Result] = {}
    for name, label, content in disguised(folder):
        judge(results.setdefault(name, Result()), label, read_notice(content, title=label.get("title") or ""))
    yield from results.items()
