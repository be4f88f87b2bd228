"""The one text that is read, frozen and signed, as plain values. Pure; `ledger.canonical` turns it into the bytes that are hashed.

Schema end-use-declaration/2. Texts of schema 1 were frozen before there were kinds, further parties and documents; they are shown and
sealed as they are, so whoever reads a text asks whether a key is there.
"""

from collections.abc import Iterable, Mapping
from decimal import Decimal
from typing import Any

from .data import DeclarationData, ShareData

SCHEMA = "end-use-declaration/2"
PART_SCHEMA = "end-use-declaration-part/1"


def _place(address: str, country: str, division: str) -> dict[str, str]:
    return {"address": address, "country": country, "division": division}


def _shares(shares: Iterable[ShareData], numbers: Mapping[str, str]) -> list[dict[str, Any]]:
    return [{"catalogue_number": numbers.get(share.product_id, ""), "quantity": share.quantity} for share in shares]


def parties_text(data: DeclarationData, distributor: dict[str, Any], known: Mapping[str, dict[str, Any]]) -> dict[str, Any]:
    """The keys of the text that say who takes part; `known` by id of customer."""
    on_the_way = [
        *(("purchaser", pk) for pk in [data.purchaser_id] if pk),
        *(("consignee", pk) for pk in data.consignee_ids),
        *(("final", pk) for pk in [data.final_consignee_id] if pk),
        *(("forwarder", pk) for pk in [data.forwarder_id] if pk),
    ]
    found: dict[str, Any] = {"distributor": distributor, "end_user": known[data.customer_id]}
    if data.end_users:
        found["other_end_users"] = [known[one.customer_id] for one in data.end_users]
    if on_the_way:
        found["on_the_way"] = [{"role": role, "party": known[pk]} for role, pk in on_the_way]
    return found


def _standing(data: DeclarationData) -> dict[str, str]:
    """Of several end users the ceilings hold for each by itself, which the text says."""
    found = {"term": data.term}
    if data.period:
        found["period"] = data.period
        if data.end_users:
            found["ceilings_for"] = "each_end_user"
    return found


def declared_text(
    *,
    number: str,
    version: int,
    parties: dict[str, Any],
    goods: list[dict[str, Any]],
    numbers: Mapping[str, str],
    data: DeclarationData,
    documents: list[dict[str, Any]],
    clause_set: dict[str, Any],
    issuer: str,
    follows: dict[str, Any] | None = None,
) -> dict[str, Any]:
    """The whole statement. `parties` by parties_text, `numbers` the catalogue numbers by product.

    `follows` is what an amendment or a renewal says of the earlier text: as, number, version, sha256.
    """
    kept = data.stripped()
    text: dict[str, Any] = {
        "schema": SCHEMA,
        "number": number,
        "version": version,
        "to": issuer,
        "kind": kept.kind,
        **_standing(kept),
        **parties,
        "goods": goods,
        "place_of_use": _place(kept.place_address, kept.place_country, kept.place_division),
        "valid_from": kept.valid_from,
        "valid_until": kept.valid_until,
        "contract": kept.contract or "none",
        # What was typed before the kind became stock is not asked, shown or declared any more.
        "end_use": kept.resale_scope if kept.kind == "stockist" else kept.end_use,
        "unknown_facts": kept.unknown_facts or "none",
        "clauses": clause_set,
    }
    if follows:
        text["follows"] = follows
    if kept.kind == "stockist":
        text["stock"] = {"resale_scope": kept.resale_scope, "reporting": kept.reporting}
    else:
        text |= {"relationship": kept.relationship, "contact": kept.contact}
    if kept.end_users:
        text["shares"] = [
            {"end_user": number, "place_of_use": _place(one.place_address, one.place_country, one.place_division), "goods": _shares(one.shares, numbers)}
            for number, one in enumerate(kept.all_end_users())
        ]  # fmt: skip
    optional = {
        "ship_to": _place(kept.ship_to_address, kept.ship_to_country, kept.ship_to_division) if kept.ship_to_address else None,
        "route": kept.route,
        "delivery_proof": kept.delivery_proof,
        "samples_per_month": None if kept.kind == "stockist" else kept.samples_per_month,
        "value": {"amount": kept.value, "currency": kept.currency} if kept.value is not None else None,
        "documents": documents,
    }
    return text | {name: value for name, value in optional.items() if value}


def everybody(text: Mapping[str, Any]) -> list[tuple[str, dict[str, Any]]]:
    """(role, party) of everybody whom a text of either schema names, the distributor first."""
    first = "stockist" if text.get("kind") == "stockist" else "end_user"
    return [
        ("distributor", text["distributor"]),
        (first, text["end_user"]),
        *(("end_user", party) for party in text.get("other_end_users", ())),
        *((row["role"], row["party"]) for row in text.get("on_the_way", ())),
    ]


# Of a text what every one of several end users is told alike. What is said of the first one alone (relationship, contact), of all together
# (value, samples, contract, documents) or of others (who else takes part, the way) stands in nobody's own part.
ALIKE = (
    "number", "version", "to", "kind", "term", "period", "distributor", "valid_from", "valid_until", "end_use", "unknown_facts", "clauses",
    "follows",
)  # fmt: skip


def part_text(text: Mapping[str, Any], number: int) -> dict[str, Any]:
    """What one of several end users, the first is 0, is asked about: its own part of the whole text, and nothing entered for another.

    What is typed in a field that all read may name another all the same; named.py looks for that.

    Schema end-use-declaration-part/1, with the keys that the whole text has. A function of the whole text alone: of what is frozen it never
    changes, and of a draft not with what is changed for the others.
    """
    share = text["shares"][number]
    # A draft may give away what it does not declare.
    known = {good["catalogue_number"]: good for good in text["goods"]}
    return {
        "schema": PART_SCHEMA,
        **{name: text[name] for name in ALIKE if name in text},
        "end_user": end_users_in(text)[number],
        "goods": [_own_good(known.get(own["catalogue_number"], {}), own) for own in share["goods"]],
        "place_of_use": share["place_of_use"],
    }


def _own_good(good: Mapping[str, Any], own: Mapping[str, Any]) -> dict[str, Any]:
    """One of the goods with an end user's own quantity, and no ceiling above that: the ceiling in the text is up to the quantity of all."""
    found = {**good, **own}
    if "ceiling" in good:
        found["ceiling"] = min(good["ceiling"], own["quantity"], key=Decimal)
    return found


def end_users_in(text: Mapping[str, Any]) -> list[dict[str, Any]]:
    """Every end user that a text names, the first one first."""
    return [text["end_user"], *text.get("other_end_users", ())]
