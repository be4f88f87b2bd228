"""A sample decides about the rest: what is written is weighed again by the register of then, and nobody draws until a sample comes out well."""

from decimal import Decimal
from typing import Any

import pytest
from django.utils import timezone

from certifications import tasks
from certifications.evidence import bulk as sets
from certifications.evidence.models import EvidenceDocument, EvidenceLine
from certifications.evidence.models_intake import BulkCheck, BulkRow
from certifications.evidence.queries import captures_of
from certifications.evidence.rules import standing_of_source
from certifications.evidence.rules_intake import upper_bound
from certifications.flags.models import Flag
from certifications.flow import bulk, evidence, resolution
from certifications.ledger.ids import new_ulid
from certifications.ledger.moves import NotAllowed
from certifications.mail.models import Mail
from certifications.resolution.models import ReportedName
from certifications.work.models import Job
from tests.flow.steps import work
from tests.world import World, client_of, code_of

from .test_queue import allow, captured, checked, confirmed, drawn, many, passed, text_of

pytestmark = pytest.mark.django_db
# Like Qinglan's name: a question at medium, until somebody says that it is another firm.
LIKE = "深圳青岚科学仪器股份有限公司"
HTMX: dict[str, Any] = {"HTTP_HX_REQUEST": "true"}


def another_firm(world: World) -> None:
    """The register says from now on that the seller is nobody of ours."""
    reported = ReportedName.objects.get(role="seller")
    party = reported.candidates.get().party
    words = {"reason": "registry", "explanation": "The register of Shenzhen has both of them."}
    resolution.answer(reported=reported, by=world.second_reviewer, party_id=party.pk, answer="different", **words)


def asked_for(world: World, held: BulkCheck) -> None:
    bulk.confirm_rest(bulk=held, by=world.reviewer, digest=sets.act_digest(held), code=code_of(world.reviewer))


def test_what_became_grave_since_it_was_drawn_is_not_written(world: World) -> None:
    held = passed(world, [captured(world, number, seller=LIKE) for number in range(16)])
    work("match", "names")
    asked_for(world, held)
    another_firm(world)
    work("bulk")
    assert set(held.rows.filter(in_sample=False).values_list("outcome", "document__status")) == {("grave", "read")}
    assert EvidenceLine.objects.count() == 14, "the sample's alone"


def test_what_was_checked_in_a_set_that_was_given_up_counts_into_the_next(world: World) -> None:
    documents = many(world, 8)
    allow(world)
    first = drawn(world, documents, 3)
    checked(world, first, wrong=1)
    bulk.abandon(bulk=first, by=world.reviewer)
    second = drawn(world, documents, 5)
    checked(world, second)
    told = sets.measured(second)
    assert (told.checked, told.wrong, told.before, told.wrong_before) == (5, 0, 3, 1)
    assert (told.rate, told.upper) == (Decimal(1) / 8, upper_bound(1, 8))
    with pytest.raises(NotAllowed) as refused:
        sets.check_confirm(second)
    assert refused.value.code == "limit"
    page = client_of(world.reviewer).get(f"/c/evidence/samples/{second.number}/").content.decode()
    assert "Wrong in samples given up before" in page
    assert "1/3" in page
    for other in ({"reader": "another"}, {"template": "another"}, {"source": "another"}, {"least_confidence": Decimal(1)}):
        alike = BulkCheck(**{**vars_of(second), **other})
        assert sets.measured(alike).before == 0, other


def vars_of(held: BulkCheck) -> dict[str, Any]:
    names = ("reader", "source", "template", "least_confidence", "sample_size")
    return {name: getattr(held, name) for name in names}


def test_who_gives_a_sample_up_before_it_shows_what_is_wrong_gains_nothing(world: World) -> None:
    documents = many(world, 4)
    first = drawn(world, documents, 2)
    bulk.abandon(bulk=first, by=world.reviewer)
    with pytest.raises(NotAllowed) as refused:
        drawn(world, documents, 1)
    assert refused.value.code == "given_up"
    shown = [row.document for row in first.rows.filter(in_sample=True).select_related("document")]
    assert all(document.number in str(refused.value) for document in shown)
    for document in shown:
        confirmed(world, document, "corrected")
    told = sets.measured(drawn(world, [one for one in documents if one not in shown], 1))
    assert (told.before, told.wrong_before) == (2, 2)


