"""The fields of the manufacturer's shipments as files name them, in English and Chinese; its own names come on top."""

from django.utils.translation import gettext_lazy as _

from certifications.uploads.kinds import Field
from certifications.uploads.values import amount, choice, code, day, folded

from .sales_fields import currency, serial_numbers
from .upload_words import in_every_language

KINDS = {"sell_in": _("Shipment to a distributor"), "sell_back": _("Return from a distributor")}
read_kind = choice(
    [
        ("sell_in", (*in_every_language(KINDS["sell_in"]), "shipment", "shipped", "delivery", "delivered", "sale", "sales", "invoice", "发货", "出货", "出库", "销售", "发运", "銷售", "發貨")),
        ("sell_back", (*in_every_language(KINDS["sell_back"]), "return", "returned", "credit", "credit note", "rma", "退货", "退回", "销售退货", "红冲", "冲红", "返厂", "退貨")),
    ],
    lambda: _("Write shipment or return."),
)  # fmt: skip

SHIPMENT_FIELDS = (
    Field("kind", _("Kind of movement"), ("type", "tx type", "transaction type", "movement type", "交易类型", "业务类型", "类型", "单据类型", "出库类型"), read_kind),
    Field("distributor", _("Distributor"), ("distributor name", "customer", "customer name", "sold to", "sold-to party", "ship to name", "consignee", "account", "经销商", "经销商名称", "客户", "客户名称",
          "收货单位", "购货单位", "經銷商", "客戶名稱"), needed=True, max_length=300, above=True, hint=_("A name or a registration number of one of the distributors of the portal.")),
    Field("invoice_no", _("Invoice number"), ("invoice", "invoice no", "invoice number", "billing document", "document no", "发票号", "发票号码", "发票编号", "单据号", "單據編號", "發票號碼"), code, max_length=60,
          above=True),
    Field("invoiced_on", _("Invoice date"), ("invoice date", "billing date", "document date", "发票日期", "开票日期", "单据日期", "發票日期"), day, above=True),
    Field("shipped_on", _("Date of shipment"), ("ship date", "shipment date", "shipping date", "goods issue date", "actual goods issue", "delivery date", "date", "posting date", "发货日期", "出库日期", "发运日期",
          "交货日期", "日期", "發貨日期", "出貨日期"), day, above=True),
    Field("contract_no", _("Order or contract number"), ("order", "order no", "order number", "sales order", "po", "purchase order", "customer po", "contract", "contract no", "订单号", "销售订单", "采购订单", "合同号", "合同编号",
          "訂單號"), code, max_length=60, above=True),
    Field("product", _("Catalogue number"), ("catalog no", "catalog number", "catalogue no", "cat no", "material", "material number", "sku", "item", "item no", "product", "product code", "part number", "货号", "产品编号",
          "产品货号", "产品", "产品代码", "物料编码", "物料", "貨號", "產品編號"), code, needed=True, max_length=200),
    Field("description", _("Description of the goods"), ("description", "product name", "material description", "item name", "goods", "品名", "产品名称", "商品名称", "物料名称", "物料描述", "名称"), max_length=300),
    Field("lot", _("Lot"), ("lot number", "lot no", "batch", "batch number", "批号", "批次", "批次号", "批號"), code, max_length=60),
    Field("serial", _("Serial number"), ("serial", "serial no", "serial numbers", "s/n", "sn", "序列号", "出厂编号", "机身号", "仪器编号", "序號", "序列號"), serial_numbers, max_length=4000),
    Field("quantity", _("Quantity"), ("qty", "delivered quantity", "delivery quantity", "shipped", "units", "number of units", "数量", "发货数量", "出库数量", "交货数量", "實發數量", "數量"), amount, needed=True),
    Field("unit", _("Unit"), ("uom", "unit of measure", "单位", "计量单位", "單位"), folded, max_length=30),
    Field("address", _("Delivery address"), ("ship to address", "ship to", "address", "delivery address", "收货地址", "送货地址", "地址", "交货地址", "收貨地址"), max_length=300, above=True),
    Field("unit_price", _("Unit price"), ("price", "net price", "单价", "含税单价", "單價"), amount, money=True),
    Field("currency", _("Currency"), ("currency", "document currency", "币种", "币别", "幣別"), currency),
    Field("amount", _("Amount"), ("total", "value", "net value", "total amount", "金额", "含税金额", "价税合计", "金額"), amount, money=True),
    Field("note", _("Note"), ("notes", "remark", "remarks", "comment", "备注", "说明", "備註"), max_length=500),
)  # fmt: skip
# Columns of nearly every such file that say nothing of a row.
IGNORED = ("no", "no.", "#", "row", "line", "序号", "行号", "编号", "plant", "sales organisation", "sales organization", "manufacturer")
