"""A distributor's month by the file: how long until it may be looked at, and until it is written.

    ./dev bench uploads [--quick] [--sales]

2,000 customers (XLSX) and 150 declarations (CSV in GB18030) through the same steps as in the portal: a file received over the page,
the worker's jobs one after the other in this process, the pages asked as a browser would. Then 10,000 rows with one error each, 2,000
changes taken back. At last a sales report of 100,000 rows and 20 columns by two workers in processes of their own, stage by stage, once as
it should be and once with an error in each row; --sales measures that alone. The peer is openpyxl's way: the same workbook read cell by cell.
"""

import io
import json
import logging
import os
import re
import resource
import statistics
import subprocess
import sys
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

import django

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "portal.settings_test")
sys.path.insert(0, str(Path(__file__).resolve().parents[1]))
django.setup()

import openpyxl  # noqa: E402
import structlog  # noqa: E402
from django.core.files.uploadedfile import SimpleUploadedFile  # noqa: E402
from django.db import connection  # noqa: E402
from django.test import Client  # noqa: E402
from django.test.utils import CaptureQueriesContext  # noqa: E402

from bench import _sales  # noqa: E402
from certifications import tasks  # noqa: E402
from certifications.custody.models import Movement  # noqa: E402
from certifications.flow.demo import load  # noqa: E402
from certifications.flow.uploads import go_on  # noqa: E402
from certifications.ledger.ids import new_ulid  # noqa: E402
from certifications.parties.models import Customer  # noqa: E402
from certifications.people.models import User  # noqa: E402
from certifications.uploads import steps  # noqa: E402
from certifications.uploads.models import Upload  # noqa: E402
from certifications.uploads.readers import sniff  # noqa: E402
from certifications.uploads.readers.sandbox import read_in_child  # noqa: E402
from certifications.work.models import Job  # noqa: E402
from tests.uploads import files  # noqa: E402

PLACES = (("宁波市", "330200"), ("杭州市", "330100"), ("成都市", "510100"), ("合肥市", "340100"), ("广州市", "440100"))
KINDS = ("人民医院", "妇幼保健院", "司法鉴定中心", "生物科技有限公司", "大学附属医院", "检验所")
UNTIL = f"{time.gmtime().tm_year + 1}-06-30"
FROM = time.strftime("%Y-%m-%d", time.gmtime(time.time() + 86400))


def name(number: int) -> str:
    """Names as they are: many share a place and a kind, and differ in two or three characters."""
    return f"{PLACES[number % 5][0]}{files.word(number // 5)}{KINDS[number % 6]}"


def customers(count: int, *, wrong: bool = False) -> list[tuple[str, ...]]:
    """Half with a registration number, half without, as lists of customers are."""
    rows = []
    for number in range(count):
        _place, division = PLACES[number % 5]
        code = f"91{division}MA{number:07d}X" if number % 2 else ""
        country = "Atlantis" if wrong else "中国"
        rows.append(
            (
                name(number),
                f"Customer {files.word(number)} {number}",
                code,
                f"{PLACES[number % 5][0]}中山路 {number} 号",
                country,
                division,
                "Hospital laboratory",
            )
        )
    return rows


def declarations(count: int) -> list[tuple[str, ...]]:
    """Three in four with one product, one in four with two rows."""
    rows = []
    for number in range(count):
        head = (
            f"M-{number}",
            name(number),
            "CI-2440-100",
            str(10 + number),
            files.USE,
            "宁波市中山东路 412 号",
            "CN",
            "330200",
            FROM,
            UNTIL,
        )
        rows.append(head)
        if number % 4 == 0:
            rows.append((*head[:2], "CI-2717-200", "4", *head[4:]))
    return rows


