"""A distributor's month by the file: how long until it may be looked at, and until it is written.

    ./dev bench uploads [--quick]

2,000 customers (XLSX) and 150 declarations (CSV in GB18030) through the same steps as in the portal: a file received over the page,
the worker's jobs one after the other in this process, the pages asked as a browser would. Then 10,000 rows with one error each, 2,000
changes taken back, and how a large workbook is read alone. The peer is openpyxl's way: the same workbook read cell by cell.
"""

import io
import logging
import os
import resource
import statistics
import sys
import time
from collections.abc import Callable
from typing import Any

import django

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "portal.settings_test")
sys.path.insert(0, str(__import__("pathlib").Path(__file__).resolve().parents[1]))
django.setup()

import openpyxl  # noqa: E402
import structlog  # noqa: E402
import xlsxwriter  # noqa: E402
from django.core.files.uploadedfile import SimpleUploadedFile  # noqa: E402
from django.db import connection  # noqa: E402
from django.test import Client  # noqa: E402
from django.test.utils import CaptureQueriesContext  # noqa: E402

from certifications import tasks  # noqa: E402
from certifications.flow.demo import load  # noqa: E402
from certifications.ledger.ids import new_ulid  # noqa: E402
from certifications.parties.models import Customer  # noqa: E402
from certifications.people.models import User  # noqa: E402
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


class Month:
    """One filer with a browser, and the worker in this process."""

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


def large(rows: int) -> bytes:
    """Twenty columns, as the sales of a very large distributor."""
    out = io.BytesIO()
    book = xlsxwriter.Workbook(out, {"constant_memory": True})
    sheet = book.add_worksheet()
    sheet.write_row(0, 0, [*files.HEAD, *(f"c{n}" for n in range(13))])
    for number in range(rows):
        sheet.write_row(
            number + 1, 0, [name(number), f"Customer {number}", "", "宁波市", "CN", "330200", "x", *(number * n + 0.5 for n in range(13))]
        )
    book.close()
    return out.getvalue()


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
    quick = "--quick" in sys.argv
    load()
    month = Month()
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
    content = large(10_000 if quick else 100_000)
    seconds, cpu, table = timed(lambda: read_in_child(content, sniff(content, "a.xlsx")))
    most = resource.getrusage(resource.RUSAGE_CHILDREN).ru_maxrss / 1024
    said(f"\n{table.reading.count:,} rows of 20 columns, XLSX, read alone", seconds, cpu, f"{most:,.0f} MB in the child")
    print(f"peer: {peer(content)}")


if __name__ == "__main__":
    main()
