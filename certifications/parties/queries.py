"""Reads of parties, customers and the register. The register has two times: when it held, and when we knew it."""

import datetime as dt
from collections.abc import Iterable
from dataclasses import dataclass
from decimal import Decimal

from django.db.models import Q, QuerySet

from certifications.ledger.days import civil_today
from certifications.matching import compare
from certifications.matching.identifiers import compact
from certifications.people.models import User
from certifications.people.permissions import Permission, may

from .models import Authorisation, Customer, Identifier, Party

SAME = Decimal("0.90")
NEAR = Decimal("0.40")


@dataclass(frozen=True)
class PartyDisplay:
    """A party as shown: the name in its own script, the Latin one, and all names."""

    native: str
    latin: str
    names: tuple[str, ...]

    @property
    def title(self) -> str:
        """The name that decides: the native one where there is one."""
        return self.native or self.latin


def display(party: Party) -> PartyDisplay:
    """Names of a party, first of each script first. Uses prefetched names."""
    names = list(party.names.all())
    latin = next((n.text for n in names if n.script == "Latn"), "")
    native = next((n.text for n in names if n.script not in {"Latn", "Zyyy"}), "")
    return PartyDisplay(native, latin, tuple(n.text for n in names))


def customers_visible_to(user: User) -> QuerySet[Customer]:
    """A distributor's own customers; nobody else's, and none for anybody without the right."""
    if may(user, Permission.SEE_OWN_DECLARATIONS) and user.organisation is not None:
        return Customer.objects.filter(organisation=user.organisation)
    return Customer.objects.none()


def parties_visible_to(user: User) -> QuerySet[Party]:
    """Party identity is compliance's alone."""
    return Party.objects.all() if may(user, Permission.SEE_CASES) else Party.objects.none()


def search_customers(customers: QuerySet[Customer], text: str) -> QuerySet[Customer]:
    """By any name or identifier."""
    text = text.strip()
    if not text:
        return customers
    found = Q(party__names__text__icontains=text) | Q(party__identifiers__value__iexact=compact(text))
    return customers.filter(found).distinct()


def likely_duplicates(user: User, names: Iterable[str], uscc: str) -> list[Customer]:
    """The user's own customers that look like this one. Never looks at another distributor's."""
    own = customers_visible_to(user).select_related("party").prefetch_related("party__names", "party__identifiers")
    wanted = [name for name in names if name]
    found = []
    for customer in own:
        same_code = uscc and any(i.value == compact(uscc) for i in customer.party.identifiers.all())
        alike = any(compare(name, known.text, "register").score >= float(SAME) for name in wanted for known in customer.party.names.all())
        if same_code or alike:
            found.append(customer)
    return found[:5]


@dataclass(frozen=True)
class RegisterRow:
    """One authorisation as it stood: `standing` is authorised, suspended, lapsed or entered_later."""

    authorisation: Authorisation
    standing: str


def register_as_of(valid_on: dt.date, known_at: dt.datetime | None = None) -> list[RegisterRow]:
    """Every authorisation that holds on `valid_on`, as known at `known_at` (None: now)."""
    rows = Authorisation.objects.filter(valid_from__lte=valid_on, valid_until__gt=valid_on).select_related("party")
    return [RegisterRow(row, _standing(row, valid_on, known_at)) for row in rows]


def _standing(row: Authorisation, valid_on: dt.date, known_at: dt.datetime | None) -> str:
    if not row.valid_from <= valid_on < row.valid_until:
        return "lapsed"
    known_suspension = row.suspension_recorded_at and (known_at is None or row.suspension_recorded_at <= known_at)
    if row.suspended_from and known_suspension and row.suspended_from <= valid_on:
        return "suspended"
    if known_at is not None and row.recorded_at > known_at:
        return "entered_later"
    return "authorised"


@dataclass(frozen=True)
class SellerAnswer:
    """The register's answer for a seller on a date.

    `kind`: never (no party matches), lapsed, suspended, elsewhere (territory or line), entered_later (recorded after
    `known_at`: a person decides), authorised. `score` is the likeness of the nearest name, 0 to 1.
    """

    kind: str
    party_id: str = ""
    best_name: str = ""
    score: Decimal | None = None
    valid_from: dt.date | None = None
    valid_until: dt.date | None = None
    recorded_at: dt.datetime | None = None
    territory: str = ""


