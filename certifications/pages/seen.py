"""Which role may see which field: every field of every model, written by hand from the product's rules and not from the pages.

`docs/permissions.md` is generated from it, and `tests/e2e/test_fields.py` looks for values where they must not be: on pages,
in exports, over the API. A new model or field without a line here fails a test. Distributors see rows of their own alone.
"""

OWN = frozenset({"filer", "signatory", "distributor_admin"})
ADMIN = frozenset({"distributor_admin"})
SIGNING = frozenset({"signatory", "distributor_admin"})
COMPLIANCE = frozenset({"reviewer", "lead", "auditor"})
REGULATOR = frozenset({"regulator"})
OPERATOR = frozenset({"operator"})
DESK = frozenset({"order_desk"})
SALES = frozenset({"sales"})
UPLOADS = OWN | DESK | frozenset({"reviewer", "lead"})
# Who asks for emergency access; what it shows of one declaration for four hours is no part of this table.
ASKING = DESK | SALES | OPERATOR
PRICES = COMPLIANCE
NOBODY: frozenset[str] = frozenset()
BOTH = OWN | COMPLIANCE
ORDERS = BOTH | DESK
# What an attestation states: whoever may see it reads it, and so does whoever holds the document and its code.
PUBLIC = frozenset({"anybody with the document"})
ATTESTED = BOTH | REGULATOR | PUBLIC
EVERYBODY = BOTH | REGULATOR | OPERATOR | DESK | SALES | PUBLIC
TIP_READERS = frozenset({"tip_reader"})
TIPS = TIP_READERS | {"whoever holds the receipt code"}
MAKER = COMPLIANCE | OPERATOR | DESK | SALES

Audience = frozenset[str]
_PROOFS = "proposed_proof_id agreed_proof_id"

