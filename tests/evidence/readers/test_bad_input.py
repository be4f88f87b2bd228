"""Whatever is thrown at the reader, it answers: a proposal or a sentence, within bounded time, never an exception of another kind."""

import random
import time

import pytest

from certifications.evidence.readers import Unreadable, read_notice
from certifications.evidence.readers.goods import MAX_ITEMS
from tests.evidence.readers.samples import HELD_OUT, content

NOTICE = content("zcy_lots_one_failed.html", HELD_OUT)
LINES = content("package_lines.txt", HELD_OUT)
LIMIT_S = 30  # each takes about two seconds; what grows with the square of its length would take minutes

HOSTILE = {
    "nothing": b"",
    "spaces": b" \r\n\t" * 1000,
    "one character": "中".encode(),
    "ten megabytes of pages": NOTICE * (10_000_000 // len(NOTICE)),
    "ten megabytes of lines": LINES * (10_000_000 // len(LINES)),
    "labels without end": "供应商名称：".encode() * 500_000,
    "goods without end": "品目：试剂，数量2盒，品牌甲，型号A1，单价3元；".encode() * 9000,
    "commas": "，数量".encode() * 200_000,
    "brackets": "（".encode() * 300_000,
    "a name without end": "甲".encode() * 200_000 + "公司".encode(),
    "on behalf without end": "受".encode() * 100_000 + "委托".encode(),
    "cancelled without end": "取消".encode() * 150_000,
    "digits": b"1" * 300_000,
    "tabs": "甲\t".encode() * 100_000,
    "pipes": b"|" * 300_000,
    "deep divisions": b"<html><body>" + b"<div>" * 50_000 + "中标供应商：甲乙丙有限公司".encode(),
    "deep tables": b"<html><body>" + b"<table><tr><td>" * 3000 + "中标供应商：甲乙丙有限公司".encode(),
    "wide table": b"<table><tr>" + b"<td>x</td>" * 60_000 + b"</tr></table>",
    "rows": "<table><tr><td>中标供应商名称</td><td>中标金额</td></tr>".encode() + "<tr><td>甲乙丙有限公司</td><td>9元</td></tr>".encode() * 30_000,
    "two scripts without end": ("采购人ئ" + "( " * 150_000).encode(),
    "cells without end": "包号\n供应商名称\n中标金额\n大写\n1\n甲\n乙有限公司\n9元\n".encode() * 5000,
    "labels beside values without end": b"<div>" + "<div><span>品牌</span><span>甲</span></div>".encode() * 20_000 + b"</div>",
    "noise": random.Random(7).randbytes(300_000),
    "two encodings": NOTICE.decode().encode("gb18030")[:3000] + NOTICE[:3000],
    "wrong encoding declared": NOTICE.replace(b"utf-8", b"big5", 1),
    "cut in the middle": NOTICE[: len(NOTICE) // 2],
    "zero bytes": b"\x00" * 5000,
}  # fmt: skip


@pytest.mark.parametrize("name", HOSTILE)
def test_an_answer_comes_whatever_is_sent(name: str) -> None:
    started = time.perf_counter()
    try:
        proposal = read_notice(HOSTILE[name])
    except Unreadable:
        pass
    else:
        assert len(proposal.items) <= MAX_ITEMS
        assert all(0 <= span.start < span.end <= len(proposal.text) for span in proposal.fields.values())
    assert time.perf_counter() - started < LIMIT_S


def test_a_page_that_declares_another_encoding_is_read_all_the_same() -> None:
    assert read_notice(HOSTILE["wrong encoding declared"]).suppliers == read_notice(NOTICE).suppliers


def test_half_a_page_says_that_it_is_half() -> None:
    assert "cut_off" in {note.code for note in read_notice(HOSTILE["cut in the middle"]).notes}
