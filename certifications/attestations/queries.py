"""Reads of attestations, each within the reader's scope."""

import datetime as dt
import json
from collections import Counter
from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any

from django.db.models import Case, CharField, Count, F, Q, QuerySet, Value, When
from django.utils.crypto import constant_time_compare

from certifications.declarations.models import DeclarationVersion
from certifications.declarations.models_parts import DeclarationParty
from certifications.ledger.days import civil_today
from certifications.people.models import RegulatorScope, User
from certifications.people.permissions import Permission, may
from certifications.people.queries import scopes_of

from .models import Attestation, Seal, StatusChange
from .rules import STANDINGS, Standing, normal_code

# Nothing was issued under these: outside the manufacturer they do not exist.
UNISSUED = (Attestation.Status.PENDING, Attestation.Status.VOID)


def still_good(declaration_numbers: Iterable[str]) -> list[str]:
    """Those of the declarations whose attestation was neither suspended nor revoked: only they cover a sale."""
    found = Attestation.objects.filter(declaration__number__in=list(declaration_numbers), status__in=["valid", "expired", "superseded"])
    return sorted(set(found.values_list("declaration__number", flat=True)))


def visible_to(user: User) -> QuerySet[Attestation]:
    """A distributor's own; all for compliance; a regulator's within its live scopes; none for anybody else."""
    if may(user, Permission.SEE_ALL_ATTESTATIONS):
        return Attestation.objects.all()
    if may(user, Permission.SEE_SCOPED_ATTESTATIONS):
        return Attestation.objects.filter(_scope_filter(list(scopes_of(user)))).exclude(status__in=UNISSUED)
    if may(user, Permission.SEE_OWN_DECLARATIONS) and user.organisation is not None:
        return Attestation.objects.filter(declaration__organisation=user.organisation)
    return Attestation.objects.none()


def _scope_filter(scopes: list[RegulatorScope]) -> Q:
    found = Q(pk__in=[])
    for scope in scopes:
        match scope.basis:
            case "exporter":
                # An exporter's division is not on record: a scope narrowed by one shows nothing rather than too much.
                if not scope.division_prefixes:
                    found |= Q(exporter_country__in=scope.countries)
            case "destination":
                further = DeclarationParty.objects.filter(_place("", scope), role__in=["end_user", "final"])
                shipped = DeclarationVersion.objects.filter(_place("ship_to_", scope))
                found |= _place("destination_", scope) | Q(version__in=further.values("version")) | Q(version__in=shipped.values("pk"))
            case "place_of_use":
                further = DeclarationParty.objects.filter(_place("place_", scope), role="end_user")
                found |= _place("place_", scope) | Q(version__in=further.values("version"))
    return found


def used_in(found: QuerySet[Attestation], country: str) -> QuerySet[Attestation]:
    """Those of the attestations whose goods are used in the country, by whichever of their end users."""
    further = DeclarationParty.objects.filter(role="end_user", place_country=country)
    return found.filter(Q(place_country=country) | Q(version__in=further.values("version")))


def countries_of_use(found: QuerySet[Attestation]) -> dict[str, int]:
    """By country how many of the attestations name a place of use in it; one with two places in one country counts there once."""
    of_further = {"version__parties__role": "end_user", "version__parties__place_country__gt": ""}
    first = found.order_by().values_list("place_country").annotate(n=Count("pk", distinct=True))
    further = found.order_by().filter(**of_further).values_list("version__parties__place_country").annotate(n=Count("pk", distinct=True))
    same = {**of_further, "version__parties__place_country": F("place_country")}
    both = found.order_by().filter(**same).values_list("place_country").annotate(n=Count("pk", distinct=True))
    counts = Counter(dict(first))
    counts.update(dict(further))
    counts.subtract(dict(both))
    return {country: n for country, n in sorted(counts.items()) if country and n}


def _place(prefix: str, scope: RegulatorScope) -> Q:
    """Country, narrowed by division prefixes where the scope names any."""
    country = Q(**{f"{prefix}country__in": scope.countries})
    if not scope.division_prefixes:
        return country
    divisions = Q(pk__in=[])
    for start in scope.division_prefixes:
        divisions |= Q(**{f"{prefix}division__startswith": start})
    return country & divisions


def search(attestations: QuerySet[Attestation], text: str) -> QuerySet[Attestation]:
    """By number, by a party's name or identifier in any script, or by SHA-256 of the PDF or the declaration."""
    text = text.strip()
    if not text:
        return attestations
    by_hash = Q(seal__sha256=text.lower()) | Q(version__frozen__sha256=text.lower())
    return attestations.filter(Q(number__iexact=text) | Q(search_text__contains=text.casefold()) | by_hash)


def judged(attestations: QuerySet[Attestation]) -> QuerySet[Attestation]:
    """The same rows with `word`, which rules.standing would give each of them today: for filters and counts."""
    today = civil_today()
    word = Case(
        When(status="valid", valid_until__lte=today, then=Value("expired")),
        When(status="valid", valid_from__gt=today, then=Value("not_yet")),
        default=F("status"),
        output_field=CharField(),
    )
    return attestations.annotate(word=word)


def with_standing(attestations: QuerySet[Attestation], word: str) -> QuerySet[Attestation]:
    """Those that stand as `word` says today; all of them for an unknown word."""
    return judged(attestations).filter(word=word) if word in STANDINGS else attestations


def awaiting_second(user: User) -> QuerySet[StatusChange]:
    """Proposed changes of status, the oldest first, for whoever may see every attestation."""
    if not may(user, Permission.SEE_ALL_ATTESTATIONS):
        return StatusChange.objects.none()
    proposed = StatusChange.objects.filter(state=StatusChange.State.PROPOSED)
    return proposed.select_related("attestation__declaration__organisation", "proposed_by").order_by("proposed_at")


@dataclass(frozen=True)
class PublicView:
    """What anyone who holds number and code may see."""

    attestation: Attestation
    payload: dict[str, Any]
    standing: Standing
    seal: Seal | None
    public_reason: str
    changed_at: dt.datetime | None


def public_view(attestation: Attestation) -> PublicView:
    """The attestation as it stands this moment, with the sentence of the last effective change."""
    seal = Seal.objects.filter(attestation=attestation).first()
    change = attestation.changes.filter(state=StatusChange.State.EFFECTIVE).order_by("-agreed_at").first()
    shown = change if change is not None and change.to == attestation.status else None
    return PublicView(
        attestation=attestation,
        payload=json.loads(attestation.payload.canonical),
        standing=attestation.standing,
        seal=seal,
        public_reason=shown.public_reason if shown else "",
        changed_at=shown.agreed_at if shown else None,
    )


def by_number_and_code(number: str, code: str) -> PublicView | None:
    """The public answer; None for an unknown number and for a wrong code alike, after the same work."""
    attestation = Attestation.objects.select_related("payload").filter(number=number.strip().upper()).exclude(status__in=UNISSUED).first()
    wanted = attestation.code if attestation else "0000-0000"
    good = constant_time_compare(normal_code(code), wanted)
    return public_view(attestation) if attestation is not None and good else None


def by_digest(sha256: str) -> PublicView | None:
    """The attestation whose sealed PDF has exactly these bytes."""
    seal = Seal.objects.select_related("attestation__payload").filter(sha256=sha256).first()
    return public_view(seal.attestation) if seal else None
