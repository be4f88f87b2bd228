"""Cases for tests, raised by the real rules from confirmed evidence."""

import datetime as dt
from typing import Any

from certifications.evidence.actions import capture, confirm, keep_read, marks_now, propose
from certifications.evidence.models import EvidenceDocument, EvidenceLine
from certifications.evidence.rules import LineData
from certifications.flags.models import Case
from certifications.flow.evidence import match_line
from certifications.ledger.ids import new_ulid
from tests.world import World

NOTICE = """库尔勒市公安局DNA试剂采购项目中标公告
一、项目编号：XJKL-2026-902
二、项目名称：库尔勒市公安局DNA试剂采购项目
三、中标信息
供应商名称：西安泓桥生物科技有限公司
中标金额：1280000元
"""


def captured(world: World, text: str = NOTICE) -> EvidenceDocument:
    """A pasted notice that the reader has read; one that was pasted before stands on another page of its portal."""
    text += "\n" * EvidenceDocument.objects.count()
    document = capture(by=world.reviewer, content=text.encode(), name="pasted.txt", origin="paste", form_key=new_ulid())
    keep_read([propose(document, marks_now())])
    return document


def line(world: World, **changes: Any) -> EvidenceLine:
    """One confirmed line of such a notice; flags are not raised yet."""
    values: dict[str, Any] = {
        "stage": "award",
        "buyer": "库尔勒市公安局",
        "seller": "西安泓桥生物科技有限公司",
        "happened_on": dt.date.today() - dt.timedelta(days=10),
        "product_id": world.kit.pk,
        "project_no": "XJKL-2026-902",
    }
    return confirm(document=captured(world), by=world.reviewer, lines=[LineData(**{**values, **changes})])[0]


def case_on_evidence(world: World, **changes: Any) -> Case:
    """The case that the rules opened on it."""
    confirmed = line(world, **changes)
    match_line(confirmed.pk)
    flag = confirmed.flags.first()
    assert flag is not None
    return flag.case
