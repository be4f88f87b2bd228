"""What stands in one end user's part: no mention of another, no ceiling above its own quantity, nothing that cannot be printed."""

import dataclasses
import json
from decimal import Decimal
from typing import Any

import pytest

from certifications.declarations.data import DeclarationData, LineData
from certifications.declarations.models import Declaration
from certifications.declarations.named import named_in_part, named_notes
from certifications.declarations.own_texts import own_texts
from certifications.declarations.queries import shown_text, version_of
from certifications.declarations.rules_enduser import OwnText
from certifications.ledger.moves import NotAllowed
from tests.world import World, client_of

from .end_users import asked, plain, printed
from .test_kinds import begun, several
from .test_own_words import SECOND, users

pytestmark = pytest.mark.django_db


@pytest.fixture
def data(world: World) -> DeclarationData:
    """Twenty-four kits: fifteen for the first hospital, nine for the second."""
    return several(world)


@pytest.fixture
def signed(world: World, data: DeclarationData) -> Declaration:
    return world.signed(begun(world, data))


def told_of(end_use: str, *users: dict[str, Any], **more: str) -> dict[str, Any]:
    """So much of a text as is looked at: its end users, and what all of them read."""
    parties = [{"identifiers": [], "sites": [], **user} for user in users]
    shares = [{"place_of_use": {"address": more.get("place", "x")}, "goods": []} for _user in users]
    return {
        "schema": "x", "end_use": end_use, "unknown_facts": "none", "goods": [], "end_user": parties[0], "other_end_users": parties[1:],
        "shares": shares,
    }  # fmt: skip


def test_a_name_within_the_readers_own_name_is_no_mention() -> None:
    whole = told_of("江南医院东院 3 楼的配型检测", {"names": ["江南医院东院"]}, {"names": ["江南医院"]})
    assert named_in_part(whole, 0) == ""
    assert named_in_part(whole, 1) == "江南医院东院"


@pytest.mark.parametrize(
    "told",
    [
        "配型检测，杭州西溪醫院 送样", "配型检测，杭州 西溪医院送样", "Typing for XIXI  hospital (Hangzhou)", "Typing, Xixi-Hospital sends",
        "Typing for 9133 0100-MA2K 4A1B", "Samples from 文一路2号", "为Xixi Hospital检测", f"{'Typing. ' * 60}Xixi Hospital",
    ],
)  # fmt: skip
def test_another_is_found_however_it_is_typed(told: str) -> None:
    users = (
        {"names": ["宁波江南医院"]},
        {"names": ["杭州西溪医院", "Xixi Hospital"], "identifiers": [{"value": "91330100MA2K4A1B"}], "sites": [{"address": "文一路 2 号"}]},
    )
    assert named_in_part(told_of(told, *users), 0)
    assert named_in_part(told_of(told, *users), 1) == "", "its own name tells it nothing"


@pytest.mark.parametrize("told", ["Typing at Xixi Hospitality", "Typing in Hangzhou", "Typing for hospital Xi", "杭州的医院"])
def test_what_is_no_mention_keeps_nobody_from_being_asked(told: str) -> None:
    other_user = {"names": ["杭州西溪医院", "Xixi Hospital"], "sites": [{"address": "Hangzhou"}, {"address": "杭州"}]}
    assert named_in_part(told_of(told, {"names": ["宁波江南医院"]}, other_user), 0) == ""


def test_two_at_one_address_are_not_told_of_each_other_by_it() -> None:
    address = "中山东路 412 号 3 号楼"
    users = [{"names": ["宁波江南医院"]}, {"names": ["宁波江南研究所"], "sites": [{"address": address}]}]
    assert named_in_part(told_of(f"配型检测，{address}", *users, place=address), 0) == ""
    assert named_in_part(told_of("配型检测", *users, place=f"{address}，宁波江南研究所"), 0) == "宁波江南研究所"


def test_the_check_of_a_draft_says_who_is_named_where_and_after_signing_what_to_do(world: World, data: DeclarationData) -> None:
    draft = begun(world, dataclasses.replace(data, unknown_facts=f"Which samples {SECOND} sends is not known."))
    assert [(note.field, SECOND in note.message) for note in named_notes(shown_text(version_of(draft)))] == [("unknown_facts", True)]
    page = plain(client_of(world.filer).get(f"/d/declarations/{draft.number}/check/"))
    assert f"Facts not known: “{SECOND}” stands there" in page
    signed = world.signed(draft)
    with pytest.raises(NotAllowed, match="withdraw the declaration, copy it"):
        asked(world, signed, end_user=users(signed)[0])


def test_a_ceiling_in_a_part_is_never_above_its_own_quantity(world: World, data: DeclarationData) -> None:
    lines = (LineData(world.kit.pk, Decimal(24), Decimal(12)),)
    draft = begun(world, dataclasses.replace(data, term="standing", period="month", lines=lines))
    parts = [json.loads(own.canonical) for own in own_texts(version_of(draft))]
    assert [(part["goods"][0]["quantity"], part["goods"][0]["ceiling"]) for part in parts] == [("15", "12"), ("9", "9")]
    assert {part["period"] for part in parts} == {"month"}


def test_a_letter_that_cannot_be_printed_keeps_its_own_part_from_paper_and_no_other(world: World, data: DeclarationData) -> None:
    share = dataclasses.replace(data.end_users[0], place_address="杭州市西湖区文一路 2 号 \U0001f9ec")
    draft = begun(world, dataclasses.replace(data, end_users=(share,)))
    first, second = users(draft)
    assert printed(world, draft, end_user=first).pdf
    with pytest.raises(NotAllowed, match="cannot be printed"):
        printed(world, draft, end_user=second)


def test_a_list_makes_the_parts_of_those_alone_who_said_something(world: World, signed: Declaration) -> None:
    both = own_texts(version_of(signed))
    assert own_texts(version_of(signed), only=[both[1].customer_id]) == [OwnText(both[0].customer_id, "", ""), both[1]]
