"""Turns a released declaration into the payload that the PDF shows and embeds. Reads only; no sealing.

Everything in it comes from the signed text, from the screening runs that the release rested on and from what the end user
had said by then, so that composing it
again, by anybody and at any time, gives the same bytes: the signer does, and seals nothing else.
"""

import datetime as dt
import json
from typing import Any

from django.conf import settings

from certifications.declarations.assurance import assurance
from certifications.declarations.models import FrozenText, Signature
from certifications.declarations.own_texts import own_texts
from certifications.declarations.queries import parties_of
from certifications.declarations.rules_enduser import LEVELS, Assurance
from certifications.screening.models import ScreeningRun

from .models import Attestation

# What the end user's own word rests on, by level (declarations.rules_enduser.LEVELS); beside a paper, who compared it.
LEVEL_WORDS = {
    "distributor": (
        "The distributor's statement alone",
        "仅有经销商的声明",
    ),
    "link": (
        "Confirmed by the end user through a one-time link to a named contact on {day}",
        "最终用户已于 {day_zh} 通过发给指定联系人的一次性链接确认",
    ),
    "paper": (
        "Signed and sealed by the end user on paper, checked by a second person of the {side} on {day}",
        "最终用户已签署书面声明并盖章，{day_zh} 由{side_zh}的第二人核对",
    ),
}
# Of several end users of whom at least one was heard: the least of all, by that of which each is told below.
LEVEL_WORDS_OF_SEVERAL = {
    "distributor": (
        "The distributor's statement alone for {alone} of {n} end users",
        "{n} 个最终用户中有 {alone} 个仅有经销商的声明",
    ),
    "link": (
        "Each of {n} end users gave its own word on its own part, the least of them through a one-time link to a named contact",
        "{n} 个最终用户均已就各自部分亲自确认，其中级别最低者通过发给指定联系人的一次性链接确认",
    ),
    "paper": (
        "Each of {n} end users signed and sealed its own part on paper, and a second person checked it",
        "{n} 个最终用户均已就各自部分签署书面声明并盖章，并由第二人核对",
    ),
}
SIDES = {"distributor": ("distributor", "经销商"), "manufacturer": ("issuer", "签发方")}
NOT_CHECKED = (
    (
        "Where the goods are today, and what happens after delivery",
        "货物目前所在地及交付后的去向",
    ),
    ("Owners of the parties", "各方的所有者"),
    ("Whether the statements of the parties are true", "各方陈述是否属实"),
    ("Lists other than those named above", "上述名单以外的其他名单"),
)


# Said of the weakest level, and of a link and a paper what they do not show.
NOT_CHECKED_OF = {
    "distributor": (
        "The end user's own word: the declaration is signed by the distributor alone",
        "最终用户本人的确认：本声明仅由经销商签署",
    ),
    "link": (
        "Who opened the link: whoever reads the contact's mail can confirm",
        "打开链接者的身份：能够阅读该联系人邮件的人均可确认",
    ),
    "paper": (
        "Whether the signature and the seal on the paper are genuine",
        "书面声明上的签名和公章是否真实",
    ),
}


NOT_CHECKED_OF_SEVERAL = (
    "The own word of the end users for whom the distributor alone speaks",
    "仅由经销商声明的最终用户本人的确认",
)


# Whom a screening was about, by how many they are: of a stock the distributor alone.
PARTIES = {1: ("The distributor", "经销商"), 2: ("Both parties", "双方")}


def assurance_text(found: Assurance) -> dict[str, Any]:
    """The level with a sentence in both languages; of several end users of whom one was heard, also `each` by itself, as texts.shares counts."""
    if any(one.word for one in found.each):
        return {**_of_several(found), "each": [_of_one(one) for one in found.each]}
    return _of_one(found)


def _of_several(found: Assurance) -> dict[str, str]:
    alone = sum(one.level == "distributor" for one in found.each)
    en, zh = LEVEL_WORDS_OF_SEVERAL[found.level]
    told = {"n": len(found.each), "alone": alone}
    return {"level": found.level, "en": en.format(**told), "zh": zh.format(**told)}


def _of_one(found: Assurance) -> dict[str, str]:
    en, zh = LEVEL_WORDS[found.level]
    if found.word is None:
        return {"level": found.level, "en": en, "zh": zh}
    side, side_zh = SIDES.get(found.word.checked_side, ("", ""))
    at = found.word.at.astimezone(dt.UTC)
    told = {"day": f"{at:%d %B %Y}", "day_zh": f"{at:%Y-%m-%d}", "side": side, "side_zh": side_zh}
    return {"level": found.level, "en": en.format(**told), "zh": zh.format(**told)}


def not_checked(found: Assurance) -> list[dict[str, str]]:
    """What was not checked, in both languages; the place of the end users' own word is the one before the last.

    Of several, one sentence for each level that one of them has.
    """
    own = [NOT_CHECKED_OF[found.level]]
    if any(one.word for one in found.each):
        levels = {one.level for one in found.each}
        own = [NOT_CHECKED_OF_SEVERAL if level == "distributor" else NOT_CHECKED_OF[level] for level in LEVELS if level in levels]
    return [{"en": en, "zh": zh} for en, zh in (*NOT_CHECKED[:-1], *own, NOT_CHECKED[-1])]


def _party(signed: dict[str, Any]) -> dict[str, Any]:
    """A party as the distributor signed it, whatever it is called today."""
    return {
        "latin": signed["latin"],
        "native": signed["native"],
        "names": signed["names"],
        "identifiers": [{"scheme": i["scheme"].upper(), "value": i["value"]} for i in signed["identifiers"]],
        "addresses": [site["address"] for site in signed["sites"]],
        "country": signed["country"],
    }