class Worker:
    """A process that does a worker's jobs of one upload and knows nothing else: started before the clock, as a worker is."""

    def __init__(self) -> None:
        self.process = subprocess.Popen(
            [sys.executable, __file__, "--worker"], stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True, bufsize=1
        )
        assert self.process.stdout is not None
        assert self.process.stdout.readline() == "ready\n"

    def begin(self, upload: Upload, until: str) -> None:
        print(upload.pk, until, file=self.process.stdin, flush=True)

    def ended(self) -> dict[str, float]:
        """Seconds in each status, and the MB at most."""
        assert self.process.stdout is not None
        return dict(json.loads(self.process.stdout.readline()))


def serve() -> None:
    """What a Worker runs."""
    print("ready", flush=True)
    for asked in sys.stdin:
        pk, until = asked.split()
        Path("/proc/self/clear_refs").write_text("5")
        spent: dict[str, float] = {}
        while (upload := Upload.objects.get(pk=pk)).status != until and upload.status in Upload.MOVING:
            began = time.perf_counter()
            one_step(upload)
            spent[upload.status] = spent.get(upload.status, 0.0) + time.perf_counter() - began
        found = re.search(r"VmHWM:\s*(\d+)", Path("/proc/self/status").read_text())
        spent["MB"] = int(found[1]) / 1024 if found else 0.0
        print(json.dumps(spent), flush=True)


class Month:
    """One filer with a browser, and the worker in this process; two in processes of their own for a large file."""

    workers: tuple[Worker, Worker]

    def __init__(self) -> None:
        self.client = Client(SERVER_NAME="localhost")
        self.client.force_login(
            User.objects.get(email="lin.yue@qinglan.example"), backend="allauth.account.auth_backends.AuthenticationBackend"
        )

    def work(self) -> None:
        """Everything that a worker of uploads is asked."""
        while jobs := list(Job.objects.filter(kind="upload", state="waiting").order_by("pk")):
            for job in jobs:
                tasks.upload(job.pk)

    def sent(self, kind: str, file: str, content: bytes) -> Upload:
        answer = self.client.post("/d/uploads/new/", {"form_key": new_ulid(), "kind": kind, "file": SimpleUploadedFile(file, content)})
        self.work()
        upload = Upload.objects.get(number=answer.url.split("/")[-2])
        assert upload.status == "checked", (upload.status, upload.problem)
        return upload

    def committed(self, upload: Upload, mode: str = "all") -> Upload:
        self.client.post(f"/d/uploads/{upload.number}/commit/", {"mode": mode})
        self.work()
        upload.refresh_from_db()
        assert upload.status == "committed", upload.status
        return upload

    def taken_back(self, upload: Upload) -> Upload:
        self.client.post(f"/d/uploads/{upload.number}/undo/")
        self.work()
        upload.refresh_from_db()
        return upload


def timed(act: Callable[[], Any]) -> tuple[float, float, Any]:
    """(seconds, seconds of this process's and its children's CPU, what came of it)."""
    before = resource.getrusage(resource.RUSAGE_CHILDREN)
    began, burnt = time.perf_counter(), time.process_time()
    found = act()
    after = resource.getrusage(resource.RUSAGE_CHILDREN)
    child = after.ru_utime + after.ru_stime - before.ru_utime - before.ru_stime
    return time.perf_counter() - began, time.process_time() - burnt + child, found


def said(what: str, seconds: float, cpu: float, more: str = "") -> None:
    print(f"{what:<62}{seconds:>9.1f} s{cpu:>9.1f} s CPU   {more}", flush=True)


def page(month: Month, address: str) -> str:
    month.client.get(address)
    with CaptureQueriesContext(connection) as queries:
        answer = month.client.get(address)
    count = len(queries)  # the next request empties the log
    times = []
    for _ in range(5):
        began = time.perf_counter()
        month.client.get(address)
        times.append((time.perf_counter() - began) * 1000)
    return f"{count} queries, {statistics.median(times):.0f} ms, {len(answer.content) / 1000:.0f} kB"


