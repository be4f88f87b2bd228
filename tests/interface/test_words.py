"""Every code that a page may show has a word: nobody reads `needs_declaration`, in whichever language."""

import ast
import inspect
import re
from collections.abc import Iterator
from pathlib import Path

import pytest
from celery import Task
from django.apps import apps
from django.db import models

from certifications import tasks
from certifications.attestations.rules import STANDINGS as ATTESTATIONS
from certifications.catalogue.rules_policies import END_USERS
from certifications.custody.queries import STANDINGS as MOVEMENTS
from certifications.declarations.rules_enduser import LEVELS
from certifications.evidence.rules import STAGES
from certifications.flags.outcomes import Outcome
from certifications.flow import cutover, timeline
from certifications.flow.upload_fields import DECLARATION_FIELDS
from certifications.flow.upload_kept import OLD, PLAIN
from certifications.pages.compliance import views_identities, views_names
from certifications.pages.operators.views_health import KINDS as JOBS
from certifications.pages.operators.views_lists import KINDS as LISTS
from certifications.pages.operators.views_rescreening import CAUSES
from certifications.parties.register import STANDINGS as RIGHTS
from certifications.parties.rules_owners import Known
from certifications.people.powers import STANDINGS as POWERS
from portal.words import WORDS

ROOT = Path(tasks.__file__).resolve().parents[1]
SOURCES = [path for path in (ROOT / "certifications").rglob("*.py") if "migrations" not in path.parts]
TEMPLATES = [*(ROOT / "templates").rglob("*.html"), *(ROOT / "templates").rglob("*.txt")]

# The group of words of each choice that is neither a status, a state nor a severity (test_kit.py has those).
GROUPS = {
    "countedsale.place": "programme",
    "balanceentry.kind": "entry",
    "bulkrow.outcome": "bulkoutcome",
    "bulkrow.verdict": "bulkverdict",
    "customerpaper.kind": "customerpaper",
    "declarationparty.role": "declared",
    "declarationversion.kind": "kind",
    "declarationversion.period": "period",
    "declarationversion.term": "term",
    "enduseranswer.kind": "enduserrequest",
    "evidencecapture.method": "capturemethod",
    "evidencedocument.origin": "capturemethod",
    "identifier.scheme": "scheme",
    "identityanswer.answer": "identity",
    "identitycandidate.why": "identitywhy",
    "letter.language": "letterlanguage",
    "letterdecision.outcome": "letteroutcome",
    "letterparty.role": "letterrole",
    "movement.kind": "movement",
    "nameanswer.answer": "nameanswer",
    "nameuse.role": "reportedrole",
    "ownership.kind": "ownerkind",
    "ownership.source": "ownersource",
    "ownershiprule.chain": "ownerchain",
    "party.kind": "partykind",
    "partyname.kind": "namekind",
    "policy.effect": "policyeffect",
    "reportedname.role": "reportedrole",
    "sighting.kind": "unit",
    "tip.outcome": "tip_outcome",
    "withdrawal.reason": "withdrawal",
}
# Of these no page shows the code: templates ask for it and say a sentence, or it is for the machine alone.
SENTENCES = {
    "authorisationdocument.kind", "checkcount.answer", "declaration.follows_as", "deltareach.why", "evidencecapture.agrees",
    "evidenceline.product_state", "evidenceline.seller_state", "formerkey.kind", "listversion.why", "namecandidate.number", "nameuse.kind",
    "organisation.kind", "regulatorscope.basis", "upload.mode",
}  # fmt: skip
# What is worked out rather than kept: group to codes.
JUDGED = {
    "attestation": ATTESTATIONS,
    "cutover": cutover.KINDS,
    "enduserclass": END_USERS,
    "assurance": LEVELS,
    "identity": views_identities.STATES,
    "identityorder": tuple(views_identities.SORTS),
    "movementstanding": MOVEMENTS,
    "outcome": tuple(Outcome),
    "ownersknown": tuple(Known),
    "power": POWERS,
    "register": RIGHTS,
    "reportedname": views_names.STATES,
    "reportedorder": views_names.ORDERS,
    "stage": STAGES,
    "timeline": timeline.OF_PARTY,
}
# Things whose story stands on no page, so that what happened to them needs no word.
UNTOLD = {
    "appointment", "decision", "factor", "flag", "invitation", "job", "lead", "limit", "login", "membership", "organisation", "password",
    "rights", "scope", "status", "token",
}  # fmt: skip


