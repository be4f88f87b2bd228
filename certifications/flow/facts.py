"""Gathers what the rules need from the rooms below: reads only, no decisions of its own."""

import datetime as dt
from collections.abc import Collection, Iterable, Mapping
from dataclasses import replace
from typing import Any

from certifications.catalogue import policies
from certifications.catalogue.models_policies import Policy
from certifications.catalogue.rules_clauses import CHINA
from certifications.catalogue.rules_policies import Subject, concerns, strictest_level
from certifications.declarations.models import Declaration, DeclarationVersion
from certifications.declarations.queries import parties_of, places_of
from certifications.flags import clearances
from certifications.flags.queries import concerns_about, confirmed_findings
from certifications.flags.rules import DeclarationFacts, SellerFacts
from certifications.flags.rules.base import NamedFacts, NameFacts, PolicyFacts, ScreeningFacts
from certifications.ledger.days import civil_today
from certifications.matching import classify
from certifications.parties import owners
from certifications.parties.linked import one_entity
from certifications.parties.models import Party
from certifications.parties.queries import display
from certifications.parties.sellers import SellerAnswer, seller_of_party
from certifications.screening.models import Finding
from certifications.screening.queries import party_state

from .ownership import owned_facts


def name_facts(name: str, more: tuple[str, ...] = ()) -> NameFacts:
    """Class and divisions as the names themselves say; `name` is the one shown, `more` its other scripts."""
    readings = [classify(text) for text in dict.fromkeys((name, *more)) if text]
    classes = dict.fromkeys(c for reading in readings for c in reading.classes)
    divisions = dict.fromkeys(d for reading in readings for d in reading.divisions)
    reasons: list[dict[str, Any]] = [{"kind": r.kind, "value": r.value, "text": r.text} for reading in readings for r in reading.reasons]
    return NameFacts(name, tuple(classes), tuple(divisions), tuple(reasons))


def seller_facts(answer: SellerAnswer) -> SellerFacts:
    """The register's answer as plain text values, fit to be stored with a flag."""
    return SellerFacts(
        kind=answer.kind,
        party_id=answer.party_id or "",
        best_name=answer.best_name,
        score=str(answer.score) if answer.score is not None else "",
        valid_from=answer.valid_from.isoformat() if answer.valid_from else "",
        valid_until=answer.valid_until.isoformat() if answer.valid_until else "",
        recorded_at=answer.recorded_at.strftime("%Y-%m-%d %H:%M UTC") if answer.recorded_at else "",
        territory=answer.territory,
    )


def end_of(day: dt.date) -> dt.datetime:
    """The moment to which what was known on a day is asked."""
    return dt.datetime.combine(day + dt.timedelta(days=1), dt.time(), dt.UTC)


def _decided_before(party: Party, finding: Finding, cleared: clearances.Cleared) -> dict[str, Any]:
    """What people decided on this pair before: a clearance that is over, or one that rested on other key fields."""
    if finding.fingerprint in cleared.over:
        flag, day = cleared.over[finding.fingerprint]
        return {"again": flag, "expired_on": day.isoformat()}
    changed = clearances.difference(party_id=party.pk, finding=finding)
    return {"difference": changed} if changed else {}


def finding_key(inputs: Mapping[str, Any]) -> str:
    """What makes a flag on a finding the same flag: the finding, and that no clearance of it ran out since."""
    again = inputs.get("again")
    return f"{inputs['finding']}:{again}" if again else str(inputs["finding"])


def screening_facts(party: Party, role: str) -> ScreeningFacts:
    """The party's screening with the findings that nobody has decided yet."""
    cleared = clearances.of_party(party.pk)
    state = party_state(party, cleared_fingerprints=cleared.now)
    findings = tuple(
        {
            "finding": finding.fingerprint,
            "finding_id": finding.pk,
            "band": finding.band,
            "score": str(finding.score),
            "entry_name": finding.entry_name,
            "entry_id": finding.entry_id,
            "list": finding.list_code,
            "list_title": finding.explanation.get("list", {}).get("title", finding.list_code),
            "party_name": finding.party_name,
            "matched_name": finding.matched_name,
            **_decided_before(party, finding, cleared),
        }
        for finding in state.findings
    )
    shown = display(party)
    return ScreeningFacts(
        party_id=party.pk,
        name=shown.native or shown.latin,
        role=role,
        state=state.state,
        reasons=tuple(str(reason) for reason in state.reasons),
        findings=findings,
        concerns=concerns_about(party.pk),
    )


def owner_facts(party: Party) -> ScreeningFacts:
    """The screening of an owner. What people confirmed of it is decided: how much it owns is weighed elsewhere."""
    facts = screening_facts(party, "owner")
    confirmed = confirmed_findings([party.pk]).get(party.pk, set())
    left = tuple(finding for finding in facts.findings if finding["finding"] not in confirmed)
    return replace(facts, findings=left, state="listed" if facts.state == "hit" and not left else facts.state)


def owners_above(parties: Iterable[Party], today: dt.date, together: Mapping[str, Collection[str]] | None = None) -> list[Party]:
    """Who stands above the parties on the day, in a stable order."""
    wanted = owners.owners_of([party.pk for party in parties], today, together)
    return list(Party.objects.filter(pk__in=wanted).prefetch_related("names").order_by("pk")) if wanted else []