def stages(month: Month, content: bytes, name: str, until: str) -> dict[str, float]:
    """Seconds in each status of a new upload until it stands at `until`."""
    answer = month.client.post("/d/uploads/new/", {"form_key": new_ulid(), "kind": "sales", "file": SimpleUploadedFile(name, content)})
    return worked(month, Upload.objects.get(number=answer.url.split("/")[-2]), until)


def worked(month: Month, upload: Upload, until: str) -> dict[str, float]:
    """Seconds in each status: two workers, of which the second has a part in checking alone. "MB" is the larger one's."""
    one, other = month.workers
    one.begin(upload, until)
    while upload.status == "received" or (upload.status == "checking" and not upload.laid_out):
        time.sleep(0.02)
        upload.refresh_from_db()
    other.begin(upload, "checked")
    first, second = one.ended(), other.ended()
    upload.refresh_from_db()
    assert upload.status == until, (upload.status, upload.problem, upload.counts)
    Job.objects.filter(kind="upload", object_id=upload.pk).delete()
    return first | {"MB": max(first["MB"], second["MB"])}


def one_step(upload: Upload) -> None:
    """One chunk of the worker's work."""
    kept, steps.BUDGET_SECONDS = steps.BUDGET_SECONDS, 0.0
    try:
        go_on(upload.pk)
    finally:
        steps.BUDGET_SECONDS = kept


def sales(month: Month, count: int) -> None:
    """A large sales report: read, kept, checked, committed, sent again, taken back; and one with an error in every row."""
    content = _sales.book(count)
    month.workers = Worker(), Worker()
    seconds, cpu, table = timed(lambda: read_in_child(content, sniff(content, "a.xlsx")))
    most = resource.getrusage(resource.RUSAGE_CHILDREN).ru_maxrss / 1024
    said(
        f"\n{table.reading.count:,} rows of 20 columns, XLSX ({len(content) / 1e6:.0f} MB): parsed",
        seconds,
        cpu,
        f"{most:,.0f} MB in the child",
    )
    print(f"peer: {peer(content)}", flush=True)
    del table
    upload = None
    for what, file, until in (("as it should be", content, "checked"), ("an error in each row", _sales.book(count, wrong=True), "checked")):
        spent = stages(month, file, "流向.xlsx", until)
        upload = Upload.objects.latest("sent_at")
        print(
            f"  {what}: read and kept {spent['received']:.1f} s, validated by two workers {spent['checking']:.1f} s, {spent['MB']:.0f} MB at most   {upload.counts}",
            flush=True,
        )
        print(f"    its page: {page(month, f'/d/uploads/{upload.number}/')}", flush=True)
        if what == "as it should be":
            good = upload
    for code in set(good.problems.filter(blocks=True).values_list("field", "code")):
        month.client.post(f"/d/uploads/{good.number}/mend/", {"act": "accept", "field": code[0], "code": code[1]})
    month.work()
    good.refresh_from_db()
    month.client.post(f"/d/uploads/{good.number}/commit/", {"mode": "ready"})
    good.refresh_from_db()
    spent = worked(month, good, "committed")
    print(
        f"  committed in {spent['committing']:.1f} s, {spent['MB']:.0f} MB at most   {good.counts}; {Movement.objects.count():,} movements",
        flush=True,
    )
    spent = stages(month, content, "流向.xlsx", "checked")
    print(f"  the same file again: {spent['checking']:.1f} s   {Upload.objects.latest('sent_at').counts}", flush=True)
    month.client.post(f"/d/uploads/{good.number}/undo/")
    good.refresh_from_db()
    spent = worked(month, good, "undone")
    print(f"  taken back in {spent['undoing']:.1f} s, {spent['MB']:.0f} MB at most")


def peer(content: bytes) -> str:
    """The same workbook by openpyxl."""
    seconds, _cpu, count = timed(
        lambda: sum(1 for _row in openpyxl.load_workbook(io.BytesIO(content), read_only=True).active.iter_rows(values_only=True))
    )
    return f"openpyxl, read-only mode: {seconds:.1f} s for {count:,} rows"


