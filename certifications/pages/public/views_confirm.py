"""The page behind an end user's one-time link: what is to be confirmed, three answers, and nothing else of the declaration.

No sign-in, no cookie, no script: it has to work in whatever a phone's mail program opens.
"""

from typing import Any

from django.conf import settings
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.views.decorators.csrf import csrf_exempt
from django.views.decorators.http import require_http_methods

from certifications.declarations.confirming import LinkClosed
from certifications.declarations.in_force import Incomplete
from certifications.declarations.models_enduser import EndUserAnswer, EndUserRequest
from certifications.declarations.queries_enduser import answered_before, link_of, shown_text, standing
from certifications.declarations.rules_enduser import AnswerData
from certifications.flow import enduser as flow
from certifications.ledger.canonical import sha256_hex
from certifications.ledger.ids import new_ulid
from certifications.ledger.moves import NotAllowed
from certifications.people.permissions import public
from portal.limits import limited, refused

from .answering import spoken, unlisted

# Design: ten answers an hour; looking is free for whoever came by a real link, and guesses find nothing among 2^256.
SENDS, LOOKS, PER_SECONDS = 10, 120, 3600


# No cookie gives this page any right, so that no other site can borrow one: the address itself is the secret. A browser that is
# told `no-referrer` posts `Origin: null`, which the forms' protection refuses, and in-app browsers often keep no cookie at all.
@csrf_exempt
@public
@unlisted
@spoken
@require_http_methods(["GET", "HEAD", "POST"])
@limited("confirm-look", LOOKS, PER_SECONDS)
@limited("confirm", SENDS, PER_SECONDS, free=("GET", "HEAD"))
def confirm(request: HttpRequest, token: str) -> HttpResponse:
    """GET shows what is asked and changes nothing. POST answers, once."""
    link = link_of(token)
    if link is None:
        return _closed(request, "unknown", status=404)
    held = link.request
    if request.method != "POST":
        now = standing(held)
        return _closed(request, now) if now != "open" else _page(request, held)
    # By the digest of the token: the limit's name must not give it away.
    stop = refused(request, "confirm-token", sha256_hex(token.encode())[:32], SENDS, PER_SECONDS)
    if stop:
        return stop
    data, form_key = _typed(request), request.POST.get("form_key", "")[:26] or new_ulid()
    try:
        made = flow.answer(token=token, sha256=request.POST.get("sha256", ""), data=data, form_key=form_key)
    except LinkClosed as closed:
        return _closed(request, closed.code)
    except Incomplete as error:
        return _page(request, held, data, {problem.field: problem.message for problem in error.problems})
    except NotAllowed as error:
        return _page(request, held, data, {"": str(error)})
    return _done(request, made)


def _typed(request: HttpRequest) -> AnswerData:
    texts = {name.removeprefix("question_"): value for name, value in request.POST.items() if name.startswith("question_")}
    return AnswerData(
        kind=request.POST.get("kind", "")[:12],
        name=request.POST.get("name", "")[:120],
        role=request.POST.get("role", "")[:120],
        ticked=bool(request.POST.get("ticked")),
        reason=request.POST.get("reason", "")[:2000],
        questions={int(n): text[:2000] for n, text in texts.items() if n.isascii() and n.isdecimal() and len(n) < 4},  # noqa: PLR2004
    )


def _bare(request: HttpRequest, template: str, context: dict[str, Any], status: int) -> HttpResponse:
    """Without the frame's own forms: they post to addresses whose protection refuses a page without a referrer."""
    return render(request, template, {**context, "csrf_token": "", "languages": settings.LANGUAGES}, status=status)


def _closed(request: HttpRequest, why: str, status: int = 410) -> HttpResponse:
    """One sentence for what became of the link, and how to get a new one; the same page whoever asks."""
    return _bare(request, "public/confirm_closed.html", {"why": why}, status)


def _done(request: HttpRequest, made: EndUserAnswer) -> HttpResponse:
    return _bare(request, "public/confirm_done.html", {"made": made, "number": made.request.declaration.number}, 200)


# Which of the three forms a problem belongs to, and the element that its link leads to.
FIELDS = ("name", "role", "ticked", "reason", "questions")


def _page(
    request: HttpRequest, held: EndUserRequest, typed: AnswerData | None = None, problems: dict[str, str] | None = None
) -> HttpResponse:
    text, kind = shown_text(held), typed.kind if typed else ""
    problems = problems or {}
    asked = (typed.questions or {}) if typed else {}
    clauses = [
        {**clause, "typed": asked.get(clause["number"], ""), "problem": problems.get(f"question_{clause['number']}", "")}
        for clause in text["clauses"]["items"]
    ]
    context = {
        "held": held,
        "text": text,
        "clauses": clauses,
        "earlier": answered_before(held),
        "form_key": request.POST.get("form_key", "")[:26] or new_ulid(),
        "kind": kind,
        "typed": typed,
        "at": problems,
        "problems": [{"id": _where(kind, field, clauses), "label": "", "text": said} for field, said in problems.items()],
        "address": request.get_full_path(),
    }
    return _bare(request, "public/confirm.html", context, 422 if problems else 200)


def _where(kind: str, field: str, clauses: list[dict[str, Any]]) -> str:
    if field.startswith("question_"):
        return field
    if field == "questions":
        return f"question_{clauses[0]['number']}"
    return f"{kind}-{field}" if field in FIELDS else ""
