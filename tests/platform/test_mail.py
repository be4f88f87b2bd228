"""Mail is a row: tried again with a growing pause, in the recipient's language, without a customer's name."""

import datetime as dt
import socket
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

import pytest
from django.db.models import F
from django.utils import timezone

from certifications.flow.advance import advance
from certifications.mail.actions import MAX_ATTEMPTS, deliver, due_mails, send_later
from certifications.mail.models import Mail
from certifications.people.models import User
from tests.flags.decisions import police_case
from tests.world import World

pytestmark = pytest.mark.django_db
TEMPLATES = sorted(p.stem for p in (Path(__file__).parents[2] / "templates" / "email").glob("*.txt"))


@pytest.fixture
def no_server(settings: Any) -> None:
    """A mail server's address at which nobody answers."""
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        port = taken.getsockname()[1]
    settings.EMAIL_URL = urlsplit(f"smtp://127.0.0.1:{port}")


def mail(world: World) -> Mail:
    """One waiting row."""
    return send_later(to_user=world.reviewer, template="ready_to_release", context={"number": "EUD-2026-AAAAAA"})


def test_in_the_demonstration_the_row_is_the_mailbox(world: World) -> None:
    made = mail(world)
    assert due_mails() == [made.pk]
    deliver(made.pk)
    deliver(made.pk)
    made.refresh_from_db()
    assert (made.state, made.attempts) == ("sent", 0)
    assert made.sent_at is not None
    assert due_mails() == []


def test_a_server_that_is_away_is_tried_again_with_a_growing_pause_and_then_given_up(world: World, no_server: None) -> None:
    made, pauses = mail(world), []
    for attempt in range(1, MAX_ATTEMPTS + 1):
        Mail.objects.update(due_at=F("created_at"))
        before = timezone.now()
        deliver(made.pk)
        made.refresh_from_db()
        assert made.attempts == attempt
        pauses.append(made.due_at - before)
    assert pauses == sorted(pauses)
    assert dt.timedelta(seconds=55) < pauses[0] < dt.timedelta(seconds=90)
    assert made.state == "failed"
    assert made.last_error == "ConnectionRefusedError"
    assert due_mails() == []


def test_what_was_not_delivered_waits_its_turn(world: World, no_server: None) -> None:
    made = mail(world)
    deliver(made.pk)
    assert due_mails() == []
    Mail.objects.update(due_at=F("created_at"))
    assert due_mails() == [made.pk]


@pytest.mark.parametrize("template", TEMPLATES)
def test_every_mail_is_written_in_both_languages_and_says_where_to_go(world: World, template: str) -> None:
    context = {
        "number": "EUD-2026-AAAAAA",
        "due_on": "2026-12-01",
        "organisation": "Qinglan",
        "link": "http://localhost/x",
        "until": "then",
        "n": 2,
        "count": 2,
        "name": "Tang Mei",
    }
    for language in ("en", "zh-hans"):
        made = send_later(template=template, to_email="x@y.example", language=language, context=context)
        assert made.language == language
        assert made.subject
        assert len(made.body) > 40


def test_mail_goes_out_in_the_language_of_its_reader(world: World) -> None:
    User.objects.filter(pk=world.reviewer.pk).update(language="zh-hans")
    world.reviewer.refresh_from_db()
    chinese, english = mail(world), send_later(to_user=world.lead, template="ready_to_release", context={"number": "EUD-2026-AAAAAA"})
    assert (chinese.language, english.language) == ("zh-hans", "en")


def test_no_mail_of_the_story_names_a_customer(world: World) -> None:
    marks = ("绍兴", "Shaoxing", "宁波", "Jiangnan", "公安")
    case = police_case(world)
    from tests.flags.decisions import CONFIRMED, agree, proposed

    agree(proposed(world, case, **CONFIRMED), world.second_reviewer)
    advance(case.declaration_id)  # type: ignore[arg-type]
    advance(world.signed().pk)
    kinds = set(Mail.objects.values_list("template", flat=True))
    assert {"declaration_refused", "ready_to_release"} <= kinds
    for made in Mail.objects.all():
        assert not any(mark in made.subject + made.body for mark in marks)


def test_a_firm_s_name_reads_in_plain_text_as_it_is_written(world: World) -> None:
    made = send_later(
        to_email="shen.yiran@jiangnan-hospital.example",
        language="en",
        template="end_user_asked",
        context={"organisation": "Meier & Söhne's", "token": "t", "day": dt.date(2026, 12, 11)},
    )
    assert made.subject == "Meier & Söhne's asks you to confirm your end use"
