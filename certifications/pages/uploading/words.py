"""What the pages of uploads share: their own addresses on the side that asks, and what is said of an upload in a line."""

from typing import Any

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.utils.translation import gettext as _

from certifications.uploads.models import Upload


def at(request: HttpRequest, name: str = "") -> str:
    """The name of one of these addresses on the side that asks: a distributor's people and the maker's have their own."""
    return f"{request.resolver_match.namespace if request.resolver_match else ''}:{name}"


def answer(request: HttpRequest, template: str, context: dict[str, Any], status: int = 200) -> HttpResponse:
    """A page of an upload, whose links stay on the side that asks."""
    return render(request, f"uploads/{template}", {**context, "at": at(request)}, status=status)


def counts_words(upload: Upload) -> str:
    """What there is to say of an upload in one line."""
    counts = upload.counts
    if upload.status == Upload.Status.COMMITTED:
        return done_words(counts)
    if upload.status == Upload.Status.CHECKED:
        return _("%(ready)d ready, %(attention)d need attention") % {
            "ready": counts.get("ready", 0),
            "attention": counts.get("attention", 0),
        }
    return ""


def done_words(counts: dict[str, int]) -> str:
    """What was done, in numbers; of rows that asked something, what they were answered."""
    if any(name.startswith("said_") for name in counts):
        return _("%(r)d released, %(h)d held, %(n)d need a declaration") % {
            "r": counts.get("said_release", 0),
            "h": counts.get("said_hold", 0),
            "n": counts.get("said_needs_declaration", 0),
        }
    return _("created %(c)d, updated %(u)d, skipped %(s)d") % {
        "c": counts.get("did_create", 0),
        "u": counts.get("did_update", 0),
        "s": counts.get("did_skip", 0),
    }
