"""Every domain's models under one app label, for Django alone; nobody imports this module."""

from certifications.attestations.models import (
    Attestation as Attestation,
)
from certifications.attestations.models import (
    AttestationPayload as AttestationPayload,
)
from certifications.attestations.models import (
    LookUp as LookUp,
)
from certifications.attestations.models import (
    Seal as Seal,
)
from certifications.attestations.models import (
    StatusChange as StatusChange,
)
from certifications.catalogue.models import Clause as Clause
from certifications.catalogue.models import ClauseSet as ClauseSet
from certifications.catalogue.models import EquivalenceGroup as EquivalenceGroup
from certifications.catalogue.models import Equivalent as Equivalent
from certifications.catalogue.models import Product as Product
from certifications.catalogue.models import ProductUnit as ProductUnit
from certifications.catalogue.models_ownership import OwnershipRule as OwnershipRule
from certifications.catalogue.models_policies import Policy as Policy
from certifications.catalogue.models_questions import (
    QuestionDraft as QuestionDraft,
)
from certifications.catalogue.models_questions import (
    Questionnaire as Questionnaire,
)
from certifications.catalogue.models_questions import (
    QuestionnaireAnswer as QuestionnaireAnswer,
)
from certifications.catalogue.models_questions import (
    QuestionnaireQuestion as QuestionnaireQuestion,
)
from certifications.catalogue.models_versions import CatalogueProposal as CatalogueProposal
from certifications.catalogue.models_versions import ClauseDraft as ClauseDraft
from certifications.catalogue.models_versions import ProductVersion as ProductVersion
from certifications.custody.models import Movement as Movement
from certifications.custody.models import NothingSold as NothingSold
from certifications.custody.models import ReportDue as ReportDue
from certifications.custody.models import ReportReminder as ReportReminder
from certifications.custody.models import SalesReport as SalesReport
from certifications.custody.models_codes import TradeCode as TradeCode
from certifications.custody.models_codes import WrongEvent as WrongEvent
from certifications.custody.models_sightings import Sighting as Sighting
from certifications.declarations.models import (
    Declaration as Declaration,
)
from certifications.declarations.models import (
    DeclarationLine as DeclarationLine,
)
from certifications.declarations.models import (
    DeclarationVersion as DeclarationVersion,
)
from certifications.declarations.models import (
    FrozenText as FrozenText,
)
from certifications.declarations.models import (
    Objection as Objection,
)
from certifications.declarations.models import (
    Receipt as Receipt,
)
from certifications.declarations.models import (
    ReturnNote as ReturnNote,
)
from certifications.declarations.models import (
    Signature as Signature,
)
from certifications.declarations.models import (
    Withdrawal as Withdrawal,
)
from certifications.declarations.models_emergency import EmergencyAccess as EmergencyAccess
from certifications.declarations.models_emergency import EmergencyLook as EmergencyLook
from certifications.declarations.models_enduser import (
    EndUserAnswer as EndUserAnswer,
)
from certifications.declarations.models_enduser import (
    EndUserLink as EndUserLink,
)
from certifications.declarations.models_enduser import (
    EndUserRequest as EndUserRequest,
)
from certifications.declarations.models_enduser import (
    PrintedStatement as PrintedStatement,
)
from certifications.declarations.models_enduser import (
    ScanFile as ScanFile,
)
from certifications.declarations.models_enduser import (
    StatementScan as StatementScan,
)
from certifications.declarations.models_parts import (
    DeclarationDocument as DeclarationDocument,
)
from certifications.declarations.models_parts import (
    DeclarationParty as DeclarationParty,
)
from certifications.declarations.models_parts import (
    DeclarationShare as DeclarationShare,
)
from certifications.evidence.models import EvidenceCapture as EvidenceCapture
from certifications.evidence.models import EvidenceDocument as EvidenceDocument
from certifications.evidence.models import EvidenceLine as EvidenceLine
from certifications.evidence.models_intake import BulkCheck as BulkCheck
from certifications.evidence.models_intake import BulkLimit as BulkLimit
from certifications.evidence.models_intake import BulkRow as BulkRow
from certifications.evidence.models_intake import Weighing as Weighing
from certifications.files.models import Blob as Blob
from certifications.flags.models import Case as Case
from certifications.flags.models import Clearance as Clearance
from certifications.flags.models import CountedSale as CountedSale
from certifications.flags.models import Decision as Decision
from certifications.flags.models import Flag as Flag
from certifications.flags.models import Question as Question
from certifications.ledger.models import Event as Event
from certifications.letters.models import Letter as Letter
from certifications.letters.models import LetterDecision as LetterDecision
from certifications.letters.models import LetterParty as LetterParty
from certifications.letters.models import LetterReminder as LetterReminder
from certifications.letters.models import LetterSeal as LetterSeal
from certifications.letters.models import LetterText as LetterText
from certifications.machines.models import AccessToken as AccessToken
from certifications.machines.models import ApiClient as ApiClient
from certifications.machines.models import Delivery as Delivery
from certifications.machines.models import KeptAnswer as KeptAnswer
from certifications.machines.models import Webhook as Webhook
from certifications.mail.models import Mail as Mail
from certifications.orders.models import Balance as Balance
from certifications.orders.models import BalanceEntry as BalanceEntry
from certifications.orders.models import OrderLine as OrderLine
from certifications.parties.models import (
    Customer as Customer,
)
from certifications.parties.models import (
    Identifier as Identifier,
)
from certifications.parties.models import (
    Party as Party,
)
from certifications.parties.models import (
    PartyName as PartyName,
)
from certifications.parties.models import (
    Site as Site,
)
from certifications.parties.models_aliases import PartyAlias as PartyAlias
from certifications.parties.models_card import (
    CardChange as CardChange,
)
from certifications.parties.models_card import (
    Contact as Contact,
)
from certifications.parties.models_card import (
    CoveredSite as CoveredSite,
)
from certifications.parties.models_card import (
    CustomerPaper as CustomerPaper,
)
from certifications.parties.models_card import (
    GroupLink as GroupLink,
)
from certifications.parties.models_card import (
    Laboratory as Laboratory,
)
from certifications.parties.models_card import (
    PaperReminder as PaperReminder,
)
from certifications.parties.models_checks import CheckCount as CheckCount
from certifications.parties.models_former import FormerKey as FormerKey
from certifications.parties.models_identities import IdentityAnswer as IdentityAnswer
from certifications.parties.models_identities import IdentityCandidate as IdentityCandidate
from certifications.parties.models_owners import Ownership as Ownership
from certifications.parties.models_register import (
    Authorisation as Authorisation,
)
from certifications.parties.models_register import (
    AuthorisationChange as AuthorisationChange,
)
from certifications.parties.models_register import (
    AuthorisationDocument as AuthorisationDocument,
)
from certifications.parties.models_register import (
    AuthorisationReminder as AuthorisationReminder,
)
from certifications.parties.models_register import (
    AuthorisationTerms as AuthorisationTerms,
)
from certifications.parties.models_register import (
    RegisterCell as RegisterCell,
)
from certifications.parties.models_register import (
    RiskSet as RiskSet,
)
from certifications.parties.models_register import (
    TrainingRecord as TrainingRecord,
)
from certifications.parties.models_resellers import (
    Acceptance as Acceptance,
)
from certifications.parties.models_resellers import (
    Nomination as Nomination,
)
from certifications.people.models import (
    FactorProof as FactorProof,
)
from certifications.people.models import (
    Invitation as Invitation,
)
from certifications.people.models import (
    Membership as Membership,
)
from certifications.people.models import (
    Organisation as Organisation,
)
from certifications.people.models import (
    RegulatorScope as RegulatorScope,
)
from certifications.people.models import (
    SecurityEvent as SecurityEvent,
)
from certifications.people.models import (
    User as User,
)
from certifications.people.models_appointments import Appointment as Appointment
from certifications.people.models_delegations import Delegation as Delegation
from certifications.people.models_delegations import DelegationReminder as DelegationReminder
from certifications.people.models_leave import Substitution as Substitution
from certifications.people.models_leave import Succession as Succession
from certifications.people.models_prices import PriceSight as PriceSight
from certifications.people.models_tips import TipReader as TipReader
from certifications.programme.models import OldCertificate as OldCertificate
from certifications.programme.models import ProgrammeStart as ProgrammeStart
from certifications.programme.models import StockConfirmation as StockConfirmation
from certifications.programme.models import StockCount as StockCount
from certifications.resolution.models import NameAnswer as NameAnswer
from certifications.resolution.models import NameCandidate as NameCandidate
from certifications.resolution.models import NameUse as NameUse
from certifications.resolution.models import ReportedName as ReportedName
from certifications.screening.models import (
    Finding as Finding,
)
from certifications.screening.models import (
    ListEntry as ListEntry,
)
from certifications.screening.models import (
    ListException as ListException,
)
from certifications.screening.models import (
    ListSource as ListSource,
)
from certifications.screening.models import (
    ListVersion as ListVersion,
)
from certifications.screening.models import (
    ScreeningRun as ScreeningRun,
)
from certifications.screening.models_rescreening import (
    DeltaReach as DeltaReach,
)
from certifications.screening.models_rescreening import (
    ListDelta as ListDelta,
)
from certifications.screening.models_rescreening import (
    Rescreening as Rescreening,
)
from certifications.screening.models_rescreening import (
    RescreeningChunk as RescreeningChunk,
)
from certifications.tips.models import Tip as Tip
from certifications.tips.models import TipFile as TipFile
from certifications.tips.models import TipMessage as TipMessage
from certifications.uploads.models import Upload as Upload
from certifications.uploads.models import UploadColumns as UploadColumns
from certifications.uploads.models import UploadKey as UploadKey
from certifications.uploads.models import UploadProblem as UploadProblem
from certifications.uploads.models import UploadRow as UploadRow
from certifications.work.models import Heartbeat as Heartbeat
from certifications.work.models import Job as Job
