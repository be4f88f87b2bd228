"""A payload as certifications.attestations.compose makes it, with invented firms and names in every script."""

from typing import Any

from certifications.attestations.compose import assurance_text, not_checked
from certifications.declarations.rules_enduser import Assurance

HAN = "宁波江南医院"
UYGHUR = "پەرھات تۇرسۇن"
TIBETAN = "བསྟན་འཛིན"
ACCENTED = "Čeněk Łukasiewicz, Zürich"


def payload(**changes: Any) -> dict[str, Any]:
    """An ordinary attestation."""
    return {
        "schema": "end-use-attestation/1",
        "number": "EUC-2026-7K3M9Q",
        "code": "M7KD-42XQ",
        "verify_url": "http://localhost:8000/verify/EUC-2026-7K3M9Q/?code=M7KD-42XQ",
        "verify_page": "http://localhost:8000/verify/",
        "issuer": {"name": "Corvane Instruments AG", "is_test_authority": True},
        "declaration": {"number": "EUD-2026-4H8T2V", "version": 2, "sha256": "fd0dc8a6" * 8, "signed_at": "2026-06-13T07:12:09Z"},
        "distributor": {
            "latin": "Shenzhen Qinglan Scientific Instruments Co., Ltd.",
            "native": "深圳市青岚科学仪器有限公司",
            "names": ["深圳市青岚科学仪器有限公司", "Shenzhen Qinglan Scientific Instruments Co., Ltd."],
            "identifiers": [{"scheme": "USCC", "value": "91440300MA5QLK701D"}],
            "addresses": ["深圳市南山区科技路 1 号"],
            "country": "CN",
        },
        "end_user": {
            "latin": "Ningbo Jiangnan Hospital",
            "native": HAN,
            "names": [HAN, "Ningbo Jiangnan Hospital", UYGHUR, TIBETAN, ACCENTED],
            "identifiers": [{"scheme": "USCC", "value": "12330200419530318C"}],
            "addresses": ["宁波市中山东路 412 号"],
            "country": "CN",
        },
        "goods": [
            {
                "catalogue_number": "CI-2440-100",
                "name": "IdentiPrime 24 STR kit",
                "name_zh": "人类身份鉴定试剂盒",
                "quantity": "120",
                "unit": "kit",
                "unit_zh": "盒",
                "samples_per_unit": 100,
            }
        ],
        "end_use": "Paternity and transplant matching, about 1 000 samples a month",
        "place_of_use": {"address": "宁波市中山东路 412 号 3 号楼 5 层", "country": "CN", "division": "330200"},
        "undertakings": {"set": "CN-kits", "version": 5, "numbers": [1, 2, 3, 4, 5, 6]},
        "valid_from": "2026-06-14",
        "valid_until": "2027-06-14",
        "checked": [
            {
                "en": "Both parties, in every script on record, against 1 list(s), on 14 June 2026, 06:00 UTC",
                "zh": "双方在案的各语种名称，比对 1 份名单，2026-06-14 06:00 UTC",
            },
            {
                "en": "The distributor's authorisation for these goods and this territory on 14 June 2026",
                "zh": "经销商于 2026-06-14 在该地区销售该货物的授权",
            },
            {"en": "The class and region of the end user as its names state them", "zh": "最终用户名称所示的机构类别与地区"},
        ],
        "not_checked": not_checked(Assurance()),
        "assurance": assurance_text(Assurance()),
        "lists": [
            {
                "code": "us-el",
                "title": "US Entity List, bureaux of public security",
                "version": "01J",
                "sha256": "36146d16" * 8,
                "imported_at": "2026-06-14T04:00:00Z",
                "entries": 26,
                "kind": "static",
            }
        ],
        "issued_at": "2026-06-14T08:03:51Z",
        **changes,
    }
