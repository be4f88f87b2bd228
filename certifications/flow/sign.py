"""The distributor's signature and what it sets in motion."""

import json
from collections.abc import Callable, Mapping, Sequence
from typing import Any

from django.db import transaction
from django.utils.translation import gettext as _

from certifications.declarations import actions as declarations
from certifications.declarations import drafting, queries, sittings
from certifications.declarations.data import GROUPS, DeclarationData, group_of
from certifications.declarations.models import Declaration, Objection
from certifications.declarations.queries import data_of, text_of, version_of
from certifications.declarations.rules import Problem, sitting_digest
from certifications.declarations.sittings import SetRefused, Shown
from certifications.files import actions as files
from certifications.files.rules import media_type_of
from certifications.flags.settling import settle_for_return
from certifications.ledger.moves import NotAllowed
from certifications.mail.actions import tell_all
from certifications.parties.actions import own_customer
from certifications.parties.models import Customer
from certifications.people.actions import hold_right
from certifications.people.factors import prove
from certifications.people.models import User
from certifications.people.permissions import Permission, check, may
from certifications.people.queries import in_place_of, recipients
from certifications.work.actions import enqueue

from . import questions
from .advance import enqueue_advance, send_round_again, tell_distributor
from .decide import declarations_of
from .following import AMEND, below, check_follow, check_taken
from .texts import unprintable


def draft(
    *,
    by: User,
    data: DeclarationData,
    form_key: str,
    follows: Declaration | None = None,
    how: str = "",
    answered: Sequence[str] = GROUPS,
) -> Declaration:
    """Start a declaration, as a copy, an amendment or a renewal (`how`) of `follows` where that is given. The same form twice is one.

    It may be unfinished; `answered` are the groups of the form that were filled in.
    Raises Incomplete with what cannot even be kept, and NotAllowed (standing, followed).
    """
    check(by, Permission.EDIT_DECLARATIONS)
    if follows is not None and not Declaration.objects.filter(form_key=form_key).exists():
        check_follow(earlier=follows, how=how, by=by)
    return drafting.draft(by=by, data=data, form_key=form_key, follows=follows, how=how, answered=answered)


def stock_customer(*, by: User) -> Customer:
    """Whom a declaration for stock is about: the distributor itself. Raises NotAllowed where it is not on the register."""
    check(by, Permission.EDIT_DECLARATIONS)
    return own_customer(by=by)


def edit(*, declaration: Declaration, by: User, data: DeclarationData, answered: Sequence[str] = GROUPS) -> None:
    """Change a draft; `answered` are the groups of the form that were filled in by it. Raises Incomplete, StaleState."""
    check(by, Permission.EDIT_DECLARATIONS)
    drafting.edit(declaration=declaration, by=by, data=data, answered=answered)


def save_group(*, declaration: Declaration, by: User, group: str, was: str, change: Callable[[DeclarationData], DeclarationData]) -> None:
    """Save one group of the form of a draft. Raises Overtaken, Incomplete, StaleState; then nothing is written."""
    check(by, Permission.EDIT_DECLARATIONS)
    drafting.save_group(declaration=declaration, by=by, group=group, was=was, change=change)


def add_document(*, declaration: Declaration, by: User, title: str, content: bytes, name: str) -> None:
    """Put a document with a draft; it is kept whole, with its hash. Raises NotAllowed (title, file), StaleState."""
    check(by, Permission.EDIT_DECLARATIONS)
    kind = media_type_of(content)
    if not kind:
        raise NotAllowed(_("%(name)s is neither PDF, JPEG nor PNG. Save or scan it as PDF.") % {"name": files.safe_name(name)}, "file")
    for problem in unprintable({"title": title, "file": files.safe_name(name)}).values():
        raise NotAllowed(problem, "title")
    with transaction.atomic():
        blob = files.store(content, name=name, media_type=kind, by_id=by.pk)
        drafting.add_document(declaration=declaration, by=by, title=title, blob=blob)


