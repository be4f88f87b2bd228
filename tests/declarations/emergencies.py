"""Emergency accesses for tests, by the real actions; the proofs are kept directly."""

from certifications.declarations import emergency
from certifications.declarations.models import Declaration
from certifications.declarations.models_emergency import EmergencyAccess
from certifications.people.models import User
from tests.world import World, proof_for

WORDS = {"reason": "recall", "explanation": "The courier holds a parcel that leaks; we must know where it goes."}


def asked(by: User, declaration: Declaration) -> EmergencyAccess:
    """Waiting for a second person."""
    digest = emergency.emergency_digest(declaration=declaration, version=emergency.signed_version(declaration), **WORDS)
    return emergency.ask(by=by, number=declaration.number, proof=proof_for(by, digest), **WORDS)


def opened(world: World, by: User, declaration: Declaration) -> EmergencyAccess:
    """Agreed to by a reviewer."""
    access = asked(by, declaration)
    return emergency.agree(access=access, by=world.reviewer, proof=proof_for(world.reviewer, access.digest))
