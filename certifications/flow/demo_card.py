"""What the demonstration's hospital has on its card: a second site with a laboratory, contacts, papers, and the group it belongs to."""

import datetime as dt

from certifications.catalogue import proposals, questions
from certifications.catalogue.rules_questions import QuestionData, QuestionnaireData
from certifications.ledger.days import civil_today
from certifications.ledger.ids import new_ulid
from certifications.parties.actions import register_customer
from certifications.parties.models import Customer
from certifications.parties.rules import CustomerData
from certifications.parties.rules_card import ContactData, LaboratoryData, PaperData, SiteData
from certifications.people.models import User

from . import cards
from . import questions as flow_questions
from .demo_register import PAPER, proof_of

HEAD = CustomerData(
    native_name="宁波江南医疗集团",
    latin_name="Ningbo Jiangnan Medical Group",
    country="CN",
    division="330200",
    address="宁波市江东北路 8 号",
    line_of_business="Holds three hospitals in Ningbo",
)
DAY = dt.timedelta(days=1)
QUESTIONS = (
    QuestionData("Does the customer pass goods on to others?", "客户是否将货物转交他人？", "yes_no"),
    QuestionData("To whom, and for what?", "转交给谁，用于什么？", "text", follows=1, follows_value="yes"),
    QuestionData(
        "Who owns the customer?",
        "客户由谁所有？",
        "choice",
        choices=(("The state", "国家"), ("Private owners", "私人"), ("Not known", "不清楚")),
        countries=("CN",),
    ),
    QuestionData(
        "Does its laboratory work for the police or the courts?",
        "其实验室是否为公安或法院工作？",
        "yes_no",
        classes=("hospital", "forensic_institute"),
    ),
    QuestionData("When was the laboratory last visited?", "最近一次走访实验室是什么时候？", "date", required=False, lines=("kits",)),
)


def ask(lead: User, reviewer: User) -> None:
    """A questionnaire in force. It holds no signature: the first thing that one tries here is to sign."""
    content = QuestionnaireData(QUESTIONS).content()
    words = {
        "kind": "questions",
        "subject": questions.SUBJECT,
        "content": content,
        "explanation": "What we ask of every customer from this year on.",
    }
    digest = proposals.proposal_digest(**words)
    proposal = proposals.propose(by=lead, proof=proof_of(lead, digest), **words)
    proposals.agree(proposal=proposal, by=reviewer, proof=proof_of(reviewer, digest))


def load(filer: User, hospital: Customer) -> None:
    """Everything once; the caller asks whether it is there already."""
    today = civil_today()
    site = cards.add_site(
        customer=hospital,
        by=filer,
        data=SiteData(
            "宁波江南医院东部院区",
            "Jiangnan Hospital, eastern campus",
            "宁波市鄞州区百丈东路 1188 号",
            "CN",
            "330200",
            "Genetics, about 1 000 samples a month",
        ),
    )
    laboratory = LaboratoryData("宁波江南医院遗传实验室", "周敏", "CNAS MT0711", today + 200 * DAY)
    cards.put_laboratory(customer=hospital, site=site, by=filer, data=laboratory)
    cards.put_contact(
        customer=hospital, by=filer, data=ContactData("陈一鸣", "设备科科长", "+86 574 8700 1200", "chen.yiming@jiangnan.example")
    )
    cards.put_contact(customer=hospital, by=filer, data=ContactData("周敏", "遗传实验室主任", "", "zhoumin.lab@163.com"))
    for kind, title, age, left in (("licence", "医疗机构执业许可证", 700, 30), ("accreditation", "CNAS MT0711", 160, 200)):
        data = PaperData(kind, title, today - age * DAY, today + left * DAY)
        content = PAPER + f"% {title}\n".encode()
        cards.file_paper(customer=hospital, by=filer, data=data, content=content, name=f"{title}.pdf", form_key=new_ulid())
    head = register_customer(by=filer, data=HEAD, form_key=new_ulid())
    cards.join_group(member=hospital, head=head, by=filer, covered=[site])
    given = {QUESTIONS[0].fingerprint: "no", QUESTIONS[2].fingerprint: "The state"}
    flow_questions.answer(customer=hospital, by=filer, version=1, values=given)
