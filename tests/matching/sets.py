"""The project's own labelled names: public security bodies of Xinjiang and Tibet, and names with class and division.

A small grammar writes every bureau in many ways; rows that no grammar would write are in data/*.jsonl, by hand. Both are
split by the hash of the name: vocabulary is mended on the development half, the other half is only measured.
Bodies are real public bodies; firms are invented.
"""

import hashlib
import json
from collections.abc import Iterator
from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path

from opencc import OpenCC
from pypinyin import Style, lazy_pinyin

from certifications.matching import Entry
from certifications.matching.readings import reading
from certifications.matching.tables import rows, values

DATA = Path(__file__).parent / "data"
_TRADITIONAL = OpenCC("s2t")
_REGIONS = {"65": ("新疆维吾尔自治区", "Xinjiang Uygur Autonomous Region"), "54": ("西藏自治区", "Tibet Autonomous Region")}
_RANKS = (
    ("自治县", "Autonomous County"),
    ("自治州", "Autonomous Prefecture"),
    ("地区", "Prefecture"),
    ("市", "City"),
    ("县", "County"),
    ("区", "District"),
)
_PEOPLES = ("维吾尔", "哈萨克", "柯尔克孜", "塔吉克", "锡伯", "蒙古", "回族")
# Rows of GB/T 2260 that are development zones and no divisions with a bureau of their own.
_ZONES = {"540171", "540172", "540173", "540174"}
_ORDINALS = "First Second Third Fourth Fifth Sixth Seventh Eighth Ninth Tenth Eleventh Twelfth Thirteenth Fourteenth".split()  # noqa: SIM905


@dataclass(frozen=True, slots=True)
class Query:
    """A written name and the entry it means ("" for none)."""

    name: str
    truth: str
    group: str


@dataclass(frozen=True, slots=True)
class Labelled:
    """A name with the classes and division codes that it gives."""

    name: str
    classes: frozenset[str]
    divisions: frozenset[str]


def held_out(name: str) -> bool:
    """Whether a name belongs to the half that is only measured."""
    return _draw(name) % 2 == 1


def _draw(text: str) -> int:
    return int.from_bytes(hashlib.sha256(text.encode()).digest()[:8], "big")


@dataclass(frozen=True, slots=True)
class Place:
    """A division with the parts its names are made of."""

    code: str
    name: str
    stem: str
    rank: str
    latin: tuple[str, ...]
    above: str  # Chinese names of the divisions that hold it, outermost first
    city: str  # the city a district belongs to

    @property
    def han(self) -> str:
        return f"{self.city}公安局{self.name}分局" if self.city else f"{self.name}公安局"


@lru_cache(maxsize=1)
def places() -> tuple[Place, ...]:
    """Prefectures, cities, counties and districts of Xinjiang and Tibet."""
    table = {r["code"]: r for r in rows("divisions") if r["code"][:2] in _REGIONS and r["code"] not in _ZONES}
    found = []
    for code, row in table.items():
        if code.endswith("0000"):
            continue
        name = row["name"]
        ending, rank = next((e, r) for e, r in _RANKS if name.endswith(e))
        stem = name.removesuffix(ending)
        while any(stem.endswith(people) and stem != people for people in _PEOPLES):
            stem = next(stem.removesuffix(people) for people in _PEOPLES if stem.endswith(people))
        plain = "".join(reading(stem)).capitalize()
        latin = tuple(dict.fromkeys([*values(row["romanisations"]), plain]))
        over = table.get(code[:4] + "00")
        inside = not code.endswith("00") and not code.startswith("6590") and over is not None
        above = _REGIONS[code[:2]][0] + (over["name"] if inside and over else "")
        city = over["name"] if inside and over and name.endswith("区") else ""
        found.append(Place(code, name, stem, rank, latin, above, city))
    return tuple(found)


def bureaux() -> list[Entry]:
    """One entry a division: its bureau's official Chinese name and an English one; the Corps' divisions with their cities."""
    found = [
        Entry(f"psb-{code}0000", "Organization", [f"{han}公安厅", f"{english} Public Security Department"])
        for code, (han, english) in _REGIONS.items()
    ]
    corps = {row["code"]: row for row in rows("xpcc")}
    for place in places():
        names = [place.han, f"{place.latin[0]} {place.rank} Public Security Bureau"]
        if place.city:
            city = next(p for p in places() if p.name == place.city)
            names[1] = f"{place.latin[0]} District Branch of {city.latin[0]} Public Security Bureau"
        if place.code in corps:
            number = int(corps[place.code]["number"])
            names += [
                f"新疆生产建设兵团第{corps[place.code]['han_numeral']}师公安局",
                f"XPCC {_ORDINALS[number - 1]} Division Public Security Bureau",
            ]
        found.append(Entry(f"psb-{place.code}", "Organization", names))
    found.append(
        Entry("psb-xpcc", "Organization", ["新疆生产建设兵团公安局", "Xinjiang Production and Construction Corps Public Security Bureau"])
    )
    return found


