"""The only writes to what the end user is asked by mail: asked, reminded, taken back, answered once, or come to nothing."""

import json
import secrets
from dataclasses import dataclass

from django.core.exceptions import ValidationError
from django.core.validators import validate_email
from django.db import transaction
from django.utils import timezone
from django.utils.translation import gettext as _

from certifications.ledger.actions import record
from certifications.ledger.canonical import sha256_hex
from certifications.ledger.moves import NotAllowed, StaleState, move
from certifications.people.models import User

from .assurance import assurance
from .in_force import Incomplete
from .models import Declaration, Objection
from .models_enduser import EndUserAnswer, EndUserLink, EndUserRequest
from .named import named_in_part
from .own_texts import own_texts
from .queries import lacks_of, shown_text, version_of
from .queries_enduser import link_of, of_speakers, standing
from .rules import Problem
from .rules_enduser import ASKABLE, AnswerData, OwnText, answer_problems, expiry, own_address, speakers

Status = EndUserRequest.Status


class LinkClosed(NotAllowed):
    """The link opens nothing. `code`: used, revoked, lapsed, outdated."""

    def __init__(self, standing: str) -> None:
        super().__init__(_("This link does not work any more; nothing was sent."), standing)


@dataclass(frozen=True)
class ContactData:
    """Whom to ask, in which of the two languages."""

    name: str
    email: str
    language: str


def lock_askable(declaration: Declaration, by: User, end_user: str = "") -> tuple[Declaration, OwnText]:
    """(the declaration, locked; what this end user is asked about), where it may be asked now.

    `end_user` is one of its end users as a customer; empty where there is only one. Raises NotAllowed (own_organisation, kind, end_user,
    named), StaleState, Incomplete. Every writer about a declaration takes this lock first.
    """
    locked = Declaration.objects.select_for_update().get(pk=declaration.pk)
    if by.organisation is None or locked.organisation_id != by.organisation.pk:
        raise NotAllowed(_("This declaration belongs to another distributor."), "own_organisation")
    if locked.status not in ASKABLE:
        raise StaleState(_("The declaration is decided or withdrawn; its end user is not asked any more."))
    version = version_of(locked)
    texts = own_texts(version)
    if not texts:
        raise NotAllowed(
            _("Of a stock nobody is the end user yet, so nobody can be asked. Name the end users in a declaration of their own."), "kind"
        )
    if locked.status == Declaration.Status.DRAFT and (problems := lacks_of(locked)):
        raise Incomplete(problems)
    place = next((n for n, own in enumerate(texts) if own.customer_id == end_user or (not end_user and len(texts) == 1)), None)
    if place is None:
        raise NotAllowed(_("Choose one of the end users of this declaration."), "end_user")
    if len(texts) > 1 and (name := named_in_part(shown_text(version), place)):
        # Each is shown its own part; what all of them read must not tell one of another.
        said = (
            _(
                "“%(name)s” stands in the end use, the facts not known or the place, and the other end users would read it. Say it without a name, or make a declaration for each."
            )
            if locked.status == Declaration.Status.DRAFT
            else _(
                "“%(name)s” stands in the end use, the facts not known or the place, and the other end users would read it. The text is signed and cannot be changed: withdraw the declaration, copy it, and say it there without a name."
            )
        )
        raise NotAllowed(said % {"name": name}, "named")
    return locked, texts[place]


def _check_contact(contact: ContactData, by: User, declaration: Declaration, end_user: str) -> None:
    problems = []
    if len(contact.name.strip()) < 2:  # noqa: PLR2004
        problems.append(Problem("contact_name", _("Enter the name of the person at the end user.")))
    try:
        validate_email(contact.email.strip())
    except ValidationError:
        problems.append(Problem("email", _("This is no e-mail address; check for a missing part.")))
    # Whoever has left reads the mail there all the same.
    own = User.objects.filter(memberships__organisation=by.organisation).values_list("email", flat=True).distinct()
    if own_address(contact.email.strip(), own):
        problems.append(Problem("email", _("This is an address of your own firm. The end user confirms for itself, at its own address.")))
    # Whoever reads mail there may have read the other's part, and can answer for one end user at most. A question that was taken back and
    # never answered was typed at the wrong one; whoever the text names no more is no rival.
    named = [own.customer_id for own in own_texts(version_of(declaration)) if own.customer_id != end_user]
    others = declaration.end_user_requests.filter(email=contact.email.strip().lower(), customer__in=named)
    if others.exclude(status=Status.REVOKED).exists():
        problems.append(
            Problem(
                "email", _("Another end user of this declaration was asked at this address. Each answers for itself, at its own address.")
            )
        )
    if problems:
        raise Incomplete(problems)


