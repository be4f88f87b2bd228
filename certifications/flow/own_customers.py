"""Which of a distributor's own customers a text means: a reference of the portal, a registration number, or a name in any case."""

from collections.abc import Iterable

from django.utils.translation import gettext as _

from certifications.parties.models import Customer
from certifications.parties.queries import customers_visible_to
from certifications.parties.rules import clean_name, compact
from certifications.people.models import User
from certifications.uploads.kinds import Fix, Problem

from .upload_customers import keys_of_own, own_customers, reference, title_of


class OwnCustomers:
    """The customers that any of the texts may mean, read once."""

    def __init__(self, by: User, texts: Iterable[str]) -> None:
        wanted = {text for text in texts if text}
        keys = keys_of_own(by, ids=map(reference, wanted), codes=map(compact, wanted), names=map(clean_name, wanted))
        self._found: dict[str, list[Customer]] = {}
        for customer in own_customers(by).filter(pk__in=keys):
            named = {
                customer.pk,
                *(i.value for i in customer.party.identifiers.all()),
                *(n.text.casefold() for n in customer.party.names.all()),
            }
            for key in named:
                self._found.setdefault(key, []).append(customer)

    def named(self, text: str) -> list[Customer]:
        """Every customer that the text means: none, one, or several that must be told apart."""
        keys = (reference(text), compact(text), clean_name(text).casefold())
        return list({customer.pk: customer for key in keys for customer in self._found.get(key, [])}.values())

    def one(self, text: str, problems: list[Problem]) -> Customer | None:
        """The one customer that the cell `customer` means; else what is wrong with it, at that cell, unless something is said of it already."""
        found = self.named(text) if text else []
        if len(found) == 1:
            return found[0]
        if any(problem.field == "customer" for problem in problems):
            return None
        if found:
            fixes = tuple(Fix(f"{title_of(customer)} …{customer.pk[-6:]}", customer.pk) for customer in found[:5])
            problems.append(Problem("customer", "several", _("Several of your customers fit. Choose the one that is meant."), fixes))
        elif text:
            problems.append(Problem("customer", "unknown", nobody()))
        else:
            problems.append(Problem("customer", "no_name", _("Enter the end user: one of your customers, by name or number.")))
        return None


def nobody() -> str:
    """What is said of a name that is no customer's."""
    return _("None of your customers has this name or number. Register the customer first, or correct the cell.")


def labels_of_own(by: User) -> dict[str, str]:
    """By id, in the order of registration: what a person chooses a customer by; its reference stands beside a name that two share."""
    rows = customers_visible_to(by).order_by("registered_at", "pk", "party__names__position", "party__names__pk")
    titles: dict[str, str] = {}
    latin: dict[str, str] = {}
    for pk, text, script in rows.values_list("pk", "party__names__text", "party__names__script"):
        if script == "Latn":
            latin.setdefault(pk, text)
        elif text and script != "Zyyy":
            titles.setdefault(pk, text)
        latin.setdefault(pk, "")
    shown = {pk: titles.get(pk) or name for pk, name in latin.items()}
    counts: dict[str, int] = {}
    for title in shown.values():
        counts[title.casefold()] = counts.get(title.casefold(), 0) + 1
    return {pk: title if counts[title.casefold()] == 1 else f"{title} · {pk}" for pk, title in shown.items()}
