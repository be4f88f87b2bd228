"""The demonstration's people, invented. They exist in demonstration mode only; the deploy check fails where they are found."""

import base64
import datetime as dt
import hashlib
import time
from dataclasses import dataclass

from allauth.account.models import EmailAddress
from allauth.mfa import app_settings as mfa_settings
from allauth.mfa.adapter import get_adapter
from allauth.mfa.models import Authenticator
from allauth.mfa.totp.internal.auth import format_hotp_value, hotp_value
from django.conf import settings
from django.contrib.auth.hashers import make_password
from django.db import transaction

from .models import Membership, Organisation, RegulatorScope, User

PASSWORD = "demonstration only"  # noqa: S105 - printed by ./dev run; useless outside demonstration mode


@dataclass(frozen=True)
class DemoPerson:
    """One account: which organisation, which roles."""

    key: str
    name: str
    email: str
    organisation: str
    roles: tuple[str, ...]
    language: str = "en"


ORGANISATIONS = {
    "corvane": ("manufacturer", "Corvane Instruments AG", "", "CH", "Europe/Zurich"),
    "qinglan": ("distributor", "Shenzhen Qinglan Scientific Instruments", "深圳市青岚科学仪器有限公司", "CN", "Asia/Shanghai"),
    "yuhua": ("distributor", "Nanjing Yuhua Laboratory Supply", "南京雨桦实验器材有限公司", "CN", "Asia/Shanghai"),
    "seco": ("regulator", "State Secretariat for Economic Affairs", "", "CH", "Europe/Zurich"),
    "sbdu": ("regulator", "Service des biens à double usage", "", "FR", "Europe/Paris"),
}
PEOPLE = (
    DemoPerson("filer", "Lin Yue", "lin.yue@qinglan.example", "qinglan", ("filer",), "zh-hans"),
    DemoPerson("signatory", "Tang Mei", "tang.mei@qinglan.example", "qinglan", ("signatory",)),
    DemoPerson("distributor_admin", "He Rong", "he.rong@qinglan.example", "qinglan", ("distributor_admin",)),
    DemoPerson("stranger", "Xu Ling", "xu.ling@yuhua.example", "yuhua", ("filer", "signatory")),
    DemoPerson("reviewer", "Daniel Okafor", "daniel.okafor@corvane.example", "corvane", ("reviewer",)),
    DemoPerson("second_reviewer", "Lena Brandt", "lena.brandt@corvane.example", "corvane", ("reviewer",)),
    DemoPerson("lead", "Ingrid Solheim", "ingrid.solheim@corvane.example", "corvane", ("lead",)),
    DemoPerson("auditor", "Pieter Achterberg", "pieter.achterberg@corvane.example", "corvane", ("auditor",)),
    DemoPerson("operator", "Mara Vonlanthen", "mara.vonlanthen@corvane.example", "corvane", ("operator",)),
    DemoPerson("order_desk", "Nils Aebischer", "nils.aebischer@corvane.example", "corvane", ("order_desk",)),
    DemoPerson("sales", "Aline Perret", "aline.perret@corvane.example", "corvane", ("sales",)),
    DemoPerson("regulator", "Ursina Caflisch", "ursina.caflisch@seco.example", "seco", ("regulator",)),
    DemoPerson("foreign_regulator", "Jean Morel", "jean.morel@sbdu.example", "sbdu", ("regulator",)),
)
SCOPES = {
    "seco": ("exporter", ["CH"], [], "Goods Control Act, article 6"),
    "sbdu": ("place_of_use", ["FR"], [], "Regulation (EU) 2021/821, article 11"),
}


def totp_secret(email: str) -> str:
    """The demonstration's seed for an account: fixed, so that its codes can be shown on the page of codes."""
    return base64.b32encode(hashlib.sha256(f"end-use demonstration {email}".encode()).digest()[:20]).decode()


def current_code(user: User) -> str:
    """The digits that the account's app shows now."""
    return str(format_hotp_value(hotp_value(totp_secret(user.email), int(time.time()) // mfa_settings.TOTP_PERIOD)))


def accounts_text() -> str:
    """The accounts and how to pass their second factor, as `./dev run` prints it. `{url}` stands for the portal's address."""
    lines = ["    Demonstration accounts (invented people)", ""]
    lines += [f"      {', '.join(p.roles):20} {p.email:36} {ORGANISATIONS[p.organisation][1]}" for p in PEOPLE]
    lines += ["", f"    Password for all: {PASSWORD}", "    Second factor: the six digits shown on {url}/demo/codes/"]
    return "\n".join(lines) + "\n"


def make_person(person: DemoPerson, organisations: dict[str, Organisation], password: str) -> User:
    """The account with its verified address, its memberships and its authenticator app. `password` is hashed already."""
    user = User.objects.filter(email=person.email).first()
    organisation = organisations[person.organisation]
    if user is None:
        user = User.objects.create(
            email=person.email,
            password=password,
            name=person.name,
            language=person.language,
            time_zone=organisation.time_zone,
            is_demo=True,
        )
        EmailAddress.objects.create(user=user, email=person.email, verified=True, primary=True)
        for role in person.roles:
            Membership.objects.create(user=user, organisation=organisation, role=role)
        Authenticator.objects.create(
            user=user, type=Authenticator.Type.TOTP, data={"secret": get_adapter().encrypt(totp_secret(person.email))}
        )
    return user


def make_organisations() -> dict[str, Organisation]:
    """The organisations, with the regulators' scopes."""
    made = {}
    for key, (kind, name, native, country, zone) in ORGANISATIONS.items():
        made[key], _new = Organisation.objects.get_or_create(
            kind=kind, name=name, defaults={"name_native": native, "country": country, "time_zone": zone}
        )
    for key, (basis, countries, prefixes, law) in SCOPES.items():
        if not made[key].scopes.exists():
            RegulatorScope.objects.create(
                organisation=made[key],
                basis=basis,
                countries=countries,
                division_prefixes=prefixes,
                legal_basis=law,
                expires_on=dt.date.today() + dt.timedelta(days=400),  # noqa: DTZ011 - a civil date far away
            )
    return made


@transaction.atomic
def make_demo_people() -> dict[str, User]:
    """Everybody, by key. Idempotent. Raises RuntimeError outside demonstration mode."""
    if not settings.PORTAL_DEMO:
        raise RuntimeError("demonstration accounts exist in demonstration mode only")
    organisations = make_organisations()
    # They all have the same one; a hash for each of them took a second of every first start.
    password = make_password(PASSWORD)
    return {person.key: make_person(person, organisations, password) for person in PEOPLE}
