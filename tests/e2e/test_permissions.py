"""Every address as every person, over HTTP, against the table of matrix.py; a new address without a row fails."""

import html
import http.client
from dataclasses import dataclass
from decimal import Decimal
from functools import cache
from typing import Any

import pytest
from django.urls import resolve, reverse

from certifications.catalogue.models_ownership import OwnershipRule
from certifications.evidence.bulk import Alike, draw
from certifications.evidence.models_intake import Weighing
from certifications.files.cleaning import Cleaned
from certifications.flags.actions import ask
from certifications.flow import cards as flow_cards
from certifications.flow import catalogue as flow_catalogue
from certifications.flow import intake as flow_intake
from certifications.flow.rescreening import rescreen_all
from certifications.flow.sign import add_document as put_document
from certifications.flow.uploads import KINDS
from certifications.ledger.ids import new_ulid
from certifications.management.commands.write_docs import documents, patterns, right_of
from certifications.parties.authorising import add_document
from certifications.parties.identities import pair
from certifications.parties.models import Party
from certifications.parties.models_identities import IdentityCandidate
from certifications.parties.rules_card import ContactData, LaboratoryData
from certifications.people import tip_readers
from certifications.people.actions import invite
from certifications.people.demo import PEOPLE
from certifications.people.models import Membership, User
from certifications.people.models_leave import Substitution
from certifications.programme.models import OldCertificate, ProgrammeStart, StockCount
from certifications.resolution.models import NameUse
from certifications.screening.models import ListVersion
from certifications.uploads.actions import receive
from certifications.work.models import Job
from tests.catalogue.asked import held
from tests.catalogue.asked import policy as asked_policy
from tests.catalogue.changes import proposed
from tests.catalogue.questionnaires import put_in_force
from tests.catalogue.undertakings import texts, version
from tests.custody.shipments import HEAD as SHIPPED
from tests.custody.shipments import row as shipment
from tests.declarations.emergencies import opened as emergency_open
from tests.declarations.end_users import scanned
from tests.flags.cases import captured, case_on_evidence
from tests.letters.asked import asked
from tests.parties.cards import a_paper, a_site
from tests.parties.rights import nominated
from tests.people.appointments import proposed as appointment_proposed
from tests.people.powers import proposed as power_proposed
from tests.tips.sending import kept, named
from tests.tips.sending import proposed as reader_proposed
from tests.uploads.files import HEAD, HOSPITAL, csv

from .matrix import ANYBODY, MATRIX, PROGRAM
from .ordering import ordered
from .running import Running
from .test_crashes import cast, released, signed, status, until
from .test_pages import session_of

pytestmark = [pytest.mark.stack, pytest.mark.xdist_group("running")]
CASE_ACTS = {"compliance:unask", "compliance:reopen"}
ALLOWED = {200, 302, 405, 422}


def test_every_address_has_a_row_and_every_row_an_address() -> None:
    names = {name for _address, name, _view in patterns()}
    assert names == set(MATRIX)


def test_every_view_says_what_it_asks_for() -> None:
    assert [name for _address, name, view in patterns() if right_of(view) == "?"] == []


def test_the_documents_of_rights_and_states_are_those_of_the_code() -> None:
    for file, text in documents().items():
        assert file.read_text(encoding="utf-8") == text, f"run ./dev manage write_docs: {file.name}"


def programs(world: Any, done: Any) -> dict[str, dict[str, Any]]:
    """A held order line, a program and a webhook of Qinglan."""
    made = ordered(world, done)
    return {
        **{f"orders:{name}": {"pk": made.held.pk} for name in ("line", "act")}, "programs:client-revoke": {"pk": made.client.pk},
        **{f"programs:{name}": {"pk": made.hook.pk} for name in ("webhook", "webhook-remove", "webhook-enable")},
        **{f"api:{name}": {"pk": made.held.pk} for name in ("cancel", "ship", "take_back", "substitute", "line")},
        "api:balances": {"number": done.number},
        "api:sent": {"number": "EV-2026-000000"}, "api:events_sent": {"number": "UPL-2026-000000"},
    }  # fmt: skip


