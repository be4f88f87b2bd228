"""The only writes to authorisations, their terms, and the papers behind them. A correction is a new row, never a change."""

import datetime as dt
from collections.abc import Iterable
from typing import Any

from django.conf import settings
from django.db import IntegrityError, transaction
from django.db.models import Q, QuerySet
from django.db.models.functions import Now
from django.utils import timezone
from django.utils.formats import date_format
from django.utils.translation import gettext as _

from certifications.files.models import Blob
from certifications.ledger.actions import record
from certifications.ledger.canonical import canonical, sha256_hex
from certifications.ledger.ids import new_number
from certifications.ledger.moves import NotAllowed, StaleState
from certifications.people.models import FactorProof, User

from .actions import Incomplete
from .models import Party
from .models_register import (
    Authorisation,
    AuthorisationDocument,
    AuthorisationTerms,
    RegisterCell,
    RiskSet,
    TrainingRecord,
)
from .register import Entry, as_of, today
from .rules import Problem
from .rules_register import MOST_TIERS, Risk, TermsData, check_terms, outside, places, risk_end, touches


def risk_sets() -> list[Risk]:
    """The risk sets of the installation as they are now."""
    return [
        Risk(one.code, one.title, one.title_zh, tuple(one.lines), tuple(one.countries), tuple(one.divisions), one.most_days)
        for one in RiskSet.objects.order_by("code")
    ]


def _risk_ends(data: TermsData) -> list[dict[str, Any]]:
    """The ends that are earlier than the right's own, each with what it is about, as the row keeps them."""
    ends = []
    for risk in risk_sets():
        until = risk_end(data, risk)
        if touches(data, risk) and until < data.valid_until:
            about = {"lines": list(risk.lines), "countries": list(risk.countries), "divisions": list(risk.divisions)}
            ends.append({"code": risk.code, "title": risk.title, "title_zh": risk.title_zh, **about, "until": until.isoformat()})
    return ends


def _span(code: str) -> tuple[int, int]:
    """The codes that a territory's code stands for, half-open; an empty one stands for all."""
    if not code:
        return (0, 1_000_000)
    first = int(code)
    return (first, first + (10_000 if first % 10_000 == 0 else 100 if first % 100 == 0 else 1))


def overlapping(
    *, party: Party, parent: Authorisation | None, data: TermsData, apart_from: Authorisation | None = None
) -> QuerySet[AuthorisationTerms]:
    """Terms in the register that already give the party some of this, from the same source, on some of these days."""
    cells = RegisterCell.objects.filter(
        holder=f"{party.pk}:{parent.party_id if parent else ''}",
        line__in=data.lines,
        known__endswith__isnull=True,
        valid__overlap=(data.valid_from, data.valid_until),
    )
    where = Q(pk__in=[])
    for country in data.countries:
        for place in places(country, data.divisions):
            where |= Q(country=country, codes__overlap=_span(place))
    found = AuthorisationTerms.objects.filter(pk__in=cells.filter(where).values("terms")).select_related("authorisation")
    return found.exclude(authorisation=apart_from) if apart_from else found


def _overlap_problem(held: AuthorisationTerms, data: TermsData) -> Problem:
    """Which row it overlaps, and how to mend."""
    days = {
        "n": held.authorisation.number,
        "lines": ", ".join(sorted(set(held.lines) & set(data.lines))),
        "from": date_format(held.valid_from),
        "until": date_format(held.valid_until),
    }
    if held.valid_from <= data.valid_from:
        return Problem(
            "valid_from",
            _("%(n)s already covers %(lines)s there from %(from)s until %(until)s. Begin on %(until)s, or correct %(n)s to end earlier.")
            % days,
        )
    return Problem(
        "valid_until",
        _("%(n)s already covers %(lines)s there from %(from)s until %(until)s. End on %(from)s, or correct %(n)s to begin later.") % days,
    )


