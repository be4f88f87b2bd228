"""OCDS packages and eForms notices: what is proposed, what never is, and what is said of bad form."""

import datetime as dt
import hashlib
import json
from decimal import Decimal
from pathlib import Path
from typing import Any

import pytest

from certifications.evidence.readers import FAULTS, PACKAGE_NOTES, SKIPPED, Package, Unreadable, sniff
from certifications.evidence.readers.everything import read_any
from certifications.evidence.readers.ocds_faults import SCHEMAS, validator
from certifications.evidence.readers.sandbox import read_in_child
from tests.evidence.packages import BUYER, SELLER, award, eforms, package, records, release

REAL = Path(__file__).resolve().parents[4] / "shared" / "data" / "ocds"
MARKS = ("CI-2440-100",)


def read(content: str | bytes, *, marks: tuple[str, ...] = MARKS) -> Package:
    """As the worker reads it, but in this process."""
    raw = content.encode() if isinstance(content, str) else content
    found = read_any(raw, sniff(raw, "").media_type, "", marks)
    assert isinstance(found, Package)
    return found


def refused(content: str | bytes, name: str = "p.json") -> Unreadable:
    """Why it cannot be read."""
    raw = content.encode() if isinstance(content, str) else content
    with pytest.raises(Unreadable) as caught:
        read_any(raw, sniff(raw, name).media_type, "", MARKS)
    return caught.value


def test_the_vendored_schema_is_the_one_that_was_reviewed_and_carries_its_licence() -> None:
    lines = (SCHEMAS / "SHA256SUMS").read_text(encoding="utf-8").splitlines()
    listed = {name: digest for digest, name in (line.split(maxsplit=1) for line in lines if not line.startswith("#"))}
    found = {p.name: hashlib.sha256(p.read_bytes()).hexdigest() for p in SCHEMAS.iterdir() if p.name != "SHA256SUMS"}
    assert found == listed
    assert {"LICENSE", "release-schema.json", "release-package-schema.json", "record-package-schema.json"} == set(found)


def test_an_active_award_becomes_a_line_with_every_field_and_its_place() -> None:
    found = read(package(release()))
    line = found.lines[0]
    assert (line.stage, line.buyer, line.seller, line.project_no) == ("award", BUYER["name"], SELLER["name"], "ocds-abcdef-0001")
    assert (line.buyer_identifier, line.seller_identifier) == ("CN-X B-77", "CN-USCC 91610131MA6TX1234X")
    assert (line.quantity, line.unit, line.unit_price, line.amount, line.currency) == (
        Decimal("18.00"), "box", Decimal("25800.00"), Decimal("464400.50"), "EUR",
    )  # fmt: skip
    assert line.happened_on == dt.date(2026, 6, 11)
    assert line.region == "Xinjiang, China"
    assert line.where == "releases[0].awards[0].items[0]"
    assert dict(line.words) == {"CI-2440-100": "catalogue", "STR kit": "kit"}
    for name, span in line.spans.items():
        said = found.text[span.start : span.end]
        assert said.startswith(str(getattr(line, name))[:8]) or name in {"amount", "quantity"}, name
    assert found.fault_count == 0, found.faults


@pytest.mark.parametrize(
    ("status", "stage"), [("active", "award"), ("pending", "candidate"), (None, ""), ("complete", ""), ("ACTIVE", "award")]
)
def test_only_an_active_award_is_proposed_as_one(status: str | None, stage: str) -> None:
    assert [line.stage for line in read(package(release(awards=[award(status=status)]))).lines] == [stage]


@pytest.mark.parametrize("status", ["cancelled", "unsuccessful"])
def test_an_award_that_failed_or_was_taken_back_is_not_proposed_at_all(status: str) -> None:
    found = read(package(release(awards=[award(status=status)])))
    assert found.lines == ()
    assert dict(found.counts) == {status: 1}
    assert found.notes == ("nothing",)


def test_what_names_no_product_is_skipped_and_counted() -> None:
    other = award(title="Parking tickets", items=[{"id": "1", "description": "Paper"}])
    found = read(package(release(1), *(release(n, awards=[other]) for n in range(2, 300)), release(400, awards=[], tag=["tender"])))
    assert len(found.lines) == 1
    assert dict(found.counts) == {"not_ours": 298, "no_award": 1}
    assert len(found.skipped) == 299


