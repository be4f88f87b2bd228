"""The words of a declaration: its kinds and terms, and its parts where something is said about one."""

from django.utils.translation import gettext_lazy as _

from portal.word import Word

DECLARED: dict[str, dict[str, Word]] = {
    "declared": {
        "distributor": Word(_("Distributor"), "", "users"),
        "end_user": Word(_("End user"), "", "users"),
        "line_of_business": Word(_("Line of business"), "", "info"),
        "goods": Word(_("Goods"), "", "info"),
        "end_use": Word(_("End use"), "", "info"),
        "place_of_use": Word(_("Place of use"), "", "info"),
        "valid": Word(_("Validity"), "", "clock"),
        "unknown_facts": Word(_("Facts not known"), "", "question"),
        "clause": Word(_("Undertaking"), "", "sign"),
        "kind": Word(_("Kind"), "", "info"),
        "stockist": Word(_("Stockist"), "", "users"),
        "other_end_users": Word(_("Further end user"), "", "users"),
        "shares": Word(_("Share of the goods"), "", "info"),
        "purchaser": Word(_("Purchaser"), "", "users"),
        "consignee": Word(_("Intermediate consignee"), "", "users"),
        "final": Word(_("Final consignee"), "", "users"),
        "forwarder": Word(_("Forwarder"), "", "users"),
        "on_the_way": Word(_("Parties on the way"), "", "users"),
        "relationship": Word(_("Relationship"), "", "users"),
        "contact": Word(_("Contact at the end user"), "", "users"),
        "term": Word(_("Term"), "", "clock"),
        "contract": Word(_("Contract or order"), "", "file"),
        "value": Word(_("Value"), "", "info"),
        "samples_per_month": Word(_("Samples a month"), "", "info"),
        "stock": Word(_("Resale and reports"), "", "info"),
        "ship_to": Word(_("Shipped to"), "", "info"),
        "route": Word(_("Route"), "", "info"),
        "delivery_proof": Word(_("Proof of delivery"), "", "check"),
        "documents": Word(_("Documents"), "", "file"),
    },
    "kind": {
        "single": Word(_("One end user"), "", "users"),
        "several": Word(_("Several end users"), "", "users"),
        "stockist": Word(_("For stock"), "", "users"),
    },
    "term": {
        "one_off": Word(_("One-off"), "", "clock"),
        "standing": Word(_("Standing, with ceilings"), "", "clock"),
    },
    "period": {
        "month": Word(_("in a calendar month"), "", "clock"),
        "quarter": Word(_("in a calendar quarter"), "", "clock"),
        "year": Word(_("in a calendar year"), "", "clock"),
    },
    "proof": {
        "yes": Word(_("will be sent"), "", "check"),
        "no": Word(_("cannot be sent"), "", "missing"),
    },
}
