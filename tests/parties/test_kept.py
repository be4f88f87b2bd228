"""Contacts, papers and groups of a customer: its distributor's and compliance's alone; what ends is told in time; no group runs in a circle."""

from typing import Any

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.db import DatabaseError, transaction
from django.urls import reverse

from certifications.files.models import Blob
from certifications.flow import cards, upload_customers
from certifications.flow.customers import edit_customer
from certifications.flow.rescreening import rescreen
from certifications.ledger.days import civil_today
from certifications.ledger.ids import new_ulid
from certifications.ledger.models import Event
from certifications.ledger.moves import NotAllowed
from certifications.mail.models import Mail
from certifications.parties.actions import Incomplete, remove_customer
from certifications.parties.aliases import compared_names
from certifications.parties.models import Customer, Party
from certifications.parties.models_card import CardChange, Contact, CustomerPaper, GroupLink
from certifications.parties.queries import data_of
from certifications.parties.queries_card import group_of, sites_of
from certifications.parties.rules_card import ContactData, check_contact, is_free_mail
from certifications.screening.queries import party_state
from certifications.work.models import Job
from tests.world import World, client_of

from .cards import DAY, PDF, a_paper, a_site

pytestmark = pytest.mark.django_db
CONTACT = ContactData("陈一鸣", "Head of equipment", "+86 574 8700 1200", "chen@jiangnan.example")


def three(world: World) -> list[Customer]:
    """Three customers of one distributor."""
    names = (("宁波江南医院", "Ningbo Jiangnan Hospital"), ("会稽诊所", "Kuaiji Clinic"), ("甬江医疗集团", "Yongjiang Medical Group"))
    return [world.customer(native_name=native, latin_name=latin, uscc="") for native, latin in names]


def join(world: World, member: Customer, head: Customer, *sites: Any) -> None:
    cards.join_group(member=member, head=head, by=world.filer, covered=sites)


# Contacts


def test_a_contact_is_read_by_its_distributor_and_compliance_and_nobody_else(world: World) -> None:
    customer = world.customer()
    cards.put_contact(customer=customer, by=world.filer, data=CONTACT)
    # The other distributor has the same hospital as its customer.
    theirs = world.customer(by="stranger")
    own = client_of(world.filer).get(reverse("distributors:customer", args=[customer.pk])).content.decode()
    assert "陈一鸣" in own
    assert "陈一鸣" in client_of(world.reviewer).get(reverse("compliance:party", args=[customer.party_id])).content.decode()
    assert "陈一鸣" not in client_of(world.stranger).get(reverse("distributors:customer", args=[theirs.pk])).content.decode()
    assert client_of(world.stranger).get(reverse("distributors:customer", args=[customer.pk])).status_code == 404


def test_a_removed_contact_leaves_no_name_behind(world: World) -> None:
    customer = world.customer()
    cards.put_contact(customer=customer, by=world.filer, data=CONTACT)
    contact = Contact.objects.get()
    changed = ContactData(**{**CONTACT.__dict__, "phone": "+86 574 8700 1201"})
    cards.put_contact(customer=customer, by=world.filer, data=changed, contact=contact)
    cards.remove_contact(customer=customer, contact=contact, by=world.filer)
    assert not Contact.objects.exists()
    told = [event.data for event in Event.objects.filter(verb__startswith="customer.contact_").order_by("sequence")]
    assert told[1]["fields"] == ["phone"]
    assert not any("陈" in str(data) or "8700" in str(data) for data in [*told, *CardChange.objects.values_list("rows", flat=True)])


@pytest.mark.parametrize(("email", "free"), [("a@163.com", True), ("a@QQ.com ", True), ("a@hospital.example", False), ("", False)])
def test_a_mail_address_that_anybody_gets_is_a_hint_and_no_fault(email: str, free: bool) -> None:
    assert is_free_mail(email) is free
    assert check_contact(ContactData("Chen", phone="0574 87001200", email=email.strip())) == []