def test_the_most_likely_lines_come_first() -> None:
    by_word = award(items=[{"id": "1", "description": "Goldeneye kit"}])
    by_code = award(title="Supplies", items=[{"id": "1", "classification": {"scheme": "CPV", "id": "33696500-0"}}])
    silent = {"id": "A1", "status": "active", "suppliers": [{"id": "S1", "name": SELLER["name"]}]}
    found = read(package(*(release(n, awards=[one]) for n, one in enumerate((silent, by_code, by_word, award())))))
    assert [line.project_no[-1] for line in found.lines] == ["3", "2", "1", "0"]
    assert [line.product_undisclosed for line in found.lines] == [False, False, True, True]
    assert "undisclosed" in found.notes


def test_only_the_items_that_are_ours_become_lines() -> None:
    items = [{"id": "1", "description": "Pens"}, {"id": "2", "description": "STR kit"}, {"id": "3", "description": "Genetic analyser"}]
    found = read(package(release(awards=[award(items=items)])))
    assert [line.product_text for line in found.lines] == ["STR kit", "Genetic analyser"]
    assert [line.amount for line in found.lines] == [None, None], "the award's sum is of no single item"


def test_a_contract_and_its_award_are_one_line_also_across_releases() -> None:
    contract = {"id": "C1", "awardID": "A1", "status": "active", "dateSigned": "2026-07-01", "value": {"amount": 400000, "currency": "EUR"}}
    later = release(1, id="r2", date="2026-07-02T00:00:00Z", tag=["contract"], awards=[], contracts=[contract])
    found = read(package(later, release(1)))
    assert [(line.stage, line.amount, line.happened_on) for line in found.lines] == [
        ("contract", Decimal("400000.00"), dt.date(2026, 7, 1))
    ]


def test_an_award_whose_contracts_were_all_taken_back_is_no_sale() -> None:
    gone = [{"id": "C1", "awardID": "A1", "status": "cancelled"}]
    assert dict(read(package(release(contracts=gone))).counts) == {"cancelled": 1}


def test_a_later_release_that_cancels_an_award_counts() -> None:
    later = release(1, id="r2", date="2026-08-01T00:00:00Z", tag=["awardCancellation"], awards=[{"id": "A1", "status": "cancelled"}])
    assert dict(read(package(release(1), later)).counts) == {"cancelled": 1}


def test_a_contract_without_its_award_takes_the_only_supplier_of_the_parties() -> None:
    contract = {"id": "C1", "awardID": "A9", "status": "active", "title": "STR kit", "dateSigned": "2026-07-01"}
    found = read(package(release(awards=[], contracts=[contract], tag=["contract"])))
    assert [(line.stage, line.seller) for line in found.lines] == [("contract", SELLER["name"])]
    assert "no_such_award" in {fault.code for fault in found.faults}


@pytest.mark.parametrize("suppliers", [[], [{"id": "S1"}], [{"id": "S1", "name": "Withheld"}], [{"name": "保密"}], "text", None])
def test_a_supplier_that_is_not_named_is_withheld(suppliers: Any) -> None:
    found = read(package(release(awards=[award(suppliers=suppliers)])))
    assert [(line.seller, line.seller_withheld) for line in found.lines] == [("", True)]
    assert "supplier_withheld" in found.notes


def test_several_suppliers_share_no_amount() -> None:
    both = [{"id": "S1", "name": SELLER["name"]}, {"id": "S2", "name": "宁波甬衡贸易有限公司"}]
    found = read(package(release(awards=[award(suppliers=both)])))
    assert [(line.seller, line.amount) for line in found.lines] == [(SELLER["name"], None), ("宁波甬衡贸易有限公司", None)]
    assert {fault.code for fault in found.faults} == {"unknown_party", "no_identifier"}


def test_record_packages_are_read_by_their_compiled_release_else_by_the_embedded_ones() -> None:
    compiled = {"ocid": "ocds-abcdef-0001", "compiledRelease": release(1)}
    embedded = {"ocid": "ocds-abcdef-0002", "releases": [release(2)]}
    linked = {
        "ocid": "ocds-abcdef-0003",
        "releases": [{"url": "https://notices.example/3", "date": "2026-01-01T00:00:00Z", "tag": ["award"]}],
    }
    found = read(records(compiled, embedded, linked, "odd"))
    assert [line.project_no for line in found.lines] == ["ocds-abcdef-0001", "ocds-abcdef-0002"]
    assert dict(found.counts) == {"linked": 1, "broken": 1}


