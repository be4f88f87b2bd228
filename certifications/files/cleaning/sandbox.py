"""Runs the cleaning in a child process that may do nothing else (files/children.py). The bytes given never touch a disk."""

from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final

from django.utils.translation import gettext_lazy as _

from certifications.files import children
from certifications.files.rules import media_type_of

CHILD: Final = Path(__file__).with_name("child.py")
MAX_BYTES: Final = 10 * 1024 * 1024
MAX_OUTPUT: Final = 16 * 1024 * 1024
WALL_SECONDS: Final = 25.0

# One sentence for every reason, each with what would mend it.
SENTENCES: Final[dict[str, Any]] = {
    "kind": _("Only pictures (JPEG, PNG) and PDF files can be taken: from others not everything can be removed that may point to you."),
    "empty": _("The file is empty. Choose it again."),
    "too_large": _("The file is larger than 10 MB. Make it smaller, or send a part of it."),
    "too_many_points": _("The picture has more than 50 million points. Make it smaller, such as by a screenshot of it."),
    "unreadable": _("The file cannot be read; perhaps it is cut off. Open it and save it again, or take a screenshot of it."),
    "encrypted": _("The PDF is protected by a password. Save it without one, or print it to a new PDF."),
    "too_many_pages": _("The PDF has more than 200 pages. Send the pages that matter."),
    "unusual": _("The PDF holds something that cannot be cleaned. Print it to a new PDF, or send screenshots of its pages."),
    "died": _("The file took too much time or memory to clean. Send a screenshot of it instead."),
}


class Unclean(Exception):
    """The file cannot be made anew; `code` is a key of SENTENCES."""

    def __init__(self, code: str) -> None:
        super().__init__(code)
        self.code = code


@dataclass(frozen=True)
class Cleaned:
    """A file made anew. `media_type`: image/jpeg, image/png or application/pdf."""

    content: bytes
    media_type: str


def clean(content: bytes) -> Cleaned:
    """The file made anew: what is seen on it, without metadata, scripts, embedded files or what stood behind its end. Raises Unclean."""
    if not content:
        raise Unclean("empty")
    if len(content) > MAX_BYTES:
        raise Unclean("too_large")
    if not media_type_of(content):
        raise Unclean("kind")
    try:
        answer = children.run_child(CHILD, content, wall_seconds=WALL_SECONDS, most=MAX_OUTPUT, on_disk=False)
    except children.Died:
        raise Unclean("died") from None
    word, _line, made = answer.partition(b"\n")
    code, kind = word.decode("ascii", "replace"), media_type_of(made)
    if code != "ok":
        raise Unclean(code if code in SENTENCES else "died")
    # A PNG may come back as a JPEG; a picture never as a PDF.
    if not kind or (kind == "application/pdf") != (media_type_of(content) == "application/pdf"):
        raise Unclean("died")
    return Cleaned(made, kind)
