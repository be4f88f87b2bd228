"""Reads of declarations, each within the reader's own organisation."""

import json
from collections.abc import Container, Iterable
from typing import Any

from django.conf import settings
from django.db.models import Exists, Model, OuterRef, Prefetch, Q, QuerySet
from django.shortcuts import get_object_or_404
from django.utils.translation import gettext as _

from certifications.catalogue import clauses
from certifications.catalogue.models import ClauseSet
from certifications.catalogue.queries import current_products
from certifications.ledger.canonical import canonical, sha256_hex
from certifications.ledger.days import civil_today
from certifications.ledger.listed import listed
from certifications.ledger.moves import NotAllowed
from certifications.parties.models import Customer, Party, PartyName
from certifications.parties.queries import PartyDisplay, display
from certifications.parties.sellers import seller_of_party
from certifications.people.models import User
from certifications.people.permissions import Permission, may

from .data import GROUPS, DeclarationData, EndUserData, LineData, ShareData
from .in_force import InForce
from .models import Declaration, DeclarationLine, DeclarationVersion
from .models_parts import DeclarationDocument, DeclarationParty
from .rules import Problem, following, group_titles, still_amended
from .rules_checks import PartyFacts, completeness, cross_checks
from .texts import declared_text, parties_text

# Fields of a version that are kept as they are typed.
KEPT = (
    "end_use", "place_address", "place_country", "place_division", "valid_from", "valid_until", "unknown_facts", "kind", "term", "period",
    "contract", "relationship", "contact", "samples_per_month", "value", "currency", "resale_scope", "reporting", "ship_to_address",
    "ship_to_country", "ship_to_division", "route", "delivery_proof",
)  # fmt: skip


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
    """By number, or by a name of an end user."""
    text = text.strip()
    if not text:
        return declarations
    further = DeclarationParty.objects.filter(role="end_user", customer__party__names__text__icontains=text).values("version__declaration")
    named = PartyName.objects.filter(party=OuterRef("customer__party"), text__icontains=text)
    return declarations.filter(Q(number__iexact=text) | Exists(named) | Q(pk__in=further))


def version_of(declaration: Declaration) -> DeclarationVersion:
    """The version in play. Uses prefetched versions."""
    if _is_held(declaration, "versions"):
        return next(version for version in declaration.versions.all() if version.number == declaration.version_number)
    return declaration.versions.select_related("clause_set").get(number=declaration.version_number)


def _is_held(row: Model, name: str) -> bool:
    return name in getattr(row, "_prefetched_objects_cache", {})


def with_texts(found: QuerySet[Declaration]) -> QuerySet[Declaration]:
    """The declarations with everything that their texts are made of, in a score of statements for any number."""
    sides = [f"{side}__{part}" for side in ("organisation__party", "customer__party") for part in ("names", "identifiers", "sites")]
    others = [f"versions__parties__customer__party__{part}" for part in ("names", "identifiers", "sites")]
    versions = DeclarationVersion.objects.select_related("clause_set", "frozen")
    parties = DeclarationParty.objects.select_related("customer__party")
    return found.select_related("organisation__party", "customer__party", "follows").prefetch_related(
        *sides, Prefetch("versions", queryset=versions), "versions__lines__product", "versions__clause_set__clauses",
        Prefetch("versions__parties", queryset=parties), *others, "versions__shares__product", "versions__documents__blob",
    )  # fmt: skip


def lines_of(version: DeclarationVersion) -> list[DeclarationLine]:
    """By catalogue number."""
    found = version.lines.all() if _is_held(version, "lines") else version.lines.select_related("product")
    return sorted(found, key=lambda line: line.product.catalogue_number)


def parties_of(version: DeclarationVersion) -> list[DeclarationParty]:
    """Everybody who takes part besides distributor and first end user, by role and in order."""
    found = version.parties.all() if _is_held(version, "parties") else version.parties.select_related("customer__party")
    return sorted(found, key=lambda one: (one.role, one.position))


def data_of(version: DeclarationVersion) -> DeclarationData:
    """The version as plain values."""
    parties = parties_of(version)
    by_role = {role: [one.customer_id for one in parties if one.role == role] for role in DeclarationParty.Role.values}
    shares: dict[str, list[ShareData]] = {}
    held = version.shares.all() if _is_held(version, "shares") else version.shares.select_related("product")
    for share in sorted(held, key=lambda row: row.product.catalogue_number):
        shares.setdefault(share.customer_id, []).append(ShareData(share.product_id, share.quantity))
    end_users = tuple(
        EndUserData(one.customer_id, tuple(shares.get(one.customer_id, ())), one.place_address, one.place_country, one.place_division)
        for one in parties
        if one.role == "end_user"
    )
    return DeclarationData(
        customer_id=version.declaration.customer_id,
        lines=tuple(LineData(line.product_id, line.quantity, line.ceiling) for line in lines_of(version)),
        purchaser_id=next(iter(by_role["purchaser"]), ""),
        consignee_ids=tuple(by_role["consignee"]),
        final_consignee_id=next(iter(by_role["final"]), ""),
        forwarder_id=next(iter(by_role["forwarder"]), ""),
        end_users=end_users,
        **{name: getattr(version, name) for name in KEPT},
    )