def main() -> None:
    """One table."""
    # A line per request would be measured with the page.
    structlog.configure(wrapper_class=structlog.make_filtering_bound_logger(logging.WARNING))
    if "--worker" in sys.argv:
        serve()
        return
    quick = "--quick" in sys.argv
    load()
    month = Month()
    if "--sales" in sys.argv:
        sales(month, 10_000 if quick else 100_000)
        return
    many, few, wrong = (200, 15, 1_000) if quick else (2_000, 150, 10_000)
    seconds, cpu, upload = timed(lambda: month.sent("customers", "客户.xlsx", files.xlsx([files.HEAD, *customers(many)])))
    said(f"{many:,} customers, XLSX: sent until preview", seconds, cpu, str(upload.counts))
    total = seconds
    alike = [p.code for p in upload.problems.all() if p.blocks]
    for code in set(alike):
        field = upload.problems.filter(code=code).first().field
        month.client.post(f"/d/uploads/{upload.number}/mend/", {"act": "accept", "field": field, "code": code})
        month.work()
    seconds, cpu, upload = timed(lambda: month.committed(upload, "ready"))
    said(f"{many:,} customers: commit", seconds, cpu, str({k: v for k, v in upload.counts.items() if k.startswith("did")}))
    committing = seconds
    queued = Job.objects.filter(kind="rescreen_chunk", state="waiting").count()
    seconds, cpu, upload = timed(
        lambda: month.sent("declarations", "声明.csv", files.csv(files.SALES, *declarations(few), encoding="gb18030"))
    )
    said(f"{few:,} declarations, CSV in GB18030: sent until preview", seconds, cpu, str(upload.counts))
    total += seconds
    seconds, cpu, upload = timed(lambda: month.committed(upload, "ready"))
    said(f"{few:,} declarations: commit", seconds, cpu, str({k: v for k, v in upload.counts.items() if k.startswith("did")}))
    committing += seconds
    print(
        f"together: {total:.1f} s to preview, {committing:.1f} s to commit; {Customer.objects.count():,} customers, {queued} chunks of screening queued\n"
    )
    seconds, cpu, upload = timed(lambda: month.sent("customers", "again.xlsx", files.xlsx([files.HEAD, *customers(many)])))
    said("the same customers again: sent until preview", seconds, cpu, str(upload.counts))
    seconds, cpu, upload = timed(lambda: month.sent("customers", "wrong.csv", files.csv(files.HEAD, *customers(wrong, wrong=True))))
    said(f"{wrong:,} rows with one error each: sent until preview", seconds, cpu, str(upload.counts))
    first = upload.problems.first()
    assert first is not None
    for what, address in (
        ("  its page", f"/d/uploads/{upload.number}/"),
        ("  one kind of error, last page", f"/d/uploads/{upload.number}/?group={first.field}.{first.code}&page=400"),
        ("  every row", f"/d/uploads/{upload.number}/rows/?page=7"),
    ):
        print(f"{what:<62}{page(month, address)}", flush=True)
    seconds, cpu, _answer = timed(
        lambda: month.client.post(f"/d/uploads/{upload.number}/mend/", {"row": first.number, "field": "country", "value": "CN"})
    )
    said("  one cell mended, while a person waits", seconds, cpu)
    moved = [(*row[:3], f"{row[3]} 2 楼", *row[4:]) for row in customers(many)]
    changed = month.committed(month.sent("customers", "moved.xlsx", files.xlsx([files.HEAD, *moved])), "ready")
    seconds, cpu, upload = timed(lambda: month.taken_back(changed))
    said(f"{many:,} changed customers taken back", seconds, cpu, upload.status)
    sales(month, 10_000 if quick else 100_000)


if __name__ == "__main__":
    main()
