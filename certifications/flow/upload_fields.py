"""The fields of customers and declarations as files name them, in English and Chinese; a distributor's own names come on top."""

import re

from django.utils.translation import gettext_lazy

from certifications.uploads.kinds import Field
from certifications.uploads.values import amount, choice, code, day, folded

from .upload_words import country, country_choices, division, in_every_language

TYPES = {
    "end_user": gettext_lazy("an end user"),
    "reseller": gettext_lazy("a reseller"),
    "consignee": gettext_lazy("a consignee or forwarder"),
}
read_type = choice(
    [
        ("end_user", (*in_every_language(TYPES["end_user"]), "end user", "enduser", "final user", "user", "hospital", "laboratory", "最终用户", "终端用户", "终端", "用户",
                      "直接用户")),
        ("consignee", (*in_every_language(TYPES["consignee"]), "consignee", "forwarder", "freight forwarder", "carrier", "收货人", "货运代理", "货代", "承运人")),
        ("reseller", (*in_every_language(TYPES["reseller"]), "reseller", "dealer", "distributor", "sub-distributor", "agent", "经销商", "分销商", "代理商", "渠道", "转售商")),
    ],
    lambda: gettext_lazy("Write “end user”, “reseller” or “consignee”."),
)  # fmt: skip
KINDS = {
    "single": gettext_lazy("One end user"),
    "several": gettext_lazy("Several end users"),
    "stockist": gettext_lazy("For stock"),
}
read_kind = choice(
    [
        ("single", (*in_every_language(KINDS["single"]), "single", "one", "单一最终用户", "单一")),
        (
            "several",
            (*in_every_language(KINDS["several"]), "several", "multiple", "multiple end users", "多个最终用户", "多最终用户", "多个"),
        ),
        ("stockist", (*in_every_language(KINDS["stockist"]), "stockist", "stock", "备货", "库存")),
    ],
    lambda: gettext_lazy("Write “one end user”, “several end users” or “for stock”."),
)
TERMS = {"one_off": gettext_lazy("One-off"), "standing": gettext_lazy("Standing, with ceilings")}
read_term = choice(
    [
        ("one_off", (*in_every_language(TERMS["one_off"]), "one-off", "one off", "single order", "一次性", "单次")),
        ("standing", (*in_every_language(TERMS["standing"]), "standing", "blanket", "长期", "框架")),
    ],
    lambda: gettext_lazy("Write “one-off” or “standing”."),
)
PERIODS = {
    "month": gettext_lazy("in a calendar month"),
    "quarter": gettext_lazy("in a calendar quarter"),
    "year": gettext_lazy("in a calendar year"),
}
read_period = choice(
    [
        ("month", (*in_every_language(PERIODS["month"]), "month", "monthly", "月", "每月")),
        ("quarter", (*in_every_language(PERIODS["quarter"]), "quarter", "quarterly", "季", "季度", "每季度")),
        ("year", (*in_every_language(PERIODS["year"]), "year", "yearly", "annual", "年", "每年")),
    ],
    lambda: gettext_lazy("Write “month”, “quarter” or “year”."),
)
REPORTING = {"month": gettext_lazy("every month"), "quarter": gettext_lazy("every quarter")}
read_reporting = choice(
    [
        ("month", (*in_every_language(REPORTING["month"]), "month", "monthly", "每月", "月")),
        ("quarter", (*in_every_language(REPORTING["quarter"]), "quarter", "quarterly", "每季度", "季度")),
    ],
    lambda: gettext_lazy("Write “month” or “quarter”."),
)


def several(text: str) -> tuple[str, ...]:
    """Names in one cell, in their order."""
    return tuple(part.strip() for part in re.split(r"[\n;；|]", text) if part.strip())