def card(world: Any) -> dict[str, dict[str, Any]]:
    """What is kept of a customer of Qinglan."""
    customer = world.customer()
    site = a_site(world, customer)
    flow_cards.put_laboratory(customer=customer, site=site, by=world.filer, data=LaboratoryData("遗传实验室"))
    flow_cards.put_contact(customer=customer, by=world.filer, data=ContactData("陈一鸣", phone="0574 87001200"))
    of, laboratory, contact = {"pk": customer.pk}, site.laboratories.get(), customer.contacts.get()
    kept = a_paper(world, customer)
    return {
        **{
            f"distributors:{name}": of
            for name in ("site-new", "contact-new", "paper-new", "group", "group-leave", "timeline", "timeline-csv", "questions")
        },
        **{f"distributors:{name}": {**of, "key": site.key} for name in ("site", "site-end", "laboratory-new")},
        **{f"distributors:{name}": {**of, "key": laboratory.pk} for name in ("laboratory", "laboratory-end")},
        **{f"distributors:{name}": {**of, "key": contact.pk} for name in ("contact", "contact-remove")},
        **{f"distributors:{name}": {**of, "key": kept.pk} for name in ("paper", "paper-withdraw")},
        **{f"compliance:{name}": {"pk": customer.party_id} for name in ("party-timeline", "party-timeline-csv")},
        "compliance:party-paper": {"pk": customer.party_id, "key": kept.pk},
    }


def tips(world: Any) -> dict[str, dict[str, Any]]:
    """A tip with a file, and a reader who is proposed; one is named already."""
    if not tip_readers.readers().exists():
        named(world)
    tip, _code = kept([Cleaned(b"\x89PNG", "image/png")])
    proposal = reader_proposed(world, who="reviewer", by="lead")
    return {
        **{f"compliance:tip{name}": {"number": tip.number} for name in ("", "-ask", "-close", "-reopen", "-capture")},
        "compliance:tip-file": {"number": tip.number, "position": "0"},
        **{f"compliance:tip-reader-{name}": {"pk": proposal.pk} for name in ("agree", "void")},
    }


