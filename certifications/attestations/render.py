"""Payload to PDF: WeasyPrint, PDF/A-3a, vendored fonts only, nothing fetched. Knows no database and holds no key.

The same payload gives the same bytes: every date in the file comes from the payload.
"""

import ctypes
import datetime as dt
import functools
import unicodedata
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any

import segno
from django.template.loader import render_to_string
from django.utils import translation

from certifications.ledger.canonical import canonical

FONTS = Path(__file__).parent / "fonts"
FONT_FILES = (
    "NotoSans_400Regular.ttf",
    "NotoSans_700Bold.ttf",
    "NotoSansSC_400Regular.ttf",
    "ScheherazadeNew_400Regular.ttf",
    "NotoSerifTibetan_400Regular.ttf",
)
# Joiners and blanks shape or separate text and have no picture of their own.
_INVISIBLE = {"\u200c", "\u200d", "\n", "\t"}
# What WeasyPrint loads of the machine; without the last a page takes ten times as long.
LIBRARIES = {
    "libpango-1.0.so.0": "libpango-1.0-0",
    "libpangoft2-1.0.so.0": "libpangoft2-1.0-0",
    "libharfbuzz-subset.so.0": "libharfbuzz-subset0",
}


class MissingGlyph(Exception):
    """A character that no vendored font can draw; the document is refused before it is rendered."""

    def __init__(self, field: str, character: str) -> None:
        name = unicodedata.name(character, "unnamed character")
        super().__init__(f"{field} holds {character!r} (U+{ord(character):04X}, {name}), which no font of the document can draw.")
        self.field, self.character = field, character


def _loads(library: str) -> bool:
    try:
        ctypes.CDLL(library)
    except OSError:
        return False
    return True


def renderer_ready() -> str:
    """Empty when documents can be made here, else what is missing. Asks without WeasyPrint, which most processes never load."""
    for library, package in LIBRARIES.items():
        if not _loads(library):
            return f"{library} is missing; install the package {package}"
    missing = [name for name in FONT_FILES if not (FONTS / name).exists()]
    return f"fonts are missing: {', '.join(missing)}" if missing else ""


@functools.cache
def _drawable() -> frozenset[int]:
    from fontTools.ttLib import TTFont

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


def _time(text: str) -> dt.datetime:
    return dt.datetime.fromisoformat(text.replace("Z", "+00:00"))


def _pdf(template: str, payload: Mapping[str, Any], *, attachment: str, made_at: str, **context: Any) -> tuple[bytes, int]:
    problem = renderer_ready()
    if problem:
        raise RuntimeError(problem)
    moment = _time(made_at)
    with translation.override("en"):
        html = render_to_string(template, {"p": payload, "made_at": moment, **context})
    # Half a second and forty megabytes of WeasyPrint: for the processes that make documents, once they make one.
    from .drawing import draw

    return draw(html, canonical(payload).decode(), attachment, moment)


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
    )[0]


def render_letter(payload: Mapping[str, Any]) -> bytes:
    """The unsealed tender authorisation letter (letters/compose.py gives its shape). Same payload, same bytes."""
    qr = segno.make(str(payload["verify_url"]), error="m", micro=False)
    return _pdf(
        "pdf/letter.html",
        payload,
        attachment="letter.json",
        made_at=str(payload["issued_at"]),
        qr=qr.svg_data_uri(border=0, dark="#14222b"),
        valid_until=dt.date.fromisoformat(str(payload["valid_until"])),
        in_en=payload["language"] != "zh",
        in_zh=payload["language"] != "en",
    )[0]


def render_receipt(payload: Mapping[str, Any]) -> bytes:
    """The unsealed receipt of a signed declaration (flow/receipts.py gives its shape)."""
    return _pdf("pdf/receipt.html", payload, attachment="receipt.json", made_at=str(payload["signed"]["at"]))[0]


def render_statement(payload: Mapping[str, Any]) -> tuple[bytes, int]:
    """What the end user signs by hand (flow/statements.py gives its shape), and its number of pages."""
    return _pdf("pdf/statement.html", payload, attachment="statement.json", made_at=str(payload["made_at"]))
