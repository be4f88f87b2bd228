"""The Entity List rows as the matching tests use them, and ways to write a Chinese name."""

import json
from functools import lru_cache
from pathlib import Path
from typing import Any

from opencc import OpenCC

from certifications.matching import Entry, Index, build_index
from certifications.matching.readings import reading

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
