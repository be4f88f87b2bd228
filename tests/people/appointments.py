"""Appointments for tests, by the real actions; the proofs are kept directly."""

from typing import Any

from certifications.people import appointing
from certifications.people.appointing import appointment_digest
from certifications.people.models import Invitation, Organisation, User
from certifications.people.models_appointments import Appointment
from tests.world import World, proof_for

NEW = "su.wen@qinglan.example"


def words(organisation: Organisation, **changes: Any) -> dict[str, Any]:
    """A signatory as an administrator proposes one."""
    given = {"email": NEW, "roles": ["signatory"], "language": "zh-hans", "explanation": "Su Wen, deputy general manager since May."}
    return {"organisation": organisation, **given, **changes}


def proposed(world: World, by: User | None = None, **changes: Any) -> Appointment:
    """On record, waiting for a second person."""
    person, said = by or world.distributor_admin, words(world.qinglan, **changes)
    return appointing.propose(by=person, proof=proof_for(person, appointment_digest(**said)), **said)


def agreed(held: Appointment, by: User) -> tuple[Invitation, str]:
    """Agreed to: the invitation and its token."""
    return appointing.agree(held=held, by=by, proof=proof_for(by, held.digest))
