"""Decides who won what, for how much. Sources in order of trust: template codes, tables of awards, labelled lines, first in a ranking.

A failed lot and a bidder that did not win are never awards; what a tender, an intention, a failure or a cancellation names is nobody's
award. Must not touch the buyer or the goods.
"""

import re
from dataclasses import dataclass, replace
from decimal import Decimal
from typing import Final

from . import amendments
from .blocks import Document
from .facts import Fact, Facts
from .money import money
from .names import COMPANY, USCC, WITHHELD, firms
from .runs import EMPTY, HAN, Run
from .stages import NOBODY_WON
from .tables import Row

_FIRST_IN_PROSE: Final = re.compile(rf"([{HAN}A-Za-z0-9()]{{4,50}}?)为第一(?:中标|成交)候选")
_FIRST_LABEL: Final = re.compile(r"第[一1](?:名|顺位|名?(?:中标|成交)?候选(?:人|供应商|单位)?)(?:名称)?\s*:\s*")
_LOOSE: Final = re.compile(r"(?:中标|成交)(?:供应商|人|单位)?[^。:]{0,24}[::为]\s*")
_FLAT_RANK: Final = re.compile(rf"({COMPANY.pattern})\s*(?:\d{{1,3}}\.\d\d\s*){{2,}}1(?!\d)")
_FAILED_BECAUSE: Final = re.compile(
    r"(?:废标|流标)(?:(?!未)[\s\S]){0,120}?(?:不足|少于|未达|取消|均未|实质性|重大变故|不满足|影响公正)|(?:不足|少于)[^。\n]{0,14}(?:废标|流标)"
    r"|(?:包|标段|标项)\s*[\dA-Z一二三四五六七八九十]{0,3}\s*[:,]?\s*(?:废标|流标)"
)
_RATE: Final = re.compile(r"(?:中标|成交|投标)[^。\n]{0,8}(?:下浮|降点|折扣|费率|优惠率)[^。\n]{0,12}\d")
_RATE_CELL: Final = re.compile(r"(?<!\S)(?:下浮率?|折扣率?|优惠率|费率)(?:\(%\))?(?!\S)")
_WON_TITLE: Final = re.compile("中标|成交|中选|入围")
_MARKED: Final = re.compile(r"是|√|中标(?!候选)|成交(?!候选)")  # the table says who won; a rank only says who stands first
_CHOSEN: Final = re.compile(
    rf"(?:确定|选定|评定|确认)({COMPANY.pattern})为(?:本项目|本次采购|该项目)?的?(?:中标|成交|中选)(?!候选)|(?<![不未])同意(?:直接)?[向由从]({COMPANY.pattern})采购"
)
# "第一包：甲公司，成交金额：28.8万元"
_WITH_SUM: Final = re.compile(
    rf"^[^:,;。]{{0,12}}[:、.]?\s*({COMPANY.pattern})\s*[,;、(（:]?\s*((?:中标|成交|中选)(?:总)?(?:金额|价格?|总价|报价)(?:为|是)?\s*:?\s*[^。;]{{2,60}})"
)
_LETTER: Final = re.compile(
    r"(?:(?:确定|确认)为|贵(?:单位|公司)\s*为)(?:本|该)?(?:次|项目)?[^,。;:未非不]{0,16}?的?(?:中标|成交|中选)(?:人|供应商|单位)"
)
# "致：甲公司", "甲公司："; without either it may as well be the site's own name at the top of the page.
_ADDRESSEE: Final = re.compile(rf"^(?:致\s*:?\s*({COMPANY.pattern})\s*:?|({COMPANY.pattern})\s*:)$")
_SUM: Final = re.compile(r"(?:中标|成交|中选)(?:总)?(?:金额|价格?|总价)(?:为|是)?\s*:?\s*([^。;]{2,60})")
_CANDIDATE: Final = re.compile(r"第[二三23]|备选")


