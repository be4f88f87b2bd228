"""Reads of declarations, each within the reader's own organisation."""

import datetime as dt
import json
from typing import Any

from django.conf import settings
from django.db.models import Exists, Model, OuterRef, Prefetch, Q, QuerySet
from django.shortcuts import get_object_or_404

from certifications.catalogue import clauses
from certifications.catalogue.models import ClauseSet, Product
from certifications.ledger.canonical import canonical, sha256_hex
from certifications.ledger.days import civil_today
from certifications.ledger.moves import NotAllowed
from certifications.matching import compare
from certifications.parties.models import Party
from certifications.parties.queries import SAME, display
from certifications.parties.sellers import seller_of_party
from certifications.people.models import User
from certifications.people.permissions import Permission, may

from .models import Declaration, DeclarationLine, DeclarationVersion
from .rules import DeclarationData, LineData, canonical_text


def visible_to(user: User) -> QuerySet[Declaration]:
    """A distributor's own; every one for compliance; none for anybody else."""
    if may(user, Permission.SEE_CASES):
        return Declaration.objects.all()
    if may(user, Permission.SEE_OWN_DECLARATIONS) and user.organisation is not None:
        return Declaration.objects.filter(organisation=user.organisation)
    return Declaration.objects.none()


def get_visible(user: User, number: str) -> Declaration:
    """The declaration, or 404 alike for what does not exist and for what is not the user's."""
    found = visible_to(user).select_related("organisation__party", "customer__party", "created_by")
    return get_object_or_404(found.prefetch_related("customer__party__names"), number=number)


def search(declarations: QuerySet[Declaration], text: str) -> QuerySet[Declaration]:
    """By number, or by a name of the end user."""
    text = text.strip()
    if not text:
        return declarations
    return declarations.filter(Q(number__iexact=text) | Q(customer__party__names__text__icontains=text)).distinct()


def version_of(declaration: Declaration) -> DeclarationVersion:
    """The version in play. Uses prefetched versions."""
    if _is_held(declaration, "versions"):
        return next(version for version in declaration.versions.all() if version.number == declaration.version_number)
    return declaration.versions.select_related("clause_set").get(number=declaration.version_number)


def _is_held(row: Model, name: str) -> bool:
    return name in getattr(row, "_prefetched_objects_cache", {})


def with_texts(found: QuerySet[Declaration]) -> QuerySet[Declaration]:
    """The declarations with everything that their texts are made of, in a dozen statements for any number."""
    sides = [f"{side}__{part}" for side in ("organisation__party", "customer__party") for part in ("names", "identifiers", "sites")]
    versions = DeclarationVersion.objects.select_related("clause_set", "frozen")
    return found.select_related("organisation__party", "customer__party", "follows").prefetch_related(
        *sides, Prefetch("versions", queryset=versions), "versions__lines__product", "versions__clause_set__clauses"
    )


def lines_of(version: DeclarationVersion) -> list[DeclarationLine]:
    """By catalogue number."""
    found = version.lines.all() if _is_held(version, "lines") else version.lines.select_related("product")
    return sorted(found, key=lambda line: line.product.catalogue_number)


def data_of(version: DeclarationVersion) -> DeclarationData:
    """The version as plain values."""
    return DeclarationData(
        customer_id=version.declaration.customer_id,
        lines=tuple(LineData(line.product_id, line.quantity) for line in lines_of(version)),
        end_use=version.end_use,
        place_address=version.place_address,
        place_country=version.place_country,
        place_division=version.place_division,
        valid_from=version.valid_from,
        valid_until=version.valid_until,
        unknown_facts=version.unknown_facts,
    )


def _party(party: Party) -> dict[str, object]:
    shown = display(party)
    return {
        "names": list(shown.names),
        "native": shown.native,
        "latin": shown.latin,
        "identifiers": [{"scheme": i.scheme, "value": i.value} for i in sorted(party.identifiers.all(), key=lambda i: i.scheme)],
        "sites": [
            {"address": s.address, "country": s.country, "division": s.division}
            for s in sorted(party.sites.all(), key=lambda s: s.pk)
            if s.is_live
        ],
        "country": party.country,
        "line_of_business": party.line_of_business,
    }


