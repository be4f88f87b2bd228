"""Every domain's models under one app label, for Django alone; nobody imports this module."""

from certifications.attestations.models import (
    Attestation as Attestation,
    AttestationPayload as AttestationPayload,
    LookUp as LookUp,
    Seal as Seal,
    StatusChange as StatusChange,
)
from certifications.catalogue.models import Clause as Clause, ClauseSet as ClauseSet, Product as Product
from certifications.declarations.models import (
    Declaration as Declaration,
    DeclarationLine as DeclarationLine,
    DeclarationVersion as DeclarationVersion,
    FrozenText as FrozenText,
    Receipt as Receipt,
    Signature as Signature,
)
from certifications.evidence.models import EvidenceDocument as EvidenceDocument, EvidenceLine as EvidenceLine
from certifications.files.models import Blob as Blob
from certifications.flags.models import Case as Case, Decision as Decision, Flag as Flag, Question as Question
from certifications.ledger.models import Event as Event
from certifications.mail.models import Mail as Mail
from certifications.parties.models import (
    Authorisation as Authorisation,
    Customer as Customer,
    Identifier as Identifier,
    Party as Party,
    PartyName as PartyName,
    Site as Site,
)
from certifications.people.models import (
    FactorProof as FactorProof,
    Invitation as Invitation,
    Membership as Membership,
    Organisation as Organisation,
    RegulatorScope as RegulatorScope,
    SecurityEvent as SecurityEvent,
    User as User,
)
from certifications.screening.models import (
    Finding as Finding,
    ListEntry as ListEntry,
    ListSource as ListSource,
    ListVersion as ListVersion,
    ScreeningRun as ScreeningRun,
)
from certifications.work.models import Heartbeat as Heartbeat, Job as Job
