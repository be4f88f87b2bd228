"""The shape of what an attestation says. The PDF shows it and embeds it; the verifier reads it back.

Dates and times are ISO 8601 strings, quantities decimal strings, as they come out of ledger.canonical.
"""

from typing import NotRequired, TypedDict


class Bilingual(TypedDict):
    """One statement in both languages of the document."""

    en: str
    zh: str


class PartyText(TypedDict):
    """A party as printed."""

    latin: str
    native: str
    names: list[str]
    identifiers: list[dict[str, str]]
    addresses: list[str]
    country: str


class Assurance(TypedDict):
    """What the end user's own word rests on: the level (declarations.rules_enduser.LEVELS) and a sentence.

    Of several end users the least of all; `each` is then that of each, in the order of `shares`, unless nobody was heard.
    """

    level: str
    en: str
    zh: str
    each: NotRequired[list["Assurance"]]


class AttestationText(TypedDict):
    """schema end-use-attestation/1. Keys are only ever added: a document that was issued before one lacks it, and stays good."""

    schema: str
    number: str
    code: str
    verify_url: str
    verify_page: str
    issuer: dict[str, object]
    declaration: dict[str, object]
    signatory: NotRequired[dict[str, str]]  # who signed under which delegation: name, role, number, by, by_role, dated, until, paper
    follows: NotRequired[dict[str, object]]
    kind: NotRequired[str]
    term: NotRequired[str]
    period: NotRequired[str]
    ceilings_for: NotRequired[str]  # each_end_user: a ceiling holds for each of several by itself
    distributor: PartyText
    end_user: PartyText
    other_end_users: NotRequired[list[PartyText]]
    on_the_way: NotRequired[list[dict[str, object]]]
    shares: NotRequired[list[dict[str, object]]]
    contract: NotRequired[str]
    ship_to: NotRequired[dict[str, str]]
    route: NotRequired[str]
    stock: NotRequired[dict[str, str]]
    documents: NotRequired[list[dict[str, str]]]
    delivery_proof: NotRequired[str]
    goods: list[dict[str, object]]
    end_use: str
    place_of_use: dict[str, str]
    undertakings: dict[str, object]
    valid_from: str
    valid_until: str
    checked: list[Bilingual]
    not_checked: list[Bilingual]
    assurance: NotRequired[Assurance]
    lists: list[dict[str, object]]
    issued_at: str
