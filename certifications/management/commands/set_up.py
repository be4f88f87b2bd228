"""What an installation needs before anybody can sign in: organisations, the first lead, authorisations, scopes.

    manage.py set_up organisation manufacturer "Corvane Instruments AG" --country CH --time-zone Europe/Zurich
    manage.py set_up lead "Corvane Instruments AG" someone@corvane.example "Some One"
    manage.py set_up organisation distributor "Qinglan" --native 青岚 --country CN --time-zone Asia/Shanghai \\
        --uscc 91440300MA5QLK7018 --division 440300 --address "深圳市南山区科技南路 18 号"
    manage.py set_up authorise "Qinglan" kits,consumables CN 2026-01-01 2027-01-01 --divisions 440000,330000
    manage.py set_up risk WEST "Xinjiang and Tibet" 新疆和西藏 CN 180 --divisions 650000,540000
    manage.py set_up scope "State Secretariat" exporter CH 2028-01-01 "Goods Control Act, article 6"

Each is an act with its event; everybody but the first lead comes by invitation.
"""

import datetime as dt
from argparse import ArgumentParser
from typing import Any

from django.core.management.base import BaseCommand, CommandError
from django.db import transaction

from certifications.ledger.moves import NotAllowed
from certifications.parties import actions as parties
from certifications.parties.authorising import record_authorisation
from certifications.parties.models_register import RiskSet
from certifications.parties.rules import CustomerData
from certifications.parties.rules_register import TermsData
from certifications.people import actions as people
from certifications.people.models import Organisation


def _listed(text: str) -> list[str]:
    return [part.strip() for part in text.split(",") if part.strip()]


def _organisation(name: str, kind: str) -> Organisation:
    found = Organisation.objects.filter(kind=kind, name=name).first()
    if found is None:
        raise CommandError(f"There is no {kind} named {name}.")
    return found


class Command(BaseCommand):
    help = "Enter organisations, the first lead, authorisations and regulators' scopes."

    def add_arguments(self, parser: ArgumentParser) -> None:
        acts = parser.add_subparsers(dest="act", required=True)
        organisation = acts.add_parser("organisation", help="enter an organisation; a distributor's party with it")
        organisation.add_argument("kind", choices=Organisation.Kind.values)
        organisation.add_argument("name")
        organisation.add_argument("--native", default="", help="the name in its own script")
        organisation.add_argument("--country", required=True, help="ISO 3166, two capitals")
        organisation.add_argument("--time-zone", required=True)
        for name in ("uscc", "lei", "division", "address"):
            organisation.add_argument(f"--{name}", default="", help="of a distributor")
        lead = acts.add_parser("lead", help="the first person; prints a password to be changed")
        lead.add_argument("manufacturer")
        lead.add_argument("email")
        lead.add_argument("name")
        authorise = acts.add_parser("authorise", help="the right of a distributor to sell product lines in a territory")
        authorise.add_argument("distributor")
        authorise.add_argument("lines", type=_listed, help="product lines, with commas between")
        authorise.add_argument("countries", type=_listed)
        authorise.add_argument("valid_from", type=dt.date.fromisoformat)
        authorise.add_argument("valid_until", type=dt.date.fromisoformat, help="the first day on which it no longer holds")
        authorise.add_argument("--divisions", type=_listed, default=[], help="GB/T 2260 codes; none means the whole country")
        authorise.add_argument("--conditions", default="", help="terms that hold beside the contract")
        risk = acts.add_parser("risk", help="lines and places for which an authorisation is good for a while only")
        risk.add_argument("code")
        risk.add_argument("title")
        risk.add_argument("title_zh")
        risk.add_argument("countries", type=_listed)
        risk.add_argument("most_days", type=int)
        risk.add_argument("--lines", type=_listed, default=[], help="product lines; none means all")
        risk.add_argument("--divisions", type=_listed, default=[], help="GB/T 2260 codes; none means the whole country")
        scope = acts.add_parser("scope", help="what a regulator may see")
        scope.add_argument("regulator")
        scope.add_argument("basis", choices=["exporter", "destination", "place_of_use"])
        scope.add_argument("countries", type=_listed)
        scope.add_argument("expires_on", type=dt.date.fromisoformat)
        scope.add_argument("legal_basis")
        scope.add_argument("--divisions", type=_listed, default=[], help="beginnings of GB/T 2260 codes")

    def handle(self, *args: Any, **options: Any) -> None:  # noqa: ARG002 - Django's signature
        try:
            with transaction.atomic():
                self.stdout.write(getattr(self, f"_{options['act']}")(options))
        except NotAllowed as refusal:
            raise CommandError(str(refusal)) from refusal

    def _organisation(self, given: dict[str, Any]) -> str:
        made = people.add_organisation(
            kind=given["kind"], name=given["name"], native=given["native"], country=given["country"], time_zone=given["time_zone"]
        )
        if made.kind == Organisation.Kind.DISTRIBUTOR:
            data = CustomerData(
                native_name=given["native"],
                latin_name=given["name"],
                kind="distributor",
                uscc=given["uscc"],
                lei=given["lei"],
                address=given["address"],
                country=given["country"],
                division=given["division"],
                line_of_business="distributor",
            )
            parties.register_organisation(organisation=made, data=data, by=None)
        return f"{made.kind} {made.name} is entered."

    def _lead(self, given: dict[str, Any]) -> str:
        user, password = people.first_lead(
            organisation=_organisation(given["manufacturer"], "manufacturer"), email=given["email"], name=given["name"]
        )
        return f"{user.email} may sign in with the password {password}, sets up a second factor, changes the password, and invites."

    def _authorise(self, given: dict[str, Any]) -> str:
        party = getattr(_organisation(given["distributor"], "distributor"), "party", None)
        if party is None:
            raise CommandError("This distributor is no party on the register.")
        data = TermsData(
            lines=tuple(given["lines"]),
            countries=tuple(given["countries"]),
            divisions=tuple(given["divisions"]),
            valid_from=given["valid_from"],
            valid_until=given["valid_until"],
            conditions=given["conditions"],
        )
        record_authorisation(party=party, by=None, data=data)
        return f"{given['distributor']} is authorised from {given['valid_from']} until {given['valid_until']}."

    def _risk(self, given: dict[str, Any]) -> str:
        """Counts for what is recorded from now on; what is on record keeps what held when it was written."""
        names = ("title", "title_zh", "lines", "countries", "divisions", "most_days")
        RiskSet.objects.update_or_create(code=given["code"], defaults={name: given[name] for name in names})
        return f"From now on an authorisation is good for {given['most_days']} days at most for {given['title']}."

    def _scope(self, given: dict[str, Any]) -> str:
        people.grant_scope(
            organisation=_organisation(given["regulator"], "regulator"),
            basis=given["basis"],
            countries=given["countries"],
            divisions=given["divisions"],
            legal_basis=given["legal_basis"],
            expires_on=given["expires_on"],
        )
        return f"{given['regulator']} sees what its scope names until {given['expires_on']}."
