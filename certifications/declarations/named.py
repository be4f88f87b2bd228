"""Whether what one of several end users reads names another of them. Pure; names are compared in the matcher's normal form.

What is found is a spelling that the register knows: a name, a number, or the address of a site. A nickname, a translation or a hint
("the other hospital in Hangzhou") is not, so nobody may say that a part names no other end user whatever was typed.
"""

import re
from collections.abc import Iterable, Mapping
from functools import lru_cache
from typing import Any

from django.utils.translation import gettext as _

from certifications.matching import normalise

from .rules import Problem
from .texts import end_users_in, part_text

# The matcher looks at the beginning of long strings alone.
_PIECE = 200
# Shorter ones are words of their own and may stand within another number.
_LONG_NUMBER = 6
_HAN = re.compile("[\u3400-\u9fff]")


@lru_cache(maxsize=1024)
def _plain(text: str) -> str:
    pieces = (word[start : start + _PIECE] for word in text.split() for start in range(0, len(word), _PIECE))
    return " ".join(filter(None, map(normalise, pieces)))


@lru_cache(maxsize=2048)
def _pattern(plain: str, *, is_number: bool) -> re.Pattern[str]:
    """Blanks count for nothing in Chinese and in numbers; of Latin names whole words are meant."""
    if _HAN.search(plain) or (is_number and len(plain) >= _LONG_NUMBER):
        return re.compile(" ?".join(re.escape(char) for char in plain if char != " "))
    return re.compile(rf"(?<![^\W\u3400-\u9fff]){re.escape(plain)}(?![^\W\u3400-\u9fff])")


# What may be a mention: its plain form and whether it is a number, with how it is written.
_Known = dict[tuple[str, bool], str]


def _known(names: Iterable[str] = (), numbers: Iterable[str] = ()) -> _Known:
    told = [*((name, False) for name in names), *((number, True) for number in numbers)]
    return {(_plain(text), is_number): text for text, is_number in told if _plain(text)}


def _called(party: Mapping[str, Any]) -> _Known:
    return _known(party["names"], (one["value"] for one in party["identifiers"]))


def _sites(party: Mapping[str, Any]) -> _Known:
    # Without the number of a house it is a town or a street, and no mention of anybody.
    return _known(site["address"] for site in party.get("sites", ()) if re.search(r"\d", site["address"]))


def _first(told: str, mine: _Known, others: _Known) -> str:
    read = _plain(told)
    # The longest first: "Jiangnan Hospital East" is no mention of "Jiangnan Hospital", whichever of the two reads it.
    for key in sorted({*mine, *others}, key=lambda key: (len(key[0]), key), reverse=True):
        pattern = _pattern(key[0], is_number=key[1])
        if key not in mine and pattern.search(read):
            return others[key]
        read = pattern.sub("\n", read)
    return ""


def mentions(text: Mapping[str, Any], number: int) -> dict[str, str]:
    """By field of the form, as it is called for the first end user: the name, number or address of another that this one would read there."""
    part, users = part_text(text, number), end_users_in(text)
    place = part["place_of_use"]["address"]
    mine = _called(users[number]) | _sites(users[number])
    names: _Known = {}
    sites: _Known = {}
    for one, party in enumerate(users):
        if one != number:
            names |= _called(party)
            sites |= _sites(party)
    found = {
        "end_use": _first(part["end_use"], mine | _known([place]), names | sites),
        "unknown_facts": _first(part["unknown_facts"], mine | _known([place]), names | sites),
        # That another is at the same address is not told by the address.
        "place_address": _first(place, mine, names),
    }
    return {field: name for field, name in found.items() if name}


def named_in_part(text: Mapping[str, Any], number: int) -> str:
    """A name, number or address of another end user that stands in what this one would be shown; empty for none."""
    return next(iter(mentions(text, number).values()), "")


def named_notes(text: Mapping[str, Any]) -> list[Problem]:
    """For the check of a draft, while it can be mended: what would keep end users of several from being asked for their own word."""
    if "shares" not in text:
        return []
    found = dict.fromkeys(told for number in range(len(text["shares"])) for told in mentions(text, number).items())
    where = {"end_use": _("End use"), "unknown_facts": _("Facts not known"), "place_address": _("Place of use")}
    sentence = _(
        "%(field)s: “%(name)s” stands there, and other end users would read it. As long as it does, they cannot be asked for their own word. Say it without a name now; a signed text is not changed any more."
    )
    return [Problem(field, sentence % {"field": where[field], "name": name}) for field, name in found]
