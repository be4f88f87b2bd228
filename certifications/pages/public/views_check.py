"""The public check: may this seller sell this here today? Two answers on one page, no list, no suggestion, nothing kept but a count."""

from typing import Any

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods

from certifications.pages.places import line_words
from certifications.parties.checking import check as check_now
from certifications.people.permissions import public
from portal.limits import limited_unnamed, refused_in_total
from portal.templatetags.kit import where_words

from .answering import even, unindexed
from .answers import moment
from .forms_check import CheckForm

TRIES, ALL_TRIES, PER_SECONDS = 60, 3000, 3600
# Well above what an answer takes: the register is asked in a few milliseconds, whoever it knows.
EVEN_SECONDS = 0.2
SHOWS_THE_FORM = ("GET", "HEAD")


@public
@unindexed
@require_http_methods(["GET", "HEAD", "POST"])
@limited_unnamed("check", TRIES, PER_SECONDS, free=SHOWS_THE_FORM)
@even(EVEN_SECONDS, free=SHOWS_THE_FORM)
def check(request: HttpRequest) -> HttpResponse:
    """The form, and the answer to it. By POST, so that no address and no history of a browser holds the name."""
    form = CheckForm(request.POST if request.method == "POST" else None)
    if not form.is_valid():
        return render(request, "public/check.html", {"form": form}, status=422 if form.is_bound else 200)
    if stop := refused_in_total(request, "check", ALL_TRIES, PER_SECONDS):
        return stop
    asked: dict[str, Any] = {name: form.cleaned_data[name] for name in ("name", "line", "country", "division")}
    now, found = timezone.now(), check_now(**asked)
    line, place = line_words([asked["line"]]), where_words([asked["country"]], [asked["division"]] if asked["division"] else [])
    number = form.cleaned_data["number"]
    rows = [
        (_("Name, as you entered it"), asked["name"], ""),
        (_("Product"), f"{line} ({number})" if number else line, ""),
        (_("Place"), place, ""),
        (_("Answered"), moment(now), ""),
    ]
    return render(request, "public/checked.html", {"found": found, "rows": rows, "line": line, "place": place})