def text_of(version: DeclarationVersion) -> dict[str, object]:
    """The statement as it would be frozen now."""
    declaration = version.declaration
    clause_set = version.clause_set
    goods: list[dict[str, object]] = [
        {
            "catalogue_number": line.product.catalogue_number,
            "name": line.product.name,
            "name_zh": line.product.name_zh,
            "quantity": line.quantity,
            "unit": line.product.unit,
            "unit_zh": line.product.unit_zh,
            "samples_per_unit": line.product.samples_per_unit,
        }
        for line in lines_of(version)
    ]
    clauses = {
        "set": clause_set.code,
        "version": clause_set.version,
        "items": [
            {"number": c.number, "title": c.title, "title_zh": c.title_zh, "text": c.text, "text_zh": c.text_zh}
            for c in clause_set.clauses.all()
        ],
    }
    return canonical_text(
        number=declaration.number,
        version=version.number,
        distributor=_party(declaration.organisation.party),
        end_user=_party(declaration.customer.party),
        goods=goods,
        data=data_of(version),
        clause_set=clauses,
        issuer=settings.ISSUER_NAME,
        follows=_follows(declaration),
    )


def is_renewed(declaration: str) -> Exists:
    """For a queryset that names a declaration in this column: whether a renewal of it is on its way, or done."""
    over = [Declaration.Status.WITHDRAWN, Declaration.Status.REFUSED, Declaration.Status.EXPIRED]
    renewals = Declaration.objects.filter(follows=OuterRef(declaration), follows_as=Declaration.Follows.RENEW)
    return Exists(renewals.exclude(status__in=over))


def clauses_standing(version: DeclarationVersion) -> tuple[ClauseSet | None, str]:
    """(the undertakings in force for a draft now, why it cannot be signed with those it carries; empty when it can)."""
    lines = version.lines.values_list("product__line", flat=True)
    try:
        now = clauses.set_for(lines=lines, country=version.place_country, division=version.place_division, on=civil_today())
    except NotAllowed as refusal:
        return None, str(refusal)
    try:
        clauses.check_still_good(held=version.clause_set, now=now, on=civil_today())
    except NotAllowed as refusal:
        return now, str(refusal)
    return now, ""


def _follows(declaration: Declaration) -> dict[str, object] | None:
    """What the text says of the one that it amends or renews; a copy stands alone."""
    if declaration.follows is None or declaration.follows_as == Declaration.Follows.COPY:
        return None
    earlier = version_of(declaration.follows)
    return {
        "as": declaration.follows_as,
        "number": declaration.follows.number,
        "version": earlier.number,
        "sha256": frozen_form(earlier)[1],
    }


def shown_text(version: DeclarationVersion) -> dict[str, Any]:
    """The version's canonical text as plain values."""
    text: dict[str, Any] = json.loads(frozen_form(version)[0])
    return text


def text_before(declaration: Declaration) -> dict[str, Any] | None:
    """The text that this one is read against: the version before it, else that of the declaration it amends or renews."""
    before = declaration.versions.filter(number=declaration.version_number - 1).first()
    if before is None and declaration.follows is not None and declaration.follows_as != Declaration.Follows.COPY:
        before = version_of(declaration.follows)
    return shown_text(before) if before is not None else None


def frozen_form(version: DeclarationVersion) -> tuple[str, str]:
    """(canonical JSON, SHA-256): of the frozen text where there is one, else of what would be frozen now."""
    frozen = getattr(version, "frozen", None)
    if frozen is not None:
        return frozen.canonical, frozen.sha256
    content = canonical(text_of(version))
    return content.decode(), sha256_hex(content)


def parties_as_signed(version: DeclarationVersion) -> bool:
    """Whether both parties are still what the signed text says of them."""
    signed = json.loads(version.frozen.canonical)
    declaration = version.declaration
    now = {"distributor": _party(declaration.organisation.party), "end_user": _party(declaration.customer.party)}
    return all(signed[who] == json.loads(canonical(text)) for who, text in now.items())


def covering(*, seller_party_id: str, buyer_name: str, product: Product, on: dt.date) -> list[str]:
    """Numbers of cleared declarations of the seller that cover the product for a buyer of this name on the day."""
    found = (
        DeclarationVersion.objects.filter(
            declaration__organisation__party__pk=seller_party_id,
            declaration__status=Declaration.Status.ATTESTED,
            lines__product=product,
            valid_from__lte=on,
            valid_until__gt=on,
        )
        .select_related("declaration__customer__party")
        .prefetch_related("declaration__customer__party__names")
    )
    return sorted(
        {
            version.declaration.number
            for version in found
            if any(
                compare(buyer_name, name.text, "register").score >= float(SAME) for name in version.declaration.customer.party.names.all()
            )
        }
    )


def outside_authorisation(declaration: Declaration) -> list[str]:
    """Product lines of the version in play that the distributor is not authorised to sell at the place of use today."""
    version = version_of(declaration)
    party = declaration.organisation.party
    place = version.place_division or declaration.customer.party.division
    lines = sorted({line.product.line for line in version.lines.select_related("product")})
    today = civil_today()
    return [
        line
        for line in lines
        if seller_of_party(party=party, line=line, country=version.place_country, division=place, valid_on=today, known_at=None).kind
        != "authorised"
    ]