@pytest.mark.parametrize(
    ("changes", "field"),
    [
        ({"name": "  "}, "name"),
        ({"phone": "", "email": ""}, "phone"),
        ({"phone": "ask at the desk"}, "phone"),
        ({"email": "chen"}, "email"),
    ],
)
def test_what_a_contact_lacks_is_named_with_its_field(changes: dict[str, str], field: str) -> None:
    assert [problem.field for problem in check_contact(ContactData(**{**CONTACT.__dict__, **changes}))] == [field]


# Papers


def sent(**changes: Any) -> dict[str, Any]:
    today = civil_today()
    return {
        "form_key": new_ulid(),
        "kind": "licence",
        "title": "Licence",
        "issued_on": (today - 30 * DAY).isoformat(),
        "good_until": (today + 30 * DAY).isoformat(),
        "file": SimpleUploadedFile("licence.pdf", PDF),
        **changes,
    }


def test_a_paper_is_kept_whole_and_served_to_be_saved(world: World) -> None:
    customer = world.customer()
    address = reverse("distributors:paper-new", args=[customer.pk])
    assert client_of(world.filer).post(address, sent()).status_code == 302
    paper = CustomerPaper.objects.get()
    there = reverse("distributors:paper", args=[customer.pk, paper.pk])
    answer = client_of(world.signatory).get(there)
    assert answer.content == PDF
    assert answer.headers["Content-Disposition"].startswith("attachment")
    assert "sandbox" in answer.headers["Content-Security-Policy"]
    assert client_of(world.stranger).get(there).status_code == 404
    read = client_of(world.reviewer).get(reverse("compliance:party-paper", args=[customer.party_id, paper.pk]))
    assert read.content == PDF
    assert Event.objects.filter(verb="read.paper", object_id=paper.pk).count() == 2
    other = world.customer(native_name="会稽诊所", latin_name="Kuaiji Clinic")
    assert client_of(world.filer).get(reverse("distributors:paper", args=[other.pk, paper.pk])).status_code == 404
    assert client_of(world.reviewer).get(reverse("compliance:party-paper", args=[other.party_id, paper.pk])).status_code == 404


@pytest.mark.parametrize(
    ("changes", "field"),
    [
        ({"file": SimpleUploadedFile("licence.pdf", b"<html>no paper</html>")}, "file"),
        ({"file": SimpleUploadedFile("licence.pdf", b"")}, "file"),
        ({"good_until": "2001-01-01", "issued_on": "2020-01-01"}, "good_until"),
        ({"issued_on": "2999-01-01"}, "issued_on"),
        ({"issued_on": "1901-01-01"}, "issued_on"),
        ({"title": "  "}, "title"),
        ({"kind": "passport"}, "kind"),
        ({"good_until": "30.02.2027"}, "good_until"),
    ],
)
def test_what_is_wrong_with_a_paper_is_named_and_nothing_is_kept(world: World, changes: dict[str, Any], field: str) -> None:
    customer = world.customer()
    answer = client_of(world.filer).post(reverse("distributors:paper-new", args=[customer.pk]), sent(**changes))
    assert answer.status_code == 422
    assert field in answer.context["form"].errors
    assert not CustomerPaper.objects.exists()
    assert not Blob.objects.exists()


def test_the_same_form_twice_is_one_paper_and_the_same_file_is_named(world: World) -> None:
    customer = world.customer()
    address, key = reverse("distributors:paper-new", args=[customer.pk]), new_ulid()
    for _again in range(2):
        file = SimpleUploadedFile("licence.pdf", PDF)
        assert client_of(world.filer).post(address, sent(form_key=key, file=file)).status_code == 302
    assert CustomerPaper.objects.count() == 1
    answer = client_of(world.filer).post(address, sent(title="Once more"))
    assert "kept already" in answer.content.decode()
    cards.withdraw_paper(customer=customer, paper=CustomerPaper.objects.get(), by=world.filer)
    assert client_of(world.filer).post(address, sent(file=SimpleUploadedFile("licence.pdf", PDF))).status_code == 302


