"""The same notice in other clothes: what portals, editors and copying do to a page, without changing what it says.

Each disguise is a pure function of the notice's text; `None` where it does not apply. Used by notices.py and by a test.
"""

import re
from collections.abc import Callable, Iterator
from decimal import Decimal
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
    body = re.sub(r"(?i)<br\s*/?>|<tr\b[^>]*>|</(?:p|tr|div|h\d|li|table)>", "\n", body)
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


_YUAN = re.compile(r"(?<![\d.,A-Za-z\-])(\d[\d,]*(?:\.\d+)?)\s*元(?![/∕每\d])")
_FIGURES, _PLACES = "零壹贰叁肆伍陆柒捌玖", ("", "拾", "佰", "仟")


def in_wan(text: str, kind: str) -> str:
    """Yuan written as tens of thousands."""
    return _YUAN.sub(lambda m: f"{Decimal(m[1].replace(',', '')) / 10_000:f}万元", text)


def thousands(text: str, kind: str) -> str:
    """Thousands separated, two digits behind the point."""
    return _YUAN.sub(lambda m: f"{Decimal(m[1].replace(',', '')):,.2f}元", text)


def in_figures_of_law(text: str, kind: str) -> str:
    """Whole amounts in the figures of cheques alone."""
    return _YUAN.sub(lambda m: _spelled(Decimal(m[1].replace(",", ""))) or m[0], text)


def _spelled(value: Decimal) -> str:
    if value != value.to_integral_value() or not 1_000 <= value < 10**8:
        return ""
    wan, rest = divmod(int(value), 10_000)
    said = (_group(wan) + "万" if wan else "") + ("零" if wan and 0 < rest < 1_000 else "") + _group(rest)
    return f"人民币{said}元整"


def _group(number: int) -> str:
    said, zero = "", False
    for place in (3, 2, 1, 0):
        digit = number // 10**place % 10
        if digit:
            said += ("零" if zero and said else "") + _FIGURES[digit] + _PLACES[place]
        zero = not digit
    return said


def wan_in_header(text: str, kind: str) -> str | None:
    """Columns of amounts in yuan with the unit in their title, as columns in tens of thousands."""
    if kind != HTML_ONLY:
        return None

    def column(m: re.Match[str]) -> str:
        rows = [list(re.finditer(r"(?is)(<t[dh][^>]*>)(.*?)(</t[dh]>)", row)) for row in re.findall(r"(?is)<tr[^>]*>.*?</tr>", m[0])]
        changed = m[0]
        if len(rows) < 2 or len({len(row) for row in rows}) != 1 or "span=" in m[0]:
            return changed
        for i, title in enumerate(rows[0]):
            cells = [row[i] for row in rows[1:]]
            if re.search(r"[(（]元[)）]", title[2]) and all(re.fullmatch(r"\s*\d[\d,.]*\s*", cell[2]) for cell in cells):
                changed = changed.replace(title[0], title[1] + re.sub(r"[(（]元[)）]", "（万元）", title[2]) + title[3], 1)
                for cell in cells:
                    value = Decimal(cell[2].strip().replace(",", "")) / 10_000
                    changed = changed.replace(cell[0], f"{cell[1]}{value:f}{cell[3]}", 1)
        return changed

    return re.sub(r"(?is)<table(?:(?!<table).)*?</table>", column, text)


def columns_turned(text: str, kind: str) -> str | None:
    """Columns of tables in the opposite order, as another portal has them."""
    if kind != HTML_ONLY:
        return None

    def turned(m: re.Match[str]) -> str:
        rows = re.findall(r"(?is)<tr[^>]*>.*?</tr>", m[0])
        cells = [re.findall(r"(?is)<t[dh][^>]*>.*?</t[dh]>", row) for row in rows]
        if len(rows) < 2 or "span=" in m[0] or len({len(row) for row in cells}) != 1 or len(cells[0]) < 3 or "：" in m[0]:
            return m[0]
        return "<table>" + "".join("<tr>" + "".join(reversed(row)) + "</tr>" for row in cells) + "</table>"

    return re.sub(r"(?is)<table(?:(?!<table).)*?</table>", turned, text)


def table_in_each_cell(text: str, kind: str) -> str | None:
    """Each cell's words inside a frame of its own, as some editors leave them."""
    if kind != HTML_ONLY:
        return None
    return re.sub(
        r"(?is)(<td[^>]*>)((?:(?!</?t[dhr]\b|<table|<p\b).)+)(</td>)",
        r"\1<div><p><span>&nbsp;</span>\2<span>&nbsp;&nbsp;</span></p></div>\3",
        text,
    )


def lines_as_rows(text: str, kind: str) -> str | None:
    """Paragraphs of a label and its value as rows of a table, the colon in a cell of its own."""
    if kind != HTML_ONLY:
        return None
    return re.sub(
        r"<p>([\u4e00-\u9fff（）()]{2,16})[：:]([^<：:]{2,80})</p>", r"<table><tr><td>\1</td><td>：</td><td>\2</td></tr></table>", text
    )


def code_beside_name(text: str, kind: str) -> str | None:
    """A credit code in brackets behind each firm that fills its cell."""
    return (
        re.sub(r"(有限公司|有限责任公司)(?=\s*</t[dh]>)", r"\1（统一社会信用代码：91330200MA2TEST01X）", text)
        if kind == HTML_ONLY
        else None
    )


def read_by_machine(text: str, kind: str) -> str | None:
    """A space behind every Han character, as text recognised on a picture has."""
    return re.sub(r"([\u4e00-\u9fff])(?=[\u4e00-\u9fff：])", r"\1 ", text) if kind == TEXT_ONLY and "\t" not in text else None


def page_feet(text: str, kind: str) -> str | None:
    """A page's foot and head in the middle of the text, where a line ends."""
    lines = text.split("\n")
    if kind != TEXT_ONLY or len(lines) < 8 or "\t" in text or "|" in text:
        return None
    half = len(lines) // 2
    return "\n".join([*lines[:half], "                      第 1 页 共 2 页", "", *lines[half:]])


DISGUISES: tuple[Callable[[str, str], str | None], ...] = (
    full_width_amounts, other_labels, spread, half_width_colons, div_tables, nested, broken_tags, as_copied, wrapped, windows,
    in_wan, thousands, in_figures_of_law, wan_in_header, columns_turned, table_in_each_cell, lines_as_rows, code_beside_name,
    read_by_machine, page_feet,
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
