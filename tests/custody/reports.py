"""Sales reports as distributors send them, made on the spot."""

import datetime as dt
from typing import Any

from certifications.custody.models import Movement
from certifications.custody.rules import month_of
from certifications.ledger.days import civil_today

# The last month that is over, and a day in it.
MONTH = month_of(month_of(civil_today()) - dt.timedelta(days=1))
DAY = MONTH + dt.timedelta(days=4)
HEAD = ("发票号", "发货日期", "交易类型", "客户名称", "终端用户", "货号", "批号", "序列号", "数量", "单位", "单价", "金额", "申报编号")


def row(**changes: Any) -> tuple[Any, ...]:
    """A row that is right; `changes` by heading."""
    values = {
        "发票号": "INV-1", "发货日期": DAY.isoformat(), "交易类型": "销售", "客户名称": "宁波江南医院", "终端用户": "", "货号": "CI-2440-100", "批号": "24A",
        "序列号": "", "数量": "3", "单位": "盒", "单价": "4800", "金额": "14400", "申报编号": "",
    }  # fmt: skip
    return tuple({**values, **changes}[name] for name in HEAD)


def told() -> list[tuple[str, ...]]:
    """(kind, quantity, lot, serial, buyer) of every movement that counts."""
    rows = Movement.objects.filter(taken_back_at__isnull=True).order_by("row", "part")
    return [(m.kind, f"{m.quantity.normalize():f}", m.lot, m.serial, m.buyer_name) for m in rows]
