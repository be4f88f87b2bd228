"""The matrix of outcomes and reasons, and who must agree. Pure decisions; no ORM.

"Not on our register" is a finding that opens a trace: it is no reason here, and a text that says nothing else is
refused (product.md, 'The case it exists for').
"""

import re
from collections.abc import Iterable
from dataclasses import dataclass
from enum import StrEnum

from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from .rules.base import blocks


class Outcome(StrEnum):
    """What a decision does to the case."""

    CLEAR = "clear"
    CONFIRM = "confirm"
    RETURN = "return"


OUTCOME_WORDS = {
    Outcome.CLEAR: (gettext_lazy("Clear"), gettext_lazy("The flags do not hold; say why")),
    Outcome.CONFIRM: (gettext_lazy("Confirm"), gettext_lazy("The concern stands; a declaration is refused")),
    Outcome.RETURN: (gettext_lazy("Return"), gettext_lazy("To the distributor, to be corrected and signed again")),
}

REASON_WORDS = {
    "different_entity": gettext_lazy("A different entity: a key differs"),
    "class_misread": gettext_lazy("The name reads wrongly: another kind of body"),
    "error_in_source": gettext_lazy("The source is wrong, shown by another document"),
    "name_of_registered_party": gettext_lazy("A name of a registered party, shown by a document"),
    "our_affiliate": gettext_lazy("A company of the manufacturer's own group"),
    "licence_held": gettext_lazy("A licence names this end user"),
    "declaration_found": gettext_lazy("A declaration covers it under another name"),
    "authorised_on_date": gettext_lazy("Authorised on the date, shown by an earlier document"),
    "before_programme": gettext_lazy("Sold before the programme began"),
    "inquiry_answered": gettext_lazy("The distributor's answer explains it, with documents"),
    "listed_party": gettext_lazy("The party is the listed one"),
    "restricted_end_user": gettext_lazy("The end user is of a restricted class"),
    "unregistered_seller": gettext_lazy("The notice names a seller that nobody registered"),
    "no_authorisation": gettext_lazy("No authorisation was in force"),
    "no_declaration": gettext_lazy("No declaration covers it"),
    "cannot_be_screened": gettext_lazy("A party cannot be screened"),
    "concern_stands": gettext_lazy("The concern confirmed elsewhere stands"),
    "policy_met": gettext_lazy("Looked at as the policy asks; it may go on"),
    "policy_refuses": gettext_lazy("Not to go on under the policy"),
    "owners_otherwise": gettext_lazy("The shares are otherwise, shown by a document"),
    "share_looked_at": gettext_lazy("The listed owner's share and influence were looked at; it may go on"),
    "owners_shown": gettext_lazy("The owners are known, shown by a document"),
    "owned_by_listed": gettext_lazy("The party is owned by listed parties"),
    "owners_hidden": gettext_lazy("Who owns the party cannot be found out"),
    "report_not_owed": gettext_lazy("No report is owed for the month, shown by a document"),
    "report_missing": gettext_lazy("The report is missing, and nothing explains it"),
    "incomplete": gettext_lazy("Facts are missing"),
    "wrong_party": gettext_lazy("A party or place is stated wrongly"),
}

