"""The card of a customer, its forms, its timeline and the questionnaire: no axe violation, no complaint of the browser, nothing sideways."""

import pytest
from django.urls import reverse

from certifications.catalogue.questions import SUBJECT
from certifications.catalogue.rules_questions import QuestionnaireData
from certifications.flow import cards
from certifications.parties.rules_card import ContactData, LaboratoryData
from tests.axe import assert_accessible
from tests.catalogue.changes import proposed
from tests.catalogue.questionnaires import ALL, OWN, answered, put_in_force
from tests.parties.cards import a_paper, a_site
from tests.visits import Visit
from tests.world import World

pytestmark = [pytest.mark.browser, pytest.mark.django_db]


def test_every_page_of_a_card_is_accessible_clean_and_fits(visit: Visit, world: World) -> None:
    put_in_force(world)
    waiting = proposed(world.lead, "questions", SUBJECT, QuestionnaireData(ALL, holds_signing=True).content())
    customer, head = world.customer(), world.customer(native_name="甬江医疗集团", latin_name="Yongjiang Medical Group")
    site = a_site(world, customer)
    cards.put_laboratory(customer=customer, site=site, by=world.filer, data=LaboratoryData("遗传实验室", "周敏", "CNAS L1"))
    cards.put_contact(customer=customer, by=world.filer, data=ContactData("陈一鸣", "Head", email="chen@163.com"))
    cards.end_site(customer=customer, site=a_site(world, customer, native_name="老院区"), by=world.filer)
    paper = a_paper(world, customer)
    cards.join_group(member=customer, head=head, by=world.filer, covered=[site])
    answered(world, customer, (OWN, "yes"))
    of = {
        world.filer: [
            *(
                reverse(f"distributors:{name}", args=[customer.pk])
                for name in ("customer", "site-new", "contact-new", "paper-new", "group")
            ),
            *(reverse(f"distributors:{name}", args=[customer.pk]) for name in ("timeline", "questions", "group-leave")),
            *(reverse(f"distributors:{name}", args=[customer.pk, site.key]) for name in ("site", "site-end", "laboratory-new")),
            reverse("distributors:paper-withdraw", args=[customer.pk, paper.pk]),
            reverse("distributors:timeline", args=[customer.pk]) + "?kind=group",
        ],
        world.lead: [
            *(reverse(f"compliance:{name}", args=[customer.party_id]) for name in ("party", "party-timeline")),
            *(reverse(f"compliance:{name}") for name in ("questions", "questions-draft", "question-new")),
            reverse("compliance:question-edit", args=["2"]),
        ],
        world.reviewer: [reverse("compliance:catalogue-proposal", args=[waiting.pk])],
    }
    wrong = []
    for user, addresses in of.items():
        visit.become(user)
        for address in addresses:
            page = visit.open(address)
            try:
                assert page.locator("h1").count() == 1, "one heading"
                assert_accessible(page)
                assert not page.evaluate("document.documentElement.scrollWidth > innerWidth"), "scrolls sideways"
            except AssertionError as error:
                wrong.append(f"{user.name} {address}: {str(error)[:700]}")
    assert not wrong, "\n".join(wrong)
