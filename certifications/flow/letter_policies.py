"""What policies ask of a tender letter: everything that they ask of a declaration, when it is released, before its seal, and when one begins.

A letter is of a buyer that may be nobody's customer yet. The end user's own word and known owners are those of the distributor's own
customer of the buyer's name or number; where there is none the letter waits for one.
"""

import json
from collections.abc import Collection, Iterable
from dataclasses import dataclass

from django.db.models import Q
from django.utils.translation import gettext as _

from certifications.attestations.queries import still_good
from certifications.catalogue import policies
from certifications.catalogue.models_policies import Policy
from certifications.catalogue.rules_policies import DECIDED, Subject, is_enough, strictest_level
from certifications.declarations.assurance import each_heard
from certifications.declarations.models import Declaration, DeclarationVersion
from certifications.declarations.own_texts import own_texts
from certifications.declarations.queries import taking_part
from certifications.declarations.rules_enduser import OwnText
from certifications.flags.rules.buyers import RESTRICTED
from certifications.ledger.days import civil_today
from certifications.letters.models import Letter, LetterParty
from certifications.letters.queries import own_customers
from certifications.parties.models import Customer, Party

from .facts import name_facts
from .ownership import owned_facts

# Declarations of which the end user's word speaks for the buyer of a letter: signed, and neither decided against nor taken back since.
SPEAKING = (
    Declaration.Status.SIGNED,
    Declaration.Status.SCREENING,
    Declaration.Status.REVIEW,
    Declaration.Status.READY,
    Declaration.Status.ISSUING,
    Declaration.Status.PENDING_TIMESTAMP,
    Declaration.Status.ATTESTED,
)


@dataclass(frozen=True)
class Asked:
    """The policies that are about a letter today, and the classes that its names read as."""

    policies: tuple[Policy, ...]
    classes: tuple[str, ...]

    @property
    def needs_second(self) -> bool:
        """Whether two people release it: a policy says so, or a name is that of a restricted class of end users."""
        return any(policy.effect == "two_people" for policy in self.policies) or bool(RESTRICTED & set(self.classes))

    @property
    def to_answer(self) -> tuple[Policy, ...]:
        """Those that a person answers by name when the letter is released."""
        return tuple(policy for policy in self.policies if policy.effect in DECIDED)

    def unanswered(self, answered: Collection[str]) -> list[str]:
        """Numbers of those that nobody answered: a policy that began since the release is among them."""
        return [policy.number for policy in self.to_answer if policy.number not in answered]

    @property
    def least(self) -> str:
        """The least level of the end user's own word; empty for none."""
        return strictest_level(policy.level for policy in self.policies if policy.level)


def asked_of(letter: Letter) -> Asked:
    """What the policies in force today ask of the letter."""
    names = [letter.buyer_native or letter.buyer_latin, letter.buyer_latin, *letter.others]
    facts = name_facts(names[0], tuple(names[1:]))
    divisions = tuple(dict.fromkeys(filter(None, (letter.division, *facts.divisions))))
    subject = Subject(tuple(letter.lines), (letter.country,), divisions, facts.classes)
    return Asked(tuple(policies.concerning(subject, civil_today())), facts.classes)


def least_level(letter: Letter) -> str:
    """The word of the end user that its distributor is asked for; empty where none is, or it is there."""
    least = asked_of(letter).least
    return "" if is_enough(word_of_buyer(letter), least) else least


def word_of_buyer(letter: Letter) -> str:
    """The level of the end user's own word that covers every line of the letter: the lowest of its lines, of each the best declaration.

    Of a declaration for several end users what the buyer said of its own part, and for the goods of that part alone. `distributor` where
    the distributor declared nothing of the buyer for one of them, or nobody but it spoke.
    """
    customers = list(own_customers(letter).values_list("pk", flat=True))
    signed = Declaration.objects.filter(taking_part(customers), organisation=letter.organisation_id, status__in=SPEAKING).distinct()
    # What was attested speaks as long as its attestation stands.
    sealed = list(signed.filter(status=Declaration.Status.ATTESTED).values_list("number", flat=True))
    own = signed.filter(~Q(status=Declaration.Status.ATTESTED) | Q(number__in=still_good(sealed)))
    best = dict.fromkeys(letter.lines, "distributor")
    versions = (
        DeclarationVersion.objects.filter(declaration__in=own)
        .select_related("declaration", "frozen")
        .prefetch_related("lines__product", "parties__customer")
    )
    current = [one for one in versions if one.number == one.declaration.version_number and getattr(one, "frozen", None) is not None]
    texts = {one.declaration_id: own_texts(one) for one in current}
    heard = each_heard(texts)
    buyers = set(Customer.objects.filter(organisation=letter.organisation_id, party__in=customers).values_list("pk", flat=True))
    for one in current:
        for own, said in zip(texts[one.declaration_id], heard[one.declaration_id], strict=True):
            if own.customer_id in buyers and not said.against:
                for line in _lines_of(own, one) & set(best):
                    if is_enough(said.level, best[line] if best[line] != "distributor" else ""):
                        best[line] = said.level
    return min(best.values(), key=ORDER.index)


def _lines_of(own: OwnText, version: DeclarationVersion) -> set[str]:
    """The product lines of which an end user spoke: those of the goods in its own text."""
    named = {good["catalogue_number"] for good in json.loads(own.canonical)["goods"]}
    return {row.product.line for row in version.lines.all() if row.product.catalogue_number in named}


ORDER = ("distributor", "link", "paper")


def problems(letter: Letter, asked: Asked) -> list[str]:
    """Sentences that say what policies keep the letter from its release with, whoever answers what; none when they do not."""
    found = []
    refusing = next((policy for policy in asked.policies if policy.effect == "refuse"), None)
    if refusing is not None:
        found.append(_("%(policy)s refuses declarations of such goods to such an end user.") % {"policy": refusing.number})
    if not is_enough(word_of_buyer(letter) if asked.least else "", asked.least):
        found.append(LEVEL_PROBLEMS[asked.least]())
    knowing = next((policy for policy in asked.policies if policy.effect == "owners"), None)
    if knowing is not None and any(owned_facts(party, "end_user", civil_today()).is_open for party in _whose_owners(letter)):
        found.append(_("%(policy)s asks for the owners of whom the letter names, and they are not known.") % {"policy": knowing.number})
    return found


LEVEL_PROBLEMS = {
    "link": lambda: _("A policy asks for the end user's own word; no declaration of the buyer for these goods has it yet."),
    "paper": lambda: _("A policy asks for the end user's signed paper; no declaration of the buyer for these goods has it yet."),
}


def _whose_owners(letter: Letter) -> Iterable[Party]:
    """The buyer, as the distributor's own customer where it is one, and the others who are named."""
    rows = list(letter.parties.select_related("party").order_by("pk"))
    customers = list(own_customers(letter))
    buyer = customers or [row.party for row in rows if row.role == LetterParty.Role.BUYER]
    return [*buyer, *(row.party for row in rows if row.role == LetterParty.Role.OTHER)]


def unanswered_problem(numbers: Iterable[str]) -> str:
    """One sentence for policies that nobody answered; empty for none."""
    first = next(iter(numbers), "")
    return _("%(policy)s asks for a decision that nobody has made yet.") % {"policy": first} if first else ""