def within(division: str, territory: str) -> bool:
    """Whether a GB/T 2260 code lies in a territory's: 500000 (Chongqing) holds 500101 and not 540102 (Lhasa).

    A code is three pairs: province, prefecture, county; only whole pairs of zeros say "all of it".
    """
    prefix = territory
    while len(prefix) > 2 and prefix.endswith("00") and len(prefix) % 2 == 0:  # noqa: PLR2004 - two digits are a province
        prefix = prefix[:-2]
    return division.startswith(prefix)


def _covers(row: Authorisation, line: str, country: str, division: str) -> bool:
    if line and line not in row.lines:
        return False
    if country and row.countries and country not in row.countries:
        return False
    return not (division and row.divisions) or any(within(division, d) for d in row.divisions)


def territory_of(row: Authorisation) -> str:
    """Lines, countries and divisions in one phrase."""
    return ", ".join([*row.lines, *row.countries, *row.divisions])


def seller_of_party(
    *,
    party: Party,
    line: str,
    country: str,
    division: str,
    valid_on: dt.date,
    known_at: dt.datetime | None,
    best_name: str = "",
    score: Decimal | None = None,
) -> SellerAnswer:
    """The standing of one known party: its best authorisation decides."""
    rows = list(party.authorisations.all())
    answers = []
    for row in rows:
        standing = _standing(row, valid_on, known_at)
        if standing != "lapsed" and not _covers(row, line, country, division):
            standing = "elsewhere"
        answers.append(
            SellerAnswer(
                kind=standing,
                party_id=party.pk,
                best_name=best_name,
                score=score,
                valid_from=row.valid_from,
                valid_until=row.valid_until,
                recorded_at=row.recorded_at,
                territory=territory_of(row),
            )
        )
    order = ("authorised", "entered_later", "suspended", "elsewhere", "lapsed")
    if not answers:
        return SellerAnswer(kind="never", party_id=party.pk, best_name=best_name, score=score)
    return min(answers, key=lambda answer: order.index(answer.kind))


def registered_sellers(known_at: dt.datetime | None) -> QuerySet[Party]:
    """Parties that ever held an authorisation. One recorded after `known_at` is found too, and answers entered_later."""
    del known_at
    return Party.objects.filter(authorisations__isnull=False).distinct().prefetch_related("names", "identifiers", "authorisations")


def find_seller(
    *,
    name: str,
    uscc: str = "",
    line: str = "",
    division: str = "",
    country: str = "CN",
    valid_on: dt.date,
    known_at: dt.datetime | None = None,
) -> SellerAnswer:
    """Who on the register is meant, and whether it might sell there then.

    A registration number decides before any name; a different number on both sides outweighs a likeness of names.
    """
    code = compact(uscc)
    sellers = list(registered_sellers(known_at))
    if code:
        held = Identifier.objects.filter(scheme="uscc", value=code, party__in=sellers).first()
        if held is not None:
            party = next(p for p in sellers if p.pk == held.party_id)
            return seller_of_party(
                party=party,
                line=line,
                country=country,
                division=division,
                valid_on=valid_on,
                known_at=known_at,
                best_name=display(party).title,
                score=Decimal(1),
            )
    best: tuple[Decimal, Party | None, str] = (Decimal(0), None, "")
    for party in sellers:
        codes = {i.value for i in party.identifiers.all() if i.scheme == "uscc"}
        conflict = bool(code and codes and code not in codes)
        for known in party.names.all():
            likeness = Decimal(str(round(compare(name, known.text, "register").score, 4)))
            if conflict:
                likeness = min(likeness, SAME - Decimal("0.01"))
            if likeness > best[0]:
                best = (likeness, party, known.text)
    score, party, nearest = best
    if party is None or score < SAME:
        # A name that shares next to nothing is no "nearest": showing it would only mislead.
        near = party is not None and score >= NEAR
        return SellerAnswer(kind="never", best_name=nearest if near else "", score=score.quantize(Decimal("0.01")) if near else None)
    return seller_of_party(
        party=party,
        line=line,
        country=country,
        division=division,
        valid_on=valid_on,
        known_at=known_at,
        best_name=nearest,
        score=score,
    )


def authorisations_of(user: User) -> list[RegisterRow]:
    """The user's own organisation's authorisations with their standing today."""
    organisation = user.organisation
    party = getattr(organisation, "party", None) if organisation else None
    if party is None:
        return []
    today = civil_today()
    return [RegisterRow(row, _standing(row, today, None)) for row in party.authorisations.order_by("-valid_until")]
