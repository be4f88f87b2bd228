"""Who may open what, written by hand from the product's rules and not from the code: name of the address to people.

Everybody not named gets 404 (signed in) or the way to sign in (nobody). Objects belong to the distributor Qinglan; the
stranger works at another distributor that has the same hospital as its customer.
"""

ANYBODY = "anybody"
QINGLAN = {"filer", "signatory", "distributor_admin"}
# The other distributor sees its own lists; Qinglan's objects do not exist for it.
DISTRIBUTORS = QINGLAN | {"stranger"}
COMPLIANCE = {"reviewer", "second_reviewer", "lead", "auditor"}
DECIDERS = {"reviewer", "second_reviewer", "lead"}
REGULATORS = {"regulator", "foreign_regulator"}

# Seen with a program's token alone: a person's cookie opens nothing there.
PROGRAM = "program"
ORDERS = DISTRIBUTORS | COMPLIANCE | {"order_desk"}
ASKERS = {"filer", "stranger", "order_desk"}
# Who sends the maker's own files; one file of shipments is the object.
SENDERS = DECIDERS | {"order_desk"}
MANAGERS = {"distributor_admin", "lead"}
EMERGENCY = {"order_desk", "sales", "operator"}
SIGN_POWERS = {"distributor_admin", "signatory", "stranger"} | COMPLIANCE

