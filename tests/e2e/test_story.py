"""The whole story in a browser against the running processes, from the demonstration's data to a revoked attestation."""

import re
import time
from pathlib import Path
from typing import Any

import pytest
from allauth.mfa.totp.internal.auth import format_hotp_value, hotp_value

from certifications.people.demo import PASSWORD, totp_secret
from tests.axe import assert_accessible
from tests.browser import Watched
from tests.codes import fresh_step, next_step
from tests.flags.cases import NOTICE

from .running import Running

pytestmark = [pytest.mark.browser, pytest.mark.xdist_group("running")]
used: dict[str, int] = {}


def code(email: str) -> str:
    """A code that this person has not used for an act yet."""
    step = fresh_step()
    if used.get(email) == step:
        step = next_step()
    used[email] = step
    return format_hotp_value(hotp_value(totp_secret(email), step))


def sign_in(watched: Watched, email: str) -> Any:
    """Through the sign-in pages, with password and code, as a person does."""
    page = watched.open("/account/login/")
    page.locator("input[name=login]").fill(email)
    page.locator("input[name=password]").fill(PASSWORD)
    page.locator("form:has(input[name=password]) button[type=submit], form:has(input[name=password]) button:not([type])").first.click()
    page.locator("input[name=code]").wait_for()
    # A code that opened the door signs nothing: the next act of this person waits for the next one.
    page.locator("input[name=code]").fill(code(email))
    page.locator("form:has(input[name=code]) button[type=submit], form:has(input[name=code]) button:not([type])").first.click()
    page.wait_for_url(re.compile(r"/(d|c|r|o|start)/"))
    return page


def until_reads(page: Any, text: str, seconds: float = 40) -> None:
    """Load the page again until the workers have come so far."""
    end = time.monotonic() + seconds
    while text not in page.locator("main").inner_text():
        assert time.monotonic() < end, page.locator("main").inner_text()[:2000]
        page.wait_for_timeout(400)
        page.reload()


