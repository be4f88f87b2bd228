"""A declaration as its distributor reads it: one word for where it stands, and who does what next."""

from collections import defaultdict
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import Any

from django.db.models import Exists, OuterRef, QuerySet
from django.urls import reverse
from django.utils.formats import date_format
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from certifications.attestations.models import Attestation
from certifications.attestations.queries import with_standing
from certifications.declarations.models import Declaration, DeclarationLine, DeclarationVersion
from certifications.declarations.queries import version_of
from certifications.declarations.queries_enduser import assurance_parts, heard_from
from certifications.declarations.rules_enduser import Assurance
from certifications.flags.models import Question
from certifications.ledger.days import civil_today
from certifications.ledger.together import hand_over, read_together
from certifications.parties.models import PartyName
from certifications.parties.queries import PartyDisplay, display
from certifications.people.models import User
from certifications.people.permissions import Permission, may

RENEW_DAYS = 60
AT_ONCE = 500
# What the distributor waits for: it is with compliance, the workers or the signer.
WAITING = ("signed", "screening", "review", "ready", "issuing", "pending_timestamp")
# What the list can be narrowed to, in the order of a declaration's life.
SHOWN = ("draft", "question", "returned", *WAITING, "attested", "not_yet", "suspended", "revoked", "superseded", "expired", "refused",
         "withdrawn")  # fmt: skip
GONE_WRONG = ("suspended", "revoked", "refused")


@dataclass(frozen=True)
class Step:
    """What comes next, and where one does it; `url` is empty for what others do."""

    text: str
    url: str = ""


@dataclass(frozen=True)
class Filing:
    """A row of the table."""

    declaration: Declaration
    version: DeclarationVersion
    name: PartyDisplay
    attestation: Attestation | None
    question: Question | None
    word: str
    step: Step
    assurance: Assurance


def _open_questions() -> QuerySet[Question]:
    return Question.objects.filter(answered_at__isnull=True, withdrawn_at__isnull=True)


def _issued() -> QuerySet[Attestation]:
    return Attestation.objects.exclude(status__in=[Attestation.Status.VOID, Attestation.Status.PENDING]).order_by("-released_at", "-pk")


def with_rows(found: QuerySet[Declaration]) -> QuerySet[Declaration]:
    """The declarations with what `filings` starts from."""
    return found.select_related("customer__party")


def parts_of(declarations: Sequence[Declaration]) -> tuple[QuerySet[Any], ...]:
    """Everything else that rows of these declarations show, for `read_together`."""
    parties = [declaration.customer.party_id for declaration in declarations]
    return (
        PartyName.objects.filter(party__in=parties),
        DeclarationVersion.objects.filter(declaration__in=declarations),
        DeclarationLine.objects.filter(version__declaration__in=declarations).select_related("product"),
        _issued().filter(declaration__in=declarations),
        _open_questions().filter(declaration__in=declarations),
        *assurance_parts(declarations),
    )


def narrowed(found: QuerySet[Declaration], word: str) -> QuerySet[Declaration]:
    """Those whose row shows this word; `waiting` is all that is with compliance. Everything for an unknown word."""
    asked = Exists(_open_questions().filter(declaration=OuterRef("pk")))
    issued = _issued().filter(declaration=OuterRef("pk"))
    attested = found.filter(status=Declaration.Status.ATTESTED)
    match word:
        case "waiting":
            return found.filter(status__in=WAITING)
        case "question":
            return found.filter(asked, status__in=WAITING)
        case "attested":
            return attested.filter(Exists(with_standing(issued, "valid")))
        case "not_yet" | "suspended" | "revoked":
            return attested.filter(Exists(with_standing(issued, word)))
        case "expired" | "superseded":
            return found.filter(status=word) | attested.filter(Exists(with_standing(issued, word)))
        case _ if word in WAITING:
            return found.filter(~asked, status=word)
        case _:
            return found.filter(status=word) if word in Declaration.Status.values else found


def filings(user: User, declarations: Iterable[Declaration]) -> list[Filing]:
    """A row for each declaration that `with_rows` gave; one statement for every few hundred of them."""
    rows = list(declarations)
    batches = [rows[start : start + AT_ONCE] for start in range(0, len(rows), AT_ONCE)]
    return [row for batch in batches for row in filings_of(user, batch, read_together(*parts_of(batch)))]


