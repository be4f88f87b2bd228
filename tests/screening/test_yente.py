"""A yente server asked over a real socket: found, explained with its version, and nothing rests on an answer that is not whole."""

import datetime as dt
import json
import threading
import time
from collections.abc import Iterator
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any

import pytest
from django.utils import timezone

from certifications.flow.lists import watch_yente
from certifications.screening import yente
from certifications.screening.actions import screen_many, screen_party
from certifications.screening.imports import import_list, put_in_force
from certifications.screening.models import ListSource
from certifications.screening.queries import engine, party_state
from certifications.screening.seed import seed
from certifications.work.models import Job

from .samples import party

pytestmark = pytest.mark.django_db
HIT: dict[str, Any] = {
    "id": "NK-1", "caption": "Windrush Instruments Trading", "schema": "Company", "score": 0.91, "match": True, "datasets": ["xx_list"],
    "properties": {"name": ["Windrush Instruments Trading"], "alias": ["Windrush"], "registrationNumber": ["12345678"]},
    "explanations": {"name_match": {"score": 0.91, "detail": "n"}},
}  # fmt: skip


class Server:
    """What the next requests are answered with."""

    def __init__(self) -> None:
        self.dataset: dict[str, Any] = {
            "name": "sanctions", "title": "Sanctions", "version": "20261126", "updated_at": timezone.now().isoformat(), "entity_count": 7,
        }  # fmt: skip
        self.hits: dict[str, list[dict[str, Any]]] = {"Windrush": [HIT]}
        self.asked: list[dict[str, Any]] = []
        self.paths: list[str] = []
        self.harm: Any = None

    def matched(self, body: dict[str, Any]) -> dict[str, Any]:
        self.asked.append(body)
        made = {}
        for key, query in body["queries"].items():
            names = " ".join(query["properties"]["name"])
            hits = [hit for word, found in self.hits.items() if word in names for hit in found]
            made[key] = {"status": 200, "results": hits, "total": {"value": len(hits), "relation": "eq"}, "query": query}
        return {"responses": made, "matcher": {}, "limit": 15}


@pytest.fixture
def server(settings: Any) -> Iterator[Server]:
    held = Server()

    class Handler(BaseHTTPRequestHandler):
        def answer(self, said: Any) -> None:
            if held.harm is not None and held.harm(self, said):
                return
            body = said if isinstance(said, bytes) else json.dumps(said).encode()
            self.send_response(200)
            self.send_header("content-length", str(len(body)))
            self.end_headers()
            self.wfile.write(body)

        def do_GET(self) -> None:
            held.paths.append(self.path)
            self.answer({"datasets": [{"name": "other"}, held.dataset]})

        def do_POST(self) -> None:
            held.paths.append(self.path)
            length = int(self.headers["content-length"])
            self.answer(held.matched(json.loads(self.rfile.read(length))))

        def log_message(self, format: str, *args: Any) -> None:
            pass

    listening = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    listening.daemon_threads = True
    threading.Thread(target=listening.serve_forever, daemon=True).start()
    settings.YENTE_URL = f"http://127.0.0.1:{listening.server_port}"
    settings.YENTE_DATASET, settings.YENTE_TIMEOUT = "sanctions", 1.0
    yield held
    listening.shutdown()
    listening.server_close()


def test_what_the_server_finds_is_a_finding_with_its_engine_dataset_and_version(server: Server) -> None:
    watch_yente()
    firm, clear = party("Windrush Instruments", uscc="91330103311245785N"), party("宁波江南医院")
    run, other = screen_many([firm.pk, clear.pk])
    finding = run.findings.get()
    assert (finding.entry_id, finding.band, str(finding.score), finding.list_code) == ("NK-1", "hold", "0.9100", "yente")
    told = finding.explanation
    assert (told["engine"], told["list"]["dataset"], told["list"]["dataset_version"]) == ("yente", "sanctions", "20261126")
    assert told["features"] == {"name_match": 0.91}
    assert sum(row["points"] for row in told["rows"]) == 0.91
    assert told["keys"]["entry"] == {"names": ["Windrush", "Windrush Instruments Trading"], "identifiers": ["12345678"]}
    assert (party_state(firm).state, party_state(clear).state, other.findings.count()) == ("hit", "clear", 0)
    assert len(server.asked) == 1
    question = server.asked[0]["queries"][firm.pk]
    assert question == {
        "schema": "LegalEntity", "properties": {"name": ["Windrush Instruments"], "registrationNumber": ["91330103311245785N"]},
    }  # fmt: skip
    assert any(path.startswith("/match/sanctions?limit=15&threshold=0.7") for path in server.paths)
    assert run.engine.startswith("yente+")


def test_before_the_catalogue_was_read_nobody_is_clear(server: Server) -> None:
    held = party("宁波江南医院")
    assert screen_party(held).state == "failed"
    assert party_state(held).state == "stale"
    assert server.asked == []


def test_the_setting_changes_the_engine_and_so_everybody_is_screened_again(server: Server, settings: Any) -> None:
    address, settings.YENTE_URL = settings.YENTE_URL, ""
    seed()
    held = party("宁波江南医院")
    screen_party(held)
    assert (party_state(held).state, engine().startswith("yente")) == ("clear", False)
    settings.YENTE_URL = address
    watch_yente()
    assert party_state(held).state == "waiting"
    screen_party(held)
    assert party_state(held).state == "clear"
    settings.YENTE_URL = ""
    assert party_state(held).state == "waiting"


