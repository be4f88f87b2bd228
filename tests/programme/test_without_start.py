"""A line that is sold without a first day on record is not silence: the desk names it, and people are told once."""

import pytest
from django.utils import timezone

from certifications.flow import without_start
from certifications.mail.models import Mail
from certifications.programme.models import ProgrammeStart
from tests.parties.rights import changed, entered
from tests.world import World, client_of

pytestmark = pytest.mark.django_db


def test_a_right_without_a_first_day_is_on_the_desk_and_told_once(world: World) -> None:
    assert without_start.pairs() == []
    assert without_start.tell() == 0
    held = entered(world.qinglan.party, lines=("software",))
    assert without_start.pairs() == [(world.qinglan, "software")]
    desk = client_of(world.lead).get("/c/desk/").content.decode()
    assert "No first day set" in desk
    assert f"organisation={world.qinglan.pk}&amp;line=software" in desk
    assert without_start.tell() == 1
    assert without_start.tell() == 0, "once"
    assert set(Mail.objects.filter(template="first_day_missing").values_list("to_user_id", flat=True)) == {world.lead.pk}
    assert "No first day set" not in client_of(world.auditor).get("/c/desk/").content.decode()
    changed(world, held, "suspended")
    assert without_start.pairs() == []


def test_what_is_proposed_is_asked_for_no_more(world: World) -> None:
    entered(world.qinglan.party, lines=("software",))
    ProgrammeStart.objects.create(
        organisation=world.qinglan, line="software", starts_on=timezone.now().date(), reason="start", explanation="Proposed already.",
        proposed_by=world.lead, proposed_proof_id="P" * 26, digest="0" * 64,
    )  # fmt: skip
    assert without_start.pairs() == [], "somebody is at it"
