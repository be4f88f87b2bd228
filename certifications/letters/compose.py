"""Turns a released letter into the payload that the PDF shows and embeds. Reads only; composing it again gives the same bytes."""

from typing import Any

from django.conf import settings

from certifications.attestations.compose import lists_of
from certifications.matching import place_of, province_of
from certifications.parties.models import Party
from certifications.parties.queries import display
from certifications.screening.models import ScreeningRun

from .models import LetterDecision
from .queries import own_party

SCHEMA = "tender-letter/1"
# Said on every letter, as large as what it says.
NOT_SAID = (
    ("It is no end-use attestation: nothing was declared or checked about what the goods will be used for",
     "本函不是最终用途证明：未就货物用途作任何声明或核查"),
    ("It releases no goods: each delivery needs a signed end-use declaration of the end user and its attestation",
     "本函不放行任何货物：每次交付均须有最终用户的最终用途声明及其证明"),
    ("Whether the tender or its documents are genuine was not checked",
     "未核查招标及其文件的真实性"),
)  # fmt: skip


def _holder(party: Party) -> dict[str, Any]:
    shown = display(party)
    codes = sorted(party.identifiers.all(), key=lambda i: (i.scheme, i.value))
    return {
        "latin": shown.latin,
        "native": shown.native,
        "names": list(shown.names),
        "identifiers": [{"scheme": i.scheme.upper(), "value": i.value} for i in codes],
        "addresses": [site.address for site in party.sites.order_by("pk")],
        "country": party.country,
    }


def _place(division: str) -> dict[str, str]:
    """A division's names in both languages; empty without one."""
    place, province = place_of(division), province_of(division)
    if place is None:
        return {"name": "", "name_zh": ""}
    if province is None or province == place:
        return {"name": place.latin, "name_zh": place.name}
    return {"name": f"{place.latin}, {province.latin}", "name_zh": f"{province.name}{place.name}"}


def compose(decision: LetterDecision, *, by_test_authority: bool) -> dict[str, Any]:
    """The payload of a released letter. Raises ValueError when somebody named has no completed screening."""
    letter = decision.letter
    released_at = decision.agreed_at or decision.proposed_at
    holder = own_party(letter)
    finished = ScreeningRun.objects.filter(state=ScreeningRun.State.DONE, ran_at__lte=released_at).order_by("-ran_at", "-pk")
    parties = [holder.pk, *letter.parties.order_by("pk").values_list("party_id", flat=True)]
    runs = [run for run in (finished.filter(party=pk).first() for pk in parties) if run is not None]
    if len(runs) != len(parties):
        raise ValueError("somebody named has no completed screening")
    buyer_names = [name for name in (letter.buyer_native, letter.buyer_latin) if name]
    return {
        "schema": SCHEMA,
        "number": letter.number,
        "code": letter.code,
        "language": letter.language,
        "verify_url": f"{settings.PORTAL_BASE_URL}/verify/{letter.number}/?code={letter.code}",
        "verify_page": f"{settings.PORTAL_BASE_URL}/verify/",
        "issuer": {"name": settings.ISSUER_NAME, "is_test_authority": by_test_authority},
        "holder": _holder(holder),
        "buyer": {
            "latin": letter.buyer_latin,
            "native": letter.buyer_native,
            "names": buyer_names,
            "identifiers": [{"scheme": "USCC", "value": letter.buyer_uscc}] if letter.buyer_uscc else [],
            "addresses": [],
            "country": letter.country,
        },
        "others": list(letter.others),
        "project_no": letter.project_no,
        "goods": letter.goods,
        "territory": {"country": letter.country, "division": letter.division, **_place(letter.division)},
        "valid_until": letter.valid_until,
        "not_said": [{"en": en, "zh": zh} for en, zh in NOT_SAID],
        "lists": lists_of(runs),
        "issued_at": released_at,
    }
