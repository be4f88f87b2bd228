"""HTML to PDF/A-3a by WeasyPrint, with the vendored fonts alone. The only file that imports WeasyPrint; render.py imports it when needed."""

import datetime as dt
import functools
import io
import os
import warnings
from typing import Any

from django.template.loader import render_to_string

from .render import FONTS

# Before WeasyPrint loads fontconfig: an empty configuration, so that no font of the machine slips in.
os.environ["FONTCONFIG_FILE"] = str(FONTS / "fontconfig.xml")
# That nothing is configured is the point; the documents' own fonts are loaded by @font-face.
warnings.filterwarnings("ignore", message="No fonts configured")

from weasyprint import CSS, HTML, Attachment  # noqa: E402
from weasyprint.text.fonts import FontConfiguration  # noqa: E402
from weasyprint.urls import URLFetcher  # noqa: E402

VARIANT = "pdf/a-3a"


class _Refuse(URLFetcher):  # type: ignore[misc]
    """Only the fonts beside this file are ever read, and pictures that the template itself carries."""

    def fetch(self, url: str, headers: Any = None) -> Any:
        if url.startswith((FONTS.resolve().as_uri() + "/", "data:image/svg+xml")):
            return super().fetch(url, headers)
        raise ValueError(f"refused to read {url}")


@functools.cache
def _styles() -> tuple[FontConfiguration, CSS]:
    """One font configuration and one parsed stylesheet per process: 139 ms of CPU a document instead of 181."""
    configuration = FontConfiguration()
    css = render_to_string("pdf/document.css")
    return configuration, CSS(string=css, base_url=FONTS.resolve().as_uri() + "/", font_config=configuration, url_fetcher=_Refuse())


def draw(html: str, statement: str, name: str, moment: dt.datetime) -> tuple[bytes, int]:
    """The PDF of `html` and its number of pages, with `statement` (JSON) embedded as the file `name`; every date in it is `moment`."""
    configuration, css = _styles()
    embedded = Attachment(
        string=statement,
        name=name,
        description="The same statement as machine-readable JSON (RFC 8785)",
        created=moment.replace(tzinfo=None),
        modified=moment.replace(tzinfo=None),
        relationship="Data",
    )
    out = io.BytesIO()
    options = {"stylesheets": [css], "pdf_variant": VARIANT, "pdf_tags": True, "attachments": [embedded]}
    document = HTML(string=html, base_url=FONTS.resolve().as_uri() + "/", url_fetcher=_Refuse()).render(
        font_config=configuration, **options
    )
    document.write_pdf(out, **options)
    return out.getvalue(), len(document.pages)
