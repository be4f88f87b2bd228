"""What a request may hold, asked before anybody reads it: a size that the view has agreed to, and text that can be kept.

A view takes 2.5 MB unless it says more by `takes`. The size is known from Content-Length, beyond which no server
reads on; so it holds for pasted text and for files alike, and before the form's key is looked for.
"""

import time
from collections.abc import Callable, Iterator
from typing import Any

from django.conf import settings
from django.contrib.auth import SESSION_KEY
from django.contrib.sessions.backends.db import SessionStore
from django.core.exceptions import RequestDataTooBig, TooManyFilesSent
from django.core.files.uploadhandler import TemporaryFileUploadHandler
from django.http import HttpRequest, HttpResponse, UnreadablePostError
from django.urls import Resolver404, resolve
from django.utils.translation import gettext as _

from certifications.people.permissions import to_sign_in

from .errors import bad_request, too_large

MB = 1024 * 1024
DEFAULT_BYTES = 2_621_440
DEFAULT_FILES = 10
# The other fields of a form beside the one large thing in it; and what is a little too large comes back with its form
# and one sentence, where what is far too large gets a page.
ROOM = 5 * MB
# A browser shows our answer only once it has sent everything; past this it is cut off.
PATIENCE_BYTES, PATIENCE_SECONDS = 128 * MB, 20
FORMS = ("multipart/form-data", "application/x-www-form-urlencoded")
Handler = Callable[[HttpRequest], HttpResponse]
View = Callable[..., HttpResponse]


def takes(megabytes: int, *, files: int = DEFAULT_FILES, upload_handler: type | None = None) -> Callable[[View], View]:
    """Mark a view that takes a large body or many files, and say how its files are held."""

    def decorate(view: View) -> View:
        view.megabytes = megabytes  # type: ignore[attr-defined]
        view.files = files  # type: ignore[attr-defined]
        view.upload_handler = upload_handler  # type: ignore[attr-defined]
        return view

    return decorate


class Capped(TemporaryFileUploadHandler):
    """Never on disk more than the view agreed to, all files together, whatever the header said."""

    def handle_raw_input(self, *args: Any, **kwargs: Any) -> None:
        self.left = limit_of(self.request)

    def receive_data_chunk(self, raw_data: bytes, start: int) -> None:
        self.left -= len(raw_data)
        if self.left < 0:
            # StopUpload would hand the cut-off file to the view as if it were whole.
            raise RequestDataTooBig("the files are larger than this page takes")
        super().receive_data_chunk(raw_data, start)


def view_of(request: HttpRequest | None) -> Any:
    """The view behind the address; None where there is none."""
    try:
        return resolve(request.path_info).func if request is not None else None
    except Resolver404:
        return None


def limit_of(request: HttpRequest | None) -> int:
    """Bytes that the view behind this address takes."""
    megabytes = getattr(view_of(request), "megabytes", 0)
    return megabytes * MB + ROOM if megabytes else DEFAULT_BYTES


def _unfit(text: str) -> bool:
    """Whether PostgreSQL or UTF-8 would refuse the text: NUL, or half of a pair."""
    if "\x00" in text:
        return True
    try:
        text.encode()
    except UnicodeEncodeError:
        return True
    return False


def _length(request: HttpRequest) -> int:
    try:
        return int(request.META.get("CONTENT_LENGTH") or 0)
    except ValueError:
        return 0


def _drain(request: HttpRequest) -> None:
    """Read and forget, so that the browser listens to the answer."""
    left, end = min(_length(request), PATIENCE_BYTES), time.monotonic() + PATIENCE_SECONDS
    while left > 0 and time.monotonic() < end:
        try:
            chunk = request.read(min(left, 65536))
        except (UnreadablePostError, OSError):
            return
        if not chunk:
            return
        left -= len(chunk)


def _may_send(request: HttpRequest) -> bool:
    """Whether whoever asks may send what is large: on a public page anybody, a program with a token, else who is signed in."""
    permission = getattr(view_of(request), "permission", None)
    if permission is None:
        return True
    if permission == "program":
        return request.headers.get("Authorization", "").startswith("Bearer ")
    key = request.COOKIES.get(settings.SESSION_COOKIE_NAME, "")
    return bool(key) and SESSION_KEY in SessionStore(key)


class Bodies:
    """413 for what is too large, 400 for what no form of ours sends. Runs before the session is looked up."""

    def __init__(self, get_response: Handler) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        limit = limit_of(request)
        if _length(request) > limit:
            _drain(request)
            return too_large(request, (limit - ROOM if limit > DEFAULT_BYTES else limit) / MB)
        if request.content_type in FORMS and request.encoding and request.encoding.lower().replace("_", "-") not in {"utf-8", "utf8"}:
            # Python knows encodings ("unicode-escape") that make text which no database keeps.
            return bad_request(request, said=_("The form was sent in an encoding other than UTF-8."))
        if _length(request) > DEFAULT_BYTES and not _may_send(request):
            # Neither parsed nor written to a disk.
            _drain(request)
            return to_sign_in(request)
        handler = getattr(view_of(request), "upload_handler", None)
        if handler is not None:
            request.upload_handlers = [handler(request)]
        try:
            where = next(_unfit_parts(request), "")
            most = getattr(view_of(request), "files", DEFAULT_FILES)
            if request.content_type in FORMS and sum(len(files) for _name, files in request.FILES.lists()) > most:
                raise TooManyFilesSent
        except TooManyFilesSent:
            return bad_request(request, said=_("That is more files than this page takes at once. Send them in several parts."))
        except UnreadablePostError:
            return bad_request(request, said=_("The connection broke before the whole form had arrived."))
        if where:
            return bad_request(request, said=_("%(where)s holds a character that cannot be kept (NUL, or half of one).") % {"where": where})
        return self.get_response(request)


def _unfit_parts(request: HttpRequest) -> Iterator[str]:
    """Names of the parts that hold unfit text."""
    if _unfit(request.path_info):
        yield _("The address")
    yield from _unfit_fields(_("The address"), request.GET)
    if any(_unfit(name) or _unfit(value) for name, value in request.COOKIES.items()):
        yield _("A cookie")
    if any(_unfit(str(value)) for name, value in request.META.items() if name.startswith("HTTP_")):
        yield _("A header")
    if request.content_type in FORMS:
        yield from _unfit_fields("", request.POST)
        for name, files in request.FILES.lists():
            if _unfit(name) or any(_unfit(file.name or "") for file in files):
                yield _("The name of a file")


def _unfit_fields(where: str, fields: Any) -> Iterator[str]:
    for name, values in fields.lists():
        if _unfit(name):
            yield where or _("The name of a field")
        elif any(_unfit(value) for value in values):
            yield where or _("The field “%(name)s”") % {"name": name[:40]}
