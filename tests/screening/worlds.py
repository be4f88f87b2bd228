"""Generated lists and parties, the same for the same seed: parties that mean entries in many ways, and many that mean none."""

import random
from typing import Any

from certifications.parties.models import Party
from certifications.screening.engine import findings, screened
from certifications.screening.imports import import_list, put_in_force
from certifications.screening.models import ListSource, ScreeningRun
from certifications.screening.queries import lists_in_force
from certifications.screening.seed import make_sources

from .samples import as_json, party, row

FIRST = ("Harbour", "Granite", "Juniper", "Meadow", "Cobalt", "Lantern", "Orchard", "Saffron", "Timber", "Walnut", "Quartz", "Heron")
COINED = tuple(a + b + c for a in ("Vel", "Tor", "Kam", "Ze") for b in ("i", "or", "una") for c in ("dex", "mar", "pol", "tis"))
SECOND = ("Optics", "Genetics", "Instruments", "Reagents", "Logistics", "Imaging", "Diagnostics", "Analytics")
FORMS = ("Ltd", "Co., Ltd.", "GmbH", "Trading", "")
HAN = ("瑞博", "康诺", "新原", "华测", "明远", "青岚", "安捷", "思创", "天河", "海晟")
PLACES = ("广州", "宁波", "喀什地区", "和田地区", "杭州")
BODIES = ("生物科技有限公司", "仪器有限公司", "公安局", "贸易有限公司")


def name(chance: random.Random) -> str:
    """An invented name in one of two scripts."""
    if chance.random() < 0.3:
        return chance.choice(PLACES) + chance.choice(HAN) * chance.randint(0, 1) + chance.choice(BODIES)
    return " ".join(filter(None, (chance.choice(COINED), chance.choice(FIRST), chance.choice(SECOND), chance.choice(FORMS))))


def code(chance: random.Random) -> str:
    """Something like a registration number; few, so that they meet."""
    return f"REG{chance.randrange(40):06d}A"


def entry(number: int, chance: random.Random) -> dict[str, Any]:
    """A listed entry with one to three names and sometimes a number."""
    ids = [{"type": "Registration ID", "number": code(chance)}] if chance.random() < 0.3 else []
    return row(number, name=name(chance), alt_names=[name(chance) for _ in range(chance.randint(0, 2))], ids=ids)


def altered(entries: list[dict[str, Any]], chance: random.Random, fresh: int) -> list[dict[str, Any]]:
    """Some removed, renamed, given another alias or number; some added."""
    made = []
    for held in entries:
        what = chance.random()
        if what < 0.04:
            continue
        if what < 0.08:
            made.append({**held, "name": name(chance)})
        elif what < 0.12:
            made.append({**held, "alt_names": [*held["alt_names"], name(chance)]})
        elif what < 0.15:
            made.append({**held, "ids": [{"type": "Registration ID", "number": code(chance)}]})
        else:
            made.append(held)
    return [*made, *(entry(chance.randrange(10**4, 10**9), chance) for _ in range(fresh))]


def parties(entries: list[dict[str, Any]], chance: random.Random, count: int) -> list[Party]:
    """Half of them like an entry in some way."""
    made = []
    for _ in range(count):
        names = [name(chance)]
        if chance.random() < 0.5:
            meant = str(chance.choice(entries)["name"])
            words = meant.split()
            names.append(chance.choice([meant, " ".join(words[::-1]), " ".join(words[:2]), meant.upper(), meant + " Holding"]))
        held = party(*dict.fromkeys(names))
        if chance.random() < 0.2:
            held.identifiers.create(scheme="other", value=code(chance))
        made.append(held)
    return made


def bring(entries: list[dict[str, Any]]) -> ListSource:
    """The entries as a version of a dated list in force."""
    source = make_sources()
    version = import_list(source=source, content=as_json(entries), by=None)
    assert version.state == "accepted", version.refusal
    put_in_force(source=source, by=None)
    source.refresh_from_db()
    return source


def kept(run: ScreeningRun) -> list[tuple[str, str, str, str]]:
    """What a run found: entry, band, score, fingerprint."""
    return sorted((f.entry_id, f.band, str(f.score), f.fingerprint) for f in run.findings.all())


def anew(held: Party) -> list[tuple[str, str, str, str]]:
    """What a full screening finds on the party now."""
    rows = findings(list(screened([held.pk]).values()), lists_in_force())[0].rows
    return sorted((r["entry_id"], r["band"], f"{r['score']:.4f}", r["fingerprint"]) for r in rows)
