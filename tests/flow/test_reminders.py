"""Who is told that an authorisation ends: 60, 30 and 7 days before and on the day, once each, in their language, without names."""

import datetime as dt

import pytest

from certifications import tasks
from certifications.flow import clearances
from certifications.flow import register as flow
from certifications.ledger.days import civil_today
from certifications.mail.models import Mail
from certifications.parties.authorising import record_authorisation, renewal_of
from certifications.parties.models import Party
from certifications.parties.models_register import Authorisation, AuthorisationReminder, RiskSet
from certifications.parties.rules_register import TermsData
from certifications.tasks import daily
from tests.parties.rights import changed
from tests.world import World

pytestmark = pytest.mark.django_db
DAY = dt.timedelta(days=1)


def holder(world: World) -> Party:
    organisation = world.stranger.organisation
    assert organisation is not None
    return organisation.party


def ending(world: World, days: int, **more: object) -> Authorisation:
    """A right for analysers that ends in so many days."""
    today = civil_today()
    values: dict[str, object] = {
        "lines": ("analysers",), "countries": ("CN",), "divisions": ("340000",), "valid_from": today - 300 * DAY, "valid_until": today + days * DAY,
    }  # fmt: skip
    return record_authorisation(party=holder(world), by=world.lead, data=TermsData(**{**values, **more}))  # type: ignore[arg-type]


def told(held: Authorisation) -> list[tuple[str, int]]:
    return list(AuthorisationReminder.objects.filter(authorisation=held).order_by("-days").values_list("what", "days"))


@pytest.mark.parametrize(("left", "mark"), [(60, 60), (45, 60), (30, 30), (8, 30), (7, 7), (1, 7), (0, 0), (-3, 0)])
def test_the_nearest_mark_is_told_once(world: World, left: int, mark: int) -> None:
    held = ending(world, left)
    assert flow.remind() == 1
    assert flow.remind() == 0
    assert told(held) == [("", mark)]


@pytest.mark.parametrize("left", [61, 200, -8])
def test_what_is_far_away_or_long_over_is_not_told(world: World, left: int) -> None:
    ending(world, left)
    assert flow.remind() == 0


def test_each_mark_is_told_in_its_turn(world: World, monkeypatch: pytest.MonkeyPatch) -> None:
    held, today = ending(world, 60), civil_today()
    for passed in (0, 1, 30, 52, 53, 60, 61):
        monkeypatch.setattr(flow, "civil_today", lambda passed=passed: today + passed * DAY)
        flow.remind()
    assert told(held) == [("", 60), ("", 30), ("", 7), ("", 0)]


def test_holder_and_leads_are_told_in_their_language_and_no_name_is_in_it(world: World) -> None:
    world.stranger.language = "zh-hans"
    world.stranger.save()
    held = ending(world, 30)
    daily()
    mails = {mail.to_email: mail for mail in Mail.objects.filter(template="authorisation_ends")}
    assert set(mails) == {world.stranger.email, world.lead.email}
    assert f"授权 {held.number} 将于" in mails[world.stranger.email].subject
    assert f"/d/rights/{held.number}/" in mails[world.stranger.email].body
    assert f"Authorisation {held.number} ends on" in mails[world.lead.email].subject
    assert f"/c/register/{held.number}/" in mails[world.lead.email].body
    written = "".join(mail.subject + mail.body for mail in mails.values())
    assert not any(name.text in written for name in held.party.names.all())


def test_a_step_of_the_hour_that_fails_keeps_nothing_else_from_its_turn(world: World, monkeypatch: pytest.MonkeyPatch) -> None:
    def broken() -> None:
        raise ValueError("one bad row")

    steps = tuple(broken if step is clearances.remind else step for step in tasks.HOURLY)
    assert broken in steps
    monkeypatch.setattr(tasks, "HOURLY", steps)
    ending(world, 30)
    with pytest.raises(ValueError, match="one bad row"):
        daily()
    assert Mail.objects.filter(template="authorisation_ends").exists()


def test_what_is_renewed_or_revoked_is_not_told(world: World) -> None:
    renewed = ending(world, 30)
    record_authorisation(party=renewed.party, by=world.lead, data=renewal_of(renewed.terms.get()), renews=renewed)
    revoked = ending(world, 20, divisions=("350000",))
    changed(world, revoked, "revoked", civil_today())
    assert flow.remind() == 0


def test_the_end_for_a_risk_set_is_told_too(world: World) -> None:
    RiskSet.objects.create(code="WEST", title="West", title_zh="西部", countries=["CN"], divisions=["650000"], most_days=330)
    held = ending(world, 300, divisions=("650000", "340000"))
    assert flow.remind() == 1
    assert told(held) == [("WEST", 30)]
    assert "Part of authorisation" in Mail.objects.get(to_email=world.lead.email).subject


def test_a_right_below_is_told_to_whoever_is_above(world: World) -> None:
    """The reseller has no accounts; the distributor that answers for it is told, by the number alone."""
    top = ending(world, 400, valid_until=civil_today() + 400 * DAY)
    below = Party.objects.create(kind="reseller", country="CN", division="340100")
    today = civil_today()
    record_authorisation(
        party=below, by=world.lead, data=TermsData(("analysers",), ("CN",), ("340100",), today, today + 7 * DAY), parent=top
    )
    assert flow.remind() == 1
    assert Mail.objects.filter(template="authorisation_ends", to_email=world.stranger.email).count() == 1