@pytest.mark.parametrize(("left", "told"), [(61, 0), (60, 1), (31, 1), (30, 1), (7, 1), (0, 1), (-6, 1), (-8, 0)])
def test_filers_are_told_of_a_papers_end_in_time_and_once(world: World, left: int, told: int) -> None:
    customer = world.customer()
    a_paper(world, customer, days=left, issued_on=civil_today() - 400 * DAY)
    assert cards.remind() == told
    assert cards.remind() == 0
    mails = Mail.objects.filter(template="customer_paper_ends")
    assert [mail.to_email for mail in mails] == [world.filer.email] * told
    assert not any("Licence" in mail.body or "江南" in mail.body for mail in mails)


def test_a_later_paper_of_the_same_kind_ends_the_reminders_and_a_withdrawn_one_does_not(world: World) -> None:
    customer = world.customer()
    a_paper(world, customer, days=20)
    later = a_paper(world, customer, days=500, content=PDF + b"2")
    assert cards.remind() == 0
    cards.withdraw_paper(customer=customer, paper=later, by=world.filer)
    assert cards.remind() == 1


def test_a_paper_that_ends_stands_under_what_must_be_done_for_whoever_may_file_the_next(world: World) -> None:
    customer = world.customer()
    paper = a_paper(world, customer, days=20)
    home = reverse("distributors:home")
    assert "Licence of the hospital" in client_of(world.filer).get(home).content.decode()
    for who in (world.signatory, world.stranger):
        assert "Licence of the hospital" not in client_of(who).get(home).content.decode()
    cards.withdraw_paper(customer=customer, paper=paper, by=world.filer)
    assert "Licence of the hospital" not in client_of(world.filer).get(home).content.decode()


def test_postgresql_keeps_the_words_of_a_paper_and_its_withdrawal(world: World) -> None:
    customer = world.customer()
    paper = a_paper(world, customer)
    cards.withdraw_paper(customer=customer, paper=paper, by=world.filer)
    held = CustomerPaper.objects.filter(pk=paper.pk)
    for change in ({"title": "Other"}, {"good_until": None}, {"withdrawn_at": None, "withdrawn_by": None}):
        with pytest.raises(DatabaseError, match="never changes"), transaction.atomic():
            held.update(**change)
    with pytest.raises(DatabaseError, match="never changed or removed"), transaction.atomic():
        held.delete()


# Groups


def test_a_group_is_shown_as_a_tree_with_the_sites_that_are_covered(world: World) -> None:
    hospital, clinic, head = three(world)
    site = a_site(world, hospital)
    join(world, hospital, head, site)
    join(world, clinic, hospital)
    top = group_of(clinic)
    assert top is not None
    assert (top.customer, [one.customer for one in top.below], [one.customer for one in top.below[0].below]) == (head, [hospital], [clinic])
    assert top.below[0].covered == (site,)
    page = client_of(world.filer).get(reverse("distributors:customer", args=[clinic.pk])).content.decode()
    assert "甬江医疗集团" in page or "Yongjiang Medical Group" in page
    assert [(choice.site.pk, choice.covered, choice.owner) for choice in sites_of(head, world.filer)][1:] == [(site.pk, True, hospital)]
    step = reverse("distributors:declaration-step", args=[world.draft(head).number, "end_use"])
    offered = client_of(world.filer).get(step).context["sites"]
    assert offered == [head.party.sites.get().address, site.address]


def test_no_group_runs_in_a_circle_whatever_way_it_is_asked(world: World) -> None:
    hospital, clinic, head = three(world)
    join(world, hospital, head)
    join(world, clinic, hospital)
    for other in (hospital, clinic, head):
        with pytest.raises(NotAllowed) as refused:
            join(world, head, other)
        assert refused.value.code == "head"
    with pytest.raises(DatabaseError, match="no circle"), transaction.atomic():
        GroupLink.objects.create(member=head, head=clinic, joined_by=world.filer)
    with pytest.raises(DatabaseError), transaction.atomic():
        GroupLink.objects.create(member=head, head=head, joined_by=world.filer)
    answer = client_of(world.filer).post(reverse("distributors:group", args=[head.pk]), {"head": clinic.pk})
    assert answer.status_code == 422