def check(*, party: Party, parent: Authorisation | None, data: TermsData, apart_from: Authorisation | None = None) -> None:
    """Raise Incomplete with everything that keeps these terms from being recorded, each with its field."""
    problems = check_terms(data)
    if not problems and parent is not None:
        held = as_of(data.valid_from).one(parent)
        if held is None:
            raise NotAllowed(_("The right above is not on record."), "parent")
        for row in (held.terms, *held.above):
            problems += outside(data, row)
        if len(held.above) + 2 > MOST_TIERS:
            raise NotAllowed(_("There are three tiers below a distributor at most."), "tiers")
        if parent.party_id == party.pk or any(row.authorisation.party_id == party.pk for row in held.above):
            raise NotAllowed(_("Nobody is a reseller below itself."), "self")
    if not problems:
        problems = [
            _overlap_problem(row, data)
            for row in overlapping(party=party, parent=parent, data=data, apart_from=apart_from).order_by("valid_from")[:5]
        ]
    if problems:
        raise Incomplete(list(dict.fromkeys(problems)))


def check_renews(renews: Authorisation, parent: Authorisation | None) -> None:
    """Raise NotAllowed (`renews`) where a right below another would be followed by one straight from the manufacturer, or the reverse."""
    if renews.parent_id is not None and parent is None:
        raise NotAllowed(
            _("%(n)s is below another right: it is not renewed here, the distributor above nominates the reseller again.")
            % {"n": renews.number},
            "renews",
        )
    if renews.parent_id is None and parent is not None:
        raise NotAllowed(_("%(n)s comes from the manufacturer; nothing below another right follows it.") % {"n": renews.number}, "renews")


def digest_of(*, data: TermsData, about: str, reason: str = "") -> str:
    """What a person gives a factor for: these terms, for this party or in place of those terms."""
    return sha256_hex(
        canonical(
            {
                "about": about,
                "lines": sorted(data.lines),
                "countries": sorted(data.countries),
                "divisions": sorted(data.divisions),
                "valid_from": data.valid_from.isoformat(),
                "valid_until": data.valid_until.isoformat(),
                "conditions": data.conditions.strip(),
                "risk": {code: day.isoformat() for code, day in sorted(data.risk_until.items())},
                "reason": reason.strip(),
            }
        )
    )


def _written(authorisation: Authorisation, data: TermsData, **more: Any) -> AuthorisationTerms:
    """Insert terms; what overlaps after all (somebody else was faster) is named like what overlapped before. Raises Incomplete."""
    try:
        with transaction.atomic():
            return AuthorisationTerms.objects.create(
                authorisation=authorisation,
                lines=sorted(set(data.lines)),
                countries=sorted(set(data.countries)),
                divisions=sorted(set(data.divisions)),
                valid_from=data.valid_from,
                valid_until=data.valid_until,
                conditions=data.conditions.strip(),
                risk_ends=_risk_ends(data),
                **more,
            )
    except IntegrityError as error:
        if "register_no_overlap" in str(error):
            check(party=authorisation.party, parent=authorisation.parent, data=data, apart_from=authorisation)
        raise StaleState(_("The register was changed by somebody else meanwhile; load it again.")) from error


@transaction.atomic
def record_authorisation(
    *,
    party: Party,
    by: User | None,
    data: TermsData,
    parent: Authorisation | None = None,
    renews: Authorisation | None = None,
    proof: FactorProof | None = None,
    recorded_at: dt.datetime | None = None,
) -> Authorisation:
    """Enter an authorisation; when it was entered stays on record for ever. Raises Incomplete, NotAllowed.

    `recorded_at` is for the demonstration's world alone, which was not there yesterday; elsewhere it would launder.
    """
    if recorded_at is not None and not settings.PORTAL_DEMO:
        raise NotAllowed(_("When an authorisation was entered cannot be chosen."), "recorded_at")
    check(party=party, parent=parent, data=data)
    if renews is not None:
        check_renews(renews, parent)
    made = Authorisation.objects.create(
        number=new_number("AUT", timezone.now().year),
        party=party,
        parent=parent,
        renews=renews,
        made_at=recorded_at or Now(),
    )
    _written(made, data, recorded_by=by, proof_id=proof.pk if proof else "", **({"recorded_at": recorded_at} if recorded_at else {}))
    record(
        verb="authorisation.recorded",
        obj=made,
        by=by,
        data={
            "party": party.pk,
            "parent": parent.pk if parent else "",
            "renews": renews.pk if renews else "",
            "from": data.valid_from,
            "until": data.valid_until,
            "proof": proof.pk if proof else "",
        },
    )
    made.refresh_from_db()
    return made


