"""Names against the register in bulk, and notices through the whole intake: kept, read, weighed, confirmed, resolved, flagged.

    ./dev bench intake [--quick] [--notices N]

100,000 parties on record, half with a credit code, 300 of them with a right to sell; then 10,000 reported names, of which some are written
exactly, some with a slip, some with a number, and some mean nobody. Then 1,000 notices by the worker's own jobs, one after the other in this
process. Each figure stands beside what was asked. The peer is the way it was before: every seller's names compared one by one.
`--notices`: so many notices, and nothing of the names in bulk.
"""

import datetime as dt
import logging
import os
import random
import sys
import time
from collections import Counter
from pathlib import Path

import django

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "portal.settings_test")
ROOT = Path(__file__).resolve().parents[1]
sys.path[:0] = [str(ROOT), str(ROOT / "bench")]
django.setup()

import structlog  # noqa: E402
from _processes import Spent, analysed  # noqa: E402

from certifications import tasks  # noqa: E402
from certifications.evidence.models import EvidenceDocument  # noqa: E402
from certifications.flow import evidence  # noqa: E402
from certifications.flow.demo import load  # noqa: E402
from certifications.flow.intake import is_whole, proposed_data  # noqa: E402
from certifications.ledger.ids import new_ulid  # noqa: E402
from certifications.matching import compare  # noqa: E402
from certifications.parties.authorising import record_authorisation  # noqa: E402
from certifications.parties.models import Identifier, Party, PartyName  # noqa: E402
from certifications.parties.rules_register import TermsData  # noqa: E402
from certifications.people.models import User  # noqa: E402
from certifications.resolution import actions as names  # noqa: E402
from certifications.resolution.engine import Asked, look  # noqa: E402
from certifications.resolution.models import ReportedName  # noqa: E402
from certifications.work.models import Job  # noqa: E402

QUICK = "--quick" in sys.argv
PARTIES, SELLERS, NAMES, NOTICES = (5_000, 50, 500, 50) if QUICK else (100_000, 300, 10_000, 1_000)
FEW = "--notices" in sys.argv
NOTICES = int(sys.argv[sys.argv.index("--notices") + 1]) if FEW else NOTICES
PLACES = ("宁波市", "杭州市", "成都市", "合肥市", "广州市", "西安市", "库尔勒市", "南京市")
KINDS = ("人民医院", "妇幼保健院", "司法鉴定中心", "生物科技有限公司", "科学仪器有限公司", "检验所", "公安局", "大学附属医院")
SYLLABLES = "安博昌德恩芳光海和华佳康朗明南诺普清瑞盛天万欣雅源泽正卓宏江川岭峰林泉"
QUEUES = {"read": tasks.read, "weigh": tasks.weigh, "match": tasks.match}


