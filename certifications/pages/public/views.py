"""Public verification: by number and code, by the QR link, by the file. No sign-in, nothing kept, no customer data without the code."""

import datetime as dt
import hashlib
from typing import TYPE_CHECKING, Any

from django.conf import settings
from django.core.files.uploadedfile import UploadedFile
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.utils import timezone
from django.utils.formats import date_format
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_safe

from certifications.attestations import queries
from certifications.attestations.authority import trust_is_test
from certifications.files.actions import Damaged, read, safe_name
from certifications.files.models import Blob
from certifications.ledger.listed import apart
from certifications.letters import queries as letters
from certifications.people.permissions import public
from portal.bodies import takes
from portal.countries import COUNTRIES
from portal.limits import at_once, limited
from portal.templatetags.kit import main_name, other_name, place_words, said
from portal.words import word_for

from . import answers, answers_letters
from .forms import FileForm, InMemory, NumberForm

if TYPE_CHECKING:
    from verifier import Verdict

TRIES, PER_SECONDS = 20, 3600
# At the same time per address; a place left by a process that was killed is free again after a minute.
PLACES, PLACE_SECONDS = 3, 60
SHOWS_THE_FORMS = ("GET", "HEAD")
RECEIPT = "end-use-receipt/1"


def _verdict(content: bytes) -> "Verdict":
    """Whatever this issuer seals, each as what it is."""
    # pyHanko is half a second of imports: when the first file comes, and not for every process that knows this address.
    from verifier import STATEMENTS, TrustAnchors, verify_pdf

    return verify_pdf(content, TrustAnchors.from_folder(settings.TRUST_DIR), tuple(STATEMENTS))


def _statement(content: bytes) -> dict[str, Any] | None:
    """The payload of a sealed JSON; None when the seal does not hold."""
    from verifier import TrustAnchors, verify_sealed_json  # as in `_verdict`

    return verify_sealed_json(content, TrustAnchors.from_folder(settings.TRUST_DIR))


@public
@takes(25, upload_handler=InMemory)  # past 10 MB the form says so itself
@require_http_methods(["GET", "HEAD", "POST"])
@limited("verify", TRIES, PER_SECONDS, free=SHOWS_THE_FORMS)
@at_once("verify", PLACES, PLACE_SECONDS, free=SHOWS_THE_FORMS)
def verify(request: HttpRequest) -> HttpResponse:
    """The two forms, and the answer to either."""
    if request.method != "POST":
        return _forms(request, NumberForm(), FileForm())
    if request.POST.get("by") == "number":
        return _by_number(request, NumberForm(request.POST), refused=422)
    form = FileForm(request.POST, request.FILES)
    if getattr(request, "upload_too_large", False):
        form.errors.clear()
        form.full_clean()
        form.errors["file"] = form.error_class(
            [_("The file is larger than 10 MB; an attestation never is. Choose the PDF as it was issued.")]
        )
        return _forms(request, NumberForm(), form, status=422)
    if not form.is_valid():
        return _forms(request, NumberForm(), form, status=422)
    return _by_file(request, form.cleaned_data["file"])


@public
@require_safe
@limited("verify", TRIES, PER_SECONDS)
@at_once("verify", PLACES, PLACE_SECONDS)
def verify_number(request: HttpRequest, number: str) -> HttpResponse:
    """The link behind the QR code. Without its code it shows the form with the number filled in, and nothing else."""
    code = request.GET.get("code", "")
    if not code:
        return _forms(request, NumberForm(initial={"number": number[:30]}), FileForm())
    return _by_number(request, NumberForm({"number": number, "code": code}), refused=404)


def _forms(request: HttpRequest, number_form: NumberForm, file_form: FileForm, status: int = 200) -> HttpResponse:
    return render(request, "public/verify.html", {"number_form": number_form, "file_form": file_form}, status=status)


def _by_number(request: HttpRequest, form: NumberForm, *, refused: int) -> HttpResponse:
    given = (form.cleaned_data["number"], form.cleaned_data["code"]) if form.is_valid() else ("", "")
    view = queries.by_number_and_code(*given)
    letter = letters.by_number_and_code(*given)
    now = timezone.now()
    if letter is not None:
        return _answer(request, answers_letters.by_number(_stored(letter.seal.pdf, "letter"), letter, now), now)
    if view is None:
        if not form.errors:
            # The same words for an unknown number and for a wrong code.
            form.add_error(None, _("No attestation has this number with this code. Read both again from the document."))
        return _forms(request, form, FileForm(), status=refused)
    verdict = _stored(view.seal.pdf, "attestation") if view.seal is not None else None
    return _answer(request, answers.by_number(verdict, view, now), now)


