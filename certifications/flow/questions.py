"""The questionnaire about a customer: its sheet as it stands, answering it, and what holds a signature while it is incomplete."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass

from django.db.models import prefetch_related_objects
from django.utils.translation import ngettext

from certifications.catalogue import questions
from certifications.catalogue.models_questions import Questionnaire, QuestionnaireAnswer, QuestionnaireQuestion
from certifications.catalogue.rules_questions import CustomerFacts, QuestionnaireData, asked_of, missing
from certifications.declarations.models import Declaration, DeclarationLine
from certifications.declarations.queries import end_users_of, version_of
from certifications.ledger.moves import NotAllowed
from certifications.mail.actions import tell_all
from certifications.parties.models import Customer
from certifications.people.models import User
from certifications.people.permissions import Permission, check
from certifications.people.queries import users_with

ENDED = ("withdrawn", "refused", "expired", "superseded")


@dataclass(frozen=True)
class Row:
    """A question that is asked, with its answer and the version that was answered, if any."""

    question: QuestionnaireQuestion
    answer: QuestionnaireAnswer | None


@dataclass(frozen=True)
class Sheet:
    """A customer's answers as they stand: `rows` in order, `missing` the numbers that must still be answered."""

    version: Questionnaire
    rows: tuple[Row, ...]
    missing: tuple[int, ...]

    @property
    def complete(self) -> bool:
        """Whether nothing that must be answered is open."""
        return not self.missing


def keep_draft(*, data: QuestionnaireData, shown: str, by: User) -> None:
    """Keep the draft of the next version. Raises StaleState."""
    check(by, Permission.EDIT_CATALOGUE)
    questions.keep_draft(data=data, shown=shown, by=by)


def tell_of_version() -> None:
    """A version took effect: whoever files customers is told that something new may be asked."""
    tell_all(users_with(Permission.EDIT_CUSTOMERS), template="questionnaire_changed", context={})


def _lines_of(customers: Iterable[str]) -> dict[str, set[str]]:
    """Product lines that are declared for each of the customers, whatever came of it but an end."""
    ids = list(customers)
    rows = DeclarationLine.objects.exclude(version__declaration__status__in=ENDED).order_by()
    first = rows.filter(version__declaration__customer__in=ids).values_list("version__declaration__customer", "product__line")
    further = rows.filter(version__parties__role="end_user", version__parties__customer__in=ids)
    found: dict[str, set[str]] = {}
    for customer, line in [*first.distinct(), *further.values_list("version__parties__customer", "product__line").distinct()]:
        found.setdefault(customer, set()).add(line)
    return found


def facts_of(customer: Customer) -> CustomerFacts:
    """What decides which questions are asked of it."""
    return questions.facts_of(customer.party, _lines_of([customer.pk]).get(customer.pk, ()))


def sheet_of(customer: Customer) -> Sheet | None:
    """The customer's sheet; None while no questionnaire is in force. A handful of queries."""
    return sheets_of([customer]).get(customer.pk)


def sheets_of(customers: Sequence[Customer]) -> dict[str, Sheet]:
    """The sheets of several, in as many queries as of one."""
    held = questions.in_force()
    if held is None or not customers:
        return {}
    prefetch_related_objects([customer.party for customer in customers], "names", "sites")
    ids = [customer.pk for customer in customers]
    answers, lines = questions.answers_of(ids), _lines_of(ids)
    found = {}
    for customer in customers:
        facts, own = questions.facts_of(customer.party, lines.get(customer.pk, ())), answers.get(customer.pk, {})
        values, all_of = questions.values_of(own), list(held.questions.all())
        rows = tuple(Row(one, own.get(one.fingerprint)) for one in asked_of(all_of, facts, values))
        found[customer.pk] = Sheet(held, rows, tuple(one.number for one in missing(all_of, facts, values)))
    return found


def answer(*, customer: Customer, by: User, version: int, values: Mapping[str, str]) -> int:
    """Keep what was answered, by fingerprint. Returns how many answers. Raises Incomplete (questions.field_of), StaleState."""
    check(by, Permission.EDIT_CUSTOMERS)
    return questions.answer(customer=customer, by=by, version=version, values=values, facts=facts_of(customer))


def signing_problems(declarations: Sequence[Declaration]) -> dict[str, str]:
    """By number, why a declaration cannot be signed yet: its customer's answers are incomplete and the version in force says that holds."""
    if not declarations:
        return {}
    held = questions.in_force()
    if held is None or not held.holds_signing:
        return {}
    users = {one.number: end_users_of(version_of(one)) for one in declarations}
    sheets = sheets_of(list({customer.pk: customer for some in users.values() for customer in some}.values()))
    found = {}
    for number, customers in users.items():
        n = sum(len(sheets[customer.pk].missing) for customer in customers if customer.pk in sheets)
        if n:
            found[number] = ngettext(
                "%(n)d question about the customer must be answered first; it stands on the customer's page.",
                "%(n)d questions about the customer must be answered first; they stand on the customer's page.",
                n,
            ) % {"n": n}
    return found


def check_signable(declaration: Declaration) -> None:
    """Raise NotAllowed (`questions`) where the answers about the customer hold the signature."""
    found = signing_problems([declaration])
    if found:
        raise NotAllowed(found[declaration.number], "questions")