@cache
def objects() -> dict[str, dict[str, Any]]:
    """Arguments of each address that takes some, all of the distributor Qinglan."""
    import datetime as dt

    world = cast()
    done = signed(world)
    until(lambda: status(done) == "ready")
    released(world, done)
    until(lambda: status(done) == "attested")
    draft = world.draft()
    put_document(declaration=draft, by=world.filer, title="Contract", content=b"%PDF-1.4\n%%EOF\n", name="contract.pdf")
    filed = {"number": draft.number, "pk": draft.versions.get().documents.get().pk}
    attestation = done.attestations.get()
    case = case_on_evidence(world, seller="嘉兴远昌贸易有限公司")
    question = ask(
        case=case,
        by=world.reviewer,
        organisation=done.organisation,
        text="Who bought the kits?",
        due_on=dt.date.today() + dt.timedelta(days=5),
    )
    document = captured(world)
    admin = User.objects.get(email__startswith="he.rong")
    invitation, token = invite(by=admin, organisation=done.organisation, email="new@qinglan.example", roles=["filer"], language="en")
    membership = Membership.objects.filter(user__email__startswith="lin.yue").get()
    number = {"number": done.number}
    upload = receive(by=world.filer, kind=KINDS["customers"], content=csv(HEAD, HOSPITAL), name="file.csv", form_key=new_ulid())
    shipments = receive(by=world.lead, kind=KINDS["shipments"], content=csv(SHIPPED, shipment()), name="file.csv", form_key=new_ulid())
    order_file = {"content": csv(("order_number",), ("PO-1",)), "name": "file.csv"}
    orders = receive(by=world.filer, kind=KINDS["orders"], **order_file, form_key=new_ulid())
    any_orders = receive(by=User.objects.get(email__startswith="nils"), kind=KINDS["any_orders"], **order_file, form_key=new_ulid())
    made: dict[str, dict[str, Any]] = {
        "people:welcome": {"token": token}, "people:revoke": {"pk": invitation.pk}, "people:end": {"pk": membership.pk},
        "public:verify-number": {"number": attestation.number},
        "distributors:customer": {"pk": done.customer_id}, "distributors:customer-edit": {"pk": done.customer_id},
        "distributors:owner-new": {"pk": done.customer_id}, "distributors:owner-end": {"pk": done.customer_id},
        "distributors:declaration": number, "distributors:declaration-edit": {"number": draft.number},
        "distributors:declaration-step": {"number": draft.number, "group": "goods"}, "distributors:declaration-check": {"number": draft.number},
        "distributors:declaration-documents": {"number": draft.number}, "distributors:declaration-document": filed,
        "compliance:declaration-document": filed,
        "distributors:declaration-document-remove": {"number": draft.number, "pk": "01ARZ3NDEKTSV4RRFFQ69G5FAV"},
        "distributors:declaration-withdraw": {"number": draft.number}, "distributors:declaration-reopen": number,
        "distributors:declaration-sign": {"number": draft.number}, "distributors:declaration-objection": {"number": draft.number},
        **{f"distributors:declaration-{name}": number for name in ("changes", "copy", "amend", "renew")},
        "compliance:declaration": number, "compliance:declaration-answer": number, "compliance:declaration-return": number, "distributors:receipt": {**number, "kind": "json"},
        "distributors:attestation": number, "distributors:question": {"pk": question.pk},
        "distributors:upload-memory": {"kind": "customers"}, "distributors:upload-workbook": {"kind": "customers"},
        "distributors:upload-rejected": {"number": upload.number, "form": "csv"},
        "compliance:upload-memory": {"kind": "shipments"}, "compliance:upload-workbook": {"kind": "shipments"},
        "compliance:upload-rejected": {"number": shipments.number, "form": "csv"},
        "distributors:upload-answers": {"number": orders.number}, "compliance:upload-answers": {"number": any_orders.number},
        "operators:rescreening-cancel": {"pk": rescreen_all().pk},
        **programs(world, done),
        "operators:retry": {"job_id": Job.objects.first().pk},  # type: ignore[union-attr]
    }  # fmt: skip
    right = done.organisation.party.authorisations.first()
    assert right is not None
    paper = add_document(authorisation=right, by=None, blob=document.blob, kind="contract", title="Contract", dated_on=dt.date.today())
    nomination = nominated(world, right)
    scan = scanned(world, draft, content=b"%PDF-1.7 signed for those who may not see it")
    made["enduser:confirm"] = {"token": "guessed"}
    made |= {f"sales:{name}": {"pk": done.organisation_id} for name in ("distributor", "export")}
    access = emergency_open(world, User.objects.get(email__startswith="nils."), done)
    made |= {f"emergency:{name}": {"pk": access.pk} for name in ("access", "agree", "void", "close", "look")}
    made |= {f"compliance:prices-{name}": {"pk": "X"} for name in ("agree", "void")}
    today = dt.date.today()
    away = {"starts_on": today, "ends_on": today + dt.timedelta(days=3), "named_by": admin, "role": "signatory"}
    absence = Substitution.objects.create(organisation=done.organisation, person=world.signatory, substitute=admin, **away)
    made["people:leave-end"] = {"pk": absence.pk}
    appointment = appointment_proposed(world)
    made |= {f"people:appointment-{name}": {"pk": appointment.pk} for name in ("agree", "void")}
    power = power_proposed(world)
    made |= {f"people:delegation{name}": {"number": power.number} for name in ("", "-paper", "-accept", "-agree", "-void", "-end")}
    proposal = proposed(world.lead, "group", "Proposed", {"measures": {"CI-3600-A": "1", "CI-3600-P4": "1"}})
    made |= {f"compliance:catalogue-{name}": {"pk": proposal.pk} for name in ("proposal", "agree", "void")}
    flow_catalogue.keep_clauses(code="CN-kits", by=world.lead, data=version(texts(n4={"text": "Changed."})), seen="")
    made |= {f"compliance:{name}": {"code": "CN-kits"} for name in ("clause-set", "clauses-draft", "clauses-check")}
    letter = asked(world)
    row, kept = (
        StockCount.objects.filter(organisation=done.organisation).first(),
        OldCertificate.objects.filter(organisation=done.organisation).first(),
    )
    start = ProgrammeStart.objects.filter(organisation=done.organisation).first()
    assert row is not None
    assert kept is not None
    assert start is not None
    made |= {"distributors:stock-row": {"pk": row.pk}, "compliance:certificate-file": {"pk": kept.pk}}
    made |= {f"distributors:certificate{name}": {"pk": kept.pk} for name in ("", "-file", "-withdraw")}
    made |= {f"compliance:programme-{name}": {"pk": start.pk} for name in ("run", "agree", "void")}
    made |= {f"compliance:programme-{name}": {"pk": done.organisation_id} for name in ("distributor", "stock-csv", "certificates-csv")}
    made["compliance:programme-csv"] = {}
    made["distributors:report-nothing"] = {"period": "2026-01"}
    policy = held(world, asked_policy("confirm", title=new_ulid(), from_date=dt.date.today() + dt.timedelta(days=600)))
    put_in_force(world)
    made |= {f"compliance:question-{name}": {"number": "1"} for name in ("edit", "move")}
    made["compliance:policy"] = {"number": policy.number}
    first, second = pair(done.customer.party_id, Party.objects.create(kind="owner", country="CN").pk)
    candidate = IdentityCandidate.objects.create(left_id=first, right_id=second, why="name", score=1, left_text="x", right_text="x")
    made |= {f"compliance:{name}": {"pk": candidate.pk} for name in ("identity", "identity-agree", "identity-void")}
    flow_intake.weigh(document)
    alike = Alike(document.reader, "", document.weighing.template, Decimal(0))
    Weighing.objects.filter(document=document).update(rank=10, is_whole=True)
    drawn = draw(alike=alike, sample_size=1, by=world.reviewer, form_key=new_ulid())
    made |= {f"compliance:bulk-{name}": {"number": drawn.number} for name in ("set", "state", "abandon", "undo")}
    made["compliance:intake-back"] = {"number": document.number}
    made["compliance:name"] = {"pk": NameUse.objects.filter(kind="evidence_line").values_list("reported_id", flat=True)[0]}
    made["compliance:ownership-rule"] = {"number": OwnershipRule.objects.values_list("number", flat=True)[0]}
    made["distributors:declaration-clauses"] = {"number": draft.number}
    made |= {name: {"pk": world.kit.pk} for name in ("compliance:product", "compliance:product-version")}
    made |= card(world)
    made |= tips(world)
    for name in MATRIX:
        if name in {
            "compliance:party",
            "compliance:alias-propose",
            "compliance:alias-end",
            "compliance:alias-agree",
            "compliance:alias-void",
            "compliance:owner-new",
            "compliance:owner-end",
        }:
            made[name] = {"pk": done.customer.party_id}
            continue
        if name.partition(":")[2].startswith("letter") and name.partition(":")[2] not in {"letters", "letters-csv", "letter-new"}:
            made[name] = {"number": letter.number}
        elif (
            name.startswith(("distributors:upload", "compliance:upload"))
            and name not in made
            and not name.endswith((":uploads", ":uploads-csv", ":upload-new"))
        ):
            made[name] = {"number": (upload if name.startswith("distributors:") else shipments).number}
        elif name.partition(":")[2].startswith("end-user"):
            made[name] = {"number": draft.number}
            made[name] |= {"pk": scan.pk} if name.endswith(("-check", "-file")) else {}
            made[name] |= {"position": "1"} if name.endswith("-file") else {}
        elif name.partition(":")[2].startswith("nomination") and name not in {"compliance:nominations", "compliance:nominations-csv"}:
            made[name] = {"number": nomination.number, **({"hop": 1} if name == "compliance:nomination-paper" else {})}
        elif name.partition(":")[2].startswith("right") and name not in {
            "compliance:right-new",
            "distributors:rights",
            "distributors:rights-csv",
        }:
            made[name] = {"number": right.number, **({"pk": paper.pk} if name == "compliance:right-paper" else {})}
        elif (name.startswith("compliance:attestation") and name != "compliance:attestations") or name in {
            "regulators:attestation",
            "regulators:pdf",
        }:
            made[name] = {"number": attestation.number}
        elif name.startswith("compliance:evidence-") and name not in {"compliance:evidence-new", "compliance:evidence-export"}:
            made[name] = {"number": document.number}
        elif name in {"compliance:assign", "compliance:decide", "compliance:agree", "compliance:disagree", "compliance:ask"} | CASE_ACTS:
            made[name] = {"number": case.number}
        elif name in {"operators:list-version", "operators:list-propose", "operators:list-agree", "operators:list-void"}:
            made[name] = {"code": "us_entity_list", "pk": ListVersion.objects.filter(source="us_entity_list").values_list("pk")[0][0]}
        elif name.startswith("operators:list") and name not in {"operators:lists", "operators:list-new"}:
            made[name] = {"code": "us_csl"}
    return made


