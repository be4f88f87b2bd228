"""Payload to PDF: WeasyPrint, PDF/A-3a, vendored fonts only, nothing fetched. Knows no database and holds no key.

The same payload gives the same bytes: every date in the file comes from the payload.
"""

import datetime as dt
import functools
import io
import os
import unicodedata
import warnings
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any

FONTS = Path(__file__).parent / "fonts"
# Before WeasyPrint loads fontconfig: an empty configuration, so that no font of the machine slips in.
os.environ["FONTCONFIG_FILE"] = str(FONTS / "fontconfig.xml")
# That nothing is configured is the point; the documents' own fonts are loaded by @font-face.
warnings.filterwarnings("ignore", message="No fonts configured")

import segno  # noqa: E402
from django.template.loader import render_to_string  # noqa: E402
from django.utils import translation  # noqa: E402
from fontTools.ttLib import TTFont  # noqa: E402
from weasyprint import CSS, HTML, Attachment  # noqa: E402
from weasyprint.text.ffi import harfbuzz_subset  # noqa: E402
from weasyprint.text.fonts import FontConfiguration  # noqa: E402
from weasyprint.urls import URLFetcher  # noqa: E402

from certifications.ledger.canonical import canonical  # noqa: E402

FONT_FILES = (
    "NotoSans_400Regular.ttf",
    "NotoSans_700Bold.ttf",
    "NotoSansSC_400Regular.ttf",
    "ScheherazadeNew_400Regular.ttf",
    "NotoSerifTibetan_400Regular.ttf",
)
# Joiners and blanks shape or separate text and have no picture of their own.
_INVISIBLE = {"\u200c", "\u200d", "\n", "\t"}
VARIANT = "pdf/a-3a"


class MissingGlyph(Exception):
    """A character that no vendored font can draw; the document is refused before it is rendered."""

    def __init__(self, field: str, character: str) -> None:
        name = unicodedata.name(character, "unnamed character")
        super().__init__(f"{field} holds {character!r} (U+{ord(character):04X}, {name}), which no font of the document can draw.")
        self.field, self.character = field, character


class _Refuse(URLFetcher):  # type: ignore[misc]
    """Only the fonts beside this file are ever read, and pictures that the template itself carries."""

    def fetch(self, url: str, headers: Any = None) -> Any:
        if url.startswith((FONTS.resolve().as_uri() + "/", "data:image/svg+xml")):
            return super().fetch(url, headers)
        raise ValueError(f"refused to read {url}")


def renderer_ready() -> str:
    """Empty when documents can be made here, else what is missing: without hb-subset a page takes ten times as long."""
    if harfbuzz_subset is None:
        return "libharfbuzz-subset is missing; install the package libharfbuzz-subset0"
    missing = [name for name in FONT_FILES if not (FONTS / name).exists()]
    return f"fonts are missing: {', '.join(missing)}" if missing else ""


@functools.cache
def _drawable() -> frozenset[int]:
    points: set[int] = set()
    for name in FONT_FILES:
        with TTFont(FONTS / name, lazy=True) as font:
            points |= set(font.getBestCmap())
    return frozenset(points)


def _texts(value: Any, path: str = "") -> Iterator[tuple[str, str]]:
    if isinstance(value, str):
        yield path or "text", value
    elif isinstance(value, Mapping):
        for key, item in value.items():
            yield from _texts(item, f"{path}.{key}" if path else str(key))
    elif isinstance(value, list):
        for number, item in enumerate(value, start=1):
            yield from _texts(item, f"{path} {number}")


def check_glyphs(payload: Mapping[str, Any]) -> None:
    """Raise MissingGlyph for the first character that cannot be drawn, or that changes direction unseen."""
    drawable = _drawable()
    for field, text in _texts(payload):
        for character in text:
            if character in _INVISIBLE:
                continue
            if ord(character) not in drawable or unicodedata.category(character) in {"Cc", "Cf", "Co", "Cs", "Cn"}:
                raise MissingGlyph(field, character)


@functools.cache
def _styles() -> tuple[FontConfiguration, CSS]:
    """One font configuration and one parsed stylesheet per process: 139 ms of CPU a document instead of 181."""
    configuration = FontConfiguration()
    css = render_to_string("pdf/document.css")
    return configuration, CSS(string=css, base_url=FONTS.resolve().as_uri() + "/", font_config=configuration, url_fetcher=_Refuse())


def _time(text: str) -> dt.datetime:
    return dt.datetime.fromisoformat(text.replace("Z", "+00:00"))


def _pdf(template: str, payload: Mapping[str, Any], *, attachment: str, made_at: str, **context: Any) -> bytes:
    problem = renderer_ready()
    if problem:
        raise RuntimeError(problem)
    moment = _time(made_at)
    with translation.override("en"):
        html = render_to_string(template, {"p": payload, "made_at": moment, **context})
    configuration, css = _styles()
    embedded = Attachment(
        string=canonical(payload).decode(),
        name=attachment,
        description="The same statement as machine-readable JSON (RFC 8785)",
        created=moment.replace(tzinfo=None),
        modified=moment.replace(tzinfo=None),
        relationship="Data",
    )
    out = io.BytesIO()
    HTML(string=html, base_url=FONTS.resolve().as_uri() + "/", url_fetcher=_Refuse()).write_pdf(
        out, font_config=configuration, stylesheets=[css], pdf_variant=VARIANT, pdf_tags=True, attachments=[embedded]
    )
    return out.getvalue()


def render_attestation(payload: Mapping[str, Any]) -> bytes:
    """The unsealed attestation. `payload`: attestations.payload.AttestationText. Same payload, same bytes."""
    qr = segno.make(str(payload["verify_url"]), error="m", micro=False)
    return _pdf(
        "pdf/attestation.html",
        payload,
        attachment="attestation.json",
        made_at=str(payload["issued_at"]),
        qr=qr.svg_data_uri(border=0, dark="#14222b"),
        valid_from=dt.date.fromisoformat(str(payload["valid_from"])),
        valid_until=dt.date.fromisoformat(str(payload["valid_until"])),
    )


def render_receipt(payload: Mapping[str, Any]) -> bytes:
    """The unsealed receipt of a signed declaration (flow/receipts.py gives its shape)."""
    return _pdf("pdf/receipt.html", payload, attachment="receipt.json", made_at=str(payload["signed"]["at"]))
