"""A small catalogue and its undertakings, invented for the demonstration. Idempotent."""

import datetime as dt

from django.db import transaction

from .models import Clause, ClauseSet, Product
from .models_versions import ProductVersion

PRODUCTS = (
    ("CI-2440-100", "IdentiPrime 24 STR kit", "IdentiPrime 24 人类身份鉴定试剂盒", "kits", "kit", "盒", 100),
    ("CI-2717-200", "IdentiPrime Y27 kit", "IdentiPrime Y27 试剂盒", "kits", "kit", "盒", 200),
    ("CI-3600-A", "CV-3600 genetic analyser", "CV-3600 遗传分析仪", "analysers", "instrument", "台", None),
    ("CI-3600-P4", "CV-3600 polymer POP-4", "CV-3600 分离胶 POP-4", "consumables", "bottle", "瓶", None),
)
CLAUSES = (
    (
        "Declared purpose only",
        "仅用于声明用途",
        "The goods will be used for the purpose stated in this declaration and for nothing else.",
        "货物仅用于本声明所述用途，不作他用。",
    ),
    (
        "No repression",
        "不用于压制",
        "The goods will not be used for weapons, military intelligence, torture, internal repression or the surveillance of a population.",
        "货物不用于武器、军事情报、酷刑、内部压制或对人群的监控。",
    ),
    (
        "No collection without consent",
        "未经同意不采集",
        "No biometric data of any person will be collected with the goods without a lawful basis for that case and that person's consent.",
        "未就个案具备合法依据并取得本人同意，不得使用货物采集任何人的生物识别数据。",
    ),
    (
        "No transfer",
        "不转让",
        "The goods will not leave the named place of use or pass to a party not named here without the manufacturer's written consent.",
        "未经制造商书面同意，货物不离开所列使用地点，不转交未列明的任何一方。",
    ),
    (
        "Visits after delivery",
        "交付后查访",
        "The end user accepts a visit to verify the goods at the place of use, announced ten working days before.",
        "最终用户接受在使用地点的查验，查验提前十个工作日通知。",
    ),
    (
        "Changes are told",
        "变更告知",
        "A change of owner, place or use is told to the manufacturer within ten working days; supply stops on a breach of these undertakings.",
        "所有者、地点或用途变更，十个工作日内告知制造商；违反本承诺的，停止供货。",
    ),
)


@transaction.atomic
def seed() -> None:
    """Make the products and version 5 of the clause set CN-kits."""
    for number, name, name_zh, line, unit, unit_zh, samples in PRODUCTS:
        words = {"name": name, "name_zh": name_zh, "line": line, "unit": unit, "unit_zh": unit_zh, "samples_per_unit": samples}
        product, made = Product.objects.get_or_create(catalogue_number=number, defaults=words)
        if made:
            ProductVersion.objects.create(product=product, number=1, from_date=dt.date(2026, 1, 1), **words)
    clause_set, made = ClauseSet.objects.get_or_create(code="CN-kits", version=5, defaults={"from_date": dt.date(2026, 1, 1)})
    if made:
        for number, (title, title_zh, text, text_zh) in enumerate(CLAUSES, start=1):
            Clause.objects.create(clause_set=clause_set, number=number, title=title, title_zh=title_zh, text=text, text_zh=text_zh)
