"""Order checks against the web server as it runs in production, on a large channel; and fifty orders for the last unit.

    ./dev bench orders [--quick]

One table, each figure beside what was asked. The program that asks shares the machine with the server. Asserts nothing.
"""

import http.client
import json
import os
import random
import re
import socket
import statistics
import subprocess
import sys
import threading
import time
from datetime import date
from pathlib import Path
from typing import Any

import django

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "portal.settings_test")
ROOT = Path(__file__).resolve().parents[1]
sys.path[:0] = [str(ROOT), str(ROOT / "bench")]
django.setup()

from _shop import LINES_EACH, fill  # noqa: E402

from certifications.catalogue.models import ClauseSet, Product  # noqa: E402
from certifications.flow.demo import load  # noqa: E402
from certifications.ledger.ids import new_ulid  # noqa: E402
from certifications.machines.actions import client_digest, make_client  # noqa: E402
from certifications.orders.models import Balance, BalanceEntry  # noqa: E402
from certifications.people.models import FactorProof, Organisation, User  # noqa: E402
from certifications.screening.actions import screen_party  # noqa: E402
from certifications.screening.queries import engine, key_of, lists_in_force  # noqa: E402

AT_ONCE = 8


def program() -> tuple[str, str]:
    """The order desk's client id and secret."""
    lead = User.objects.get(email="ingrid.solheim@corvane.example")
    assert lead.organisation is not None
    scopes = ["orders:check"]
    digest = client_digest(organisation=lead.organisation, name="bench", scopes=scopes)
    proof = FactorProof.objects.create(user=lead, kind="totp", purpose="bench", digest=digest, once=new_ulid())
    made, secret = make_client(by=lead, name="bench", scopes=scopes, proof=proof)
    return made.pk, secret


def serve() -> tuple[subprocess.Popen[bytes], int]:
    """The web server with two processes of four threads, as `./dev run` and deploy start it."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port = probe.getsockname()[1]
    command = [
        sys.executable,
        "-m",
        "gunicorn",
        "portal.wsgi",
        "-b",
        f"127.0.0.1:{port}",
        "-w",
        "2",
        "-k",
        "gthread",
        "--threads",
        "4",
        "--preload",
    ]
    environment = os.environ | {
        "DJANGO_SETTINGS_MODULE": "portal.settings",
        "PORTAL_API_PER_MINUTE": "1000000",
        "PORTAL_HOSTS": "127.0.0.1",
    }
    log = (Path(os.environ["PORTAL_STATE"]) / "web.log").open("wb")
    process = subprocess.Popen([*command, "--log-level", "warning"], cwd=ROOT, env=environment, stdout=log, stderr=log)
    for _ in range(300):
        try:
            socket.create_connection(("127.0.0.1", port), 1).close()
            return process, port
        except OSError:
            time.sleep(0.1)
    raise SystemExit("the web server did not start")


class Asker:
    """One connection that asks for orders."""

    def __init__(self, port: int, token: str) -> None:
        self.connection = http.client.HTTPConnection("127.0.0.1", port, timeout=60)
        self.token = token

    def ask(self, body: dict[str, Any]) -> dict[str, Any]:
        headers = {"Authorization": f"Bearer {self.token}", "Idempotency-Key": new_ulid(), "Content-Type": "application/json"}
        self.connection.request("POST", "/api/order-checks", json.dumps(body), headers)
        response = self.connection.getresponse()
        said = json.loads(response.read())
        if response.status != 200:  # noqa: PLR2004
            raise SystemExit(f"{response.status} {said}")
        return said  # type: ignore[no-any-return]


def token_of(port: int, name: str, secret: str) -> str:
    connection = http.client.HTTPConnection("127.0.0.1", port, timeout=60)
    form = f"grant_type=client_credentials&client_id={name}&client_secret={secret}"
    connection.request("POST", "/api/token", form, {"Content-Type": "application/x-www-form-urlencoded"})
    return str(json.loads(connection.getresponse().read())["access_token"])


def order(distributor: str, customer: str) -> dict[str, Any]:
    line = {"line": "1", "catalogue_number": "CI-2440-100", "quantity": "1", "unit": "kit"}
    place = {"country": "CN", "division": "330200"}
    return {
        "distributor": distributor, "customer": customer, "order_number": new_ulid(), "place": place, "date": date.today().isoformat(),
        "lines": [line],
    }  # fmt: skip


def at_server(log: Path, since: int) -> list[int]:
    """Milliseconds of each check as the server's own log lines say, from the byte `since` on."""
    # Two processes write one file: a line may begin on another's.
    return [int(found[1]) for found in re.finditer(rb'"route": "api:check"[^}]*?"ms": (\d+)', log.read_bytes()[since:])]