def test_taking_an_act_back_says_nothing_of_what_nobody_looked_at(world: World) -> None:
    """Of two sets with the same documents the one was given up unseen, and the other's act is taken back."""
    held = passed(world, [captured(world, number, seller=LIKE) for number in range(16)])
    work("match", "names")
    asked_for(world, held)
    work("bulk")
    left = list(held.rows.filter(outcome="confirmed").select_related("document"))
    assert len(left) == 2
    other = BulkCheck.objects.create(
        number="BC-2026-OTHER", reader=held.reader, source=held.source, template=held.template, least_confidence=held.least_confidence,
        row_count=2, sample_size=2, seed="0" * 32, drawn_by=world.reviewer, form_key=new_ulid(), status="abandoned", ended_by=world.reviewer,
        ended_at=timezone.now(), ended_reason="It was drawn by mistake.",
    )  # fmt: skip
    for position, row in enumerate(left):
        BulkRow.objects.create(bulk=other, document=row.document, position=position, in_sample=True, proposal_sha256=row.proposal_sha256)
    held.refresh_from_db()
    bulk.undo(bulk=held, by=world.lead, reason="The source was another one.")
    work("bulk")
    assert held.rows.filter(outcome="undone").count() == 2
    assert set(other.rows.values_list("verdict", flat=True)) == {""}


def tip(world: World, number: int) -> EvidenceDocument:
    document = evidence.capture(
        by=world.reviewer,
        content=text_of(number, seller=LIKE).encode(),
        name="tip.txt",
        origin="tip",
        source_url="https://ccgp.example/1",
        form_key=new_ulid(),
    )
    work("read", "weigh")
    document.refresh_from_db()
    return document


def one_part(held: BulkCheck) -> None:
    """The job that is next, and none of those that it asks for."""
    tasks.bulk_confirmation(Job.objects.get(kind="bulk", object_id=held.pk, state="waiting").pk)
    held.refresh_from_db()


def test_workers_go_on_part_by_part_the_page_says_how_far_they_are_and_a_tip_stays_a_tip(
    world: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("certifications.flow.bulk.PART", 2)
    monkeypatch.setattr("certifications.mail.actions.LONG_SECONDS", -1)
    held = passed(world, [tip(world, number) for number in range(18)])
    client, address = client_of(world.reviewer), f"/c/evidence/samples/{held.number}/"
    work("match", "names")
    asked_for(world, held)
    one_part(held)
    page = client.get(address).content.decode()
    assert "2 of 4 documents" in page
    assert f'hx-get="{address}state/"' in page
    assert '<noscript><meta http-equiv="refresh"' in page
    answer = client.get(f"{address}state/", **HTMX)
    assert 'value="50"' in answer.content.decode()
    assert client.get(f"{address}state/")["Location"] == address
    assert client_of(world.filer).get(f"{address}state/", **HTMX).status_code == 404
    work("bulk", "match", "names")
    held.refresh_from_db()
    assert (held.status, held.rows.filter(outcome="confirmed").count()) == ("confirmed", 4)
    assert client.get(f"{address}state/", **HTMX)["HX-Refresh"] == "true"
    assert Mail.objects.get(template="bulk_done").to_user_id == world.reviewer.pk
    _taken_back(world, held)


def _taken_back(world: World, held: BulkCheck) -> None:
    bulk.undo(bulk=held, by=world.lead, reason="The template had changed in June.")
    one_part(held)
    assert (held.status, held.rows.filter(outcome="undone").count()) == ("undoing", 2)
    page = client_of(world.reviewer).get(f"/c/evidence/samples/{held.number}/state/", **HTMX).content.decode()
    assert "2 of 4 documents" in page
    another_firm(world)
    work("match", "names")
    one_part(held)
    assert (held.status, held.rows.filter(outcome="confirmed").count()) == ("confirmed", 2), "what is left stands"
    assert "Grave flags rest on documents of this act" in held.problem
    told = Mail.objects.get(template="bulk_done", to_user_id=world.lead.pk)
    assert (told.subject, "is done" in told.subject) == (f"Set {held.number} was not taken back whole", False)
    Flag.objects.filter(severity="high").update(state="closed", closed_at=timezone.now())
    bulk.undo(bulk=held, by=world.lead, reason="The template had changed in June.")
    work("bulk")
    held.refresh_from_db()
    assert (held.status, held.rows.filter(outcome="undone").count()) == ("undone", 4)
    assert Mail.objects.filter(template="bulk_done", to_user_id=world.lead.pk).count() == 2
    again = [row.again for row in held.rows.filter(outcome="undone").select_related("again") if row.again]
    assert {(one.origin, standing_of_source(captures_of(one))) for one in again} == {("tip", "unattested")}