def test_a_bare_release_is_read_too() -> None:
    assert len(read(json.dumps(release())).lines) == 1


def test_faults_are_named_release_by_release_with_a_path_and_do_not_stop_the_reading() -> None:
    bad = release(2, awards=[award(suppliers=[{"name": SELLER["name"]}], value={"amount": "12", "currency": "EUR"}), "odd"])
    bad.pop("id")
    bad["tag"] = ["prize"]
    found = read(package(release(1), bad, 7))
    assert len(found.lines) == 2
    said = {(fault.path, fault.code) for fault in found.faults}
    assert {
        ("releases[1]", "required"), ("releases[1].awards[0].value.amount", "type"), ("releases[1].tag[0]", "enum"),
        ("releases[1].awards[0].suppliers[0].id", "no_reference"), ("releases[2]", "not_an_object"), ("releases[1].awards[1]", "type"),
        ("releases[1].awards[0].value.amount", "bad_number"),
    } <= said  # fmt: skip
    assert {fault.ocid for fault in found.faults if fault.release == 1} == {"ocds-abcdef-0002"}


def test_faults_and_lines_are_capped_and_counted() -> None:
    bare = {name: value for name, value in release().items() if name != "id"}
    found = read(package(*({**bare, "ocid": f"ocds-abcdef-{n}"} for n in range(2100))))
    assert (len(found.faults), found.fault_count) == (200, 2100)
    assert len(found.lines) == 2000
    assert "too_many" in found.notes


def test_every_code_has_its_sentence() -> None:
    import certifications.evidence.readers as room

    text = "".join(
        p.read_text(encoding="utf-8")
        for p in Path(room.__file__).parent.glob("*.py")
        if p.name in {"ocds.py", "eforms.py", "ocds_lines.py"}
    )
    import re

    assert set(re.findall(r'notes\.add\("([a-z_]+)"\)', text)) <= PACKAGE_NOTES.keys()
    assert set(re.findall(r'faults\.add\([^)]*?, "([a-z_]+)"', text)) <= FAULTS.keys()
    assert set(re.findall(r'skipped\.add\([^,]+, "([a-z_]+)"', text)) <= SKIPPED.keys()


@pytest.mark.parametrize(
    ("content", "code"),
    [
        ('{"releases": [}', "not_json"),
        (package(release())[:-40], "not_json"),
        ('{"releases": [], "releases": []}', "json_twice"),
        ('{"releases": [{"ocid": "a", "awards": [{"value": {"amount": NaN}}]}]}', "json_number"),
        ('{"releases": [{"ocid": "a", "x": 1e99999999999999999999}]}', "json_number"),
        ('{"releases": ' + "[" * 100 + "]" * 100 + "}", "json_deep"),
        ('{"releases": ' + "[" * 90_000 + "]" * 90_000 + "}", "json_deep"),
        ('{"hello": "world"}', "not_ocds"),
        ('{"releases": {}}', "not_ocds"),
        ("[]", "not_ocds"),
        ("[1, 2", "not_json"),
    ],
)
def test_json_that_is_none_or_means_two_things_ends_in_a_sentence(content: str, code: str) -> None:
    problem = refused(content)
    assert problem.code == code
    assert str(problem).count(".") >= 1


@pytest.mark.parametrize("value", ["1" * 5000, "9" * 30, "-1", "1e400", "0." + "3" * 400, "true", '"1"', "[]", "{}", "null"])
def test_numbers_that_cannot_be_kept_leave_the_field_empty(value: str) -> None:
    found = read(package(release()).replace("464400.5", value))
    kept = found.lines[0].amount
    assert kept == (Decimal("0.33") if value.startswith("0.3") else None)
    assert ("bad_number" in {f.code for f in found.faults}) == (kept is None and value != "null")


@pytest.mark.parametrize("odd", [None, 5, "text", [], {}, [[]], [None], {"a": []}, True])
@pytest.mark.parametrize("field", ["ocid", "id", "date", "tag", "parties", "buyer", "tender", "awards", "contracts"])
def test_nothing_of_a_release_breaks_the_reader(field: str, odd: Any) -> None:
    read(package(release(**{field: odd})))


@pytest.mark.parametrize("odd", [None, 5, "text", [], {}, [[]], [None], True])
@pytest.mark.parametrize("field", ["id", "status", "title", "description", "date", "value", "suppliers", "items"])
def test_nothing_of_an_award_breaks_the_reader(field: str, odd: Any) -> None:
    read(package(release(awards=[award(**{field: odd})])))


