"""The list and the firms that are measured with: a real list where there is one beside the repository, invented ones beyond it."""

import json
import os
import random
from pathlib import Path

from bench._speed import invented
from certifications.matching import Entry
from certifications.matching.readings import reading
from certifications.matching.tables import rows, values

ROOT = Path(__file__).resolve().parents[1]


def real() -> list[Entry]:
    """The list of SCREENING_DATA or of the neighbouring folder; without either, the repository's own."""
    folder = Path(os.environ.get("SCREENING_DATA", ROOT.parent / "shared" / "data" / "screening"))
    if (folder / "list.jsonl").is_file():
        lines = (json.loads(line) for line in (folder / "list.jsonl").read_text(encoding="utf-8").splitlines() if line.strip())
        return [Entry(row["id"], row.get("schema", ""), row["names"]) for row in lines]
    data = json.loads((ROOT / "certifications/screening/data/entity_list.json").read_text(encoding="utf-8"))
    return [Entry(e["id"], e["schema"], [e["name"], *e["aliases"], *e["zh_unofficial"]]) for e in data["entities"]]


def grown(names: int) -> tuple[list[Entry], str]:
    """Entries with so many names, and in words where they come from."""
    held, taken, count = real(), [], 0
    known = sum(len(entry.names) for entry in held)
    for entry in (*held, *invented(max(0, names // 3))):
        if count >= names:
            break
        taken.append(Entry(entry.id, entry.schema, entry.names[: names - count]))
        count += len(taken[-1].names)
    return taken, f"{min(known, count):,} of the names from a real list, {max(0, count - known):,} invented"


def firms(count: int) -> list[Entry]:
    """Invented firms that no grown list holds: a Chinese, a pinyin and an English name each, the same in every run.

    Their trade names use all characters of the names of counties, and not the few of `invented`: about as many of them as of real
    firms look like somebody listed.
    """
    dice = random.Random(29)
    terms = [(values(row["han"])[0], values(row["latin"])[0]) for row in rows("glossary") if values(row["latin"]) and values(row["han"])]
    places = [row["name"].removesuffix("市") for row in rows("divisions") if row["name"].endswith("市")]
    characters = sorted({c for row in rows("divisions") if row["name"].endswith("县") for c in row["name"][:-1]})
    made = []
    for number in range(count):
        brand = "".join(dice.choices(characters, k=dice.choice((2, 2, 3))))
        (han, latin), place = dice.choice(terms), dice.choice(places)
        spoken, city = ("".join(reading(text)) for text in (brand, place))
        names = (f"{place}{brand}{han}有限公司", f"{city} {spoken} {latin} Co., Ltd.".title(), f"{spoken} {latin}".title())
        made.append(Entry(f"firm-{number}", "Company", names))
    return made