def choices() -> dict[str, list[str]]:
    """Every choice of every model, as model.field."""
    found = {}
    for model in apps.get_app_config("certifications").get_models():
        for field in model._meta.get_fields():
            if isinstance(field, models.Field) and field.choices and field.name not in {"status", "state", "severity"}:
                found[f"{model._meta.model_name}.{field.name}"] = [str(value) for value, _label in field.flatchoices if value]
    return found


def test_every_choice_of_a_model_has_its_words_or_is_shown_as_no_code() -> None:
    found = choices()
    elsewhere = {"listsource.kind": LISTS, "rescreening.cause": CAUSES}
    assert set(found) == GROUPS.keys() | SENTENCES | elsewhere.keys(), "a choice is new or gone: say here where its words stand"
    lacking = [f"{name}: {value} ({group})" for name, group in GROUPS.items() for value in found[name] if value not in WORDS[group]]
    lacking += [f"{name}: {value}" for name, words in elsewhere.items() for value in found[name] if value not in words]
    assert not lacking


@pytest.mark.parametrize("group", JUDGED)
def test_every_judgement_has_its_word(group: str) -> None:
    assert not [code for code in JUDGED[group] if code not in WORDS[group]]


def test_pages_ask_for_groups_and_codes_that_there_are() -> None:
    asked: set[tuple[str, str]] = set()
    for path in TEMPLATES:
        text = path.read_text(encoding="utf-8")
        asked |= {(group, code) for code, group in re.findall(r'(?:"(\w+)"|[\w.]+)\|word:"(\w+)"', text)}
        asked |= set(re.findall(r'\{% status "(\w+)" (?:"(\w+)"|[\w.]+) %\}', text))
    for path in SOURCES:
        asked |= set(re.findall(r'word_for\("(\w+)", (?:"(\w+)"|[\w.]+)', path.read_text(encoding="utf-8")))
    assert len(asked) > 60
    assert not [(group, code) for group, code in sorted(asked) if group not in WORDS or (code and code not in WORDS[group])]


def verbs() -> Iterator[str]:
    """Every verb that an act writes on the record: those written out, and one for each step of each thing that moves."""
    for path in SOURCES:
        for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
            if isinstance(node, ast.keyword) and node.arg == "verb":
                yield from (one.value for one in ast.walk(node.value) if isinstance(one, ast.Constant) and "." in str(one.value))
    for model in apps.get_app_config("certifications").get_models():
        for targets in getattr(model, "TRANSITIONS", {}).values():
            yield from (f"{model._meta.model_name}.{to}" for to in targets)


def test_whatever_happens_has_a_word_where_its_story_is_told() -> None:
    found = {verb for verb in verbs() if re.fullmatch(r"[a-z]+\.[a-z_]*[a-z]", verb)}
    assert {"orderline.shipped", "oldcertificate.paper_filed", "party.registered"} <= found
    assert not sorted(verb for verb in found if verb not in WORDS["event"] and verb.partition(".")[0] not in UNTOLD)


def test_every_job_says_on_the_health_page_what_it_does() -> None:
    known = [one for one in vars(tasks).values() if isinstance(one, Task)]
    taking = {str(task.name) for task in known if "job_id" in inspect.signature(task.run).parameters}
    assert {"upload", "seal", "advance"} <= taking
    assert taking - JOBS.keys() == set()


def test_the_preview_of_a_draft_names_whatever_a_file_may_change() -> None:
    assert {*OLD, *PLAIN} <= {field.code for field in DECLARATION_FIELDS}
