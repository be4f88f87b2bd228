"""A log line holds ids and codes. A journey with marked names goes through the pages and the workers; no line has a mark."""

import logging

import pytest
from django.test import Client

from certifications.flags.models import Case
from certifications.people.demo import PASSWORD
from certifications.work.models import Job
from tests.flags.decisions import agree, decide
from tests.flow.steps import work
from tests.world import World, client_of
from tests.world import code_of as code

pytestmark = pytest.mark.django_db
MARKS = ("标记公安局", "Marker Bureau", "标记路", "marked purpose", "marked answer", "marked explanation", "Marked Signer")


def breaks(*names: object, **_: object) -> None:
    """An engine that fails on the very name, and says it."""
    raise ValueError(f"cannot read {names}")


def test_no_line_names_a_customer_a_text_or_a_secret(
    world: World, caplog: pytest.LogCaptureFixture, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    caplog.set_level(logging.INFO)
    filer = client_of(world.filer)
    typed = {
        "form_key": "01HZZZZZZZZZZZZZZZZZZZZZZ1", "native_name": "绍兴市标记公安局", "latin_name": "Marker Bureau", "other_names": "",
        "kind": "end_user", "uscc": "", "lei": "nonsense", "address": "标记路 3 号", "country": "CN", "division": "330600",
        "line_of_business": "x", "note": "",
    }  # fmt: skip
    assert filer.post("/d/customers/new/", typed).status_code == 422
    made = filer.post("/d/customers/new/", typed | {"lei": ""})
    assert filer.get("/d/customers/?q=Marker Bureau").status_code == 200
    customer = world.qinglan.customers.get(pk=made.url.split("/")[3])
    declaration = world.draft(customer, end_use="The marked purpose of this declaration, 20 samples a month", place_address="标记路 3 号")
    signatory, digits = client_of(world.signatory), code(world.signatory)
    page = signatory.get(f"/d/declarations/{declaration.number}/sign/")
    sent = {"sha256": page.context["digest"], "clause": list("123456"), "role_title": "Marked Signer", "code": "000000"}
    assert signatory.post(f"/d/declarations/{declaration.number}/sign/", sent).status_code == 422
    assert signatory.post(f"/d/declarations/{declaration.number}/sign/", sent | {"code": digits}).status_code == 302
    # The engine breaks on the list once, so that a failure is logged too.
    with monkeypatch.context() as broken:
        broken.setattr("certifications.screening.engine.match_many", breaks)
        work("advance")
    Job.objects.filter(kind="advance").update(due_at="2026-01-01T00:00Z")
    work("advance")
    case = Case.objects.filter(status="open").get()
    assert decide(case, world.reviewer, explanation="short", code="").status_code == 422
    assert decide(case, world.reviewer, explanation="The marked explanation of this decision.").status_code == 302
    assert agree(case.decisions.get(), world.second_reviewer).status_code == 302
    Client().post("/account/login/", {"login": world.filer.email, "password": PASSWORD + " wrong"})
    work("advance")
    captured = capsys.readouterr()
    lines = caplog.text + captured.out + captured.err
    assert "screening failed" in lines
    for mark in (*MARKS, digits, PASSWORD, world.filer.email):
        assert mark not in lines, mark
    assert declaration.pk in lines or customer.party_id in lines