@dataclass(frozen=True)
class Answer:
    """What somebody got: the status, where it leads, and its text as a reader sees it (empty for what is no text or not given)."""

    code: int
    leads_to: str
    text: str


def ask_for(running: Running, address: str, cookie: str, method: str = "GET") -> Answer:
    """An answer, without following where it leads."""
    connection = http.client.HTTPConnection("localhost", running.port, timeout=30)
    connection.request(method, address, headers={"Cookie": cookie} if cookie else {})
    response = connection.getresponse()
    body, kind = response.read(), response.getheader("Content-Type") or ""
    connection.close()
    is_shown = response.status == 200 and kind.startswith(("text/", "application/json"))
    text = " ".join(html.unescape(body.decode(errors="replace")).split()) if is_shown else ""
    return Answer(response.status, response.getheader("Location") or "", text)


@cache
def answers(running: Running) -> dict[str, dict[str, Answer]]:
    """Name of the address to who asks to what they got: every address as every person. Asked once for all tests that look at them."""
    arguments = objects()
    cookies = {person.key: "session=" + session_of(person.email)["value"] for person in PEOPLE} | {"nobody": ""}
    found = {}
    for name in MATRIX:
        address = reverse(name, kwargs=arguments.get(name))
        assert resolve(address).view_name == name
        running.forget_limits()
        found[name] = {who: ask_for(running, address, cookie) for who, cookie in cookies.items()}
    return found


def test_every_address_as_every_person(shared: Running) -> None:
    wrong = []
    for name, everybody in answers(shared).items():
        allowed = MATRIX[name]
        for who, answer in everybody.items():
            to_sign_in = answer.code == 302 and "/account/login/" in answer.leads_to
            if allowed == ANYBODY:
                good = answer.code in ALLOWED | {404} and not to_sign_in
            elif allowed == PROGRAM:
                good = answer.code in {401, 405}
            elif who == "nobody":
                good = to_sign_in
            elif allowed == "signed in" or who in allowed:
                good = answer.code in ALLOWED and not to_sign_in
            else:
                good = answer.code == 404
            if not good:
                wrong.append(f"{name} as {who}: {answer.code} {answer.leads_to}")
    assert not wrong, "\n".join(wrong)


def test_a_post_without_the_token_changes_nothing(shared: Running) -> None:
    cookie = "session=" + session_of("lin.yue")["value"]
    assert ask_for(shared, reverse("distributors:customer-new"), cookie, "POST").code == 403
