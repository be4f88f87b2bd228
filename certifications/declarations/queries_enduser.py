"""Reads of the end user's own word: which question a link opens, what is awaited, how good each declaration of a list is."""

import json
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import Any

from django.db.models import QuerySet
from django.utils import timezone

from certifications.ledger.canonical import sha256_hex
from certifications.ledger.models import Event
from certifications.ledger.queries import histories
from certifications.ledger.together import read_together
from certifications.people.models import User
from certifications.people.queries import independent

from .assurance import assurance
from .models import Declaration, FrozenText, Objection
from .models_enduser import EndUserAnswer, EndUserLink, EndUserRequest, PrintedStatement, StatementScan
from .queries import frozen_form, version_of
from .rules_enduser import ASKABLE, Assurance, Word, assurance_of, link_standing


def link_of(token: str) -> EndUserLink | None:
    """The link that a token opens, whatever it is worth by now."""
    found = EndUserLink.objects.select_related("request__declaration")
    return found.filter(token_hash=sha256_hex(token.encode())).first()


def still_says(declaration: Declaration, sha256: str) -> bool:
    """Whether the declaration says exactly this, and its end user may still be heard."""
    return declaration.status in ASKABLE and frozen_form(version_of(declaration))[1] == sha256


def standing(request: EndUserRequest) -> str:
    """What the request's links are worth now: open, used, revoked, lapsed or outdated."""
    same = request.status == EndUserRequest.Status.OPEN and still_says(request.declaration, request.sha256)
    return link_standing(status=request.status, expires_at=request.expires_at, now=timezone.now(), same_text=same)


@dataclass(frozen=True)
class Asked:
    """One question by mail with what became of it; `word` is its status, or lapsed or outdated before the clock has said so."""

    request: EndUserRequest
    word: str
    answer: EndUserAnswer | None
    links: list[EndUserLink]


@dataclass(frozen=True)
class EndUserWord:
    """Everything about the end user's own word on one declaration, as its distributor and compliance see it."""

    digest: str
    assurance: Assurance
    asked: list[Asked]
    statement: PrintedStatement | None
    scans: list[StatementScan]
    may_be_asked: bool

    @property
    def open(self) -> Asked | None:
        """The question that waits for its answer."""
        return next((one for one in self.asked if one.word == "open"), None)

    @property
    def waiting(self) -> StatementScan | None:
        """The scan that waits for a second person."""
        return next((scan for scan in self.scans if scan.status == StatementScan.Status.FILED), None)


def end_user_word(declaration: Declaration) -> EndUserWord:
    """All of it for one declaration the user may see: the newest first, statements of the text as it is now alone."""
    digest = frozen_form(version_of(declaration))[1]
    found = declaration.end_user_requests.select_related("asked_by", "revoked_by", "answer").prefetch_related("links").order_by("-asked_at")
    asked = []
    for request in found:
        request.declaration = declaration
        now = standing(request) if request.status == EndUserRequest.Status.OPEN else request.status
        asked.append(Asked(request, now, getattr(request, "answer", None), sorted(request.links.all(), key=lambda link: link.day)))
    statement = declaration.printed_statements.select_related("pdf", "made_by").filter(sha256=digest).first()
    scans = StatementScan.objects.filter(statement__declaration=declaration).select_related("statement", "filed_by", "checked_by")
    return EndUserWord(
        digest=digest,
        assurance=assurance(declaration.pk, digest),
        asked=asked,
        statement=statement,
        scans=list(scans.prefetch_related("files__blob").order_by("-filed_at")),
        may_be_asked=declaration.status in ASKABLE,
    )


def assurance_parts(declarations: Sequence[Declaration]) -> tuple[QuerySet[Any], ...]:
    """What `heard_from` needs of these declarations, for `read_together`."""
    return (
        FrozenText.objects.filter(version__declaration__in=declarations)
        .select_related("version")
        .only("sha256", "version__number", "version__declaration_id"),
        EndUserAnswer.objects.filter(request__declaration__in=declarations)
        .select_related("request")
        .only("kind", "sha256", "answered_at", "request__declaration_id"),
        StatementScan.objects.filter(status=StatementScan.Status.ACCEPTED, statement__declaration__in=declarations)
        .select_related("statement")
        .only("checked_side", "checked_at", "statement__sha256", "statement__declaration_id"),
    )


def heard_from(
    declarations: Sequence[Declaration], frozen: Sequence[FrozenText], answers: Sequence[EndUserAnswer], scans: Sequence[StatementScan]
) -> dict[str, Assurance]:
    """The assurance of each declaration by its id. Looks further at the drafts among them that were asked about, and at nothing else."""
    told: dict[str, list[tuple[str, Word]]] = {}
    for answer in answers:
        word = Word(answer.kind, "link", answer.answered_at)
        told.setdefault(answer.request.declaration_id, []).append((answer.sha256, word))
    for scan in scans:
        if scan.checked_at is not None:
            word = Word("confirmed", "paper", scan.checked_at, scan.checked_side)
            told.setdefault(scan.statement.declaration_id, []).append((scan.statement.sha256, word))
    texts = {(text.version.declaration_id, text.version.number): text.sha256 for text in frozen}
    found = {}
    for one in declarations:
        said = told.get(one.pk, ())
        text = (texts.get((one.pk, one.version_number)) or frozen_form(version_of(one))[1]) if said else ""
        found[one.pk] = assurance_of([word for sha256, word in said if sha256 == text])
    return found


def assurances(declarations: Sequence[Declaration]) -> dict[str, Assurance]:
    """The same for a list, in one statement."""
    return heard_from(declarations, *read_together(*assurance_parts(declarations)))


def answered_before(request: EndUserRequest) -> QuerySet[Objection]:
    """Earlier questions of the same contact on this declaration that compliance has answered."""
    found = Objection.objects.filter(declaration=request.declaration, end_user__request__email=request.email, answered_at__isnull=False)
    return found.order_by("sent_at")


def shown_text(request: EndUserRequest) -> dict[str, Any]:
    """The text that the contact is asked about, as it was when it was asked."""
    text: dict[str, Any] = json.loads(request.canonical)
    return text


def story(declaration: Declaration) -> list[Event]:
    """Everything that happened to a declaration and to its end user's word, oldest first."""
    requests, statements = list(declaration.end_user_requests.all()), list(declaration.printed_statements.all())
    scans = list(StatementScan.objects.filter(statement__declaration=declaration)) if statements else []
    return histories([declaration, *requests, *statements, *scans])


def scans_to_check(user: User, declarations: QuerySet[Declaration]) -> QuerySet[StatementScan]:
    """Scans on these declarations that wait for somebody who did not file them, the oldest first."""
    waiting = StatementScan.objects.filter(status=StatementScan.Status.FILED, statement__declaration__in=declarations)
    return waiting.exclude(filed_by=user).select_related("statement__declaration__customer__party", "filed_by").order_by("filed_at")[:50]


def to_check(user: User, scans: Iterable[StatementScan]) -> list[StatementScan]:
    """Those that this person may check: neither of the two brought the other in."""
    known: dict[str, bool] = {}
    return [scan for scan in scans if known.setdefault(scan.filed_by_id, independent(scan.filed_by, user))]