def party_name(number: int) -> str:
    """Names as they are: many share a place and a kind, and differ in three characters."""
    base = len(SYLLABLES)
    brand = SYLLABLES[number % base] + SYLLABLES[number // base % base] + SYLLABLES[number // base**2 % base]
    return f"{PLACES[number % 8]}{brand}{KINDS[number // 8 % 8]}"


def register() -> None:
    """The parties, inserted in bulk, and the rights of some by the real action."""
    parties = [Party(kind="end_user", country="CN", division="330200", line_of_business="Bench") for _ in range(PARTIES)]
    Party.objects.bulk_create(parties, batch_size=5_000)
    PartyName.objects.bulk_create(
        (PartyName(party=party, text=party_name(n), script="Hani", kind="official") for n, party in enumerate(parties)), batch_size=5_000
    )
    Identifier.objects.bulk_create(
        (Identifier(party=party, scheme="uscc", value=f"91330200MA{n:07d}X") for n, party in enumerate(parties) if n % 2), batch_size=5_000
    )
    today = dt.date.today()
    terms = TermsData(("kits",), ("CN",), ("330000",), today - dt.timedelta(days=300), today + dt.timedelta(days=300), "")
    for party in parties[:SELLERS]:
        record_authorisation(party=party, by=None, data=terms)


def reported(count: int, chance: random.Random) -> list[Asked]:
    """Three in five written exactly, one with a slip, one of nobody; every third of the first with its number."""
    found = []
    for place in range(count):
        number = chance.randrange(PARTIES)
        name, code = party_name(number), ""
        if place % 5 == 3:
            at = chance.randrange(3, 5)
            name = name[:at] + chance.choice(SYLLABLES) + name[at + 1 :]
        elif place % 5 == 4:
            name = f"{chance.choice(PLACES)}{chance.choice('锦鼎鑫隆')}{chance.choice('旭旺茂裕')}{chance.choice(['商贸有限公司', '建材经营部', '物流中心'])}"
        elif place % 3 == 0 and number % 2:
            code = f"91330200MA{number:07d}X"
        found.append(Asked("buyer", name, code))
    return found


def cpu(spent: Spent) -> str:
    """Seconds of all processes, and how many of them PostgreSQL's."""
    used = spent.since()
    return f"{sum(used.values()):.1f} of CPU ({used['postgres']:.1f} PostgreSQL)"


def row(what: str, figure: str, asked: str = "") -> None:
    print(f"{what:<74} {figure:>22}  {asked}", flush=True)


def index() -> None:
    """What is built once a day."""
    began = time.perf_counter()
    look([Asked("buyer", "宁波江南医院")])
    row(f"the morning's index over {PARTIES:,} parties, built once a day", f"{time.perf_counter() - began:.1f} s")


def resolve() -> None:
    """Ten thousand names."""
    chance = random.Random(7)
    asked = reported(NAMES, chance)
    ReportedName.objects.bulk_create(
        (ReportedName(role=key[0], folded=key[1], code=key[2], name=one.name) for key, one in {one.key: one for one in asked}.items()),
        batch_size=5_000,
    )
    ids = set(ReportedName.objects.values_list("pk", flat=True))
    began, spent = time.perf_counter(), Spent()
    names.look_at(ids)
    seconds = time.perf_counter() - began
    used = sum(spent.since().values())
    row(f"{len(ids):,} names resolved and written", f"{seconds:.1f} s, {used:.1f} of CPU", f"asked {NAMES / 10_000 * 60:.0f} s")
    states = Counter(ReportedName.objects.values_list("state", flat=True))
    row("  of them", ", ".join(f"{state} {count}" for state, count in states.most_common()))
    sellers = [Asked("seller", party_name(chance.randrange(SELLERS)), "") for _ in range(100)]
    look(sellers[:1])
    began = time.perf_counter()
    look(sellers)
    ours = (time.perf_counter() - began) / len(sellers)
    known = [party_name(n) for n in range(SELLERS)]
    began = time.perf_counter()
    for one in sellers[:10]:
        max(compare(one.name, name, "register").score for name in known)
    peer = (time.perf_counter() - began) / 10
    row(f"one seller among {SELLERS}: through the index; compared one by one", f"{ours * 1000:.1f}; {peer * 1000:.1f} ms")


def seller(number: int) -> str:
    """One of the firms among the parties, of whom half have a right."""
    firms = [n for n in range(2 * SELLERS) if party_name(n).endswith("公司")]
    return party_name(firms[number % len(firms)])


def notice(number: int) -> bytes:
    """An award notice; every twentieth of a police body, every tenth of goods that are none of ours."""
    buyer = "库尔勒市公安局" if number % 20 == 0 else party_name(number * 37 % PARTIES)
    goods = "品目：办公桌，数量20张，单价900元" if number % 10 == 1 else "品目：STR荧光检测试剂盒，数量18盒，型号CI-2440-100，单价25800元"
    return (
        f"{buyer}试剂采购项目中标公告\n一、项目编号：B-{number:05d}\n二、采购人：{buyer}\n三、中标信息\n"
        f"供应商名称：{seller(number)}\n中标金额：464400元\n四、主要标的信息\n{goods}\n公告日期：2026年6月{1 + number % 25}日\n"
    ).encode()


def work(kind: str) -> int:
    """The jobs of a kind that wait, as the worker does them."""
    done = 0
    while jobs := list(Job.objects.filter(state="waiting", kind=kind).order_by("pk")[:500]):
        for job in jobs:
            QUEUES[kind](job.pk)
        done += len(jobs)
    return done


def intake() -> None:
    """Every step of every notice, and what each took."""
    reviewer = User.objects.get(email="daniel.okafor@corvane.example")
    total, spent = 0.0, Spent()
    began = time.perf_counter()
    for number in range(NOTICES):
        evidence.capture(by=reviewer, content=notice(number), name="notice.txt", origin="paste", form_key=new_ulid())
    total += (step := time.perf_counter() - began)
    row(f"{NOTICES:,} notices kept", f"{step:.1f} s, {cpu(spent)}")
    for kind, what in (("read", "read, each in a child forked for it"), ("weigh", "weighed: what a confirmation would open")):
        began, used = time.perf_counter(), Spent()
        work(kind)
        total += (step := time.perf_counter() - began)
        row(f"  {what}", f"{step:.1f} s, {cpu(used)}")
    began, used, confirmed = time.perf_counter(), Spent(), 0
    for document in EvidenceDocument.objects.filter(status="read").select_related("blob"):
        lines = proposed_data(document)
        if is_whole(document, lines):
            evidence.confirm(document=document, by=reviewer, lines=lines)
            confirmed += 1
    total += (step := time.perf_counter() - began)
    row(f"  confirmed as proposed: {confirmed:,}", f"{step:.1f} s, {cpu(used)}")
    began, used = time.perf_counter(), Spent()
    work("match")
    total += (step := time.perf_counter() - began)
    row("  resolved, judged by the rules, flagged", f"{step:.1f} s, {cpu(used)}")
    used = sum(spent.since().values())
    asked = f"asked {NOTICES / 1_000 * 60:.0f} s on two cores"
    row("the whole, one after the other; CPU of all processes, and half of it", f"{total:.1f} s; {used:.1f}, {used / 2:.1f} s", asked)


def main() -> None:
    """Print the table."""
    logging.disable(logging.WARNING)
    structlog.configure(wrapper_class=structlog.make_filtering_bound_logger(logging.ERROR))
    load()
    Job.objects.all().delete()
    register()
    analysed()
    index()
    if not FEW:
        resolve()
    intake()


if __name__ == "__main__":
    main()
