"""What a file is by its first bytes, whatever it is called. Pure."""

_STARTS = ((b"%PDF-", "application/pdf"), (b"\xff\xd8\xff", "image/jpeg"), (b"\x89PNG\r\n\x1a\n", "image/png"))
# Media types of papers.
PAPERS = tuple(kind for _start, kind in _STARTS)
MAX_PAPER_MB = 20


def media_type_of(content: bytes) -> str:
    """The media type of a paper: PDF, JPEG or PNG; empty for anything else, an empty file included."""
    return next((kind for start, kind in _STARTS if content.startswith(start)), "")
