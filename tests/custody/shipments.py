"""The manufacturer's shipments as its systems write them, made on the spot."""

from typing import Any

from .reports import DAY

HEAD = (
    "Customer",
    "Invoice no",
    "Invoice date",
    "Ship date",
    "Type",
    "Material",
    "Batch",
    "Serial numbers",
    "Qty",
    "Unit",
    "Price",
    "Total",
    "Order no",
)
QINGLAN = "Shenzhen Qinglan Scientific Instruments"


def row(**changes: Any) -> tuple[Any, ...]:
    """A row that is right; `changes` by heading, with _ for a blank."""
    values = {
        "Customer": QINGLAN, "Invoice no": "90001", "Invoice date": DAY.isoformat(), "Ship date": DAY.isoformat(), "Type": "shipment",
        "Material": "CI-2440-100", "Batch": "24A", "Serial numbers": "", "Qty": "10", "Unit": "kit", "Price": "", "Total": "", "Order no": "45001",
    }  # fmt: skip
    return tuple({**values, **{name.replace("_", " "): text for name, text in changes.items()}}[name] for name in HEAD)


def unit(serial: str, **changes: Any) -> tuple[Any, ...]:
    """One instrument by its serial number."""
    return row(**{"Material": "CI-3600-A", "Batch": "", "Serial_numbers": serial, "Qty": "1", "Unit": "", **changes})