def _signatory(signature: Signature) -> dict[str, str]:
    """Who signed for the distributor, and by which delegation, as both were kept at that moment."""
    under = signature.under
    return {
        "name": signature.signed_name,
        "role": signature.signed_role,
        **{key: under[key] for key in ("number", "by", "dated", "until", "paper")},
        "by_role": under["role"],
    }


# Of a text what a document repeats as it was signed; texts of before do not hold these keys.
REPEATED = ("shares", "contract", "ship_to", "route", "stock", "documents", "delivery_proof")


def _kind(signed: dict[str, Any]) -> dict[str, Any]:
    return {name: signed[name] for name in ("kind", "term", "period", "ceilings_for") if name in signed}


def _others(signed: dict[str, Any]) -> dict[str, Any]:
    """Further end users and whoever is on the way of the goods; what else a text of schema 2 says."""
    found: dict[str, Any] = {name: signed[name] for name in REPEATED if name in signed}
    if "other_end_users" in signed:
        found["other_end_users"] = [_party(party) for party in signed["other_end_users"]]
    if "on_the_way" in signed:
        found["on_the_way"] = [{"role": row["role"], "party": _party(row["party"])} for row in signed["on_the_way"]]
    return found


def lists_of(runs: list[ScreeningRun]) -> list[dict[str, Any]]:
    """Each list version that every run saw, once, with its date."""
    seen: dict[str, dict[str, Any]] = {}
    for run in runs:
        for row in run.lists:
            seen[str(row["version"])] = {
                "code": row["code"],
                "title": row["title"],
                "version": row["version"],
                "sha256": row["sha256"],
                "imported_at": row["imported_at"],
                "entries": row["entries"],
                "kind": row.get("kind", "dated"),
            }
    return sorted(seen.values(), key=lambda row: str(row["code"]))


def compose(attestation: Attestation, *, by_test_authority: bool) -> dict[str, Any]:
    """The payload (shape: attestations/payload.py). Raises ValueError when the signed text is not what was signed."""
    declaration = attestation.declaration
    frozen = FrozenText.objects.get(version_id=attestation.version_id)
    signature = Signature.objects.get(version_id=attestation.version_id)
    if frozen.sha256 != signature.sha256:
        raise ValueError("the frozen text is not the text that was signed")
    signed = json.loads(frozen.canonical)
    taking = [declaration.customer.party, declaration.organisation.party, *(one.customer.party for one in parties_of(attestation.version))]
    parties = list({party.pk: party for party in taking}.values())
    finished = ScreeningRun.objects.filter(state=ScreeningRun.State.DONE, ran_at__lte=attestation.released_at).order_by("-ran_at", "-pk")
    runs = [run for run in (finished.filter(party=party).first() for party in parties) if run is not None]
    if len(runs) != len(parties):
        raise ValueError("a party has no completed screening")
    lists = lists_of(runs)
    screened_at = max(run.ran_at for run in runs)
    day = f"{screened_at:%d %B %Y, %H:%M} UTC"
    who, who_zh = PARTIES.get(len(parties), (f"All {len(parties)} parties", f"全部 {len(parties)} 方"))
    named, named_zh = ("the end user", "最终用户") if len(parties) <= 2 else ("every other party", "其他各方")  # noqa: PLR2004
    texts = own_texts(attestation.version, (frozen.canonical, frozen.sha256))
    heard = assurance(declaration.pk, texts, until=attestation.released_at)
    return {
        "schema": "end-use-attestation/1",
        "number": attestation.number,
        "code": attestation.code,
        "verify_url": f"{settings.PORTAL_BASE_URL}/verify/{attestation.number}/?code={attestation.code}",
        "verify_page": f"{settings.PORTAL_BASE_URL}/verify/",
        "issuer": {"name": settings.ISSUER_NAME, "is_test_authority": by_test_authority},
        "declaration": {
            "number": declaration.number,
            "version": attestation.version.number,
            "sha256": frozen.sha256,
            "signed_at": signature.signed_at,
        },
        # Only who signed under a delegation is named with it; who signed by office is in the receipt.
        **({"signatory": _signatory(signature)} if signature.under else {}),
        # Only an amendment and a renewal say what they follow.
        **({"follows": signed["follows"]} if "follows" in signed else {}),
        **_kind(signed),
        "distributor": _party(signed["distributor"]),
        "end_user": _party(signed["end_user"]),
        **_others(signed),
        "goods": signed["goods"],
        "end_use": signed["end_use"],
        "place_of_use": signed["place_of_use"],
        "undertakings": {
            "set": signed["clauses"]["set"],
            "version": signed["clauses"]["version"],
            "numbers": [item["number"] for item in signed["clauses"]["items"]],
        },
        "valid_from": attestation.valid_from,
        "valid_until": attestation.valid_until,
        "checked": [
            {
                "en": f"{who}, in every script on record, against {len(lists)} {'list' if len(lists) == 1 else 'lists'}, on {day}",
                "zh": f"{who_zh}在案的各语种名称，比对 {len(lists)} 份名单，{screened_at:%Y-%m-%d %H:%M} UTC",
            },
            {
                "en": f"The distributor's authorisation for these goods and this territory on {attestation.released_at:%d %B %Y}",
                "zh": f"经销商于 {attestation.released_at:%Y-%m-%d} 在该地区销售该货物的授权",
            },
            {
                "en": f"The class and region of {named} as {'its names state' if len(parties) <= 2 else 'their names state'} them",
                "zh": f"{named_zh}名称所示的机构类别与地区",
            },
        ],
        "not_checked": not_checked(heard),
        "assurance": assurance_text(heard),
        "lists": lists,
        "issued_at": attestation.released_at,
    }
