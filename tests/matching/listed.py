"""The Entity List rows as the matching tests use them, and ways to write a Chinese name."""

import json
import random
from functools import lru_cache
from pathlib import Path
from typing import Any

from opencc import OpenCC

from certifications.matching import Entry, Index, build_index
from certifications.matching.readings import reading
from certifications.matching.tables import rows, values

FILE = Path(__file__).parents[2] / "certifications" / "screening" / "data" / "entity_list.json"
TO_TRADITIONAL = OpenCC("s2t")


def entities() -> list[dict[str, Any]]:
    return list(json.loads(FILE.read_text(encoding="utf-8"))["entities"])


@lru_cache(maxsize=1)
def english_index() -> Index:
    """The list as the Bureau of Industry and Security publishes it: not one Chinese character."""
    return build_index(Entry(e["id"], e["schema"], [e["name"], *e["aliases"]]) for e in entities())


def ways_to_write(han: str) -> list[str]:
    syllables = reading(han)
    return [
        han,
        TO_TRADITIONAL.convert(han),
        " ".join(syllables),
        "".join(syllables),
        " ".join(syllables).title(),
        " ".join("".join(syllables[i : i + 2]) for i in range(0, len(syllables), 2)),
        "　".join(han),  # typed with wide blanks, as forms and stamps have it
    ]


def invented_names(count: int) -> list[str]:
    """Names of firms that do not exist, Chinese and Latin by turns, the same in every run."""
    dice = random.Random(7)
    terms = [(values(row["han"])[0], values(row["latin"])[0]) for row in rows("glossary") if values(row["latin"]) and values(row["han"])]
    places = [row["name"] for row in rows("divisions") if row["name"].endswith("市")]
    characters = "博瑞富华泰恒远达兴隆盛宏鑫源创新智汇通联益康安和信诚德隆凯旺嘉禾丰"
    made = []
    for number in range(count):
        brand = "".join(dice.sample(characters, dice.choice((2, 2, 3))))
        (han, latin), place = dice.choice(terms), dice.choice(places)
        spoken = "".join(reading(brand))
        made.append(
            f"{place}{brand}{han}有限公司" if number % 2 == 0 else f"{''.join(reading(place[:-1]))} {spoken} {latin} Co., Ltd.".title()
        )
    return made