@dataclass(frozen=True, slots=True)
class Award:
    """One award: runs of name, address, code, amount and lot; `amount` in yuan; `reason` as in types.REASONS."""

    name: Run
    confidence: float
    reason: str
    address: Run = EMPTY
    uscc: Run = EMPTY
    amount: Decimal | None = None
    amount_run: Run = EMPTY
    lot: Run = EMPTY


def awards(document: Document, facts: Facts, notes: set[str], stage: str) -> list[Award]:
    """Every award that the notice states, for a candidate notice who stands first; adds note codes to `notes`."""
    if any(row.failed for s in facts.sheets for row in s.rows) or _FAILED_BECAUSE.search(document.text):
        notes.add("failed_lot")
    if stage in NOBODY_WON:
        return []
    if stage == "amendment" and amendments.marked(document):
        said = [Fact(h.field, h.label + h.unit, h.value, "label", "award", h.before) for h in amendments.after(document)]
        found = _from_labels(Facts(said), notes)
        return [replace(a, confidence=0.6, reason="after") for a in _without_repeats(found)]
    found = (
        _from_codes(facts, notes)
        or _from_tables(facts, notes)
        or _from_labels(facts, notes)
        or _from_sheets(facts, "goods", notes)
        or ([] if stage == "candidate" else _from_prose(document, notes))
    )
    if not found:
        found = _from_ranking(document, facts, notes)
    found = _without_repeats(found)
    if any(f.field == "supplier" and WITHHELD.match(f.value.text) for f in facts.facts) and not found:
        notes.add("supplier_withheld")
    found = _with_totals(found, facts, notes)
    if not any(a.amount for a in found) and _RATE.search(document.text):
        notes.add("rate_not_price")
    unsure = stage in {"candidate", "amendment"}
    return [replace(a, confidence=min(a.confidence, 0.6)) for a in found] if unsure else found


def _amount(award: Award, run: Run, label: str, notes: set[str]) -> Award:
    said = money(run.text, label)
    if said.flag:
        notes.add(said.flag)
    if said.value is None:
        return award
    return replace(award, amount=said.value, amount_run=run.cut(said.start, said.end, strip=" "))


def _from_codes(facts: Facts, notes: set[str]) -> list[Award]:
    found: list[Award] = []
    for sheet in facts.sheets:
        for row in sheet.rows:
            name = row.codes.get("winningSupplierName")
            if not name or row.failed:
                continue
            for firm in firms(name, trusted=True)[:1]:
                award = Award(firm, 0.98, "template", row.codes.get("winningSupplierAddr", EMPTY), _code(row), lot=_lot(row, sheet.lot))
                price = row.codes.get("summaryPrice", EMPTY)
                title = next((t for v, t in row.cells.values() if v is price), "")
                found.append(_amount(award, price, title, notes))
    return found


def _from_sheets(facts: Facts, kind: str, notes: set[str]) -> list[Award]:
    found: list[Award] = []
    for sheet in facts.sheets:
        if sheet.kind != kind:
            continue
        # The rank decides only where somebody lost: in a list of winners "1, 2, 3" are lots.
        ranked = any(r.rank == "won" for r in sheet.rows) and any(r.rank == "lost" for r in sheet.rows)
        for row in sheet.rows:
            placed = re.fullmatch(r"\d+", _rank_text(row))
            # Of a framework everybody who is let in has won, in whichever place.
            let_in = placed and "入围" in row.cells.get("supplier", (EMPTY, ""))[1]
            if row.failed or (row.rank == "lost" and not let_in and (ranked or not placed)):
                continue
            found.extend(replace(a, lot=_lot(row, sheet.lot)) for a in _award_of(row, kind, notes))
    return found


def _from_tables(facts: Facts, notes: set[str]) -> list[Award]:
    """Tables of awards, and beside one a list of goods whose column says that its suppliers won, as frameworks have them for some lots."""
    found = _from_sheets(facts, "awards", notes)
    if not found:
        return []
    beside = [
        replace(sheet, rows=rows)
        for sheet in facts.sheets
        if sheet.kind == "goods" and (rows := tuple(r for r in sheet.rows if _WON_TITLE.search(r.cells.get("supplier", (EMPTY, ""))[1])))
    ]
    more = _from_sheets(Facts(sheets=beside), "goods", notes) if beside else []
    return [*(a for a in more if a.name.text not in {f.name.text for f in found}), *found]