def participants(version: DeclarationVersion) -> list[tuple[str, Party]]:
    """(role, party) of everybody who takes part in a version, each party once: the end user first, then the distributor, then the others."""
    first, *others = _reached(version)
    seller: Party = version.declaration.organisation.party
    found: dict[str, tuple[str, Party]] = {}
    for role, party in (first, ("distributor", seller), *others):
        found.setdefault(party.pk, (role, party))
    return list(found.values())


def _reached(version: DeclarationVersion) -> list[tuple[str, Party]]:
    """(role, party) of everybody whom the goods reach, the end user first; who has two roles stands there twice."""
    first = "stockist" if version.kind == "stockist" else "end_user"
    return [(first, version.declaration.customer.party), *((one.role, one.customer.party) for one in parties_of(version))]


def declaration_facts(declaration: Declaration, version: DeclarationVersion, today: dt.date) -> DeclarationFacts:
    """Everything about a signed declaration: standing of the distributor today at every place of use, and of every party its name and screening."""
    taking = participants(version)
    seller_party: Party = declaration.organisation.party
    lines = sorted({line.product.line for line in version.lines.select_related("product")})
    answers = [
        seller_of_party(party=seller_party, line=line, country=country, division=division, valid_on=today, known_at=None)
        for line in lines
        for country, division in places_of(version)
    ]
    order = ("never", "revoked", "suspended", "lapsed", "entered_later", "elsewhere", "authorised")
    weakest = min(answers, key=lambda answer: order.index(answer.kind))
    about = policies.concerning(policy_subject(lines, version), today)
    named = [NamedFacts(_name_facts_of(p), _divisions_of(version, p, role)) for role, p in taking if role != "distributor"]
    return DeclarationFacts(
        number=declaration.number,
        seller_name=declaration.organisation.name,
        seller=seller_facts(weakest),
        buyer=named[0].name,
        product=", ".join(str(line.product) for line in version.lines.select_related("product")),
        happened_on=today,
        parties=tuple(screening_facts(party, role) for role, party in taking),
        owners=tuple(owner_facts(owner) for owner in owners_above([party for _role, party in taking], today)),
        region_divisions=named[0].divisions,
        others=tuple(named[1:]),
        source=declaration.number,
        owned=tuple(
            owned_facts(party, role, today)
            for role, party in taking
            if owners.holding_on(today).filter(party__in=one_entity([party.pk])).exists()
            or any(policy.effect == "owners" for policy in about)
        ),
        policies=tuple(PolicyFacts(policy.number, policy.title, policy.effect, policy.level) for policy in about),
        version=version.number,
    )


def _name_facts_of(party: Party) -> NameFacts:
    shown = display(party)
    # What it was called before reads as what it is called: a body does not change its class by changing its name.
    before = (row.text for row in party.former.all() if row.kind in row.NAMES)
    return name_facts(shown.native or shown.latin, (*shown.names, *before))


def _divisions_of(version: DeclarationVersion, party: Party, role: str) -> tuple[str, ...]:
    """Where the party is and where its sites are, as far as known; of an end user where it uses the goods, of a consignee where they are sent."""
    own = [(one.customer.party_id, one.place_division) for one in parties_of(version) if one.role == "end_user"]
    own.append((version.declaration.customer.party_id, version.place_division))
    known = [place for party_id, place in own if party_id == party.pk]
    if role in {"consignee", "final"}:
        known.append(version.ship_to_division)
    known += [party.division, *(site.division for site in party.sites.all() if site.is_live)]
    return tuple(dict.fromkeys(division for division in known if division))


def policy_subject(lines: Iterable[str], version: DeclarationVersion) -> Subject:
    """What a policy looks at: product lines, and every place and class of everybody whom the goods reach, as their names and sites say.

    A known division is a place in China, whatever country a party is registered in.
    """
    classes: dict[str, None] = {}
    divisions: dict[str, None] = {}
    countries = {version.place_country, version.ship_to_country} | {one.place_country for one in parties_of(version)}
    for role, party in _reached(version):
        named = _name_facts_of(party)
        classes |= dict.fromkeys(named.classes)
        divisions |= dict.fromkeys((*_divisions_of(version, party, role), *named.divisions))
        countries |= {party.country, *(site.country for site in party.sites.all() if site.is_live)}
    if version.ship_to_division:
        divisions[version.ship_to_division] = None
    known = countries - {""}
    return Subject(tuple(lines), tuple(known | {CHINA} if divisions else known), tuple(divisions), tuple(classes))


def least_level(declaration: Declaration, version: DeclarationVersion) -> str:
    """The least level of the end user's own word that the policies of today ask for; empty for none."""
    return least_of(policies.in_force(civil_today()), version)


def least_of(asking: Iterable[Policy], version: DeclarationVersion) -> str:
    """The same of policies that were read before. Uses prefetched lines and parties of the version, their names and sites."""
    subject = policy_subject(sorted({line.product.line for line in version.lines.all()}), version)
    return strictest_level(policy.level for policy in asking if policy.level and concerns(policy, policy.classes, subject))
