"""The demonstration's world: invented firms around real rules. Idempotent; refuses outside demonstration mode."""

import datetime as dt
from dataclasses import replace
from decimal import Decimal

from django.db import transaction
from django.utils import timezone

from certifications.catalogue import seed as catalogue
from certifications.catalogue.models import Product
from certifications.declarations import drafting as declarations
from certifications.declarations.data import DeclarationData, LineData
from certifications.ledger.days import civil_today
from certifications.ledger.ids import new_ulid
from certifications.parties.actions import register_customer
from certifications.parties.authorising import record_authorisation
from certifications.parties.models import Customer, Party, PartyName
from certifications.parties.rules import CustomerData, script_of
from certifications.parties.rules_owners import OwnerData
from certifications.parties.rules_register import TermsData
from certifications.people.demo import make_demo_people
from certifications.people.models import Organisation, User
from certifications.screening import seed as lists

from . import demo_card, demo_people, demo_register, demo_sales, demo_shipments, demo_tips, owners
from .demo_package import packaged
from .demo_story import attested, noticed, tender

DISTRIBUTORS = {
    "Shenzhen Qinglan Scientific Instruments": (
        ("深圳市青岚科学仪器有限公司", "Shenzhen Qinglan Scientific Instruments Co., Ltd."),
        "91440300MA5QLK7018",
        "深圳市南山区科技南路 18 号",
        "440300",
        ["kits", "analysers", "consumables"],
        ["330000", "440000", "510000", "340000"],
    ),
    "Nanjing Yuhua Laboratory Supply": (
        ("南京雨桦实验器材有限公司", "Nanjing Yuhua Laboratory Supply Co., Ltd."),
        "91320100MA1YHK3F20",
        "南京市雨花台区软件大道 66 号",
        "320100",
        ["kits", "consumables"],
        ["320000", "330000"],
    ),
}
CUSTOMERS = (
    CustomerData(
        native_name="宁波江南医院",
        latin_name="Ningbo Jiangnan Hospital",
        country="CN",
        division="330200",
        address="宁波市中山东路 412 号 3 号楼 5 层",
        line_of_business="Hospital, genetics department",
    ),
    CustomerData(
        native_name="成都岷江妇产医院",
        latin_name="Chengdu Minjiang Maternity Hospital",
        country="CN",
        division="510100",
        address="成都市锦江区岷江路 9 号",
        line_of_business="Maternity hospital, prenatal laboratory",
    ),
)


def distributor_party(organisation: Organisation) -> Party:
    """The distributor as a party on the register, authorised for a year and a half around now."""
    names, code, address, division, lines, divisions = DISTRIBUTORS[organisation.name]
    party, made = Party.objects.get_or_create(
        organisation=organisation,
        defaults={"kind": "distributor", "country": "CN", "division": division, "line_of_business": "Laboratory supply"},
    )
    if made:
        for position, name in enumerate(names):
            PartyName.objects.create(
                party=party, text=name, script=script_of(name), kind="english" if position else "official", position=position
            )
        party.identifiers.create(scheme="uscc", value=code)
        party.sites.create(address=address, country="CN", division=division)
        today = civil_today()
        record_authorisation(
            party=party,
            by=None,
            data=TermsData(
                lines=tuple(lines),
                countries=("CN",),
                divisions=tuple(divisions),
                valid_from=today - dt.timedelta(days=240),
                valid_until=today + dt.timedelta(days=300),
                conditions="Sales to end users named in a cleared declaration alone.",
            ),
            recorded_at=timezone.now() - dt.timedelta(days=241),
        )
    return party


def end_use_of(customer: str) -> str:
    """A sentence fit for the demonstration."""
    return f"Paternity and transplant matching in the genetics department of {customer}, about 1 000 samples a month."


def draft_for(by: User, customer_id: str, address: str, division: str, quantity: str = "24") -> None:
    """A draft that the signatory finds under what must be done."""
    today = civil_today()
    kit = Product.objects.get(catalogue_number="CI-2440-100")
    data = DeclarationData(
        customer_id=customer_id,
        lines=(LineData(kit.pk, Decimal(quantity)),),
        end_use=end_use_of("Ningbo Jiangnan Hospital"),
        place_address=address,
        place_country="CN",
        place_division=division,
        valid_from=today,
        valid_until=today + dt.timedelta(days=365),
        contract="PO-JN-26-118",
        relationship="Supplied and serviced since 2019.",
        contact="He Jing, head of genetics, 0574 8000 4120",
        samples_per_month=210,
    )
    declarations.draft(by=by, data=data, form_key=new_ulid())


def owned(by: User, customer: Customer) -> None:
    """Owners as the distributor knows them: a company for most of it, and a person behind the company."""
    today = civil_today()
    company = OwnerData(
        native_name="甬江医疗投资有限公司",
        latin_name="Yongjiang Medical Investment Co., Ltd.",
        kind="company",
        country="CN",
        share=Decimal(60),
        source="registry",
        source_text="Company register of Ningbo, extract of this month",
        as_of=today,
        valid_from=today - dt.timedelta(days=900),
    )
    held = owners.state_for_customer(customer=customer, of=customer.party, by=by, data=company, form_key=new_ulid())
    person = replace(company, native_name="林佩雯", latin_name="Lin Peiwen", kind="person", share=Decimal(100))
    if held.owner is not None:
        owners.state_for_customer(customer=customer, of=held.owner, by=by, data=person, form_key=new_ulid())


@transaction.atomic
def load() -> None:
    """Everything once. A second run adds what is missing and changes nothing else."""
    people = make_demo_people()
    catalogue.seed()
    lists.seed()
    parties = {one.name: distributor_party(one) for one in Organisation.objects.filter(kind="distributor", name__in=DISTRIBUTORS)}
    for name, party in parties.items():
        # The last line of the second distributor has not begun: its sales are counted.
        lines = DISTRIBUTORS[name][4]
        demo_register.begin(
            people, party, lines[:1] if party == list(parties.values())[-1] else lines, civil_today() - dt.timedelta(days=240)
        )
    filer = people["filer"]
    if filer.organisation is not None and not filer.organisation.customers.exists():
        made = [register_customer(by=filer, data=data, form_key=new_ulid()) for data in CUSTOMERS]
        draft_for(filer, made[0].pk, CUSTOMERS[0].address, "330200")
        demo_card.ask(people["lead"], people["reviewer"])
        demo_card.load(filer, made[0])
        # The other distributor knows the same hospital; neither ever learns of it.
        register_customer(by=people["stranger"], data=CUSTOMERS[0], form_key=new_ulid())
        demo_people.load(people)
        attested(people, made[1])
        owned(filer, made[0])
        demo_register.stock(people)
        demo_sales.load(people)
        demo_shipments.load(people)
        noticed(people)
        packaged(people)
        tender(people)
        demo_tips.load(people)
        demo_register.load(people, *(parties[name] for name in DISTRIBUTORS))