def problems_of(declaration: Declaration, current: Container[str] | None = None) -> list[Problem]:
    """Everything that keeps the version in play from being signed, in the order of the form; what policies and orders say comes on top.

    `current` are ids of products that may be declared today, where they were read before.
    """
    version = version_of(declaration)
    data = data_of(version)
    problems = [*completeness(data, civil_today()), *cross_checks(data, facts_of(version))]
    before = data_of(version_of(declaration.follows)) if declaration.follows is not None else None
    if declaration.follows is not None and before is not None:
        problems += following(declaration.follows_as, declaration.follows.number, before, data)
    lines = lines_of(version)
    if current is None:
        current = set(current_products().filter(pk__in=[line.product_id for line in lines]).values_list("pk", flat=True))
    # Of what an amendment takes over as it was declared, some may have shipped already: it could never be amended without.
    kept = still_amended(declaration.follows_as, before, data)
    gone = [line.product for line in lines if line.product_id not in current and line.product_id not in kept]
    said = _("%(c)s is no longer in the catalogue; choose another product.")
    problems += [Problem(f"quantity_{one.pk}", said % {"c": one.catalogue_number}) for one in gone]
    return problems


def lacks_of(declaration: Declaration, current: Container[str] | None = None) -> list[Problem]:
    """The same, and every part of the form that was never opened: who saved three of five has not said who is on the way."""
    version = version_of(declaration)
    unopened = [title for group, title in group_titles().items() if group not in version.answered]
    if not unopened:
        return problems_of(declaration, current)
    said = _("A part of the form was not filled in yet: %(parts)s. Go through it to its check page first.") % {"parts": listed(unopened)}
    return [*problems_of(declaration, current), Problem("documents", said)]


def others_named(version: DeclarationVersion) -> list[tuple[str, PartyDisplay]]:
    """(role, names) of everybody besides the distributor and the first end user, whoever has two roles once for each."""
    word = {"end_user": "other_end_users"}
    return [(word.get(one.role, one.role), display(one.customer.party)) for one in parties_of(version)]


def end_users_of(version: DeclarationVersion) -> list[Customer]:
    """Every end user, the first one first; nobody yet for stock."""
    if version.kind == "stockist":
        return []
    return [version.declaration.customer, *(one.customer for one in parties_of(version) if one.role == "end_user")]


def facts_of(version: DeclarationVersion) -> dict[str, PartyFacts]:
    """What the cross-checks ask of each party, by id of customer."""
    customers = [version.declaration.customer, *(one.customer for one in parties_of(version))]
    return {c.pk: PartyFacts(display(c.party).title, c.party.kind, c.party.line_of_business, c.party.country) for c in customers}


def party_ids_of(version: DeclarationVersion) -> list[str]:
    """Every party that takes part in the version, the first end user and the distributor first."""
    declaration = version.declaration
    found = [declaration.customer.party_id, declaration.organisation.party.pk, *(one.customer.party_id for one in parties_of(version))]
    return list(dict.fromkeys(found))


def naming(customer_ids: Iterable[str]) -> Q:
    """Declarations that name one of the customers, in any role."""
    ids = list(customer_ids)
    return Q(customer__in=ids) | Q(pk__in=DeclarationParty.objects.filter(customer__in=ids).values("version__declaration"))


def named_by(declarations: QuerySet[Declaration], customer_ids: Iterable[str]) -> dict[str, list[Declaration]]:
    """By customer: the declarations that name it in any role, in the order given; each customer and each declaration once."""
    ids = set(customer_ids)
    rows = list(declarations.filter(naming(ids)))
    also: dict[str, set[str]] = {}
    parts = DeclarationParty.objects.filter(customer__in=ids, version__declaration__in=[row.pk for row in rows])
    for declaration_id, customer_id in parts.values_list("version__declaration", "customer"):
        also.setdefault(declaration_id, set()).add(customer_id)
    found: dict[str, list[Declaration]] = {}
    for row in rows:
        for customer_id in ({row.customer_id} & ids) | also.get(row.pk, set()):
            found.setdefault(customer_id, []).append(row)
    return found


def document_of(version: DeclarationVersion, pk: str) -> DeclarationDocument:
    """One document of the version. Raises Http404."""
    found: DeclarationDocument = get_object_or_404(DeclarationDocument.objects.select_related("blob"), version=version, pk=pk[:26])
    return found


def parties_in(declarations: QuerySet[Declaration]) -> set[str]:
    """Ids of everybody who takes part in one of the declarations, in any role."""
    pairs = declarations.values_list("customer__party_id", "organisation__party__pk")
    others = DeclarationParty.objects.filter(version__declaration__in=declarations.values("pk"))
    return {pk for pair in pairs for pk in pair if pk} | set(others.values_list("customer__party_id", flat=True))