def _stored(blob: Blob, kind: str) -> "Verdict | None":
    """The verdict on what we keep; None where it cannot be read, or is not what it was kept as."""
    try:
        verdict = _verdict(read(blob))
    except (Damaged, OSError):
        return None
    return verdict if verdict.kind == kind or not verdict.accepted else None


def _by_file(request: HttpRequest, file: UploadedFile) -> HttpResponse:
    content = file.read()
    now = timezone.now()
    name, size = safe_name(file.name or ""), len(content)
    test_authority = trust_is_test(settings.TRUST_DIR)
    payload = _statement(content) if content.lstrip()[:1] == b"{" else None
    if payload is not None and payload.get("schema") == RECEIPT:
        receipt = answers.receipt(payload, hashlib.sha256(content).hexdigest(), test_authority=test_authority)
        return _answer(request, receipt, now, name=name, size=size)
    verdict = _verdict(content)
    if not verdict.accepted:
        result = answers.rejected(verdict, test_authority=test_authority)
    elif verdict.kind == "receipt" and (verdict.payload or {}).get("schema") == RECEIPT:
        result = answers.receipt(verdict.payload or {}, verdict.sha256, test_authority=test_authority)
    elif verdict.kind == "letter":
        letter = letters.by_digest(verdict.sha256)
        result = answers_letters.genuine(verdict, letter, now) if letter else answers.unknown(verdict, test_authority=test_authority)
    else:
        view = queries.by_digest(verdict.sha256)
        if view is None:
            result = answers.unknown(verdict, test_authority=test_authority)
        else:
            result = answers.genuine(verdict, view, now)
    return _answer(request, result, now, name=name, size=size)


def _answer(request: HttpRequest, result: answers.Result, now: dt.datetime, name: str = "", size: int = 0) -> HttpResponse:
    payload = result.payload
    context = {
        "result": result,
        "checked_at": answers.moment(now),
        "file_name": name,
        "file_size": size,
        "rows": result.rows or (_rows(payload) if payload else []),
    }
    response = render(request, "public/answer.html", context)
    response["Cache-Control"] = "no-store"
    return response


def _day(text: str) -> str:
    return date_format(dt.date.fromisoformat(text), "DATE_FORMAT")


def _rows(payload: dict[str, object]) -> list[tuple[str, str, str]]:
    """What the attestation says, for whoever holds the code or the file."""
    p: dict = payload  # type: ignore[type-arg]
    place = p["place_of_use"]
    return [
        (_("Number"), p["number"], ""),
        (_("Declaration"), _("%(number)s, version %(version)s") % p["declaration"], ""),
        (_("Distributor"), main_name(p["distributor"]), other_name(p["distributor"])),
        (_("Stockist") if p.get("kind") == "stockist" else _("End user"), main_name(p["end_user"]), other_name(p["end_user"])),
        *((_("Further end user"), main_name(party), other_name(party)) for party in p.get("other_end_users", ())),
        *((word_for("declared", row["role"]).text, main_name(row["party"]), other_name(row["party"])) for row in p.get("on_the_way", ())),
        (_("Goods"), answers.goods_line(p), ""),
        (_("End use"), p["end_use"], ""),
        (
            _("Place of use"),
            f"{place['address']} ({COUNTRIES.get(place['country'], place['country'])} {place_words(place.get('division', ''))})".replace(
                " )", ")"
            ),
            "",
        ),
        (
            _("Valid"),
            _("%(first)s to %(last)s, the last day not included") % {"first": _day(p["valid_from"]), "last": _day(p["valid_until"])},
            "",
        ),
        # Documents that were issued before the end user could be asked say nothing of it.
        *([(_("Assurance level"), said(p["assurance"]), "")] if "assurance" in p else []),
        *((_("End user %(n)s") % {"n": n}, said(one), "") for n, one in enumerate(p.get("assurance", {}).get("each", ()), start=1)),
        (_("Lists"), apart(f"{row['title']} ({row['imported_at'][:10]})" for row in p["lists"]), ""),
    ]
