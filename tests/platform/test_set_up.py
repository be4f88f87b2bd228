"""An installation without demonstration data can be set up by commands, each an act with its event."""

import datetime as dt

import pytest
from django.core.management import CommandError, call_command

from certifications.flow.resolution import find_seller
from certifications.ledger.days import civil_today
from certifications.ledger.models import Event
from certifications.people.models import Organisation, User
from certifications.people.permissions import Permission, may
from certifications.people.queries import scopes_of

pytestmark = pytest.mark.django_db


def set_up(*arguments: str, **options: object) -> None:
    call_command("set_up", *arguments, **options)


def manufacturer() -> None:
    set_up("organisation", "manufacturer", "Corvane Instruments AG", "--country", "CH", "--time-zone", "Europe/Zurich")


def distributor(**more: str) -> None:
    given = {
        "native": "深圳市青岚科学仪器有限公司",
        "uscc": "91440300MA5QLK7018",
        "division": "440300",
        "address": "深圳市科技南路 18 号",
        **more,
    }
    flags = [part for name, value in given.items() for part in (f"--{name}", value)]
    set_up("organisation", "distributor", "Qinglan", "--country", "CN", "--time-zone", "Asia/Shanghai", *flags)


def test_the_first_lead_signs_in_and_there_is_no_second_first(capsys: pytest.CaptureFixture[str]) -> None:
    manufacturer()
    set_up("lead", "Corvane Instruments AG", "ingrid@corvane.example", "Ingrid Solheim")
    user = User.objects.get(email="ingrid@corvane.example")
    password = capsys.readouterr().out.split("password ")[1].split(",")[0]
    assert user.check_password(password)
    assert may(user, Permission.INVITE_ANY)
    assert Event.objects.filter(verb="lead.first", object_id=user.pk).exists()
    with pytest.raises(CommandError, match="lead already"):
        set_up("lead", "Corvane Instruments AG", "second@corvane.example", "Second")


def test_a_distributor_is_a_party_on_the_register_once_it_is_authorised() -> None:
    distributor()
    until = civil_today() + dt.timedelta(days=300)
    set_up("authorise", "Qinglan", "kits", "CN", civil_today().isoformat(), until.isoformat(), "--divisions", "440000")
    answer = find_seller(name="深圳市青岚科学仪器有限公司", line="kits", division="440305", valid_on=civil_today())
    assert answer.kind == "authorised"
    assert find_seller(name="深圳市青岚科学仪器有限公司", line="kits", division="650100", valid_on=civil_today()).kind == "elsewhere"


def test_a_risk_set_shortens_what_is_recorded_from_then_on() -> None:
    distributor()
    for days in ("200", "90"):
        set_up("risk", "WEST", "Xinjiang and Tibet", "新疆和西藏", "CN", days, "--divisions", "650000,540000")
    until = (civil_today() + dt.timedelta(days=300)).isoformat()
    set_up("authorise", "Qinglan", "kits", "CN", civil_today().isoformat(), until)
    kinds = [
        find_seller(name="深圳市青岚科学仪器有限公司", line="kits", division=place, valid_on=civil_today() + dt.timedelta(days=100)).kind
        for place in ("650100", "440305", "")
    ]
    assert kinds == ["lapsed", "authorised", "authorised"]


def test_a_regulator_sees_what_its_scope_names() -> None:
    set_up("organisation", "regulator", "Office", "--country", "CH", "--time-zone", "Europe/Zurich")
    set_up("scope", "Office", "exporter", "CH", (civil_today() + dt.timedelta(days=9)).isoformat(), "Goods Control Act, article 6")
    user = User.objects.create_user("r@office.example", "x", name="R")
    user.memberships.create(organisation=Organisation.objects.get(name="Office"), role="regulator")
    assert scopes_of(user).count() == 1


@pytest.mark.parametrize(
    ("arguments", "says"),
    [
        (("organisation", "regulator", "X", "--country", "Switzerland", "--time-zone", "Europe/Zurich"), "ISO 3166"),
        (("organisation", "regulator", "X", "--country", "CH", "--time-zone", "Zurich"), "Asia/Shanghai"),
        (("authorise", "Nobody", "kits", "CN", "2026-01-01", "2027-01-01"), "no distributor named Nobody"),
        (("lead", "Nobody", "a@b.example", "A"), "no manufacturer named Nobody"),
    ],
)
def test_a_mistake_is_one_sentence_and_leaves_nothing(arguments: tuple[str, ...], says: str) -> None:
    with pytest.raises(CommandError, match=says):
        set_up(*arguments)
    assert not Organisation.objects.exists()


def test_a_distributor_with_a_wrong_address_leaves_no_half_of_it() -> None:
    with pytest.raises(CommandError, match="address"):
        distributor(address="")
    assert not Organisation.objects.exists()