def remove_document(*, declaration: Declaration, by: User, pk: str) -> None:
    """Take a document out of a draft."""
    check(by, Permission.EDIT_DECLARATIONS)
    drafting.remove_document(declaration=declaration, by=by, pk=pk)


def pass_over(*, declaration: Declaration, by: User, group: str) -> None:
    """Go on from a group that asks for nothing."""
    check(by, Permission.EDIT_DECLARATIONS)
    drafting.pass_over(declaration=declaration, by=by, group=group)


def unprintable_in(data: DeclarationData) -> dict[str, str]:
    """What of a declaration could not be printed, by field."""
    texts = ("contract", "relationship", "contact", "end_use", "place_address", "unknown_facts", "resale_scope", "ship_to_address", "route")
    found = unprintable({name: getattr(data, name) for name in texts})
    for one in data.end_users:
        found |= unprintable({f"place_address_{one.customer_id}": one.place_address})
    return found


def problems_of(declaration: Declaration) -> list[Problem]:
    """Everything that keeps a draft from being signed, at its field; in the order of the form."""
    data = data_of(version_of(declaration))
    problems = [*queries.problems_of(declaration), *(Problem(field, text) for field, text in unprintable_in(data).items())]
    if declaration.follows is not None and declaration.follows_as == AMEND:
        problems += below(declaration.follows, data)
    if not problems:
        try:
            drafting.clauses_for(data)
        except drafting.Incomplete as lack:
            problems += lack.problems
    return sorted(problems, key=lambda problem: GROUPS.index(group_of(problem.field)))


def take_clauses(*, declaration: Declaration, by: User) -> None:
    """Put the undertakings that are in force now into a draft; whoever signs reads them first."""
    if not may(by, Permission.EDIT_DECLARATIONS):
        check(by, Permission.SIGN_DECLARATIONS)
    declarations.take_clauses(declaration=declaration, by=by)


def sign_declaration(
    *,
    declaration: Declaration,
    by: User,
    sha256: str,
    accepted: set[int],
    role_title: str,
    code: str = "",
    assertion: str = "",
    session: Any = None,
) -> Declaration:
    """Freeze and sign the text whose SHA-256 was shown, with a fresh second factor bound to that digest.

    Raises NotAllowed (codes of declarations.actions.sign, and questions) and FactorRefused; nothing is kept of a refused attempt but
    the count of wrong codes.
    """
    check(by, Permission.SIGN_DECLARATIONS)
    questions.check_signable(declaration)
    declarations.check_sign(declaration=declaration, by=by, sha256=sha256, accepted=accepted, role_title=role_title)
    check_taken(declaration.follows, declaration.follows_as, data_of(version_of(declaration)))
    for problem in unprintable({"text": text_of(version_of(declaration)), "role_title": role_title, "name": by.name}).values():
        raise NotAllowed(problem, "glyph")
    proof = prove(by, digest=sha256, purpose="sign", code=code, assertion=assertion, session=session)
    with transaction.atomic():
        hold_right(by, Permission.SIGN_DECLARATIONS)
        questions.check_signable(declaration)
        declarations.sign(declaration=declaration, by=by, sha256=sha256, accepted=accepted, role_title=role_title, proof=proof)
        _go_on(declaration)
    return declaration


def _go_on(declaration: Declaration) -> None:
    enqueue_advance(declaration, f"signed-{declaration.version_number}")
    enqueue("receipt", declaration.pk, version=str(declaration.version_number))