def test_a_group_lies_within_one_distributors_customers(world: World) -> None:
    customer, theirs = world.customer(), world.customer(by="stranger")
    with pytest.raises(NotAllowed):
        join(world, customer, theirs)
    with pytest.raises(DatabaseError, match="within one distributor"), transaction.atomic():
        GroupLink.objects.create(member=customer, head=theirs, joined_by=world.filer)
    page = client_of(world.filer).get(reverse("distributors:group", args=[customer.pk])).content.decode()
    assert theirs.pk not in page


def test_sites_of_somebody_else_are_covered_by_nothing(world: World) -> None:
    hospital, clinic, head = three(world)
    foreign = a_site(world, clinic)
    with pytest.raises(NotAllowed) as refused:
        join(world, hospital, head, foreign)
    assert refused.value.code == "covered"
    join(world, hospital, head)
    link = GroupLink.objects.get()
    with pytest.raises(DatabaseError, match="of its member alone"), transaction.atomic():
        link.covers.create(site=foreign)


def test_a_head_is_screened_by_the_names_of_what_its_declarations_cover(world: World) -> None:
    hospital, _clinic, head = three(world)
    rescreen(head.party_id)
    site = a_site(world, hospital, native_name="甬东院区", latin_name="")
    join(world, hospital, head, site)
    names = compared_names([head.party_id])[head.party_id]
    assert {"甬东院区", "宁波江南医院"} <= set(names)
    assert party_state(Party.objects.get(pk=head.party_id)).state == "waiting"
    rescreen(head.party_id)
    # Whatever the member is called from now on counts for the head too.
    data = data_of(hospital)
    edit_customer(customer=hospital, by=world.filer, data=type(data)(**{**data.__dict__, "native_name": "新疆维吾尔自治区公安厅"}))
    party = Party.objects.get(pk=head.party_id)
    assert party_state(party).state == "waiting"
    assert Job.objects.filter(kind="rescreen", object_id=head.party_id, version=f"rev-{party.revision}").exists()
    rescreen(head.party_id)
    assert party_state(party).state == "hit"
    cards.leave_group(member=hospital, by=world.filer)
    rescreen(head.party_id)
    assert party_state(Party.objects.get(pk=head.party_id)).state == "clear"


def test_a_link_is_ended_and_never_deleted(world: World) -> None:
    hospital, clinic, head = three(world)
    join(world, hospital, head)
    join(world, hospital, clinic)
    assert [link.ended_at is None for link in GroupLink.objects.order_by("joined_at")] == [False, True]
    cards.leave_group(member=hospital, by=world.filer)
    assert not GroupLink.objects.filter(ended_at__isnull=True).exists()
    with pytest.raises(DatabaseError, match="never changed or removed"), transaction.atomic():
        GroupLink.objects.all().delete()
    with pytest.raises(DatabaseError, match="never changes"), transaction.atomic():
        GroupLink.objects.update(ended_at=None, ended_by=None)


def test_a_customer_on_whose_card_something_rests_is_not_taken_back_with_its_upload(world: World) -> None:
    for keep in (
        lambda customer: a_site(world, customer),
        lambda customer: cards.put_contact(customer=customer, by=world.filer, data=CONTACT),
        lambda customer: a_paper(world, customer),
        lambda customer: join(world, customer, world.customer(native_name="甬江医疗集团", latin_name="Yongjiang")),
    ):
        customer, bare = world.customer(), world.customer()
        keep(customer)
        assert upload_customers.with_something_kept([customer.pk, bare.pk]) == {customer.pk}


def test_a_registration_with_papers_is_not_removed(world: World) -> None:
    customer = world.customer()
    a_paper(world, customer)
    with pytest.raises(NotAllowed) as refused:
        remove_customer(customer=customer, by=world.filer)
    assert refused.value.code == "in_use"
    with pytest.raises(Incomplete):
        a_paper(world, customer, title=" ")
