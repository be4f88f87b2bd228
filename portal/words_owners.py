"""Words about owners and identities: group to code to (text, kind, icon), as words.Word takes them."""

from typing import Any

from django.utils.translation import gettext_lazy as _

OWNERS: dict[str, dict[str, tuple[Any, str, str]]] = {
    "ownerkind": {
        "company": (_("Company"), "", "users"),
        "person": (_("Person"), "", "users"),
        "public": (_("Public body"), "", "users"),
    },
    # Whose number it is, beside the number itself.
    "scheme": {
        "uscc": (_("USCC"), "", "info"),
        "lei": (_("LEI"), "", "info"),
        "other": (_("Other number"), "", "info"),
    },
    "ownersource": {
        "registry": (_("Public registry"), "", "info"),
        "document": (_("Document"), "", "info"),
        "statement": (_("Statement"), "", "info"),
    },
    # How much of a party's ownership is on record; never asked is no better than not known.
    "ownersknown": {
        "not_stated": (_("Owners not stated"), "wait", "clock"),
        "unknown": (_("Owners not known"), "wait", "alert"),
        "partly": (_("Owners partly known"), "wait", "alert"),
        "whole": (_("Owners stated in full"), "note", "check"),
    },
    # How indirect shares count by a rule of ownership.
    "ownerchain": {
        "direct": (_("direct shares alone"), "", "info"),
        "multiply": (_("multiplied along the chain"), "", "info"),
        "cascade": (_("whole, once a company on the way is itself reached"), "", "info"),
    },
    # Whether two parties are one entity: where a pair stands, and what people answered.
    "identityanswer": {
        "proposed": (_("Proposed"), "note", "users"),
        "effective": (_("In effect"), "", "check"),
        "voided": (_("Voided"), "", "history"),
    },
    "identity": {
        "open": (_("Not answered"), "wait", "clock"),
        "again": (_("To be looked at again"), "wait", "alert"),
        "proposed": (_("Awaiting a second person"), "note", "users"),
        "same": (_("The same"), "note", "check"),
        "different": (_("Not the same"), "", "check"),
        "unsure": (_("Unsure"), "wait", "eye"),
    },
    "identitywhy": {
        "number": (_("Registration number"), "", "info"),
        "name": (_("Likeness of names"), "", "info"),
    },
    "identityorder": {
        "likely": (_("Most alike first"), "", "info"),
        "new": (_("Newest first"), "", "info"),
        "old": (_("Oldest first"), "", "info"),
    },
}
