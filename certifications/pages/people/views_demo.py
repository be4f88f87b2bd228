"""Helpers of the demonstration: the local mailbox, and the codes of its accounts. 404 outside demonstration mode."""

import time

from allauth.mfa import app_settings as mfa_settings
from allauth.mfa.totp.internal.auth import format_hotp_value, hotp_value
from django.conf import settings
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import render
from django.views.decorators.cache import never_cache

from certifications.ledger.listed import listed
from certifications.mail.models import Mail
from certifications.people.demo import ORGANISATIONS, PEOPLE, totp_secret
from certifications.people.permissions import ROLES, public
from portal.paging import paged


@public
@never_cache
def mailbox(request: HttpRequest) -> HttpResponse:
    """Every mail of the demonstration, newest first. Mail never leaves the machine."""
    if not settings.PORTAL_DEMO:
        raise Http404
    text = request.GET.get("q", "").strip()[:100]
    mails = Mail.objects.order_by("-created_at", "-pk")
    if text:
        mails = mails.filter(to_email__icontains=text)
    return render(request, "people/mailbox.html", {"page": paged(request, mails, 20), "q": text})


@public
@never_cache
def codes(request: HttpRequest) -> HttpResponse:
    """The code that each account's app would show now, and how long it holds."""
    if not settings.PORTAL_DEMO:
        raise Http404
    period = mfa_settings.TOTP_PERIOD
    now = int(time.time())
    rows = [
        {
            "person": person,
            "roles": listed(str(ROLES[role].word) for role in person.roles),
            "organisation": ORGANISATIONS[person.organisation][1],
            "code": format_hotp_value(hotp_value(totp_secret(person.email), now // period)),
        }
        for person in PEOPLE
    ]
    response = render(request, "people/codes.html", {"rows": rows, "left": period - now % period, "period": period})
    response["Refresh"] = str(period - now % period + 1)
    return response
