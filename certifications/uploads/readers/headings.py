"""Headings as people write them, reduced to what they have in common. Pure; knows no field of any upload."""

import re
import unicodedata
from functools import lru_cache
from typing import Final

# Between the two rows of a merged heading: `货物 / 数量`.
UNDER: Final = " / "
_BRACKETS = re.compile(r"[(\[{【〔（].*?[)\]}】〕）]")
_HAN = re.compile(r"[\u3400-\u9fff]+")
_LATIN = re.compile(r"[a-z0-9]+")


def _bare(text: str) -> str:
    return "".join(c for c in text if c.isalnum())


def key_of(heading: str) -> str:
    """The heading without case, width, blanks and marks: `* 客户名称（必填）` and `客户名称` are one."""
    folded = unicodedata.normalize("NFKC", heading).casefold()
    return _bare(_BRACKETS.sub("", folded)) or _bare(folded)


@lru_cache(maxsize=20_000)
def keys_of(heading: str) -> tuple[str, ...]:
    """Every key under which a heading may be known, the whole first: then each of its languages, then its lower row alone."""
    if not heading or len(heading) > 120:  # noqa: PLR2004 - a sentence is no heading
        return ()
    folded = unicodedata.normalize("NFKC", heading).casefold()
    found = [_bare(folded), key_of(heading)]
    bare = _BRACKETS.sub("", folded)
    if _HAN.search(bare) and _LATIN.search(bare):
        found += ["".join(_HAN.findall(bare)), "".join(_LATIN.findall(bare))]
    if UNDER in heading:
        found += keys_of(heading.rsplit(UNDER, maxsplit=1)[-1])
    return tuple(dict.fromkeys(key for key in found if key))