# Which reasons may close which rule. What is not here is not allowed.
CLEARING: dict[str, frozenset[str]] = {
    "S01": frozenset({"name_of_registered_party", "our_affiliate", "error_in_source", "before_programme"}),
    "S02": frozenset({"authorised_on_date", "error_in_source", "inquiry_answered"}),
    "S03": frozenset({"authorised_on_date", "error_in_source"}),
    "S04": frozenset({"declaration_found", "error_in_source", "before_programme", "inquiry_answered"}),
    # Answered, it goes by itself; only a wrong source makes the question idle.
    "L01": frozenset({"error_in_source"}),
    "RECV": frozenset({"authorised_on_date", "name_of_registered_party", "our_affiliate", "error_in_source", "inquiry_answered"}),
    "D03": frozenset({"report_not_owed", "inquiry_answered"}),
    "B01": frozenset({"class_misread", "licence_held", "error_in_source"}),
    "B02": frozenset({"class_misread", "licence_held", "error_in_source", "inquiry_answered", "different_entity"}),
    "B03": frozenset({"class_misread", "licence_held", "error_in_source"}),
    "LIST": frozenset({"different_entity", "licence_held"}),
    "UNSC": frozenset(),
    "HELD": frozenset(),
    "POLR": frozenset(),
    "OWN5": frozenset({"owners_otherwise", "licence_held"}),
    "OWNL": frozenset({"owners_otherwise", "licence_held", "share_looked_at"}),
    "OWNU": frozenset({"owners_shown", "policy_met"}),
    "POL2": frozenset({"policy_met"}),
    "POLC": frozenset({"policy_met"}),
}
CONFIRMING: dict[str, frozenset[str]] = {
    "S01": frozenset({"unregistered_seller"}),
    "S02": frozenset({"no_authorisation"}),
    "S03": frozenset({"no_authorisation"}),
    "S04": frozenset({"no_declaration"}),
    "L01": frozenset({"unregistered_seller"}),
    "RECV": frozenset({"no_authorisation"}),
    "D03": frozenset({"report_missing"}),
    "B01": frozenset({"restricted_end_user"}),
    "B02": frozenset({"restricted_end_user"}),
    "B03": frozenset({"restricted_end_user"}),
    "LIST": frozenset({"listed_party"}),
    "UNSC": frozenset({"cannot_be_screened"}),
    "HELD": frozenset({"concern_stands"}),
    "POLR": frozenset({"policy_refuses"}),
    "OWN5": frozenset({"owned_by_listed"}),
    "OWNL": frozenset({"owned_by_listed"}),
    "OWNU": frozenset({"owners_hidden", "policy_refuses"}),
    "POL2": frozenset({"policy_refuses"}),
    "POLC": frozenset({"policy_refuses"}),
}
# Who must look, whatever else was found: where another flag asks a question, the decision answers that one.
ASKING = ("POL2", "POLC")
GRAVEST = ("LIST", "B03", "OWN5")
RETURNING = frozenset({"incomplete", "wrong_party"})

# Words with which nothing more is said than that a name is not in a list of ours, in whatever order they come.
_REGISTER_WORDS = frozenset(
    [
        "a",
        "an",
        "and",
        "any",
        "are",
        "as",
        "at",
        "be",
        "been",
        "but",
        "by",
        "can",
        "cannot",
        "companies",
        "company",
        "could",
        "database",
        "databases",
        "did",
        "distributor",
        "distributors",
        "do",
        "document",
        "documents",
        "does",
        "don",
        "entries",
        "entry",
        "exist",
        "exists",
        "firm",
        "firms",
        "for",
        "found",
        "from",
        "had",
        "has",
        "hasn",
        "have",
        "haven",
        "he",
        "her",
        "him",
        "his",
        "in",
        "is",
        "isn",
        "it",
        "its",
        "known",
        "list",
        "listed",
        "lists",
        "match",
        "matched",
        "matches",
        "matching",
        "name",
        "named",
        "names",
        "never",
        "nt",
        "no",
        "none",
        "nor",
        "not",
        "notice",
        "of",
        "on",
        "or",
        "our",
        "ours",
        "part",
        "parties",
        "party",
        "present",
        "purchaser",
        "record",
        "recorded",
        "records",
        "register",
        "registered",
        "registers",
        "registration",
        "registries",
        "registry",
        "s",
        "seller",
        "sellers",
        "she",
        "such",
        "supplier",
        "suppliers",
        "system",
        "systems",
        "t",
        "that",
        "the",
        "their",
        "them",
        "there",
        "they",
        "this",
        "to",
        "us",
        "user",
        "users",
        "was",
        "wasn",
        "we",
        "were",
        "weren",
        "who",
        "with",
        "within",
        "unknown",
        "unlisted",
        "unregistered",
    ]
)
_REGISTER_PHRASES = re.compile(
    r"经|核实|查实|查询|核对|该|此|这家?|那家?|供应商|公司|企业|单位|卖方|买方|经销商|用户|客户|名称|文件|公告|中标|我们|我方|我司|你方|本"
    r"|系统|名册|登记册|名单|数据库|记录|注册表|注册|登记|列入|列出|收录|录入|查到|找到|匹配|未见|不在|不存在|没有|未|不|无|非|中|内|里|上|册"
    r"|在|的|了|过|被|是|与|和|及|等|任何|相关|提到|所述"
)


