"""Reads of the end users' own word: which question a link opens, what is awaited, how good each declaration of a list is."""

import json
from collections.abc import Collection, Iterable, Sequence
from dataclasses import dataclass
from typing import Any

from django.db.models import Q, QuerySet
from django.utils import timezone

from certifications.ledger.canonical import sha256_hex
from certifications.ledger.models import Event
from certifications.ledger.queries import histories
from certifications.ledger.together import read_together
from certifications.parties.models import Customer
from certifications.parties.queries import PartyDisplay, display
from certifications.people.models import User
from certifications.people.queries import independent

from .assurance import each_heard
from .models import Declaration, DeclarationVersion, FrozenText, Objection
from .models_enduser import EndUserAnswer, EndUserLink, EndUserRequest, PrintedStatement, StatementScan
from .own_texts import own_texts
from .queries import version_of
from .rules_enduser import ASKABLE, Assurance, OwnText, Word, assurance_of, link_standing, speakers, together
from .texts import PART_SCHEMA


def link_of(token: str) -> EndUserLink | None:
    """The link that a token opens, whatever it is worth by now."""
    found = EndUserLink.objects.select_related("request__declaration")
    return found.filter(token_hash=sha256_hex(token.encode())).first()


def of_speakers(who: Collection[str | None]) -> Q:
    """Questions or statements of these; None stands for rows that name nobody."""
    return Q(customer__in=[pk for pk in who if pk]) | (Q(customer=None) if None in who else Q())


def still_says(declaration: Declaration, customer_id: str | None, sha256: str) -> bool:
    """Whether the declaration says exactly this of the end user, and it may still be heard."""
    return declaration.status in ASKABLE and (customer_id, sha256) in _asked_of(own_texts(version_of(declaration)))


def _asked_of(texts: Sequence[OwnText]) -> set[tuple[str | None, str]]:
    return {(who, own.sha256) for own in texts for who in speakers(own, texts)}


def standing(request: EndUserRequest) -> str:
    """What the request's links are worth now: open, used, revoked, lapsed or outdated."""
    is_open = request.status == EndUserRequest.Status.OPEN
    return _standing(request, is_open and still_says(request.declaration, request.customer_id, request.sha256))


def _standing(request: EndUserRequest, same_text: bool) -> str:  # noqa: FBT001 - the one thing that is asked beside the row
    return link_standing(status=request.status, expires_at=request.expires_at, now=timezone.now(), same_text=same_text)


@dataclass(frozen=True)
class Asked:
    """One question by mail with what became of it; `word` is its status, or lapsed or outdated before the clock has said so (words.py, enduserrequest)."""

    request: EndUserRequest
    word: str
    answer: EndUserAnswer | None
    links: list[EndUserLink]


@dataclass(frozen=True)
class EndUserWord:
    """Everything about one end user's own word on a declaration, as its distributor and compliance see it; the newest first.

    `text` is what it is asked about now; None for whom the declaration named once and names no more, whose word counts for nothing.
    """

    customer: Customer
    text: OwnText | None
    assurance: Assurance
    asked: list[Asked]
    statement: PrintedStatement | None
    scans: list[StatementScan]
    may_be_asked: bool

    @property
    def digest(self) -> str:
        """SHA-256 of what it is asked about."""
        return self.text.sha256 if self.text else ""

    @property
    def name(self) -> PartyDisplay:
        """What it is called."""
        return display(self.customer.party)

    @property
    def goods(self) -> list[dict[str, Any]]:
        """Its goods and quantities, as its text has them."""
        found: list[dict[str, Any]] = json.loads(self.text.canonical)["goods"] if self.text else []
        return found

    @property
    def open(self) -> Asked | None:
        """The question that waits for its answer."""
        return next((one for one in self.asked if one.word == "open"), None)

    @property
    def waiting(self) -> StatementScan | None:
        """The scan that waits for a second person."""
        return next((scan for scan in self.scans if scan.status == StatementScan.Status.FILED), None)


@dataclass(frozen=True)
class EndUserWords:
    """The same for every end user, in the order of the text; then whoever was asked once and is named no more. Of stock there is nobody.

    `assurance` is that of the whole declaration.
    """

    assurance: Assurance
    each: list[EndUserWord]
    is_stock: bool

    @property
    def are_several(self) -> bool:
        """Whether the text as it is now names more than one."""
        return sum(one.text is not None for one in self.each) > 1

    @property
    def are_rows(self) -> bool:
        """Whether there is more than one to tell apart, those that are named no more among them."""
        return len(self.each) > 1

    def of(self, customer_id: str) -> EndUserWord | None:
        """That of one end user."""
        return next((one for one in self.each if one.customer.pk == customer_id), None)

    def first_to_see(self) -> EndUserWord | None:
        """Whoever waits for somebody: a scan to be checked, a word against it, no word yet; else the first one."""
        return min(self.each, key=_urgency, default=None)


