"""What the demonstration's register tells: a reseller below a distributor, a right that ends soon, one suspended and lifted.

By the actions that people use. The factors are the demonstration's own, kept as such: nobody stood there with a telephone.
"""

import datetime as dt
from decimal import Decimal

from django.conf import settings
from django.utils import timezone

from certifications.catalogue.models import Product
from certifications.files import actions as files
from certifications.ledger.days import civil_today
from certifications.ledger.ids import new_ulid
from certifications.parties import authorising, changes, nominating
from certifications.parties.actions import register_customer
from certifications.parties.models import Party
from certifications.parties.models_register import RiskSet
from certifications.parties.rules import CustomerData
from certifications.parties.rules_register import TermsData
from certifications.people.models import FactorProof, User
from certifications.programme import actions as programme
from certifications.programme import queries
from certifications.programme.rules import CertificateData, StockData
from certifications.screening.actions import screen_party

RESELLER = CustomerData(
    native_name="蚌埠淮禾仪器有限公司",
    latin_name="Bengbu Huaihe Instruments",
    kind="reseller",
    country="CN",
    division="340300",
    address="蚌埠市东海大道 1288 号",
    line_of_business="Laboratory supply in northern Anhui",
)
DAY = dt.timedelta(days=1)
PAPER = (
    b"%PDF-1.4\n1 0 obj<</Type/Catalog/Pages 2 0 R>>endobj\n2 0 obj<</Type/Pages/Kids[]/Count 0>>endobj\ntrailer<</Root 1 0 R>>\n%%EOF\n"
)


def proof_of(user: User, digest: str) -> FactorProof:
    assert settings.PORTAL_DEMO
    return FactorProof.objects.create(
        user=user, kind="totp", purpose="register", digest=digest, once=f"demonstration {new_ulid()}", evidence={"demonstration": True}
    )


def load(people: dict[str, User], qinglan: Party, yuhua: Party) -> None:
    """Everything once; the caller asks whether it is there already."""
    RiskSet.objects.get_or_create(
        code="TIBETAN",
        defaults={
            "title": "Tibetan prefectures of Sichuan",
            "title_zh": "四川藏区",
            "countries": ["CN"],
            "divisions": ["513200", "513300"],
            "most_days": 180,
        },
    )
    _reseller(people, qinglan)
    _near_its_end(people, yuhua)
    _suspended_and_lifted(people, yuhua)


def begin(people: dict[str, User], party: Party, lines: list[str], starts_on: dt.date) -> None:
    """The first day of each line, proposed and agreed to."""
    organisation = party.organisation
    assert organisation is not None
    for line in lines:
        words = {"organisation": organisation, "line": line, "starts_on": starts_on, "explanation": "Agreed with the contract."}
        if queries.starts_of(organisation.pk).get(line) is None:
            proof = proof_of(people["lead"], programme.start_digest(**words))  # type: ignore[arg-type]
            start = programme.propose_start(by=people["lead"], proof=proof, **words)  # type: ignore[arg-type]
            programme.agree_start(start=start, by=people["reviewer"], proof=proof_of(people["reviewer"], start.digest))


def stock(people: dict[str, User]) -> None:
    """What lay in stock on the first day, and a certificate from before it."""
    filer, today = people["filer"], civil_today()
    counts = (("CI-2440-100", "24C117", "", "36"), ("CI-2717-200", "27A044", "", "12.5"), ("CI-3600-A", "", "CV36-0172", "1"))
    for number, lot, serial, quantity in counts:
        data = StockData(lot, serial, Decimal(quantity), today - 240 * DAY)
        programme.count_stock(by=filer, product=Product.objects.get(catalogue_number=number), data=data)
    assert filer.organisation is not None
    customer = filer.organisation.customers.order_by("registered_at", "pk").first()
    assert customer is not None
    paper = files.store(PAPER, name="用途证明-2025.pdf", media_type="application/pdf", by_id=filer.pk)
    kept = CertificateData(
        customer_id=customer.pk,
        number="XQ-2025-0831",
        issuer="Shenzhen Qinglan Scientific Instruments, on its own form",
        dated_on=today - 300 * DAY,
        valid_until=today + 65 * DAY,
        products=("CI-2440-100",),
    )
    programme.keep_certificate(by=filer, data=kept, blob=paper, form_key=new_ulid())


def _reseller(people: dict[str, User], qinglan: Party) -> None:
    customer = register_customer(by=people["filer"], data=RESELLER, form_key=new_ulid())
    screen_party(customer.party)
    top, today = qinglan.authorisations.get(), civil_today()
    data = TermsData(("kits",), ("CN",), ("340000",), today, today + 200 * DAY, "Reports every sale within ten days.")
    held = nominating.nominate(parent=top, party=customer.party, by=people["filer"], data=data, form_key=new_ulid())
    nominating.accept(nomination=held, by=people["signatory"], proof=proof_of(people["signatory"], held.digest))
    paper = files.store(PAPER, name="淮禾-接受函.pdf", media_type="application/pdf", by_id=people["filer"].pk)
    nominating.accept_by_paper(nomination=held, by=people["filer"], blob=paper, signed_name="陈一，总经理", signed_on=today - DAY)
    held.refresh_from_db()
    nominating.approve(nomination=held, by=people["reviewer"], proof=proof_of(people["reviewer"], held.digest))


def _near_its_end(people: dict[str, User], yuhua: Party) -> None:
    today = civil_today()
    data = TermsData(("analysers",), ("CN",), ("320000",), today - 340 * DAY, today + 25 * DAY, "Installation by trained staff alone.")
    made = authorising.record_authorisation(party=yuhua, by=people["lead"], data=data, recorded_at=timezone.now() - 345 * DAY)
    authorising.add_training(
        authorisation=made,
        by=people["lead"],
        topic="End-use checks and red flags / 最终用途核查与可疑迹象",
        held_on=today - 339 * DAY,
        good_until=today + 26 * DAY,
        people=6,
    )
    paper = files.store(PAPER, name="contract-4711.pdf", media_type="application/pdf", by_id=people["lead"].pk)
    authorising.add_document(
        authorisation=made, by=people["lead"], blob=paper, kind="contract", title="Distribution contract 4711", dated_on=today - 346 * DAY
    )


def _suspended_and_lifted(people: dict[str, User], yuhua: Party) -> None:
    held = yuhua.authorisations.order_by("made_at").last()
    assert held is not None
    today = civil_today()
    for to, days, reason, why, told in (
        ("suspended", 40, "report_overdue", "The sales report of the month before did not come in.", "Your sales report was overdue."),
        ("authorised", 12, "resolved", "The report came in and balances with what was shipped.", "Your sales report came in."),
    ):
        words = {"to": to, "holds_from": today - days * DAY, "reason": reason, "explanation": why, "public_reason": told}
        digest = changes.change_digest(authorisation=held, **words)
        change = changes.propose_change(authorisation=held, by=people["reviewer"], proof=proof_of(people["reviewer"], digest), **words)
        changes.agree_change(change=change, by=people["lead"], proof=proof_of(people["lead"], change.digest))