@dataclass(frozen=True)
class Refusal:
    """Why a decision may not be made, with the field it concerns."""

    field: str
    message: str


def says_only_not_on_register(text: str) -> bool:
    """True when the text speaks of the register and, those words taken out, has nothing left to say.

    Nothing left: fewer than three other words (a word of three letters and more, or a number) and fewer than six other
    Chinese characters.
    """
    if not re.search(r"regist|system|record|database|list|known|系统|名册|登记|名单|数据库|记录|注册", text, re.IGNORECASE):
        return False
    han = re.findall(r"[\u3400-\u9fff]", _REGISTER_PHRASES.sub("", text))
    words = [w for w in re.findall(r"[a-z0-9]+", text.lower()) if w not in _REGISTER_WORDS and (len(w) > 2 or w.isdigit())]  # noqa: PLR2004
    return len(han) < 6 and len(words) < 3  # noqa: PLR2004 - as the docstring says


def allowed_reasons(outcome: Outcome, rules: Iterable[str]) -> list[str]:
    """Reasons that hold for every open rule of the case: one decision closes them together.

    For `clear` a reason must be allowed for at least the gravest question each rule asks; a case whose rules share no
    reason is decided with the reasons that any of them allows, and the explanation must speak to each.
    """
    found = list(dict.fromkeys(rules))
    if outcome is Outcome.RETURN:
        return sorted(RETURNING)
    found = [rule for rule in found if rule not in ASKING] or found
    table = CLEARING if outcome is Outcome.CLEAR else CONFIRMING
    sets = [table.get(rule, frozenset()) for rule in found]
    if not sets or (outcome is Outcome.CLEAR and any(not reasons for reasons in sets)):
        return []
    shared = frozenset.intersection(*sets)
    order = list(REASON_WORDS)
    if shared:
        return sorted(shared, key=order.index)
    # A likeness to a listed party, or a restricted class in a controlled region, is never cleared by another flag's reason.
    gravest = [table[rule] for rule in found if rule in GRAVEST] if outcome is Outcome.CLEAR else []
    return sorted(frozenset.intersection(*gravest) if gravest else frozenset.union(*sets), key=order.index)


def needs_second(outcome: Outcome, severities: Iterable[str]) -> bool:
    """Two people for everything that clears or confirms a flag of blocking severity; returning needs one."""
    return outcome is not Outcome.RETURN and any(blocks(s) for s in severities)


def check(  # noqa: PLR0911, PLR0913 - one answer for each thing that may be wrong
    *, outcome: str, reason: str, explanation: str, message: str, rules: Iterable[str], has_declaration: bool
) -> Refusal | None:
    """The first thing wrong with a decision, or None."""
    try:
        chosen = Outcome(outcome)
    except ValueError:
        return Refusal("outcome", _("Choose an outcome."))
    if chosen is Outcome.RETURN and not has_declaration:
        return Refusal("outcome", _("Only a declaration can be returned; this case rests on evidence."))
    if reason not in allowed_reasons(chosen, rules):
        if chosen is Outcome.CLEAR and not allowed_reasons(chosen, rules):
            return Refusal(
                "outcome",
                _(
                    "A party is not screened, a concern about it was confirmed elsewhere, or a policy refuses it. Such a flag clears itself"
                    " when that is mended, not by decision."
                ),
            )
        return Refusal("reason", _("Choose a reason that these flags allow for this outcome."))
    text = explanation.strip()
    if len(text) < 15:  # noqa: PLR2004
        return Refusal("explanation", _("Explain the decision in a sentence: what was looked at and what it shows."))
    if chosen is Outcome.RETURN and len(message.strip()) < 15:  # noqa: PLR2004
        return Refusal("message", _("Write to the distributor in a sentence what is to be corrected; it is all they read."))
    if chosen is not Outcome.RETURN and message.strip():
        return Refusal("message", _("Only what is returned carries a message to the distributor; leave it empty."))
    if chosen is Outcome.CLEAR and says_only_not_on_register(text):
        return Refusal(
            "explanation",
            _("That a name is not on the register opens a question and closes none. Say what shows that the flag does not hold."),
        )
    return None