def _lot(row: Row, above: Run) -> Run:
    """The lot as the row names it, else as the line above the table does."""
    return next(
        (run for run, title in row.cells.values() if re.match(r"(?:合同|采购)?包|标[段项包]|分包", title) and len(run.text) < 40), above
    )  # noqa: PLR2004


def _rank_text(row: Row) -> str:
    return row.cells["rank"][0].text.strip() if "rank" in row.cells else ""


def _award_of(row: Row, kind: str, notes: set[str]) -> list[Award]:
    cell = row.cells.get("supplier") or row.cells.get("bidder")
    if cell is None:
        return []
    if WITHHELD.match(cell[0].text):
        notes.add("supplier_withheld")
        return []
    names = firms(cell[0], trusted=True)
    if len(names) > 1:
        notes.add("several_suppliers")
    made = []
    for i, name in enumerate(names):
        reason = {"awards": "awards", "goods": "goods_table"}.get(kind, "bidders")
        award = Award(name, 0.93 if kind == "awards" else 0.7, reason, row.cells.get("supplier_address", (EMPTY, ""))[0], _code(row))
        price = next((row.cells[n] for n in ("amount", "line_amount", "bid") if n in row.cells), None)
        if price and i == 0 and kind != "goods":
            # "下浮率(%)" in the cell beside it says what the figure is.
            rate = _RATE_CELL.search(row.whole)
            award = _amount(award, price[0], price[1] + (rate[0] if rate else ""), notes)
        made.append(award)
    return made


def _code(row: Row) -> Run:
    for run, _title in row.cells.values():
        if m := USCC.search(run.text):
            return run.cut(m.start(), m.end())
    return EMPTY


def _from_labels(facts: Facts, notes: set[str]) -> list[Award]:
    found: list[Award] = []
    open_award = False
    for fact in facts.facts:
        if _CANDIDATE.search(fact.before) or (fact.before.endswith("候选") and fact.field != "supplier"):
            open_award = False
        elif fact.label.startswith("联合体") and not open_award and fact.section != "award":
            continue  # whose consortium it is has not been said
        elif fact.field in {"supplier", "supplier_list"}:
            made = _award_by_label(fact, notes)
            found.extend(made)
            open_award = bool(made)
        elif fact.field == "bidder":
            open_award = False
        elif not open_award or not found:
            continue
        elif fact.field == "amount" and found[-1].amount is None and fact.section != "bidders":
            found[-1] = _amount(found[-1], fact.value, fact.label, notes)
        elif not found[-1].address and (fact.field == "supplier_address" or (fact.field == "address" and _near(found[-1], fact))):
            found[-1] = replace(found[-1], address=fact.value)
        elif fact.field == "uscc" and not found[-1].uscc and (m := USCC.search(fact.value.text)):
            found[-1] = replace(found[-1], uscc=fact.value.cut(m.start(), m.end()))
    return found


def _near(award: Award, fact: Fact) -> bool:
    """A bare "地址" belongs to the winner only right behind its name; further down it is the buyer's or the agency's."""
    behind = fact.value.bounds()[0] - award.name.bounds()[1]
    return 0 <= behind <= (60 if fact.section == "award" else 12)