def many(port: int, token: str, orders: list[dict[str, Any]], threads: int) -> tuple[list[float], list[str], float]:
    """(milliseconds of each, answers, seconds in all), by so many connections at once."""
    waits: list[float] = []
    answers: list[str] = []
    left = iter(orders)
    lock = threading.Lock()

    def run() -> None:
        asker = Asker(port, token)
        while True:
            with lock:
                body = next(left, None)
            if body is None:
                return
            began = time.perf_counter()
            said = asker.ask(body)
            waits.append((time.perf_counter() - began) * 1000)
            answers.append(said["lines"][0]["answer"])

    began = time.perf_counter()
    running = [threading.Thread(target=run) for _ in range(threads)]
    for thread in running:
        thread.start()
    for thread in running:
        thread.join()
    return waits, answers, time.perf_counter() - began


def main() -> None:
    """Fill, serve, ask."""
    quick = "--quick" in sys.argv
    count = 2_000 if quick else 100_000
    load()
    filer = User.objects.get(email="lin.yue@qinglan.example")
    distributors = list(Organisation.objects.filter(kind="distributor").select_related("party").order_by("pk"))
    for organisation in distributors:
        screen_party(organisation.party)
    product, clauses = Product.objects.get(catalogue_number="CI-2440-100"), ClauseSet.objects.first()
    assert clauses is not None
    print(f"filling {count:,} declarations and {count * LINES_EACH:,} order lines", flush=True)
    fill(
        count,
        {
            "distributors": [d.pk for d in distributors], "filer": filer.pk, "product": product.pk, "clauses": clauses.pk,
            "lists_key": key_of(lists_in_force()), "engine": engine(),
        },
    )  # fmt: skip
    name, secret = program()
    process, port = serve()
    log = Path(os.environ["PORTAL_STATE"]) / "web.log"
    try:
        token = token_of(port, name, secret)
        dice = random.Random(7)

        def orders(number: int) -> list[dict[str, Any]]:
            picked = [dice.randint(1, count) for _ in range(number)]
            return [order(distributors[n % len(distributors)].pk, f"B{n:08d}") for n in picked]

        many(port, token, orders(100), 4)
        since = log.stat().st_size
        waits, answers, _took = many(port, token, orders(300 if quick else 1000), 1)
        assert set(answers) == {"release"}, set(answers)
        server = sorted(at_server(log, since))
        since = log.stat().st_size
        busy, _answers, took = many(port, token, orders(400 if quick else 2000), AT_ONCE)
        crowded = sorted(at_server(log, since))
        last = Balance.objects.filter(declaration__number="EUD-B-000000001").get()
        taken = last.left - 1
        entry = {"balance": last, "product": product, "by_id": ""}
        BalanceEntry.objects.create(kind="amend", quantity=-taken, **entry)
        _waits, race, _took = many(port, token, [order(last.organisation_id, last.customer_id) for _ in range(50)], 50)
        last.refresh_from_db()
    finally:
        process.terminate()
        process.wait(30)
    wait = sorted(waits)
    print(
        f"\n{count:,} declarations, {count * LINES_EACH:,} order lines, 2 web processes x 4 threads, {os.cpu_count()} cores, load {os.getloadavg()[0]:.1f}"
    )
    print(f"{'figure':62} {'got':>12} {'asked':>12}")
    rows = [
        ("order check at the server, one at a time, median", f"{statistics.median(server):.0f} ms", "<= 30 ms"),
        ("the same, 95th of 100", f"{server[int(0.95 * len(server))]} ms", "<= 100 ms"),
        ("the same as its program waits for it, median", f"{statistics.median(wait):.1f} ms", ""),
        (f"order check at the server, {AT_ONCE} at a time, median", f"{statistics.median(crowded):.0f} ms", ""),
        ("the same, 95th of 100", f"{crowded[int(0.95 * len(crowded))]} ms", "<= 100 ms"),
        (f"order checks a second, {AT_ONCE} at a time", f"{len(busy) / took:.0f}", ">= 100"),
        (
            "fifty orders at once for the last unit: released, declared",
            f"{race.count('release')}, {last.left + race.count('release')}",
            "1, 1",
        ),
    ]
    for figure, got, asked in rows:
        print(f"{figure:62} {got:>12} {asked:>12}")


if __name__ == "__main__":
    main()
