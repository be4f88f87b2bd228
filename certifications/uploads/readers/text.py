"""Text to rows: finds the encoding and the delimiter of a CSV file, whatever program on whatever machine wrote it.

Knows no Django. Runs in the child process alone.
"""

import codecs
import csv
import io
import itertools
from collections import Counter
from collections.abc import Iterator
from typing import Final

from charset_normalizer import from_bytes

from .headings import keys_of
from .types import MAX_CELL, MAX_COLUMNS, MAX_ROWS, Unreadable

SAMPLE: Final = 128 * 1024
MARKS: Final = (
    (codecs.BOM_UTF8, "utf-8-sig"),
    (codecs.BOM_UTF32_LE, "utf-32"),
    (codecs.BOM_UTF32_BE, "utf-32"),
    (codecs.BOM_UTF16_LE, "utf-16"),
    (codecs.BOM_UTF16_BE, "utf-16"),
)
# Families that Excel writes without saying which; a file mostly decodes in several of them.
CANDIDATES: Final = ("gb18030", "big5hkscs", "cp932", "cp949", "cp1252")
DELIMITERS: Final = (",", ";", "\t", "|")
# Frequent characters of tables in both scripts: a wrong codec makes rare ones.
COMMON: Final = frozenset(
    "的一是在不了有和人中大为上个国公司有限科技医院大学研究所实验室检测中心名称客户地址代码编号日期数量单位规格型号备注合计省市区县路号楼层"
    "院校局第人民妇产儿童司法鉴定生物仪器设备贸易经销商最终用户用途北京上海广州深圳杭州宁波南京成都江苏浙江广东四川"
    "的為個國醫學實驗室檢測稱戶碼編號數單規備註計縣樓層婦產兒鑑儀器設貿銷終用廣東蘇臺灣高雄新竹台北"
    "のはをにがとでもしたてアイウエオカキクケコサシスセソ株式会社病院대학교병원주식회사의고객주소이름수량"
    "，。、；：（）《》“”"
)


def decode(content: bytes, vocabulary: frozenset[str] = frozenset()) -> tuple[str, str]:
    """(text, name of the encoding). `vocabulary` are keys of known headings: one that reads as such settles the question.

    Raises Unreadable: binary, encoding, cut_off.
    """
    for mark, codec in MARKS:
        if content.startswith(mark):
            return _whole(content, codec), codec.removesuffix("-sig")
    if b"\x00" in content[:SAMPLE]:
        return _wide(content)
    try:
        return content.decode("utf-8"), "utf-8"
    except UnicodeDecodeError as error:
        # A UTF-8 file that was cut inside its last character, and only there.
        if error.end >= len(content) and error.start > 0 and error.reason == "unexpected end of data" and error.start > len(content) - 4:
            raise Unreadable("cut_off") from None
    best, points = "", -1.0
    for codec in _candidates(content):
        try:
            text = content.decode(codec)
        except UnicodeDecodeError:
            continue
        found = _points(text[:SAMPLE], vocabulary)
        if found > points:
            best, points = codec, found
    if not best:
        raise Unreadable("encoding")
    text = content.decode(best)
    if _controls(text[:SAMPLE]):
        raise Unreadable("binary")
    return text, best


def _candidates(content: bytes) -> list[str]:
    guess = from_bytes(content[:SAMPLE], cp_isolation=[*CANDIDATES, "big5", "shift_jis", "euc_kr", "euc_jp", "latin_1"]).best()
    first = (
        {"big5": "big5hkscs", "shift_jis": "cp932", "euc_kr": "cp949", "latin_1": "cp1252"}.get(guess.encoding, guess.encoding)
        if guess
        else ""
    )
    return list(dict.fromkeys(name for name in (first, *CANDIDATES) if name and name != "ascii"))