def filings_of(user: User, declarations: Sequence[Declaration], parts: Sequence[Any]) -> list[Filing]:
    """The same with what `parts_of` named, read."""
    names, versions, lines, issued, questions, *heard = parts
    named, versions_of, lines_of = _by(names, "party_id"), _by(versions, "declaration_id"), _by(lines, "version_id")
    issued_of, questions_of = _by(issued, "declaration_id"), _by(questions, "declaration_id")
    for version in versions:
        hand_over(version, "lines", lines_of[version.pk])
    for declaration in declarations:
        hand_over(declaration, "versions", versions_of[declaration.pk])
        hand_over(declaration.customer.party, "names", named[declaration.customer.party_id])
        for version in versions_of[declaration.pk]:
            version.declaration = declaration
    assured = heard_from(declarations, *heard)
    return [
        _filing(user, one, next(iter(issued_of[one.pk]), None), next(iter(questions_of[one.pk]), None), assured[one.pk])
        for one in declarations
    ]


def _by(rows: Iterable[Any], name: str) -> dict[str, list[Any]]:
    found: dict[str, list[Any]] = defaultdict(list)
    for row in rows:
        found[getattr(row, name)].append(row)
    return found


def _filing(user: User, declaration: Declaration, attestation: Attestation | None, question: Question | None, heard: Assurance) -> Filing:
    version = version_of(declaration)
    word = word_of(declaration, attestation, question)
    step = _step(user, declaration, word, attestation, question) if word != "draft" else _draft_step(user, declaration, version)
    return Filing(declaration, version, display(declaration.customer.party), attestation, question, word, step, heard)


def word_of(declaration: Declaration, attestation: Attestation | None, question: Question | None) -> str:
    """The one word: that of the attestation once there is one, of an open question before, else of the declaration."""
    if declaration.status == Declaration.Status.ATTESTED and attestation is not None:
        return "attested" if attestation.standing.in_force else attestation.standing.word
    if question is not None and declaration.status in WAITING:
        return "question"
    return declaration.status


def _step(user: User, declaration: Declaration, word: str, attestation: Attestation | None, question: Question | None) -> Step:
    here = reverse("distributors:declaration", args=[declaration.number])
    if word == "question" and question is not None:
        day = {"day": date_format(question.due_on, "MONTH_DAY_FORMAT")}
        if may(user, Permission.ANSWER_QUESTIONS):
            return Step(_("You answer by %(day)s") % day, reverse("distributors:question", args=[question.pk]))
        return Step(_("Answer due by %(day)s") % day)
    if word == "returned":
        return Step(_("You correct it"), here) if may(user, Permission.EDIT_DECLARATIONS) else Step(_("The filer corrects it"))
    if word in GONE_WRONG:
        return Step(_("Read what to do"), here)
    if attestation is not None and word in {"attested", "not_yet"}:
        return _after_issue(attestation, word, declaration)
    others = {
        "signed": _("The checks run by themselves"),
        "screening": _("The checks run by themselves"),
        "review": _("Compliance decides"),
        "ready": _("A person releases it"),
        "issuing": _("The document is being sealed"),
        "pending_timestamp": _("The document is being sealed"),
    }
    return Step(others.get(word, _("none")))


def _draft_step(user: User, declaration: Declaration, version: DeclarationVersion) -> Step:
    """Filled in, it is the signatory's; before, the filer goes on with it."""
    if version.is_filled_in:
        sign = reverse("distributors:declaration-sign", args=[declaration.number])
        return Step(_("You sign"), sign) if may(user, Permission.SIGN_DECLARATIONS) else Step(_("The signatory signs"))
    edit = reverse("distributors:declaration-edit", args=[declaration.number])
    return Step(_("You fill it in"), edit) if may(user, Permission.EDIT_DECLARATIONS) else Step(_("The filer fills it in"))


def _after_issue(attestation: Attestation, word: str, declaration: Declaration) -> Step:
    if word == "not_yet":
        return Step(_("In force from %(day)s") % {"day": date_format(attestation.valid_from, "MONTH_DAY_FORMAT")})
    left = (attestation.valid_until - civil_today()).days
    if left > RENEW_DAYS:
        return Step(_("none"))
    url = reverse("distributors:declaration-renew", args=[declaration.number])
    return Step(ngettext("Renew, %(n)d day left", "Renew, %(n)d days left", left) % {"n": left}, url)