CUSTOMER_FIELDS = (
    Field("customer", gettext_lazy("Portal reference"), ("customer reference (portal)", "portal id", "门户编号"), code,
          hint=gettext_lazy("The 26 characters that a workbook of the portal holds; leave it empty for a new customer.")),
    Field("native_name", gettext_lazy("Name in its own script"), ("name", "customer name", "customer", "company", "company name", "native name", "chinese name",
          "local name", "buyer name", "end user name", "end user", "名称", "客户名称", "客户", "客户全称", "全称", "单位名称", "单位", "中文名称", "中文名", "企业名称", "公司名称",
          "用户名称", "最终用户", "终端用户", "采购单位", "客戶名稱", "客戶", "名稱", "單位名稱", "公司名稱", "客户名", "医院名称"), max_length=300),
    Field("latin_name", gettext_lazy("Name in Latin letters"), ("english name", "name en", "name in english", "latin name", "pinyin name", "customer name en",
          "英文名称", "英文名", "拼音", "英文全称", "英文名稱"), max_length=300),
    Field("other_names", gettext_lazy("Other names"), ("aliases", "alias", "short name", "former name", "also known as", "别名", "其他名称", "简称", "曾用名", "其它名称"),
          several, max_length=1500),
    Field("kind", gettext_lazy("End user or reseller"), ("type", "customer type", "buyer type", "category", "客户类型", "类型", "类别", "性质", "客戶類型"), read_type,
          choices=lambda: list(TYPES.items()), default="end_user"),
    Field("uscc", gettext_lazy("Unified social credit code"), ("uscc", "credit code", "social credit code", "tax number", "tax id", "registration number",
          "buyer uscc", "统一社会信用代码", "社会信用代码", "信用代码", "税号", "纳税人识别号", "统一代码", "統一社會信用代碼"), code, max_length=40),
    Field("lei", gettext_lazy("Legal entity identifier"), ("lei", "lei code", "全球法人识别编码", "法人识别编码"), code, max_length=40),
    Field("address", gettext_lazy("Address of the site"), ("address", "site address", "street", "street address", "地址", "详细地址", "单位地址", "通讯地址", "注册地址",
          "收货地址", "客户地址", "住所"), max_length=300),
    Field("country", gettext_lazy("Country"), ("country code", "country/region", "国家", "国家/地区", "国别", "國家"), country, needed=True,
          choices=country_choices, default="CN"),
    Field("division", gettext_lazy("Division of the site"), ("division", "division code", "city", "district", "region", "gb/t 2260", "行政区划", "行政区划代码", "区划代码",
          "城市", "市", "地区", "所在地", "所在城市", "行政區劃"), division),
    Field("line_of_business", gettext_lazy("Line of business"), ("business", "industry", "nature of business", "sector", "行业", "主营业务", "经营范围", "业务", "业务范围",
          "行業"), max_length=200),
    Field("note", gettext_lazy("Your own note"), ("note", "notes", "remark", "remarks", "comment", "备注", "说明", "備註"), max_length=500),
)  # fmt: skip
DECLARATION_FIELDS = (
    Field("reference", gettext_lazy("Your reference"), ("reference", "ref", "your ref", "declaration reference", "contract no", "contract number", "order no",
          "order number", "quotation", "参考号", "编号", "申报编号", "合同编号", "合同号", "订单号", "项目编号", "單號", "合同編號"), code, max_length=60, above=True,
          hint=gettext_lazy("Rows with the same reference are one declaration; sent again, it changes that draft.")),
    Field("customer", gettext_lazy("End user"), ("customer", "customer name", "buyer", "buyer name", "end user name", "enduser", "uscc", "credit code", "customer reference",
          "客户", "客户名称", "最终用户", "终端用户", "最终用户名称", "用户名称", "采购单位", "统一社会信用代码", "客戶", "客戶名稱", "最終用戶"), needed=True, max_length=400, above=True,
          hint=gettext_lazy("A name, a registration number, or the portal reference of one of your customers.")),
    Field("product", gettext_lazy("Catalogue number"), ("catalog no", "catalog number", "catalogue no", "cat no", "sku", "item", "item no", "product", "product code",
          "货号", "产品编号", "产品货号", "产品", "产品代码", "物料编码", "貨號", "產品編號"), code, needed=True, max_length=200),
    Field("quantity", gettext_lazy("Quantity"), ("qty", "amount", "number of units", "units", "数量", "申报数量", "數量"), amount, needed=True),
    Field("unit", gettext_lazy("Unit"), ("uom", "unit of measure", "单位", "计量单位", "單位"), folded, max_length=30),
    Field("end_use", gettext_lazy("End use"), ("purpose", "use", "intended use", "specific end use", "用途", "最终用途", "使用目的", "最終用途"), needed=True, max_length=2000, above=True),
    Field("place_address", gettext_lazy("Place of use"), ("address", "place", "site", "ship to address", "installation address", "使用地点", "使用地址", "地址", "安装地址",
          "收货地址", "使用地點"), max_length=300, above=True),
    Field("place_country", gettext_lazy("Country"), ("country code", "country of use", "国家", "国家/地区", "使用国家", "國家"), country, needed=True, choices=country_choices,
          default="CN"),
    Field("place_division", gettext_lazy("Division of the place of use"), ("division", "division code", "city", "district", "行政区划", "区划代码", "城市", "地区", "使用地区",
          "行政區劃"), division, above=True),
    Field("valid_from", gettext_lazy("Valid from"), ("from", "start", "start date", "begin date", "有效期自", "开始日期", "生效日期", "起始日期", "有效期起", "開始日期"), day, needed=True, above=True),
    Field("valid_until", gettext_lazy("Valid until"), ("until", "to", "end", "end date", "expiry", "expiry date", "有效期至", "结束日期", "失效日期", "终止日期", "截止日期", "有效期止",
          "結束日期"), day, needed=True, above=True, hint=gettext_lazy("This day is not included; at most four years.")),
    Field("kind", gettext_lazy("Kind"), ("declaration type", "declaration kind", "声明类型", "申报类型"), read_kind, choices=lambda: list(KINDS.items()),
          above=True, hint=gettext_lazy("Of several end users each has rows of its own with its place of use and its quantities, all with one reference.")),
    Field("contract", gettext_lazy("Contract or order"), ("contract or order number", "purchase order", "po", "po number", "采购订单号", "合同或订单号"), code,
          max_length=120),
    Field("relationship", gettext_lazy("Relationship"), ("business relationship", "业务关系", "合作关系"), max_length=300),
    Field("contact", gettext_lazy("Contact at the end user"), ("contact", "contact person", "联系人", "最终用户联系人"), max_length=300),
    Field("samples_per_month", gettext_lazy("Samples a month"), ("samples per month", "monthly samples", "每月样本量", "月样本量"), amount),
    Field("term", gettext_lazy("Term"), ("declaration term", "期限类型", "声明期限"), read_term, choices=lambda: list(TERMS.items())),
    Field("period", gettext_lazy("Ceilings hold"), ("ceiling period", "period", "上限周期"), read_period, choices=lambda: list(PERIODS.items()),
          hint=gettext_lazy("For standing declarations.")),
    Field("ceiling", gettext_lazy("At most in one period"), ("ceiling", "max per period", "周期上限", "每期上限"), amount,
          hint=gettext_lazy("For standing declarations.")),
    Field("purchaser", gettext_lazy("Purchaser"), ("buyer of record", "ordering party", "购买方", "采购方"), max_length=400,
          hint=gettext_lazy("One of your customers, if it is not the end user.")),
    Field("consignees", gettext_lazy("Intermediate consignees"), ("intermediate consignee", "consignee", "中间收货人"), several, max_length=1500,
          hint=gettext_lazy("In order, with semicolons between.")),
    Field("final_consignee", gettext_lazy("Final consignee"), ("ultimate consignee", "receiver", "最终收货人"), max_length=400),
    Field("forwarder", gettext_lazy("Forwarder"), ("freight forwarder", "carrier", "货运代理", "承运人"), max_length=400),
    Field("ship_to_address", gettext_lazy("Shipped to"), ("delivery address", "shipping address", "发货地址", "发往地址"), max_length=300),
    Field("ship_to_country", gettext_lazy("Shipped to: country"), ("delivery country", "发往国家"), country),
    Field("ship_to_division", gettext_lazy("Shipped to: division"), ("delivery division", "发往地区"), division),
    Field("route", gettext_lazy("Route"), ("shipping route", "运输路线"), max_length=500),
    Field("resale_scope", gettext_lazy("Resale"), ("resale scope", "转售范围"), max_length=1000, hint=gettext_lazy("Of a declaration for stock.")),
    Field("reporting", gettext_lazy("Reports on the stock"), ("stock reports", "库存报告"), read_reporting, choices=lambda: list(REPORTING.items())),
    Field("unknown_facts", gettext_lazy("Facts that are not known"), ("unknown", "unknown facts", "not known", "不明事项", "未知事项", "尚不明确的事项"), max_length=500),
)  # fmt: skip
