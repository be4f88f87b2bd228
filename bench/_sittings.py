"""Signing a hundred declarations in one sitting, by the pages as a browser asks them; the peer signs one after the other."""

import logging
import re
import time
from typing import Any

import structlog
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext

from certifications.declarations.models import Declaration, Signature
from certifications.declarations.queries import frozen_form, version_of
from certifications.flow import sign as flow
from tests.world import World, client_of, code_of, make_world, proof_for

SIGN = "/d/declarations/sign/"
ASKED = 10.0


def _drafts(world: World, count: int) -> list[Declaration]:
    """Each for a customer of its own, with a name in two scripts, a site and a registration number."""
    made = []
    for n in range(count):
        customer = world.customer(native_name=f"宁波第{n}江南医院", latin_name=f"Ningbo Jiangnan Hospital {n}", uscc="", lei="")
        made.append(world.draft(customer, place_address=f"宁波市中山东路 {n} 号"))
    return made


def _timed(client: Client, method: str, *arguments: Any) -> tuple[Any, float, int]:
    with CaptureQueriesContext(connection) as asked:
        began = time.perf_counter()
        answer = getattr(client, method)(*arguments)
        return answer, time.perf_counter() - began, len(asked)


def measure(count: int = 100) -> None:
    """Prints seconds and statements of the three requests, and of as many single signatures."""
    structlog.configure(wrapper_class=structlog.make_filtering_bound_logger(logging.CRITICAL))
    logging.disable(logging.CRITICAL)
    world = make_world()
    drafts = _drafts(world, count)
    client = client_of(world.signatory)
    client.defaults["SERVER_NAME"] = "localhost"
    client.get(SIGN)
    chosen, took_choose, asked_choose = _timed(client, "get", SIGN)
    read, took_read, asked_read = _timed(client, "get", SIGN, {"n": [d.number for d in drafts]})
    page = read.content.decode()
    clauses = re.findall(r'name="clause" value="([^"]+)"', page)
    sent = {"text": re.findall(r'name="text" value="([^"]+)"', page), "clause": clauses, "role_title": "General Manager"}
    answer, took_sign, asked_sign = _timed(client, "post", SIGN, {**sent, "code": code_of(world.signatory)})
    signed = Signature.objects.count()
    assert (chosen.status_code, answer.status_code, signed) == (200, 302, count), answer.content[:2000]
    print(f"\n{count} declarations signed in one sitting{'seconds':>14}{'statements':>12}{'asked':>9}")
    for words, took, statements, asked in (
        ("what waits, to be ticked", took_choose, asked_choose, ""),
        ("every text, to be read", took_read, asked_read, ""),
        ("signed, all of them with one factor", took_sign, asked_sign, f"<= {ASKED:.0f}"),
    ):
        print(f"{words:40}{took:12.2f}{statements:12}{asked:>9}", flush=True)
    alone = _drafts(world, count)
    # A person would wait half a minute for each fresh code; the server's own time is what is compared.
    flow.prove = lambda by, *, digest, purpose, **_given: proof_for(by, digest, purpose)
    with CaptureQueriesContext(connection) as queries:
        began = time.perf_counter()
        for draft in alone:
            digest = frozen_form(version_of(draft))[1]
            flow.sign_declaration(
                declaration=draft, by=world.signatory, sha256=digest, accepted={1, 2, 3, 4, 5, 6}, role_title="General Manager"
            )
        took = time.perf_counter() - began
    print(f"{'peer: one after the other, no page':40}{took:12.2f}{len(queries):12}", flush=True)
