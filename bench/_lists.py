"""The lists and the firms that are measured with: a real list where there is one beside the repository, invented ones beyond it."""

import itertools
import json
import os
import random
from collections.abc import Iterable
from pathlib import Path
from typing import Any

from certifications.matching import Entry
from certifications.matching.readings import reading
from certifications.matching.tables import rows, values

ROOT = Path(__file__).resolve().parents[1]
_FEW = "博瑞富华泰恒远达兴隆盛宏鑫源创新智汇通联益康安和信诚德凯旺嘉禾丰瀚宇晨曦朗睿驰腾跃锦绣宝利美佳永顺天海江山"


def lines(path: Path) -> list[dict[str, Any]]:
    """The rows of a file of JSON lines."""
    return [json.loads(line) for line in path.read_text(encoding="utf-8").splitlines() if line.strip()]


def real() -> list[Entry]:
    """The list of SCREENING_DATA or of the neighbouring folder; without either, the repository's own."""
    folder = Path(os.environ.get("SCREENING_DATA", ROOT.parent / "shared" / "data" / "screening"))
    return listed(folder) if (folder / "list.jsonl").is_file() else own()


def listed(folder: Path) -> list[Entry]:
    """The list of a folder with labelled names."""
    return [Entry(row["id"], row.get("schema", ""), row["names"]) for row in lines(folder / "list.jsonl")]


def own() -> list[Entry]:
    """The repository's own list."""
    data = json.loads((ROOT / "certifications/screening/data/entity_list.json").read_text(encoding="utf-8"))
    return [Entry(e["id"], e["schema"], [e["name"], *e["aliases"], *e["zh_unofficial"]]) for e in data["entities"]]


def _made(count: int, seed: int, characters: Iterable[str], key: str) -> list[Entry]:
    """Firms that do not exist, each with a Chinese, a pinyin and an English name; the same in every run."""
    dice, brands = random.Random(seed), list(characters)
    terms = [(values(row["han"])[0], values(row["latin"])[0]) for row in rows("glossary") if values(row["latin"]) and values(row["han"])]
    places = [row["name"].removesuffix("市") for row in rows("divisions") if row["name"].endswith("市")]
    made = []
    for number in range(count):
        brand = "".join(dice.choices(brands, k=dice.choice((2, 2, 3))))
        (han, latin), place = dice.choice(terms), dice.choice(places)
        spoken, city = ("".join(reading(text)) for text in (brand, place))
        names = (f"{place}{brand}{han}有限公司", f"{city} {spoken} {latin} Co., Ltd.".title(), f"{spoken} {latin}".title())
        made.append(Entry(f"{key}-{number}", "Company", names))
    return made


def invented(count: int) -> list[Entry]:
    """Invented firms for a list, much alike: their trade names are made of few characters."""
    return _made(count, 11, _FEW, "invented")


def firms(count: int) -> list[Entry]:
    """Invented firms that no grown list holds. Their trade names use all characters of the names of counties: about as many of them
    as of real firms look like somebody listed.
    """
    return _made(count, 29, sorted({c for row in rows("divisions") if row["name"].endswith("县") for c in row["name"][:-1]}), "firm")


def of_size(entries: list[Entry], names: int) -> list[Entry]:
    """Entries with `names` names in all, invented ones where the list is too short."""
    taken, held = [], 0
    for entry in itertools.chain(entries, invented(max(0, names // 3))):
        if held >= names:
            break
        taken.append(Entry(entry.id, entry.schema, entry.names[: names - held]))
        held += len(taken[-1].names)
    return taken


def grown(names: int) -> tuple[list[Entry], str]:
    """Entries with so many names, and in words where they come from."""
    held = real()
    known = min(names, sum(len(entry.names) for entry in held))
    taken = of_size(held, names)
    return taken, f"{known:,} of the names from a real list, {sum(len(entry.names) for entry in taken) - known:,} invented"