def check_correction(*, authorisation: Authorisation, data: TermsData, reason: str) -> Entry:
    """The entry that would be corrected. Raises Incomplete or NotAllowed where it may not be, before a factor is spent."""
    entry = today().one(authorisation)
    if entry is None or entry.standing == "revoked":
        raise NotAllowed(_("A revoked authorisation is not corrected; record a new one."), "revoked")
    if len(reason.strip()) < 10:  # noqa: PLR2004
        raise Incomplete([Problem("reason", _("Say in a few words why it is corrected."))])
    check(party=authorisation.party, parent=authorisation.parent, data=data, apart_from=authorisation)
    return entry


@transaction.atomic
def correct(*, authorisation: Authorisation, by: User, data: TermsData, reason: str, proof: FactorProof | None) -> AuthorisationTerms:
    """Record other terms in place of those that count now; the old ones stay readable. Raises Incomplete, NotAllowed."""
    entry = check_correction(authorisation=authorisation, data=data, reason=reason)
    made = _written(authorisation, data, supersedes=entry.terms, reason=reason.strip(), recorded_by=by, proof_id=proof.pk if proof else "")
    record(
        verb="authorisation.corrected",
        obj=authorisation,
        by=by,
        data={"terms": made.pk, "instead_of": entry.terms.pk, "from": data.valid_from, "until": data.valid_until, "proof": made.proof_id},
    )
    return made


@transaction.atomic
def add_document(
    *,
    authorisation: Authorisation,
    by: User | None,
    blob: Blob,
    kind: str,
    title: str,
    dated_on: dt.date,
    good_until: dt.date | None = None,
) -> AuthorisationDocument:
    """Put a contract, letter or certificate behind an authorisation. The same bytes with the same words again change nothing.

    `good_until` is the first day on which it is no longer good. Raises NotAllowed (`good_until`) for one before its own date.
    """
    if good_until is not None and good_until <= dated_on:
        raise NotAllowed(_("The paper ends before its own date; correct one of the dates."), "good_until")
    said = {"kind": kind, "title": title.strip(), "dated_on": dated_on, "good_until": good_until}
    earlier = authorisation.documents.filter(blob__sha256=blob.sha256, **said).first()
    if earlier is not None:
        return earlier
    made = AuthorisationDocument.objects.create(authorisation=authorisation, blob=blob, recorded_by=by, **said)
    record(verb="authorisation.document", obj=authorisation, by=by, data={"document": made.pk, "sha256": blob.sha256, "kind": kind})
    return made


@transaction.atomic
def add_training(
    *, authorisation: Authorisation, by: User | None, topic: str, held_on: dt.date, good_until: dt.date, people: int
) -> TrainingRecord:
    """Record that people of the holder were trained. Raises NotAllowed with the field as its code."""
    if good_until <= held_on:
        raise NotAllowed(_("The training ends before it was held; correct one of the dates."), "good_until")
    made = TrainingRecord.objects.create(
        authorisation=authorisation, topic=topic.strip(), held_on=held_on, good_until=good_until, people=people, recorded_by=by
    )
    record(verb="authorisation.training", obj=authorisation, by=by, data={"training": made.pk, "until": good_until, "people": people})
    return made


def data_of(row: AuthorisationTerms) -> TermsData:
    """Terms on record as typed ones, to start a correction or a renewal from."""
    ends = {end["code"]: dt.date.fromisoformat(end["until"]) for end in row.risk_ends}
    return TermsData(tuple(row.lines), tuple(row.countries), tuple(row.divisions), row.valid_from, row.valid_until, row.conditions, ends)


def renewal_of(row: AuthorisationTerms) -> TermsData:
    """What a renewal proposes: the same right for as long again, from the day on which it ends. Risk sets are counted anew."""
    long = row.valid_until - row.valid_from
    return TermsData(tuple(row.lines), tuple(row.countries), tuple(row.divisions), row.valid_until, row.valid_until + long, row.conditions)


def differences(old: AuthorisationTerms, new: TermsData) -> Iterable[str]:
    """The fields in which the terms differ."""
    before = data_of(old)
    for name in ("lines", "countries", "divisions"):
        if set(getattr(before, name)) != set(getattr(new, name)):
            yield name
    for name in ("valid_from", "valid_until"):
        if getattr(before, name) != getattr(new, name):
            yield name
    if before.conditions.strip() != new.conditions.strip():
        yield "conditions"