def test_the_whole_story(watched: Watched, running: Running, tmp_path: Path) -> None:
    # The filer registers a customer and prepares a declaration.
    page = sign_in(watched, "lin.yue@qinglan.example")
    page.goto(f"{running.url}/d/customers/new/")
    page.locator("[name=native_name]").fill("杭州钱塘儿童医院")
    page.locator("[name=latin_name]").fill("Hangzhou Qiantang Children's Hospital")
    page.locator("[name=uscc]").fill("91350100M0001TGQXM")
    page.locator("[name=address]").fill("杭州市钱塘区江南路 7 号")
    page.locator("[name=division]").fill("330100")
    page.locator("[name=line_of_business]").fill("Children's hospital")
    page.locator("main button.btn-primary").click()
    page.wait_for_url(re.compile(r"/d/customers/[0-9A-Z]{26}/"))
    assert "杭州钱塘儿童医院" in page.locator("main").inner_text()
    page.locator("a[href*='/d/declarations/new/?customer=']").click()
    assert page.locator("[name=customer]").input_value() == "杭州钱塘儿童医院"
    page.locator("[name=relationship]").fill("Supplied since 2022.")
    page.locator("[name=contact]").fill("Gao Ning, 0571 8000 1000")
    page.locator("main button.btn-primary").click()
    page.wait_for_url(re.compile(r"/d/declarations/EUD-.*/edit/goods/"))
    number = re.search(r"EUD-\d{4}-\w{6}", page.url).group()  # type: ignore[union-attr]
    page.locator("[name=contract]").fill("QT-2026-07")
    page.locator("input[name^=quantity_]").first.fill("12")
    page.locator("main button.btn-primary").click()
    page.wait_for_url(re.compile(r"/edit/end_use/"))
    page.locator("textarea[name=end_use]").fill("Newborn screening follow-up and paternity matching, about 400 samples a month.")
    page.locator("[name=place_address]").fill("杭州市钱塘区江南路 7 号 2 号楼")
    page.locator("[name=place_division]").fill("330100")
    page.locator("main button.btn-primary").click()
    page.wait_for_url(re.compile(r"/edit/route/"))
    page.locator("main button.btn-primary").click()
    page.wait_for_url(re.compile(r"/edit/documents/"))
    page.locator("main button.btn-primary").click()
    page.wait_for_url(re.compile(r"/check/"))
    assert_accessible(page)
    assert "It is complete." in page.locator("main").inner_text()

    # The signatory reads and signs.
    page = sign_in(watched, "tang.mei@qinglan.example")
    page.goto(f"{running.url}/d/declarations/{number}/sign/")
    assert_accessible(page)
    for box in page.locator("input[name=clause]").all():
        box.check()
    page.locator("[name=role_title]").fill("General Manager")
    page.locator("[name=code]").fill(code("tang.mei@qinglan.example"))
    page.locator("form:has([name=code]) button.btn-primary").click()
    page.wait_for_url(re.compile(rf"/d/declarations/{number}/$"))
    until_reads(page, "Waiting for release")
    until_reads(page, "Receipt, sealed PDF")

    # A reviewer captures a notice; the reader proposes; the reviewer confirms; a seller that nobody registered is flagged.
    daniel = sign_in(watched, "daniel.okafor@corvane.example")
    daniel.goto(f"{running.url}/c/evidence/new/")
    daniel.locator("textarea[name=text]").fill(NOTICE)
    daniel.locator("[name=title]").fill("库尔勒市公安局DNA试剂采购项目中标公告")
    daniel.locator("main button.btn-primary").click()
    daniel.wait_for_url(re.compile(r"/c/evidence/EV-"))
    until_reads(daniel, "What it says")
    assert daniel.locator("[name=line-0-seller]").input_value() == "西安泓桥生物科技有限公司"
    assert daniel.locator("[name=line-0-buyer]").input_value() == "库尔勒市公安局"
    daniel.locator("[name=line-0-happened_on]").fill("2026-10-12")
    daniel.locator("[name=line-0-product]").select_option(label="IdentiPrime 24 STR kit (CI-2440-100)")
    assert_accessible(daniel)
    daniel.locator("main form button.btn-primary").first.click()
    daniel.wait_for_load_state()
    until_reads(daniel, "S01")
    daniel.locator("main a[href*='case=C-']").first.click()
    daniel.wait_for_load_state()
    text = daniel.locator("main").inner_text()
    assert "No match found on the register for 西安泓桥生物科技有限公司" in text
    case = re.search(r"C-\d{4}-\w{6}", text).group()  # type: ignore[union-attr]

    # "Not on our register" closes nothing; two people decide.
    def propose(explanation: str, digits: str) -> None:
        daniel.locator("input[name=outcome][value=confirm]").check()
        daniel.locator("select[name=reason]").select_option("restricted_end_user")
        daniel.locator("textarea[name=explanation]").fill(explanation)
        daniel.locator("form:has(textarea[name=explanation]) [name=code]").fill(digits)
        daniel.locator("form:has(textarea[name=explanation]) button.btn-primary").click()
        daniel.wait_for_load_state()

    watched.expected_status |= {422}
    daniel.locator("input[name=outcome][value=clear]").check()
    daniel.locator("select[name=reason]").select_option("error_in_source")
    daniel.locator("textarea[name=explanation]").fill("This seller is not listed in our system.")
    daniel.locator("form:has(textarea[name=explanation]) button.btn-primary").click()
    daniel.wait_for_load_state()
    assert "opens a question and closes none" in daniel.locator("main").inner_text()
    assert daniel.locator("textarea[name=explanation]").input_value() == "This seller is not listed in our system."
    propose(
        "The notice names the firm as supplier to a police bureau in Korla; nobody registered it.", code("daniel.okafor@corvane.example")
    )
    daniel.goto(f"{running.url}/c/?case={case}")
    assert "You assessed this case" in daniel.locator("main").inner_text()
    lena = sign_in(watched, "lena.brandt@corvane.example")
    lena.goto(f"{running.url}/c/?tab=second&case={case}")
    assert_accessible(lena)
    lena.locator("form:has([name=code]) [name=code]").first.fill(code("lena.brandt@corvane.example"))
    lena.locator("form:has([name=code]) button:not([type])").first.click()
    lena.wait_for_load_state()
    lena.goto(f"{running.url}/c/?tab=closed&case={case}")
    assert "Lena Brandt" in lena.locator("main").inner_text()

    # A person releases; worker and signer write and seal.
    lead = sign_in(watched, "ingrid.solheim@corvane.example")
    lead.goto(f"{running.url}/c/release/")
    lead.locator(f"input[name=number][value='{number}']").check()
    lead.locator("main button.btn-primary").click()
    lead.wait_for_load_state()
    lead.locator("[name=code]").fill(code("ingrid.solheim@corvane.example"))
    lead.locator("form:has([name=code]) button.btn-primary").click()
    lead.wait_for_load_state()
    page.goto(f"{running.url}/d/declarations/{number}/")
    until_reads(page, "Attestation, sealed PDF")
    watched.downloads.add("/attestation.pdf")
    with page.expect_download() as download:
        page.get_by_text("Attestation, sealed PDF").click()
    pdf = tmp_path / download.value.suggested_filename
    download.value.save_as(pdf)
    attestation = pdf.stem

    # Anyone verifies the file; a changed byte is told; no account is needed.
    public = watched.open("/verify/")
    assert_accessible(public)
    public.locator("input[type=file]").set_input_files(pdf)
    public.locator("form:has(input[type=file]) button").last.click()
    public.wait_for_load_state()
    answer = public.locator("main").inner_text()
    assert attestation in answer
    assert "genuine" in answer.lower()
    changed = tmp_path / "changed.pdf"
    content = bytearray(pdf.read_bytes())
    content[len(content) // 3] ^= 1
    changed.write_bytes(content)
    public.goto(f"{running.url}/verify/")
    public.locator("input[type=file]").set_input_files(changed)
    public.locator("form:has(input[type=file]) button").last.click()
    public.wait_for_load_state()
    assert "杭州" not in public.locator("main").inner_text()
    assert "genuine and in force" not in public.locator("main").inner_text().lower()

    # The regulator in scope sees it, the one out of scope does not.
    regulator = sign_in(watched, "ursina.caflisch@seco.example")
    regulator.goto(f"{running.url}/r/?q={attestation}")
    assert attestation in regulator.locator("main").inner_text()
    foreign = sign_in(watched, "jean.morel@sbdu.example")
    foreign.goto(f"{running.url}/r/?q={attestation}")
    assert "杭州" not in foreign.locator("main").inner_text()

    # Two people suspend it; the public page says so at once.
    lead.goto(f"{running.url}/c/attestations/{attestation}/")
    lead.locator("select[name=to]").select_option("suspended")
    lead.locator("select[name=reason]").select_option("new_evidence")
    lead.locator("textarea[name=explanation]").fill("A notice names another buyer for goods of this kind.")
    lead.locator("[name=public_reason]").fill("Under review after new information.")
    lead.locator("form:has(select[name=to]) [name=code]").fill(code("ingrid.solheim@corvane.example"))
    lead.locator("form:has(select[name=to]) button.btn-stop").click()
    lead.wait_for_load_state()
    lena.goto(f"{running.url}/c/attestations/{attestation}/")
    lena.locator("form:has([name=code]) [name=code]").first.fill(code("lena.brandt@corvane.example"))
    lena.locator("form:has([name=code]) button:not([type])").first.click()
    lena.wait_for_load_state()
    public.goto(f"{running.url}/verify/")
    public.locator("input[type=file]").set_input_files(pdf)
    public.locator("form:has(input[type=file]) button").last.click()
    public.wait_for_load_state()
    answer = public.locator("main").inner_text()
    assert "Under review after new information." in answer
    assert "genuine and in force" not in answer.lower()
