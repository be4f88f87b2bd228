"""An end user in the tests: asked by the real actions, answering through the pages, as a browser without an account."""

import datetime as dt
import html
import re
from typing import Any

import pytest
from django.test import Client
from django.utils import timezone

from certifications.declarations import papers
from certifications.declarations.assurance import assurance
from certifications.declarations.confirming import ContactData
from certifications.declarations.models import Declaration
from certifications.declarations.models_enduser import EndUserRequest, PrintedStatement, StatementScan
from certifications.declarations.own_texts import own_texts
from certifications.declarations.papers import CheckData, SignedData
from certifications.declarations.queries import version_of
from certifications.declarations.rules_enduser import Assurance
from certifications.flow import enduser as flow
from certifications.flow import statements
from certifications.ledger.ids import new_ulid
from certifications.mail.models import Mail
from tests.world import World, proof_for

CONTACT = ContactData("Shen Yiran", "shen.yiran@jiangnan-hospital.example", "en")


def asked(world: World, declaration: Declaration, by: str = "filer", end_user: str = "", **changes: Any) -> EndUserRequest:
    """Shen Yiran of the hospital is asked by mail; of several end users for the customer `end_user`."""
    contact = ContactData(**{**CONTACT.__dict__, **changes})
    return flow.ask(declaration=declaration, by=world.people[by], contact=contact, form_key=new_ulid(), end_user=end_user)


def plain(answer: Any) -> str:
    """The words of a page."""
    return html.unescape(" ".join(re.sub(r"<[^>]+>", " ", answer.content.decode()).split()))


def link(email: str = CONTACT.email) -> str:
    """The path in the newest mail that went to the contact."""
    bodies = Mail.objects.filter(to_email=email, body__contains="/confirm/").order_by("-created_at", "-pk")
    found = re.search(r"/confirm/[\w-]+/", bodies[0].body)
    assert found
    return found.group()


def fields(client: Client, path: str, **changes: Any) -> dict[str, Any]:
    """What the page's forms send along: the text's digest and the form's own key."""
    context = client.get(path).context
    return {"sha256": context["held"].sha256, "form_key": context["form_key"], **changes}


def said_yes(path: str, **changes: Any) -> Any:
    """Open the link and confirm."""
    client = Client()
    given = {"kind": "confirmed", "name": "Shen Yiran", "role": "Head of Genetics", "ticked": "1", **changes}
    return client.post(path, fields(client, path, **given))


def said_no(path: str) -> Any:
    client = Client()
    return client.post(path, fields(client, path, kind="declined", name="Shen Yiran", reason="We never ordered these kits."))


def asked_about(path: str, number: int = 4) -> Any:
    client = Client()
    texts = {f"question_{number}": "Our ethics board does not allow visits by third parties."}
    return client.post(path, fields(client, path, kind="questioned", name="Shen Yiran", **texts))


def printed(world: World, declaration: Declaration, by: str = "filer", end_user: str = "") -> PrintedStatement:
    """The statement, written as the worker writes it."""
    made = statements.print_statement(declaration=declaration, by=world.people[by], end_user=end_user)
    statements.make(made.pk)
    made.refresh_from_db()
    return made


def scanned(
    world: World, declaration: Declaration, by: str = "filer", content: bytes = b"%PDF-1.7 signed and sealed", end_user: str = ""
) -> StatementScan:
    """Its scan, filed and not checked yet."""
    return statements.file_scan(
        statement=printed(world, declaration, end_user=end_user),
        by=world.people[by],
        signed=SignedData("Shen Yiran", "Head of Genetics", timezone.now().date()),
        contents=[("scan.pdf", content)],
        form_key=new_ulid(),
    )


def accepted(world: World, scan: StatementScan, who: str = "signatory") -> StatementScan:
    """The scan, compared and accepted by a second person."""
    person = world.people[who]
    data = CheckData(scan.statement.code, all_pages=True, signed=True)
    return papers.check_scan(scan=scan, by=person, data=data, proof=proof_for(person, scan.digest, "statement"))


def level(declaration: Declaration) -> Assurance:
    """How far the declaration rests on its end users' word, as it stands."""
    return assurance(declaration.pk, own_texts(version_of(declaration)))


def later(monkeypatch: pytest.MonkeyPatch, days: float) -> None:
    """So many days pass for the application; the database keeps its own clock."""
    now = timezone.now() + dt.timedelta(days=days)
    monkeypatch.setattr("django.utils.timezone.now", lambda: now)
