"""Reads of the first day: which lines have begun, the stock that counts, the old certificates."""

import datetime as dt
from collections import defaultdict
from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from django.db.models import Exists, OuterRef, Q, QuerySet

from certifications.ledger.canonical import canonical, sha256_hex
from certifications.ledger.days import civil_today
from certifications.parties.models import PartyName
from certifications.people.models import Organisation, User
from certifications.people.permissions import Permission, may

from .models import OldCertificate, ProgrammeStart, StockConfirmation, StockCount
from .rules import place_of_sale

CERTIFICATE_WORDS = ("held", "unfiled", "over", "withdrawn")


def in_effect() -> QuerySet[ProgrammeStart]:
    """The start that counts of every distributor and line."""
    agreed = ProgrammeStart.objects.filter(state=ProgrammeStart.State.EFFECTIVE)
    return agreed.order_by("organisation", "line", "-agreed_at", "-pk").distinct("organisation", "line")


def starts_of(organisation_id: str) -> dict[str, dt.date]:
    """The first day of each line that has one."""
    return {row.line: row.starts_on for row in in_effect().filter(organisation=organisation_id)}


def starts_of_each(organisation_ids: Iterable[str]) -> dict[str, dict[str, dt.date]]:
    """The same of many, by organisation; of each that is asked for, those without any too."""
    wanted = set(organisation_ids)
    found: defaultdict[str, dict[str, dt.date]] = defaultdict(dict)
    for row in in_effect().filter(organisation__in=wanted):
        found[row.organisation_id][row.line] = row.starts_on
    return {pk: found[pk] for pk in wanted}


def place_of(organisation_id: str, line: str, on: dt.date) -> str:
    """Where a sale stands (rules.place_of_sale); without a line, whether any has begun."""
    starts = starts_of(organisation_id)
    return place_of_sale([starts[line]] if line in starts else [] if line else list(starts.values()), on)


def starts_visible_to(user: User) -> QuerySet[ProgrammeStart]:
    """Every proposal and start for compliance; none for anybody else."""
    return ProgrammeStart.objects.all() if may(user, Permission.SEE_REGISTER) else ProgrammeStart.objects.none()


def distributors() -> QuerySet[Organisation]:
    """Organisations that sell."""
    return Organisation.objects.filter(kind=Organisation.Kind.DISTRIBUTOR).order_by("name")


# Opening stock


def stock_visible_to(user: User) -> QuerySet[StockCount]:
    """A distributor's own rows; all for compliance; none for anybody else. Corrected rows as well."""
    if may(user, Permission.SEE_REGISTER):
        return StockCount.objects.all()
    if may(user, Permission.SEE_OWN_DECLARATIONS) and user.organisation is not None:
        return StockCount.objects.filter(organisation=user.organisation)
    return StockCount.objects.none()


def counting(rows: QuerySet[StockCount]) -> QuerySet[StockCount]:
    """Those that nothing took the place of."""
    return rows.filter(successor__isnull=True)


def search_stock(rows: QuerySet[StockCount], text: str) -> QuerySet[StockCount]:
    """By product, lot or serial number."""
    if not text:
        return rows
    return rows.filter(
        Q(product__catalogue_number__icontains=text)
        | Q(product__name__icontains=text)
        | Q(product__name_zh__icontains=text)
        | Q(lot__icontains=text)
        | Q(serial__icontains=text)
    )


def stock_digest(organisation_id: str) -> tuple[str, int]:
    """SHA-256 over every row that counts, and how many they are: what the distributor confirms."""
    rows = counting(StockCount.objects.filter(organisation=organisation_id)).select_related("product").order_by("pk")
    said = [[r.pk, r.product.catalogue_number, r.lot, r.serial, str(r.quantity.normalize()), r.counted_on.isoformat()] for r in rows]
    return sha256_hex(canonical({"organisation": organisation_id, "stock": said})), len(said)


def stock_lines(organisation_id: str) -> set[str]:
    """Product lines of the rows that count."""
    return set(counting(StockCount.objects.filter(organisation=organisation_id)).values_list("product__line", flat=True))


@dataclass(frozen=True)
class StockState:
    """Where the opening stock stands: empty, confirmed, or open (never confirmed, or changed since). `last`: the newest confirmation."""

    word: str
    last: StockConfirmation | None
    digest: str
    row_count: int


