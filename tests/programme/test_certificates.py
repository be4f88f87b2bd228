"""A certificate from before the programme is a reference: screened, listed, over on its day, and never taken for an attestation."""

import datetime as dt
from typing import Any

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.db import DatabaseError, connection, transaction
from django.test import Client

from certifications.flow import first_day as flow
from certifications.flow.demo_register import PAPER
from certifications.ledger.days import civil_today
from certifications.ledger.ids import new_ulid
from certifications.ledger.moves import NotAllowed, StaleState
from certifications.pages.compliance import views_programme
from certifications.parties.actions import Incomplete
from certifications.programme import queries
from certifications.programme.models import OldCertificate
from certifications.programme.rules import CertificateData
from certifications.screening.models import ScreeningRun
from portal.words import WORDS
from tests.authority import Authority
from tests.flags.cases import line
from tests.flow.steps import work
from tests.world import World, client_of

pytestmark = pytest.mark.django_db
DAY = dt.timedelta(days=1)


def data(world: World, **changes: Any) -> CertificateData:
    values: dict[str, Any] = {
        "customer_id": world.customer().pk if "customer_id" not in changes else "",
        "number": "XQ-2025-0831",
        "issuer": "An earlier form of the distributor",
        "dated_on": civil_today() - 300 * DAY,
        "valid_until": civil_today() + 65 * DAY,
        "products": ("CI-2440-100",),
    }
    return CertificateData(**{**values, **changes})


def kept(world: World, **changes: Any) -> OldCertificate:
    return flow.keep_certificate(by=world.filer, data=data(world, **changes), content=PAPER, name="paper.pdf", form_key=new_ulid())


def test_everybody_named_is_screened(world: World) -> None:
    made = kept(world, named=("宁波采购代理有限公司",))
    assert work("rescreen") == 2
    named = {made.customer.party_id, *made.named.values_list("pk", flat=True)}
    assert set(ScreeningRun.objects.filter(state="done").values_list("party", flat=True)) >= named


def test_its_words_and_pills_are_none_of_an_attestation(world: World) -> None:
    ours, theirs = WORDS["attestation"].values(), WORDS["oldcertificate"].values()
    assert not {str(word.text) for word in ours} & {str(word.text) for word in theirs}
    assert all("not attested" in str(word.text).lower() for word in theirs)
    assert {word.kind for word in theirs} == {""}
    made = kept(world)
    page = client_of(world.filer).get(f"/d/certificates/{made.pk}/").content.decode()
    assert "Nobody here attested this." in page
    assert "is-ok" not in page.split("<main")[1]


def test_public_verification_never_knows_it_and_no_number_of_ours_is_taken(world: World, authority: Authority, settings: Any) -> None:
    settings.TRUST_DIR = authority.trust_folder
    made = kept(world)
    for number in (made.number, made.number.lower()):
        answer = Client().post("/verify/", {"by": "number", "number": number, "code": "0000-0000"})
        assert answer.status_code == 422
        assert "is-ok" not in answer.content.decode().split("<main")[1]
    file = SimpleUploadedFile("old.pdf", PAPER, content_type="application/pdf")
    assert 'class="verdict is-stop"' in Client().post("/verify/", {"by": "file", "file": file}).content.decode()
    for number in ("EUC-2026-7K3M9Q", "eud–2026-XXXXXX", "TAL-2026-AAAAAA"):
        with pytest.raises(Incomplete) as caught:
            kept(world, number=number)
        assert [p.field for p in caught.value.problems] == ["number"]


def test_a_search_by_a_customers_name_asks_about_that_customer_alone(world: World) -> None:
    made = kept(world)
    for text, found in (("江南医院", [made]), ("NINGBO JIANGNAN", [made]), ("Harbour Lighting", [])):
        rows = queries.search_certificates(queries.certificates_visible_to(world.filer), text)
        assert list(rows) == found, text
        # The names are asked of the party of each certificate, and not those of all parties first.
        assert "EXISTS" in str(rows.query)
        assert " IN (SELECT" not in str(rows.query)


def test_it_is_over_on_its_day(world: World) -> None:
    made = kept(world)
    assert queries.word_of(made, made.valid_until - DAY) == "held"
    assert queries.word_of(made, made.valid_until) == "over"
    assert list(queries.with_word(OldCertificate.objects.all(), "held")) == [made]