MATRIX: dict[str, set[str] | str] = {
    "email-closed": set(), "landing": ANYBODY, "set-theme": ANYBODY, "set-language": ANYBODY, "start": "signed in", "healthz": ANYBODY, "readyz": ANYBODY,
    "public:verify": ANYBODY, "public:verify-number": ANYBODY, "channel:check": ANYBODY, "channel:tip": ANYBODY, "channel:tip-again": ANYBODY,
    "people:mailbox": ANYBODY, "people:demo-codes": ANYBODY, "people:welcome": ANYBODY,
    "people:own": {"distributor_admin", "lead"}, "people:invite": {"distributor_admin", "lead"},
    "people:revoke": {"distributor_admin", "lead"}, "people:end": {"distributor_admin", "lead"},
    "people:leave": "signed in", "people:leave-new": "signed in", "people:leave-end": {"signatory", "distributor_admin", "lead"},
    "people:appointments": COMPLIANCE | {"distributor_admin"}, "people:appointment-agree": DECIDERS | {"distributor_admin"},
    "people:appointment-void": DECIDERS | {"distributor_admin"},
    "people:delegations": SIGN_POWERS, "people:delegations-csv": SIGN_POWERS, "people:delegation-new": {"distributor_admin"},
    "people:delegation": SIGN_POWERS - {"stranger"}, "people:delegation-paper": SIGN_POWERS - {"stranger"},
    "people:delegation-accept": {"signatory", "stranger"}, "people:delegation-agree": DECIDERS,
    "people:delegation-void": SIGN_POWERS, "people:delegation-end": SIGN_POWERS,
    "distributors:home": DISTRIBUTORS, "distributors:customers": DISTRIBUTORS, "distributors:customers-export": DISTRIBUTORS,
    "distributors:customer-new": {"filer", "stranger"}, "distributors:customer": QINGLAN, "distributors:customer-edit": {"filer"},
    "distributors:owners-export": DISTRIBUTORS, "distributors:owner-new": {"filer"}, "distributors:owner-end": {"filer", "stranger"},
    **{f"distributors:{name}": {"filer"} for name in (
        "site-new", "site", "site-end", "laboratory-new", "laboratory", "laboratory-end", "contact-new", "contact", "contact-remove",
        "paper-new", "paper-withdraw", "group", "group-leave", "questions",
    )},
    "distributors:paper": QINGLAN, "distributors:timeline": QINGLAN, "distributors:timeline-csv": QINGLAN,
    "compliance:party-timeline": COMPLIANCE, "compliance:party-timeline-csv": COMPLIANCE, "compliance:party-paper": COMPLIANCE,
    "distributors:declarations": DISTRIBUTORS, "distributors:declarations-export": DISTRIBUTORS,
    "distributors:declaration-new": {"filer", "stranger"}, "distributors:declaration": QINGLAN,
    "distributors:declaration-edit": {"filer"}, "distributors:declaration-step": {"filer"}, "distributors:declaration-check": QINGLAN,
    "distributors:declaration-documents": {"filer"}, "distributors:declaration-document": QINGLAN, "compliance:declaration-document": COMPLIANCE,
    "distributors:declaration-document-remove": {"filer", "stranger"}, "distributors:declaration-changes": QINGLAN,
    "distributors:declaration-copy": {"filer"}, "distributors:declaration-amend": {"filer"}, "distributors:declaration-renew": {"filer"}, "distributors:declaration-withdraw": {"filer"},
    "distributors:declaration-reopen": {"filer", "stranger"}, "distributors:declaration-sign": {"signatory"}, "distributors:sign-many": {"signatory", "stranger"},
    "distributors:attestations-csv": DISTRIBUTORS, "distributors:reports-csv": DISTRIBUTORS, "distributors:rights-csv": DISTRIBUTORS,
    "distributors:customer-check": {"filer", "signatory", "stranger"}, "distributors:uploads-csv": {"filer", "stranger"}, "compliance:uploads-csv": SENDERS,
    "distributors:receipt": QINGLAN, "distributors:attestation": QINGLAN, "distributors:attestations": DISTRIBUTORS,
    "distributors:question": {"filer", "signatory"},
    "distributors:uploads": {"filer", "stranger"}, "distributors:upload-new": {"filer", "stranger"},
    "distributors:upload-memory": {"filer", "stranger"}, "distributors:upload-workbook": {"filer", "stranger"},
    "distributors:upload": {"filer"}, "distributors:upload-columns": {"filer"}, "distributors:upload-rows": {"filer"},
    "distributors:upload-again": {"filer", "stranger"}, "distributors:upload-mend": {"filer", "stranger"}, "distributors:upload-commit": {"filer", "stranger"},
    "distributors:upload-cancel": {"filer"}, "distributors:upload-undo": {"filer"}, "distributors:upload-rejected": {"filer"},
    "compliance:prices": COMPLIANCE, "compliance:prices-agree": DECIDERS, "compliance:prices-void": DECIDERS,
    **{f"compliance:{name}": {"second_reviewer"} for name in (
        "tips", "tips-spam", "tip", "tip-file", "tip-ask", "tip-close", "tip-reopen", "tip-capture",
    )},
    "compliance:tip-readers": COMPLIANCE, "compliance:tip-reader-agree": DECIDERS, "compliance:tip-reader-void": DECIDERS,
    "compliance:queue": COMPLIANCE, "compliance:desk": COMPLIANCE, "compliance:desk-csv": COMPLIANCE, "compliance:assign": DECIDERS, "compliance:decide": DECIDERS, "compliance:agree": DECIDERS,
    "compliance:disagree": DECIDERS, "compliance:ask": DECIDERS, "compliance:unask": DECIDERS, "compliance:reopen": DECIDERS,
    "compliance:evidence": COMPLIANCE, "compliance:evidence-new": DECIDERS, "compliance:evidence-detail": COMPLIANCE, "compliance:evidence-state": COMPLIANCE,
    "compliance:evidence-withdraw": DECIDERS, "compliance:evidence-source": COMPLIANCE, "compliance:evidence-source-new": DECIDERS,
    "compliance:evidence-export": COMPLIANCE,
    "compliance:intake": COMPLIANCE, "compliance:intake-csv": COMPLIANCE, "compliance:intake-back": DECIDERS,
    "compliance:bulk": COMPLIANCE, "compliance:bulk-limit": {"lead"}, "compliance:bulk-set": COMPLIANCE, "compliance:bulk-abandon": DECIDERS,
    "compliance:bulk-undo": DECIDERS,
    "compliance:names": COMPLIANCE, "compliance:names-csv": COMPLIANCE, "compliance:name": COMPLIANCE,
    "compliance:declaration": COMPLIANCE, "compliance:declaration-answer": DECIDERS, "compliance:declaration-return": DECIDERS, "distributors:declaration-objection": {"signatory"},
    "compliance:release": DECIDERS, "compliance:attestations": COMPLIANCE, "compliance:attestation": COMPLIANCE,
    "compliance:attestation-change": DECIDERS, "compliance:attestation-agree": DECIDERS, "compliance:attestation-void": DECIDERS,
    "compliance:attestation-pdf": COMPLIANCE,
    "compliance:programme": COMPLIANCE, "compliance:programme-propose": {"lead"}, "compliance:programme-csv": COMPLIANCE, "compliance:programme-run": COMPLIANCE, "compliance:programme-look": COMPLIANCE,
    "compliance:programme-agree": DECIDERS, "compliance:programme-void": DECIDERS, "compliance:programme-distributor": COMPLIANCE,
    "compliance:programme-stock-csv": COMPLIANCE, "compliance:programme-certificates-csv": COMPLIANCE, "compliance:certificate-file": COMPLIANCE,
    "distributors:stock": DISTRIBUTORS, "distributors:stock-csv": DISTRIBUTORS, "distributors:stock-row": QINGLAN, "distributors:stock-confirm": {"signatory", "stranger"},
    "distributors:certificates": DISTRIBUTORS, "distributors:certificates-csv": DISTRIBUTORS, "distributors:certificate-new": {"filer", "stranger"},
    "distributors:certificate": QINGLAN, "distributors:certificate-file": QINGLAN, "distributors:certificate-withdraw": {"filer"},
    "distributors:reports": DISTRIBUTORS, "distributors:report-nothing": {"filer", "stranger"}, "distributors:movements": DISTRIBUTORS,
    "distributors:movements-csv": DISTRIBUTORS, "compliance:reports": COMPLIANCE, "compliance:reports-csv": COMPLIANCE,
    "compliance:movements": COMPLIANCE, "compliance:movements-csv": COMPLIANCE, "compliance:units": COMPLIANCE, "compliance:units-csv": COMPLIANCE,
    **{f"compliance:{name}": SENDERS for name in (
        "uploads", "upload-new", "upload-memory", "upload-workbook", "upload", "upload-columns", "upload-rows", "upload-again", "upload-mend",
        "upload-commit", "upload-cancel", "upload-undo", "upload-rejected",
    )},
    "compliance:letters": COMPLIANCE, "compliance:letters-csv": COMPLIANCE, "compliance:letter": COMPLIANCE, "compliance:letter-pdf": COMPLIANCE,
    "compliance:letter-decide": DECIDERS, "compliance:letter-agree": DECIDERS, "compliance:letter-void": DECIDERS,
    "distributors:letters": DISTRIBUTORS, "distributors:letters-csv": DISTRIBUTORS, "distributors:letter": QINGLAN, "distributors:letter-pdf": QINGLAN,
    "distributors:letter-new": {"filer", "signatory", "stranger"}, "distributors:letter-withdraw": {"filer", "signatory"},
    "compliance:parties": COMPLIANCE, "compliance:party": COMPLIANCE, "compliance:alias-propose": DECIDERS, "compliance:alias-end": DECIDERS,
    "compliance:alias-agree": DECIDERS, "compliance:alias-void": DECIDERS,
    "compliance:identities": COMPLIANCE, "compliance:identities-csv": COMPLIANCE, "compliance:identity": COMPLIANCE, "compliance:identity-agree": DECIDERS,
    "compliance:identity-void": DECIDERS,
    "compliance:owners-csv": COMPLIANCE, "compliance:owner-new": DECIDERS, "compliance:owner-end": DECIDERS,
    "compliance:catalogue": COMPLIANCE, "compliance:catalogue-csv": COMPLIANCE, "compliance:product": COMPLIANCE,
    "compliance:product-new": {"lead"}, "compliance:product-version": {"lead"}, "compliance:equivalents": COMPLIANCE,
    "compliance:clauses": COMPLIANCE, "compliance:clause-set": COMPLIANCE, "compliance:clauses-draft": {"lead"}, "compliance:clauses-check": {"lead"},
    "distributors:declaration-clauses": {"filer", "signatory"},
    "compliance:ownership-rules": COMPLIANCE, "compliance:ownership-rule": COMPLIANCE, "compliance:ownership-rule-new": {"lead"},
    "compliance:questions": COMPLIANCE, "compliance:questions-draft": {"lead"}, "compliance:question-new": {"lead"},
    "compliance:question-edit": {"lead"}, "compliance:question-move": {"lead"},
    "compliance:policies": COMPLIANCE, "compliance:policy": COMPLIANCE, "compliance:policy-new": {"lead"},
    "compliance:catalogue-proposals": COMPLIANCE, "compliance:catalogue-proposal": COMPLIANCE, "compliance:catalogue-agree": DECIDERS,
    "compliance:catalogue-void": DECIDERS,
    "compliance:register": COMPLIANCE, "compliance:register-csv": COMPLIANCE, "compliance:register-ending": COMPLIANCE, "compliance:register-history": COMPLIANCE,
    "compliance:register-history-csv": COMPLIANCE, "compliance:right-new": {"lead"}, "compliance:right": COMPLIANCE,
    "compliance:right-correct": {"lead"}, "compliance:right-papers": {"lead"}, "compliance:right-paper": COMPLIANCE,
    "compliance:right-trainings": {"lead"}, "compliance:right-change": DECIDERS, "compliance:right-agree": DECIDERS,
    "compliance:right-void": DECIDERS, "compliance:nominations": COMPLIANCE, "compliance:nominations-csv": COMPLIANCE, "compliance:register-ending-csv": COMPLIANCE,
    "compliance:programme-starts-csv": COMPLIANCE, "compliance:nomination": COMPLIANCE,
    "compliance:nomination-approve": DECIDERS, "compliance:nomination-refuse": DECIDERS, "compliance:nomination-paper": COMPLIANCE,
    "distributors:nominate": {"filer", "signatory", "stranger"}, "distributors:nomination": QINGLAN,
    "distributors:nomination-accept": {"signatory"}, "distributors:nomination-file": {"filer", "signatory"},
    "distributors:nomination-withdraw": {"filer", "signatory"}, "distributors:rights": DISTRIBUTORS, "distributors:right": QINGLAN,
    "enduser:confirm": ANYBODY,
    "distributors:end-user": QINGLAN, "distributors:end-user-ask": {"filer", "signatory"}, "distributors:end-user-revoke": {"filer", "signatory"},
    "distributors:end-user-print": {"filer", "signatory"}, "distributors:end-user-statement": QINGLAN,
    "distributors:end-user-scan": {"filer", "signatory"}, "distributors:end-user-check": {"signatory"}, "distributors:end-user-file": QINGLAN,
    "compliance:end-user": COMPLIANCE, "compliance:end-user-statement": COMPLIANCE, "compliance:end-user-check": DECIDERS,
    "compliance:end-user-file": COMPLIANCE,
    "regulators:attestations": REGULATORS, "regulators:export": REGULATORS, "regulators:lookups": REGULATORS,
    "regulators:attestation": {"regulator"}, "regulators:pdf": {"regulator"},
    "operators:health": {"auditor", "operator"}, "operators:retry": {"operator"},
    "operators:lists": COMPLIANCE | {"operator"}, "operators:list": COMPLIANCE | {"operator"},
    "operators:list-import": {"lead"}, "operators:list-in-force": {"lead"}, "operators:list-new": {"lead"},
    "operators:list-review": {"lead"}, "operators:list-csv": COMPLIANCE, "operators:list-version": COMPLIANCE | {"operator"},
    "operators:rescreenings": COMPLIANCE | {"operator"}, "operators:rescreening-new": {"lead"},
    "operators:rescreening-cancel": {"lead", "operator"},
    "operators:list-propose": {"lead"}, "operators:list-agree": DECIDERS, "operators:list-void": DECIDERS,
    "orders:list": ORDERS, "orders:export": ORDERS, "orders:line": ORDERS - {"stranger"}, "orders:check": ASKERS, "orders:upload": ASKERS,
    "orders:act": {"filer", "order_desk", "stranger"},
    "sales:distributors": {"sales"}, "sales:distributor": {"sales"}, "sales:export": {"sales"},
    "emergency:list": DISTRIBUTORS | COMPLIANCE | EMERGENCY, "emergency:new": EMERGENCY, "emergency:access": QINGLAN | COMPLIANCE | {"order_desk"},
    "emergency:agree": DECIDERS, "emergency:void": DECIDERS | EMERGENCY, "emergency:close": DECIDERS | EMERGENCY, "emergency:look": EMERGENCY,
    "programs:list": MANAGERS, "programs:client-new": MANAGERS, "programs:client-revoke": {"distributor_admin"},
    "programs:webhook-new": MANAGERS, "programs:webhook": {"distributor_admin"}, "programs:webhook-remove": {"distributor_admin"},
    "programs:webhook-enable": MANAGERS,
    "api:openapi-json": ANYBODY, "api:api-root": ANYBODY, "api:token": ANYBODY, "api:check": PROGRAM, "api:cancel": PROGRAM,
    "api:ship": PROGRAM, "api:take_back": PROGRAM, "api:substitute": PROGRAM, "api:line": PROGRAM, "api:lines": PROGRAM,
    "api:balances": PROGRAM, "api:send": PROGRAM, "api:sent": PROGRAM, "api:send_events": PROGRAM, "api:events_sent": PROGRAM,
}  # fmt: skip