def _award_by_label(fact: Fact, notes: set[str]) -> list[Award]:
    if fact.section == "bidders" and fact.label.startswith(("供应商", "联合体")):
        return []
    names = firms(fact.value, trusted=True)
    if fact.field == "supplier_list" and not any(n.text[:4] in fact.value.text[:12] for n in names):
        return []
    if len(names) > 1:
        notes.add("several_suppliers")
    made = [Award(name, 0.9 if fact.how != "next" else 0.8, fact.how, lot=fact.lot) for name in names]
    if made:
        rest = fact.value.cut(made[0].name.bounds()[1] and _behind(fact.value, made[0].name))
        if m := re.search(r"地址\s*:?\s*([^,;。\n]{4,60})", rest.text):
            made[0] = replace(made[0], address=rest.cut(m.start(1), m.end(1)))
        if m := re.search(r"(?:金额|价格?|报价)\s*(?:为|是)?\s*:?\s*(\S.{0,60})", rest.text):
            made[0] = _amount(made[0], rest.cut(m.start(1), m.end(1)), m[0], notes)
    return made


def _behind(run: Run, part: Run) -> int:
    """Where in the run the text behind the part begins."""
    last = part.bounds()[1]
    return next((i for i, at in enumerate(run.at) if at >= last), len(run.text))


def _from_prose(document: Document, notes: set[str]) -> list[Award]:
    """Who a sentence says was chosen: "确定甲公司为中标人", or the addressee of a letter that says so."""
    found: list[Award] = []
    letter = _LETTER.search(document.text)
    for run in document.lines():
        if (summed := _WITH_SUM.search(run.text)) and not re.search("候选|未中标|未成交", run.text):
            named = firms(run.cut(summed.start(1), summed.end(1)), trusted=True)[:1]
            found.extend(_amount(Award(name, 0.6, "prose"), run.cut(summed.start(2), summed.end(2)), "", notes) for name in named)
            continue
        chosen = list(_CHOSEN.finditer(run.text)) or (list(_ADDRESSEE.finditer(run.text)) if letter else [])
        for m in chosen:
            place = m.lastindex or 1
            found.extend(Award(name, 0.6, "prose") for name in firms(run.cut(m.start(place), m.end(place)), trusted=True)[:1])
        if found and found[-1].amount is None and (said := _SUM.search(run.text)):
            found[-1] = _amount(found[-1], run.cut(said.start(1), said.end(1)), said[0][:8], notes)
    return found


def _from_ranking(document: Document, facts: Facts, notes: set[str]) -> list[Award]:
    """Who stands first: as labelled first candidate, in a ranked table, in a sentence, or in a table that lost its cells."""
    rows = [row for s in facts.sheets for row in s.rows if row.rank == "won" and not row.failed]
    if marked := [a for row in rows if _MARKED.match(_rank_text(row)) for a in _award_of(row, "bidders", notes)]:
        return marked
    found = (
        _first_labelled(facts, notes)
        or _first_in_prose(document, notes)
        or [a for row in rows for a in _award_of(row, "bidders", notes)]
        or _first_in_ruins(document, notes)
    )
    if found:
        notes.add("supplier_from_ranking")
    return [replace(a, confidence=min(a.confidence, 0.6)) for a in found]


def _first_labelled(facts: Facts, notes: set[str]) -> list[Award]:
    found: list[Award] = []
    for fact in facts.facts:
        if fact.field == "first":
            found.extend(Award(name, 0.6, "ranking") for name in firms(fact.value, trusted=True)[:1])
        elif fact.field in {"bid", "amount"} and found and found[-1].amount is None:
            found[-1] = _amount(found[-1], fact.value, fact.label, notes)
    return found


def _first_in_prose(document: Document, notes: set[str]) -> list[Award]:
    found: list[Award] = []
    for run in document.lines():
        for m in _FIRST_IN_PROSE.finditer(run.text):
            rest = run.cut(m.end(), m.end() + 60)
            header = "万元" if "万元" in rest.text else ""
            found.extend(
                _amount(Award(name, 0.6, "ranking"), rest, header, notes)
                for name in firms(run.cut(m.start(1), m.end(1)), trusted=True)[-1:]
            )
        if first := _FIRST_LABEL.search(run.text):
            rest = run.cut(first.end())
            found.extend(
                _amount(Award(name, 0.6, "ranking"), rest.cut(_behind(rest, name)), "", notes) for name in firms(rest, trusted=True)[:1]
            )
    return found