def test_it_is_named_beside_an_undeclared_sale_and_clears_nothing(world: World) -> None:
    from certifications.flow.evidence import match_line

    made = kept(world)
    sale = line(world, seller="深圳市青岚科学仪器有限公司", buyer="宁波江南医院")
    match_line(sale.pk)
    flag = sale.flags.get(rule="S04")
    assert flag.inputs["certificates"] == made.number
    from certifications.flags.rules import BY_ID

    assert "which nobody here attested" in BY_ID["S04"].explain(flag.inputs)


def test_bad_ones_are_named_by_field(world: World) -> None:
    with pytest.raises(Incomplete) as caught:
        kept(world, number=" ", issuer="", dated_on=civil_today() + 2 * DAY, valid_until=civil_today(), products=(), customer_id="")
    assert {p.field for p in caught.value.problems} == {"number", "issuer", "dated_on", "valid_until", "products", "customer"}
    with pytest.raises(NotAllowed) as file:
        flow.keep_certificate(by=world.filer, data=data(world), content=b"no paper", name="x.exe", form_key=new_ulid())
    assert file.value.code == "file"


def test_what_it_says_stays_and_it_is_withdrawn_once(world: World) -> None:
    made = kept(world)
    with pytest.raises(DatabaseError, match="never changes"), transaction.atomic(), connection.cursor() as cursor:
        cursor.execute("UPDATE certifications_oldcertificate SET valid_until = '2099-01-01' WHERE id = %s", [made.pk])
    flow.withdraw_certificate(certificate=made, by=world.filer, reason="It was entered twice.")
    with pytest.raises(StaleState):
        flow.withdraw_certificate(certificate=made, by=world.filer, reason="It was entered twice.")
    made.refresh_from_db()
    assert queries.word_of(made) == "withdrawn"
    assert (
        queries.naming(seller_party_id=world.qinglan.party.pk, buyer_name="宁波江南医院", catalogue_number="CI-2440-100", on=civil_today())
        == []
    )


def test_the_pages_keep_show_export_and_withdraw(world: World) -> None:
    client, customer = client_of(world.filer), world.customer()
    sent = {
        "form_key": new_ulid(), "number": "A-17", "issuer": "Bund", "dated_on": str(civil_today() - 9 * DAY), "valid_until": str(civil_today() + 9 * DAY),
        "customer": customer.pk, "named": "", "products": "CI-2440-100", "goods": "",
    }  # fmt: skip
    assert client.post("/d/certificates/new/", sent).status_code == 422
    done = client.post("/d/certificates/new/", {**sent, "file": SimpleUploadedFile("a.pdf", PAPER)})
    assert done.status_code == 302
    made = OldCertificate.objects.get()
    assert client.get(f"/d/certificates/{made.pk}/file/").content == PAPER
    assert "A-17" in client.get("/d/certificates/?q=bund").content.decode()
    assert "Not attested" in client.get("/d/certificates/csv/").content.decode()
    stranger = client_of(world.people["stranger"])
    assert stranger.get(f"/d/certificates/{made.pk}/").status_code == 404
    assert stranger.get(f"/d/certificates/{made.pk}/file/").status_code == 404
    assert client.post(f"/d/certificates/{made.pk}/withdraw/", {"reason": "It was entered twice."}).status_code == 302
    assert client_of(world.reviewer).get(f"/c/programme/certificates/{made.pk}/").content == PAPER


def test_compliance_turns_the_pages_of_a_distributors_certificates(world: World, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(views_programme, "PER_PAGE", 1)
    newest, middle, oldest = (kept(world, number=f"XQ-{n}", dated_on=civil_today() - (300 + n) * DAY) for n in range(3))
    client, at = client_of(world.reviewer), f"/c/programme/distributors/{world.qinglan.pk}/"

    def shown(address: str) -> str:
        return client.get(at + address).content.decode()

    first = shown("?page=7&q=xq")
    assert newest.number in first and middle.number not in first
    # The other lists of the page stay where they are.
    assert "?page=7&amp;q=xq&amp;certificates=2" in first
    second = shown("?certificates=2")
    assert middle.number in second and newest.number not in second and oldest.number not in second
    assert "?certificates=1" in second and "?certificates=3" in second
    assert oldest.number in shown("?certificates=99") and newest.number in shown("?certificates=nonsense")