def _alone(place: Place) -> bool:
    """Whether the stem means this division and no other of the two regions."""
    return len(place.stem) > 1 and sum(p.stem == place.stem for p in places()) == 1


def _spoken(han: str, how: str) -> str:
    if how == "tones":
        return " ".join(lazy_pinyin(han, style=Style.TONE))
    syllables = reading(han)
    if how == "joined":
        return "".join(syllables)
    return " ".join(syllables).title()


def _ways(place: Place) -> Iterator[tuple[str, str]]:
    """(group, name): how documents, forms and reports write a bureau."""
    other = place.latin[_draw(place.code) % len(place.latin)]
    last = place.latin[-1]
    rank = place.rank.split()[-1]
    yield "official", place.han
    yield "traditional", _TRADITIONAL.convert(place.han)
    yield "whole path", f"{place.above}{place.name}公安局"
    yield "wide blanks", "　".join(place.han)
    yield "pinyin", _spoken(place.han, "split")
    yield "pinyin", _spoken(place.han, "joined")
    yield "pinyin", f"{''.join(reading(place.name)).title()} Gong'anju"
    if not any(c in place.name for c in "浦洛"):  # toned readings come from a dictionary without our corrections
        yield "pinyin with tones", _spoken(place.name, "tones") + " gōng'ān jú"
    yield "English", f"{other} {place.rank} Public Security Bureau"
    yield "English", f"Public Security Bureau of {other} {rank}, {_REGIONS[place.code[:2]][1]}"
    yield "abbreviation", f"{last} {rank} PSB"
    section = ("刑警大队", "交警大队", "国保大队", "刑事侦查支队", "特警支队", "治安大队", "刑事技术室", "网安大队")[_draw(place.name) % 8]
    yield "section", f"{place.han}{section}"
    yield "section", f"{place.above}{place.name}公安局{section}"
    yield "section", f"Criminal Police Detachment of {other} {rank} Public Security Bureau"
    if _alone(place):
        yield "short", f"{place.stem}公安局"
        yield "short", f"{last} PSB"
        yield "short", f"{''.join(reading(place.stem)).title()} Gonganju"


# Bodies of the same places that are no public security bureau.
_OTHERS = (
    "人民医院", "疾病预防控制中心", "人民法院", "人民检察院", "司法局", "消防救援大队", "财政局", "第一中学", "人民政府", "教育局",
    "中医医院", "卫生健康委员会", "市场监督管理局", "武警支队", "税务局", "妇幼保健院", "政法委员会", "农业农村局", "天和商贸有限公司",
)  # fmt: skip
_OTHERS_ENGLISH = (
    "People's Hospital", "Center for Disease Control and Prevention", "People's Court", "People's Procuratorate",
    "Fire and Rescue Brigade", "People's Government", "Education Bureau", "Justice Bureau", "No. 1 Middle School",
)  # fmt: skip


def _elsewhere() -> Iterator[str]:
    """Bureaux of other provinces; those that share characters with the two regions come first."""
    own = {p.stem[:1] for p in places()} | {p.stem[-1:] for p in places()}
    table = [r for r in rows("divisions") if r["code"][:2] not in {*_REGIONS, "71", "81", "82"} and not r["code"].endswith("0000")]
    taken = {p.stem for p in places()}
    for row in table:
        name = row["name"]
        if name[0] in own and name[:2] not in taken and _draw(name) % 5 == 0 and not name.endswith("区"):
            yield f"{name}公安局"


@lru_cache(maxsize=1)
def bodies() -> tuple[Query, ...]:
    """Every labelled query on `bureaux()`: made by the grammar, and the irregular ones by hand."""
    found: dict[str, Query] = {}
    for place in places():
        for group, name in _ways(place):
            if _draw(name + group) % 3 == 0:
                found.setdefault(name, Query(name, f"psb-{place.code}", group))
        other = _OTHERS[_draw(place.code) % len(_OTHERS)]
        name = f"{place.name}{other}"
        found.setdefault(name, Query(name, "", "other body, same place"))
        if _draw(place.name) % 2:
            english = _OTHERS_ENGLISH[_draw(place.name) % len(_OTHERS_ENGLISH)]
            name = f"{place.latin[0]} {place.rank.split()[-1]} {english}"
            found.setdefault(name, Query(name, "", "other body, same place"))
    for name in _elsewhere():
        found.setdefault(name, Query(name, "", "same body elsewhere"))
    for row in _lines("bodies"):
        found[row["name"]] = Query(row["name"], row["truth"], "by hand" if row["truth"] else "by hand, nobody's")
    return tuple(found.values())


@lru_cache(maxsize=1)
def classes() -> tuple[Labelled, ...]:
    """Names with their classes and the most specific divisions that they give."""
    return tuple(Labelled(row["name"], frozenset(row["classes"]), frozenset(row["divisions"])) for row in _lines("classes"))


def _lines(name: str) -> list[dict[str, str]]:
    return [json.loads(line) for line in (DATA / f"{name}.jsonl").read_text(encoding="utf-8").splitlines()]