# By model: (who sees what is not named, {fields: who sees those}). Field names stand together with blanks between them.
SEEN: dict[str, tuple[Audience, dict[str, Audience]]] = {
    "Attestation": (
        BOTH | REGULATOR,
        {
            "number status valid_from valid_until": EVERYBODY,
            "code": ATTESTED,
            "released_by": COMPLIANCE,
            "released_proof_id search_text": NOBODY,
        },
    ),
    "AttestationPayload": (NOBODY, {"canonical sha256 made_at": ATTESTED}),
    "LookUp": (REGULATOR, {"id organisation": NOBODY}),
    "Seal": (ATTESTED, {"certificate_sha256": ATTESTED}),
    "StatusChange": (COMPLIANCE, {"public_reason to": ATTESTED, _PROOFS: NOBODY}),
    "Letter": (BOTH | PUBLIC, {"number status": ATTESTED, "asked_by note": BOTH, "project_key form_key": NOBODY}),
    "LetterParty": (BOTH, {}),
    "LetterDecision": (COMPLIANCE, {"public_reason outcome": BOTH | PUBLIC, _PROOFS: NOBODY}),
    "LetterText": (NOBODY, {"sha256": BOTH | PUBLIC}),
    "LetterSeal": (BOTH | PUBLIC, {}),
    "LetterReminder": (NOBODY, {}),
    "Clause": (BOTH | PUBLIC, {}),
    "ClauseSet": (BOTH | REGULATOR | PUBLIC, {"proposal": COMPLIANCE}),
    "EquivalenceGroup": (COMPLIANCE, {"approved_by_id": NOBODY}),
    "Equivalent": (COMPLIANCE | ORDERS, {}),
    "Product": (EVERYBODY, {"classification version_number": COMPLIANCE}),
    "ProductUnit": (ORDERS, {}),
    "OwnershipRule": (COMPLIANCE, {}),
    "Policy": (COMPLIANCE, {}),
    "CatalogueProposal": (COMPLIANCE, {_PROOFS: NOBODY}),
    "ClauseDraft": (COMPLIANCE, {}),
    "ProductVersion": (COMPLIANCE, {}),
    "Declaration": (BOTH, {"number status": ATTESTED | DESK, "form_key": NOBODY}),
    "DeclarationLine": (ATTESTED, {}),
    "DeclarationVersion": (
        ATTESTED,
        {
            # Stands in the text that is signed and confirmed, and not on the attestation.
            "unknown_facts relationship contact value currency samples_per_month": BOTH | PUBLIC,
            "created_at created_by answered": BOTH,
        },
    ),
    "DeclarationParty": (ATTESTED, {}),
    "DeclarationShare": (ATTESTED, {}),
    "DeclarationDocument": (ATTESTED, {"added_at added_by": BOTH}),
    "FrozenText": (BOTH, {"sha256": ATTESTED}),
    "Objection": (BOTH | PUBLIC, {"answered_by": COMPLIANCE}),
    "Receipt": (OWN, {}),
    "ReturnNote": (BOTH, {"by": COMPLIANCE}),
    "Signature": (BOTH, {"proof_id": NOBODY, "sha256": ATTESTED, "signed_name signed_role under": ATTESTED}),
    "Withdrawal": (BOTH, {}),
    "EndUserAnswer": (BOTH | PUBLIC, {"form_key": NOBODY}),
    "EndUserLink": (BOTH, {"token_hash": NOBODY}),
    "EndUserRequest": (BOTH | PUBLIC, {"customer": BOTH, "form_key": NOBODY}),
    "PrintedStatement": (BOTH, {}),
    "ScanFile": (BOTH, {}),
    "StatementScan": (BOTH, {"checked_proof_id form_key": NOBODY}),
    "EvidenceDocument": (COMPLIANCE, {"form_key": NOBODY}),
    "EvidenceCapture": (COMPLIANCE, {"form_key": NOBODY}),
    # Prices are off until two people switch them on for some of these roles.
    "EvidenceLine": (COMPLIANCE, {"unit_price amount": PRICES, "project_key buyer_key": NOBODY}),
    # Of a declaration's documents the attestation repeats name and digest.
    "Blob": (BOTH, {"name": ATTESTED, "sha256": ATTESTED | OPERATOR, "stored_by_id": NOBODY}),
    "Case": (COMPLIANCE, {}),
    "Clearance": (COMPLIANCE, {}),
    "CountedSale": (COMPLIANCE, {}),
    # A distributor's own reports; prices and keys stand on no page. Compliance sees names as they were reported.
    "Movement": (
        BOTH,
        {"unit_price amount currency line part key buyer_type": NOBODY, "taken_back_by": OWN, "invoiced_on event_id": COMPLIANCE},
    ),
    "WrongEvent": (UPLOADS, {"id taken_back_at taken_back_by recorded_at": NOBODY}),
    "TradeCode": (frozenset({"lead"}), {"id recorded_at recorded_by ended_at ended_by": NOBODY}),
    "Sighting": (COMPLIANCE, {"id key taken_back_by": NOBODY}),
    "SalesReport": (BOTH, {}),
    "NothingSold": (BOTH, {}),
    "ReportReminder": (NOBODY, {}),
    "ReportDue": (COMPLIANCE, {"day": BOTH}),
    "Decision": (COMPLIANCE, {"message": BOTH, f"{_PROOFS} form_key": NOBODY}),
    "Flag": (COMPLIANCE, {}),
    "Question": (BOTH, {"asked_by": COMPLIANCE}),
    # What happened to an object is read by whoever reads the object, without the names of the other side's people.
    "Event": (ORDERS | OPERATOR, {"data": COMPLIANCE | ORDERS}),
    "AccessToken": (NOBODY, {}),
    "ApiClient": (ADMIN | {"lead"}, {"secret_hash made_proof_id": NOBODY}),
    "Delivery": (ADMIN | {"lead"}, {}),
    "KeptAnswer": (NOBODY, {}),
    "Webhook": (ADMIN | {"lead"}, {"secret made_proof_id": NOBODY}),
    # Its own subject stands on the home page of a distributor's person it was sent to.
    "Mail": (NOBODY, {"subject path created_at": OWN}),
    "Balance": (ORDERS, {}),
    "BalanceEntry": (BOTH, {"by_id key": NOBODY}),
    # What a distributor typed of its customer may name an end user: no desk reads it.
    "OrderLine": (
        ORDERS,
        {
            "customer_ref": BOTH,
            "order_number line catalogue_number quantity unit status wanted_on shipped returned reserved": ORDERS | SALES,
        },
    ),
    "Customer": (BOTH, {"note": OWN, "form_key native_order latin_order": NOBODY}),
    "Identifier": (ATTESTED, {}),
    "Party": (ATTESTED, {"line_of_business": BOTH | PUBLIC, "revision": COMPLIANCE}),
    "PartyName": (ATTESTED, {}),
    # What it was called before: its distributor and compliance.
    "FormerKey": (BOTH, {}),
    "Site": (ATTESTED, {}),
    # The card of a customer: its distributor and compliance.
    "CardChange": (BOTH, {}),
    "Contact": (BOTH, {}),
    "CoveredSite": (BOTH, {}),
    "CustomerPaper": (BOTH, {"form_key": NOBODY}),
    "GroupLink": (BOTH, {}),
    "Laboratory": (BOTH, {}),
    "PaperReminder": (NOBODY, {}),
    "QuestionDraft": (COMPLIANCE, {}),
    "Questionnaire": (BOTH, {"proposal": COMPLIANCE}),
    "QuestionnaireAnswer": (BOTH, {}),
    "QuestionnaireQuestion": (BOTH, {}),
    # A distributor sees what it stated of its own customers alone.
    "Ownership": (BOTH, {"form_key": NOBODY, "held let_go_by let_go_agreed_by": COMPLIANCE}),
    # Across distributors: no distributor learns that a party of its may be one of another's.
    "IdentityCandidate": (COMPLIANCE, {}),
    "IdentityAnswer": (COMPLIANCE, {_PROOFS: NOBODY}),
    # What names outside mean: no distributor learns that a notice may mean a customer of its own, or another's.
    "Weighing": (COMPLIANCE, {}),
    "BulkLimit": (COMPLIANCE, {}),
    "BulkCheck": (COMPLIANCE, {"form_key": NOBODY}),
    "BulkRow": (COMPLIANCE, {}),
    "ReportedName": (COMPLIANCE, {}),
    "NameUse": (COMPLIANCE, {}),
    "NameCandidate": (COMPLIANCE, {}),
    "NameAnswer": (COMPLIANCE, {}),
    "PartyAlias": (COMPLIANCE, {_PROOFS: NOBODY}),
    "Authorisation": (BOTH | SALES, {"renews": COMPLIANCE}),
    "AuthorisationChange": (COMPLIANCE, {"to holds_from public_reason": BOTH, _PROOFS: NOBODY}),
    "AuthorisationDocument": (COMPLIANCE, {}),
    "AuthorisationReminder": (NOBODY, {}),
    "AuthorisationTerms": (
        BOTH,
        {"lines countries divisions valid_from valid_until": BOTH | SALES, "recorded_by reason": BOTH, "proof_id": NOBODY},
    ),
    "CheckCount": (COMPLIANCE, {}),
    "RegisterCell": (NOBODY, {}),
    "RiskSet": (COMPLIANCE, {}),
    "TrainingRecord": (COMPLIANCE, {}),
    "Acceptance": (BOTH, {"proof_id": NOBODY}),
    "Nomination": (BOTH, {"decided_by": COMPLIANCE, "form_key": NOBODY}),
    "FactorProof": (NOBODY, {}),
    "Invitation": (ADMIN | {"lead"}, {"token_hash": NOBODY, "email": ADMIN | {"lead"} | PUBLIC}),
    "Membership": (ADMIN | {"lead"}, {}),
    "Organisation": (EVERYBODY, {"time_zone": NOBODY}),
    "RegulatorScope": (REGULATOR, {}),
    "SecurityEvent": (NOBODY, {}),
    # One's own name and address stand in the frame of every page; of colleagues the name (who agreed to an emergency
    # access among them); of the other side nobody's.
    "User": (NOBODY, {"name": BOTH | ASKING, "email": ADMIN | {"lead"} | COMPLIANCE, "language time_zone": NOBODY}),
    # Administrators of the distributor, and compliance.
    "Appointment": (ADMIN | COMPLIANCE, {_PROOFS: NOBODY}),
    "Delegation": (
        SIGNING | COMPLIANCE,
        {"number delegator_name delegator_role signed_on": ATTESTED, f"{_PROOFS} accepted_proof_id": NOBODY},
    ),
    "DelegationReminder": (NOBODY, {}),
    "EmergencyAccess": (
        BOTH | ASKING,
        {"proposed_by agreed_by agreed_at closed_by": COMPLIANCE | ASKING, "voided_by voided_at": COMPLIANCE, _PROOFS: NOBODY},
    ),
    "EmergencyLook": (BOTH | ASKING, {"by": COMPLIANCE}),
    "PriceSight": (COMPLIANCE, {_PROOFS: NOBODY}),
    # Named readers alone, and whoever holds the receipt code; of others in compliance nobody.
    "Tip": (TIPS, {"number noted outcome reason": TIP_READERS, "receipt_hash": NOBODY}),
    "TipFile": (TIP_READERS, {}),
    "TipMessage": (TIPS, {"reader noted": TIP_READERS}),
    "TipReader": (COMPLIANCE, {_PROOFS: NOBODY}),
    "Substitution": (BOTH, {}),
    "Succession": (NOBODY, {}),
    "ProgrammeStart": (COMPLIANCE, {_PROOFS: NOBODY}),
    "StockCount": (BOTH, {}),
    "StockConfirmation": (BOTH, {"digest": OWN, "proof_id": NOBODY, "under": BOTH}),
    "OldCertificate": (BOTH, {"form_key": NOBODY}),
    "Finding": (COMPLIANCE, {}),
    "ListEntry": (COMPLIANCE, {}),
    "ListException": (COMPLIANCE | OPERATOR, {_PROOFS: NOBODY}),
    "ListSource": (COMPLIANCE | OPERATOR, {"title code": ATTESTED | OPERATOR}),
    "ListVersion": (COMPLIANCE | OPERATOR, {"sha256 entry_count imported_at": ATTESTED | OPERATOR}),
    "ScreeningRun": (COMPLIANCE, {}),
    "DeltaReach": (COMPLIANCE, {}),
    "ListDelta": (COMPLIANCE | OPERATOR, {}),
    "Rescreening": (COMPLIANCE | OPERATOR, {}),
    "RescreeningChunk": (COMPLIANCE | OPERATOR, {"parties": NOBODY}),
    # Each side its own: a distributor's files, the maker's shipments (its order desk too) and service. No other distributor's, no side the other's.
    "Upload": (UPLOADS, {"number": UPLOADS | COMPLIANCE, "form_key": NOBODY}),
    "UploadColumns": (UPLOADS, {}),
    "UploadKey": (NOBODY, {}),
    "UploadProblem": (UPLOADS, {}),
    "UploadRow": (UPLOADS, {}),
    "Heartbeat": (OPERATOR | {"auditor"}, {}),
    "Job": (OPERATOR | {"auditor"}, {}),
}


def audience(model: str, field: str) -> Audience:
    """Who may see a field. Raises KeyError for a model without a line."""
    others, named = SEEN[model]
    return next((who for names, who in named.items() if field in names.split()), others)


def unknown(models: dict[str, set[str]]) -> list[str]:
    """What of the models (name: their fields) has no line here, and what here is no such field."""
    missing = [f"{model} has no line" for model in sorted(models.keys() - SEEN.keys())]
    for model, (_others, named) in SEEN.items():
        missing += [f"{model}.{name} does not exist" for names in named for name in names.split() if name not in models.get(model, set())]
    return missing