def stock_state(organisation_id: str) -> StockState:
    """Whether what counts is exactly what was confirmed last."""
    digest, count = stock_digest(organisation_id)
    last = StockConfirmation.objects.filter(organisation=organisation_id).select_related("confirmed_by").order_by("-confirmed_at").first()
    if last is not None and last.digest == digest:
        return StockState("confirmed", last, digest, count)
    return StockState("open" if count else "empty", last, digest, count)


def chain_of(row: StockCount) -> list[StockCount]:
    """The row and what stood before it, the newest first."""
    found: list[StockCount] = []
    held: StockCount | None = row
    while held is not None:
        found.append(held)
        held = StockCount.objects.select_related("recorded_by").filter(successor=held).first()
    return found


# Old certificates


def certificates_visible_to(user: User) -> QuerySet[OldCertificate]:
    """A distributor's own; all for compliance; none for anybody else."""
    if may(user, Permission.SEE_REGISTER):
        return OldCertificate.objects.all()
    if may(user, Permission.SEE_OWN_DECLARATIONS) and user.organisation is not None:
        return OldCertificate.objects.filter(organisation=user.organisation)
    return OldCertificate.objects.none()


def word_of(certificate: OldCertificate, today: dt.date | None = None) -> str:
    """Held (kept, and not over), unfiled (its paper has not come), over, or withdrawn. None of them says that it is good."""
    if certificate.withdrawn_at is not None:
        return "withdrawn"
    if certificate.blob_id is None:
        return "unfiled"
    return "over" if certificate.valid_until <= (today or civil_today()) else "held"


def with_word(certificates: QuerySet[OldCertificate], word: str) -> QuerySet[OldCertificate]:
    """Those that `word_of` would say `word` of; all of them for a word that is none."""
    today = civil_today()
    match word:
        case "withdrawn":
            return certificates.filter(withdrawn_at__isnull=False)
        case "over":
            return certificates.filter(withdrawn_at__isnull=True, blob__isnull=False, valid_until__lte=today)
        case "unfiled":
            return certificates.filter(withdrawn_at__isnull=True, blob__isnull=True)
        case "held":
            return certificates.filter(withdrawn_at__isnull=True, blob__isnull=False, valid_until__gt=today)
    return certificates


def search_certificates(certificates: QuerySet[OldCertificate], text: str) -> QuerySet[OldCertificate]:
    """By number, issuer, goods, or any name of the customer."""
    if not text:
        return certificates
    # Asked of each certificate's customer: the names of all parties are far more than those of who has certificates.
    named = Exists(PartyName.objects.filter(party=OuterRef("customer__party"), text__icontains=text))
    said = Q(number__icontains=text) | Q(issuer__icontains=text) | Q(goods__icontains=text) | Q(products__contains=[text.upper()])
    return certificates.filter(named | said)


@dataclass(frozen=True)
class Named:
    """What a certificate must name to be about a sale: the seller's party (as its holder), the buyer as written, our catalogue number; and the day."""

    seller_party_id: str
    buyer_name: str
    catalogue_number: str
    on: dt.date


def naming(*, seller_party_id: str, buyer_name: str, catalogue_number: str, on: dt.date) -> list[str]:
    """Numbers of the seller's old certificates that name the buyer and the product on the day: a reference, and no declaration."""
    return naming_each([Named(seller_party_id, buyer_name, catalogue_number, on)])[0]


def naming_each(sales: Sequence[Named]) -> list[list[str]]:
    """The same for each of many sales, in one query."""
    if not sales:
        return []
    # Without its paper a row is somebody's word alone.
    found = OldCertificate.objects.filter(
        blob__isnull=False,
        organisation__party__in={sale.seller_party_id for sale in sales},
        customer__party__names__text__in={sale.buyer_name for sale in sales},
        products__overlap=sorted({sale.catalogue_number for sale in sales}),
        dated_on__lte=max(sale.on for sale in sales),
        valid_until__gt=min(sale.on for sale in sales),
        withdrawn_at__isnull=True,
    )
    told = ("number", "organisation__party", "customer__party__names__text", "products", "dated_on", "valid_until")
    rows = list(found.values_list(*told))
    return [
        sorted(
            {
                number
                for number, party, name, products, begins, ends in rows
                if (party, name) == (sale.seller_party_id, sale.buyer_name)
                and sale.catalogue_number in products
                and begins <= sale.on < ends
            }
        )
        for sale in sales
    ]