@transaction.atomic
def ask(*, declaration: Declaration, by: User, contact: ContactData, form_key: str, end_user: str = "") -> tuple[EndUserRequest, str]:
    """Ask a named contact of an end user about its text as it is now; an earlier open question to that end user is taken back.

    Returns the token, kept nowhere. The same form twice is one question (the token is then empty). Raises as lock_askable, and
    NotAllowed (`confirmed`).
    """
    locked, own = lock_askable(declaration, by, end_user)
    who = speakers(own, own_texts(version_of(locked)))
    earlier = EndUserRequest.objects.filter(form_key=form_key, declaration=locked).first()
    if earlier is not None and earlier.customer_id not in who:
        raise StaleState(_("The form was sent twice; the first one was kept."))
    if earlier is not None:
        return earlier, ""
    _check_contact(contact, by, locked, own.customer_id)
    if assurance(locked.pk, [own]).level != "distributor":
        raise NotAllowed(_("The end user has confirmed exactly this text already."), "confirmed")
    for held in locked.end_user_requests.filter(of_speakers(who), status=Status.OPEN):
        _close(held, Status.REVOKED, by)
    now = timezone.now()
    made = EndUserRequest.objects.create(
        declaration=locked,
        customer_id=own.customer_id,
        version_number=locked.version_number,
        canonical=own.canonical,
        sha256=own.sha256,
        contact_name=contact.name.strip(),
        email=contact.email.strip().lower(),
        language=contact.language,
        asked_by=by,
        asked_at=now,
        expires_at=expiry(now),
        form_key=form_key,
    )
    token = _link(made, 0)
    record(verb="enduserrequest.asked", obj=made, by=by, data={"declaration": locked.pk, "sha256": own.sha256, "until": made.expires_at})
    return made, token


def _link(request: EndUserRequest, day: int) -> str:
    token = secrets.token_urlsafe(32)
    EndUserLink.objects.create(request=request, token_hash=sha256_hex(token.encode()), day=day)
    return token


def _close(request: EndUserRequest, to: str, by: User | None) -> None:
    also = {"closed_at": timezone.now(), **({"revoked_by": by} if to == Status.REVOKED else {})}
    move(obj=request, to=to, by=by, also=also)


@transaction.atomic
def revoke(*, request: EndUserRequest, by: User) -> None:
    """Take an open question back; its links stop working at once. Raises NotAllowed, StaleState."""
    declaration = Declaration.objects.select_for_update().get(pk=request.declaration_id)
    if by.organisation is None or declaration.organisation_id != by.organisation.pk:
        raise NotAllowed(_("This declaration belongs to another distributor."), "own_organisation")
    _close(EndUserRequest.objects.get(pk=request.pk), Status.REVOKED, by)


@transaction.atomic
def remind(*, request: EndUserRequest, day: int) -> str:
    """A new link to the same question, for a reminder; the earlier ones go on working. Empty when it was made already."""
    Declaration.objects.select_for_update().get(pk=request.declaration_id)
    held = EndUserRequest.objects.get(pk=request.pk)
    if standing(held) != "open" or held.links.filter(day=day).exists():
        return ""
    token = _link(held, day)
    record(verb="enduserrequest.reminded", obj=held, by=None, data={"day": day})
    return token


@transaction.atomic
def close_over(request: EndUserRequest) -> str:
    """Close a question whose links ran out or whose declaration changed. Returns what it came to, empty while it is open."""
    # Every open question is asked about every hour, and hardly one is over: nobody waits for a lock on its declaration.
    if standing(request) == "open":
        return ""
    Declaration.objects.select_for_update().get(pk=request.declaration_id)
    held = EndUserRequest.objects.get(pk=request.pk)
    found = standing(held)
    if held.status != Status.OPEN or found == "open":
        return ""
    _close(held, found, None)
    return found


@transaction.atomic
def answer(*, token: str, sha256: str, data: AnswerData, form_key: str) -> tuple[EndUserAnswer, bool]:
    """Take the contact's answer to the text whose SHA-256 was shown. Consumed by this call alone; opening a link never does.

    The same form twice is one answer, and new the first time alone. Raises LinkClosed, Incomplete, NotAllowed (`unknown`, `digest`); then nothing is kept.
    """
    link = link_of(token)
    if link is None:
        raise NotAllowed(_("This link is not known."), "unknown")
    Declaration.objects.select_for_update().get(pk=link.request.declaration_id)
    held = EndUserRequest.objects.select_for_update(of=("self",)).select_related("declaration").get(pk=link.request_id)
    given = EndUserAnswer.objects.filter(request=held).first()
    if given is not None and given.form_key == form_key:
        return given, False
    found = standing(held)
    if found != "open":
        raise LinkClosed(found)
    if sha256 != held.sha256:
        raise NotAllowed(_("The text is not the one that was shown to you. Read it again; nothing was sent."), "digest")
    undertakings = [item["number"] for item in json.loads(held.canonical)["clauses"]["items"]]
    problems = answer_problems(data, undertakings)
    if problems:
        raise Incomplete(problems)
    made = EndUserAnswer.objects.create(
        request=held,
        kind=data.kind,
        sha256=held.sha256,
        name=data.name.strip(),
        role=data.role.strip(),
        reason=data.reason.strip() if data.kind == "declined" else "",
        email=held.email,
        link=link,
        form_key=form_key,
    )
    asked = data.asked() if data.kind == "questioned" else {}
    objections = [
        Objection.objects.create(
            declaration=held.declaration, version_number=held.version_number, clauses=[number], text=text, end_user=made
        ).pk
        for number, text in sorted(asked.items())
    ]
    move(
        obj=held,
        to=data.kind,
        by=None,
        data={"sha256": held.sha256, "link": link.pk, "objections": objections},
        also={"closed_at": timezone.now()},
    )
    return made, True