def test_hidden_characters_and_scripts_stay_text() -> None:
    found = read(package(release(awards=[award(title="STR kit <script>alert(1)</script>\u202e\u0000x", items=[])])))
    assert found.lines[0].product_text == "STR kit <script>alert(1)</script>x"


def test_what_the_caged_process_says_is_what_was_read() -> None:
    content = package(release(1), release(2, awards=[award(status="cancelled")])).encode()
    assert read_in_child(content, "application/json", marks=MARKS) == read(content)


@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "utf-16"])
def test_encodings(encoding: str) -> None:
    assert len(read(package(release()).encode(encoding)).lines) == 1


# eForms


def test_an_eforms_award_names_the_winner_of_the_settled_contract_alone() -> None:
    found = read(eforms())
    assert [
        (line.stage, line.buyer, line.seller, line.amount, line.currency, line.happened_on, line.project_no) for line in found.lines
    ] == [("contract", "Polizia di Esempio", "Reagenti Inventati Srl", Decimal("95414.00"), "EUR", dt.date(2026, 5, 2), "folder-1")]
    assert found.lines[0].buyer_identifier == "ITA IT-1"
    assert {fault.code for fault in found.faults} == {"no_identifier"}


@pytest.mark.parametrize(("outcome", "why"), [("clos-nw", "unsuccessful"), ("open-nw", "pending")])
def test_a_lot_without_a_winner_is_not_proposed(outcome: str, why: str) -> None:
    assert dict(read(eforms(outcome=outcome)).counts) == {why: 1}


@pytest.mark.parametrize(("kind", "stage"), [("dir-awa-pre", "intention"), ("cont-modif", "amendment"), ("planning", "")])
def test_other_notices_in_the_same_form_are_no_awards(kind: str, stage: str) -> None:
    assert [line.stage for line in read(eforms(kind=kind)).lines] == [stage]


def test_a_lot_of_something_else_is_skipped() -> None:
    assert dict(read(eforms(goods="Garden hoses")).counts) == {"not_ours": 1}


LAUGHS = '<!DOCTYPE l [<!ENTITY a "ha"><!ENTITY b "&a;&a;&a;&a;&a;&a;&a;&a;">]>'


@pytest.mark.parametrize(
    ("content", "code"),
    [
        (eforms().replace("?>", "?>" + LAUGHS, 1), "xml_doctype"),
        (eforms().replace("?>", '?><!DOCTYPE x SYSTEM "file:///etc/passwd">', 1), "xml_doctype"),
        (eforms()[:-30], "not_xml"),
        (eforms().replace("Laboratory supplies", "&unknown;"), "not_xml"),
        (eforms().replace("Laboratory supplies", "<a>" * 200 + "</a>" * 200), "xml_large"),
        (eforms().replace("Laboratory supplies", "<a>" * 5000 + "</a>" * 5000), "xml_large"),
        ('<?xml version="1.0"?><Invoice/>', "not_eforms"),
    ],
)
def test_xml_bombs_and_other_xml_end_in_a_sentence(content: str, code: str) -> None:
    assert refused(content, "n.xml").code == code
    assert refused(content.replace('encoding="UTF-8"', 'encoding="UTF-16"').encode("utf-16"), "n.xml").code == code


def test_a_page_in_xml_is_still_a_page() -> None:
    assert sniff(b'<?xml version="1.0"?><!DOCTYPE html><html><body><p>x</p></body></html>', "a.html").media_type == "text/html"


# Packages as they are really published; they are no part of the repository.


@pytest.mark.skipif(not REAL.is_dir(), reason="the real packages are not here")
@pytest.mark.parametrize("name", ["uk_contracts_finder_2025", "portugal_base_gov_2019", "sell2wales", "pcs_scotland"])
def test_real_packages_are_read_whatever_their_form(name: str) -> None:
    found = read((REAL / f"{name}_release_package.json").read_bytes(), marks=("school", "software", "obras"))
    assert found.releases in {90, 100, 200}
    assert sum(found.counts.values()) + len({line.where for line in found.lines}) >= found.releases * 0.9
    if name in {"sell2wales", "pcs_scotland"}:
        assert dict(found.counts) == {"no_award": 90}, "tenders are no awards"
    assert found.fault_count > 0 or name == "portugal_base_gov_2019"


def test_the_schema_sees_what_is_wrong() -> None:
    assert list(validator("release").iter_errors({"ocid": "a"}))
