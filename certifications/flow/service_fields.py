"""The fields of service visits, parts orders and activations as files name them, in English and Chinese; one's own names come on top."""

from django.utils.translation import gettext_lazy as _

from certifications.uploads.kinds import Field
from certifications.uploads.values import amount, choice, code, day

from .upload_words import in_every_language

KINDS = {"activation": _("Activation"), "service": _("Service visit"), "parts": _("Parts order")}
read_kind = choice(
    [
        ("activation", (*in_every_language(KINDS["activation"]), "activated", "installation", "installed", "install", "commissioning", "registration", "software activation", "licence activation",
                        "license activation", "激活", "软件激活", "安装", "装机", "安装调试", "调试", "开机", "註冊", "安裝")),
        ("service", (*in_every_language(KINDS["service"]), "service", "visit", "field service", "repair", "maintenance", "preventive maintenance", "pm", "calibration", "support", "服务", "维修", "上门服务", "保养", "维护",
                     "预防性维护", "校准", "检修", "巡检", "維修", "保養")),
        ("parts", (*in_every_language(KINDS["parts"]), "part", "parts", "spare part", "spare parts", "spares", "consumables", "备件", "配件", "零件", "备件订购", "配件订单", "耗材", "備件")),
    ],
    lambda: _("Write activation, service visit or parts order."),
)  # fmt: skip

SERVICE_FIELDS = (
    Field("kind", _("What happened"), ("type", "event", "event type", "activity", "job type", "order type", "service type", "类型", "事件", "事件类型", "服务类型", "工单类型", "业务类型", "類型"), read_kind, needed=True,
          choices=lambda: list(KINDS.items())),
    Field("happened_on", _("Day"), ("date", "visit date", "service date", "activation date", "installation date", "order date", "completed on", "closed on", "日期", "服务日期", "上门日期", "激活日期", "安装日期", "装机日期",
          "订购日期", "完成日期", "维修日期"), day, needed=True),
    Field("serial", _("Serial number"), ("serial", "serial no", "s/n", "sn", "instrument serial", "equipment number", "asset", "序列号", "出厂编号", "机身号", "仪器编号", "仪器序列号", "设备编号", "序號", "序列號"), code,
          needed=True, max_length=60),
    Field("product", _("Catalogue number of the instrument"), ("product", "instrument", "model", "catalog no", "catalogue number", "material", "equipment", "仪器", "仪器型号", "型号", "产品", "货号", "设备型号", "設備型號"), code, max_length=200,
          hint=_("May be left empty where the serial number is on record.")),
    Field("user", _("User"), ("customer", "customer name", "user", "user name", "end user", "site name", "account", "institution", "用户", "用户名称", "客户", "客户名称", "终端用户", "最终用户", "使用单位", "单位", "單位名稱"), max_length=300),
    Field("user_uscc", _("User's credit code"), ("uscc", "credit code", "user uscc", "customer uscc", "统一社会信用代码", "社会信用代码", "信用代码"), code, max_length=40),
    Field("site", _("Place"), ("site", "place", "location", "laboratory", "lab", "department", "地点", "使用地点", "安装地点", "科室", "实验室", "安裝地點"), max_length=300),
    Field("address", _("Address"), ("address", "site address", "street", "地址", "用户地址", "安装地址", "服务地址"), max_length=300),
    Field("province", _("Province"), ("province", "state", "省份", "省"), max_length=60),
    Field("city", _("City"), ("city", "城市", "市", "地市"), max_length=60),
    Field("part_no", _("Number of the part"), ("part no", "part number", "spare part number", "item number", "备件号", "配件编号", "备件编号", "零件号", "零件编号"), code, max_length=60),
    Field("part", _("Part"), ("part name", "part description", "description", "备件名称", "配件名称", "零件名称", "备件"), max_length=300),
    Field("quantity", _("Quantity"), ("qty", "数量", "數量"), amount),
    Field("order_no", _("Order or ticket number"), ("order", "order no", "job", "job number", "ticket", "ticket number", "work order", "case number", "service order", "工单号", "工单编号", "订单号", "服务单号", "单号"), code, max_length=60),
    Field("done_by", _("Done by"), ("engineer", "technician", "field engineer", "performed by", "service provider", "ordered by", "工程师", "服务工程师", "安装人", "执行人", "服务商", "订购人"), max_length=200),
    Field("note", _("Note"), ("notes", "remark", "remarks", "comment", "fault", "备注", "说明", "故障描述", "備註"), max_length=500),
)  # fmt: skip
IGNORED = ("no", "no.", "#", "row", "line", "序号", "行号", "编号")
