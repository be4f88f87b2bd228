"""The first day on pages, for distributors and compliance alike: rows of old certificates, and stock and certificates as CSV."""

from collections.abc import Iterable
from typing import Any

from django.db.models import QuerySet
from django.http import HttpResponse
from django.utils.translation import gettext as _

from certifications.catalogue.models import Product
from certifications.parties.queries import display
from certifications.programme.models import OldCertificate, StockCount
from certifications.programme.queries import word_of
from certifications.screening.queries import party_states
from portal.exports import csv_response, first_of
from portal.templatetags.kit import num
from portal.words import word_for

MOST_ROWS = 50_000


def certificate_rows(certificates: Iterable[OldCertificate]) -> list[dict[str, Any]]:
    """Each with its customer, its goods, its word, and whether everybody whom it names is screened as clear."""
    rows = list(certificates)
    named = {row.pk: [row.customer.party, *row.named.all()] for row in rows}
    states = party_states({party.pk: party for parties in named.values() for party in parties}.values())
    known = {p.catalogue_number: p for p in Product.objects.filter(catalogue_number__in={n for row in rows for n in row.products})}
    return [
        {
            "certificate": row,
            "word": word_of(row),
            "name": display(row.customer.party),
            "goods": [known[number] for number in row.products if number in known],
            "named": [display(party) for party in named[row.pk][1:]],
            # A hit and a wait look the same to the distributor.
            "screened": "clear" if all(states[party.pk].state == "clear" for party in named[row.pk]) else "waiting",
        }
        for row in rows
    ]


def stock_csv(rows: QuerySet[StockCount]) -> HttpResponse:
    """Every row that ever counted, with what took its place."""
    wanted = rows.select_related("product", "organisation", "recorded_by", "successor")
    found, is_cut = first_of(wanted.order_by("organisation__name", "product", "lot", "recorded_at"), MOST_ROWS)
    head = [
        _("Distributor"), _("Catalogue number"), _("Product"), _("Lot"), _("Serial number"), _("Quantity"), _("Unit"), _("Counted on"),
        _("Counts"), _("Why"), _("Recorded"), _("By"),
    ]  # fmt: skip
    return csv_response(
        "opening-stock.csv",
        head,
        (
            [
                row.organisation.name,
                row.product.catalogue_number,
                row.product.name,
                row.lot,
                row.serial,
                num(row.quantity),
                row.product.unit,
                row.counted_on.isoformat(),
                _("no, corrected") if hasattr(row, "successor") else _("yes"),
                row.reason,
                row.recorded_at.isoformat(timespec="seconds"),
                row.recorded_by.name,
            ]
            for row in found
        ),
        is_cut=is_cut,
    )


def certificates_csv(certificates: QuerySet[OldCertificate]) -> HttpResponse:
    """These old certificates, in their order."""
    wanted = certificates.select_related("customer__party", "organisation", "blob").prefetch_related("customer__party__names")
    found, is_cut = first_of(wanted, MOST_ROWS)
    head = [
        _("Distributor"), _("Number"), _("Issued by"), _("Status"), _("Dated"), _("First day after it"), _("End user"), _("Products"), _("Goods"),
        "SHA-256",
    ]  # fmt: skip
    rows = [
        [
            row.organisation.name,
            row.number,
            row.issuer,
            word_for("oldcertificate", word_of(row)).text,
            row.dated_on.isoformat(),
            row.valid_until.isoformat(),
            display(row.customer.party).title,
            "; ".join(row.products),
            row.goods,
            row.blob.sha256 if row.blob is not None else "",
        ]
        for row in found
    ]
    return csv_response("certificates-not-attested.csv", head, rows, is_cut=is_cut)