def test_lists_of_our_own_are_still_compared_here(server: Server) -> None:
    watch_yente()
    source = ListSource.objects.create(
        code="own_x", title="Letter", kind="dated", formats="private_csv", in_force=False, is_private=True, basis="A contract"
    )
    from .test_private_lists import private_csv

    content = private_csv(2)
    import_list(source=source, content=content, by=None)
    put_in_force(source=source, by=None)
    entry = source.versions.get().entries.order_by("pk").first()
    assert entry is not None
    run = screen_party(party(entry.name))
    assert run.findings.filter(list_code="own_x").exists()


def status(code: int) -> Any:
    def harm(handler: Any, said: Any) -> bool:
        handler.send_response(code)
        handler.send_header("location", "http://127.0.0.1:1/")
        handler.send_header("content-length", "0")
        handler.end_headers()
        return True

    return harm


def instead(change: Any) -> Any:
    """Answers to /match are changed; the catalogue stays."""

    def harm(handler: Any, said: Any) -> bool:
        if "responses" not in said:
            return False
        made = change(said)
        body = made if isinstance(made, bytes) else json.dumps(made).encode()
        handler.send_response(200)
        handler.send_header("content-length", str(len(body)))
        handler.end_headers()
        handler.wfile.write(body)
        return True

    return harm


def drip(handler: Any, said: Any) -> bool:
    """A byte now and then: each comes in time, all of them never."""
    handler.send_response(200)
    handler.end_headers()
    for _ in range(40):
        try:
            handler.wfile.write(b" ")
            handler.wfile.flush()
        except OSError:
            break
        time.sleep(0.1)
    return True


def sleeps(handler: Any, said: Any) -> bool:
    time.sleep(1.5)
    return True


def hang_up(handler: Any, said: Any) -> bool:
    handler.wfile.write(b"HTTP/1.1 200 OK\r\ncontent-length: 1000\r\n\r\n{")
    handler.wfile.flush()
    handler.connection.close()
    return True


def with_hit(**changes: Any) -> Any:
    def change(said: Any) -> Any:
        for answer in said["responses"].values():
            answer["results"] = [{**HIT, **changes}]
        return said

    return instead(change)


def for_each(**changes: Any) -> Any:
    return instead(lambda said: {"responses": {key: {**answer, **changes} for key, answer in said["responses"].items()}})


HARMS = {
    "500": status(500), "404": status(404), "redirect": status(302), "slow": sleeps, "drip": drip, "cut": hang_up,
    "no json": instead(lambda said: b"<html>"), "a list": instead(lambda said: []), "no answers": instead(lambda said: {}),
    "one left out": instead(lambda said: {"responses": {}}), "one failed": for_each(status=500), "results missing": for_each(results=None),
    "score above one": with_hit(score=1.7), "score no number": with_hit(score="high"), "score nan": with_hit(score=float("nan")),
    "no id": with_hit(id=None), "no caption": with_hit(caption=7), "properties a list": with_hit(properties=[]),
}  # fmt: skip


@pytest.mark.parametrize("how", HARMS)
def test_whatever_goes_wrong_is_a_failed_run_and_made_good_later(server: Server, how: str) -> None:
    watch_yente()
    held = party("宁波江南医院")
    server.harm = HARMS[how]
    began = time.monotonic()
    run = screen_party(held)
    assert time.monotonic() - began < 5
    assert (run.state, run.error.startswith("yente"), party_state(held).state) == ("failed", True, "failed")
    assert "宁波" not in run.error
    server.harm = None
    assert screen_party(held).state == "done"
    assert party_state(held).state == "clear"


def test_an_answer_from_another_version_counts_for_nothing(server: Server) -> None:
    watch_yente()
    server.dataset["version"] = "20261127"
    held = party("宁波江南医院")
    run = screen_party(held)
    assert (run.state, "another version" in run.error) == ("failed", True)
    watch_yente()
    assert Job.objects.filter(kind="delta").exists()
    assert screen_party(held).state == "done"


def test_the_list_is_as_old_as_the_servers_data(server: Server) -> None:
    server.dataset["updated_at"] = (timezone.now() - dt.timedelta(hours=49)).isoformat()
    watch_yente()
    held = party("宁波江南医院")
    screen_party(held)
    assert party_state(held).state == "stale"
    server.dataset["updated_at"] = timezone.now().isoformat()
    watch_yente()
    assert party_state(held).state == "clear"


@pytest.mark.parametrize("wrong", [{"name": "gone"}, {"version": None}, {"updated_at": "soon"}, {"entity_count": -1}])
def test_a_catalogue_that_does_not_say_what_it_holds_is_refused(server: Server, wrong: dict[str, Any]) -> None:
    server.dataset |= wrong
    with pytest.raises(yente.YenteError):
        watch_yente()
    assert not ListSource.objects.filter(pk="yente").exists()


def test_many_are_asked_in_batches(server: Server, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(yente, "BATCH", 2)
    watch_yente()
    runs = screen_many([party(f"Harbour Works {number}").pk for number in range(5)])
    assert ([len(body["queries"]) for body in server.asked], {run.state for run in runs}) == ([2, 2, 1], {"done"})
