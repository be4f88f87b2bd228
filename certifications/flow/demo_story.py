"""What has already happened when the demonstration is first opened: one attested declaration, three cases.

Everything by the actions that people use, with their own codes; what workers and signer do is left to them as rows.
"""

import datetime as dt
from collections.abc import Callable
from decimal import Decimal

from certifications.catalogue.models import Product
from certifications.declarations.data import DeclarationData, LineData
from certifications.declarations.models import Declaration
from certifications.declarations.queries import frozen_form, version_of
from certifications.evidence import rules as evidence_rules
from certifications.ledger.days import civil_today
from certifications.ledger.ids import new_ulid
from certifications.letters.rules import LetterData
from certifications.parties.models import Customer
from certifications.people.demo import current_code
from certifications.people.factors import FactorRefused
from certifications.people.models import User

from . import evidence, letters, release, sign
from .advance import advance

NOTICES = (
    (
        "库尔勒市公安局DNA试剂采购项目中标公告",
        "XJKL-2026-311",
        "库尔勒市公安局",
        "西安泓桥生物科技有限公司",
        (
            "一、项目编号：XJKL-2026-311\n二、项目名称：库尔勒市公安局DNA试剂采购项目\n三、中标信息\n"
            "供应商名称：西安泓桥生物科技有限公司\n中标金额：1280000元\n"
        ),
    ),
    (
        "杭州西溪医院遗传实验室试剂采购成交公告",
        "ZJHZ-2026-0917",
        "杭州西溪医院",
        "嘉兴远昌贸易有限公司",
        (
            "一、项目编号：ZJHZ-2026-0917\n二、项目名称：杭州西溪医院遗传实验室试剂采购\n三、成交信息\n"
            "供应商名称：嘉兴远昌贸易有限公司\n成交金额：214000元\n"
        ),
    ),
    # A slip in the seller's name, and a buyer that two distributors registered: both are questions to a person.
    (
        "宁波江南医院遗传实验室试剂采购中标公告",
        "NBJN-2026-0144",
        "宁波江南医院",
        "深圳青岚科学仪器股份有限公司",
        (
            "一、项目编号：NBJN-2026-0144\n二、项目名称：宁波江南医院遗传实验室试剂采购\n三、中标信息\n"
            "供应商名称：深圳青岚科学仪器股份有限公司\n中标金额：309600元\n"
        ),
    ),
)


def _with_code(user: User, act: Callable[[str], object]) -> None:
    """Act with the person's code; one that ran out between being read and being checked is read again."""
    try:
        act(current_code(user))
    except FactorRefused:
        act(current_code(user))


def attested(people: dict[str, User], customer: Customer) -> None:
    """Filed, signed, screened and released; the workers write and seal it after the start."""
    filer, signatory, lead = people["filer"], people["signatory"], people["lead"]
    site = customer.party.sites.get()
    kit, today = Product.objects.get(catalogue_number="CI-2717-200"), civil_today()
    data = DeclarationData(
        customer_id=customer.pk,
        lines=(LineData(kit.pk, Decimal(12)),),
        end_use="Prenatal paternity confirmation in the hospital's own laboratory, about 200 samples a month.",
        place_address=site.address,
        place_country="CN",
        place_division=site.division,
        valid_from=today,
        valid_until=today + dt.timedelta(days=365),
        contract="MJ-2026-044",
        relationship="Supplied since 2021 under a frame contract.",
        contact="Deng Lan, prenatal laboratory, 028 6000 2210",
    )
    declaration = sign.draft(by=filer, data=data, form_key=new_ulid())
    version = version_of(declaration)
    _with_code(
        signatory,
        lambda code: sign.sign_declaration(
            declaration=declaration,
            by=signatory,
            sha256=frozen_form(version)[1],
            accepted=set(version.clause_set.clauses.values_list("number", flat=True)),
            role_title="General Manager",
            code=code,
        ),
    )
    if advance(declaration.pk) == Declaration.Status.READY:
        ready = [Declaration.objects.get(pk=declaration.pk)]
        digest = release.release_digest(ready)
        _with_code(lead, lambda code: release.release(declarations=ready, by=lead, digest=digest, code=code))


def tender(people: dict[str, User]) -> None:
    """A tender letter that was asked for; the workers screen whom it names after the start, and compliance finds it waiting."""
    data = LetterData(
        buyer_native="宁波海曙妇幼保健院",
        buyer_latin="Ningbo Haishu Women and Children's Hospital",
        buyer_uscc="",
        others=("浙江甬信招标代理有限公司",),
        project_no="NBHS-2026-0044",
        goods=(Product.objects.get(catalogue_number="CI-2440-100").pk,),
        country="CN",
        division="330200",
        valid_until=civil_today() + dt.timedelta(days=90),
        language="both",
    )
    letters.ask(by=people["filer"], data=data, form_key=new_ulid())


def noticed(people: dict[str, User]) -> None:
    """Award notices, captured and confirmed; the workers ask the register after the start and open a case for each."""
    reviewer, kit = people["reviewer"], Product.objects.get(catalogue_number="CI-2440-100")
    for title, project_no, buyer, seller, text in NOTICES:
        document = evidence.capture(
            by=reviewer, content=f"{title}\n{text}".encode(), name="pasted.txt", origin="paste", title=title, form_key=new_ulid()
        )
        evidence.read(document.pk)
        document.refresh_from_db()
        line = evidence_rules.LineData(
            stage="award",
            buyer=buyer,
            seller=seller,
            project_no=project_no,
            happened_on=civil_today() - dt.timedelta(days=9),
            product_id=kit.pk,
        )
        evidence.confirm(document=document, by=reviewer, lines=[line])
