"""Whatever a file says, every answer is the same whether or not another distributor has the same customer (architecture.md, rule 6)."""

import re
from typing import Any

import pytest
from django.db import connection, transaction
from django.test.utils import CaptureQueriesContext

from certifications.flow.uploads import go_on
from certifications.people.models import User
from certifications.screening.actions import screen_party
from certifications.uploads.models import Upload
from tests.parties.test_sameness import CODE, LEI, plain
from tests.world import World, client_of

from .files import HEAD, HOSPITAL, MATERNITY, SALES, csv
from .steps import committed
from .test_declarations import row
from .test_pages import post_file

pytestmark = pytest.mark.django_db
NUMBER = re.compile(r"UPL-20\d\d-[0-9A-Z]{6}")
ROWS = csv(
    (*HEAD, "LEI"),
    (*HOSPITAL[:2], CODE, *HOSPITAL[3:], LEI),
    ("宁波市江南醫院", "", "", "宁波市 2 号", "CN", "330200", "Hospital", ""),
    (*MATERNITY, ""),
    ("宁波江南医院", "Ningbo Jiangnan Hospital", "", "宁波市", "CN", "", "", ""),
)


def rival(world: World) -> None:
    """The other distributor has the same customers, screened and declared for."""
    theirs = world.customer(by="stranger", uscc=CODE, lei=LEI)
    world.customer(by="stranger", native_name=MATERNITY[0], latin_name=MATERNITY[1], division="510100")
    screen_party(theirs.party)
    world.draft(theirs, by="stranger")
    committed(_upload(world, "stranger", ROWS), world.stranger, "ready")


def _upload(world: World, who: str, content: bytes, kind: str = "customers") -> Upload:
    client = client_of(world.people[who])
    address = post_file(client, content, kind=kind).url
    upload = Upload.objects.get(number=address.split("/")[-2])
    go_on(upload.pk)
    upload.refresh_from_db()
    return upload


def journey(world: World) -> list[tuple[str, int, str, int]]:
    """A filer sends customers and declarations, looks at every page, commits, sends them again."""
    client, steps = client_of(world.filer), []

    def look(address: str) -> None:
        with CaptureQueriesContext(connection) as queries:
            answer = client.get(address)
        steps.append(
            (NUMBER.sub("<upload>", address), answer.status_code, NUMBER.sub("<upload>", plain(answer.content.decode())), len(queries))
        )

    for kind, content in (("customers", ROWS), ("customers", ROWS), ("declarations", csv(SALES, row(), row("Q-2", customer=CODE)))):
        with CaptureQueriesContext(connection) as queries:
            upload = _upload(world, "filer", content, kind)
        steps.append(("work", 0, str(upload.counts), len(queries)))
        for end in ("", "rows/", "rejected.csv"):
            look(f"/d/uploads/{upload.number}/{end}")
        with CaptureQueriesContext(connection) as queries:
            upload = committed(upload, User.objects.get(pk=world.filer.pk), "ready")
        steps.append(("commit", 0, str(upload.counts), len(queries)))
        look(f"/d/uploads/{upload.number}/")
        look("/d/uploads/")
    return steps


def test_a_file_is_answered_the_same_whether_or_not_another_has_the_customers(world: World) -> None:
    class Undo(Exception):
        pass

    answers: list[Any] = []
    for with_rival in (False, True):
        try:
            with transaction.atomic():
                if with_rival:
                    rival(world)
                answers.append(journey(world))
                raise Undo
        except Undo:
            continue
    for alone, beside in zip(*answers, strict=True):
        assert alone == beside
    assert any("宁波江南医院" in body for _label, _status, body, _queries in answers[0])