def _points(text: str, vocabulary: frozenset[str]) -> float:
    """How much the text looks like a table that people wrote: known headings, frequent characters, no private or rare ones."""
    heads = 0
    for line in text.splitlines()[:20]:
        heads += sum(
            any(key in vocabulary for key in keys_of(cell))
            for cell in line.replace(";", ",").replace("\t", ",").replace("|", ",").split(",")
        )
    wide = [c for c in text if c > "\x7f"]
    if not wide:
        return float(heads)
    common = sum(c in COMMON for c in wide) / len(wide)
    latin = sum(c.isalpha() and c < "\u0250" for c in wide) / len(wide)
    odd = sum("\ue000" <= c <= "\uf8ff" or "\u0080" <= c < "\u00a0" or "\uff61" <= c <= "\uff9f" for c in wide) / len(wide)
    # A lone accented letter between plain ones is European; a run of them is Chinese in the wrong codec.
    runs = sum(a > "\x7f" and b > "\x7f" and b < "\u0250" for a, b in itertools.pairwise(text)) / len(wide)
    return 2.0 * heads + common + 0.3 * max(0.0, latin - 2 * runs) - odd


def _whole(content: bytes, codec: str) -> str:
    try:
        return content.decode(codec)
    except UnicodeDecodeError as error:
        raise Unreadable("cut_off" if error.end >= len(content) - 1 else "encoding") from None


def _wide(content: bytes) -> tuple[str, str]:
    """UTF-16 without a mark: every other byte of what is plain is zero."""
    sample = content[: SAMPLE & ~1]
    even, odd = sample[::2].count(0), sample[1::2].count(0)
    codec = "utf-16-le" if odd >= even else "utf-16-be"
    text = _whole(content[: len(content) & ~1], codec)
    if _controls(text[:SAMPLE]) or max(even, odd) < len(sample) / 50:
        raise Unreadable("binary")
    if len(content) % 2:
        raise Unreadable("cut_off")
    return text, codec


def _controls(text: str) -> bool:
    return any(c < " " and c not in "\t\r\n\f\v\x1a\x1b" for c in text)


def delimiter_of(text: str) -> str:
    """The character between cells: the one that gives the most columns most evenly."""
    first = text.split("\n", 1)[0].strip()
    if first.lower().startswith("sep=") and len(first) == 5:  # noqa: PLR2004 - Excel's own line, "sep=;"
        return first[4]
    lines = "\n".join(text.splitlines()[:60])
    best, points = ",", 0.0
    for delimiter in DELIMITERS:
        widths = Counter(len(row) for row in csv.reader(io.StringIO(lines), delimiter=delimiter) if any(cell.strip() for cell in row))
        wide = {width: count for width, count in widths.items() if width > 1}
        if not wide:
            continue
        width, count = max(wide.items(), key=lambda item: (item[1], item[0]))
        found = count / sum(widths.values()) * min(width, 12)
        if found > points:
            best, points = delimiter, found
    return best


def rows_of(text: str, delimiter: str) -> Iterator[tuple[int, list[str]]]:
    """(row number from 1, cells) of every record. Raises Unreadable: open_quote, cell_too_long, too_many_rows, too_many_columns."""
    csv.field_size_limit(max(len(text), 1))
    lines = io.StringIO(text.replace("\r\n", "\n").replace("\r", "\n"), newline="")
    number = 0
    row: list[str] = []
    for row in csv.reader(lines, delimiter=delimiter):
        number += 1
        if number == 1 and len(row) <= 2 and row and row[0].lower().startswith("sep="):  # noqa: PLR2004
            continue
        for place, cell in enumerate(row, start=1):
            if len(cell) > MAX_CELL:
                if cell.count("\n") > 10:  # noqa: PLR2004 - no cell of a table has so many lines
                    raise Unreadable("open_quote", row=str(number))
                raise Unreadable("cell_too_long", row=str(number), column=str(place), limit=str(MAX_CELL))
        if number > MAX_ROWS:
            raise Unreadable("too_many_rows", rows=f"{MAX_ROWS:,}")
        if len(row) > MAX_COLUMNS and any(cell.strip() for cell in row[MAX_COLUMNS:]):
            raise Unreadable("too_many_columns", columns=str(MAX_COLUMNS))
        yield number, row[:MAX_COLUMNS]
    if number and row and row[-1].count("\n") > 3 and text.count('"') % 2:  # noqa: PLR2004 - it swallowed what stood below
        raise Unreadable("open_quote", row=str(number))
