"""The fields of a sales report as files name them, in English and Chinese; a distributor's own names come on top."""

import datetime as dt
import re

from django.utils.translation import gettext_lazy as _

from certifications.custody.rules import month_of, parts_of
from certifications.uploads.kinds import Field, Unfit
from certifications.uploads.values import amount, choice, code, day, folded, since_2000

from .upload_words import in_every_language

KINDS = {
    "sale": _("Sale"), "return": _("Return"), "transfer": _("Transfer"), "sample": _("Sample"), "loan": _("Loan"), "rma": _("RMA"),
    "receipt": _("Transfer received"),
}  # fmt: skip
read_kind = choice(
    [
        ("sale", (*in_every_language(KINDS["sale"]), "sales", "sold", "invoice", "销售", "销售出库", "出库", "正常销售", "销货", "銷售", "出貨", "发货")),
        ("return", (*in_every_language(KINDS["return"]), "returns", "returned", "credit", "credit note", "退货", "销售退货", "退回", "退貨", "红冲", "冲红")),
        ("transfer", (*in_every_language(KINDS["transfer"]), "transfers", "stock transfer", "调拨", "调货", "调拨出库", "窜货", "調撥")),
        ("sample", (*in_every_language(KINDS["sample"]), "samples", "free sample", "free of charge", "foc", "gift", "样品", "赠品", "试用", "赠送", "樣品")),
        ("loan", (*in_every_language(KINDS["loan"]), "loans", "lent", "demo", "consignment", "借出", "借用", "借货", "租借", "寄售", "演示")),
        ("rma", (*in_every_language(KINDS["rma"]), "rma return", "repair", "return to manufacturer", "返修", "返厂", "维修退回", "退厂", "退回厂家")),
        ("receipt", (*in_every_language(KINDS["receipt"]), "transfers received", "transfer in", "transferred in", "received transfer", "received from distributor", "调入", "调拨入库", "调货入库", "调拨入", "調撥入庫", "調入")),
    ],
    lambda: _("Write sale, return, transfer, transfer received, sample, loan or RMA."),
)  # fmt: skip
_MONTH = re.compile(r"^(\d{4})\s*[-/.年]?\s*(\d{1,2})\s*月?(?:份)?$")


def month(text: str) -> dt.date:
    """A month as its first day: 2026-10, 202610, 2026年10月, or any day in it. Raises Unfit."""
    found = _MONTH.match(folded(text))
    if found and 1 <= int(found[2]) <= 12 and int(found[1]):  # noqa: PLR2004
        return since_2000(dt.date(int(found[1]), int(found[2]), 1))
    try:
        return month_of(day(text))
    except Unfit as unfit:
        if unfit.code == "too_early":
            raise
        raise Unfit("month", _("This cannot be read as a month. Write it as 2026-10.")) from None


def serial_numbers(text: str) -> str:
    """Serial numbers as they are listed, line by line, wide letters and digits as plain ones; one that a spreadsheet rounded is refused. Raises Unfit."""
    typed = "\n".join(filter(None, map(folded, text.splitlines())))
    for part in (typed, *parts_of(typed)):
        code(part)
    return typed


def currency(text: str) -> str:
    """Three letters; the words and signs of the commonest. Raises Unfit."""
    typed = folded(text).upper()
    found = {
        "RMB": "CNY",
        "人民币": "CNY",
        "元": "CNY",
        "¥": "CNY",
        "人民幣": "CNY",
        "美元": "USD",
        "$": "USD",
        "US$": "USD",
        "欧元": "EUR",
        "€": "EUR",
    }.get(typed, typed)
    if not re.fullmatch(r"[A-Z]{3}", found):
        raise Unfit("currency", _("Write the three letters of the currency, such as CNY."))
    return found