def _urgency(one: EndUserWord) -> int:
    if one.waiting is not None:
        return 0
    if one.assurance.against:
        return 1
    return 2 if one.may_be_asked and one.assurance.level == "distributor" else 3


def end_user_words(declaration: Declaration) -> EndUserWords:
    """All of it for one declaration the user may see; statements of the texts as they are now alone."""
    version = version_of(declaration)
    texts = {own.customer_id: own for own in own_texts(version)}
    requests = list(
        declaration.end_user_requests.select_related("asked_by", "revoked_by", "answer").prefetch_related("links").order_by("-asked_at")
    )
    found = StatementScan.objects.filter(statement__declaration=declaration).select_related("statement", "filed_by", "checked_by")
    scans = list(found.prefetch_related("files__blob").order_by("-filed_at"))
    statements = list(declaration.printed_statements.select_related("pdf", "made_by")) if texts else []

    def whose(one: EndUserRequest | PrintedStatement) -> str:
        # Rows that name nobody are shown where the declaration is.
        return one.customer_id or declaration.customer_id

    ids = list(dict.fromkeys([*texts, *(whose(one) for one in requests), *(whose(scan.statement) for scan in scans)]))
    customers = Customer.objects.select_related("party").prefetch_related("party__names").in_bulk(ids)
    heard = dict(zip(texts, each_heard({declaration.pk: list(texts.values())})[declaration.pk], strict=True))
    now = _asked_of(list(texts.values())) if declaration.status in ASKABLE else set()

    def asked(request: EndUserRequest) -> Asked:
        request.declaration = declaration
        worth = _standing(request, (request.customer_id, request.sha256) in now)
        word = request.status if worth == "used" else worth  # of a link that was used: how it was answered
        return Asked(request, word, getattr(request, "answer", None), sorted(request.links.all(), key=lambda link: link.day))

    def word(pk: str) -> EndUserWord:
        own = texts.get(pk)
        return EndUserWord(
            customer=customers[pk],
            text=own,
            assurance=heard.get(pk, Assurance()),
            asked=[asked(request) for request in requests if whose(request) == pk],
            statement=next((one for one in statements if own and (whose(one), one.sha256) == (pk, own.sha256)), None),
            scans=[scan for scan in scans if whose(scan.statement) == pk],
            may_be_asked=own is not None and declaration.status in ASKABLE,
        )

    return EndUserWords(together(list(heard.values())), [word(pk) for pk in ids], is_stock=not texts)


def objections_with(declaration: Declaration, words: EndUserWords) -> list[tuple[Objection, PartyDisplay | None]]:
    """Everything that was objected to, the newest first; of several end users with the name of whose question it is."""
    found = declaration.objections.select_related("sent_by", "answered_by", "end_user__request").order_by("-sent_at")

    def whose(one: Objection) -> PartyDisplay | None:
        asked = words.of(one.end_user.request.customer_id or declaration.customer_id) if one.end_user and words.are_rows else None
        return asked.name if asked else None

    return [(one, whose(one)) for one in found]


def assurance_parts(declarations: Sequence[Declaration]) -> tuple[QuerySet[Any], ...]:
    """What `heard_from` needs of these declarations, for `read_together`."""
    return (
        FrozenText.objects.filter(version__declaration__in=declarations)
        .select_related("version")
        .only("sha256", "version__number", "version__kind", "version__declaration_id"),
        EndUserAnswer.objects.filter(request__declaration__in=declarations)
        .select_related("request")
        .only("kind", "sha256", "answered_at", "request__declaration_id", "request__customer_id"),
        StatementScan.objects.filter(status=StatementScan.Status.ACCEPTED, statement__declaration__in=declarations)
        .select_related("statement")
        .only("checked_side", "checked_at", "statement__sha256", "statement__declaration_id", "statement__customer_id"),
    )


