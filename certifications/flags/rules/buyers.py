"""B01 to B03: what the buyer's name says about its class and region. Pure.

Region alone is low: hospitals are there too (custody-and-flags.md). Courts, procuratorates and justice bodies are
lower than police and security bodies (domain.md, section 4).
"""

from typing import Any

from django.utils.translation import gettext as _

from certifications.ledger.listed import listed

from .base import DeclarationFacts, Fired, LineFacts, Severity, said

RESTRICTED = frozenset({"police", "state_security", "prison", "armed_police", "xpcc", "political_legal"})
LOWER = frozenset({"procuratorate", "court", "justice", "forensic_institute"})


def class_words() -> dict[str, str]:
    """Each class in words."""
    return {
        "police": _("public security body"),
        "state_security": _("state security body"),
        "prison": _("prison or place of detention"),
        "armed_police": _("armed police"),
        "xpcc": _("production and construction corps"),
        "political_legal": _("political and legal committee"),
        "procuratorate": _("procuratorate"),
        "court": _("court"),
        "justice": _("justice department or bureau"),
        "forensic_institute": _("forensic institute"),
    }


def restricted_classes(facts: LineFacts | DeclarationFacts) -> list[str]:
    """Restricted classes of the buyer's name, sorted."""
    return sorted(RESTRICTED & set(facts.buyer.classes))


def controlled_divisions(facts: LineFacts | DeclarationFacts) -> list[str]:
    """Division codes, from the name or the place, that lie in a controlled region."""
    found = set(facts.buyer.divisions) | set(facts.region_divisions)
    return sorted(code for code in found if code.startswith(tuple(facts.controlled_prefixes)))


def _inputs(facts: LineFacts | DeclarationFacts) -> dict[str, Any]:
    return {
        "buyer": facts.buyer.name,
        "classes": restricted_classes(facts) or sorted(LOWER & set(facts.buyer.classes)),
        "divisions": controlled_divisions(facts),
        "reasons": [dict(reason) for reason in facts.buyer.reasons],
        "date": facts.happened_on.isoformat(),
        "product": facts.product,
    }


def _words(inputs: dict[str, Any]) -> dict[str, Any]:
    words = class_words()
    texts = [str(reason.get("text", "")) for reason in inputs.get("reasons", []) if reason.get("text")]
    return {
        "region": "",
        **said(inputs),
        "class": listed(words.get(c, c) for c in inputs.get("classes", [])),
        "tokens": listed(dict.fromkeys(texts)),
    }


class B01:
    """The end user's name is that of a restricted class."""

    id = "B01"
    version = 1

    def evaluate(self, facts: LineFacts | DeclarationFacts) -> list[Fired]:
        if restricted_classes(facts):
            return [Fired(self.id, self.version, Severity.CRITICAL, _inputs(facts))]
        if LOWER & set(facts.buyer.classes):
            return [Fired(self.id, self.version, Severity.MEDIUM, _inputs(facts))]
        return []

    def title(self) -> str:
        return _("Restricted class of end user")

    def explain(self, inputs: dict[str, Any]) -> str:
        return _("The name %(buyer)s reads as: %(class)s, from %(tokens)s.") % _words(inputs)

    def clears(self) -> str:
        return _("Proof that the body is of another kind than its name says, or a licence that names it.")


class B02:
    """The buyer or the place of use lies in a controlled region."""

    id = "B02"
    version = 1

    def evaluate(self, facts: LineFacts | DeclarationFacts) -> list[Fired]:
        if not controlled_divisions(facts):
            return []
        severity = Severity.HIGH if restricted_classes(facts) else Severity.LOW
        return [Fired(self.id, self.version, severity, _inputs(facts), {"prefixes": list(facts.controlled_prefixes)})]

    def title(self) -> str:
        return _("Controlled region")

    def explain(self, inputs: dict[str, Any]) -> str:
        return _("%(buyer)s is, or is to be supplied, in a controlled region (%(region)s).") % _words(inputs)

    def clears(self) -> str:
        return _("Proof that the buyer and the place of use lie elsewhere. The region alone is no objection.")


class B03:
    """Both at once."""

    id = "B03"
    version = 1

    def evaluate(self, facts: LineFacts | DeclarationFacts) -> list[Fired]:
        if restricted_classes(facts) and controlled_divisions(facts):
            return [Fired(self.id, self.version, Severity.CRITICAL, _inputs(facts))]
        return []

    def title(self) -> str:
        return _("Restricted class in a controlled region")

    def explain(self, inputs: dict[str, Any]) -> str:
        return _("%(buyer)s reads as: %(class)s, in %(region)s.") % _words(inputs)

    def clears(self) -> str:
        return _("A licence that names this end user, or proof that both readings of the name are wrong.")
