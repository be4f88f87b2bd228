"""Several things one after the other, with the mark that the language of the page puts between them."""

from collections.abc import Iterable

from django.utils.translation import get_language

# What stands between two parts of a line, in English and as Chinese sets it.
MARKS = {",": (", ", "，"), ";": ("; ", "；"), ":": (": ", "：")}


def in_chinese() -> bool:
    """Whether what is written now is read by somebody who chose Chinese."""
    return (get_language() or "").startswith("zh")


def mark(sign: str) -> str:
    """A comma, semicolon or colon between two parts of what a person reads."""
    return MARKS[sign][in_chinese()]


def listed(items: Iterable[object]) -> str:
    """A, B, C; in Chinese A、B、C. For what a person reads: what is kept or signed is no list of this kind."""
    return ("、" if in_chinese() else ", ").join(str(one) for one in items)


def apart(items: Iterable[object]) -> str:
    """A; B; C, where one of them may hold a comma. For what a person reads, as above."""
    return mark(";").join(str(one) for one in items)