def heard_from(
    declarations: Sequence[Declaration], frozen: Sequence[FrozenText], answers: Sequence[EndUserAnswer], scans: Sequence[StatementScan]
) -> dict[str, Assurance]:
    """The assurance of each declaration by its id. Looks further at drafts and at several end users that were heard, and at nothing else."""
    told: dict[str, list[tuple[str | None, str, Word]]] = {}
    for answer in answers:
        word = Word(answer.kind, "link", answer.answered_at)
        told.setdefault(answer.request.declaration_id, []).append((answer.request.customer_id, answer.sha256, word))
    for scan in scans:
        if scan.checked_at is not None:
            word = Word("confirmed", "paper", scan.checked_at, scan.checked_side)
            told.setdefault(scan.statement.declaration_id, []).append((scan.statement.customer_id, scan.statement.sha256, word))
    texts = {(text.version.declaration_id, text.version.number): text for text in frozen}
    signed = {one.pk: texts.get((one.pk, one.version_number)) for one in declarations if one.pk in told}
    several = [text.version_id for text in signed.values() if text and text.version.kind == "several"]
    parts = _parts_as_signed(several, {who for said in told.values() for who, _sha256, _word in said if who})
    found = {}
    for one in declarations:
        said, text = told.get(one.pk, ()), signed.get(one.pk)
        if not said:
            owns = []
        elif text is None:
            owns = own_texts(version_of(one))
        else:
            owns = parts.get(text.version_id) or [OwnText(one.customer_id, "", text.sha256)]
        found[one.pk] = together([
            assurance_of(w for who, sha, w in said if sha == own.sha256 and who in speakers(own, owns)) for own in owns
        ])  # fmt: skip
    return found


def _parts_as_signed(versions: Sequence[str], speaking: Collection[str]) -> dict[str, list[OwnText]]:
    """By version what each of several end users was asked about, empty for whoever said nothing.

    Two statements for any number of versions, none for none.
    """
    if not versions:
        return {}
    found = DeclarationVersion.objects.filter(pk__in=versions).select_related("declaration", "frozen").prefetch_related("parties")
    return {version.pk: own_texts(version, only=speaking) for version in found}


def assurances(declarations: Sequence[Declaration]) -> dict[str, Assurance]:
    """The same for a list: in one statement, and two more where several end users were asked and have said something."""
    return heard_from(declarations, *read_together(*assurance_parts(declarations)))


def answered_before(request: EndUserRequest) -> QuerySet[Objection]:
    """Earlier questions of the same contact, for the same end user, on this declaration that compliance has answered."""
    found = Objection.objects.filter(declaration=request.declaration)
    same = Q(end_user__request__customer=request.customer_id)
    if shown_text(request)["schema"] != PART_SCHEMA:
        same |= Q(end_user__request__customer=None)
    return found.filter(same).filter(end_user__request__email=request.email, answered_at__isnull=False).order_by("sent_at")


def shown_text(asked: EndUserRequest | PrintedStatement) -> dict[str, Any]:
    """The text that the contact is asked about, or signs, as it was when it was asked or printed."""
    text: dict[str, Any] = json.loads(asked.canonical)
    return text


def story(declaration: Declaration) -> list[Event]:
    """Everything that happened to a declaration and to its end users' word, oldest first."""
    requests, statements = list(declaration.end_user_requests.all()), list(declaration.printed_statements.all())
    scans = list(StatementScan.objects.filter(statement__declaration=declaration)) if statements else []
    return histories([declaration, *requests, *statements, *scans])


def of_shown(customer: Customer, declaration: Declaration) -> Q:
    """Questions or statements that are shown with this customer: its own; with the declaration's own also those that name nobody."""
    return of_speakers((customer.pk, None) if customer.pk == declaration.customer_id else (customer.pk,))


def story_of(word: EndUserWord, declaration: Declaration) -> list[Event]:
    """What happened to one end user's own word, oldest first."""
    statements = declaration.printed_statements.filter(of_shown(word.customer, declaration))
    return histories([*(one.request for one in word.asked), *statements, *word.scans])


def scans_to_check(user: User, declarations: QuerySet[Declaration]) -> QuerySet[StatementScan]:
    """Scans on these declarations that wait for somebody who did not file them, the oldest first."""
    waiting = StatementScan.objects.filter(status=StatementScan.Status.FILED, statement__declaration__in=declarations)
    return (
        waiting.exclude(filed_by=user)
        .select_related("statement__declaration__customer__party", "statement__customer__party", "filed_by")
        .order_by("filed_at")[:50]
    )


def signer_of(statement: PrintedStatement) -> Customer:
    """Whose paper it is; the declaration's end user where the row does not say."""
    return statement.customer or statement.declaration.customer


def page_of(statement: PrintedStatement) -> str:
    """What the address of the page about the end users' word ends with, so that it opens at whose paper it is."""
    return f"?end_user={statement.customer_id}" if shown_text(statement)["schema"] == PART_SCHEMA else ""


def to_check(user: User, scans: Iterable[StatementScan]) -> list[StatementScan]:
    """Those that this person may check: neither of the two brought the other in."""
    known: dict[str, bool] = {}
    return [scan for scan in scans if known.setdefault(scan.filed_by_id, independent(scan.filed_by, user))]
