"""The end user's own word by a one-time link: asked, reminded, heard; and who is told at each step. Of several each by itself."""

import datetime as dt
from typing import Any

from django.db import transaction
from django.utils import timezone

from certifications.declarations import confirming
from certifications.declarations.confirming import ContactData
from certifications.declarations.models import Declaration
from certifications.declarations.models_enduser import EndUserAnswer, EndUserRequest
from certifications.declarations.own_texts import own_texts
from certifications.declarations.queries import version_of
from certifications.declarations.queries_enduser import shown_text
from certifications.declarations.rules_enduser import AnswerData, reminder_due
from certifications.declarations.texts import PART_SCHEMA
from certifications.mail.actions import send_later, tell_all
from certifications.people.models import User
from certifications.people.permissions import Permission, check
from certifications.people.queries import in_place_of, recipients

from .advance import tell_if_ready

# So many open questions are read at a time.
MOST = 500


def ask(*, declaration: Declaration, by: User, contact: ContactData, form_key: str, end_user: str = "") -> EndUserRequest:
    """Ask the end user's contact by mail; of several, that of the customer `end_user`. The same form twice is one mail.

    Raises Incomplete, NotAllowed, StaleState.
    """
    check(by, Permission.ASK_END_USER)
    with transaction.atomic():
        made, token = confirming.ask(declaration=declaration, by=by, contact=contact, form_key=form_key, end_user=end_user)
        if token:
            _send(made, token, "end_user_asked")
    return made


def _send(request: EndUserRequest, token: str, template: str) -> None:
    """The one mail that holds the token; its text is emptied once it has left (mail.actions)."""
    organisation = request.declaration.organisation
    last_day = (request.expires_at - dt.timedelta(days=1)).date()
    send_later(
        template=template,
        to_email=request.email,
        language=request.language,
        context={"organisation": organisation.name, "token": token, "day": last_day},
    )


def revoke(*, request: EndUserRequest, by: User) -> None:
    """Take an open question back; its links stop working at once."""
    check(by, Permission.ASK_END_USER)
    confirming.revoke(request=request, by=by)


def answer(*, token: str, sha256: str, data: AnswerData, form_key: str) -> EndUserAnswer:
    """The contact answers: the distributor is told, compliance too unless it is a plain yes, and the contact gets a copy.

    Raises LinkClosed, Incomplete, NotAllowed.
    """
    with transaction.atomic():
        made, is_new = confirming.answer(token=token, sha256=sha256, data=data, form_key=form_key)
        if is_new:
            _tell(made)
    return made


def _tell(made: EndUserAnswer) -> None:
    request = made.request
    declaration = request.declaration
    context = {"number": declaration.number, "kind": made.kind, **which_of(declaration, request.customer_id)}
    confirmed = made.kind == EndUserAnswer.Kind.CONFIRMED
    tell_all(_in_charge(request), template="end_user_confirmed" if confirmed else "end_user_answered", context=context)
    if confirmed:
        tell_if_ready(declaration, made.answered_at)
    else:
        tell_all(recipients(Permission.DECIDE_CASES), template="end_user_against", context=context)
    # A copy to the address that was asked: whoever did not answer learns that somebody did.
    send_later(
        to_email=request.email,
        language=request.language,
        template="end_user_copy",
        context={
            "number": declaration.number, "kind": made.kind, "sha256": made.sha256, "at": made.answered_at.astimezone(dt.UTC),
            "is_part": shown_text(request)["schema"] == PART_SCHEMA,
        },
    )  # fmt: skip


def _in_charge(request: EndUserRequest) -> list[User]:
    """Whoever asked and whoever filed it, or who goes on with the one's or the other's work."""
    declaration = request.declaration
    asked = in_place_of(request.asked_by, Permission.ASK_END_USER, declaration.organisation)
    filed = in_place_of(declaration.created_by, Permission.EDIT_DECLARATIONS, declaration.organisation)
    return list({user.pk: user for user in (*asked, *filed)}.values())


def which_of(declaration: Declaration, customer_id: str | None) -> dict[str, Any]:
    """For a mail that names no firm: which of several end users it is about (n of so many), and where on the page. Empty for the only one."""
    users = [own.customer_id for own in own_texts(version_of(declaration))]
    if len(users) < 2 or customer_id not in users:  # noqa: PLR2004
        return {}
    return {"n": users.index(customer_id) + 1, "of": len(users), "at_page": f"?end_user={customer_id}"}


def remind() -> int:
    """Remind contacts of open questions, and close those that ran out or were overtaken. Idempotent. Returns how many mails."""
    told, last = 0, ""
    waiting = EndUserRequest.objects.filter(status=EndUserRequest.Status.OPEN).order_by("pk")
    waiting = waiting.select_related("declaration__organisation", "asked_by").prefetch_related("links")
    # All of them, however many: one that waits behind others would miss its day, and a missed reminder is not made up for.
    while some := list(waiting.filter(pk__gt=last)[:MOST]):
        told += sum(_remind(request) for request in some)
        last = some[-1].pk
    return told


@transaction.atomic
def _remind(request: EndUserRequest) -> int:
    """How many mails left about one open question."""
    over = confirming.close_over(request)
    if over:
        context = {"number": request.declaration.number, "kind": over, **which_of(request.declaration, request.customer_id)}
        people = in_place_of(request.asked_by, Permission.ASK_END_USER, request.declaration.organisation)
        tell_all(people, template="end_user_over", context=context)
        return len(people)
    day = reminder_due(asked_at=request.asked_at, now=timezone.now(), sent=[link.day for link in request.links.all()])
    token = confirming.remind(request=request, day=day) if day else ""
    if token:
        _send(request, token, "end_user_reminded")
    return bool(token)
