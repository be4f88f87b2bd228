"""Writes files: bytes first and synced, then the row, so that a row never points at nothing."""

import os
import re
import tempfile
import unicodedata
from pathlib import Path

from django.conf import settings
from django.utils.translation import gettext as _

from certifications.ledger.canonical import sha256_hex
from certifications.ledger.moves import NotAllowed

from .models import Blob
from .rules import media_type_of


class Damaged(Exception):
    """The stored bytes are missing or are not what the row says."""


def _path(sha256: str) -> Path:
    return Path(settings.FILES_DIR) / sha256[:2] / sha256


def safe_name(name: str) -> str:
    """A file name fit to show and to send: no folders, no control or direction-changing characters."""
    name = unicodedata.normalize("NFC", name.replace("\\", "/").rsplit("/", maxsplit=1)[-1])
    name = "".join(c for c in name if unicodedata.category(c) not in {"Cc", "Cf", "Cs", "Co"})
    return re.sub(r"\s+", " ", name).strip()[:200] or "unnamed"


def store(content: bytes, *, name: str, media_type: str, by_id: str = "") -> Blob:
    """Keep `content` under its SHA-256 (mode 0600, outside the web root) and return its row."""
    digest = sha256_hex(content)
    target = _path(digest)
    if not target.exists():
        target.parent.mkdir(parents=True, exist_ok=True, mode=0o700)
        handle, temporary = tempfile.mkstemp(dir=target.parent)
        try:
            with os.fdopen(handle, "wb") as stream:
                stream.write(content)
                stream.flush()
                os.fsync(stream.fileno())
            Path(temporary).rename(target)
        except BaseException:
            Path(temporary).unlink(missing_ok=True)
            raise
    return Blob.objects.create(sha256=digest, size=len(content), name=safe_name(name), media_type=media_type, stored_by_id=by_id)


def store_paper(content: bytes, *, name: str, by_id: str) -> Blob:
    """`store` for a paper. Raises NotAllowed (`file`) for what is by its first bytes neither PDF, JPEG nor PNG."""
    media_type = media_type_of(content)
    if not media_type:
        raise NotAllowed(_("%(name)s is neither PDF, JPEG nor PNG. Save or scan it as PDF.") % {"name": safe_name(name)}, "file")
    return store(content, name=name, media_type=media_type, by_id=by_id)


def read(blob: Blob) -> bytes:
    """The bytes of `blob`, checked against its digest. Raises Damaged and never serves what does not match."""
    try:
        content = _path(blob.sha256).read_bytes()
    except OSError as error:
        raise Damaged(f"The stored file {blob.pk} is missing.") from error
    if sha256_hex(content) != blob.sha256:
        raise Damaged(f"The stored file {blob.pk} was changed on disk.")
    return content
