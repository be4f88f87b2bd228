"""Helpers of the register's tests: enter, change and ask, by the real actions, in few words."""

import datetime as dt
from typing import Any

from django.db import connection

from certifications.files.actions import store
from certifications.ledger.ids import new_ulid
from certifications.parties import changes, nominating
from certifications.parties.authorising import record_authorisation
from certifications.parties.models import Party, PartyName
from certifications.parties.models_register import Authorisation, AuthorisationChange
from certifications.parties.models_resellers import Nomination
from certifications.parties.rules_register import TermsData
from tests.world import World, proof_for

TODAY = dt.datetime.now(tz=dt.UTC).date()
DAY = dt.timedelta(days=1)


def now() -> dt.datetime:
    """The database's clock, which stamps what is entered."""
    with connection.cursor() as cursor:
        cursor.execute("SELECT clock_timestamp()")
        return cursor.fetchone()[0]


def party(name: str = "蚌埠淮禾仪器有限公司", kind: str = "reseller") -> Party:
    """A party that the register knows by name, without any right yet."""
    made = Party.objects.create(kind=kind, country="CN", division="340300", line_of_business="Instruments")
    PartyName.objects.create(party=made, text=name, script="Hani", kind="official")
    return made


def terms(since: int = 100, until: int = 100, **more: Any) -> TermsData:
    """Terms from `since` days ago until in `until` days: kits, China."""
    values: dict[str, Any] = {"lines": ("kits",), "countries": ("CN",), "divisions": (), "conditions": ""}
    return TermsData(**{**values, "valid_from": TODAY - since * DAY, "valid_until": TODAY + until * DAY, **more})


def entered(holder: Party, *, parent: Authorisation | None = None, **more: Any) -> Authorisation:
    """An authorisation entered now."""
    return record_authorisation(party=holder, by=None, data=terms(**more), parent=parent)


def proposed(world: World, held: Authorisation, to: str, on: dt.date = TODAY, reason: str = "") -> AuthorisationChange:
    """A change that one person proposed."""
    reason = reason or {"suspended": "evidence", "revoked": "terms_broken", "authorised": "resolved"}[to]
    words: dict[str, Any] = {
        "to": to,
        "holds_from": on,
        "reason": reason,
        "explanation": "What was seen, and how it is known, in enough words.",
        "public_reason": "Your authorisation was looked at again.",
    }
    proof = proof_for(world.reviewer, changes.change_digest(authorisation=held, **words))
    return changes.propose_change(authorisation=held, by=world.reviewer, proof=proof, **words)


def changed(world: World, held: Authorisation, to: str, on: dt.date = TODAY) -> AuthorisationChange:
    """A change that two people agreed to."""
    change = proposed(world, held, to, on)
    changes.agree_change(change=change, by=world.second_reviewer, proof=proof_for(world.second_reviewer, change.digest))
    change.refresh_from_db()
    return change


def nominated(world: World, top: Authorisation) -> Nomination:
    """A reseller below Qinglan, accepted by both hops, that waits for compliance."""
    below = world.customer(native_name="蚌埠淮禾仪器有限公司", latin_name="Huaihe Instruments", kind="reseller", division="340300")
    data = TermsData(("kits",), ("CN",), ("340000",), TODAY, TODAY + 100 * DAY)
    held = nominating.nominate(parent=top, party=below.party, by=world.filer, data=data, form_key=new_ulid())
    nominating.accept(nomination=held, by=world.signatory, proof=proof_for(world.signatory, held.digest))
    paper = store(b"%PDF-1.7", name="a.pdf", media_type="application/pdf")
    nominating.accept_by_paper(nomination=held, by=world.filer, blob=paper, signed_name="Chen Yi", signed_on=TODAY)
    return held
