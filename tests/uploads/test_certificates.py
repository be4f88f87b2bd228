"""Certificates from before the programme by the file: kept as not attested, their papers filed one by one, taken back while none was."""

import datetime as dt

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.db import DatabaseError, connection, transaction

from certifications.flow import first_day as flow
from certifications.flow.demo_register import PAPER
from certifications.ledger.days import civil_today
from certifications.ledger.moves import NotAllowed, StaleState
from certifications.programme import queries
from certifications.programme.models import OldCertificate
from certifications.uploads.models import Upload
from tests.flow.steps import work
from tests.world import World, client_of

from .files import csv, xlsx
from .steps import committed, problems, sent, undone

pytestmark = pytest.mark.django_db
HEAD = ("证书编号", "签发单位", "签发日期", "有效期至", "最终用户", "货号", "货物描述", "其他当事方")
DATED, UNTIL = (civil_today() - dt.timedelta(days=300)).isoformat(), (civil_today() + dt.timedelta(days=65)).isoformat()


def row(number: str = "XQ-2025-0831", **changes: str) -> tuple[str, ...]:
    values = {
        "number": number, "issuer": "An earlier form of the distributor", "dated": DATED, "until": UNTIL, "customer": "宁波江南医院",
        "products": "CI-2440-100; ci-2717-200", "goods": "", "named": "宁波采购代理有限公司",
    }  # fmt: skip
    return tuple((values | changes).values())


def filed(world: World, *rows: tuple[str, ...]) -> Upload:
    return sent(world.filer, csv(HEAD, *rows), kind="certificates")


def test_rows_are_kept_as_not_attested_and_everybody_named_is_screened(world: World) -> None:
    customer = world.customer()
    upload = sent(
        world.filer, xlsx([HEAD, row(), row("XQ-2025-0832", products="", goods="Kits of before")]), kind="certificates", name="old.xlsx"
    )
    assert (problems(upload), upload.counts["will_create"]) == ([], 2)
    committed(upload, world.filer)
    first = OldCertificate.objects.get(number="XQ-2025-0831")
    assert (first.customer, first.products, first.blob) == (customer, ["CI-2440-100", "CI-2717-200"], None)
    assert first.named.get().names.get().text == "宁波采购代理有限公司"
    assert work("rescreen")
    page = client_of(world.filer).get(f"/d/certificates/{first.pk}/").content.decode()
    assert "Not attested" in page
    assert "not filed yet" in page
    assert client_of(world.filer).get(f"/d/certificates/{first.pk}/file/").status_code == 404
    assert client_of(world.reviewer).get(f"/c/programme/certificates/{first.pk}/").status_code == 404
    assert "XQ-2025-0831" in client_of(world.reviewer).get(f"/c/programme/distributors/{world.qinglan.pk}/").content.decode()


def test_without_its_paper_it_is_a_reference_to_nothing_and_the_paper_is_filed_once(world: World) -> None:
    world.customer()
    committed(filed(world, row()), world.filer)
    made = OldCertificate.objects.get()

    def named() -> list[str]:
        asked = {"seller_party_id": world.qinglan.party.pk, "buyer_name": "宁波江南医院", "catalogue_number": "CI-2440-100"}
        return queries.naming(**asked, on=civil_today())

    assert named() == []
    client = client_of(world.filer)
    address = f"/d/certificates/{made.pk}/"
    wrong = client.post(address, {"file": SimpleUploadedFile("a.txt", b"words")})
    assert wrong.status_code == 422
    assert "neither PDF" in wrong.content.decode()
    assert client.post(address, {"file": SimpleUploadedFile("paper.pdf", PAPER)}).status_code == 302
    assert client.get(f"{address}file/").status_code == 200
    assert named() == ["XQ-2025-0831"]
    with pytest.raises(StaleState):
        flow.file_certificate(certificate=made, by=world.filer, content=PAPER, name="other.pdf")
    with pytest.raises(DatabaseError, match="filed once"), transaction.atomic(), connection.cursor() as cursor:
        cursor.execute("UPDATE certifications_oldcertificate SET blob_id = NULL")
    assert client_of(world.stranger).post(address, {"file": SimpleUploadedFile("paper.pdf", PAPER)}).status_code == 404


@pytest.mark.parametrize(
    ("changes", "field", "said"),
    [
        ({"customer": "杭州没有的医院"}, "customer", "None of your customers"),
        ({"products": "CI-9999"}, "products", "no such number"),
        ({"products": "", "goods": ""}, "products", "Choose the products"),
        ({"number": "EUC-2026-000001"}, "number", ""),
        ({"until": DATED}, "valid_until", "ends before"),
        ({"dated": "someday"}, "dated_on", ""),
        ({"dated": ""}, "dated_on", "Enter a day"),
    ],
)
def test_what_is_wrong_is_said_at_its_cell(world: World, changes: dict[str, str], field: str, said: str) -> None:
    world.customer()
    upload = filed(world, row(**changes))
    assert any((line, name) == (2, field) and said in text for line, name, text in problems(upload)), problems(upload)
    assert not OldCertificate.objects.exists()


def test_the_same_file_again_changes_nothing_and_another_of_the_number_is_refused(world: World) -> None:
    world.customer()
    committed(filed(world, row()), world.filer)
    again = filed(world, row(), row("XQ-2025-0900"))
    assert (problems(again), again.counts["will_create"], again.counts["will_skip"]) == ([], 1, 1)
    other = filed(world, row(goods="Other goods"))
    assert [(line, field) for line, field, _text in problems(other)] == [(2, "number")]
    assert OldCertificate.objects.count() == 1


def test_an_upload_is_taken_back_while_no_paper_was_filed(world: World) -> None:
    world.customer()
    upload = committed(filed(world, row(), row("XQ-2025-0900")), world.filer)
    made = OldCertificate.objects.get(number="XQ-2025-0900")
    flow.file_certificate(certificate=made, by=world.filer, content=PAPER, name="paper.pdf")
    with pytest.raises(NotAllowed, match="XQ-2025-0900") as bound:
        undone(upload, world.filer)
    assert bound.value.code == "bound"
    first = OldCertificate.objects.get(number="XQ-2025-0831")
    assert queries.word_of(first) == "unfiled"
    alone = committed(filed(world, row("XQ-2025-0999")), world.filer)
    undone(alone, world.filer)
    assert queries.word_of(OldCertificate.objects.get(number="XQ-2025-0999")) == "withdrawn"


def test_anothers_customer_is_nobodys(world: World) -> None:
    world.customer("stranger")
    assert [field for _line, field, _text in problems(filed(world, row()))] == ["customer"]
