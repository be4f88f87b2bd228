"""Service visits, parts orders and activations as a service system writes them, made on the spot."""

from typing import Any

from .reports import DAY

HEAD = (
    "类型",
    "日期",
    "序列号",
    "仪器型号",
    "用户名称",
    "信用代码",
    "科室",
    "地址",
    "省份",
    "城市",
    "备件号",
    "备件名称",
    "数量",
    "工单号",
    "工程师",
)


def row(**changes: Any) -> tuple[Any, ...]:
    """A row that is right; `changes` by heading."""
    values = {
        "类型": "激活", "日期": DAY.isoformat(), "序列号": "CV-001", "仪器型号": "CI-3600-A", "用户名称": "宁波江南医院", "信用代码": "", "科室": "遗传实验室", "地址": "",
        "省份": "浙江省", "城市": "宁波市", "备件号": "", "备件名称": "", "数量": "", "工单号": "SO-1", "工程师": "Mats Lind",
    }  # fmt: skip
    return tuple({**values, **changes}[name] for name in HEAD)
