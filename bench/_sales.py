"""A sales report as a very large distributor would send it: twenty columns, several forms of days, returns, one month."""

import datetime as dt
import io
from collections.abc import Iterator
from typing import Any

import xlsxwriter

HEAD = ("月份", "交易类型", "发票号", "发票日期", "发货日期", "客户名称", "客户信用代码", "客户类型", "终端用户", "终端信用代码", "收货地址", "省份", "城市", "货号", "品名", "批号",
        "数量", "单位", "单价", "金额")  # fmt: skip
GOODS = (
    ("CI-2440-100", "荧光检测试剂盒", "盒", 4800),
    ("CI-2717-200", "扩增试剂盒", "盒", 5200),
    ("CI-2440-100", "荧光检测试剂盒", "盒", 4750),
)


def month() -> dt.date:
    """The last month that is over."""
    return (dt.date.today().replace(day=1) - dt.timedelta(days=1)).replace(day=1)


def rows(count: int, *, wrong: bool = False) -> Iterator[tuple[Any, ...]]:
    """Invoices of four lines; every 97th row comes back. `wrong`: a quantity that cannot be read in each."""
    first = month()
    for n in range(count):
        number, name, unit, price = GOODS[n % 3]
        back = n % 97 == 96
        quantity = -1 if back else 1 + n % 9
        day = first + dt.timedelta(days=n % 28)
        buyer = f"宁波市第{n // 4 % 2500}医院"
        invoiced = day.strftime("%Y/%m/%d") if n % 2 else day.strftime("%Y%m%d")
        yield (
            first.strftime("%Y-%m"), "退货" if back else "销售", f"INV{n // 4:07d}", invoiced, day, buyer, "", "医院", f"{buyer}遗传科", "",
            f"浙江省宁波市江北区人民路{n % 900}号", "浙江省", "宁波市", number, name, f"24C{n % 50:03d}",
            "很多" if wrong else quantity, unit, price, price * quantity,
        )  # fmt: skip


def book(count: int, *, wrong: bool = False) -> bytes:
    """The report as a workbook."""
    out = io.BytesIO()
    made = xlsxwriter.Workbook(out, {"constant_memory": True})
    sheet, day = made.add_worksheet("流向"), made.add_format({"num_format": "yyyy-mm-dd"})
    sheet.write_row(0, 0, HEAD)
    for at, row in enumerate(rows(count, wrong=wrong), start=1):
        for place, cell in enumerate(row):
            if isinstance(cell, dt.date):
                sheet.write_datetime(at, place, dt.datetime.combine(cell, dt.time()), day)
            elif cell != "":
                sheet.write(at, place, cell)
    made.close()
    return out.getvalue()
