"""Sending and reading tips, by the real pages and actions, in few words."""

import re
from typing import Any

from django.core.files.uploadedfile import SimpleUploadedFile
from django.http import HttpResponse
from django.test import Client

from certifications.files.cleaning import Cleaned
from certifications.people import tip_readers
from certifications.people.models import User
from certifications.people.models_tips import TipReader
from certifications.tips import actions
from certifications.tips.models import Tip
from certifications.tips.rules import TipData, receipt_code
from tests.world import World, proof_for

WHAT = "Three new CV-3600 analysers stood in a storeroom of a firm that is no distributor of yours."
TIP = {
    "what": WHAT, "place": "Kashgar, in a storeroom", "seen_when": "late spring, on a Tuesday", "product": "CI-3600-A",
    "seller": "喀什远昌商贸有限公司", "buyer": "", "link": "https://notices.example/4711", "website": "",
}  # fmt: skip


def named(world: World, who: str = "second_reviewer", by: str = "reviewer", second: str = "lead") -> User:
    """A reader of tips, named by two people."""
    reader = world.people[who]
    held = proposed(world, who, by)
    tip_readers.agree(held=held, by=world.people[second], proof=proof_for(world.people[second], held.digest))
    return User.objects.get(pk=reader.pk)


def proposed(world: World, who: str = "second_reviewer", by: str = "reviewer") -> TipReader:
    """Somebody proposed as a reader."""
    words = {"reader": world.people[who].pk, "explanation": "Looks into what comes from outside."}
    proof = proof_for(world.people[by], tip_readers.reader_digest(**words))
    return tip_readers.propose(by=world.people[by], proof=proof, **words)


def form_key(client: Client) -> str:
    """The key of a fresh form."""
    found = re.search(r'name="form_key" value="([^"]+)"', client.get("/channel/tip/").content.decode())
    assert found is not None
    return found[1]


def send(client: Client | None = None, files: list[tuple[str, bytes]] | None = None, **changes: str) -> HttpResponse:
    """What the page answers to a tip."""
    client = client or Client()
    given: dict[str, Any] = {**TIP, "form_key": changes.pop("form_key", "") or form_key(client), **changes}
    for number, (name, content) in enumerate(files or [], start=1):
        given[f"file_{number}"] = SimpleUploadedFile(name, content)
    return client.post("/channel/tip/", given)


def code_in(answer: HttpResponse) -> str:
    """The receipt code on a page."""
    found = re.search(r"[0-9A-Z]{5}(?:-[0-9A-Z]{5}){4}", answer.content.decode())
    assert found is not None, answer.content.decode()
    return found[0]


def kept(files: list[Cleaned] | None = None, **changes: str) -> tuple[Tip, str]:
    """A tip and its receipt code, without the page."""
    words = {name: value for name, value in {**TIP, **changes}.items() if name in TipData.__dataclass_fields__}
    data = TipData(**words)
    code = receipt_code(changes.get("form_key", "k" * 43), data, [file.content for file in files or []])
    return actions.receive(data=data, files=files or [], code=code), code