def sign_sitting(
    *,
    by: User,
    shown: Sequence[Shown],
    accepted: Mapping[str, set[int]],
    role_title: str,
    code: str = "",
    assertion: str = "",
    session: Any = None,
) -> list[Declaration]:
    """Freeze and sign all the texts that were read, with one fresh second factor bound to exactly that set; all or none.

    Raises NotAllowed and SetRefused (codes of declarations.sittings.check_sitting) and FactorRefused.
    """
    check(by, Permission.SIGN_DECLARATIONS)
    asked = {"by": by, "shown": shown, "accepted": accepted, "role_title": role_title}
    ready = sittings.check_sitting(**asked)
    for problem in unprintable({"role_title": role_title, "name": by.name}).values():
        raise NotAllowed(problem, "glyph")
    wrong = [(row.declaration.number, problem) for row in ready for problem in unprintable({"text": json.loads(row.canonical)}).values()]
    amending = [row for row in ready if row.declaration.follows is not None and row.declaration.follows_as == AMEND]
    wrong += [(row.declaration.number, less.message) for row in amending for less in below(row.declaration.follows, data_of(row.version))]
    wrong += questions.signing_problems([row.declaration for row in ready]).items()
    if wrong:
        raise SetRefused(wrong)
    digest = sitting_digest([row.sha256 for row in ready])
    proof = prove(by, digest=digest, purpose="sign", code=code, assertion=assertion, session=session)
    with transaction.atomic():
        hold_right(by, Permission.SIGN_DECLARATIONS)
        signed = sittings.sign_sitting(**asked, proof=proof)
        if held := questions.signing_problems(signed):
            raise SetRefused(list(held.items()))
        for declaration in signed:
            _go_on(declaration)
    return signed


def withdraw_declaration(*, declaration: Declaration, by: User, reason: str, text: str = "") -> None:
    """The distributor takes a declaration back and says why; its open cases close without a judgement. Raises NotAllowed (reason, text)."""
    check(by, Permission.EDIT_DECLARATIONS)
    _withdraw(declaration, by, reason, text)


def withdraw_upload(*, declaration: Declaration, by: User) -> None:
    """The same for a draft of an upload that is taken back: the right was asked when that was asked for, and may have ended since."""
    _withdraw(declaration, by, "upload")


def _withdraw(declaration: Declaration, by: User, reason: str, text: str = "") -> None:
    with transaction.atomic():
        declarations.withdraw(declaration=declaration, by=by, reason=reason, text=text)
        # What was open on it may have held others; they look again.
        about = set(declaration.flags.filter(state="open", party__isnull=False).values_list("party_id", flat=True))
        settle_for_return(declaration=declaration)
        for other in declarations_of(about):
            send_round_again(other, f"withdrawn-{declaration.pk}")


def return_declaration(*, declaration: Declaration, by: User, fields: Sequence[str], text: str) -> None:
    """Compliance returns what waits for release and says what to mend; where a case is open, a decision on it does that.

    Raises NotAllowed (case, mend, text) and StaleState.
    """
    check(by, Permission.DECIDE_CASES)
    declarations.check_return(fields=fields, text=text)
    with transaction.atomic():
        if declaration.cases.exclude(status="closed").exists():
            raise NotAllowed(_("A case is open on this declaration. Return it by a decision there."), "case")
        declarations.send_back_with(declaration=declaration, by=by, fields=fields, text=text)
        tell_distributor(declaration, "declaration_returned")


def object_to(*, declaration: Declaration, by: User, clauses: set[int], text: str) -> Objection:
    """The signatory cannot agree to an undertaking: the reviewers are told, and what was asked stays on the declaration."""
    check(by, Permission.SIGN_DECLARATIONS)
    with transaction.atomic():
        made = declarations.object_to(declaration=declaration, by=by, clauses=clauses, text=text)
        tell_all(recipients(Permission.DECIDE_CASES), template="objection_made", context={"number": declaration.number})
    return made


def answer_objection(*, objection: Objection, by: User, text: str) -> Objection:
    """Compliance answers; whoever asked is told."""
    check(by, Permission.DECIDE_CASES)
    with transaction.atomic():
        answered = declarations.answer_objection(objection=objection, by=by, text=text)
        # What the end user asked is answered to whoever asked the end user, who asks it again.
        asked_by = objection.sent_by or answered.end_user.request.asked_by  # type: ignore[union-attr]
        tell_all(
            in_place_of(asked_by, Permission.ASK_END_USER, objection.declaration.organisation),
            template="objection_answered",
            context={"number": objection.declaration.number},
        )
    return answered