SALES_FIELDS = (
    Field("month", _("Month of the report"), ("month", "period", "report month", "reporting month", "report period", "月份", "报告月份", "所属月份", "期间", "报表月份", "月"), month),
    Field("kind", _("Kind of movement"), ("type", "tx type", "transaction type", "movement type", "交易类型", "业务类型", "类型", "单据类型", "出入库类型", "出库类型", "業務類型"), read_kind),
    Field("invoice_no", _("Invoice number"), ("invoice", "invoice no", "invoice number", "document no", "发票号", "发票号码", "发票编号", "单据号", "单据编号", "出库单号", "销售单号",
          "發票號碼"), code, max_length=60, above=True),
    Field("invoiced_on", _("Invoice date"), ("invoice date", "document date", "发票日期", "开票日期", "单据日期", "發票日期"), day, above=True),
    Field("shipped_on", _("Date of shipment"), ("ship date", "shipment date", "date", "sale date", "sales date", "transaction date", "delivery date", "发货日期", "出库日期", "销售日期", "日期",
          "业务日期", "發貨日期", "出貨日期", "交货日期"), day, above=True),
    Field("buyer", _("Buyer"), ("buyer", "buyer name", "customer", "customer name", "sold to", "ship to name", "客户", "客户名称", "购买单位", "采购单位", "购货单位", "下游客户", "流向单位",
          "流向名称", "销往单位", "客戶", "客戶名稱", "顧客名", "고객명"), max_length=300, above=True),
    Field("buyer_uscc", _("Buyer's credit code"), ("buyer uscc", "customer uscc", "buyer tax id", "uscc", "credit code", "customer tax number", "客户信用代码", "客户统一社会信用代码", "统一社会信用代码",
          "社会信用代码", "客户税号", "税号", "统一信用代码"), code, max_length=40, above=True),
    Field("buyer_type", _("Kind of buyer"), ("buyer type", "customer type", "customer category", "客户类型", "客户类别", "客户性质", "單位類型"), max_length=60, above=True),
    Field("end_user", _("End user"), ("end user", "end user name", "enduser", "final user", "终端用户", "终端用户名称", "最终用户", "终端名称", "终端客户", "使用单位", "終端用戶", "最終用戶"), max_length=300,
          above=True),
    Field("end_user_uscc", _("End user's credit code"), ("end user uscc", "end user tax id", "终端信用代码", "终端用户信用代码", "最终用户信用代码", "终端统一社会信用代码"), code, max_length=40, above=True),
    Field("address", _("Delivery address"), ("ship to address", "address", "delivery address", "ship to", "收货地址", "送货地址", "地址", "发货地址", "交货地址", "收貨地址"), max_length=300, above=True),
    Field("province", _("Province"), ("province", "state", "省份", "省", "所在省"), max_length=60, above=True),
    Field("city", _("City"), ("city", "城市", "市", "所在市", "地市"), max_length=60, above=True),
    Field("product", _("Catalogue number"), ("catalog no", "catalog number", "catalogue no", "cat no", "sku", "item", "item no", "product", "product code", "part number", "货号", "产品编号", "产品货号",
          "产品", "产品代码", "物料编码", "商品编码", "存货编码", "貨號", "產品編號"), code, needed=True, max_length=200),
    Field("description", _("Description of the goods"), ("description", "product name", "item name", "goods", "品名", "产品名称", "商品名称", "物料名称", "存货名称", "名称", "品名规格"), max_length=300),
    Field("lot", _("Lot"), ("lot number", "lot no", "batch", "batch number", "批号", "批次", "批次号", "批號"), code, max_length=60),
    Field("serial", _("Serial number"), ("serial", "serial no", "serial numbers", "s/n", "sn", "序列号", "出厂编号", "机身号", "仪器编号", "序號", "序列號"), serial_numbers, max_length=4000),
    Field("quantity", _("Quantity"), ("qty", "quantity sold", "units", "number of units", "数量", "销售数量", "出库数量", "发货数量", "實發數量", "數量", "수량"), amount, needed=True),
    Field("unit", _("Unit"), ("uom", "unit of measure", "单位", "计量单位", "單位"), folded, max_length=30),
    Field("unit_price", _("Unit price"), ("price", "unit price", "单价", "含税单价", "销售单价", "單價"), amount, money=True),
    Field("currency", _("Currency"), ("currency", "币种", "币别", "幣別"), currency),
    Field("amount", _("Amount"), ("total", "value", "sales amount", "total amount", "金额", "销售金额", "含税金额", "价税合计", "金額"), amount, money=True),
    Field("contract_no", _("Contract or project number"), ("contract", "contract no", "contract number", "project no", "project number", "po", "purchase order", "合同号", "合同编号", "项目编号", "订单号", "合同編號"),
          code, max_length=60, above=True),
    Field("declaration", _("Declaration number"), ("declaration", "declaration no", "end use declaration", "eud", "申报编号", "最终用途申报编号", "声明编号", "声明号", "用途声明编号"), code, max_length=40,
          above=True),
    Field("note", _("Note"), ("notes", "remark", "remarks", "comment", "备注", "说明", "備註"), max_length=500),
)  # fmt: skip
# Columns of nearly every report that say nothing of a row: its number, and who sends it.
IGNORED = (
    "no",
    "no.",
    "#",
    "row",
    "line",
    "序号",
    "行号",
    "编号",
    "distributor",
    "distributor code",
    "distributor name",
    "经销商",
    "经销商代码",
    "经销商名称",
    "经销商编码",
    "报送单位",
)