def _first_in_ruins(document: Document, notes: set[str]) -> list[Award]:
    """A score table without its cells ("... 84.201": score 84.20, rank 1), or a winner in a sentence."""
    found: list[Award] = []
    for run in document.lines():
        if flat := _FLAT_RANK.search(run.text):
            found.extend(Award(name, 0.4, "ranking") for name in firms(run.cut(flat.start(1), flat.end(1)), trusted=False)[:1])
        elif (loose := _LOOSE.search(run.text)) and not re.search(r"候选|未中标|预算", run.text[: loose.end()]):
            rest = run.cut(loose.end(), loose.end() + 120)
            found.extend(
                _amount(Award(name, 0.5, "prose"), rest.cut(_behind(rest, name)), "", notes) for name in firms(rest, trusted=False)[:1]
            )
    return found


def _without_repeats(found: list[Award]) -> list[Award]:
    """A supplier named twice with one amount, or once with and once without, is one award."""
    kept: list[Award] = []
    for award in found:
        same = [i for i, k in enumerate(kept) if k.name.text == award.name.text]
        if any(kept[i].amount == award.amount or award.amount is None for i in same):
            i = next(i for i in same if kept[i].amount == award.amount or award.amount is None)
            kept[i] = replace(kept[i], address=kept[i].address or award.address, uscc=kept[i].uscc or award.uscc)
            continue
        blank = next((i for i in same if kept[i].amount is None), None)
        if blank is None:
            kept.append(award)
        else:
            kept[blank] = replace(award, address=kept[blank].address or award.address, uscc=kept[blank].uscc or award.uscc)
    return kept


def _with_totals(found: list[Award], facts: Facts, notes: set[str]) -> list[Award]:
    """A single award without an amount takes the notice's total; a total that differs by 10,000 makes the amount doubtful."""
    totals = [(f, money(f.value.text, f.label)) for f in facts.of("total", "amount")]
    stated = [(f, m) for f, m in totals if m.value is not None]
    if not stated:
        notes.update(m.flag for _fact, m in totals if m.flag)
    if len(found) == 1 and found[0].amount is None and stated and "supplier_from_ranking" not in notes:
        fact, said = next(((f, m) for f, m in stated if f.field == "amount"), stated[0])
        run = fact.value.cut(said.start, said.end, strip=" ")
        found = [replace(found[0], amount=said.value, amount_run=run)]
    found = _from_goods(found, facts, notes)
    total = next((m.value for f, m in stated if f.field == "total"), None)
    awarded = sum((a.amount for a in found if a.amount is not None), Decimal(0))
    if total and awarded and (awarded / total > 5_000 or total / awarded > 5_000):  # noqa: PLR2004
        notes.add("amount_doubtful")
    return found


def _from_goods(found: list[Award], facts: Facts, notes: set[str]) -> list[Award]:
    """What winners without an amount have from lists of goods with a column of awarded amounts: one winner all, of several each its own list."""
    lists = [
        [row.cells["amount"] for row in sheet.rows if "amount" in row.cells and not row.failed]
        for sheet in facts.sheets
        if sheet.kind == "goods"
    ]
    lists = [cells for cells in lists if cells]
    if not lists or any(award.amount is not None for award in found):
        return found
    if len(found) == 1:
        lists = [[cell for cells in lists for cell in cells]]
    return [_summed(award, cells, notes) for award, cells in zip(found, lists, strict=True)] if len(found) == len(lists) else found


def _summed(award: Award, cells: list[tuple[Run, str]], notes: set[str]) -> Award:
    """The award with the amount of a list's only row; of several rows the sum, which stands nowhere."""
    if len(cells) == 1:
        return _amount(award, *cells[0], notes)
    values = [money(run.text, title).value for run, title in cells]
    known = [v for v in values if v is not None]
    return replace(award, amount=sum(known, Decimal(0))) if known and len(known) == len(values) else award
