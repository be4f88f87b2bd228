"""What the demonstration's manufacturer shipped before its distributor sold it, and where two of the instruments were seen since."""

import datetime as dt

from certifications.custody.models import Movement
from certifications.people.models import User

from .demo_sales import written
from .upload_service import Service
from .upload_shipments import Shipments

SHIPPED = ("Customer", "Invoice no", "Invoice date", "Ship date", "Material", "Batch", "Serial numbers", "Qty", "Order no")
SEEN = ("Event", "Date", "Serial no", "Customer", "Department", "City", "Part number", "Part name", "Qty", "Job number", "Engineer")
BEFORE, AFTER = dt.timedelta(days=21), dt.timedelta(days=9)


def load(people: dict[str, User]) -> None:
    """Ship what was sold, three weeks earlier, and report two visits: one where the unit was sold to, one elsewhere. Nothing where nothing was sold."""
    filer, lead = people["filer"], people["lead"]
    assert filer.organisation is not None
    sold = list(
        Movement.objects.filter(organisation=filer.organisation, kind="sale")
        .select_related("product")
        .order_by("happened_on", "row", "part")
    )
    if not sold:
        return
    rows = [
        (
            filer.organisation.name, f"90{n:03d}", one.happened_on - BEFORE, one.happened_on - BEFORE, one.product.catalogue_number, one.lot, one.serial,
            f"{one.quantity * (1 if one.serial else 2):.0f}", f"45{n:04d}",
        )
        for n, one in enumerate(sold, start=1)
    ]  # fmt: skip
    written(people["order_desk"], Shipments(), [SHIPPED, *rows], "shipments.csv")
    units = [one for one in sold if one.serial][-2:]
    places = [("宁波江南医院", "遗传实验室", "宁波市"), ("成都岷江妇产医院", "检验科", "成都市")]
    seen = [
        ("Activation", one.happened_on + AFTER, one.serial, user, where, city, "", "", "", f"SO-{n}", "Mats Lindqvist")
        for n, (one, (user, where, city)) in enumerate(zip(units, places, strict=False), start=1)
    ]
    seen += [
        ("Parts order", day + AFTER, serial, *rest[:3], "P4-36", "Capillary array", "1", "PO-7", "")
        for _kind, day, serial, *rest in seen[-1:]
    ]
    written(lead, Service(), [SEEN, *seen], "service.csv")
