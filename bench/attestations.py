"""Attestations per second: render, seal and gate apart and together, beside WeasyPrint alone on the same HTML and CSS.

`./dev bench attestations [documents]`. One process, one timestamp server of our own on the same machine; no database.
"""

import datetime as dt
import os
import statistics
import sys
import tempfile
import time
from collections.abc import Callable
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parents[1]))
os.environ.setdefault("DJANGO_SETTINGS_MODULE", "portal.settings_test")

import django  # noqa: E402

django.setup()

from django.template.loader import render_to_string  # noqa: E402
from weasyprint import CSS, HTML  # noqa: E402
from weasyprint.text.fonts import FontConfiguration  # noqa: E402

from certifications.attestations import render  # noqa: E402
from tests.attestations.samples import payload  # noqa: E402
from tests.authority import Authority  # noqa: E402
from verifier import verify_pdf  # noqa: E402


def weasyprint_alone() -> Callable[[], bytes]:
    """WeasyPrint as its manual shows it: the same HTML and stylesheet, parsed for each document, an ordinary PDF."""
    p = payload()
    context = {
        "p": p,
        "made_at": dt.datetime.fromisoformat(p["issued_at"]),
        "qr": render.segno.make(p["verify_url"], error="m", micro=False).svg_data_uri(border=0, dark="#14222b"),
        "valid_from": dt.date.fromisoformat(p["valid_from"]),
        "valid_until": dt.date.fromisoformat(p["valid_until"]),
    }
    html, css = render_to_string("pdf/attestation.html", context), render_to_string("pdf/document.css")
    base = render.FONTS.resolve().as_uri() + "/"

    def make() -> bytes:
        fonts = FontConfiguration()
        sheet = CSS(string=css, base_url=base, font_config=fonts)
        made: bytes = HTML(string=html, base_url=base).write_pdf(stylesheets=[sheet], font_config=fonts)
        return made

    return make


def milliseconds(work: Callable[[], object], times: int) -> float:
    """The median of `times` runs, after one that warms up."""
    work()
    taken = []
    for _ in range(times):
        start = time.perf_counter()
        work()
        taken.append((time.perf_counter() - start) * 1000)
    return statistics.median(taken)


def main() -> None:
    times = int(sys.argv[1]) if len(sys.argv) > 1 else 20
    with tempfile.TemporaryDirectory() as folder:
        authority = Authority(Path(folder)).start()
        sealer, trust = authority.sealer, authority.trust
        unsealed = render.render_attestation(payload())
        sealed = sealer(unsealed).pdf
        alone = milliseconds(weasyprint_alone(), times)
        rendering = milliseconds(lambda: render.render_attestation(payload()), times)
        sealing = milliseconds(lambda: sealer(unsealed), times)
        gate = milliseconds(lambda: sealer._gate(sealed), times)
        whole = milliseconds(lambda: sealer(render.render_attestation(payload())), times)
        verifying = milliseconds(lambda: verify_pdf(sealed, trust), times)
        authority.stop()
    rows = [
        ("WeasyPrint alone, ordinary PDF", alone),
        ("our rendering: PDF/A-3a, tagged, statement embedded", rendering),
        ("our seal without the gate: B-LTA, two timestamps", max(sealing - gate, 0.0)),
        ("our gate: would it validate in two years", gate),
        ("whole: rendered, sealed, passed the gate", whole),
        ("verification by anybody", verifying),
    ]
    print(f"| step ({times} documents, median, one process) | ms | per second | beside WeasyPrint alone |")
    print("|---|---:|---:|---:|")
    for name, taken in rows:
        print(f"| {name} | {taken:.0f} | {1000 / taken:.1f} | {taken / alone:.2f} |")


if __name__ == "__main__":
    main()
