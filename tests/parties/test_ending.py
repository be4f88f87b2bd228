"""What ends is told and shown in time: rights, papers and trainings, on the pages of compliance and on the distributor's own."""

import datetime as dt

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.db import IntegrityError, transaction
from django.urls import reverse

from certifications.files.actions import store
from certifications.flow import register as flow
from certifications.ledger.days import civil_today
from certifications.ledger.moves import NotAllowed
from certifications.mail.models import Mail
from certifications.parties.authorising import add_document, add_training, record_authorisation, renewal_of
from certifications.parties.models_register import Authorisation, AuthorisationDocument, AuthorisationReminder
from certifications.parties.rules_register import TermsData
from tests.world import World, client_of

pytestmark = pytest.mark.django_db
DAY = dt.timedelta(days=1)


def right(world: World, days: int = 300) -> Authorisation:
    """A right of Qinglan that ends in so many days."""
    today = civil_today()
    data = TermsData(("analysers",), ("SG",), (), today - 60 * DAY, today + days * DAY)
    return record_authorisation(party=world.qinglan.party, by=world.lead, data=data)


def paper(world: World, held: Authorisation, days: int | None, dated: int = -50, kind: str = "contract") -> AuthorisationDocument:
    today = civil_today()
    blob = store(f"%PDF-1.7 {days} {dated} {kind}".encode(), name="paper.pdf", media_type="application/pdf", by_id=world.lead.pk)
    until = today + days * DAY if days is not None else None
    return add_document(
        authorisation=held, by=world.lead, blob=blob, kind=kind, title="Master agreement", dated_on=today + dated * DAY, good_until=until
    )


def training(world: World, held: Authorisation, days: int, topic: str = "Red flags") -> None:
    today = civil_today()
    add_training(authorisation=held, by=world.lead, topic=topic, held_on=today - 90 * DAY, good_until=today + days * DAY, people=4)


def told() -> list[tuple[str, int]]:
    return sorted(AuthorisationReminder.objects.values_list("what", "days"))


@pytest.mark.parametrize(("left", "mark"), [(60, 60), (30, 30), (7, 7), (0, 0)])
def test_papers_and_trainings_are_told_at_each_mark_once(world: World, left: int, mark: int) -> None:
    held = right(world)
    paper(world, held, left)
    training(world, held, left)
    assert flow.remind() == 2
    assert flow.remind() == 0
    assert told() == [(":paper", mark), (":training", mark)]
    mails = Mail.objects.filter(template="authorisation_ends")
    subjects = {mail.subject.partition(" behind ")[0] for mail in mails.filter(to_user_id=world.lead.pk)}
    assert subjects == {"A paper", "A training"}
    assert mails.filter(to_user_id=world.filer.pk).count() == 2


def test_what_something_follows_is_not_told(world: World) -> None:
    held = right(world)
    paper(world, held, 20)
    paper(world, held, None, dated=-10)
    training(world, held, 20)
    training(world, held, 400, topic="red FLAGS")
    paper(world, held, 400, kind="letter")
    assert flow.remind() == 0


def test_a_side_contract_that_ended_before_silences_nothing(world: World) -> None:
    held = right(world)
    paper(world, held, 20)
    paper(world, held, -20, dated=-45)
    assert flow.remind() == 1


def test_a_paper_that_was_kept_without_its_end_is_filed_again_with_it(world: World) -> None:
    held, today = right(world), civil_today()
    blob = store(b"%PDF-1.7 signed", name="paper.pdf", media_type="application/pdf", by_id=world.lead.pk)
    said = {"authorisation": held, "by": world.lead, "blob": blob, "kind": "contract", "title": "Master agreement", "dated_on": today - DAY}
    assert add_document(**said) == add_document(**said)
    assert flow.remind() == 0
    assert add_document(**said, good_until=today + 20 * DAY).good_until == today + 20 * DAY
    assert flow.remind() == 1


def test_behind_a_right_that_is_over_nothing_is_told(world: World) -> None:
    held = right(world, days=1)
    paper(world, held, 20)
    ended = [one for one in flow.ending() if one.kind == "paper"]
    assert len(ended) == 1
    over = right_that_ended(world)
    paper(world, over, 20)
    assert [one.entry.authorisation for one in flow.ending() if one.kind == "paper"] == [held]


def right_that_ended(world: World) -> Authorisation:
    today = civil_today()
    data = TermsData(("consumables",), ("SG",), (), today - 90 * DAY, today - 30 * DAY)
    return record_authorisation(party=world.qinglan.party, by=world.lead, data=data)


def test_a_paper_does_not_end_before_its_date(world: World) -> None:
    held = right(world)
    with pytest.raises(NotAllowed) as refused:
        paper(world, held, -60)
    assert refused.value.code == "good_until"
    blob = store(b"%PDF-1.7", name="paper.pdf", media_type="application/pdf", by_id=world.lead.pk)
    today = civil_today()
    with pytest.raises(IntegrityError), transaction.atomic():
        AuthorisationDocument.objects.create(
            authorisation=held, blob=blob, kind="contract", title="X", dated_on=today, good_until=today, recorded_by=world.lead
        )


def test_a_lead_files_a_paper_with_its_end_and_everybody_sees_what_ends(world: World) -> None:
    held, lead, today = right(world), client_of(world.lead), civil_today()
    sent = {
        "paper-kind": "contract", "paper-title": "Master agreement", "paper-dated_on": (today - 9 * DAY).isoformat(),
        "paper-good_until": (today - 10 * DAY).isoformat(), "paper-file": SimpleUploadedFile("a.pdf", b"%PDF-1.7 one"),
    }  # fmt: skip
    address = reverse("compliance:right-papers", args=[held.number])
    assert lead.post(address, sent).status_code == 422
    sent |= {"paper-good_until": (today + 9 * DAY).isoformat(), "paper-file": SimpleUploadedFile("a.pdf", b"%PDF-1.7 two")}
    assert lead.post(address, sent).status_code == 302
    text = client_of(world.auditor).get(reverse("compliance:register-ending")).content.decode()
    assert "Master agreement" in text
    assert held.number in text


def test_a_right_that_ends_is_renewed_from_the_page_and_asked_for_on_the_distributors_first_page(world: World) -> None:
    held = right(world, days=20)
    link = f"{reverse('compliance:right-new')}?renews={held.number}"
    assert link in client_of(world.lead).get(reverse("compliance:register-ending")).content.decode()
    assert link not in client_of(world.auditor).get(reverse("compliance:register-ending")).content.decode()
    ask = f"Ask for the renewal of {held.number}"
    assert ask in client_of(world.filer).get("/d/").content.decode()
    data = renewal_of(held.terms.get())
    record_authorisation(party=world.qinglan.party, by=world.lead, data=data, renews=held)
    assert ask not in client_of(world.filer).get("/d/").content.decode()
    assert held.number not in client_of(world.auditor).get(reverse("compliance:register-ending")).content.decode()
