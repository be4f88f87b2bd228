"""What the demonstration's distributors reported: one a file of every month but the last, the other that nothing was sold in most of them."""

import csv
import datetime as dt
import io
from collections.abc import Sequence
from typing import Any

from certifications.custody.actions import state_nothing
from certifications.custody.queries import calendars
from certifications.ledger.ids import new_ulid
from certifications.people.models import User
from certifications.uploads import actions
from certifications.uploads.kinds import Kind
from certifications.uploads.steps import go_on

from .upload_sales import Sales

HEAD = ("发票号", "发货日期", "交易类型", "客户名称", "城市", "货号", "批号", "序列号", "数量", "单位")
ROWS = (
    ("{m}-01", 4, "销售", "宁波江南医院", "宁波市", "CI-2440-100", "24C117", "", "6", "盒"),
    ("{m}-02", 9, "销售", "成都岷江妇产医院", "成都市", "CI-2717-200", "27A044", "", "4", "盒"),
    ("{m}-03", 17, "销售", "宁波江南医院", "宁波市", "CI-3600-A", "", "CV36-{m}1、CV36-{m}2", "2", "台"),
    ("{m}-04", 20, "退货", "宁波江南医院", "宁波市", "CI-2440-100", "24C117", "", "-1", "盒"),
    ("{m}-05", 23, "样品", "杭州西溪医院", "杭州市", "CI-2440-100", "24C117", "", "1", "盒"),
)


def _rows(periods: list[dt.date]) -> list[tuple[str, ...]]:
    return [
        (invoice.format(m=f"{period:%y%m}"), period.replace(day=day).isoformat(), *(cell.format(m=f"{period:%y%m}") for cell in rest))
        for period in periods
        for invoice, day, *rest in ROWS
    ]


def written(by: User, kind: Kind, rows: Sequence[Sequence[Any]], name: str) -> None:
    """A file of rows, the first of them the headings, taken all the way by the steps that people and workers take."""
    out = io.StringIO()
    csv.writer(out).writerows(rows)
    upload = actions.receive(by=by, kind=kind, content=out.getvalue().encode("gb18030"), name=name, form_key=new_ulid())
    go_on(upload.pk, {kind.code: kind})
    upload.refresh_from_db()
    actions.commit(upload=upload, kind=kind, by=by, mode="ready")
    go_on(upload.pk, {kind.code: kind})


def load(people: dict[str, User]) -> None:
    """Report what is owed. Nothing where no month but one is over."""
    filer, other = people["filer"], people["stranger"]
    assert filer.organisation is not None
    assert other.organisation is not None
    # The other one is silent of the last two months, and of the earlier of them long enough for a flag.
    for month in calendars([other.organisation])[0].open[:-2]:
        state_nothing(by=other, period=month.period)
    periods = [month.period for month in calendars([filer.organisation])[0].open][:-1]
    if periods:
        written(filer, Sales(), [HEAD, *_rows(periods)], "流向表.csv")