def taking_part(party_ids: Iterable[str], prefix: str = "") -> Q:
    """Declarations in which one of the parties takes part, in any role; `prefix` leads from another row to its declaration."""
    ids = list(party_ids)
    others = DeclarationParty.objects.filter(customer__party__in=ids).values("version__declaration")
    return Q(**{f"{prefix}customer__party__in": ids}) | Q(**{f"{prefix}organisation__party__in": ids}) | Q(**{f"{prefix}pk__in": others})


def _party(party: Party) -> dict[str, Any]:
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


def _parties_text(version: DeclarationVersion, data: DeclarationData) -> dict[str, Any]:
    declaration = version.declaration
    known = {one.customer_id: _party(one.customer.party) for one in parties_of(version)}
    known[declaration.customer_id] = _party(declaration.customer.party)
    return parties_text(data, _party(declaration.organisation.party), known)


def text_of(version: DeclarationVersion) -> dict[str, Any]:
    """The statement as it would be frozen now."""
    declaration, clause_set, data = version.declaration, version.clause_set, data_of(version)
    lines = lines_of(version)
    goods: list[dict[str, Any]] = [
        {
            "catalogue_number": line.product.catalogue_number,
            "name": line.product.name,
            "name_zh": line.product.name_zh,
            "quantity": line.quantity,
            "unit": line.product.unit,
            "unit_zh": line.product.unit_zh,
            "samples_per_unit": line.product.samples_per_unit,
            **({"ceiling": line.ceiling} if line.ceiling is not None else {}),
        }
        for line in lines
    ]
    clauses = {
        "set": clause_set.code,
        "version": clause_set.version,
        "items": [
            {"number": c.number, "title": c.title, "title_zh": c.title_zh, "text": c.text, "text_zh": c.text_zh}
            for c in clause_set.clauses.all()
        ],
    }
    held = version.documents.all() if _is_held(version, "documents") else version.documents.select_related("blob")
    return declared_text(
        number=declaration.number,
        version=version.number,
        parties=_parties_text(version, data),
        goods=goods,
        numbers={line.product_id: line.product.catalogue_number for line in lines},
        data=data,
        documents=[{"title": d.title, "name": d.blob.name, "sha256": d.blob.sha256} for d in held],
        clause_set=clauses,
        issuer=settings.ISSUER_NAME,
        follows=_follows(declaration),
    )


def is_renewed(declaration: str) -> Exists:
    """For a queryset that names a declaration in this column: whether a renewal of it is on its way, or done."""
    over = [Declaration.Status.WITHDRAWN, Declaration.Status.REFUSED, Declaration.Status.EXPIRED]
    renewals = Declaration.objects.filter(follows=OuterRef(declaration), follows_as=Declaration.Follows.RENEW)
    return Exists(renewals.exclude(status__in=over))


def is_of_kind(kind: str) -> Exists:
    """For a queryset of declarations: whether the version in play is of this kind."""
    return Exists(DeclarationVersion.objects.filter(declaration=OuterRef("pk"), number=OuterRef("version_number"), kind=kind))


def is_unfinished() -> Exists:
    """For a queryset of declarations: whether a group of the version in play was not filled in yet."""
    current = DeclarationVersion.objects.filter(declaration=OuterRef("pk"), number=OuterRef("version_number"))
    return Exists(current.exclude(answered__contains=list(GROUPS)))


def clauses_standing(version: DeclarationVersion) -> tuple[ClauseSet | None, str]:
    """(the undertakings in force for a draft now, why it cannot be signed with those it carries; empty when it can)."""
    try:
        now = InForce.today(line.product_id for line in lines_of(version)).clauses_for(data_of(version))
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
    """Whether every party is still what the signed text says of it, and nobody else takes part."""
    signed = json.loads(version.frozen.canonical)
    now = json.loads(canonical(_parties_text(version, data_of(version))))
    return all(signed.get(who) == now.get(who) for who in ("distributor", "end_user", "other_end_users", "on_the_way"))


def places_of(version: DeclarationVersion) -> list[tuple[str, str]]:
    """(country, division) of every place of use; a division that is not said is that of the end user itself."""
    declaration = version.declaration
    found = [(version.place_country, version.place_division or declaration.customer.party.division)]
    found += [(p.place_country, p.place_division or p.customer.party.division) for p in parties_of(version) if p.role == "end_user"]
    return list(dict.fromkeys(found))


def outside_authorisation(declaration: Declaration) -> list[str]:
    """Product lines of the version in play that the distributor is not authorised to sell at every place of use today."""
    version, party, today = version_of(declaration), declaration.organisation.party, civil_today()
    lines, places = sorted({line.product.line for line in lines_of(version)}), places_of(version)

    def covered(line: str, country: str, division: str) -> bool:
        answer = seller_of_party(party=party, line=line, country=country, division=division, valid_on=today, known_at=None)
        return answer.kind == "authorised"

    return [line for line in lines if not all(covered(line, *place) for place in places)]
